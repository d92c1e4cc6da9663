"""Sealing and verifying on a database: blocks, anchor, planted faults, guards, retention."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError
from typer.testing import CliRunner

from govdesk.actions.acting import acting
from govdesk.actions.remove_old_audit import AuditFaultyError, remove_old_audit
from govdesk.actions.seal_audit import anchor_path, check_audit, seal_events, verify_audit
from govdesk.cli import app
from govdesk.queries.audit_log import AuditFilter, count_audit_events, list_audit_events, read_chain_state
from govdesk.rules.access import SYSTEM, RefusedError, Scope
from govdesk.rules.audit_seal import MOST_EVENTS, Fault
from govdesk.settings import get_settings
from govdesk.storage.audit_anchor import read_anchor
from govdesk.storage.engine import get_engine, read_transaction, write_transaction
from govdesk.tables import AuditBlock, AuditEvent
from govdesk.terms import Role
from tests.support import empty_county
from tests.support.tiny_county import NOW

GUARDS = ("audit_events_never_change", "audit_events_go_in_time", "audit_blocks_never_change",
          "audit_blocks_removed_once", "audit_blocks_never_go")


def _make(engine):
    empty_county.build(engine)
    return engine


@pytest.fixture
def empty(empty_engine):
    """Return an engine on a database without any data."""
    return _make(empty_engine)


def act(engine, n: int = 3) -> None:
    with acting(engine, by=SYSTEM, action="rebuild_counts") as done:
        for number in range(n):
            done.audit("weekly_counts", number)


def events(engine) -> list[int]:
    with read_transaction(engine) as connection:
        return list(connection.scalars(select(AuditEvent.id).order_by(AuditEvent.id)))


def faults(engine) -> list[Fault]:
    return list(check_audit(engine, by=SYSTEM).faults)


def as_a_thief(engine, *statements: str) -> None:
    """Run statements as somebody who owns the database: the guards are dropped first."""
    with write_transaction(engine) as connection:
        for name in GUARDS:
            connection.execute(text(f"DROP TRIGGER IF EXISTS {name}"))
        for statement in statements:
            connection.execute(text(statement))


def years_later(monkeypatch, days: int) -> None:
    monkeypatch.setenv("GOVDESK_NOW", (NOW + timedelta(days=days)).isoformat())
    get_settings.cache_clear()


def test_sealing_covers_every_event_and_says_so_beside_the_database(empty):
    act(empty, 4)
    assert seal_events(empty, by=SYSTEM) == 4
    assert seal_events(empty, by=SYSTEM) == 0
    act(empty, MOST_EVENTS + 2)
    assert seal_events(empty, by=SYSTEM) == MOST_EVENTS + 2
    with read_transaction(empty) as connection:
        blocks = connection.execute(select(AuditBlock.n_events, AuditBlock.previous, AuditBlock.seal)).all()
    assert [block.n_events for block in blocks] == [4, MOST_EVENTS, 2]
    assert [block.previous for block in blocks] == ["", blocks[0].seal, blocks[1].seal]
    assert [line.seal for line in read_anchor(anchor_path())] == [block.seal for block in blocks]
    assert anchor_path().stat().st_mode & 0o777 == 0o600
    found = check_audit(empty, by=SYSTEM)
    assert (found.n_events, found.n_open, found.faults) == (MOST_EVENTS + 6, 0, ())


@pytest.mark.parametrize(("statement", "expected"), [
    ("DELETE FROM audit_events WHERE id = 2", [Fault("event_removed", 1, 2)]),
    ("UPDATE audit_events SET \"by\" = 'nobody' WHERE id = 2", [Fault("event_changed", 1, 2)]),
    ("UPDATE audit_events SET id = CASE id WHEN 1 THEN -2 ELSE -1 END WHERE id IN (1, 2); "
     "UPDATE audit_events SET id = -id WHERE id < 0", [Fault("event_moved", 1, 1), Fault("event_moved", 1, 2)]),
    ("DELETE FROM audit_blocks WHERE id = 2", [Fault("block_removed", 2)]),
    ("UPDATE audit_blocks SET sealed_at = sealed_at - 9 WHERE id = 2", [Fault("block_changed", 2)]),
    ("DELETE FROM audit_blocks WHERE id = 3; DELETE FROM audit_events WHERE id > 6", [Fault("tail_cut", 3)]),
    ("DELETE FROM audit_blocks; DELETE FROM audit_events",
     [Fault("tail_cut", 1), Fault("tail_cut", 2), Fault("tail_cut", 3)]),
    ("DELETE FROM audit_events WHERE id < 4; UPDATE audit_blocks SET removed_at = sealed_at + 99999999 WHERE id = 1",
     [Fault("removed_early", 1)]),
])
def test_planted_fault_is_found_and_named(empty, statement, expected):
    for _ in range(3):
        act(empty)
        seal_events(empty, by=SYSTEM)
    assert faults(empty) == []
    as_a_thief(empty, *statement.split("; "))
    assert faults(empty) == expected


def test_inserted_event_is_found(empty):
    act(empty, 3)
    seal_events(empty, by=SYSTEM)
    as_a_thief(empty, "DELETE FROM audit_events WHERE id = 2")  # a number is free
    with write_transaction(empty) as connection:
        connection.execute(insert(AuditEvent).values(
            id=2, at=NOW, by="nobody", action="export", subject="x", detail="{}", is_refused=False))
    assert faults(empty) == [Fault("event_changed", 1, 2)]


def test_anchor_finds_a_tail_that_was_cut_and_grew_again(empty):
    for _ in range(3):
        act(empty)
        seal_events(empty, by=SYSTEM)
    as_a_thief(empty, "DELETE FROM audit_blocks WHERE id = 3", "DELETE FROM audit_events WHERE id > 6")
    act(empty, 5)
    seal_events(empty, by=SYSTEM)
    assert faults(empty) == [Fault("block_changed", 3)]


def test_killed_between_seal_and_anchor_is_mended_by_the_next_seal(empty, monkeypatch):
    act(empty)
    with monkeypatch.context() as patch:
        patch.setattr("govdesk.actions.seal_audit._write_anchor", lambda engine: None)
        seal_events(empty, by=SYSTEM)
    assert faults(empty) == [Fault("anchor_missing")]
    assert seal_events(empty, by=SYSTEM) == 0
    anchor_path().write_text(anchor_path().read_text() + "2 9 abc")  # half a line, as a crash leaves it
    assert faults(empty) == []
    act(empty)
    seal_events(empty, by=SYSTEM)
    assert len(read_anchor(anchor_path())) == 2
    assert faults(empty) == []


def test_new_database_in_the_same_folder_begins_its_own_anchor(empty):
    anchor_path().parent.mkdir(exist_ok=True)
    anchor_path().write_text(f"1 3 {'0' * 64}\n")
    other = empty.url.database
    empty.dispose()
    Path(other).unlink()
    get_engine.cache_clear()
    engine = get_engine()
    empty_county.build.__wrapped__(engine)  # made, not copied
    act(engine)
    seal_events(engine, by=SYSTEM)
    assert faults(engine) == []
    assert anchor_path().with_name("audit_anchor.1").exists()


@pytest.mark.parametrize("statement", [
    "UPDATE audit_events SET detail = ''", "DELETE FROM audit_events", "DELETE FROM audit_events WHERE id = 5",
    "UPDATE audit_blocks SET seal = ''", "DELETE FROM audit_blocks"])
def test_database_itself_refuses(empty, statement):
    act(empty)
    seal_events(empty, by=SYSTEM)
    act(empty)
    with pytest.raises(DBAPIError, match=r"append-only|kept for"), write_transaction(empty) as connection:
        connection.execute(text(statement))
    assert faults(empty) == []


def test_who_may_not_is_refused(empty):
    leader = Scope(account="local_leader", role=Role.LEADER)
    for call in (seal_events, check_audit, verify_audit, remove_old_audit):
        with pytest.raises(RefusedError):
            call(empty, by=leader)


def test_what_is_past_its_time_goes_and_the_chain_still_holds(empty, monkeypatch):
    act(empty)
    seal_events(empty, by=SYSTEM)
    years_later(monkeypatch, 300)
    act(empty, 2)
    seal_events(empty, by=SYSTEM)
    assert remove_old_audit(empty, by=SYSTEM).n_blocks == 0
    years_later(monkeypatch, 401)
    act(empty, 1)
    seal_events(empty, by=SYSTEM)
    tried = remove_old_audit(empty, by=SYSTEM, commit=False)
    assert (tried.n_events, tried.n_blocks) == (3, 1)
    assert len(events(empty)) == 6
    assert remove_old_audit(empty, by=SYSTEM) == tried
    assert events(empty) == [4, 5, 6, 7]  # the last one tells of the removal
    found = check_audit(empty, by=SYSTEM)
    assert (found.faults, found.n_blocks, found.n_removed) == ((), 3, 1)
    assert found.kept_from == NOW + timedelta(days=300)


def test_newest_block_stays_however_old(empty, monkeypatch):
    act(empty)
    seal_events(empty, by=SYSTEM)
    years_later(monkeypatch, 2000)
    assert remove_old_audit(empty, by=SYSTEM).n_events == 0


def test_nothing_is_removed_from_a_chain_that_was_touched(empty, monkeypatch):
    for _ in range(2):
        act(empty)
        seal_events(empty, by=SYSTEM)
    as_a_thief(empty, "DELETE FROM audit_events WHERE id = 2")
    years_later(monkeypatch, 900)
    with pytest.raises(AuditFaultyError):
        remove_old_audit(empty, by=SYSTEM)
    assert events(empty) == [1, 3, 4, 5, 6]


def test_commands_say_what_they_find(empty, tmp_path):
    act(empty)
    run = CliRunner()
    assert "to seal: 3" in run.invoke(app, ["audit-seal"]).output
    assert "sealed: 3" in run.invoke(app, ["audit-seal", "--commit"]).output
    good = run.invoke(app, ["audit-verify", "--commit"])
    assert good.exit_code == 0
    assert "untouched: 3 events in 1 blocks; 1 not sealed yet" in good.output
    copy = tmp_path / "copy"
    copy.write_bytes(anchor_path().read_bytes())
    as_a_thief(empty, "DELETE FROM audit_blocks", "DELETE FROM audit_events")
    anchor_path().unlink()
    assert run.invoke(app, ["audit-verify"]).exit_code == 0  # nobody there remembers: that is what the copy is for
    report = tmp_path / "report.json"
    bad = run.invoke(app, ["audit-verify", "--anchor", str(copy), "--report", str(report)])
    assert bad.exit_code == 3
    assert "block 1 was sealed and is gone" in bad.output
    assert json.loads(report.read_text())["faults"] == [{"kind": "tail_cut", "block": 1, "event": None}]


def test_postgres_seals_guards_and_removes(postgres_engine, monkeypatch):
    engine = _make(postgres_engine)
    act(engine)
    seal_events(engine, by=SYSTEM)
    years_later(monkeypatch, 500)
    act(engine)
    seal_events(engine, by=SYSTEM)
    for statement in ("UPDATE audit_events SET detail = ''", "DELETE FROM audit_events", "TRUNCATE audit_events",
                      "UPDATE audit_blocks SET seal = ''", "DELETE FROM audit_blocks"):
        with pytest.raises(DBAPIError, match="append-only"), write_transaction(engine) as connection:
            connection.execute(text(statement))
    assert remove_old_audit(engine, by=SYSTEM).n_events == 3
    assert faults(engine) == []


def test_postgres_never_seals_past_an_event_that_is_still_being_written(postgres_engine, monkeypatch):
    engine = _make(postgres_engine)
    monkeypatch.setattr("govdesk.actions.seal_audit._PATIENCE", "50ms")
    with write_transaction(engine) as slow:
        slow.execute(insert(AuditEvent).values(at=NOW, by="x", action="export", subject="x", detail="{}"))
        act(engine)  # has higher numbers, and is kept first
        with pytest.raises(DBAPIError, match="lock"):
            seal_events(engine, by=SYSTEM)
    assert seal_events(engine, by=SYSTEM) == 4
    assert faults(engine) == []


def test_postgres_answers_every_filter(postgres_engine):
    engine = _make(postgres_engine)
    act(engine)
    wanted = AuditFilter(0, int(NOW.timestamp()) + 9, "system", "rebuild_counts", "weekly_counts", "1")
    with read_transaction(engine) as connection:
        assert [line.id for line in list_audit_events(connection, SYSTEM, wanted).lines] == [2]
        assert count_audit_events(connection, SYSTEM, replace(wanted, only_refused=True)) == 0
        assert count_audit_events(connection, SYSTEM, AuditFilter(only_refused=True)) == 0
        assert read_chain_state(connection, SYSTEM).n_open == 3
