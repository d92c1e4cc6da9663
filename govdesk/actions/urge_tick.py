"""Looks every minute for what is overdue, beside the server: a thread that ends with it and never stops it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from govdesk.actions.urge_overdue import urge_overdue
from govdesk.rules.access import SYSTEM
from govdesk.settings import get_settings
from govdesk.storage.engine import get_engine
from govdesk.storage.schema import is_initialised
from govdesk.storage.ticking import ticking

#: Seconds between two looks; a level of urging is never missed, only up to so much later.
SECONDS = 60.0

log = logging.getLogger("govdesk.urging")


@contextmanager
def urging(seconds: float = SECONDS) -> Iterator[None]:
    """Urge what is overdue while the server runs.

    With a fixed clock (``GOVDESK_NOW``) nothing ticks: a demonstration stays as it is, and a test urges when it asks.
    Two servers at once do no harm (`actions.urge_overdue`).
    """
    if get_settings().now is not None:
        yield
        return
    with ticking(look_once, name="urging", seconds=seconds):
        yield


def look_once() -> None:
    """Urge what is overdue now; whatever goes wrong is told to the log and tried again at the next look."""
    try:
        engine = get_engine()
        if is_initialised(engine):
            urge_overdue(engine, by=SYSTEM)
    except Exception:
        log.exception("what is overdue could not be urged")
