"""How fast checked rows get into PostgreSQL: COPY and indexes made at the end, against row inserts.

Both fill the same indexed table of incidents in one transaction on a database of its own; then the two tables are
compared row by row. Row inserts are what a loop writes: one INSERT a row through SQLAlchemy, on a table with its
indexes. A second baseline gives the driver all rows of a piece at once (executemany), which spares the round trips.

    GOVDESK_TEST_POSTGRES=postgresql://… python benchmarks/copy_import.py --rows 200000
"""

import argparse
import os
import sys
import tempfile
import time
import uuid
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.bulk_import import checked_rows, columns_of, write_file  # noqa: E402
from benchmarks.support.machine import describe_machine  # noqa: E402
from govdesk.actions.record_storing import table_of  # noqa: E402
from govdesk.storage.bulk import insert_rows, quote  # noqa: E402
from govdesk.storage.engine import get_engine, import_transaction, read_transaction, write_transaction  # noqa: E402
from govdesk.storage.index_rebuild import many_new_rows, without_indexes  # noqa: E402
from tests.support import tiny_county  # noqa: E402

#: How many times faster the product's way must be than row inserts (issue 6).
AT_LEAST = 8


@contextmanager
def new_database(server: str):
    """Give an engine on a database of its own with the tiny county's places; it is dropped at the end."""
    name = f"b_{uuid.uuid4().hex[:12]}"
    admin = create_engine(make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine = get_engine(make_url(server).set(database=name).render_as_string(hide_password=False))
    tiny_county.build(engine, n_incidents=0)
    yield engine
    engine.dispose()
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()


def fill_by_copy(engine, columns, n_rows):
    """Return seconds from checked rows to the commit, indexes complete."""
    table = table_of("incidents")
    began = time.perf_counter()
    with without_indexes(engine, table, n_rows), import_transaction(engine) as connection, \
            many_new_rows(connection, table, n_rows):
        for part in columns:
            names = list(part.lists)
            insert_rows(connection, table, names, part.rows(names))
    return time.perf_counter() - began


def _statement(connection, names):
    listed = ", ".join(quote(connection, name) for name in names)
    return f"INSERT INTO incidents ({listed}) VALUES ({', '.join(f':{name}' for name in names)})"


def fill_row_by_row(engine, columns):
    """Return seconds of one INSERT a row through SQLAlchemy, in one transaction."""
    began = time.perf_counter()
    with write_transaction(engine) as connection:
        for part in columns:
            names = list(part.lists)
            statement = text(_statement(connection, names))
            for row in part.rows(names):
                connection.execute(statement, dict(zip(names, row, strict=True)))
    return time.perf_counter() - began


def fill_many(engine, columns):
    """Return seconds of the driver's executemany with the rows of a piece."""
    began = time.perf_counter()
    with write_transaction(engine) as connection:
        for part in columns:
            names = list(part.lists)
            connection.execute(text(_statement(connection, names)),
                               [dict(zip(names, row, strict=True)) for row in part.rows(names)])
    return time.perf_counter() - began


def content(engine):
    """Return the number of rows and a digest of all of them, made by the server."""
    with read_transaction(engine) as connection:
        return connection.execute(text(
            "SELECT COUNT(*), SUM(hashtext((to_jsonb(i) - 'id')::text)::bigint) FROM incidents i")).one()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=200_000)
    options = parser.parse_args()
    server = os.environ.get("GOVDESK_TEST_POSTGRES")
    if not server:
        print("skipped: GOVDESK_TEST_POSTGRES names no PostgreSQL server")
        return
    os.environ.setdefault("GOVDESK_NOW", "2026-11-22T02:00:00+00:00")
    print(describe_machine())
    with tempfile.TemporaryDirectory() as folder, new_database(server) as ours, new_database(server) as theirs, \
            new_database(server) as many:
        path = Path(folder) / "rows.csv"
        write_file(path, options.rows)
        parts, profile, stamp = checked_rows(ours, path)
        columns = list(columns_of(parts, profile, stamp))
        kept = sum(part.count for part in columns)
        copy, by_many, by_row = (fill_by_copy(ours, columns, kept), fill_many(many, columns),
                                 fill_row_by_row(theirs, columns))
        assert content(ours) == content(theirs) == content(many), "the tables differ"
    print(f"{kept:>10,} rows   COPY and indexes {copy:6.1f} s   row inserts {by_row:6.1f} s   "
          f"ratio {by_row / copy:4.1f} (at least {AT_LEAST})   executemany {by_many:6.1f} s, {by_many / copy:.1f}   "
          "equal contents: yes")
    sys.exit(by_row / copy < AT_LEAST)


if __name__ == "__main__":
    main()
