"""Weekly facts of the early warning, by value, on both engines; and the villages with their neighbours."""

from datetime import date, timedelta

import numpy as np
import pytest
from sqlalchemy import delete, insert, select, update

from govdesk.clock import day_start, local_day, week_of
from govdesk.queries.panel_facts import read_panel_facts
from govdesk.queries.panel_places import list_panel_places
from govdesk.rules.access import SYSTEM, Scope
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import EscalationEvent, Incident, PlaceAncestor, PlaceShape
from govdesk.terms import Role
from tests.support import tiny_county

COUNTY = tiny_county.COUNTY
ON = date(2026, 5, 4)
WEEK = week_of(ON)
TOWNSHIP = Scope("t", Role.TOWNSHIP, f"{COUNTY}002")
LAND = Scope("u", Role.CENTRE, None, "U-LAND")


@pytest.fixture(params=["sqlite", "postgres"])
def county(request):
    engine = request.getfixturevalue("empty_engine" if request.param == "sqlite" else "postgres_engine")
    tiny_county.build(engine, n_incidents=0)
    return engine


def incident(number, stream="dispute", category="neighbour", place="001001-02", on=ON, late=0, **more):
    known = day_start(on) + timedelta(days=late, hours=1)
    return {"id": number, "source": "e", "source_ref": f"E{number}", "content_hash": "0", "stream": stream,
            "category": category, "weight": 1, "place_code": f"{COUNTY}{place}", "occurred_on": on,
            "reported_at": known, "recorded_at": known, "is_recorded_assumed": False, "week_occurred": week_of(on),
            "week_known": week_of(local_day(known)), "is_counted": 1, "status": "reported", "n_reopened": 0, "n_steps": 0,
            "concerns_unit": None} | more


def event(number, part, weeks, late_weeks=0):
    on = ON + timedelta(weeks=weeks)
    return {"incident_id": number, "part": part, "occurred_on": on, "rule_version": "v",
            "recorded_at": day_start(on) + timedelta(weeks=late_weeks)}


def facts(engine, scope=SYSTEM, **how):
    with read_transaction(engine) as connection:
        rows = read_panel_facts(connection, scope, **how)
    told = rows.astype(dict.fromkeys(("place_code", "stream", "category", "role"), str))
    return sorted(((code.removeprefix(COUNTY), role, category, occurred - WEEK, known - WEEK, weight)
                   for code, _, category, role, occurred, known, weight in told.itertuples(index=False)))


def fill(engine, incidents, events=()):
    with write_transaction(engine) as connection:
        connection.execute(insert(Incident), incidents)
        if events:
            connection.execute(insert(EscalationEvent), list(events))


def test_rows_by_value(county):
    fill(county, [
        incident(1), incident(2, place="001001-01b"), incident(3, late=15), incident(4, weight=-1, late=30),
        incident(5, "petition", "petition_land"), incident(6, "request", "request_road", "002003"),
        incident(7, is_counted=0), incident(8, place="001"), incident(9, on=ON + timedelta(weeks=1)),
        incident(10, "hazard", "hazard_fire"), incident(11, "hazard", "hazard_fire", weight=-1),
    ])
    assert facts(county) == [
        ("001001", "dispute", "neighbour", 0, 0, 2), ("001001", "dispute", "neighbour", 0, 2, 1),
        ("001001", "dispute", "neighbour", 0, 4, -1), ("001001", "dispute", "neighbour", 1, 1, 1),
        ("001001", "petition", "petition_land", 0, 0, 1), ("002003", "complaint", "request_road", 0, 0, 1)]
    assert facts(county, week_from=WEEK + 1, week_to=WEEK + 2) == [("001001", "dispute", "neighbour", 1, 1, 1)]
    assert facts(county, level="township")[0] == ("001", "dispute", "neighbour", 0, 0, 3)


def test_event_after_its_grid_was_split_stays_with_the_village_it_lay_in(county):
    weeks = (week_of(tiny_county.SPLIT_ON) - WEEK) - 2
    fill(county, [incident(1, place="001001-01", on=ON + timedelta(weeks=weeks))], [event(1, "violence", 0, 1)])
    assert [row for row in facts(county) if row[1] == "escalation"] == [("001001", "escalation", "neighbour", 0, 1, 1)]


def test_incident_escalates_once_in_a_horizon_by_the_part_known_first(county):
    fill(county, [incident(1), incident(2, weight=-1, place="002001"), incident(3, is_counted=0), incident(4)], [
        event(1, "violence", 0, 3), event(1, "county_level", 2), event(1, "reopened_twice", 4, 1),
        event(2, "violence", 1), event(3, "violence", 1), event(4, "group_petition", 1)])

    def escalations(**how):
        return [row for row in facts(county, **how) if row[1] == "escalation"]
    assert escalations(horizon_weeks=2) == [
        ("001001", "escalation", "neighbour", 0, 3, 1), ("001001", "escalation", "neighbour", 2, 2, 1),
        ("001001", "escalation", "neighbour", 4, 5, 1), ("002001", "escalation", "neighbour", 1, 1, -1)]
    assert [row[3:5] for row in escalations()] == [(2, 2), (1, 1)]
    assert [row[3:5] for row in escalations(horizon_weeks=3)] == [(2, 2), (1, 1)]
    assert [row[3:5] for row in escalations(week_from=WEEK + 2)] == [(2, 2)]


def test_fact_stays_in_the_village_of_its_week(county):
    moved = f"{COUNTY}001001-02"
    with write_transaction(county) as connection:
        connection.execute(update(PlaceAncestor).where(
            PlaceAncestor.code == moved, PlaceAncestor.ancestor_level == "village").values(week_to=WEEK + 1))
        connection.execute(insert(PlaceAncestor), [{
            "code": moved, "ancestor_code": f"{COUNTY}003003", "week_from": WEEK + 1, "week_to": 99_999,
            "ancestor_level": "village", "depth": 1}])
        ended = f"{COUNTY}001002-02"
        connection.execute(update(PlaceAncestor).where(PlaceAncestor.code == ended).values(week_to=WEEK))
    fill(county, [incident(1), incident(2, on=ON + timedelta(weeks=1)), incident(3, place="001002-02")],
         [event(2, "violence", 1)])
    assert [row[:2] for row in facts(county)] == [("001001", "dispute"), ("003003", "dispute"), ("003003", "escalation")]


def test_scope(county):
    fill(county, [incident(1), incident(2, place="002001"), incident(3, place="002002", concerns_unit="U-LAND")],
         [event(n, "violence", 0) for n in (1, 2, 3)])
    assert {row[0] for row in facts(county, TOWNSHIP)} == {"002001", "002002"}
    assert {row[0] for row in facts(county, LAND)} == {"001001", "002001"}


def test_empty_database_has_the_same_columns(county):
    with read_transaction(county) as connection:
        rows = read_panel_facts(connection, SYSTEM)
    assert rows.columns.tolist() == ["place_code", "stream", "category", "role", "week_occurred", "week_known", "weight"]
    assert rows.empty


def test_sums_agree_with_the_incidents(tiny_engine):
    with read_transaction(tiny_engine) as connection:
        rows = read_panel_facts(connection, SYSTEM)
        told = connection.execute(select(Incident.week_occurred, Incident.stream, Incident.weight)).all()
    assert rows["weight"].sum() == len(told) == 900
    assert rows.groupby("week_occurred", observed=True)["weight"].sum().to_dict() == {
        week: int(n) for week, n in zip(*np.unique([row[0] for row in told], return_counts=True), strict=True)}


def test_villages_and_neighbours(county):
    with read_transaction(county) as connection:
        rows = list_panel_places(connection, SYSTEM, ON).set_index("code")
        own = list_panel_places(connection, TOWNSHIP, ON).set_index("code")
    assert len(rows) == 12
    assert rows.loc[f"{COUNTY}001001", ["kind", "population"]].tolist() == ["urban", 3000]
    # A strip of its township: above it the next, beside it the same of the next township; a corner is no border.
    assert rows.loc[f"{COUNTY}001001", "neighbours"] == (f"{COUNTY}001002", f"{COUNTY}002001")
    assert rows.loc[f"{COUNTY}002002", "neighbours"] == tuple(f"{COUNTY}{n}" for n in ("001002", "002001", "002003", "003002"))
    assert own.index.tolist() == [f"{COUNTY}00200{n}" for n in (1, 2, 3, 4)]
    assert own.loc[f"{COUNTY}002001", "neighbours"] == (f"{COUNTY}002002",)


def test_village_without_shape_or_with_a_tile_has_no_neighbours(county):
    with write_transaction(county) as connection:
        connection.execute(delete(PlaceShape).where(PlaceShape.code == f"{COUNTY}001002"))
        connection.execute(update(PlaceShape).where(PlaceShape.code == f"{COUNTY}002001").values(kind="tile"))
    with read_transaction(county) as connection:
        rows = list_panel_places(connection, SYSTEM, ON).set_index("code")["neighbours"]
    assert rows[f"{COUNTY}001001"] == rows[f"{COUNTY}001002"] == rows[f"{COUNTY}002001"] == ()
