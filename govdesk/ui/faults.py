"""What a reader meets when something cannot be shown: a calm sentence, never a stack trace."""

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from govdesk.metrics import ERRORS
from govdesk.rules.access import RefusedError
from govdesk.storage.database_check import Fault
from govdesk.ui import trail
from govdesk.ui.i18n import t
from govdesk.ui.markup import Html, tag

log = logging.getLogger("govdesk.ui")


def _box(title: str, *lines: str, command: str | None = None) -> Html:
    return tag(
        "section",
        tag("h2", title, class_="gd-panel-title"),
        *(tag("p", line) for line in lines),
        tag("pre", command, class_="gd-command") if command else None,
        class_="gd-card gd-state", role="alert",
    )


def draw_fault(fault: Fault) -> None:
    """Say why the database cannot be used and which command helps."""
    commands = {
        "no_database": "make run", "wrong_schema": "python manage.py upgrade-db --commit",
        "wrong_zone": f"export GOVDESK_ZONE={fault.values.get('found', '')}",
    }
    st.html(_box(
        t(f"frame.fault_{fault.key}_title"), t(f"frame.fault_{fault.key}", **fault.values),
        command=commands.get(fault.key),
    ))


def draw_refusal(sentence: str | None = None) -> None:
    """Say that the account may not see this, and what to do; the audit keeps that it was asked for."""
    trail.note_refused_page()
    _draw_refusal(sentence)


def _draw_refusal(sentence: str | None = None) -> None:
    st.html(_box(t("frame.refused_title"), sentence or t("frame.refused"), t("frame.refused_next")))


def draw_empty(sentence: str, *next_steps: str, command: str | None = None) -> None:
    """Say that there is nothing to show yet, and what to do next."""
    st.html(_box(t("frame.empty_title"), sentence, *next_steps, command=command))


def draw_error(error: Exception) -> bool:
    """Log an error under a reference number and say that number; also given to the server for fragments."""
    if isinstance(error, RefusedError):
        trail.note_refused_page(error)
        _draw_refusal()
        return True
    reference = secrets.token_hex(4)
    ERRORS.labels("page").inc()
    log.error("screen error %s", reference, exc_info=error)
    st.html(_box(t("frame.error_title"), t("frame.error", reference=reference), t("frame.error_next")))
    return True


@contextmanager
def calm() -> Iterator[None]:
    """Run a page; whatever goes wrong in it ends in a calm sentence."""
    try:
        yield
    except Exception as error:  # the last line before the reader
        draw_error(error)
