"""Facts of the candidate features as they were known then, by value, on both engines."""

from datetime import date, timedelta

import pytest
from sqlalchemy import delete, insert, update

from govdesk.clock import day_start, week_of
from govdesk.queries.candidate_facts import (
    read_backlog,
    read_candidate_facts,
    read_repeats,
    read_works_exposure,
)
from govdesk.queries.panel_places import list_panel_places
from govdesk.rules.access import SYSTEM, Scope
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Incident, Step, WorksProject
from govdesk.tables.places import OPEN_WEEK
from govdesk.terms import Role
from models.panel import build_panel
from tests.support import tiny_county

COUNTY = tiny_county.COUNTY
ON = date(2026, 5, 4)
WEEK = week_of(ON)
TOWNSHIP = Scope("t", Role.CENTRE, f"{COUNTY}002")
LAND = Scope("u", Role.CENTRE, None, "U-LAND")


@pytest.fixture(params=["sqlite", "postgres"])
def county(request):
    engine = request.getfixturevalue("empty_engine" if request.param == "sqlite" else "postgres_engine")
    tiny_county.build(engine, n_incidents=0)
    return engine


def at(weeks):
    return day_start(ON) + timedelta(weeks=weeks, hours=1)


def incident(number, stream="dispute", place="001001-02", known=0, **more):
    return {"id": number, "source": "e", "source_ref": f"E{number}", "content_hash": "0", "stream": stream,
            "category": "neighbour", "weight": 1, "place_code": f"{COUNTY}{place}", "occurred_on": ON,
            "reported_at": at(0), "recorded_at": at(known), "is_recorded_assumed": False, "week_occurred": WEEK,
            "week_known": WEEK + known, "is_counted": 1, "status": "reported", "n_reopened": 0, "n_steps": 0,
            "repeat_of": None, "concerns_unit": None} | more


def step(number, incident_id, kind, happened, known, **more):
    return {"id": number, "incident_id": incident_id, "source": "e", "source_ref": f"S{number}", "content_hash": "0",
            "kind": kind, "occurred_at": at(happened), "recorded_at": at(known), "is_recorded_assumed": False,
            "is_withdrawn": False} | more


def fill(engine, incidents, steps=()):
    with write_transaction(engine) as connection:
        connection.execute(insert(Incident), incidents)
        if steps:
            connection.execute(insert(Step), list(steps))


def spells(engine, scope=SYSTEM):
    with read_transaction(engine) as connection:
        rows = read_backlog(connection, scope).drop(columns="id")
    return sorted((code.removeprefix(COUNTY), reported - WEEK, known - WEEK, 99 if closed == OPEN_WEEK else closed - WEEK, weight)
                  for code, reported, known, closed, weight in rows.itertuples(index=False))


def test_case_is_open_until_its_closing_was_recorded(county):
    fill(county, [incident(1), incident(2, known=3), incident(3, "hazard"), incident(4, is_counted=0), incident(5, weight=-1)], [
        step(1, 1, "close", 2, 5), step(2, 2, "close", 1, 4), step(3, 2, "reopen", 6, 6), step(4, 3, "close", 1, 1),
        step(5, 5, "close", 1, 1, is_withdrawn=True)])
    assert spells(county) == [("001001", 0, 0, 5, 1), ("001001", 0, 0, 99, -1), ("001001", 0, 3, 4, 1), ("001001", 0, 6, 99, 1)]


def test_columns_of_the_incident_that_say_how_it_stands_today_are_not_read(county):
    fill(county, [incident(1)], [step(1, 1, "close", 2, 5)])
    before = spells(county)
    with write_transaction(county) as connection:
        connection.execute(update(Incident).values(
            closed_at=at(1), week_closed=WEEK + 1, status="closed", severity=1, resolution_level="county", n_reopened=3))
    assert spells(county) == before


def test_step_typed_in_late_opens_nothing_that_was_closed_after_it(county):
    fill(county, [incident(1)], [step(1, 1, "close", 1, 1), step(2, 1, "close", 4, 4), step(3, 1, "reopen", 2, 8)])
    assert spells(county) == [("001001", 0, 0, 1, 1)]


def test_closing_known_before_the_record_leaves_nothing_open(county):
    fill(county, [incident(1, known=6)], [step(1, 1, "close", 1, 2)])
    assert spells(county) == []


def test_scope_holds(county):
    fill(county, [incident(1), incident(2, place="002001", concerns_unit="U-LAND"), incident(3, place="002", repeat_of=1)])
    assert [row[0] for row in spells(county, TOWNSHIP)] == ["002001"]
    assert [row[0] for row in spells(county, LAND)] == ["001001"]
    with read_transaction(county) as connection:
        assert read_works_exposure(connection, TOWNSHIP).empty


def test_works_begin_in_the_villages_they_touch_and_are_known_since_their_record(county):
    begun = {"source": "e", "content_hash": "0", "kind": "road", "ended_on": None, "unit_code": None}
    with write_transaction(county) as connection:
        connection.execute(delete(WorksProject))
        connection.execute(insert(WorksProject), [
            {**begun, "source_ref": "A", "name": "A", "place_code": f"{COUNTY}001001", "started_on": ON, "recorded_at": at(4)},
            {**begun, "source_ref": "B", "name": "B", "place_code": f"{COUNTY}002", "started_on": ON, "recorded_at": at(-9)},
            {**begun, "source_ref": "C", "name": "C", "place_code": f"{COUNTY}003001-01", "started_on": ON, "recorded_at": at(0)},
            {**begun, "source_ref": "D", "name": "D", "place_code": COUNTY, "started_on": ON, "recorded_at": at(1)}])

    def read():
        with read_transaction(county) as connection:
            rows = read_works_exposure(connection, SYSTEM)
        return sorted((code.removeprefix(COUNTY), on - WEEK, known - WEEK) for code, on, known, _ in rows.itertuples(index=False))

    got = read()
    villages = [f"{t:03d}{v:03d}" for t in (1, 2, 3) for v in (1, 2, 3, 4)]
    assert got == sorted([("001001", 0, 4), ("003001", 0, 0)] + [(f"002{v:03d}", 0, 0) for v in range(1, 5)] + [
        (code, 0, 1) for code in villages])
    with write_transaction(county) as connection:
        connection.execute(update(WorksProject).values(ended_on=ON + timedelta(weeks=2)))
    assert read() == got


def test_repeat_is_known_when_both_are(county):
    fill(county, [incident(1, known=5), incident(2, "petition", repeat_of=1, known=1), incident(3, repeat_of=2, known=7)])
    with read_transaction(county) as connection:
        rows = read_repeats(connection, SYSTEM)
    assert sorted(rows["week_known"] - WEEK) == [5, 7]
    assert set(rows["place_code"]) == {f"{COUNTY}001001"}


def test_facts_of_a_county_without_closings_have_no_backlog(county):
    fill(county, [incident(1)])
    with read_transaction(county) as connection:
        places = list_panel_places(connection, SYSTEM, ON)
        empty = read_backlog(connection, SYSTEM).iloc[:0].rename(columns={"place_code": "place", "week_reported": "week_occurred"})
        events = build_panel(empty, places=places["code"].tolist(), first_week=WEEK, end_week=WEEK + 20)
        facts = read_candidate_facts(connection, SYSTEM, places, {"escalation": events})
    assert facts.spells is None
    assert set(facts.panels) == {"escalation", "works"}
    assert len(facts.neighbours) == len(places)
    assert any(facts.neighbours)
