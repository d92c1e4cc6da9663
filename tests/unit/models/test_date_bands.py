"""Resampled dates, shares and bands."""

import numpy as np
import pytest

from models.date_bands import (
    band_of_draws,
    band_of_share,
    mean_of_ratios,
    overlap_of_dates,
    ratio_of_sums,
    resample_dates,
)

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


def test_band_of_a_share_needs_28_dates_and_is_wider_where_neighbours_are_alike():
    assert np.isnan(band_of_share(np.ones(27), np.full(27, 2.0))).all()
    rng = np.random.default_rng(1)
    whole = np.full(60, 20.0)
    apart = rng.binomial(20, 0.4, 60).astype(float)
    alike = np.repeat(rng.binomial(20, np.repeat([0.2, 0.6], 6)), 5).astype(float)
    widths = []
    for part in (apart, alike):
        low, high = band_of_share(part, whole)
        assert low < part.sum() / whole.sum() < high
        widths.append(high - low)
    assert widths[1] > 2 * widths[0]


def test_band_of_a_share_covers_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(2)
    bands = [band_of_share(rng.binomial(18, 0.3, 40).astype(float), np.full(40, 18.0)) for _ in range(120)]
    assert 0.85 <= np.mean([low <= 0.3 <= high for low, high in bands]) <= 0.99


@pytest.mark.parametrize(("weeks", "overlap"), [
    ([], 0), ([10], 1), ([10, 11, 12], 3), ([10, 11, 12, 13, 14, 15], 4), ([10, 14, 18], 1), ([10, 12, 14], 2)])
def test_overlap_is_how_many_lists_look_at_one_week(weeks, overlap):
    assert overlap_of_dates(np.array(weeks, dtype=float), 4) == overlap
