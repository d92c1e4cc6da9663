"""Resampled dates, shares and bands."""

import numpy as np
import pytest

from models.date_bands import band_of_draws, mean_of_ratios, ratio_of_sums, resample_dates

NAN = float("nan")


def test_blocks_keep_neighbours_together():
    draws = resample_dates(50, n_draws=400)
    assert np.array_equal(draws.sum(axis=1), np.full(400, 50))
    assert np.array_equal(draws, resample_dates(50, n_draws=400))
    inner = draws[:, 6:44]
    together = np.corrcoef(inner[:, :-1].ravel(), inner[:, 1:].ravel())[0, 1]
    assert together > 0.7


def test_ratio_of_sums_leaves_unknown_dates_out():
    part, whole = np.array([[1.0, 2.0, NAN]]), np.array([2.0, 6.0, NAN])
    value, drawn = ratio_of_sums(part, whole, np.array([[2.0, 1.0, 0.0], [0.0, 3.0, 0.0]]))
    assert value[0] == pytest.approx(3 / 8)
    assert drawn[:, 0].tolist() == pytest.approx([4 / 10, 6 / 18])


def test_mean_of_ratios_leaves_dates_without_a_visit_out():
    part, whole = np.array([[1.0, 0.0, 0.0]]), np.array([[2.0, 0.0, 4.0]])
    assert mean_of_ratios(part, whole, None)[0][0] == pytest.approx(0.25)


def test_band_is_the_middle_95_percent_of_what_is_known():
    low, high = band_of_draws(np.r_[np.arange(1001.0), [NAN] * 9][:, None], 1)
    assert (low[0], high[0]) == (25, 975)
    assert np.isnan(band_of_draws(np.empty((0, 2)), 2)[0]).all()
