"""Series of the trends page against plain loops over incidents; changes of sources, and whom they concern."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import insert

from govdesk.clock import week_of
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.trends import (
    breaks_by_place,
    find_first_full,
    list_breaks,
    read_open,
    read_series,
    read_source_changes,
)
from govdesk.rules.access import SYSTEM
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import SourceChange
from tests.support import tiny_county
from tests.support.tiny_county import COUNTY, NOW
from tests.support.weekly_sums import facts_by_hand

LAST = week_of(tiny_county.UNTIL)
TOWN = f"{COUNTY}002"
FILTERS = (
    IncidentFilter(LAST - 120, LAST),
    IncidentFilter(LAST - 120, LAST, ("dispute",), ("land_forest", "family")),
    IncidentFilter(LAST - 60, LAST - 3, ("petition", "hazard"), (), TOWN),
    IncidentFilter(LAST - 80, LAST, (), (), None, ("grid_worker",), ("mountain",)),
    IncidentFilter(LAST - 80, LAST, ("dispute",), (), f"{COUNTY}001001"),
)


def keep(fact, filters, week):
    return (filters.week_from <= week < filters.week_to and fact["stream"] in (filters.streams or [fact["stream"]])
            and fact["category"] in (filters.categories or [fact["category"]])
            and fact["channel"] in (filters.channels or [fact["channel"]])
            and fact["kind"] in (filters.kinds or [fact["kind"]])
            and (filters.place_code is None or filters.place_code in fact["inside"]))


@pytest.mark.parametrize("filters", FILTERS)
@pytest.mark.parametrize("by", [(), ("district",), ("stream",), ("category", "district")])
def test_series_are_those_of_plain_loops(tiny_engine, filters, by):
    with read_transaction(tiny_engine) as connection:
        found = read_series(connection, SYSTEM, filters, by)
        facts = [fact for fact in facts_by_hand(connection) if keep(fact, filters, fact["occurred"])]
    assert list(found.index) == list(range(filters.week_from, filters.week_to))
    expected = {}
    for fact in facts:
        key = "n" if not by else fact[by[0]] if len(by) == 1 else tuple(fact[name] for name in by)
        expected[key, fact["occurred"]] = expected.get((key, fact["occurred"]), 0) + fact["weight"]
    assert found.to_numpy().sum() == sum(expected.values())
    for (key, week), n in expected.items():
        assert found.at[week, key] == n


@pytest.mark.parametrize("filters", FILTERS)
def test_open_at_the_end_of_each_week_is_that_of_plain_loops(tiny_engine, filters):
    with read_transaction(tiny_engine) as connection:
        found = read_open(connection, SYSTEM, filters)["n"]
        facts = [fact for fact in facts_by_hand(connection) if keep(fact, filters, filters.week_from)]
    for week in found.index:
        known = sum(fact["weight"] for fact in facts if fact["known"] <= week)
        closed = sum(fact["weight"] for fact in facts if fact["closed"] is not None and fact["closed"] <= week)
        assert found[week] == known - closed


def test_nothing_found_is_a_zero_in_every_recorded_week(tiny_engine):
    with read_transaction(tiny_engine) as connection:
        found = read_series(connection, SYSTEM, IncidentFilter(LAST - 9, LAST, ("dispute",), ("nothing",)))
    assert list(found["n"]) == [0] * 9


def add_changes(engine, *rows):
    with write_transaction(engine) as connection:
        connection.execute(insert(SourceChange), [{
            "source": "test", "source_ref": str(number), "content_hash": "0", "recorded_at": NOW, "place_code": None,
            "stream": None, "channel": None, "unit_code": None, "note": None, **row} for number, row in enumerate(rows)])


def changes(engine, filters):
    with read_transaction(engine) as connection:
        return read_source_changes(connection, SYSTEM, filters)


def test_one_app_in_two_townships_is_one_change_that_leaves_the_third_alone(tiny_engine):
    day = date(2025, 3, 3)
    add_changes(tiny_engine, {"on": day, "kind": "new_app", "place_code": f"{COUNTY}001", "note": "App"},
                {"on": day, "kind": "new_app", "place_code": TOWN, "note": "App"})
    (one,) = changes(tiny_engine, FILTERS[0])
    assert (one.week, one.kind, one.place_codes) == (week_of(day), "new_app", (f"{COUNTY}001", TOWN))
    codes = [f"{COUNTY}00{number}" for number in (1, 2, 3)]
    assert breaks_by_place((one,), codes) == {codes[0]: (one.week,), codes[1]: (one.week,), codes[2]: ()}
    assert list_breaks((one,), None) == list_breaks((one,), COUNTY) == (one.week,)
    assert list_breaks((one,), f"{TOWN}001") == (one.week,)


def test_change_of_another_stream_channel_or_time_bears_on_nothing_here(tiny_engine):
    day = date(2026, 3, 2)
    add_changes(tiny_engine, {"on": day, "kind": "new_form", "stream": "petition"},
                {"on": day, "kind": "new_office", "channel": "hotline"},
                {"on": date(2019, 1, 1), "kind": "other"})
    assert {one.kind for one in changes(tiny_engine, FILTERS[0])} == {"new_form", "new_office"}
    assert {one.kind for one in changes(tiny_engine, FILTERS[1])} == {"new_office"}
    assert {one.kind for one in changes(tiny_engine, FILTERS[3])} == {"new_form"}
    assert list_breaks(changes(tiny_engine, FILTERS[0]), f"{COUNTY}003") == (week_of(day),)


@pytest.mark.parametrize(("before", "expected"), [
    ([], 2500), ([1] * 150, 2650), ([0, 3, 0, 40, 0, 1] * 10, 2560), ([30] * 40, 2500), ([70] * 40, 2500)])
def test_trend_begins_where_recording_is_full_and_not_with_its_trickle(before, expected):
    counts = np.array([*before, *([70, 60, 80, 75] * 100)], dtype=float)
    assert find_first_full(pd.Series(counts, index=np.arange(2500, 2500 + len(counts)))) in range(expected - 3, expected + 1)


def test_short_or_empty_series_begin_at_their_first_week():
    assert find_first_full(pd.Series([1.0, 90.0], index=[7, 8])) == 7
    assert find_first_full(pd.Series([], dtype=float)) == 0
