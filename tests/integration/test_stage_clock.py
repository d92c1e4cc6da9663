"""Clocks of the stages as the steps of the product start, stop, move and end them."""

# ruff: noqa: DTZ001 - naive times are those on the wall
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, insert, select, update

from govdesk import settings
from govdesk.actions.registering import register_record
from govdesk.actions.take_step import StepRefusedError, take_step
from govdesk.actions.undo_import import undo_import
from govdesk.clock import now
from govdesk.queries.stage_clocks import read_clock_facts
from govdesk.rules.access import SYSTEM, Scope
from govdesk.rules.step_needs import Wanted
from govdesk.settings import get_settings
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.storage.time_limits import DELIVERED, read_calendar
from govdesk.tables import Incident, Step
from govdesk.terms import Role, StepKind
from tests.support.brute_clock import find_deadline_by_hand
from tests.support.only_reported import add_accounts, make_fresh

CENTRE = Scope(account="local_centre", role=Role.CENTRE)
DEPUTY = Scope(account="deputy", role=Role.CENTRE)
LAND = Scope(account="land", role=Role.DEPARTMENT, unit_code="U-LAND")


@pytest.fixture
def engine(tiny_engine):
    add_accounts(tiny_engine, DEPUTY, LAND)
    return tiny_engine


@pytest.fixture
def at(monkeypatch):
    """Set the clock of the whole product to a wall time in Shanghai."""
    def set_now(wall):
        monkeypatch.setenv("GOVDESK_NOW", f"{wall}+08:00")
        settings.get_settings.cache_clear()
    return set_now


@pytest.fixture
def incident(engine):
    """A petition without severity that was only reported, by a file."""
    return make_fresh(engine, stream="petition", category="petition_land", severity=None, due_given_at=None)


def step(engine, by, number, kind, **more):
    with read_transaction(engine) as connection:
        key = f"key-{connection.scalar(select(func.count()).select_from(Step)):0>6}"
    return take_step(engine, by=by, incident_id=number, wanted=Wanted(StepKind(kind), **more), form_key=key)


def due(engine, number):
    """Return the deadline as wall time in Shanghai."""
    with read_transaction(engine) as connection:
        found = connection.scalar(select(Incident.due_at).where(Incident.id == number))
    return None if found is None else found.astimezone(ZoneInfo("Asia/Shanghai")).strftime("%Y-%m-%dT%H:%M:%S")



def by_hand(amount, unit, entered, *pauses):
    spans = [tuple(datetime.fromisoformat(one) for one in pause) for pause in pauses]
    return find_deadline_by_hand(amount, unit, datetime.fromisoformat(entered), spans).isoformat()


def limits(engine, number):
    with read_transaction(engine) as connection:
        return connection.execute(select(Step.kind, Step.time_limit).where(
            Step.incident_id == number).order_by(Step.id)).all()


def keys(error):
    return [one.key for one in error.value.problems]


def accepted(engine, at, number):
    at("2026-09-28T09:00:00")
    step(engine, CENTRE, number, "dispatch", unit_code="U-LAND")
    at("2026-09-29T10:00:00")
    step(engine, LAND, number, "accept")


def test_each_stage_starts_when_it_is_entered_and_not_at_submission(engine, at, incident):
    at("2026-09-28T09:00:00")
    step(engine, CENTRE, incident, "dispatch", unit_code="U-LAND")
    assert due(engine, incident) == by_hand(1, "working_days", "2026-09-28T09:00:00") == "2026-09-29T18:00:00"
    at("2026-09-30T11:00:00")  # National Day begins the day after
    step(engine, LAND, incident, "accept")
    assert due(engine, incident) == by_hand(60, "days", "2026-09-30T11:00:00") == "2026-11-30T23:59:59"
    at("2026-10-09T10:00:00")
    step(engine, LAND, incident, "answer", note="已答复")
    assert due(engine, incident) == by_hand(5, "working_days", "2026-10-09T10:00:00") == "2026-10-15T18:00:00"
    assert limits(engine, incident) == [
        ("dispatch", "1 working_days"), ("accept", "60 days"), ("answer", "5 working_days")]


def test_what_is_registered_starts_the_clock_of_triage_now_and_is_undone_with_its_record(engine, at):
    at("2026-10-09T17:30:00")
    done = register_record(engine, by=SYSTEM, about="incidents", form_key="clock-0001", values={
        "place_code": "990101001001", "stream": "request", "category": "request_road", "channel": "visit",
        "occurred_on": datetime(2026, 9, 1).date(), "severity": 2})
    assert due(engine, done.row_id) == by_hand(4, "working_hours", "2026-10-09T17:30:00") == "2026-10-10T11:30:00"
    assert limits(engine, done.row_id) == [("report", "4 working_hours")]
    with read_transaction(engine) as connection:
        batch = connection.scalar(select(Incident.batch_id).where(Incident.id == done.row_id))
    undo_import(engine, by=SYSTEM, batch_id=batch, reason="试录", commit=True)
    with read_transaction(engine) as connection:
        assert connection.scalars(select(Step.is_withdrawn).where(Step.incident_id == done.row_id)).all() == [True]


def test_a_severity_given_in_triage_decides_the_next_limit(engine, at, incident):
    at("2026-11-16T09:00:00")
    step(engine, CENTRE, incident, "triage", severity=1)
    assert due(engine, incident) is None  # a file brought it: its clock of triage is not ours
    step(engine, CENTRE, incident, "dispatch", unit_code="U-LAND")
    assert due(engine, incident) == "2026-11-16T11:00:00"


def test_a_pause_stops_the_clock_and_moves_its_deadline(engine, at, incident):
    accepted(engine, at, incident)
    assert due(engine, incident) == by_hand(60, "days", "2026-09-29T10:00:00")
    at("2026-10-12T15:00:00")
    step(engine, LAND, incident, "pause", reason="party_absent")
    assert due(engine, incident) is None
    at("2026-10-15T09:00:00")
    with read_transaction(engine) as connection:
        facts = read_clock_facts(connection, CENTRE, incident, now(), read_calendar())
    assert (facts.due_at, facts.n_paused_days, facts.clock.status) == (None, 3, "paused")
    step(engine, LAND, incident, "resume")
    pause = ("2026-10-12T15:00:00", "2026-10-15T09:00:00")
    assert due(engine, incident) == by_hand(60, "days", "2026-09-29T10:00:00", pause) == "2026-12-01T23:59:59"
    with read_transaction(engine) as connection:
        assert read_clock_facts(connection, CENTRE, incident, now(), read_calendar()).n_paused_days == 3


def test_an_extension_is_granted_by_another_post_once_and_within_the_table(engine, at, incident):
    accepted(engine, at, incident)
    with pytest.raises(StepRefusedError) as error:
        step(engine, LAND, incident, "ask_extend", note="等勘界", extension=31)
    assert keys(error) == ["too_much"]
    step(engine, LAND, incident, "ask_extend", note="等勘界", extension=10)
    assert due(engine, incident) == "2026-11-30T23:59:59"  # the 28th is a Saturday
    step(engine, CENTRE, incident, "extend")
    assert due(engine, incident) == "2026-12-10T23:59:59"
    with pytest.raises(StepRefusedError) as error:
        step(engine, LAND, incident, "ask_extend", note="再等")
    assert keys(error) == ["extended"]


def test_an_extension_granted_during_a_pause_counts_when_it_ends(engine, at, incident):
    accepted(engine, at, incident)
    step(engine, LAND, incident, "ask_extend", note="等勘界")
    at("2026-10-12T15:00:00")
    step(engine, LAND, incident, "pause", reason="appraisal")
    step(engine, CENTRE, incident, "extend")
    assert due(engine, incident) is None
    at("2026-10-13T09:00:00")
    step(engine, LAND, incident, "resume")
    assert due(engine, incident) == "2026-12-30T23:59:59"


def test_a_stage_that_the_table_does_not_extend_is_refused(engine, at, incident):
    with write_transaction(engine) as connection:  # accepted by a file: the deadline is not ours
        connection.execute(insert(Step).values(
            incident_id=incident, source="file", source_ref="F1", content_hash="0", kind="accept", occurred_at=now(),
            recorded_at=now(), unit_code="U-LAND"))
        connection.execute(update(Incident).where(Incident.id == incident).values(
            status="accepted", handling_unit="U-LAND"))
    with pytest.raises(StepRefusedError) as error:
        step(engine, LAND, incident, "ask_extend", note="等勘界")
    assert keys(error) == ["no_extension"]


def test_a_second_dispatch_to_the_same_unit_and_a_second_answer_start_nothing_anew(engine, at, incident):
    accepted(engine, at, incident)
    at("2026-10-09T10:00:00")
    step(engine, LAND, incident, "answer", note="已答复")
    at("2026-10-12T10:00:00")
    step(engine, LAND, incident, "answer", note="补充")
    assert due(engine, incident) == "2026-10-15T18:00:00"
    step(engine, CENTRE, incident, "dispatch", unit_code="U-LAND")  # back to the stage of accepting: it is entered
    assert due(engine, incident) == "2026-10-13T18:00:00"
    at("2026-10-13T10:00:00")
    step(engine, CENTRE, incident, "dispatch", unit_code="U-LAND")
    assert due(engine, incident) == "2026-10-13T18:00:00"
    step(engine, CENTRE, incident, "dispatch", unit_code="U-CENTRE")
    assert due(engine, incident) == "2026-10-14T18:00:00"


def test_a_changed_table_moves_no_running_clock(engine, at, incident):
    accepted(engine, at, incident)
    own = get_settings().var / "time_limits.csv"
    own.write_text((DELIVERED / "time_limits.csv").read_text("utf-8").replace("petition,,60,", "petition,,6,"), "utf-8")
    at("2026-10-12T15:00:00")
    step(engine, LAND, incident, "pause", reason="court")
    at("2026-10-14T15:00:00")
    step(engine, LAND, incident, "resume")
    assert due(engine, incident) == "2026-11-30T23:59:59"
    step(engine, LAND, incident, "answer", note="已答复")
    step(engine, CENTRE, incident, "dispatch", unit_code="U-LAND")
    step(engine, LAND, incident, "accept")
    assert due(engine, incident) == "2026-10-20T23:59:59"


def test_a_stage_without_a_limit_has_no_deadline_and_not_that_of_the_stage_before(engine, at, incident):
    own = get_settings().var / "time_limits.csv"
    text = (DELIVERED / "time_limits.csv").read_text("utf-8")
    own.write_text(text.replace("close,petition,,5,working_days", "close,petition,,,none"), "utf-8")
    accepted(engine, at, incident)
    step(engine, LAND, incident, "answer", note="已答复")
    assert due(engine, incident) is None
    step(engine, LAND, incident, "pause", reason="court")
    step(engine, LAND, incident, "resume")
    assert due(engine, incident) is None
    assert limits(engine, incident)[2] == ("answer", "none")


def test_a_reopened_incident_has_a_new_clock(engine, at, incident):
    accepted(engine, at, incident)
    step(engine, LAND, incident, "answer", note="已答复")
    step(engine, CENTRE, incident, "close", outcome="settled", level="village")
    at("2026-11-16T10:00:00")
    step(engine, CENTRE, incident, "reopen", note="回访未化解")
    assert due(engine, incident) == "2026-11-17T18:00:00"
