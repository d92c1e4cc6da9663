"""The one way by which a file leaves: its purpose is on the list, or nothing is made; either way the audit knows."""

from collections.abc import Callable

from sqlalchemy import Engine

from govdesk.actions.audit_trail import note_export, note_refused
from govdesk.rules.access import Scope
from govdesk.rules.export_purposes import PurposeRefusedError, require_purpose

#: Seconds that a refusal waits for its row, as a file does for its own.
_WAITS = 1.0


def check_purpose(engine: Engine, *, by: Scope | None, purpose: str | None, name: str) -> str:
    """Return the purpose if a file may be made for it; a refusal is kept in the audit.

    Parameters
    ----------
    purpose : str or None
        As in `rules.export_purposes`.
    name : str
        What was asked for: an export, or the page on which somebody asked.

    Raises
    ------
    PurposeRefusedError
        When it may not.
    """
    try:
        return require_purpose(purpose)
    except PurposeRefusedError as error:
        note_refused(engine, by=by, action="export", subject=name, reason=f"purpose_{error.purpose}", waits=_WAITS,
                     purpose=error.purpose)
        error.is_noted = True
        raise


def give_file(
    engine: Engine, *, by: Scope | None, name: str, kind: str, purpose: str | None,
    make: Callable[[], bytes] | bytes, about: str = "",
) -> bytes:
    """Return a file that is taken away, noted with its purpose; it is made only now.

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

    Raises
    ------
    PurposeRefusedError
        When there is no purpose of the list; then nothing was made.
    """
    stated = check_purpose(engine, by=by, purpose=purpose, name=name)
    content = make() if callable(make) else make
    note_export(engine, by=by, name=name, kind=kind, about=about, purpose=stated, bytes=len(content))
    return content
