"""The dated closure against a walk up the tree, week by week."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdesk.clock import monday_of, week_of
from govdesk.ingest.place_tree import CycleError, PlaceVersion, build_closure, group_by_code
from govdesk.tables.places import ALWAYS, FIRST_WEEK, OPEN_WEEK

START = date(2024, 1, 1)


def place(code, parent=None, valid_from=ALWAYS, valid_to=None, level="village"):
    return PlaceVersion(code, valid_from, valid_to, code, "", level, parent)


@st.composite
def dated_trees(draw):
    """Trees of up to 7 places; each has up to 3 versions with gaps, each version its own parent among earlier places."""
    versions = []
    for at in range(draw(st.integers(1, 7))):
        day = ALWAYS if draw(st.booleans()) else START + timedelta(days=draw(st.integers(0, 40)))
        for _ in range(draw(st.integers(1, 3))):
            parent = f"p{draw(st.integers(0, at - 1))}" if at and draw(st.integers(0, 9)) else None
            since = max(day, START)
            end = None if draw(st.integers(0, 3)) == 0 else since + timedelta(days=draw(st.integers(1, 40)))
            versions.append(place(f"p{at}", parent, day, end))
            if end is None:
                break
            day = end + timedelta(days=draw(st.sampled_from([0, 0, 3, 12])))
    return versions


def version_of_week(same, week):
    """The newest version that begins in or before the week, if it is still there on some day of the week."""
    begun = [item for item in same if item.valid_from == ALWAYS or week_of(item.valid_from) <= week]
    if not begun:
        return None
    newest = begun[-1]
    return newest if newest.valid_to is None or newest.valid_to > monday_of(week) else None


def walk(by_code, code, week):
    found, depth = {}, 0
    while code in by_code:
        version = version_of_week(by_code[code], week)
        if version is None:
            break
        found[code] = depth
        code, depth = version.parent_code, depth + 1
    return found


@settings(max_examples=150, deadline=None)
@given(dated_trees())
def test_closure_equals_a_walk_in_every_week(versions):
    by_code, rows = group_by_code(versions), build_closure(versions)
    for week in [FIRST_WEEK, *range(week_of(START) - 1, week_of(START) + 45), OPEN_WEEK - 1]:
        if week == FIRST_WEEK:
            continue  # no date stands for it; the week before START says the same
        for code in by_code:
            got = {row.ancestor_code: row.depth for row in rows
                   if row.code == code and row.week_from <= week < row.week_to}
            expected = walk(by_code, code, min(week, week_of(START) + 60))
            assert got == expected, (code, week)


@settings(max_examples=100, deadline=None)
@given(dated_trees())
def test_weeks_of_one_pair_never_overlap(versions):
    rows = build_closure(versions)
    assert all(row.week_from < row.week_to for row in rows)
    for first, second in pairwise(rows):
        if (first.code, first.ancestor_code) == (second.code, second.ancestor_code):
            assert first.week_to <= second.week_from


def test_place_that_ends_on_thursday_keeps_its_week_and_its_successor_has_it_too():
    thursday = date(2026, 3, 5)
    rows = build_closure([place("old", valid_to=thursday), place("new", valid_from=thursday)])
    weeks = {row.code: (row.week_from, row.week_to) for row in rows}
    assert weeks == {"old": (FIRST_WEEK, week_of(thursday) + 1), "new": (week_of(thursday), OPEN_WEEK)}


def test_place_that_ends_on_monday_has_no_part_of_that_week():
    monday = date(2026, 3, 2)
    assert build_closure([place("old", valid_to=monday)])[0].week_to == week_of(monday)


def test_renaming_is_no_break_in_the_closure():
    day = date(2026, 3, 4)
    rows = build_closure([place("a", valid_to=day), place("a", valid_from=day)])
    assert [(row.week_from, row.week_to) for row in rows] == [(FIRST_WEEK, OPEN_WEEK)]


def test_cycle_is_an_error():
    with pytest.raises(CycleError):
        build_closure([place("a", "b"), place("b", "a")])
    with pytest.raises(CycleError):
        build_closure([place("a", "a")])
