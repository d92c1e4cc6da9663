"""The fast way in: raw driver calls on SQLite, COPY on PostgreSQL; and look-ups of many keys at once.

Rows come as plain tuples of what both engines take: int, float, bool, None, str (dates as ISO text; instants are
seconds).
Everything runs inside the caller's transaction: what a killed process had not committed never was.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any, cast

from sqlalchemy import Connection, Table, text

Row = tuple[object, ...]

#: Rows a call: progress is told in between, and memory stays bounded.
STEP = 20_000


def is_sqlite(connection: Connection) -> bool:
    """Return whether the connection goes to SQLite."""
    return connection.dialect.name == "sqlite"


def quote(connection: Connection, name: str) -> str:
    """Return a name as a statement holds it."""
    return connection.dialect.identifier_preparer.quote(name)


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection


def insert_rows(connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Row],
                told: Callable[[int], None] | None = None) -> int:
    """Insert rows; return how many.

    Parameters
    ----------
    connection : Connection
        In a transaction that writes.
    table : Table
        The table.
    columns : sequence of str
        Columns, in the order of the tuples; all others get NULL.
    rows : iterable of tuple
        Values as both engines take them.
    told : callable, optional
        Called after every `STEP` rows with how many are done.
    """
    names = ", ".join(quote(connection, name) for name in columns)
    put = _put_sqlite if is_sqlite(connection) else _copy_postgres
    source = iter(rows)
    done = 0
    while part := list(islice(source, STEP)):
        put(connection, quote(connection, table.name), names, part)
        done += len(part)
        if told is not None:
            told(done)
    return done


def _put_sqlite(connection: Connection, table: str, names: str, rows: list[Row]) -> None:
    holes = ", ".join("?" * len(rows[0]))
    _driver(connection).executemany(f"INSERT INTO {table} ({names}) VALUES ({holes})", rows)


def _copy_postgres(connection: Connection, table: str, names: str, rows: list[Row]) -> None:
    with _driver(connection).cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def update_rows(connection: Connection, table: Table, key: str, columns: Sequence[str], rows: Iterable[Row]) -> int:
    """Set `columns` of the rows whose `key` stands last in each tuple; return how many."""
    hole = "?" if is_sqlite(connection) else "%s"
    sets = ", ".join(f"{quote(connection, name)} = {hole}" for name in columns)
    statement = f"UPDATE {quote(connection, table.name)} SET {sets} WHERE {quote(connection, key)} = {hole}"
    source = iter(rows)
    done = 0
    while part := list(islice(source, STEP)):
        if is_sqlite(connection):
            _driver(connection).executemany(statement, part)
        else:
            with _driver(connection).cursor() as cursor:
                cursor.executemany(statement, part)
        done += len(part)
    return done


def find_by_key(connection: Connection, table: Table, wanted: Sequence[str], keys: Iterable[str], *, key: str,
                source: str | None = None) -> dict[str, Row]:
    """Return the rows of many text keys at once.

    Parameters
    ----------
    connection : Connection
        In any transaction.
    table : Table
        The table.
    wanted : sequence of str
        Columns to return.
    keys : iterable of str
        Values of `key`.
    key : str
        A text column: ``source_ref`` or ``code``.
    source : str, optional
        Only rows of this source.

    Returns
    -------
    dict of str to tuple
        Key → the wanted columns; keys that do not exist are left out.
    """
    _fill_keys(connection, keys)
    names = ", ".join(f"t.{quote(connection, name)}" for name in (key, *wanted))
    where = " WHERE t.source = :source" if source is not None else ""
    statement = (f"SELECT {names} FROM import_keys k CROSS JOIN {quote(connection, table.name)} t{where}"
                 f"{' AND' if where else ' WHERE'} t.{quote(connection, key)} = k.key")
    found = connection.execute(text(statement), {"source": source} if source is not None else {})
    return {row[0]: cast("Row", tuple(row[1:])) for row in found}


def _fill_keys(connection: Connection, keys: Iterable[str]) -> None:
    connection.execute(text("CREATE TEMPORARY TABLE IF NOT EXISTS import_keys (key VARCHAR(80) PRIMARY KEY)"))
    connection.execute(text("DELETE FROM import_keys"))
    rows: list[Row] = [(item,) for item in dict.fromkeys(keys)]
    if is_sqlite(connection):
        _driver(connection).executemany("INSERT INTO import_keys (key) VALUES (?)", rows)
    else:
        _copy_postgres(connection, "import_keys", "key", rows)
