"""Weekly counts: from the rollup and from the incidents the same, and both what loops over the rows give."""

import random
from collections import Counter

import pytest
from sqlalchemy import insert, update

from govdesk.clock import week_of
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.weekly import can_use_rollup, is_only_root, read_stock, read_weekly
from govdesk.rules.access import SYSTEM, Scope
from govdesk.storage.engine import get_engine, read_transaction, write_transaction
from govdesk.storage.weekly_counts import rebuild, refresh_place_weeks
from govdesk.tables import Incident, Place
from govdesk.terms import Role
from tests.support import tiny_county
from tests.support.tiny_county import COUNTY, UNTIL
from tests.support.weekly_sums import facts_by_hand

WEEK = week_of(UNTIL)
SCOPES = [SYSTEM, Scope("t", Role.TOWNSHIP, f"{COUNTY}001"), Scope("v", Role.TOWNSHIP, f"{COUNTY}001002"),
          Scope("c", Role.CENTRE, COUNTY), Scope("u", Role.DEPARTMENT, None, "U-LAND")]


def make_untidy(engine):
    """Give the county what a tidy one lacks: corrections, merged rows, other channels, complaints, late entries."""
    rng = random.Random(3)
    with write_transaction(engine) as connection:
        for number in range(1, 601):
            values = rng.choice([
                {"weight": -1}, {"is_counted": 0}, {"channel": "hotline"}, {"channel": None},
                {"concerns_unit": "U-LAND"}, {"handling_unit": "U-CENTRE"}, {"place_code": f"{COUNTY}001"},
                {"place_code": COUNTY}, {"week_known": WEEK - 3}])
            connection.execute(update(Incident).where(Incident.id == number), values)
        refresh_place_weeks(connection)
        rebuild(connection)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def county(request, tmp_path_factory):
    if request.param == "sqlite":
        engine = get_engine(f"sqlite:///{tmp_path_factory.mktemp('weekly') / 'county.db'}")
    else:
        engine = request.getfixturevalue("module_postgres_engine")
    tiny_county.build(engine, n_incidents=1500)
    make_untidy(engine)
    return engine


def by_hand(facts, scope, filters, by, about):
    sums: Counter = Counter()
    for fact in facts:
        week = fact[about]
        if week is None or not filters.week_from <= week < filters.week_to:
            continue
        if scope.area_code is not None and scope.area_code not in fact["ever"]:
            continue
        if scope.unit_code is not None and fact["concerns"] == scope.unit_code:
            continue
        if filters.place_code is not None and filters.place_code not in fact["inside"]:
            continue
        wanted = {"stream": filters.streams, "category": filters.categories, "channel": filters.channels,
                  "kind": filters.kinds, "unit": filters.units}
        if all(not values or fact[name] in values for name, values in wanted.items()):
            sums[(week, *(fact[name] for name in by))] += fact["weight"]
    return {key: n for key, n in sums.items() if n}


def draw(rng):
    streams = rng.choice([(), (), ("dispute",), ("petition", "hazard")])
    first = WEEK - rng.randrange(1, 150)
    filters = IncidentFilter(
        first, first + rng.randrange(1, 90), streams, rng.choice([(), (), ("neighbour",), ("hazard_fire", "family")]),
        rng.choice([None, None, COUNTY, f"{COUNTY}002", f"{COUNTY}001", f"{COUNTY}001001", f"{COUNTY}001001-01", "no"]),
        rng.choice([(), (), ("hotline",)]), rng.choice([(), (), ("mountain", "urban")]),
        rng.choice([(), (), (), ("U-CENTRE",)]))
    by = tuple(rng.sample(["stream", "category", "channel", "district", "kind"], rng.randrange(3)))
    return rng.choice(SCOPES), filters, by, rng.choice(["occurred", "known", "closed"])


def as_sums(frame):
    return {tuple(row[:-1]): row[-1] for row in frame.itertuples(index=False)}


def test_any_question_gives_what_loops_give(county):
    rng = random.Random(11)
    used = Counter()
    with read_transaction(county) as connection:
        facts = facts_by_hand(connection)
        for _ in range(400):
            scope, filters, by, about = draw(rng)
            expected = by_hand(facts, scope, filters, by, about)
            assert as_sums(read_weekly(connection, scope, filters, by, about)) == expected, (scope, filters, by, about)
            used[can_use_rollup(connection, scope, filters, by, about), bool(expected)] += 1
    assert min(used[True, True], used[False, True]) > 40


@pytest.mark.parametrize("by", [(), ("stream",), ("district", "stream")])
def test_stock_is_what_was_open_at_the_end_of_each_week(county, by):
    filters = IncidentFilter(WEEK - 30, WEEK, ("dispute", "hazard"))
    with read_transaction(county) as connection:
        facts = [fact for fact in facts_by_hand(connection) if fact["stream"] in filters.streams]
        found = as_sums(read_stock(connection, SYSTEM, filters, by))
    for week in range(WEEK - 30, WEEK):
        expected: Counter = Counter()
        for fact in facts:
            if fact["known"] <= week and (fact["closed"] is None or fact["closed"] > week):
                expected[(week, *(fact[name] for name in by))] += fact["weight"]
        assert {key: n for key, n in found.items() if key[0] == week and n} == {k: n for k, n in expected.items() if n}


def test_a_village_that_moved_is_seen_where_it_was(county):
    """A township account sees what its villages had in another township, too: the rollup cannot tell, so it is left."""
    township = Scope("t", Role.TOWNSHIP, f"{COUNTY}001")
    filters = IncidentFilter(WEEK - 100, WEEK)
    with write_transaction(county) as connection:
        assert can_use_rollup(connection, township, filters)
        connection.exec_driver_sql(
            f"UPDATE place_weeks SET district_code = '{COUNTY}002' WHERE code = '{COUNTY}001004-01'")
        assert not can_use_rollup(connection, township, filters)
        refresh_place_weeks(connection)


def test_second_root_is_no_everything(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        assert is_only_root(connection, COUNTY)
        assert not is_only_root(connection, f"{COUNTY}001")
        row = dict(connection.execute(Place.__table__.select().where(Place.code == COUNTY)).mappings().one())
        connection.execute(insert(Place), row | {"code": "990102"})
        assert not is_only_root(connection, COUNTY)
