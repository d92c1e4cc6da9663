"""What a reader meets when something cannot be shown or kept: a calm sentence, never a stack trace."""

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from govdesk.clock import moment, now, zone
from govdesk.metrics import ERRORS
from govdesk.rules.access import RefusedError
from govdesk.storage.database_check import Fault, find_fault, is_answering
from govdesk.storage.database_watch import Trouble, note
from govdesk.storage.trouble import explain
from govdesk.ui import session, trail
from govdesk.ui.cards import build_notice
from govdesk.ui.i18n import t
from govdesk.ui.markup import Html, show, tag

log = logging.getLogger("govdesk.ui")

#: Seconds between two looks at a database that could not be used.
SECONDS = 3.0


def _box(title: str, *lines: str, command: str | None = None) -> Html:
    return tag(
        "section",
        tag("h2", title, class_="gd-panel-title"),
        *(tag("p", line) for line in lines),
        tag("pre", command, class_="gd-command") if command else None,
        class_="gd-card gd-state", role="alert",
    )


def draw_fault(fault: Fault) -> None:
    """Say why the database cannot be used and which command helps, and go on by itself when it can be."""
    if fault.key == "no_answer":
        draw_trouble("away")
        return
    commands = {
        "no_database": "make run", "wrong_schema": "python manage.py upgrade-db --commit",
        "wrong_zone": f"export GOVDESK_ZONE={fault.values.get('found', '')}",
    }
    st.html(_box(
        t(f"frame.fault_{fault.key}_title"), t(f"frame.fault_{fault.key}", **fault.values),
        command=commands.get(fault.key),
    ))
    session.keep_typed()
    _wait_for_database()


def draw_trouble(key: str) -> None:
    """Say in place of the page what is wrong with the database, since when, what to do, and what was not lost."""
    trouble = _note(key)
    st.html(_box(f"{t(f'faults.title_{key}')} · {_say_since(trouble)}", t(f"faults.what_{key}"),
                 t(f"faults.todo_{key}"), t("faults.nothing_half")))
    session.keep_typed()
    _wait_for_database()


def _note(key: str) -> Trouble:
    return note(key) or Trouble(key, now())


def _say_since(trouble: Trouble) -> str:
    return t("faults.since", at=f"{trouble.since.astimezone(zone()):%m-%d %H:%M}")


def _wait_for_database() -> None:
    """Look every few seconds whether it can be used again, and draw the page then; what was typed stays."""

    drawn = moment()

    @st.fragment(run_every=SECONDS)
    def look() -> None:
        session.go_on()
        session.keep_typed()
        # Not at once, as part of the run that has just met it: a page that fails again would be drawn for ever.
        if moment() - drawn >= SECONDS / 2 and find_fault() is None and is_answering():
            st.rerun()

    look()


def draw_not_saved(error: BaseException | None, otherwise: str) -> None:
    """Say above a form that it was not kept, and of a database that is away, full or read-only what is wrong.

    Parameters
    ----------
    error : BaseException or None
        What the act ended with.
    otherwise : str
        What to say when it is nothing of the database.
    """
    key = None if error is None else explain(error)
    if key is not None:
        otherwise = t("faults.not_saved", title=t(f"faults.title_{key}"), since=_say_since(_note(key)))
    show(build_notice(otherwise, is_warning=True))


def draw_refusal(sentence: str | None = None) -> None:
    """Say that the account may not see this, and what to do; the audit keeps that it was asked for."""
    trail.note_refused_page()
    _draw_refusal(sentence)


def _draw_refusal(sentence: str | None = None) -> None:
    st.html(_box(t("frame.refused_title"), sentence or t("frame.refused"), t("frame.refused_next")))


def draw_signed_out(base: str) -> None:
    """Say that the sign-in has ended, and lead to the door under `base`; nothing else is shown."""
    door = tag("a", t("sign_in.signed_out_link"), href=f"{base}/login", target="_self")
    st.html(tag("section", tag("h2", t("sign_in.signed_out_title"), class_="gd-panel-title"),
                tag("p", t("sign_in.signed_out")), tag("p", door), class_="gd-card gd-state", role="alert"))


def draw_empty(sentence: str, *next_steps: str, command: str | None = None) -> None:
    """Say that there is nothing to show yet, and what to do next."""
    st.html(_box(t("frame.empty_title"), sentence, *next_steps, command=command))


def draw_error(error: Exception) -> bool:
    """Log an error under a reference number and say that number; also given to the server for fragments."""
    if isinstance(error, RefusedError):
        trail.note_refused_page(error)
        _draw_refusal()
        return True
    key = explain(error)
    if key is not None:
        ERRORS.labels("database").inc()
        draw_trouble(key)
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
