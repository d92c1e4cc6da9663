"""Wilson's interval: published values, borders, nothing."""

import numpy as np
import pytest

from models.share_interval import wilson_interval


@pytest.mark.parametrize(("y", "n", "low", "high"), [
    # Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3.
    (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718),
])
def test_interval_equals_published(y, n, low, high):
    found = wilson_interval([y], [n]).iloc[0]
    assert found["low"] == pytest.approx(low, abs=5e-5)
    assert found["high"] == pytest.approx(high, abs=5e-5)


def test_nothing_has_no_share():
    assert wilson_interval([0], [0]).isna().all(axis=None)


def test_corrections_do_not_leave_the_range():
    found = wilson_interval([-2, 12], [10, 10])
    assert np.isfinite(found.to_numpy()).all()
    assert found["low"].between(0, 1).all()
