"""Jobs: one at a time, stopped without a trace, committed once, asked again where the data changed."""

import threading

import pytest
from sqlalchemy import func, select

from govdesk.actions import import_jobs
from govdesk.actions.import_jobs import ImportJobs
from govdesk.actions.uploads import UploadRefusedError, cancel_upload, path_of, set_mapping, store_upload
from govdesk.ingest.kept_report import read_report
from govdesk.queries.uploads import get_upload
from govdesk.rules.access import SYSTEM, RefusedError, Scope
from govdesk.storage.engine import get_engine, read_transaction
from govdesk.tables import ImportBatch, Incident
from govdesk.terms import Role, UploadStatus
from tests.support import tiny_county
from tests.support.importing import HEAD, INCIDENTS, incident, run

CLERK = Scope("clerk_1", Role.CLERK)
CONTENT = HEAD + incident("A1") + incident("A2", category="nonsense")


@pytest.fixture
def county():
    engine = get_engine()
    tiny_county.build(engine, n_incidents=0)
    return engine


@pytest.fixture
def jobs():
    return ImportJobs()


def _upload(engine, content=CONTENT, profile=INCIDENTS, name="台账.csv"):
    number = store_upload(engine, by=CLERK, name=name, content=content.encode())
    set_mapping(engine, by=CLERK, number=number, profile_text=profile)
    return number


def _do(jobs, engine, number, *, commit):
    job = jobs.start(engine, by=CLERK, number=number, commit=commit)
    assert job.ended.wait(20)
    return job


def _row(engine, number):
    with read_transaction(engine) as connection:
        return get_upload(connection, CLERK, number)


def _n(engine, table=Incident):
    with read_transaction(engine) as connection:
        return connection.scalar(select(func.count()).select_from(table))


def test_dry_run_keeps_what_it_found_and_the_commit_writes_it(county, jobs):
    number = _upload(county)
    assert _do(jobs, county, number, commit=False).state == "done"
    row = _row(county, number)
    found = read_report(row.report)
    assert row.status == UploadStatus.CHECKED
    assert (found.counts["read"], found.counts["inserted"], found.counts["rejected"]) == (2, 1, 1)
    assert [(one.code, one.column, one.n) for one in found.reasons] == [("category_unknown", "category", 1)]
    assert found.errors[0].line == 3
    assert "nonsense" in found.errors[0].message("zh")
    assert _n(county) == 0
    assert _do(jobs, county, number, commit=True).state == "done"
    row = _row(county, number)
    assert (row.status, row.batch_id, row.committed_at) == (UploadStatus.COMMITTED, 1, tiny_county.NOW)
    assert read_report(row.report).committed
    assert _n(county) == 1
    with read_transaction(county) as connection:
        assert connection.scalar(select(ImportBatch.file_name)) == "台账.csv"


def test_commit_asked_for_many_times_is_one_batch(county, jobs):
    number = _upload(county)
    _do(jobs, county, number, commit=False)
    barrier, found = threading.Barrier(8), []

    def click():
        barrier.wait()
        try:
            found.append(jobs.start(county, by=CLERK, number=number, commit=True))
        except UploadRefusedError as error:
            found.append(error.key)

    threads = [threading.Thread(target=click) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    for job in found:
        assert job == "committed" or job.ended.wait(20)
    assert _n(county, ImportBatch) == 1
    with pytest.raises(UploadRefusedError, match="committed"):
        jobs.start(county, by=CLERK, number=number, commit=True)


def test_changed_data_is_told_before_anything_is_written(county, jobs, tmp_path):
    number = _upload(county)
    _do(jobs, county, number, commit=False)
    run(county, tmp_path, HEAD + incident("A1"))
    assert _do(jobs, county, number, commit=True).state == "done"
    found = read_report(_row(county, number).report)
    assert (found.is_again, found.committed, found.counts["unchanged"]) == (True, False, 1)
    assert _row(county, number).status == UploadStatus.CHECKED
    _do(jobs, county, number, commit=True)
    assert read_report(_row(county, number).report).committed
    assert _n(county) == 1


def test_commit_without_a_dry_run_only_checks(county, jobs):
    number = _upload(county)
    _do(jobs, county, number, commit=True)
    assert (_n(county), read_report(_row(county, number).report).is_again) == (0, True)


@pytest.mark.parametrize("stage", ["read", "compared", "written"])
def test_stopped_job_leaves_no_trace(county, jobs, monkeypatch, stage):
    number = _upload(county)
    _do(jobs, county, number, commit=False)
    tell = import_jobs.Job.tell

    def stop(self, reached, done, total):
        if reached == stage:
            jobs.stop(county, by=CLERK, number=number)
        tell(self, reached, done, total)

    monkeypatch.setattr(import_jobs.Job, "tell", stop)
    assert _do(jobs, county, number, commit=True).state == "cancelled"
    assert (_n(county), _n(county, ImportBatch)) == (0, 0)
    assert _row(county, number).status == UploadStatus.CHECKED
    monkeypatch.undo()


def test_jobs_wait_for_their_turn_and_can_be_stopped_while_they_wait(county, jobs, monkeypatch):
    first, second, third = (_upload(county) for _ in range(3))
    go, begun = threading.Event(), threading.Event()
    importing = import_jobs.import_records

    def slow(*args, **kwargs):
        begun.set()
        go.wait(10)
        return importing(*args, **kwargs)

    monkeypatch.setattr(import_jobs, "import_records", slow)
    running = jobs.start(county, by=CLERK, number=first, commit=False)
    begun.wait(10)
    assert jobs.start(county, by=CLERK, number=first, commit=False) is running
    waiting = jobs.start(county, by=CLERK, number=second, commit=False)
    last = jobs.start(county, by=CLERK, number=third, commit=False)
    assert (running.state, waiting.state, last.state) == ("running", "queued", "queued")
    assert (jobs.count_before(running), jobs.count_before(waiting), jobs.count_before(last)) == (0, 1, 2)
    jobs.stop(county, by=CLERK, number=second)
    go.set()
    assert running.ended.wait(10)
    assert waiting.ended.wait(10)
    assert last.ended.wait(10)
    assert (running.state, waiting.state, last.state) == ("done", "cancelled", "done")


def test_nobody_else_starts_or_stops_a_job(county, jobs):
    number = _upload(county)
    other = Scope("clerk_2", Role.CLERK)
    with pytest.raises(RefusedError):
        jobs.start(county, by=other, number=number, commit=True)
    with pytest.raises(RefusedError):
        jobs.start(county, by=Scope("l", Role.LEADER), number=number, commit=True)
    job = _do(jobs, county, number, commit=False)
    with pytest.raises(RefusedError):
        jobs.stop(county, by=other, number=number)
    assert not job.is_stopped
    jobs.stop(county, by=SYSTEM, number=number)


def test_file_that_cannot_be_used_says_why(county, jobs):
    number = _upload(county, content="a,b\n1,2\n")
    job = _do(jobs, county, number, commit=False)
    assert (job.state, job.note.code) == ("failed", "column_missing")
    assert _row(county, number).status == UploadStatus.MAPPED


def test_profile_of_another_kind_of_database_says_why(county, jobs):
    job = _do(jobs, county, _upload(county, profile=INCIDENTS.replace("sample = true", "")), commit=False)
    assert (job.state, job.failure) == ("failed", "profile")
    assert "sample" in job.detail


def test_deleted_file_says_so(county, jobs):
    number = _upload(county)
    path_of(_row(county, number).stored_as).unlink()
    assert _do(jobs, county, number, commit=False).failure == "gone"
    cancel_upload(county, by=CLERK, number=number)
    assert _do(jobs, county, number, commit=False).failure == "gone"


def test_mistake_of_ours_is_logged_without_the_content(county, jobs, monkeypatch, caplog):
    cell = "cell says 1380013" + "8000"

    def broken(*args, **kwargs):
        raise RuntimeError(cell)

    monkeypatch.setattr(import_jobs, "import_records", broken)
    job = _do(jobs, county, _upload(county), commit=False)
    assert (job.state, job.failure) == ("failed", "unexpected")
    assert "RuntimeError" in caplog.text
    assert "13800138000" not in caplog.text


def test_only_few_finished_jobs_are_remembered(county, jobs):
    numbers = [_upload(county) for _ in range(7)]
    for number in numbers:
        _do(jobs, county, number, commit=False)
    assert jobs.find(county, numbers[0]) is None
    assert jobs.find(county, numbers[-1]).state == "done"
    jobs.forget(county, numbers[-1])
    assert jobs.find(county, numbers[-1]) is None
