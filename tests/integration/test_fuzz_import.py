"""A few broken files of `make fuzz`, and proof that its checks see a fault."""

import random
from dataclasses import replace

import pytest

from govdesk.ingest.notes import ImportReport
from govdesk.storage.engine import write_transaction
from govdesk.tables import ImportBatch
from tests.support import corpus
from tools import fuzz_child, fuzz_files

GRID = "s31_dates_of_all_kinds.xlsx"


@pytest.fixture
def engine(empty_engine):
    corpus.build(empty_engine)
    return empty_engine


def test_broken_files_leave_nothing_that_they_must_not(engine, tmp_path):
    seen = set()
    for _, path, profile in fuzz_child.make_files(7, 0, 60, tmp_path):
        seen.add(fuzz_child.import_twice(engine, path, corpus.read_profile(profile))[0])
    assert "imported" in seen
    assert len(seen) >= 4


def test_the_same_seed_makes_the_same_files(tmp_path):
    first, second = tmp_path / "1", tmp_path / "2"
    first.mkdir()
    second.mkdir()
    made = [[(path.name, path.read_bytes()) for _, path, _ in fuzz_child.make_files(3, 10, 22, folder) if path.suffix != ".gz"
             and "xlsx" not in path.suffix] for folder in (first, second)]
    assert made[0] == made[1]


@pytest.mark.parametrize("change", sorted({*fuzz_files.WORKBOOK, *fuzz_files.BYTES}, key=lambda item: item.__name__))
def test_every_change_breaks_a_workbook_somehow(change):
    data = (corpus.CORPUS / "files" / GRID).read_bytes()
    made = {change(data, random.Random(number)) for number in range(8)}
    assert len(made - {data}) >= 4


@pytest.mark.parametrize("change", sorted({*fuzz_files.TEXT}, key=lambda item: item.__name__))
def test_every_change_breaks_a_text_somehow(change):
    data = (corpus.CORPUS / "files" / "s04_title_csv.csv").read_bytes()
    assert len({change(data, random.Random(number)) for number in range(20)} - {data}) >= 4


def _import(engine):
    return fuzz_child.import_twice(engine, corpus.CORPUS / "files" / GRID, corpus.read_profile("grid"))


def test_a_traceback_is_a_fault(engine, monkeypatch):
    def fails(*_args, **_more):
        raise IndexError

    monkeypatch.setattr(fuzz_child, "import_records", fails)
    with pytest.raises(IndexError):
        _import(engine)


@pytest.mark.parametrize(("change", "fault"), [
    ({"inserted": 99, "read": 99}, "promised"), ({"read": 99}, "promised"),
])
def test_a_report_that_is_not_what_was_promised_is_a_fault(engine, monkeypatch, change, fault):
    real = fuzz_child.import_records

    def lies(*args, **more):
        report = real(*args, **more)
        return replace(report, **change) if more["commit"] else report

    monkeypatch.setattr(fuzz_child, "import_records", lies)
    with pytest.raises(fuzz_child.FaultError, match=fault):
        _import(engine)


def test_a_dry_run_that_writes_is_a_fault(engine, monkeypatch):
    def writes(*args, **_more):
        with write_transaction(args[0]) as connection:
            connection.execute(ImportBatch.__table__.insert(), [_batch()])
        return ImportReport()

    monkeypatch.setattr(fuzz_child, "import_records", writes)
    with pytest.raises(fuzz_child.FaultError, match="the dry run wrote"):
        _import(engine)


def test_a_batch_without_its_rows_is_a_fault(engine, monkeypatch):
    report = ImportReport(read=3, inserted=3, batch=2)

    def half(*args, **more):
        if more["commit"]:
            with write_transaction(args[0]) as connection:
                connection.execute(ImportBatch.__table__.insert(), [_batch()])
        return replace(report, batch=2 if more["commit"] else None)

    monkeypatch.setattr(fuzz_child, "import_records", half)
    with pytest.raises(fuzz_child.FaultError, match="0 rows for 3 inserted"):
        _import(engine)


def _batch():
    from govdesk.clock import now
    zero = dict.fromkeys(("n_read", "n_inserted", "n_updated", "n_unchanged", "n_rejected", "n_masked", "n_duplicates", "n_aside"), 0)
    return {"about": "incidents", "profile": "x", "file_name": "x", "file_hash": "x", "by": "x", "at": now(), **zero}
