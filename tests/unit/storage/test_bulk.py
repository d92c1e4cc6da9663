"""The fast paths keep what a slow one would: rows, indexes, and nothing of what failed."""

import pytest
from sqlalchemy import func, insert, select, text

from govdesk.storage import bulk, index_rebuild
from govdesk.storage.engine import get_engine, read_transaction, write_transaction
from govdesk.storage.properties import Properties
from govdesk.storage.schema import create_database
from govdesk.tables import SourceChange, Unit
from govdesk.terms import DataKind

TABLE = Unit.__table__
COLUMNS = ["code", "name", "kind", "content_hash"]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def engine(request):
    engine = get_engine() if request.param == "sqlite" else request.getfixturevalue("postgres_engine")
    create_database(engine, Properties(kind=DataKind.SAMPLE, zone="Asia/Shanghai"))
    return engine


def units(*numbers):
    return [(f"U{n}", "tab\tline\nback\\slash 'quote'", "bureau", "0") for n in numbers]


def test_rows_are_inserted_updated_and_found(engine):
    told = []
    with write_transaction(engine) as connection:
        assert bulk.insert_rows(connection, TABLE, COLUMNS, iter(units(1, 2, 3)), told.append) == 3
        assert bulk.update_rows(connection, TABLE, "code", ["name", "place_code"], [("new", None, "U2")]) == 1
        found = bulk.find_by_key(connection, TABLE, ["name", "kind"], ["U1", "U2", "U9", "U1"], key="code")
    assert told == [3]
    assert found == {"U1": ("tab\tline\nback\\slash 'quote'", "bureau"), "U2": ("new", "bureau")}


def test_reserved_names_are_quoted(engine):
    table = SourceChange.__table__
    with write_transaction(engine) as connection:
        bulk.insert_rows(connection, table, ["source", "source_ref", "content_hash", "recorded_at", "on", "kind"],
                         [("s", "1", "0", 0, "2026-03-01", "other"), ("z", "1", "0", 0, "2026-03-01", "other")])
        bulk.update_rows(connection, table, "source", ["on"], [("2026-04-01", "s")])
        assert str(bulk.find_by_key(connection, table, ["on"], ["1"], key="source_ref", source="s")["1"][0]) == "2026-04-01"


def indexes(connection):
    return connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'index' ORDER BY name")).all()


def test_large_load_leaves_all_indexes(monkeypatch):
    monkeypatch.setattr(index_rebuild, "REBUILD_FROM", 10)
    engine = get_engine()
    create_database(engine, Properties(kind=DataKind.SAMPLE, zone="Asia/Shanghai"))
    table = SourceChange.__table__
    with read_transaction(engine) as connection:
        before = indexes(connection)
    rows = [("s", str(n), "0", 0, "2026-03-01", "other") for n in range(50)]
    columns = ["source", "source_ref", "content_hash", "recorded_at", "on", "kind"]
    with write_transaction(engine) as connection, index_rebuild.many_new_rows(connection, table, 50):
        assert len(indexes(connection)) < len(before)
        bulk.insert_rows(connection, table, columns, rows)
    with read_transaction(engine) as connection:
        assert indexes(connection) == before
        assert connection.scalar(select(func.count()).select_from(table)) == 50
        assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"


def test_failed_load_leaves_nothing_and_all_indexes(monkeypatch):
    monkeypatch.setattr(index_rebuild, "REBUILD_FROM", 10)
    engine = get_engine()
    create_database(engine, Properties(kind=DataKind.SAMPLE, zone="Asia/Shanghai"))
    with read_transaction(engine) as connection:
        before = indexes(connection)
    with pytest.raises(Exception, match="UNIQUE"), write_transaction(engine) as connection, \
            index_rebuild.many_new_rows(connection, TABLE, 50):
        bulk.insert_rows(connection, TABLE, COLUMNS, units(1, 2, 1))
    with read_transaction(engine) as connection:
        assert indexes(connection) == before
        assert connection.scalar(select(func.count()).select_from(TABLE)) == 0


def test_bulk_equals_core(engine):
    with write_transaction(engine) as connection:
        bulk.insert_rows(connection, TABLE, COLUMNS, units(1))
        connection.execute(insert(Unit), [dict(zip(COLUMNS, units(2)[0], strict=True))])
        one, two = connection.execute(select(TABLE).order_by(TABLE.c.code)).all()
    assert one[1:] == two[1:]
