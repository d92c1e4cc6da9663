"""What is wrong when the database does not do what it was asked: one of a few things that can be said on a screen."""

import errno
import sqlite3
from collections.abc import Iterator

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

#: Keys of ``faults.title_*``, ``faults.what_*`` and ``faults.todo_*``; those of `READABLE` can still be read from.
TROUBLES = ("away", "locked", "read_only", "full", "disk", "damaged")
READABLE = frozenset({"locked", "read_only", "full"})

#: What SQLite calls it, by the beginning of its name.
_SQLITE = {"SQLITE_BUSY": "locked", "SQLITE_LOCKED": "locked", "SQLITE_READONLY": "read_only", "SQLITE_FULL": "full",
           "SQLITE_CANTOPEN": "away", "SQLITE_IOERR": "disk", "SQLITE_CORRUPT": "damaged", "SQLITE_NOTADB": "damaged",
           "SQLITE_PERM": "read_only"}
#: The words of an error that carries no name, for it is one of ours.
_SAID = {"database is locked": "locked", "unable to open database file": "away"}
#: What PostgreSQL calls it: SQLSTATE, or the first two characters of it (PostgreSQL's documentation, appendix A).
_POSTGRES = {"25006": "read_only", "53100": "full", "55P03": "locked", "57014": "locked", "57P": "away", "08": "away",
             "53": "away", "58030": "disk", "XX001": "damaged", "XX002": "damaged"}


def explain(error: BaseException) -> str | None:
    """Return which of `TROUBLES` an error tells of, or None where it is a mistake of the program.

    Examples
    --------
    >>> explain(sqlite3.OperationalError("database is locked"))
    'locked'
    """
    for one in _chain(error):
        found = _explain_one(one)
        if found is not None:
            return found
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and those it came of, at most ten."""
    now: BaseException | None = error
    for _ in range(10):
        if now is None:
            return
        yield now
        original = getattr(now, "orig", None)
        if isinstance(original, BaseException):
            yield original
        now = now.__cause__ or now.__context__


def _explain_one(error: BaseException) -> str | None:
    found: str | None = None
    state = getattr(error, "sqlstate", None)
    if isinstance(error, sqlite3.Error):
        name = getattr(error, "sqlite_errorname", "") or ""
        found = next((told for begin, told in _SQLITE.items() if name.startswith(begin)), None) or next(
            (told for said, told in _SAID.items() if said in str(error)), None)
    elif isinstance(state, str):
        found = next((told for begin, told in _POSTGRES.items() if state.startswith(begin)), None)
    elif isinstance(error, OSError):
        found = {errno.ENOSPC: "full", errno.EDQUOT: "full", errno.EROFS: "read_only"}.get(error.errno or 0)
    elif isinstance(error, DBAPIError):
        found = _explain_driver(error)
    elif isinstance(error, PoolTimeoutError):
        found = "away"
    return found


def _explain_driver(error: DBAPIError) -> str | None:
    """Return what an error of a driver means that carries no name of its own: it could not even ask."""
    if isinstance(error.orig, sqlite3.Error) or getattr(error.orig, "sqlstate", None):
        return None  # told by what it came of
    return "away" if error.connection_invalidated or isinstance(error, OperationalError | InterfaceError) else None
