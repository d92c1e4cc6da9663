from datetime import UTC, date, datetime

import pytest

from govdesk.clock import week_of
from govdesk.queries.freshness import find_first_week
from govdesk.queries.instants import as_day, as_instant, complete_week


@pytest.mark.parametrize(("day", "monday"), [
    (date(2026, 11, 22), date(2026, 11, 16)),  # a Sunday ends its week
    (date(2026, 11, 23), date(2026, 11, 16)), (date(2026, 11, 21), date(2026, 11, 9)),
    (date(2026, 11, 28), date(2026, 11, 16)), (date(2026, 11, 29), date(2026, 11, 23)),
])
def test_complete_week_ends_on_or_before_the_day(day, monday):
    assert complete_week(day) == week_of(monday)


def test_instant_counts_by_the_countys_day():
    late_saturday = datetime(2026, 11, 21, 16, 30, tzinfo=UTC)  # Sunday 00:30 in Shanghai
    assert as_day(late_saturday) == date(2026, 11, 22)
    assert complete_week(late_saturday) == complete_week(date(2026, 11, 22))


def test_day_means_its_end():
    assert as_instant(date(2026, 11, 22)) == datetime(2026, 11, 22, 15, 59, 59, tzinfo=UTC)


def test_lone_early_records_do_not_open_the_period():
    assert find_first_week([-3600, 10, 1000, 1001, 1002, 1003, 1004]) == 1000


def test_sparse_records_begin_with_the_first():
    assert find_first_week([5, 40]) == 5
    assert find_first_week([5]) == 5
    assert find_first_week([5, 7, 9, 11]) == 5
