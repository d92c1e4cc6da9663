"""One engine a process; SQLite in WAL mode by default, PostgreSQL by URL."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from threading import Lock

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from govdesk.metrics import WRITE_FAILURES, WriteTimer
from govdesk.settings import get_settings
from govdesk.storage.sqlite_file import find_file, keep_to_file, open_file

#: Seconds that a writer waits for another writer on SQLite before it gives up.
BUSY_SECONDS = 30
#: Seconds that a reader on PostgreSQL waits for a table that somebody holds: a page says so and draws itself again. On
#: SQLite who reads does not wait.
READ_BUSY_SECONDS = 3
#: Seconds that an import waits for another one: files of a province take minutes.
IMPORT_BUSY_SECONDS = 1_800
#: How a connection to PostgreSQL is made and kept (libpq): a server that is gone, not merely stopped, is noticed within
#: half a minute, where the system itself would wait for two hours.
POSTGRES_CONNECTS = {"connect_timeout": 5, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3,
                     "tcp_user_timeout": 25_000}
#: Number of the lock under which imports take turns on PostgreSQL (any number that nothing else uses).
_IMPORT_TURN = 7_226_001


@cache
def get_engine(url: str | None = None) -> Engine:
    """Return the engine of `url`, or of the settings; made once.

    Notes
    -----
    On SQLite every connection runs in WAL mode with full synchronisation, so that what was acknowledged survives
    a killed process and a lost power line; foreign keys are enforced. Asking for a database makes none:
    `storage.sqlite_file`.
    """
    parsed = make_url(url or get_settings().url)
    if parsed.get_backend_name() != "sqlite":
        engine = create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True,
                               pool_size=10, max_overflow=30, connect_args=POSTGRES_CONNECTS)
        event.listen(engine, "connect", _prepare_postgres)
        return engine
    file = find_file(parsed)
    if file is None:
        engine = create_engine(parsed, connect_args={"timeout": BUSY_SECONDS})
    else:
        engine = create_engine(parsed, creator=partial(open_file, file, BUSY_SECONDS))
        keep_to_file(engine, file)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
    del record
    connection.isolation_level = None  # we begin transactions ourselves: the driver begins them too late
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY", "cache_size=-65536",
                   "mmap_size=1073741824"):
        connection.execute(f"PRAGMA {pragma}")


def _prepare_postgres(connection: psycopg.Connection[object], record: ConnectionPoolEntry) -> None:
    """Let nobody wait for a lock for ever; who writes asks for more patience (`write_transaction`)."""
    del record
    connection.execute(f"SET lock_timeout = '{READ_BUSY_SECONDS}s'")
    connection.commit()


def _begin_sqlite(connection: Connection) -> None:
    mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {mode}")


@contextmanager
def read_transaction(engine: Engine) -> Iterator[Connection]:
    """Give a connection that sees one consistent state; nothing is kept."""
    with engine.connect() as connection:
        try:
            yield connection
        finally:
            connection.rollback()


@contextmanager
def write_transaction(engine: Engine) -> Iterator[Connection]:
    """Give a connection whose changes are kept all together, or not at all.

    On SQLite the write lock is taken at the start (``BEGIN IMMEDIATE``), so that a writer waits instead of failing
    halfway.
    """
    with _timed() as timer:
        if engine.dialect.name != "sqlite":
            with engine.connect() as connection, connection.begin():
                _wait_for_locks(connection, BUSY_SECONDS)
                timer.begin()
                yield connection
            return
        with (_turn(engine, BUSY_SECONDS),
              engine.connect().execution_options(sqlite_begin="IMMEDIATE") as connection, connection.begin()):
            timer.begin()
            yield connection


@contextmanager
def _timed() -> Iterator[WriteTimer]:
    timer = WriteTimer()
    try:
        yield timer
    except SQLAlchemyError:
        WRITE_FAILURES.inc()
        raise
    timer.end()


_imports: list[None] = []


@contextmanager
def _importing() -> Iterator[None]:
    _imports.append(None)
    try:
        yield
    finally:
        _imports.pop()


def is_importing() -> bool:
    """Return whether an import of this process holds up who writes: long, and as it should be."""
    return bool(_imports)


@cache
def _find_lock(database: str) -> Lock:
    del database  # whose lock it is
    return Lock()


@contextmanager
def _turn(engine: Engine, seconds: float) -> Iterator[None]:
    """Let the writers of this process into a SQLite file one after the other.

    SQLite itself lets a writer that finds the file locked sleep, longer each time, and whoever wakes first is next: of
    twenty people who click, some would wait a second for work of ten milliseconds. Other processes are still waited for
    in SQLite's way.
    """
    lock = _find_lock(str(engine.url.database))
    if not lock.acquire(timeout=seconds):
        begin = "BEGIN IMMEDIATE"
        raise OperationalError(begin, None, sqlite3.OperationalError("database is locked"))
    try:
        yield
    finally:
        lock.release()


def take_turn(connection: Connection, name: str) -> None:
    """Let nobody else pass who takes the turn of the same name, until the caller's transaction ends.

    Who writes on SQLite holds the only write lock already.
    """
    if connection.dialect.name != "sqlite":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})


def be_patient(connection: Connection) -> None:
    """Let the caller's transaction wait for locks as long as an import may; nothing on SQLite."""
    if connection.dialect.name != "sqlite":
        _wait_for_locks(connection, IMPORT_BUSY_SECONDS)


def _wait_for_locks(connection: Connection, seconds: float) -> None:
    """Let a transaction on PostgreSQL wait so long for each lock."""
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{seconds}s'")


@contextmanager
def import_transaction(engine: Engine) -> Iterator[Connection]:
    """Give a connection like `write_transaction`, made for many rows at once.

    Imports take turns: each compares with what the one before it wrote. On SQLite it waits long for the write lock,
    and what sorting needs lies in files, not in memory: the indexes of two million rows would take two gigabytes.
    """
    if engine.dialect.name != "sqlite":
        with write_transaction(engine) as connection, _importing():
            be_patient(connection)
            connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": _IMPORT_TURN})
            yield connection
        return
    with (_turn(engine, IMPORT_BUSY_SECONDS),
          engine.connect().execution_options(sqlite_begin="IMMEDIATE") as connection):
        driver = connection.connection.driver_connection
        assert driver is not None  # noqa: S101 - a connection that is open has one
        for pragma in ("temp_store=FILE", "mmap_size=0", f"busy_timeout={IMPORT_BUSY_SECONDS * 1000}"):
            driver.execute(f"PRAGMA {pragma}")
        try:
            with connection.begin(), _importing():
                yield connection
        finally:
            connection.invalidate()  # the next one to use it shall find the usual settings
