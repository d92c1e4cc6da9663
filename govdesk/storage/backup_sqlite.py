"""A consistent copy of a SQLite database while it is written to, and what can be said of such a copy."""

import os
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from govdesk.storage.backup_archive import BackupError
from govdesk.storage.engine import BUSY_SECONDS
from govdesk.storage.sqlite_file import find_file, open_file

#: The only program that a database of ours holds: a trigger that refuses a change, in one statement.
_GUARD = re.compile(r"^CREATE TRIGGER \w+ BEFORE .*\bBEGIN SELECT RAISE\(ABORT, '[\w ,.-]*'\); END$", re.DOTALL)
_ONE_STATEMENT = 1


@dataclass(frozen=True, slots=True)
class Facts:
    """What a copy of a database says of itself."""

    schema: str
    kind: str
    zone: str
    counts: dict[str, int]


def copy_sqlite(engine: Engine, target: Path) -> None:
    """Copy the database as it is at one instant; nobody who reads or writes waits for it.

    Raises
    ------
    BackupError
        When it cannot be read within `BUSY_SECONDS`, or the copy cannot be written.

    Notes
    -----
    SQLite's backup API in one step is one read transaction. Page by page it would begin anew whenever another
    process writes, and never end on a busy day.
    """
    file = find_file(engine.url)
    if file is None:
        raise BackupError("a database in memory is not backed up")
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    limit = time.monotonic() + BUSY_SECONDS

    def look(status: int, remaining: int, total: int) -> None:
        del status, remaining, total
        if time.monotonic() > limit:
            message = "the database is locked"
            raise sqlite3.OperationalError(message)

    try:
        with closing(open_file(file, BUSY_SECONDS)) as source, closing(sqlite3.connect(target)) as copy:
            copy.execute("PRAGMA synchronous=OFF")  # synced at the end, once
            source.backup(copy, pages=-1, progress=look)
            # One file: what the copy is kept in needs no log beside it.
            copy.execute("PRAGMA journal_mode=DELETE")
        with target.open("rb") as written:
            os.fsync(written.fileno())
    except (sqlite3.Error, OSError) as error:
        raise BackupError(f"the database cannot be copied: {error}") from error


def look_into_sqlite(file: Path) -> Facts:
    """Check a copy of a database through and say what it is.

    Raises
    ------
    BackupError
        When it is damaged, is no database of this program, or holds programs of its own (triggers, views).
    """
    try:
        with _open_copy(file) as copy:
            said = copy.execute("PRAGMA integrity_check(5)").fetchall()
            if said != [("ok",)]:
                raise BackupError(f"the database is damaged: {str(said[0][0])[:200]}")
            for name, made_by in copy.execute(
                    "SELECT name, sql FROM sqlite_master WHERE type NOT IN ('table', 'index')"):
                if _GUARD.search(str(made_by)) is None or str(made_by).count(";") != _ONE_STATEMENT:
                    raise BackupError(f"the database holds {name!r}, which no database of this program holds")
            return _read_facts(copy)
    except sqlite3.Error as error:
        raise BackupError(f"the database in the backup cannot be read: {error}") from error


@contextmanager
def _open_copy(file: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as copy:
        copy.execute("PRAGMA trusted_schema=OFF")
        yield copy


def _read_facts(copy: sqlite3.Connection) -> Facts:
    tables = [row[0] for row in copy.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name")]
    counts = {}
    for name in tables:
        quoted = str(name).replace('"', '""')
        counts[str(name)] = int(copy.execute(f'SELECT COUNT(*) FROM "{quoted}"').fetchone()[0])
    properties = dict(copy.execute("SELECT key, value FROM database_properties").fetchall())
    schema = copy.execute("SELECT version_num FROM alembic_version").fetchone()
    if schema is None or not {"kind", "zone"} <= set(properties):
        raise BackupError("the database in the backup was never set up")
    return Facts(schema=str(schema[0]), kind=str(properties["kind"]), zone=str(properties["zone"]), counts=counts)
