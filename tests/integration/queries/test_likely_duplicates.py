"""Proposals equal what the rule says of every pair of the county, looked at one by one; scope, limits, judgements."""

from datetime import date, datetime, timedelta
from itertools import combinations

import pytest
from sqlalchemy import insert, select, update

from govdesk.actions.merge_incidents import keep_apart, merge_incidents, undo_verdict
from govdesk.clock import day_start, week_of
from govdesk.queries import likely_duplicates
from govdesk.queries.likely_duplicates import list_likely
from govdesk.rules.access import SYSTEM, Scope
from govdesk.rules.likely_duplicates import Side, compare, is_eligible
from govdesk.storage.engine import get_engine, read_transaction, write_transaction
from govdesk.tables import Incident
from govdesk.terms import Role
from tests.support import tiny_county
from tests.support.tiny_county import COUNTY, NOW

ALL = datetime.fromisoformat("1990-01-01T00:00+00:00")
VILLAGE = f"{COUNTY}002003"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def county(request):
    engine = get_engine() if request.param == "sqlite" else request.getfixturevalue("postgres_engine")
    tiny_county.build(engine, n_incidents=300)
    return engine


def propose(engine, scope=SYSTEM, since=ALL, limit=100_000):
    with read_transaction(engine) as connection:
        return list_likely(connection, scope, since, limit)


def add(engine, *rows):
    """Insert copies of incident 1, changed."""
    with write_transaction(engine) as connection:
        plain = dict(connection.execute(select(Incident.__table__).where(Incident.id == 1)).mappings().one())
        for row in rows:
            on = row.get("occurred_on", plain["occurred_on"])
            connection.execute(insert(Incident), [plain | {
                "source_ref": f"X{row['id']}", "week_occurred": week_of(on), "repeat_of": None} | row])


ROAD = {"stream": "request", "category": "request_road", "place_code": f"{VILLAGE}-01", "occurred_on": date(2026, 11, 10),
        "recorded_at": day_start(date(2026, 11, 11)), "lon": 111.2, "lat": 27.1, "point_kind": "exact",
        "summary": "村口桥头路面塌陷，车辆无法通行", "channel": "hotline", "petition_kind": None, "concerns_unit": None}


def by_hand(engine):
    """Return {(older, newer): points} of every pair of rows that may be one matter, by the rule alone."""
    with read_transaction(engine) as connection:
        rows = connection.execute(select(Incident).where(Incident.is_counted == 1)).all()
    names = list(Side.__dataclass_fields__)
    sides = [Side(**{name: getattr(row, name) for name in names}) for row in rows]
    found = {}
    for one, other in combinations(sides, 2):
        relation = relate(one.place_code, other.place_code)
        if relation is None or not is_eligible(one, other):
            continue
        likeness = compare(one, other, relation)
        if likeness.is_proposed:
            first, second = sorted((one, other), key=lambda side: (side.occurred_on, side.id))
            found[first.id, second.id] = likeness.points
    return found


def relate(one, other):
    short, long = sorted((one, other), key=len)
    coarse = len(short) < len(VILLAGE)
    if one == other:
        return "beside" if coarse else "same"
    if long.startswith(short) and short != COUNTY:
        return "inside"
    return "beside" if not coarse and one[:len(VILLAGE)] == other[:len(VILLAGE)] else None


def test_proposals_are_those_of_the_rule_over_all_pairs(county, monkeypatch):
    with write_transaction(county) as connection:
        split = f"{COUNTY}001001-01"
        connection.execute(update(Incident).where(Incident.place_code == split).values(place_code=f"{split}a"))
        for number in range(1, 301):  # a crowd of twelve days in which every kind of likeness occurs
            on = date(2026, 11, 4) + timedelta(days=number % 12)
            values = {"occurred_on": on, "week_occurred": week_of(on)}
            if number % 9 == 0:
                values["place_code"] = f"{COUNTY}00{number % 3 + 1}00{number % 4 + 1}"
            if number % 31 == 0:
                values["place_code"] = f"{COUNTY}00{number % 3 + 1}"
            if number % 5 == 0:
                values["summary"] = ("两户因宅基地界址争吵，村干部已到场", "两户因宅基地的界址争吵", "路灯不亮请维修")[number % 3]
            if number % 4 == 0:
                values |= {"source": "other", "channel": "hotline", "n_people": 5}
            connection.execute(update(Incident).where(Incident.id == number).values(**values))
    expected = by_hand(county)
    found = propose(county)
    assert {(pair.one, pair.other): pair.likeness.points for pair in found.pairs} == expected
    assert len(expected) > 15
    assert found.n_pairs == len(expected)
    assert found.n_recorded == 300
    points = [pair.likeness.points for pair in found.pairs]
    assert points == sorted(points, reverse=True)
    monkeypatch.setattr(likely_duplicates, "_PART", 7)
    assert propose(county) == found
    few = propose(county, limit=3)
    assert (few.pairs, few.n_pairs) == (found.pairs[:3], found.n_pairs)


def test_only_pairs_with_something_new_are_proposed(tiny_engine):
    old = {**ROAD, "recorded_at": NOW - timedelta(days=200)}
    add(tiny_engine, {**old, "id": 5001}, {**old, "id": 5002, "channel": "grid_worker"})
    since = NOW - timedelta(days=90)
    assert (5001, 5002) not in {(pair.one, pair.other) for pair in propose(tiny_engine, since=since).pairs}
    add(tiny_engine, {**ROAD, "id": 5003, "source": "other"})
    assert {(5001, 5003), (5002, 5003)} <= {(pair.one, pair.other) for pair in propose(tiny_engine, since=since).pairs}


def test_record_that_came_late_meets_what_was_there(tiny_engine):
    day = date(2026, 3, 30)
    add(tiny_engine, {**ROAD, "id": 5001, "occurred_on": day, "recorded_at": day_start(day)},
        {**ROAD, "id": 5002, "occurred_on": day + timedelta(days=6), "source": "late"})
    found = propose(tiny_engine, since=NOW - timedelta(days=30))
    assert (5001, 5002) in {(pair.one, pair.other) for pair in found.pairs}


def test_judged_pairs_and_merged_incidents_are_not_proposed_again(tiny_engine):
    add(tiny_engine, *({**ROAD, "id": 5000 + n, "source": f"s{n}"} for n in (1, 2, 3)))

    def mine():
        return {(pair.one, pair.other) for pair in propose(tiny_engine).pairs if pair.one > 5000}

    assert mine() == {(5001, 5002), (5001, 5003), (5002, 5003)}
    apart = keep_apart(tiny_engine, by=SYSTEM, incident_id=5003, other_id=5001).verdict_id
    assert mine() == {(5001, 5002), (5002, 5003)}
    away = merge_incidents(tiny_engine, by=SYSTEM, incident_id=5002, into_id=5001).verdict_id
    assert mine() == set()
    undo_verdict(tiny_engine, by=SYSTEM, verdict_id=away)
    undo_verdict(tiny_engine, by=SYSTEM, verdict_id=apart)
    assert mine() == {(5001, 5002), (5001, 5003), (5002, 5003)}


def test_scope_and_what_is_about_the_own_unit(tiny_engine):
    add(tiny_engine, {**ROAD, "id": 5001}, {**ROAD, "id": 5002, "source": "b", "concerns_unit": "U-LAND"})

    def has(scope):
        return (5001, 5002) in {(pair.one, pair.other) for pair in propose(tiny_engine, scope).pairs}

    assert has(SYSTEM)
    assert has(Scope("a", Role.CLERK, f"{COUNTY}002"))
    assert not has(Scope("a", Role.CLERK, f"{COUNTY}001"))
    assert not has(Scope("a", Role.CLERK, unit_code="U-LAND"))
    assert propose(tiny_engine, Scope("a", Role.CLERK, "nowhere")) == likely_duplicates.Proposals((), 0, 0, is_cut=False)


def test_a_history_loaded_at_once_is_cut_and_says_so(tiny_engine, monkeypatch):
    monkeypatch.setattr(likely_duplicates, "MOST_RECORDED", 50)
    found = propose(tiny_engine)
    assert found.is_cut
    assert found.n_recorded == 900


def test_distance_of_the_points_is_given(tiny_engine):
    add(tiny_engine, {**ROAD, "id": 5001}, {**ROAD, "id": 5002, "source": "b", "lat": 27.1003})
    pair = next(pair for pair in propose(tiny_engine).pairs if pair.one == 5001)
    assert pair.metres == pytest.approx(33, abs=1)


def test_text_alone_can_tip_the_balance(tiny_engine):
    bare = {**ROAD, "lon": None, "lat": None, "point_kind": None, "place_code": VILLAGE}
    later = {"occurred_on": ROAD["occurred_on"] + timedelta(days=5)}
    add(tiny_engine, {**bare, "id": 5001}, {**bare, **later, "id": 5002},
        {**bare, **later, "id": 5003, "summary": "学校门口路灯不亮，请维修"})
    mine = {(pair.one, pair.other): pair.likeness.reasons for pair in propose(tiny_engine).pairs if pair.one > 5000}
    assert mine == {(5001, 5002): ("same_place", "week", "same_category", "same_text")}
