"""Seals the audit beside the server: every minute, sooner when many events wait, and once more at its end."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from govdesk.actions.audit_writer import WRITER
from govdesk.actions.seal_audit import count_open, seal_events
from govdesk.rules.access import SYSTEM
from govdesk.rules.audit_seal import MOST_EVENTS
from govdesk.storage.engine import get_engine, read_transaction
from govdesk.storage.schema import is_initialised
from govdesk.storage.ticking import ticking

#: Seconds between two seals, and between two looks whether a block is full.
SECONDS = 60.0
LOOK_SECONDS = 5.0

log = logging.getLogger("govdesk.audit")


@contextmanager
def sealing(seconds: float = SECONDS, look: float = LOOK_SECONDS) -> Iterator[None]:
    """Seal the audit while the server runs; two servers at once do no harm."""
    waited = 0.0

    def look_once() -> None:
        nonlocal waited
        waited += look
        if waited >= seconds or _is_full():
            seal_once()
            waited = 0.0

    try:
        with ticking(look_once, name="sealing", seconds=look):
            yield
    finally:
        WRITER.flush(2.0)
        seal_once()


def _is_full() -> bool:
    try:
        engine = get_engine()
        if not is_initialised(engine):
            return False
        with read_transaction(engine) as connection:
            return count_open(connection) >= MOST_EVENTS
    except Exception:  # the next seal tells what is wrong
        return False


def seal_once() -> None:
    """Seal what is open; whatever goes wrong is told to the log and tried again."""
    try:
        engine = get_engine()
        if is_initialised(engine):
            seal_events(engine, by=SYSTEM)
    except Exception as error:
        log.warning("the audit could not be sealed: %s", type(error).__name__)
