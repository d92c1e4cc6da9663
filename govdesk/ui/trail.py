"""Tells the audit what is read, taken away and refused on the screens; none of it ever stops a page."""

import logging
import re
from collections.abc import Callable, Iterable

from govdesk.actions.audit_trail import note_refused, note_seen
from govdesk.actions.give_file import give_file
from govdesk.clock import today
from govdesk.queries.known import find_last_day
from govdesk.rules.access import RefusedError, Scope
from govdesk.storage.engine import get_engine
from govdesk.ui import loaders, session

log = logging.getLogger("govdesk.audit")

#: What of an address may be kept: a number or a code, never words that somebody typed.
_CODE = re.compile(r"[0-9A-Za-z_.-]{1,40}")


def note_page(page: str, key: str | None = None, **detail: object) -> None:
    """Tell that the reader sees a page of alerts; `key` says of which village."""
    scope = _find_scope()
    if scope is not None:
        note_seen(get_engine(), by=scope, page=page, subject_key=key, **detail)


def note_refused_page(error: RefusedError | None = None) -> None:
    """Tell that a page, or something on it, was refused to its reader."""
    if error is not None and error.is_noted:
        return
    try:
        note_refused(get_engine(), by=_find_scope(), action=(error and error.action) or "open_page",
                     subject=session.page_name(), reason="role" if error is None or error.action else str(error))
    except Exception:
        log.exception("a refusal could not be noted")
    if error is not None:
        error.is_noted = True


def note_missing(name: str, value: object) -> None:
    """Tell that the address named what is not there, or not the reader's: neither is told apart, here as on the page.

    Parameters
    ----------
    name : str
        Of the parameter.
    value : object
        A number or the code of a place; anything else is left out.
    """
    shown = f"{name}={value}" if _CODE.fullmatch(str(value)) else name
    try:
        note_refused(get_engine(), by=_find_scope(), action="open_page", subject=session.page_name(),
                     reason="not_found", subject_key=shown)
    except Exception:
        log.exception("a refusal could not be noted")


def note_foreign_place(scope: Scope) -> None:
    """Tell when the address names a place outside the area of an account; what is shown then is the page's matter."""
    if scope.area_code is None:
        return
    try:
        code = session.read_param("place", session.place_code, None)
        if code is not None and loaders.load(find_last_day, scope, code, today()) is None:
            note_missing("place", code)
    except Exception:
        log.warning("whether a place is foreign could not be looked up")


def note_unusable(names: Iterable[str]) -> None:
    """Tell which parameters of the address held something that the page does not offer; not what they held."""
    try:
        for name in dict.fromkeys(names):
            note_refused(get_engine(), by=_find_scope(), action="open_page", subject=session.page_name(),
                         reason="unusable_value", subject_key=name)
    except Exception:
        log.exception("a refusal could not be noted")


def noted(
    name: str, kind: str, make: Callable[[], bytes] | bytes, about: str = "", *, purpose: str
) -> Callable[[], bytes]:
    """Return what a download button gives out, so that the audit knows when it is asked for.

    Parameters
    ----------
    name : str
        Name of the export.
    kind : str
        Ending of the file.
    make : callable or bytes
        The file, or what makes it.
    about : str
        What it is filtered by.
    purpose : str
        As in `rules.export_purposes`; without one of the list nothing is made.
    """
    scope, engine = _find_scope(), get_engine()  # the button is pressed outside of the page's run

    def give() -> bytes:
        return give_file(engine, by=scope, name=name, kind=kind, purpose=purpose, make=make, about=about)

    return give


def _find_scope() -> Scope | None:
    try:
        return session.scope()
    except Exception:  # nobody is signed in, or no database: what is noted has no account then
        return None
