"""Which cells of a table are hidden, against an independent judge: linear programming over all tables that agree."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import linprog

from govdesk.rules.small_counts import add_totals, hide_small_counts

TABLES = st.tuples(st.integers(1, 4), st.integers(1, 4)).flatmap(
    lambda shape: arrays(np.int64, shape, elements=st.one_of(st.integers(0, 4), st.integers(0, 40))))


def find_range(whole, hidden, cell):
    """Return the least and the greatest number that an untold cell can be, for whoever reads all that is told."""
    rows, columns = whole.shape
    sums = []
    for row in range(rows):
        sums.append(np.zeros(whole.shape))
        sums[-1][row, :-1], sums[-1][row, -1] = 1, -1
    for column in range(columns):
        sums.append(np.zeros(whole.shape))
        sums[-1][:-1, column], sums[-1][-1, column] = 1, -1
    bounds = [(0, None) if is_hidden else (n, n) for n, is_hidden in zip(whole.ravel(), hidden.ravel(), strict=True)]
    goal = np.zeros(whole.shape)
    goal[cell] = 1
    ends = []
    for sign in (1, -1):
        found = linprog(sign * goal.ravel(), A_eq=np.array(sums).reshape(-1, whole.size), b_eq=np.zeros(rows + columns),
                        bounds=bounds, method="highs")
        ends.append(np.inf if found.status in (3, 4) else found.x[np.ravel_multi_index(cell, whole.shape)])
    return ends[0], ends[1]


@settings(max_examples=60, deadline=None)
@given(TABLES)
def test_hidden_cell_cannot_be_worked_out_from_what_is_told(counts):
    whole, hidden = add_totals(counts), hide_small_counts(counts)
    for cell in map(tuple, np.argwhere(hidden)):
        low, high = find_range(whole, hidden, cell)
        assert high - low > 0.5, (counts.tolist(), cell)


@settings(max_examples=100, deadline=None)
@given(TABLES)
def test_small_count_is_always_hidden_and_a_table_without_one_is_told_whole(counts):
    hidden = hide_small_counts(counts)
    assert hidden[:-1, :-1][(counts > 0) & (counts < 3)].all()
    if not ((counts > 0) & (counts < 3)).any():
        assert not hidden.any()


def test_primary_cells_alone_are_given_back_by_the_sums():
    whole = add_totals(np.array([[1, 8, 9], [7, 6, 9], [5, 9, 9]]))
    naive = np.zeros(whole.shape, dtype=bool)
    naive[0, 0] = True
    assert find_range(whole, naive, (0, 0)) == (1, 1)


def test_complement_is_the_smallest_that_does():
    hidden = hide_small_counts([[1, 8, 9], [7, 6, 9], [5, 9, 9]])
    assert hidden.sum() == 4
    assert not hidden[-1].any()
    assert not hidden[:, -1].any()


def test_single_column_hides_totals_for_nothing_else_is_left():
    hidden = hide_small_counts([[2], [9], [8]])
    assert hidden[0, 0]
    assert hidden[0, 1]


@pytest.mark.parametrize("wrong", [[[1, -1]], [1, 2]])
def test_what_is_no_table_of_counts_is_refused(wrong):
    with pytest.raises(ValueError, match="no count below zero"):
        hide_small_counts(wrong)


def test_county_of_villages_is_judged_in_time():
    counts = np.random.default_rng(5).poisson(2.0, (60, 20))
    hidden = hide_small_counts(counts)
    assert hidden[:-1, :-1].mean() < 0.9
