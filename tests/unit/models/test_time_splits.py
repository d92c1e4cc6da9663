import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.time_splits import LeakError, Split, rolling_origin


def test_dates_every_four_weeks_and_a_refit_every_twelve():
    splits = rolling_origin(test_from=104, test_until=140, horizon=4)
    assert [s.refit for s in splits] == [104, 116, 128]
    assert [s.test.tolist() for s in splits] == [[104, 108, 112], [116, 120, 124], [128, 132, 136]]
    assert splits[0].train[[0, -1]].tolist() == [52, 100]


def test_settling_moves_the_last_training_week_back():
    assert rolling_origin(test_from=104, test_until=140, horizon=4, settling=5)[0].train[-1] == 95


def test_split_asserts_its_embargo_on_itself():
    with pytest.raises(LeakError):
        Split(refit=100, train=np.array([97]), test=np.array([100]), horizon=4)
    with pytest.raises(LeakError):
        Split(refit=100, train=np.array([96]), test=np.array([100]), horizon=4, settling=1)
    with pytest.raises(LeakError):
        Split(refit=100, train=np.array([90]), test=np.array([99]), horizon=4)
    Split(refit=100, train=np.array([96]), test=np.array([100]), horizon=4)


@given(st.integers(60, 200), st.integers(1, 13), st.integers(0, 13), st.integers(1, 5))
def test_every_split_keeps_the_embargo(start, horizon, settling, stride):
    for split in rolling_origin(test_from=start, test_until=start + 90, horizon=horizon, settling=settling, train_every=stride):
        assert (split.train + horizon + settling <= split.refit).all()
        assert (split.test >= split.refit).all()
        assert (split.test + horizon <= start + 90).all()


def test_without_a_test_date_it_says_so():
    with pytest.raises(ValueError, match="no test date"):
        rolling_origin(test_from=100, test_until=102, horizon=4)
    with pytest.raises(ValueError, match="multiple"):
        rolling_origin(test_from=100, test_until=150, horizon=4, refit_every=10)
