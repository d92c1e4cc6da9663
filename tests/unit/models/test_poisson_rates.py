"""Intervals of rates: by published values, by simulation, and wider where weeks jump about."""

import numpy as np
import pytest

from models.poisson_rates import estimate_dispersion, rate_interval


@pytest.mark.parametrize(("n", "low", "high"), [(0, 0.0, 3.6889), (1, 0.0253, 5.5716), (5, 1.6235, 11.6683),
                                                (10, 4.7954, 18.3904), (100, 81.3640, 121.6270)])
def test_limits_are_garwoods(n, low, high):
    # Garwood 1936, table; as in Ulm, Am J Epidemiol 131 (1990).
    found = rate_interval([n], [1.0])
    assert found[0][0] == pytest.approx(low, abs=1e-3)
    assert found[1][0] == pytest.approx(high, abs=1e-3)


def test_limits_cover_the_true_rate_at_least_as_often_as_they_say():
    drawn = np.random.default_rng(3).poisson(12.0, 4000)
    low, high = rate_interval(drawn, np.full(4000, 4.0))
    assert np.mean((low <= 3.0) & (high >= 3.0)) >= 0.95


def test_no_exposure_has_no_limits_and_corrections_count_nothing():
    low, high = rate_interval([3, -2], [0.0, 2.0])
    assert np.isnan([low[0], high[0]]).all()
    assert (low[1], high[1]) == (0.0, pytest.approx(3.6889 / 2, abs=1e-3))


def test_dispersion_is_one_under_chance_and_widens_the_interval():
    rng = np.random.default_rng(5)
    assert estimate_dispersion(rng.poisson(9.0, (200, 13))) == pytest.approx(1.0, abs=0.1)
    clustered = 3 * rng.poisson(3.0, (200, 13))
    assert estimate_dispersion(clustered) == pytest.approx(3.0, abs=0.3)
    assert estimate_dispersion(np.zeros((4, 13))) == 1.0
    assert estimate_dispersion([[3.0]]) == 1.0
    narrow, wide = rate_interval([40], [10.0]), rate_interval([40], [10.0], dispersion=3.0)
    assert wide[0][0] < narrow[0][0] < 4.0 < narrow[1][0] < wide[1][0]
