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


#: Villages × categories × months: what happened. Two tables of it share the totals of the villages.
CUBES = st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 3)).flatmap(
    lambda shape: arrays(np.int64, shape, elements=st.one_of(st.integers(0, 2), st.integers(0, 12))))


def find_cube_range(cube, masks, goal):
    """Return the least and the greatest number that a sum of a cube can be for whoever reads the tables side by side.

    Told are all totals of both tables, and each cell that is not hidden; the unknowns are the cells of the cube.
    """
    told = []
    for axis, mask in masks:
        for cell in np.ndindex(*mask.shape):
            index = [slice(None)] * 3
            for one, at in zip([other for other in range(3) if other != axis], cell, strict=True):
                index[one] = at
            if not mask[cell]:
                told.append(tuple(index))
    told += [tuple(at if one == axis else slice(None) for one in range(3))
             for axis in range(3) for at in range(cube.shape[axis])]
    rows = np.zeros((len(told), *cube.shape))
    for row, index in zip(rows, told, strict=True):
        row[index] = 1
    wanted = np.zeros(cube.shape)
    wanted[goal] = 1
    known = rows.reshape(len(told), -1)
    ends = []
    for sign in (1, -1):
        found = linprog(sign * wanted.ravel(), A_eq=known, b_eq=known @ cube.ravel(), bounds=(0, None), method="highs")
        assert found.status == 0, found.message
        ends.append(sign * found.fun)
    return ends[0], ends[1]


@settings(max_examples=40, deadline=None)
@given(CUBES)
def test_two_tables_with_the_same_totals_give_no_hidden_cell_back_side_by_side(cube):
    tables = {2: cube.sum(axis=2), 1: cube.sum(axis=1)}  # villages × categories, villages × months
    masks = [(axis, hide_small_counts(table, tells_totals=True)[:-1, :-1]) for axis, table in tables.items()]
    nothing_told = [(axis, np.ones_like(mask)) for axis, mask in masks]
    for axis, mask in masks:
        small = (tables[axis] > 0) & (tables[axis] < 3)
        assert mask[small].all()
        for village, other in map(tuple, np.argwhere(mask)):
            goal = (village, other, slice(None)) if axis == 2 else (village, slice(None), other)
            low, high = find_cube_range(cube, masks, goal)
            if high - low <= 0.5:  # only what the totals give by themselves, whatever the tables hide
                low, high = find_cube_range(cube, nothing_told, goal)
                assert high - low <= 0.5, (cube.tolist(), axis, village, other)


@settings(max_examples=40, deadline=None)
@given(TABLES)
def test_told_totals_are_never_hidden_and_give_no_more_than_they_say(counts):
    whole, hidden = add_totals(counts), hide_small_counts(counts, tells_totals=True)
    assert not hidden[-1].any()
    assert not hidden[:, -1].any()
    everything = np.zeros_like(hidden)
    everything[:-1, :-1] = True
    for cell in map(tuple, np.argwhere(hidden)):
        low, high = find_range(whole, hidden, cell)
        assert high - low > 0.5 or np.ptp(find_range(whole, everything, cell)) < 0.5, (counts.tolist(), cell)


def test_village_with_one_category_is_hidden_by_a_zero_where_its_total_is_told():
    """Its only count cannot grow, for the total is told; with a zero hidden beside it, it can be less."""
    counts = [[2, 0, 0], [7, 6, 9], [5, 9, 9]]
    hidden = hide_small_counts(counts, tells_totals=True)
    assert hidden[0].sum() == 2
    low, high = find_range(add_totals(np.array(counts)), hidden, (0, 0))
    assert (low, high) == (0, 2)


def test_hidden_total_would_be_given_back_by_the_other_table():
    """Why totals that stand elsewhere must not be what hides a cell."""
    counts = [[2, 0], [0, 9]]
    naive = hide_small_counts(counts)
    naive[-1, :] = naive[:, -1] = False
    naive[0, 1] = naive[1, 0] = naive[1, 1] = False
    assert find_range(add_totals(np.array(counts)), naive, (0, 0)) == (2, 2)
    assert np.ptp(find_range(add_totals(np.array(counts)), hide_small_counts(counts, tells_totals=True), (0, 0))) > 0.5


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
