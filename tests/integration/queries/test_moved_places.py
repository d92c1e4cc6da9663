"""A village that goes to another township changes both series from that week on, and no other."""

from datetime import date

import pytest
from sqlalchemy import insert, update

from govdesk.clock import monday_of, week_of
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.moved_places import list_moves
from govdesk.queries.trends import VILLAGES_MOVED, breaks_by_place, list_breaks, read_source_changes
from govdesk.rules.access import SYSTEM, Scope
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import PlaceChange, PlaceWeek
from govdesk.terms import Role
from tests.support import tiny_county
from tests.support.tiny_county import COUNTY

LAST = week_of(tiny_county.UNTIL)
WEEK = LAST - 30
ONE, TWO, THREE = (f"{COUNTY}00{number}" for number in (1, 2, 3))
WINDOW = IncidentFilter(LAST - 100, LAST)


@pytest.fixture
def moved(empty_engine):
    """The first village of the first township belongs to the second since `WEEK`."""
    tiny_county.build(empty_engine, n_incidents=60, weeks=100)
    code = f"{ONE}001"
    with write_transaction(empty_engine) as connection:
        connection.execute(update(PlaceWeek).where(PlaceWeek.code == code).values(week_to=WEEK))
        connection.execute(insert(PlaceWeek), [{
            "code": code, "week_from": WEEK, "week_to": 2**30, "district_code": TWO, "kind": ""}])
    return empty_engine


def test_both_townships_break_and_the_third_and_the_county_do_not(moved):
    with read_transaction(moved) as connection:
        assert list_moves(connection, SYSTEM, LAST - 100, LAST) == {WEEK: (ONE, TWO)}
        changes = read_source_changes(connection, SYSTEM, WINDOW)
    assert [(one.kind, one.week, one.place_codes) for one in changes] == [(VILLAGES_MOVED, WEEK, (ONE, TWO))]
    assert breaks_by_place(changes, [ONE, TWO, THREE]) == {ONE: (WEEK,), TWO: (WEEK,), THREE: ()}
    assert list_breaks(changes, None) == ()
    assert changes[0].name_kind("zh") == "村（社区）划转"


def test_move_is_known_to_its_townships_and_inside_its_weeks_only(moved):
    with read_transaction(moved) as connection:
        for place, n in ((ONE, 1), (TWO, 1), (THREE, 0)):
            assert len(list_moves(connection, Scope("t", Role.TOWNSHIP, place), LAST - 100, LAST)) == n
            asked = IncidentFilter(LAST - 100, LAST, place_code=place)
            assert len(read_source_changes(connection, SYSTEM, asked)) == n
        assert list_moves(connection, SYSTEM, WEEK + 1, LAST) == {}


def test_village_that_goes_under_a_new_code_is_followed(empty_engine):
    tiny_county.build(empty_engine, n_incidents=60, weeks=100)
    old, new = f"{ONE}001", f"{THREE}009"
    with write_transaction(empty_engine) as connection:
        connection.execute(update(PlaceWeek).where(PlaceWeek.code == old).values(week_to=WEEK))
        connection.execute(insert(PlaceWeek), [{
            "code": new, "week_from": WEEK, "week_to": 2**30, "district_code": THREE, "kind": ""}])
        connection.execute(insert(PlaceChange), [
            {"from_code": old, "to_code": new, "on": monday_of(WEEK), "kind": "move", "share": 1.0},
            {"from_code": f"{ONE}002", "to_code": f"{TWO}002", "on": date(2000, 1, 3), "kind": "move", "share": 1.0}])
    with read_transaction(empty_engine) as connection:
        assert list_moves(connection, SYSTEM, LAST - 100, LAST) == {WEEK: (ONE, THREE)}
