"""The clock replayed from steps, against a simulation that keeps the clock while it runs."""
# ruff: noqa: DTZ001 - naive times are those on the wall

import csv
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdesk.rules.clock_settings import read_clock_settings
from govdesk.rules.stage_clock import ClockStep, StageClock, find_extension_obstacle, find_urges, mark_step, read_clock
from govdesk.rules.step_cache import StepFact
from govdesk.rules.time_limits import Limit, read_limits, read_term
from govdesk.settings import ROOT
from govdesk.terms import Status
from tests.support.simulated_clock import SimulatedClock

SHANGHAI = ZoneInfo("Asia/Shanghai")
SETTINGS = read_clock_settings((ROOT / "data" / "reference" / "clocks.toml").read_text(encoding="utf-8"))
CALENDAR = SETTINGS.build_calendar("Asia/Shanghai")
with (ROOT / "data" / "reference" / "time_limits.csv").open(encoding="utf-8") as file:
    LIMITS = read_limits(list(csv.DictReader(file)))
SEVEN = {Status.REPORTED: "triage", Status.DISPATCHED: "accept", Status.ACCEPTED: "handle", Status.ANSWERED: "close"}
FIVE = {Status.REPORTED: "triage", Status.DISPATCHED: "handle", Status.ACCEPTED: "handle", Status.ANSWERED: "handle"}
moves = st.lists(st.tuples(st.integers(0, 100), st.sampled_from([1, 50, 600, 1500, 7000]),
                           st.sampled_from(["A", "B"])), max_size=16)


def seconds(wall):
    return int(wall.replace(tzinfo=SHANGHAI).timestamp())


def wall(instant):
    return instant.astimezone(SHANGHAI).replace(tzinfo=None)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([SEVEN, FIVE]), st.integers(0, 700_000), moves)
def test_deadlines_are_those_of_a_clock_that_is_kept_while_it_runs(stages, minute, wanted):
    at = datetime(2025, 1, 1) + timedelta(minutes=minute)
    steps, known = [], SimulatedClock(stages, at)

    def append(kind, unit=None, asked=None):
        number = len(steps) + 1
        new = ClockStep(number, StepFact(kind, seconds(at), unit=unit, taken=number), asked)
        mark = mark_step(steps, new, stream="hazard", severity=None, stages=stages, limits=LIMITS, calendar=CALENDAR)
        due = None if mark.due_at is None else int(mark.due_at.timestamp())
        steps.append(ClockStep(number, StepFact(kind, seconds(at), due_at=due, unit=unit, taken=number),
                               mark.time_limit))

    append("report")
    for n, (choice, minutes, unit) in enumerate(wanted):
        at += timedelta(minutes=minutes)
        allowed = known.list_allowed()
        kind = ["dispatch", "accept"][n] if n < 2 else allowed[choice % len(allowed)]
        known.take(kind, at, unit)
        append(kind, unit if kind == "dispatch" else None, "10 working_days" if kind == "ask_extend" else None)
        assert known.status != "paused" or steps[-1].fact.due_at is None
        expected = known.due(at)
        if expected is not None:
            dated = [step.fact.due_at for step in steps if step.fact.due_at is not None]
            assert wall(datetime.fromtimestamp(dated[-1], UTC)) == expected
    clock = read_clock(steps, stages)
    assert (clock.status, clock.stage) == (known.status, known.stage)
    assert (clock.paused_at is not None) == (known.status == "paused")


def at(text):
    return int(datetime.fromisoformat(f"{text}+08:00").timestamp())


def given_step(number, kind, text, **more):
    fields = {name: more.pop(name) for name in ("due_at", "unit") if name in more}
    return ClockStep(number, StepFact(kind, at(text), taken=more.pop("taken", number), **fields), **more)


def urged(*steps, due="2026-11-17T18:00", now="2026-12-31T10:00"):
    clock = read_clock(steps, SEVEN)
    return find_urges(clock, datetime.fromtimestamp(at(due), UTC), datetime.fromtimestamp(at(now), UTC), SETTINGS, CALENDAR)


def test_a_clock_of_a_file_is_not_urged():
    ours = given_step(1, "dispatch", "2026-11-16T09:00", due_at=at("2026-11-17T18:00"), time_limit="1 working_days")
    theirs = given_step(1, "dispatch", "2026-11-16T09:00", due_at=at("2026-11-17T18:00"), taken=0)
    later = given_step(2, "refer_up", "2026-11-17T09:00", due_at=at("2026-11-17T18:00"), taken=0)
    assert urged(ours) == [1, 2, 3]
    assert urged(theirs) == []
    assert urged(ours, later) == []
    assert read_clock([ours, later], SEVEN).term is None
    assert urged() == []


def test_a_clock_that_stands_still_is_not_urged():
    ours = given_step(1, "accept", "2026-11-16T09:00", due_at=at("2026-11-17T18:00"), time_limit="1 working_days")
    assert urged(ours, given_step(2, "pause", "2026-11-16T10:00")) == []


def test_the_leader_is_not_urged_before_the_centre():
    ours = given_step(1, "dispatch", "2026-11-16T09:00", due_at=at("2026-11-17T18:00"), time_limit="1 working_days")
    quick = replace(SETTINGS, centre_after=read_term("5 days"), leader_after=read_term("1 hours"))
    clock, due = read_clock([ours], SEVEN), datetime.fromtimestamp(at("2026-11-17T18:00"), UTC)
    assert find_urges(clock, due, due + timedelta(days=2), quick, CALENDAR) == [1]
    assert find_urges(clock, due, due + timedelta(days=7), quick, CALENDAR) == [1, 2, 3]


@pytest.mark.parametrize(("now", "levels"), [
    ("2026-11-17T18:00:00", []), ("2026-11-17T18:00:01", [1]), ("2026-11-18T18:00:00", [1]), ("2026-11-18T18:00:01", [1, 2]),
    ("2026-11-20T18:00:01", [1, 2, 3]),
])
def test_levels_follow_their_terms_after_the_deadline(now, levels):
    ours = given_step(1, "dispatch", "2026-11-16T09:00", due_at=at("2026-11-17T18:00"), time_limit="1 working_days")
    assert urged(ours, now=now) == levels


def test_levels_of_another_deadline_do_not_count():
    ours = given_step(3, "dispatch", "2026-11-16T09:00", due_at=at("2026-11-17T18:00"), time_limit="1 working_days")
    old = given_step(4, "urge", "2026-11-18T09:00", urge_level=1, of_step=2)
    done = given_step(5, "urge", "2026-11-18T09:00", urge_level=1, of_step=3)
    assert urged(ours, old) == [1, 2, 3]
    assert urged(ours, done) == [2, 3]


def test_withdrawn_steps_do_not_count():
    ours = given_step(1, "dispatch", "2026-11-16T09:00", due_at=at("2026-11-17T18:00"), time_limit="1 working_days")
    gone = ClockStep(2, StepFact("close", at("2026-11-16T10:00"), is_withdrawn=True, taken=2))
    assert urged(ours, gone) == [1, 2, 3]


@pytest.mark.parametrize(("clock", "limit", "asked", "obstacle"), [
    ({}, "60 days", None, "no_extension"), ({"term": "60 days"}, None, None, "no_extension"),
    ({"term": "60 days", "extension": "5 days"}, "60 days", None, "extended"),
    ({"term": "60 days"}, "60 days", "31 days", "too_much"), ({"term": "60 days"}, "60 days", "3 hours", "too_much"),
    ({"term": "60 days"}, "60 days", "30 days", None), ({"term": "60 days"}, "60 days", None, None),
])
def test_what_forbids_an_extension(clock, limit, asked, obstacle):
    known = StageClock("handle", **{name: read_term(text) for name, text in clock.items()})
    table = None if limit is None else Limit(read_term(limit), read_term("30 days"))
    assert find_extension_obstacle(known, table, None if asked is None else read_term(asked)) == obstacle


def test_a_limit_that_is_none_starts_no_deadline():
    rows = [{"stage": stage, "stream": "", "severity": "", "amount": "", "unit": "none", "extension": "",
             "extension_unit": "", "source": "x"} for stage in ("triage", "accept", "handle", "close")]
    new = given_step(1, "dispatch", "2026-11-16T09:00", unit="A")
    mark = mark_step([], new, stream="hazard", severity=1, stages=SEVEN, limits=read_limits(rows), calendar=CALENDAR)
    assert (mark.due_at, mark.time_limit) == (None, "none")
    entered = replace(new, time_limit="none")
    assert read_clock([entered], SEVEN).term is None
