"""Quiet streaks: what left the village ends one, silence is never one, and the weeks heard are those made by hand."""

from datetime import date, timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from govdesk.clock import day_start, local_day, monday_of, week_of
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.quiet_streaks import (
    CHECK,
    EVENTS,
    NO_DATA,
    QUIET,
    has_levels,
    read_heard,
    read_streaks,
    sum_states,
)
from govdesk.rules.access import SYSTEM, Scope
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Incident, NilReturn, Step
from govdesk.terms import Role
from tests.support import quality_county, tiny_county
from tests.support.tiny_county import NOW

COUNTY = tiny_county.COUNTY
LAST = 2967
FILTERS = IncidentFilter(LAST - 26, LAST)
WITH = {"source": "x", "content_hash": "0", "recorded_at": NOW - timedelta(days=1)}


def _read(engine, filters=FILTERS, scope=SYSTEM):
    with read_transaction(engine) as connection:
        return read_streaks(connection, scope, filters, NOW).set_index("code")


def _nil(engine, code, week_from, week_to, stream="dispute"):
    with write_transaction(engine) as connection:
        connection.execute(insert(NilReturn), [{
            **WITH, "source_ref": f"{code}-{week_from}", "place_code": code, "stream": stream,
            "period_from": monday_of(week_from), "period_to": monday_of(week_to)}])


def _leave(engine, code, on, *, kind="refer_up", level="county", outcome=None, withdrawn=False, recorded=None):
    """Let one dispute of a village leave it on a day."""
    at = day_start(on) + timedelta(hours=10)
    with write_transaction(engine) as connection:
        number = connection.execute(insert(Incident), [{
            **WITH, "source_ref": f"D{code}{on}{kind}{level}", "stream": "dispute", "category": "family", "weight": 1,
            "place_code": code, "occurred_on": on, "reported_at": at, "is_recorded_assumed": False, "is_counted": 1,
            "week_occurred": week_of(on), "week_known": week_of(on), "status": "accepted", "n_reopened": 0, "n_steps": 1,
        }]) and connection.scalar(select(Incident.id).where(Incident.source_ref == f"D{code}{on}{kind}{level}"))
        connection.execute(insert(Step), [{
            **WITH, "recorded_at": recorded or at, "source_ref": f"S{code}{on}{kind}{level}", "incident_id": number,
            "kind": kind, "level": level, "occurred_at": at, "is_withdrawn": withdrawn, "is_recorded_assumed": False,
            "outcome": outcome}])


@pytest.fixture
def quiet(empty_engine):
    """A county in which only the first village has spoken: 20 incidents, then nil returns up to the last week."""
    tiny_county.build(empty_engine, n_incidents=20, weeks=100)
    with write_transaction(empty_engine) as connection:
        connection.execute(update(Incident).values(place_code=f"{COUNTY}001002-01", stream="hazard"))
        connection.execute(delete(Step))
    _nil(empty_engine, f"{COUNTY}001001", LAST - 110, LAST)
    return empty_engine


def test_four_states_are_told_apart(quiet):
    one, two, three, four = (f"{COUNTY}00{t}00{v}" for t, v in ((1, 1), (2, 1), (2, 2), (2, 3)))
    _leave(quiet, one, monday_of(LAST - 50))
    _nil(quiet, two, LAST - 5, LAST)
    _leave(quiet, four, monday_of(LAST - 3) + timedelta(days=1))
    rows = _read(quiet)
    assert rows.loc[[one, two, three, four], "state"].tolist() == [QUIET, CHECK, NO_DATA, EVENTS]
    assert rows.loc[one, ["n_days", "n_weeks", "n_heard"]].tolist() == [350 - 1, 49, 49]
    assert not rows.loc[one, "is_at_least"]
    assert rows.loc[two, "is_at_least"]
    assert rows.loc[two, ["n_recent", "n_recent_heard"]].tolist() == [13, 5]
    assert rows.loc[four, "n_left"] == 1
    sums = sum_states(rows.reset_index()).set_index("parent_code")
    assert sums.loc[f"{COUNTY}002"].tolist() == [4, 0, 1, 2, 1]


def test_village_that_says_nothing_is_never_quiet(quiet):
    rows = _read(quiet)
    silent = rows[rows["n_recent_heard"] == 0]
    assert len(silent) >= 8
    assert set(silent["state"]) == {NO_DATA}


@pytest.mark.parametrize(("stream", "state"), [("dispute", QUIET), (None, QUIET), ("hazard", NO_DATA)])
def test_nil_return_speaks_of_the_stream_it_names(quiet, stream, state):
    code = f"{COUNTY}002001"
    _nil(quiet, code, LAST - 110, LAST, stream)
    assert _read(quiet).loc[code, "state"] == state


def test_report_taken_back_by_a_correction_is_not_heard(quiet):
    code, week = f"{COUNTY}002001", LAST - 4
    _leave(quiet, code, monday_of(week), kind="note", level=None)
    with read_transaction(quiet) as connection:
        assert read_heard(connection, SYSTEM, NOW).loc[code, week] == 1
        row = dict(connection.execute(select(Incident.__table__).where(Incident.place_code == code)).mappings().one())
    with write_transaction(quiet) as connection:
        connection.execute(insert(Incident), [{**row, "id": None, "source_ref": "back", "weight": -1}])
    with read_transaction(quiet) as connection:
        heard = read_heard(connection, SYSTEM, NOW)
    assert code not in heard.index or heard.loc[code, week] == 0


@pytest.mark.parametrize(("kind", "level", "outcome", "leaves"), [
    ("refer_up", None, None, True), ("refer_up", "township", None, True), ("refer_up", "village", None, False),
    ("close", "township", "settled", True), ("close", "beyond", "not_settled", True), ("close", "village", "settled", False),
    ("close", "group", "settled", False), ("reopen", "county", None, False)])
def test_what_leaves_the_village(quiet, kind, level, outcome, leaves):
    code = f"{COUNTY}001001"
    _leave(quiet, code, monday_of(LAST - 2), kind=kind, level=level, outcome=outcome)
    assert (_read(quiet).loc[code, "state"] == EVENTS) == leaves


def test_settled_at_an_unknown_level_is_to_be_checked(quiet):
    code = f"{COUNTY}001001"
    _leave(quiet, code, monday_of(LAST - 2), kind="close", level=None, outcome="settled")
    assert _read(quiet).loc[code, ["state", "n_unknown", "n_left"]].tolist() == [CHECK, 1, 0]


def test_withdrawn_step_and_what_became_known_later_end_nothing(quiet):
    code = f"{COUNTY}001001"
    _leave(quiet, code, monday_of(LAST - 2), withdrawn=True)
    _leave(quiet, code, monday_of(LAST - 3), recorded=NOW + timedelta(days=1))
    assert _read(quiet).loc[code, "state"] == QUIET


def test_departure_after_the_window_does_not_end_the_streak_of_the_window(quiet):
    code = f"{COUNTY}001001"
    _leave(quiet, code, monday_of(LAST - 2))
    earlier = _read(quiet, IncidentFilter(LAST - 40, LAST - 10))
    assert earlier.loc[code, "state"] == QUIET
    assert _read(quiet).loc[code, "state"] == EVENTS


def test_area_kind_and_place_are_kept(quiet):
    town = f"{COUNTY}002"
    assert set(_read(quiet, scope=Scope("t", Role.TOWNSHIP, town)).index.str[:9]) == {town}
    assert set(_read(quiet, IncidentFilter(LAST - 9, LAST, place_code=town)).index.str[:9]) == {town}
    kinds = _read(quiet, IncidentFilter(LAST - 9, LAST, kinds=("urban",)))
    assert set(kinds.index.str[9:]) == {"001", "004"}


def test_numbers_are_those_made_by_hand(empty_engine):
    quality_county.build(empty_engine, 400)
    with write_transaction(empty_engine) as connection:
        for n, number in enumerate(connection.scalars(select(Step.id).where(Step.kind == "close")).all()):
            connection.execute(update(Step).where(Step.id == number).values(
                level=("group", "village", "township", "county", None)[n % 5], outcome="settled"))
    rows = _read(empty_engine)
    with read_transaction(empty_engine) as connection:
        incidents = {row.id: row for row in connection.execute(select(Incident.__table__))}
        steps = connection.execute(select(Step.__table__).where(Step.kind == "close")).all()
    end = monday_of(LAST)
    days = {}
    for step in steps:
        row = incidents[step.incident_id]
        if row.stream == "dispute" and row.is_counted == 1 and row.weight == 1 and step.level in ("township", "county"):
            day = local_day(step.occurred_at)
            if day < end:
                days.setdefault(row.place_code[:12], []).append((day, row.id))
    weeks = {}
    for row in incidents.values():
        if row.is_counted == 1:
            key = (row.place_code[:12], row.week_occurred)
            weeks[key] = weeks.get(key, 0) + row.weight
    first = min(row.week_occurred for row in incidents.values() if row.is_counted == 1)
    for code, found in rows.iterrows():
        mine = days.get(code, [])
        since = max(day for day, _ in mine) + timedelta(days=1) if mine else monday_of(first)
        assert found["n_days"] == (end - since).days, code
        whole = [week for week in range(first, LAST) if monday_of(week) >= since]
        assert found["n_weeks"] == len(whole), code
        assert found["n_heard"] == sum(weeks.get((code, week), 0) > 0 for week in whole), code
        inside = {number for day, number in mine if day >= monday_of(LAST - 26)}
        last_of = {number: max(day for day, other in mine if other == number) for _, number in mine}
        assert found["n_left"] == len(inside & {n for n, day in last_of.items() if day >= monday_of(LAST - 26)}), code


def test_source_without_levels_has_none(quiet):
    with write_transaction(quiet) as connection:
        connection.execute(update(Incident).values(resolution_level=None))
    with read_transaction(quiet) as connection:
        assert not has_levels(connection, SYSTEM)
    _leave(quiet, f"{COUNTY}001001", date(2026, 1, 5))
    with read_transaction(quiet) as connection:
        assert has_levels(connection, SYSTEM)
