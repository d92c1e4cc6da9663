"""A count for a past week uses the places of that week; a trend over the change is marked, not broken."""

import pytest

from govdesk.clock import week_of
from govdesk.queries.continued import series_with_predecessors
from govdesk.queries.counts import count_by_place, weekly_series
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.places import list_changes, list_places
from govdesk.rules.access import SYSTEM
from govdesk.storage.engine import read_transaction
from tests.support.tiny_county import COUNTY, SPLIT_ON, UNTIL

OLD, NEW_A, NEW_B = (f"{COUNTY}001001-01{end}" for end in ("", "a", "b"))
SPLIT = week_of(SPLIT_ON)
BEFORE, AFTER = (SPLIT - 80, SPLIT), (SPLIT, week_of(UNTIL) + 1)


@pytest.fixture
def connection(tiny_engine):
    with read_transaction(tiny_engine) as reading:
        yield reading


def codes_counted(connection, weeks):
    found = count_by_place(connection, SYSTEM, IncidentFilter(*weeks), "grid")
    return set(found["place_code"]) & {OLD, NEW_A, NEW_B}


def test_count_before_the_split_belongs_to_the_old_grid(connection):
    assert codes_counted(connection, BEFORE) == {OLD}


def test_count_after_the_split_belongs_to_the_new_grids(connection):
    assert codes_counted(connection, AFTER) == {NEW_A, NEW_B}


def test_village_counts_the_same_over_the_split(connection):
    whole = IncidentFilter(BEFORE[0], AFTER[1], place_code=f"{COUNTY}001001")
    by_grid = count_by_place(connection, SYSTEM, whole, "grid")["n_incidents"].sum()
    assert count_by_place(connection, SYSTEM, whole, "village")["n_incidents"].tolist() == [by_grid]


def test_places_on_either_side_of_the_day(connection):
    day_before = SPLIT_ON.replace(day=1)
    assert OLD in set(list_places(connection, SYSTEM, "grid", day_before)["code"])
    on_the_day = set(list_places(connection, SYSTEM, "grid", SPLIT_ON, f"{COUNTY}001001")["code"])
    assert OLD not in on_the_day
    assert {NEW_A, NEW_B} <= on_the_day
    assert len(list_changes(connection, SYSTEM, OLD)) == 2
    assert list_changes(connection, SYSTEM, NEW_A)["share"].tolist() == [0.5]


def test_own_series_begins_with_the_grid(connection):
    series = weekly_series(connection, SYSTEM, IncidentFilter(BEFORE[0], AFTER[1], place_code=NEW_A))
    assert series.loc[series["week"] < SPLIT, "n_incidents"].sum() == 0
    assert series.loc[series["week"] >= SPLIT, "n_incidents"].sum() > 0


def test_trend_is_continued_by_shares_and_marked(connection):
    whole = IncidentFilter(BEFORE[0], AFTER[1])
    trend = series_with_predecessors(connection, SYSTEM, IncidentFilter(BEFORE[0], AFTER[1], place_code=NEW_A))
    old = weekly_series(connection, SYSTEM, IncidentFilter(*BEFORE, place_code=OLD))["n_incidents"]
    new = weekly_series(connection, SYSTEM, IncidentFilter(*AFTER, place_code=NEW_A))["n_incidents"]
    series = trend.series
    assert series["week"].tolist() == list(range(whole.week_from, whole.week_to))
    assert series["n_incidents"].tolist() == [*(old * 0.5), *new]
    assert series["is_estimated"].tolist() == [True] * len(old) + [False] * len(new)
    assert trend.marks == ((SPLIT, "split", OLD, NEW_A),)


def test_place_that_ended_is_marked_too(connection):
    trend = series_with_predecessors(connection, SYSTEM, IncidentFilter(BEFORE[0], AFTER[1], place_code=OLD))
    assert [mark[3] for mark in trend.marks] == [NEW_A, NEW_B]
    assert not trend.series["is_estimated"].any()


def test_window_without_the_change_has_no_mark(connection):
    trend = series_with_predecessors(connection, SYSTEM, IncidentFilter(*AFTER, place_code=NEW_B))
    assert len(trend.marks) == 1  # the change falls into the first week of the window
    later = series_with_predecessors(connection, SYSTEM, IncidentFilter(SPLIT + 1, AFTER[1], place_code=NEW_B))
    assert later.marks == ()
    assert not later.series["is_estimated"].any()
