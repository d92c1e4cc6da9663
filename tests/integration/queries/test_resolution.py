"""Where incidents were settled: against the same counts made by hand, with what is not known apart."""

import numpy as np
import pytest
from sqlalchemy import select, update

from govdesk.queries.filters import IncidentFilter
from govdesk.queries.resolution import LEVELS, UNKNOWN, count_settled, quarter_of, sum_levels, sum_quarters
from govdesk.rules.access import SYSTEM, Scope
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Incident
from govdesk.terms import Role
from tests.support import quality_county, tiny_county

COUNTY = tiny_county.COUNTY
LAST = 2967


@pytest.fixture
def county(empty_engine):
    quality_county.build(empty_engine, 500)
    rng = np.random.default_rng(3)
    with write_transaction(empty_engine) as connection:
        for number in connection.scalars(select(Incident.id)).all():
            level = (*LEVELS, None)[int(rng.integers(6))]
            connection.execute(update(Incident).where(Incident.id == number).values(resolution_level=level))
    return empty_engine


def _by_hand(engine, filters, scope=SYSTEM):
    found = {}
    with read_transaction(engine) as connection:
        rows = connection.execute(select(Incident.__table__)).mappings().all()
    for row in rows:
        if row["week_closed"] is None or not filters.week_from <= row["week_closed"] < filters.week_to:
            continue
        if row["is_counted"] != 1 or row["outcome"] not in ("settled", "agreement", "confirmed"):
            continue
        if filters.place_code and not row["place_code"].startswith(filters.place_code):
            continue
        if scope.area_code and not row["place_code"].startswith(scope.area_code):
            continue
        if scope.unit_code and row["concerns_unit"] == scope.unit_code:
            continue
        if filters.streams and row["stream"] not in filters.streams:
            continue
        key = (row["week_closed"], row["category"], row["resolution_level"] or UNKNOWN)
        found[key] = found.get(key, 0) + row["weight"]
    return found


@pytest.mark.parametrize("chosen", [{}, {"streams": ("dispute",)}, {"place_code": f"{COUNTY}002"},
                                    {"place_code": f"{COUNTY}001001", "streams": ("petition", "dispute")}])
@pytest.mark.parametrize("scope", [SYSTEM, Scope("t", Role.TOWNSHIP, f"{COUNTY}001"),
                                   Scope("d", Role.DEPARTMENT, None, "U-LAND")])
def test_counts_are_those_made_by_hand(county, chosen, scope):
    filters = IncidentFilter(LAST - 40, LAST, **chosen)
    with read_transaction(county) as connection:
        rows = count_settled(connection, scope, filters)
    found = {(row.week, row.category, row.level): row.n_settled for row in rows.itertuples()}
    expected = _by_hand(county, filters, scope)
    assert found == expected
    if not chosen and scope is SYSTEM:
        assert len(expected) > 50


def test_sums_keep_the_unknown_out_of_the_denominator(county):
    with read_transaction(county) as connection:
        settled = count_settled(connection, SYSTEM, IncidentFilter(LAST - 60, LAST))
    sums = sum_levels(settled).iloc[0]
    assert sums["n_known"] == sums[list(LEVELS)].sum() > 0
    assert sums[UNKNOWN] > 0
    assert sums["n_known"] + sums[UNKNOWN] == settled["n_settled"].sum()
    by = sum_levels(settled, "category")
    assert (by[[*LEVELS, UNKNOWN, "n_known"]].sum() == sums[[*LEVELS, UNKNOWN, "n_known"]]).all()


def test_quarters_hold_every_week_once_and_say_which_are_cut(county):
    week_from, week_to = LAST - 45, LAST
    with read_transaction(county) as connection:
        settled = count_settled(connection, SYSTEM, IncidentFilter(week_from, week_to))
    quarters = sum_quarters(settled, week_from, week_to)
    assert quarters["n_weeks"].sum() == 45
    assert quarters["quarter"].is_monotonic_increasing
    assert quarters["n_known"].sum() == sum_levels(settled)["n_known"].iloc[0]
    assert not quarters["is_whole"].iloc[0]
    assert not quarters["is_whole"].iloc[-1]
    assert quarters["is_whole"].iloc[1:-1].all()


def test_nothing_settled_is_zero_and_not_an_error(empty_engine):
    tiny_county.build(empty_engine, n_incidents=0)
    with read_transaction(empty_engine) as connection:
        settled = count_settled(connection, SYSTEM, IncidentFilter(LAST - 9, LAST))
    assert sum_levels(settled).iloc[0].tolist() == [0] * 7
    assert sum_levels(settled, "category").empty
    assert sum_quarters(settled, LAST - 9, LAST)["n_known"].tolist() == [0] * len(
        {quarter_of(week) for week in range(LAST - 9, LAST)})
