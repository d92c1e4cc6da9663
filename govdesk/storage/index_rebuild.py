"""Large loads build secondary indexes once, at their end, instead of growing them row by row.

On SQLite dropping and making an index are part of the load's transaction: a process killed in between leaves the table
with all its indexes. On PostgreSQL dropping one would lock readers out until the load is committed; there they are
dropped in a short transaction before it, made in the load's own (which locks writers out, but no reader), and made by
whoever comes next if the load was killed. Data are before or after in either case.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, Index, Table, make_url, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from govdesk.settings import get_settings
from govdesk.storage.bulk import is_sqlite, quote
from govdesk.storage.engine import be_patient, get_engine, write_transaction
from govdesk.tables import Base

log = logging.getLogger("govdesk.storage")

#: New rows from which it pays.
REBUILD_FROM = 20_000
#: Page cache of a SQLite connection while it takes in many rows (KiB, negative as SQLite wants it); sorting an index
#: takes as much again.
_BIG_CACHE, _USUAL_CACHE = -131_072, -65_536
#: Tables that large loads go to.
_LARGE_TABLES = ("incidents", "steps")


@contextmanager
def many_new_rows(connection: Connection, table: Table, expected: int) -> Iterator[None]:
    """Load many rows in the body; afterwards the table has all its indexes.

    For loads that are small beside the table nothing is done but, on PostgreSQL, to make indexes that are missing.

    Parameters
    ----------
    connection : Connection
        In a transaction that writes.
    table : Table
        Where they go.
    expected : int
        How many come.
    """
    if not is_sqlite(connection):
        yield
        _make_missing(connection, table)
        return
    if not _is_worth(connection, table, expected):
        yield
        return
    connection.exec_driver_sql(f"PRAGMA cache_size = {_BIG_CACHE}")
    found = connection.execute(
        text("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = :name AND sql IS NOT NULL"
             " ORDER BY name"), {"name": table.name},
    ).all()
    for name, _ in found:
        connection.exec_driver_sql(f"DROP INDEX {quote(connection, name)}")
    yield
    for _, statement in found:
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql(f"PRAGMA cache_size = {_USUAL_CACHE}")


@contextmanager
def without_indexes(engine: Engine, table: Table, expected: int) -> Iterator[None]:
    """On PostgreSQL, run a large load (`many_new_rows` inside its transaction) on a table without secondary indexes.

    Whatever becomes of the load, the table has all its indexes afterwards. Where readers keep the table busy for more
    than a second, it is loaded with its indexes.
    """
    if engine.dialect.name == "sqlite" or not _drop(engine, table, expected):
        yield
        return
    try:
        yield
    finally:
        make_missing_indexes(engine)


def make_missing_indexes(engine: Engine) -> list[str]:
    """Make on PostgreSQL what a killed load left without; return the names."""
    if engine.dialect.name == "sqlite":
        return []
    with write_transaction(engine) as connection:
        be_patient(connection)  # another load may be at it
        return [name for table in _LARGE_TABLES for name in _make_missing(connection, Base.metadata.tables[table])]


def mend_indexes() -> None:
    """Make at the start of the application what a killed load left without; a database that is away is left alone."""
    if make_url(get_settings().url).get_backend_name() == "sqlite":
        return
    try:
        made = make_missing_indexes(get_engine())
    except SQLAlchemyError:  # away, or without its tables yet: the screen says so
        log.warning("indexes were not looked at: the database does not answer")
        return
    if made:
        log.warning("made indexes that a killed load had left out: %s", ", ".join(made))


def _drop(engine: Engine, table: Table, expected: int) -> bool:
    try:
        with write_transaction(engine) as connection:
            if not _is_worth(connection, table, expected):
                return False
            connection.exec_driver_sql("SET LOCAL lock_timeout = '1s'")
            for index in table.indexes:
                connection.exec_driver_sql(f"DROP INDEX IF EXISTS {quote(connection, str(index.name))}")
    except OperationalError:  # readers were at it for longer: nothing was dropped
        return False
    return True


def _make_missing(connection: Connection, table: Table) -> list[str]:
    there = set(connection.scalars(text("SELECT indexname FROM pg_indexes WHERE tablename = :name"),
                                   {"name": table.name}))
    missing: list[Index] = [index for index in sorted(table.indexes, key=lambda item: str(item.name))
                            if index.name not in there]
    if missing:
        connection.exec_driver_sql("SET LOCAL maintenance_work_mem = '256MB'")
    for index in missing:
        index.create(connection)
    return [str(index.name) for index in missing]


def _is_worth(connection: Connection, table: Table, expected: int) -> bool:
    return expected >= REBUILD_FROM and expected >= _count_up_to(connection, table, expected)


def _count_up_to(connection: Connection, table: Table, limit: int) -> int:
    statement = f"SELECT COUNT(*) FROM (SELECT 1 FROM {quote(connection, table.name)} LIMIT {int(limit) + 1}) AS few"
    return int(connection.execute(text(statement)).scalar_one())
