"""The incidents held in memory give what reading each filter gives, over random slices."""

import random
from dataclasses import replace

import pytest
from pandas.testing import assert_frame_equal

from govdesk.clock import week_of
from govdesk.queries import closing_months, quality_returns, quality_sums
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.quality_cohort import BYS
from govdesk.queries.quality_table import read_quality_table
from govdesk.rules.access import SYSTEM, Scope
from govdesk.storage.engine import get_engine, read_transaction
from govdesk.terms import Role
from tests.support import quality_county
from tests.support.tiny_county import COUNTY, NOW, STREAMS, UNTIL

LAST = week_of(UNTIL)
SCOPES = (SYSTEM, Scope("t", Role.TOWNSHIP, f"{COUNTY}002"), Scope("u", Role.DEPARTMENT, None, "U-LAND"))
PLACES = (f"{COUNTY}001", f"{COUNTY}002", f"{COUNTY}001001", f"{COUNTY}001001-01")


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    engine = get_engine(f"sqlite:///{tmp_path_factory.mktemp('table') / 'county.db'}")
    quality_county.build(engine, 420)
    return engine


def draw(dice: random.Random, begin: int) -> IncidentFilter:
    """Return a random slice that begins in a week or later; each filter is on in a third."""
    some = lambda values: tuple(dice.sample(values, dice.randint(1, 2))) if dice.random() < 0.35 else ()  # noqa: E731
    week_from = begin + dice.choice((0, 0, 5))
    return IncidentFilter(
        week_from, week_from + dice.randint(1, 70), some(list(STREAMS)), (),
        dice.choice(PLACES) if dice.random() < 0.35 else None, some(["grid_worker", "hotline", "letter"]),
        some(["mountain", "plain", "urban"]), some(["U-LAND", "U-CENTRE", "U-TOWN"]))


@pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: scope.account)
def test_the_table_gives_what_reading_each_filter_gives(county, scope):
    dice, seen, begin = random.Random(7), 0, LAST - 60
    with read_transaction(county) as c:
        table = read_quality_table(c, scope, begin, NOW)
        for number in range(40):
            f, by = draw(dice, begin), (None, *BYS)[number % 6]
            found = quality_sums.sum_quality_by_days(c, scope, f, NOW, by)
            seen += int(found["n"].sum() > 0)
            assert_frame_equal(quality_sums.sum_quality_by_days(c, scope, f, NOW, by, table=table), found)
            for read, held in zip(quality_sums.read_course(c, scope, f, NOW),
                                  quality_sums.read_course(c, scope, f, NOW, table=table), strict=True):
                assert_frame_equal(held, read)
            for query in (closing_months.count_closings_by_month, quality_returns.sum_recurrences):
                assert_frame_equal(query(c, scope, f, NOW, table=table), query(c, scope, f, NOW))
    assert seen > 15


def test_a_place_that_has_nothing_gives_nothing(county):
    f = replace(IncidentFilter(LAST - 20, LAST + 1), place_code="nowhere")
    with read_transaction(county) as c:
        table = read_quality_table(c, SYSTEM, f.week_from, NOW)
        assert quality_sums.sum_quality_by_days(c, SYSTEM, f, NOW, table=table).empty
        assert quality_returns.sum_recurrences(c, SYSTEM, f, NOW, table=table).empty
