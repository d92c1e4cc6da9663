"""What the audit learns of reading, exports and refusals: once, in the background, and never as a stranger typed it."""

import json
import time
from threading import Thread

import pytest
from sqlalchemy import event, insert, select

from govdesk.actions import audit_trail, audit_writer
from govdesk.actions.acting import acting
from govdesk.actions.audit_trail import forget_looks, note_export, note_refused, note_seen
from govdesk.actions.audit_writer import WRITER
from govdesk.rules.access import RefusedError, Scope
from govdesk.rules.record_checks import FormRefusedError, problem
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Account, AuditEvent
from govdesk.terms import Role
from tests.support import empty_county

CENTRE = Scope(account="local_centre", role=Role.CENTRE, address="10.1.2.3")
LEADER = Scope(account="local_leader", role=Role.LEADER)


@pytest.fixture
def engine(empty_engine, monkeypatch):
    """Return an engine on a database without data; every look is a first one, a try that fails is soon repeated."""
    empty_county.build(empty_engine)
    monkeypatch.setattr(audit_writer, "PAUSE", 0.05)
    forget_looks()
    yield empty_engine
    WRITER.flush()
    forget_looks()


def rows(engine):
    assert WRITER.flush()
    with read_transaction(engine) as connection:
        return connection.execute(select(AuditEvent.__table__).order_by(AuditEvent.id)).all()


def test_page_is_noted_once_for_each_account_key_and_address(engine):
    for _ in range(5):
        note_seen(engine, by=CENTRE, page="early_warning", run=7)
    note_seen(engine, by=CENTRE, page="early_warning", subject_key="990101001001")
    note_seen(engine, by=LEADER, page="early_warning")
    found = [(row.by, row.action, row.subject, row.subject_key, row.address, json.loads(row.detail)) for row in
             rows(engine)]
    assert found == [
        ("local_centre", "read_page", "early_warning", None, "10.1.2.3", {"run": 7}),
        ("local_centre", "read_page", "early_warning", "990101001001", "10.1.2.3", {}),
        ("local_leader", "read_page", "early_warning", None, None, {})]


def test_page_is_noted_again_after_a_while(engine, monkeypatch):
    note_seen(engine, by=CENTRE, page="visits")
    monkeypatch.setattr(audit_trail, "SAME_LOOK", 0.0)
    note_seen(engine, by=CENTRE, page="visits")
    assert len(rows(engine)) == 2


def test_locked_database_costs_a_page_nothing_and_loses_nothing(engine):
    with write_transaction(engine):
        begun = time.perf_counter()
        for number in range(50):
            note_seen(engine, by=CENTRE, page="visits", subject_key=str(number))
        assert (time.perf_counter() - begun) / 50 < 0.02
    assert len(rows(engine)) == 50


def test_read_only_database_keeps_rows_waiting_and_says_so(engine, caplog):
    def refuse(connection, *_):
        raise OSError

    event.listen(engine, "begin", refuse)
    begun = time.perf_counter()
    note_seen(engine, by=CENTRE, page="visits")
    assert time.perf_counter() - begun < 0.02
    assert not WRITER.flush(1.0)
    assert "audit rows wait" in caplog.text
    event.remove(engine, "begin", refuse)
    time.sleep(0.1)
    assert [row.subject for row in rows(engine)] == ["visits"]


def test_what_no_longer_fits_is_counted(engine, monkeypatch):
    monkeypatch.setattr(audit_writer, "MOST", 3)
    with write_transaction(engine):
        for number in range(10):
            note_seen(engine, by=CENTRE, page="visits", subject_key=str(number))
    found = rows(engine)
    gap = [json.loads(row.detail)["lost"] for row in found if row.action == "audit_gap"]
    assert sum(gap) + len(found) - len(gap) == 10
    assert gap


def test_export_is_on_the_disk_before_the_file_is_given_out(engine):
    note_export(engine, by=CENTRE, name="early_warning", kind="xlsx", about="电话13800138000 的村")
    with read_transaction(engine) as connection:
        row = connection.execute(select(AuditEvent.__table__)).one()
    assert (row.action, row.subject, row.by) == ("export", "early_warning", "local_centre")
    assert "13800138000" not in row.detail


def test_refused_action_leaves_a_row_of_its_own_and_nothing_else(engine):
    with pytest.raises(RefusedError), acting(engine, by=LEADER, action="import_records") as act:
        act.audit("incidents")
    with pytest.raises(FormRefusedError), acting(engine, by=CENTRE, action="take_step"):
        raise FormRefusedError([problem("not_found", "incident", id=5)])
    with pytest.raises(FormRefusedError), acting(engine, by=CENTRE, action="take_step"):
        raise FormRefusedError([problem("missing", "note")])  # a slip of the pen is no attempt
    found = rows(engine)
    assert [(row.by, row.action, row.is_refused, row.address) for row in found] == [
        ("local_leader", "import_records", True, None), ("local_centre", "take_step", True, "10.1.2.3")]
    assert json.loads(found[1].detail) == {"reason": "not_found"}


def test_flood_of_the_same_refusal_is_counted(engine):
    for _ in range(1000):
        note_refused(engine, by="administrator", action="sign_in", reason="password", address="10.9.9.9")
    note_refused(engine, by="administrator", action="sign_in", reason="password", address="10.9.9.8")
    found = rows(engine)
    assert len(found) == 3
    assert sorted(json.loads(row.detail).get("more", 0) for row in found) == [0, 0, 999]


def test_flood_of_different_refusals_is_counted_together(engine, monkeypatch):
    monkeypatch.setattr(audit_writer, "MOST_FLOODS", 10)
    for number in range(300):
        note_refused(engine, by=f"guess{number}", action="sign_in", reason="password", address="10.9.9.9")
    found = rows(engine)
    assert len(found) <= 12
    assert sum(json.loads(row.detail).get("more", 1) for row in found) == 300


def test_what_a_stranger_typed_is_not_kept(engine):
    with write_transaction(engine) as connection:
        connection.execute(insert(Account), [{
            "code": "known", "title": "t", "role": Role.LEADER.value, "post_code": None, "area_code": None,
            "unit_code": None, "is_active": True}])
    hostile = 'Sommer2026!\r\n{"by":"admin"}\u202e<script>'
    note_refused(engine, by=hostile, action="sign_in", reason="password", address="1.2.3.4\n5 forged", path="/a\nb\x1b[2J")
    note_refused(engine, by="known", action="sign_in", reason="password")
    first, second = rows(engine)
    assert first.by == "nobody"
    assert json.loads(first.detail)["typed"] == "So***"
    assert "Sommer" not in str(first)
    for text in (first.by, first.address, *json.loads(first.detail).values()):
        assert str(text).isprintable()
    assert len(first.address) <= 45
    assert second.by == "known"


def test_many_threads_lose_nothing(engine):
    def work(name):
        for number in range(40):
            note_seen(engine, by=Scope(account=name, role=Role.CENTRE), page="visits", subject_key=str(number))

    threads = [Thread(target=work, args=(f"post_{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(rows(engine)) == 320


def test_nothing_is_raised_whatever_is_wrong_and_the_log_is_told(engine, monkeypatch, caplog):
    monkeypatch.setattr(audit_trail, "_make", None)
    note_seen(engine, by=CENTRE, page="visits")
    note_export(engine, by=None, name="x")
    note_refused(engine, by=None, action="sign_in", reason="x")
    assert len([one for one in caplog.records if one.name == "govdesk.audit"]) == 3
    assert rows(engine) == []
