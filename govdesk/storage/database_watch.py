"""Looks every second whether the database can be read and written, so that a screen can say so within five.

One look for the whole process, whoever is looking on. It opens a connection of its own: one that waits for its turn
among the users' would be as late as they are. It writes nothing; what it tries is taken back.
"""

import logging
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from time import monotonic

from sqlalchemy import URL, Engine, create_engine
from sqlalchemy.pool import NullPool

from govdesk.clock import now
from govdesk.settings import get_settings
from govdesk.storage.engine import POSTGRES_CONNECTS, get_engine, is_importing
from govdesk.storage.sqlite_file import find_file, open_file
from govdesk.storage.ticking import ticking
from govdesk.storage.trouble import READABLE, explain

#: Seconds between two looks.
SECONDS = 1.0
#: Seconds that a look waits for who writes: shorter than anybody is patient, longer than any click writes.
PATIENCE = 1.2
#: Bytes that must be free on the disk: less, and the next import or photo fails.
LEAST_FREE = 64 * 2**20
#: The clock of the machine jumped if it went this much further, or less far, than time did.
JUMP = timedelta(minutes=2)
#: Bytes that a look tries to write, and takes back.
_TRIED = 256 * 1024
#: What a look asks of PostgreSQL: whether the tables of every click are free, for reading and for writing. None of it
#: changes a row, none waits for one that somebody else changes.
_TRIED_ON_POSTGRES = ("SELECT COUNT(*) FROM data_versions", "SELECT 1 FROM incidents LIMIT 1",
                      "UPDATE data_versions SET version = version WHERE FALSE",
                      "UPDATE incidents SET id = id WHERE FALSE", "UPDATE steps SET id = id WHERE FALSE")

log = logging.getLogger("govdesk.database")


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with the database, and since when (UTC)."""

    key: str
    since: datetime

    @property
    def is_readable(self) -> bool:
        """Whether pages can still be read."""
        return self.key in READABLE


class _State:
    def __init__(self) -> None:
        self.trouble: Trouble | None = None
        self.was_there = False
        self.lock = threading.Lock()


_state = _State()


def find_trouble() -> Trouble | None:
    """Return what is wrong, as last seen; costs nothing."""
    return _state.trouble


def note(key: str | None) -> Trouble | None:
    """Keep what a look, or a failed act, has found; it counts from the first time it was seen."""
    with _state.lock:
        before = _state.trouble
        if key is None:
            _state.trouble = None
        elif before is None or before.key != key:
            _state.trouble = Trouble(key, before.since if before else now())
        after = _state.trouble
    if (before and before.key) != key:
        log.warning("the database is usable again" if key is None else "the database is not usable: %s",
                    *(() if key is None else (key,)))
    return after


def look() -> Trouble | None:
    """Look once, and keep what was found."""
    try:
        engine = get_engine()
        _try_sqlite(engine) if engine.dialect.name == "sqlite" else _try_postgres(engine)
    except Exception as error:
        key = explain(error) or "away"
        # An import on screen is no trouble to tell the whole county of; those who save meanwhile wait for it.
        return note(None if key == "locked" and is_importing() else key)
    return note(None)


def _try_sqlite(engine: Engine) -> None:
    file = find_file(engine.url)
    if file is None:
        return
    with closing(open_file(file, PATIENCE)) as connection:
        connection.isolation_level = None
        connection.execute("SELECT COUNT(*) FROM data_versions").fetchone()
        is_full = shutil.disk_usage(file.parent).free < LEAST_FREE
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("CREATE TABLE govdesk_look (bytes BLOB)")
            connection.execute("INSERT INTO govdesk_look VALUES (zeroblob(?))", (_TRIED,))
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
    if is_full:
        message = "the disk has less than 64 MB"
        raise _FullError(message)


class _FullError(sqlite3.OperationalError):
    sqlite_errorname = "SQLITE_FULL"


def _try_postgres(engine: Engine) -> None:
    with _make_probe(engine.url, PATIENCE).connect() as connection:
        for statement in _TRIED_ON_POSTGRES:
            connection.exec_driver_sql(statement)
        connection.rollback()


@cache
def _make_probe(url: URL, patience: float) -> Engine:
    """Return an engine whose connections are for one look each; kept, for a new one asks a server what it is first."""
    return create_engine(url, poolclass=NullPool, connect_args={
        **POSTGRES_CONNECTS, "connect_timeout": 2, "tcp_user_timeout": 3_000,
        "options": f"-c statement_timeout={int(patience * 1000)}"})


@contextmanager
def watching(seconds: float = SECONDS) -> Iterator[None]:
    """Look in a thread of its own until the block ends."""
    seen = datetime.now(UTC), monotonic()

    def look_once() -> None:
        nonlocal seen
        if _may_look():
            look()
        seen = _look_at_clock(*seen)

    with ticking(look_once, name="database-watch", seconds=seconds):
        yield


def _may_look() -> bool:
    """Return whether there is, or was, a database to look at: without any the page says how to make one."""
    file = find_file(get_engine().url)
    if file is None or file.exists():
        _state.was_there = True
    return _state.was_there


def _look_at_clock(wall: datetime, steady: float) -> tuple[datetime, float]:
    """Tell the log when the machine's clock was set: what was written around that moment lies in another order."""
    wall_now, steady_now = datetime.now(UTC), monotonic()
    jumped = (wall_now - wall) - timedelta(seconds=steady_now - steady)
    if abs(jumped) > JUMP and get_settings().now is None:
        log.warning("the clock of this machine jumped by %d seconds", jumped.total_seconds())
    return wall_now, steady_now
