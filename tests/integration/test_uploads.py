"""Uploads: kept under a name of ours, seen by their owner, deleted when they have served."""

import stat
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update
from typer.testing import CliRunner

from govdesk import settings
from govdesk.actions import uploads
from govdesk.actions.uploads import (
    UploadRefusedError,
    cancel_upload,
    keep_report,
    name_file,
    path_of,
    remove_old_uploads,
    set_mapping,
    store_upload,
    tidy_uploads,
    uploads_folder,
)
from govdesk.cli import app
from govdesk.queries.uploads import find_same_file, get_upload, list_uploads
from govdesk.rules.access import SYSTEM, RefusedError, Scope
from govdesk.storage.engine import get_engine, read_transaction, write_transaction
from govdesk.tables import AuditEvent, ImportBatch, Upload
from govdesk.terms import Role, UploadStatus
from tests.support import tiny_county

CLERK = Scope("clerk_1", Role.CLERK)
OTHER = Scope("clerk_2", Role.CLERK)
LEADER = Scope("leader", Role.LEADER)


@pytest.fixture
def county():
    engine = get_engine()
    tiny_county.build(engine, n_incidents=0)
    return engine


@pytest.fixture
def at(monkeypatch):
    """Give a function that sets the instant."""

    def set_now(after: timedelta) -> None:
        monkeypatch.setenv("GOVDESK_NOW", (tiny_county.NOW + after).isoformat())
        settings.get_settings.cache_clear()

    return set_now


def _get(engine, number, by=CLERK):
    with read_transaction(engine) as connection:
        return get_upload(connection, by, number)


def _list(engine, by=CLERK):
    with read_transaction(engine) as connection:
        return [row.number for row in list_uploads(connection, by)]


def test_file_is_kept_under_a_name_of_ours_and_readable_by_us_alone(county):
    number = store_upload(county, by=CLERK, name="../../etc/张三 13800138000.csv", content=b"a,b\n1,2\n")
    row = _get(county, number)
    path = path_of(row.stored_as)
    assert path.read_bytes() == b"a,b\n1,2\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(uploads_folder().stat().st_mode) == 0o700
    assert row.file_name == "*** ***.csv"
    assert "csv" not in row.stored_as
    assert (row.n_bytes, row.status, row.by) == (8, UploadStatus.UPLOADED, "clerk_1")
    assert row.ends_at == tiny_county.NOW + timedelta(days=7)


@pytest.mark.parametrize(("given", "kept"), [
    ("a/b\\c.xlsx", "c.xlsx"), ("", "-"), ("..", ".."), ("x\u202etxt.exe", "xtxt.exe"), ("长" * 300, "长" * 200)])
def test_names_are_texts_not_paths(given, kept):
    assert name_file(given) == kept


@pytest.mark.parametrize("stored_as", ["../govdesk.db", "", ".", "nothing"])
def test_path_outside_the_folder_is_not_followed(county, stored_as):
    with pytest.raises(UploadRefusedError, match="gone"):
        path_of(stored_as)


def test_empty_and_too_large_files_are_refused_without_a_trace(county, monkeypatch):
    monkeypatch.setenv("GOVDESK_UPLOAD_MB", "1")
    settings.get_settings.cache_clear()
    with pytest.raises(UploadRefusedError, match="empty"):
        store_upload(county, by=CLERK, name="a.csv", content=b"")
    with pytest.raises(UploadRefusedError, match="too_large"):
        store_upload(county, by=CLERK, name="a.csv", content=b"1" * (2**20 + 1))
    store_upload(county, by=CLERK, name="a.csv", content=b"1" * 2**20)
    assert len(list(uploads_folder().iterdir())) == len(_list(county)) == 1


def test_who_may_not_import_leaves_nothing_behind(county):
    with pytest.raises(RefusedError):
        store_upload(county, by=LEADER, name="a.csv", content=b"1")
    assert list(uploads_folder().iterdir()) == []
    with pytest.raises(RefusedError):
        _list(county, LEADER)


def test_only_the_owner_and_the_administrator_see_and_touch_it(county):
    number = store_upload(county, by=CLERK, name="a.csv", content=b"1")
    assert (_list(county), _list(county, OTHER), _list(county, SYSTEM)) == ([number], [], [number])
    assert _get(county, number, OTHER) is None
    for act in (lambda: set_mapping(county, by=OTHER, number=number, profile_text="x"),
                lambda: cancel_upload(county, by=OTHER, number=number),
                lambda: cancel_upload(county, by=CLERK, number=99)):
        with pytest.raises(RefusedError):
            act()
    assert path_of(_get(county, number).stored_as).exists()


def test_cancelling_deletes_the_file_and_keeps_the_row(county):
    number = store_upload(county, by=CLERK, name="a.csv", content=b"1")
    stored = path_of(_get(county, number).stored_as)
    cancel_upload(county, by=CLERK, number=number)
    assert not stored.exists()
    assert _list(county) == []
    assert (_get(county, number).status, _get(county, number).removed_at) == (UploadStatus.CANCELLED, tiny_county.NOW)


def test_changed_mapping_forgets_what_a_dry_run_said(county):
    number = store_upload(county, by=CLERK, name="a.csv", content=b"1")
    set_mapping(county, by=CLERK, number=number, profile_text="one")
    keep_report(county, by=CLERK, number=number, report="{}", is_committed=False)
    set_mapping(county, by=CLERK, number=number, profile_text="one")
    assert (_get(county, number).status, _get(county, number).report) == (UploadStatus.CHECKED, "{}")
    set_mapping(county, by=CLERK, number=number, profile_text="two")
    assert (_get(county, number).status, _get(county, number).report) == (UploadStatus.MAPPED, None)


def test_mapping_of_a_committed_upload_stays(county):
    number = store_upload(county, by=CLERK, name="a.csv", content=b"1")
    keep_report(county, by=CLERK, number=number, report="{}", is_committed=True)
    with pytest.raises(UploadRefusedError, match="committed"):
        set_mapping(county, by=CLERK, number=number, profile_text="two")
    cancel_upload(county, by=CLERK, number=number)
    assert _get(county, number).status == UploadStatus.COMMITTED


def test_committed_files_go_after_a_day_and_others_a_week_after_the_last_touch(county, at):
    done, left = (store_upload(county, by=CLERK, name="a.csv", content=b"1") for _ in range(2))
    keep_report(county, by=CLERK, number=done, report="{}", is_committed=True)
    at(timedelta(hours=23, minutes=59))
    assert remove_old_uploads(county, by=SYSTEM, commit=True).n_old == 0
    at(timedelta(hours=24))
    assert remove_old_uploads(county, by=SYSTEM, commit=False).n_old == 1
    assert _list(county) == [left, done]
    assert remove_old_uploads(county, by=SYSTEM, commit=True).n_old == 1
    assert _list(county) == [left]
    with pytest.raises(UploadRefusedError, match="gone"):
        path_of(_get(county, done).stored_as)
    set_mapping(county, by=CLERK, number=left, profile_text="x")
    at(timedelta(days=7, hours=23))
    assert remove_old_uploads(county, by=SYSTEM, commit=True).n_old == 0
    at(timedelta(days=8))
    assert remove_old_uploads(county, by=SYSTEM, commit=True).n_old == 1
    assert list(uploads_folder().iterdir()) == []


def test_files_that_no_row_knows_are_removed_but_not_one_that_is_being_written(county, at):
    kept = store_upload(county, by=CLERK, name="a.csv", content=b"1")
    for name in ("20261122015900-aa", "leftover.xlsx", "20261122005900-bb"):
        (uploads_folder() / name).write_bytes(b"x")
    assert remove_old_uploads(county, by=SYSTEM, commit=True).n_unknown == 2
    assert {path.name for path in uploads_folder().iterdir()} == {_get(county, kept).stored_as, "20261122015900-aa"}
    at(timedelta(hours=1))
    assert remove_old_uploads(county, by=SYSTEM, commit=True).n_unknown == 1
    with write_transaction(county) as connection:
        connection.execute(update(Upload).values(removed_at=tiny_county.NOW))
    at(timedelta(hours=2))
    assert remove_old_uploads(county, by=SYSTEM, commit=True).n_unknown == 1


def test_every_act_is_audited_without_the_name_of_the_file(county):
    number = store_upload(county, by=CLERK, name="secret.csv", content=b"1")
    cancel_upload(county, by=CLERK, number=number)
    with read_transaction(county) as connection:
        rows = connection.execute(select(AuditEvent.by, AuditEvent.subject, AuditEvent.detail)).all()
    assert [(row.by, row.subject) for row in rows] == [("clerk_1", "uploads")] * 2
    assert "secret" not in str(rows)


def test_the_same_bytes_are_recognised_until_their_batch_is_undone(county):
    row = _get(county, store_upload(county, by=CLERK, name="a.csv", content=b"1"))
    with write_transaction(county) as connection:
        connection.execute(insert(ImportBatch), {
            "about": "incidents", "profile": "p", "file_name": "a", "file_hash": row.file_hash, "by": "x",
            "at": tiny_county.NOW, "n_read": 1, "n_inserted": 1, "n_updated": 0, "n_unchanged": 0, "n_rejected": 0})
    with read_transaction(county) as connection:
        assert find_same_file(connection, CLERK, row.file_hash) == (1, tiny_county.NOW)
        assert find_same_file(connection, CLERK, "0") is None
    with write_transaction(county) as connection:
        connection.execute(update(ImportBatch).values(withdrawn_at=tiny_county.NOW))
    with read_transaction(county) as connection:
        assert find_same_file(connection, CLERK, row.file_hash) is None


def test_command_deletes_only_when_told_to(county, at):
    store_upload(county, by=CLERK, name="a.csv", content=b"1")
    at(timedelta(days=7))
    said = CliRunner().invoke(app, ["remove-uploads"])
    assert "would remove (--commit removes): 1 uploaded files" in said.output
    assert len(_list(county)) == 1
    assert "removed: 1 uploaded files" in CliRunner().invoke(app, ["remove-uploads", "--commit"]).output
    assert _list(county) == []


def test_start_of_a_server_tidies_and_survives_a_failure(county, at, monkeypatch, caplog):
    store_upload(county, by=CLERK, name="a.csv", content=b"1")
    at(timedelta(days=7))
    tidy_uploads()
    assert _list(county) == []
    monkeypatch.setattr(uploads, "remove_old_uploads", lambda *_, **__: 1 / 0)
    tidy_uploads()
    assert "ZeroDivisionError" in caplog.text
