"""Several at once: two clerks who import, and a screen that reads while somebody imports; on both engines."""

import threading
import time

import pytest
from sqlalchemy import func, select

from govdesk.actions.importing import import_records
from govdesk.rules.access import SYSTEM
from govdesk.storage import index_rebuild
from govdesk.storage.engine import get_engine, read_transaction
from govdesk.tables import ImportBatch, Incident, WeeklyCount
from tests.support import tiny_county
from tests.support.load_file import make_profile, write_file


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def engine(request, monkeypatch):
    monkeypatch.setattr(index_rebuild, "REBUILD_FROM", 10)
    engine = get_engine() if request.param == "sqlite" else request.getfixturevalue("postgres_engine")
    tiny_county.build(engine, 0)
    return engine


def test_readers_do_not_wait_for_a_load(engine, tmp_path, monkeypatch):
    """Ask all the time from another connection, while writing is held up for two seconds."""
    waited, done = [], threading.Event()

    def ask():
        while not done.is_set():
            began = time.monotonic()
            with read_transaction(engine) as connection:
                connection.scalar(select(func.count()).select_from(Incident))
            waited.append(time.monotonic() - began)
            time.sleep(0.02)

    def told(stage, done_rows, total):
        del done_rows, total
        if stage == "written":
            time.sleep(2.5)

    reader = threading.Thread(target=ask)
    reader.start()
    try:
        import_records(engine, by=SYSTEM, path=write_file(tmp_path / "a.csv", 60), profile=make_profile(), commit=True,
                       told=told)
    finally:
        done.set()
        reader.join()
    assert len(waited) > 20
    assert max(waited) < 2


def test_two_clerks_at_once_take_turns(engine, tmp_path):
    """The same file by two, and another one: every row once, two batches, no error."""
    files = [write_file(tmp_path / "a.csv", 60), write_file(tmp_path / "b.csv", 60),
             write_file(tmp_path / "c.csv", 60, more="M1,dispute,990101001001,2026-03-01\n")]
    failures, reports = [], []

    def run(path):
        try:
            reports.append(import_records(engine, by=SYSTEM, path=path, profile=make_profile(), commit=True))
        except Exception as error:
            failures.append(error)

    clerks = [threading.Thread(target=run, args=[path]) for path in files]
    for clerk in clerks:
        clerk.start()
    for clerk in clerks:
        clerk.join()
    assert failures == []
    with read_transaction(engine) as connection:
        assert connection.scalar(select(func.count()).select_from(Incident)) == 61
        assert connection.scalar(select(func.sum(ImportBatch.n_inserted)).where(ImportBatch.profile == "load")) == 61
        assert connection.scalar(select(func.sum(WeeklyCount.n)).where(
            WeeklyCount.about == "known", WeeklyCount.part == "all", WeeklyCount.place_code == "")) == 61
