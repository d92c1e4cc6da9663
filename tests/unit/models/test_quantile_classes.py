import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.quantile_classes import find_breaks


@given(st.lists(st.integers(0, 30) | st.floats(0, 1e6), max_size=200), st.integers(1, 7))
def test_breaks_are_distinct_values_and_no_class_is_empty(values, n_classes):
    breaks = find_breaks(values, n_classes)
    distinct = sorted({float(v) for v in values})
    assert list(breaks) == sorted(set(breaks))
    assert set(breaks) <= set(distinct)
    assert len(breaks) == max(min(n_classes, len(distinct)) - 1, 0)
    classes = np.searchsorted(breaks, values, side="left")
    assert set(classes) == set(range(len(breaks) + 1)) or not values


def test_few_values_are_classes_of_their_own():
    assert find_breaks([1, 1, 1, 2, 3]) == (1.0, 2.0)
    assert find_breaks([4, 4, 4]) == ()
    assert find_breaks([]) == ()


def test_without_ties_classes_are_equally_full():
    breaks = find_breaks(np.arange(100.0), 5)
    assert breaks == (19.0, 39.0, 59.0, 79.0)


def test_many_ones_do_not_swallow_the_rest():
    values = [1] * 60 + list(range(2, 42))
    breaks = find_breaks(values, 5)
    assert breaks[0] == 1
    sizes = np.bincount(np.searchsorted(breaks, values, side="left"))
    assert sizes[1:].max() <= 2 * sizes[1:].min()


def test_what_is_missing_has_no_class():
    assert find_breaks([np.nan, np.inf, 1, 2]) == (1.0,)
    with pytest.raises(ValueError, match="at least one class"):
        find_breaks([1], 0)
