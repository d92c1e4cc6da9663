"""When places began and changed; what the map says of weeks before a place began."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import insert, select, update

from govdesk.clock import day_start, week_of
from govdesk.queries.map_figures import find_map_breaks, read_map_figures
from govdesk.queries.map_request import MEASURES, MapRequest
from govdesk.queries.turns import count_turns, list_beginnings
from govdesk.rules.access import SYSTEM, Scope
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Place
from govdesk.terms import Role
from tests.support.tiny_county import COUNTY, SPLIT_ON, UNTIL

VILLAGE = f"{COUNTY}001001"
YOUNG = f"{VILLAGE}-01a"
WEEK = week_of(SPLIT_ON)
REQUEST = MapRequest(level="grid", within=VILLAGE, on=UNTIL.isoformat(), week_from=WEEK - 8, week_to=WEEK)


def figures(engine, request, scope=SYSTEM):
    with read_transaction(engine) as connection:
        return read_map_figures(connection, scope, request).set_index("code")


def as_of(day):
    return int(day_start(day).timestamp())


def test_beginnings_are_those_of_places_younger_than_the_register(tiny_engine):
    with read_transaction(tiny_engine) as connection:
        found = list_beginnings(connection, SYSTEM, "grid")
        assert list(found["code"]) == [YOUNG, f"{VILLAGE}-01b"]
        assert {day.date() for day in found["since"]} == {SPLIT_ON}
        assert list_beginnings(connection, SYSTEM, "village").empty
        assert list_beginnings(connection, Scope("t", Role.TOWNSHIP, f"{COUNTY}002"), "grid").empty


def test_later_version_of_a_code_is_no_beginning_but_a_turn(tiny_engine):
    village, on = f"{COUNTY}002001", date(2026, 6, 1)
    with write_transaction(tiny_engine) as connection:
        old = dict(connection.execute(select(*Place.__table__.columns).where(Place.code == village)).mappings().one())
        connection.execute(update(Place).where(Place.code == village).values(valid_to=on))
        connection.execute(insert(Place).values({**old, "valid_from": on}))
    with read_transaction(tiny_engine) as connection:
        assert list_beginnings(connection, SYSTEM, "village").empty
        turns = count_turns(connection, SYSTEM, "village", None, date(2026, 1, 1), UNTIL)
    assert [(row.on.date(), row.n_places) for row in turns.itertuples()] == [(on, 1)]


@pytest.mark.parametrize(("within", "days", "expected"), [
    (None, (date(2026, 1, 1), UNTIL), [3]), (VILLAGE, (date(2026, 1, 1), UNTIL), [3]),
    (f"{COUNTY}002", (date(2026, 1, 1), UNTIL), []), (None, (SPLIT_ON, UNTIL), []), (None, (date(2026, 1, 1), SPLIT_ON), [3]),
])
def test_turns_are_counted_by_day_and_place(tiny_engine, within, days, expected):
    with read_transaction(tiny_engine) as connection:
        assert list(count_turns(connection, SYSTEM, "grid", within, *days)["n_places"]) == expected


@pytest.mark.parametrize("measure", MEASURES)
def test_weeks_before_a_place_began_have_no_figure(tiny_engine, measure):
    found = figures(tiny_engine, replace(REQUEST, measure=measure, as_of=as_of(date(2026, 2, 2))))
    assert found.loc[YOUNG, "state"] == "later"
    assert found["value"].isna()[YOUNG]
    assert found.loc[f"{VILLAGE}-02", "state"] != "later"
    assert find_map_breaks(found.reset_index()) is not None


def test_window_over_the_beginning_keeps_the_figure_and_names_the_day(tiny_engine):
    found = figures(tiny_engine, replace(REQUEST, week_to=WEEK + 20))
    assert found.loc[YOUNG, "state"] in ("figure", "zero")
    assert found.loc[YOUNG, "since"].date() == SPLIT_ON
    assert found["since"].isna()[f"{VILLAGE}-02"]
    assert figures(tiny_engine, replace(REQUEST, week_from=WEEK + 1, week_to=WEEK + 20))["since"].isna().all()


def test_what_is_open_on_a_day_is_not_known_before_the_place_began(tiny_engine):
    asked = replace(REQUEST, measure="open", week_to=WEEK + 20)
    assert figures(tiny_engine, replace(asked, as_of=as_of(SPLIT_ON)))["state"][YOUNG] == "later"
    assert figures(tiny_engine, replace(asked, as_of=as_of(date(2026, 3, 4))))["state"][YOUNG] != "later"
