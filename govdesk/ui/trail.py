"""Tells the audit what is read, taken away and refused on the screens; none of it ever stops a page."""

import logging
from collections.abc import Callable

from govdesk.actions.audit_trail import note_export, note_refused, note_seen
from govdesk.rules.access import RefusedError, Scope
from govdesk.storage.engine import get_engine
from govdesk.ui import session

log = logging.getLogger("govdesk.audit")


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


def noted(name: str, kind: str, make: Callable[[], bytes] | bytes, about: str = "") -> Callable[[], bytes]:
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
    """
    scope, engine = _find_scope(), get_engine()  # the button is pressed outside of the page's run

    def give() -> bytes:
        content = make() if callable(make) else make
        note_export(engine, by=scope, name=name, kind=kind, about=about, bytes=len(content))
        return content

    return give


def _find_scope() -> Scope | None:
    try:
        return session.scope()
    except Exception:  # nobody is signed in, or no database: what is noted has no account then
        return None
