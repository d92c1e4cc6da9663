"""Urging: each level once for each deadline, whoever runs it, however often; never what was imported overdue."""


import json
import multiprocessing
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import jsonschema
import pytest
from sqlalchemy import func, select, update
from typer.testing import CliRunner

from govdesk import settings
from govdesk.actions import urge_overdue as module
from govdesk.actions import urge_tick
from govdesk.actions.take_step import StepRefusedError, take_step
from govdesk.actions.urge_overdue import urge_overdue
from govdesk.cli import app
from govdesk.queries.stage_clocks import list_urgeable
from govdesk.rules.access import SYSTEM, RefusedError, Scope
from govdesk.rules.step_needs import Wanted
from govdesk.settings import ROOT, get_settings
from govdesk.storage.engine import get_engine, read_transaction, write_transaction
from govdesk.storage.weekly_counts import rebuild
from govdesk.tables import AuditEvent, Incident, Step
from govdesk.terms import Role, StepKind
from tests.support import tiny_county
from tests.support.only_reported import add_accounts

CENTRE = Scope(account="local_centre", role=Role.CENTRE)
LAND = Scope(account="land", role=Role.DEPARTMENT, unit_code="U-LAND")


@pytest.fixture
def at(monkeypatch):
    def set_now(wall):
        monkeypatch.setenv("GOVDESK_NOW", f"{wall}+08:00")
        settings.get_settings.cache_clear()
    return set_now


@pytest.fixture
def engine(tiny_engine):
    add_accounts(tiny_engine, LAND)
    return tiny_engine


@pytest.fixture
def incident(engine, at):
    """Dispatched on Monday 16 November 2026 at 9: to be accepted by Tuesday 18:00."""
    numbers = make(engine, at, 1)
    return numbers[0]


def make(engine, at, n):
    with write_transaction(engine) as connection:
        numbers = list(connection.scalars(select(Incident.id).order_by(Incident.id.desc()).limit(n)))
        connection.execute(Step.__table__.delete().where(Step.incident_id.in_(numbers)))
        connection.execute(update(Incident).where(Incident.id.in_(numbers)).values(
            status="reported", closed_at=None, week_closed=None, outcome=None, handling_unit=None, stream="request",
            category="request_road", merged_into=None, is_counted=1, weight=1, n_steps=0, concerns_unit=None,
            severity=3, due_at=None, due_given_at=None))
        rebuild(connection)
    at("2026-11-16T09:00:00")
    for number in numbers:
        step(engine, CENTRE, number, "dispatch", unit_code="U-LAND")
    return numbers


def step(engine, by, number, kind, **more):
    with read_transaction(engine) as connection:
        key = f"key-{connection.scalar(select(func.count()).select_from(Step)):0>6}"
    return take_step(engine, by=by, incident_id=number, wanted=Wanted(StepKind(kind), **more), form_key=key)


def urges(engine, number):
    """Return the levels in the order in which they were written."""
    with read_transaction(engine) as connection:
        return list(connection.scalars(select(Step.urge_level).where(
            Step.incident_id == number, Step.kind == "urge").order_by(Step.id)))


def run(engine):
    return urge_overdue(engine, by=SYSTEM).levels


def test_each_level_once_however_often_the_scheduler_runs(engine, at, incident):
    # Known fault of others: each run of the scheduler urges again.
    seen = []
    for wall in ("2026-11-17T18:00:00", "2026-11-17T18:00:01", "2026-11-17T19:00:00", "2026-11-18T18:00:00",
                 "2026-11-18T18:00:01", "2026-11-20T18:00:00", "2026-11-20T18:01:00", "2026-12-01T10:00:00"):
        at(wall)
        run(engine)
        run(engine)
        seen.append(list(urges(engine, incident)))
    assert seen == [[], [1], [1], [1], [1, 2], [1, 2], [1, 2, 3], [1, 2, 3]]


def test_levels_that_passed_at_once_are_each_written_once(engine, at, incident):
    at("2026-11-25T09:00:00")
    assert run(engine) == Counter({1: 1, 2: 1, 3: 1})
    assert run(engine) == Counter()
    with read_transaction(engine) as connection:
        rows = connection.execute(select(Step.by_post, Step.unit_code, Step.of_step, Step.source_ref).where(
            Step.kind == "urge").order_by(Step.id)).all()
        start = connection.scalar(select(Step.id).where(Step.incident_id == incident, Step.kind == "dispatch"))
        assert connection.scalar(select(Incident.status).where(Incident.id == incident)) == "dispatched"
    assert [tuple(row) for row in rows] == [
        ("system", "U-LAND", start, f"urge-{incident}-{start}-1"), ("system", None, start, f"urge-{incident}-{start}-2"),
        ("system", None, start, f"urge-{incident}-{start}-3")]


def check_several_at_once(engine, at):
    numbers = make(engine, at, 12)
    at("2026-11-18T19:00:00")
    barrier = threading.Barrier(4)

    def go(_):
        barrier.wait()
        return run(engine)

    with ThreadPoolExecutor(4) as pool:
        done = sum(pool.map(go, range(4)), Counter())
    assert done == Counter({1: 12, 2: 12})
    assert [urges(engine, number) for number in numbers] == [[1, 2]] * 12


def test_several_at_once_write_each_level_once(engine, at):
    check_several_at_once(engine, at)


@pytest.mark.postgres
def test_several_at_once_write_each_level_once_on_postgresql(postgres_engine, at, monkeypatch):
    tiny_county.build(postgres_engine, n_incidents=60)
    monkeypatch.setenv("GOVDESK_DATABASE_URL", postgres_engine.url.render_as_string(hide_password=False))
    check_several_at_once(postgres_engine, at)


def test_two_processes_at_once_write_each_level_once(engine, at):
    numbers = make(engine, at, 12)
    at("2026-11-18T19:00:00")
    engine.dispose()
    forked = multiprocessing.get_context("fork")
    barrier = forked.Barrier(2)

    def go():
        get_engine.cache_clear()  # a connection belongs to the process that opened it
        mine = get_engine()
        barrier.wait(10)
        urge_overdue(mine, by=SYSTEM)

    processes = [forked.Process(target=go) for _ in range(2)]
    for one in processes:
        one.start()
    for one in processes:
        one.join(60)
    assert [one.exitcode for one in processes] == [0, 0]
    assert [urges(engine, number) for number in numbers] == [[1, 2]] * 12


def test_after_a_crash_in_between_nothing_is_lost_and_nothing_doubled(engine, at, monkeypatch):
    numbers = make(engine, at, 12)
    at("2026-11-18T19:00:00")
    real, calls = module.append_step, []

    def crash(act, number, new):
        calls.append(number)
        if len(calls) == 15:  # in the second transaction
            raise KeyboardInterrupt
        return real(act, number, new)

    monkeypatch.setattr(module, "append_step", crash)
    with pytest.raises(KeyboardInterrupt):
        run(engine)
    monkeypatch.setattr(module, "append_step", real)
    assert sum(len(urges(engine, number)) for number in numbers) == 10
    run(engine)
    assert [urges(engine, number) for number in numbers] == [[1, 2]] * 12


def test_a_stage_that_was_entered_anew_has_levels_of_its_own(engine, at, incident):
    at("2026-11-17T19:00:00")
    run(engine)
    step(engine, LAND, incident, "accept")  # to be handled within 5 working days
    at("2026-11-24T17:59:00")
    assert run(engine) == Counter()
    at("2026-11-24T18:00:01")
    assert run(engine) == Counter({1: 1})
    assert urges(engine, incident) == [1, 1]


def test_what_is_paused_or_closed_is_not_urged(engine, at, incident):
    step(engine, LAND, incident, "accept")
    step(engine, LAND, incident, "pause", reason="court")
    at("2027-01-20T10:00:00")
    assert run(engine) == Counter()
    step(engine, LAND, incident, "resume")
    step(engine, LAND, incident, "answer", note="好了")
    step(engine, CENTRE, incident, "close", outcome="settled", level="village")
    at("2027-06-01T10:00:00")
    assert run(engine) == Counter()


def test_a_deadline_that_a_pause_moved_ahead_is_urged_anew_and_one_that_was_over_is_not(engine, at, incident):
    at("2026-11-17T10:00:00")
    step(engine, LAND, incident, "accept")  # until Tuesday 24 November 18:00
    at("2026-11-25T09:00:00")
    assert run(engine) == Counter({1: 1})
    step(engine, LAND, incident, "pause", reason="party_absent")  # the deadline was over: a pause does not save it
    at("2026-11-25T11:00:00")
    step(engine, LAND, incident, "resume")
    assert run(engine) == Counter()
    at("2026-11-25T18:00:01")
    assert run(engine) == Counter({2: 1})
    step(engine, LAND, incident, "ask_extend", note="等材料")
    step(engine, CENTRE, incident, "extend")  # 5 working days from the 24th: until 1 December
    assert run(engine) == Counter()
    at("2026-12-01T18:00:01")
    assert run(engine) == Counter({1: 1})
    assert urges(engine, incident) == [1, 2, 1]


def test_what_was_imported_overdue_is_not_urged(engine, at, incident):
    at("2026-11-17T19:00:00")
    with read_transaction(engine) as connection:
        n_late = connection.scalar(select(func.count()).select_from(Incident).where(
            Incident.week_closed.is_(None), Incident.due_at < module.now()))
        listed = list_urgeable(connection, module.now())
    assert n_late > 5
    assert listed == [incident]
    assert run(engine) == Counter({1: 1})


@pytest.mark.parametrize("change", [{"is_counted": 0}, {"weight": -1}])
def test_what_was_merged_withdrawn_or_corrects_is_not_urged(engine, at, incident, change):
    with write_transaction(engine) as connection:
        connection.execute(update(Incident).where(Incident.id == incident).values(**change))
    at("2026-11-25T09:00:00")
    assert run(engine) == Counter()


def test_an_urging_meanwhile_does_not_refuse_who_looked_before(engine, at, incident):
    at("2026-11-18T19:00:00")
    run(engine)
    done = take_step(engine, by=LAND, incident_id=incident, wanted=Wanted(StepKind.ACCEPT), form_key="key-seen-1", seen=1)
    assert done.status == "accepted"
    with pytest.raises(StepRefusedError) as error:  # but the acceptance moves it
        take_step(engine, by=LAND, incident_id=incident, wanted=Wanted(StepKind.ANSWER, note="好了"),
                  form_key="key-seen-2", seen=3)
    assert [one.key for one in error.value.problems] == ["moved_on"]


def test_a_second_look_at_what_is_done_reads_no_steps(engine, at, incident, monkeypatch):
    at("2026-11-25T09:00:00")
    run(engine)
    monkeypatch.setattr(module, "read_clock_steps", None)
    assert run(engine) == Counter()


def test_the_first_are_urged_before_the_last_are_looked_at(engine, at, monkeypatch):
    # Thousands that came due while no server ran: the look alone took the better part of a minute.
    first, last = sorted(make(engine, at, 2))
    at("2026-11-18T09:00:00")
    monkeypatch.setattr(module, "_LOOK", 1)
    look = module._look

    def fail_at_last(connection, number, **more):
        if number == last:
            raise InterruptedError
        return look(connection, number, **more)

    monkeypatch.setattr(module, "_look", fail_at_last)
    with pytest.raises(InterruptedError):
        urge_overdue(engine, by=SYSTEM)
    assert (urges(engine, first), urges(engine, last)) == ([1], [])


def test_the_command_says_what_it_would_do_and_does_it_with_commit(engine, at, incident, tmp_path):
    at("2026-11-18T19:00:00")
    schema = json.loads((ROOT / "docs" / "schemas" / "urge-report.json").read_text(encoding="utf-8"))
    told = []
    for words in (["urge-overdue"], ["urge-overdue", "--commit"], ["urge-overdue", "--commit"]):
        path = tmp_path / "report.json"
        done = CliRunner().invoke(app, [*words, "--report", str(path)])
        assert done.exit_code == 0, done.output
        told.append(json.loads(path.read_text(encoding="utf-8")))
        jsonschema.validate(told[-1], schema)
    assert [(one["incidents"], one["unit"], one["centre"], one["committed"]) for one in told] == [
        (1, 1, 1, False), (1, 1, 1, True), (0, 0, 0, True)]
    assert urges(engine, incident) == [1, 2]
    (get_settings().var / "clocks.toml").write_text("office_hours = 3", encoding="utf-8")
    refused = CliRunner().invoke(app, ["urge-overdue", "--report", str(path)])
    assert refused.exit_code == 2
    assert "clocks.toml: office_hours" in refused.output
    jsonschema.validate(json.loads(path.read_text(encoding="utf-8")), schema)


def test_only_the_system_urges(engine):
    with pytest.raises(RefusedError):
        urge_overdue(engine, by=CENTRE)


def test_each_urge_has_its_audit_row(engine, at, incident):
    at("2026-11-18T19:00:00")
    run(engine)
    with read_transaction(engine) as connection:
        rows = connection.scalars(select(AuditEvent.subject_key).where(
            AuditEvent.action == "urge_overdue", AuditEvent.subject_key.is_not(None))).all()
    assert len(rows) == 2


def test_the_tick_urges_survives_a_fault_and_does_not_run_on_a_fixed_clock(engine, at, incident, monkeypatch, caplog):
    at("2026-11-18T19:00:00")
    with urge_tick.urging(0.01):
        assert [one.name for one in threading.enumerate() if one.name == "urging"] == []
    monkeypatch.setattr(urge_tick, "urge_overdue", lambda *_, **__: 1 / 0)
    urge_tick.look_once()
    assert "could not be urged" in caplog.text
    looked = threading.Event()
    monkeypatch.setattr(urge_tick, "urge_overdue", lambda *_, **__: looked.set())
    monkeypatch.delenv("GOVDESK_NOW")
    settings.get_settings.cache_clear()
    with urge_tick.urging(0.01):
        assert looked.wait(5)
    assert [one.name for one in threading.enumerate() if one.name == "urging"] == []
