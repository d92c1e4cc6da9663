"""A large load on PostgreSQL: without indexes for its time, never in the way of readers, complete afterwards."""

import pytest
from sqlalchemy import func, select, text

from govdesk.actions.importing import import_records
from govdesk.rules.access import SYSTEM
from govdesk.storage import index_rebuild
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.storage.schema import find_drift
from govdesk.tables import Incident
from tests.support import tiny_county
from tests.support.load_file import make_profile, write_file

pytestmark = pytest.mark.postgres

INCIDENTS = Incident.__table__


@pytest.fixture
def engine(postgres_engine, monkeypatch):
    monkeypatch.setattr(index_rebuild, "REBUILD_FROM", 10)
    tiny_county.build(postgres_engine, 0)
    return postgres_engine


def names(engine):
    with read_transaction(engine) as connection:
        return set(connection.scalars(text("SELECT indexname FROM pg_indexes WHERE tablename = 'incidents'")))


def test_indexes_are_away_during_the_load_and_back_after_it(engine, tmp_path):
    before, seen = names(engine), []

    def told(stage, done, total):
        del done, total
        if stage == "written":
            seen.append(names(engine))

    report = import_records(engine, by=SYSTEM, path=write_file(tmp_path / "a.csv", 60), profile=make_profile(), commit=True,
                            told=told)
    assert report.inserted == 60
    assert seen
    assert all(len(during) < len(before) for during in seen)
    assert names(engine) == before
    with read_transaction(engine) as connection:
        assert find_drift(connection) == []


def test_a_load_that_fails_leaves_all_indexes_and_no_row(engine, tmp_path, monkeypatch):
    before = names(engine)
    monkeypatch.setattr("govdesk.actions.importing._write_notes", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        import_records(engine, by=SYSTEM, path=write_file(tmp_path / "a.csv", 60), profile=make_profile(), commit=True)
    assert names(engine) == before
    with read_transaction(engine) as connection:
        assert connection.scalar(select(func.count()).select_from(Incident)) == 0


def test_what_a_killed_load_left_out_is_made_by_whoever_comes_next(engine, tmp_path, monkeypatch):
    before = names(engine)
    with write_transaction(engine) as connection:
        for index in INCIDENTS.indexes:
            index.drop(connection)
    monkeypatch.setattr(index_rebuild, "REBUILD_FROM", 10_000)
    import_records(engine, by=SYSTEM, path=write_file(tmp_path / "a.csv", 3), profile=make_profile(), commit=True)
    assert names(engine) == before
