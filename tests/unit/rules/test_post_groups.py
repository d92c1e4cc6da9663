"""Groups of posts: joined in order until nobody's work can be told, and never otherwise; vacancies as one."""

import itertools
from datetime import date, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from govdesk.rules.post_groups import LEAST_POSTS, form_groups, is_enough, merge_spans

DAY = date(2026, 1, 1)
sizes = st.lists(st.integers(0, 8), max_size=12)


def enough(some):
    return sum(some) >= LEAST_POSTS


def test_neighbours_are_joined_in_order_and_the_rest_joins_the_last():
    assert form_groups([3, 2, 6, 1], enough) == [(3, 2), (6, 1)]
    assert form_groups([1, 1, 1, 1], enough) == []
    assert form_groups([], enough) == []


@given(sizes)
def test_groups_hold_every_unit_once_in_order_and_each_is_enough(units):
    groups = form_groups(units, enough)
    if enough(units):
        assert [unit for group in groups for unit in group] == units
        assert all(enough(group) for group in groups)
    else:
        assert groups == []


def test_group_that_the_rest_would_spoil_takes_the_one_before_it():
    # A unit whose posts ended, then one with two posts later: together they would show two workers.
    days = {"a": ([5, 5], [5, 5]), "b": ([5, 0], [5, 0]), "c": ([0, 2], [0, 2])}

    def may_show(some):
        standing, filled = (np.sum([days[unit][part] for unit in some], axis=0) for part in (0, 1))
        return is_enough(standing, filled)

    assert form_groups(["a", "b", "c"], may_show) == [("a", "b", "c")]


def test_every_day_counts_and_only_filled_posts_do():
    assert is_enough(np.array([5, 6]), np.array([5, 5]))
    assert not is_enough(np.array([5, 6]), np.array([5, 4]))
    assert not is_enough(np.array([9, 9]), np.array([9, 1]))
    assert is_enough(np.array([0, 5]), np.array([0, 5]))
    assert not is_enough(np.array([0, 0]), np.array([0, 0]))


spans = st.lists(st.tuples(st.integers(0, 40), st.none() | st.integers(0, 40)), max_size=8)


@given(spans)
def test_merged_spans_hold_the_same_days_and_neither_overlap_nor_touch(drawn):
    rows = [(DAY + timedelta(begin), None if end is None else DAY + timedelta(end)) for begin, end in drawn]
    merged = merge_spans(rows)
    days = [DAY + timedelta(n) for n in range(60)]
    covered = lambda some, day: any(b <= day and (e is None or e > day) for b, e in some)  # noqa: E731
    assert [covered(rows, day) for day in days] == [covered(merged, day) for day in days]
    assert all(one[1] is not None and one[1] < other[0] for one, other in itertools.pairwise(merged))
