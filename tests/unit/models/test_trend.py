import numpy as np
import pandas as pd
import pytest

from models.trend import decompose

T = np.arange(364)
SEASON = 1 + 0.3 * np.sin(2 * np.pi * T / 52.1775)


def series(counts):
    return pd.Series(np.asarray(counts, dtype=float), index=np.arange(2600, 2600 + len(counts)))


def test_parts_make_up_the_counts():
    parts = decompose(series(np.random.default_rng(1).poisson(6 * SEASON))).frame
    assert np.allclose(parts["trend"] * parts["season"] + parts["remainder"], parts["n"])
    assert parts["season"].mean() == pytest.approx(1, abs=0.01)
    assert (parts["low"] <= parts["trend"]).all()
    assert (parts["trend"] <= parts["high"]).all()


def test_band_holds_the_true_trend_and_the_season_is_the_true_one():
    rng, inside = np.random.default_rng(2), []
    for turn in range(20):
        truth = 8 * np.exp(0.5 * np.sin(T / 100 + turn))
        found = decompose(series(rng.poisson(truth * SEASON)))
        inside.append(((found.frame["low"] <= truth) & (truth <= found.frame["high"])).mean())
        assert found.has_season
        assert np.corrcoef(found.frame["season"], SEASON)[0, 1] > 0.85
    assert 0.92 <= np.mean(inside) <= 0.995


@pytest.mark.parametrize("mean", [0.1, 0.5, 2.0])
def test_sparse_counts_are_not_biased(mean):
    rng = np.random.default_rng(3)
    trends = [decompose(series(rng.poisson(mean, 364))).frame["trend"].mean() for _ in range(25)]
    assert np.mean(trends) == pytest.approx(mean, rel=0.12)


def test_burst_of_a_week_moves_neither_trend_nor_season():
    counts = np.random.default_rng(4).poisson(8 * SEASON)
    plain = decompose(series(counts)).frame
    counts[180] = 90
    burst = decompose(series(counts)).frame
    assert (abs(burst["trend"] / plain["trend"] - 1) < 0.04).all()
    assert (abs(burst["season"] / plain["season"] - 1) < 0.04).all()
    assert burst["remainder"][180] > 70


def test_trend_jumps_at_a_known_break_and_is_smooth_elsewhere():
    rng = np.random.default_rng(5)
    counts = series(np.r_[rng.poisson(5, 180), rng.poisson(12, 184)])
    cut = decompose(counts, known_breaks=[2780]).frame["trend"]
    assert cut[180] / cut[179] > 1.8
    smooth = decompose(counts).frame["trend"]
    assert smooth[180] / smooth[179] < 1.1


def test_unknown_weeks_are_not_zero():
    counts = series(np.random.default_rng(6).poisson(10, 200))
    counts.iloc[80:110] = np.nan
    frame = decompose(counts).frame
    assert frame["n"].isna().sum() == 30
    assert (frame["trend"] > 7).all()
    assert frame["remainder"].isna().sum() == 30


def test_without_two_years_or_enough_cases_there_is_no_season():
    rng = np.random.default_rng(7)
    for counts in (rng.poisson(20, 90), rng.poisson(0.1, 300)):
        found = decompose(series(counts))
        assert not found.has_season
        assert (found.frame["season"] == 1).all()


def test_autocorrelation_widens_the_band():
    rng, noise = np.random.default_rng(8), np.zeros(364)
    for week in range(1, 364):
        noise[week] = 0.6 * noise[week - 1] + rng.normal(0, 0.25)
    calm, wild = decompose(series(rng.poisson(20, 364))), decompose(series(rng.poisson(20 * np.exp(noise))))
    assert wild.scale > 2 * calm.scale
    width = [np.log(found.frame["high"] / found.frame["low"]).mean() for found in (calm, wild)]
    assert width[1] > 1.5 * width[0]


@pytest.mark.parametrize("n", [1, 2, 5])
def test_few_weeks_have_a_trend_all_the_same(n):
    assert np.isfinite(decompose(series([3] * n)).frame["trend"]).all()


def test_gap_between_weeks_is_refused():
    with pytest.raises(ValueError, match="without a gap"):
        decompose(pd.Series([1.0, 2.0], index=[5, 7]))


def test_nearly_empty_weeks_before_a_restless_level_have_a_band_of_numbers():
    rng = np.random.default_rng(9)
    counts = np.r_[rng.random(150) < 0.01, rng.poisson(20_000, 214)].astype(float)
    counts[155:165] *= 30
    parts = decompose(series(counts)).frame
    assert np.isfinite(parts).all(axis=None)
    assert parts["trend"].iloc[:100].max() < 1
    assert (parts["high"] >= parts["trend"]).all()


def test_series_of_zeros_is_zero():
    parts = decompose(series(np.zeros(5))).frame
    assert np.isfinite(parts).all(axis=None)
    assert (parts["trend"] == 0).all()
