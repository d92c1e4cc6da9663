"""Population stability and calibration over time, by value, by planted shift and by property."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.drift import (
    Drift,
    bin_edges,
    calibrate_in_time,
    find_drift,
    fit_slope,
    passes_self_test,
    population_stability,
    usual_stability,
)

NAN = float("nan")


def rows(rng, n_weeks, n_places=60, shift=0.0):
    """Return one noisy feature, one constant and one season, and the weeks of the rows."""
    weeks = np.repeat(np.arange(n_weeks), n_places)
    season = np.sin(2 * np.pi * weeks / 52)
    return np.column_stack([rng.normal(shift, 1, len(weeks)), np.full(len(weeks), 3.0), season]), weeks


def test_index_by_hand():
    # 50 / 50 against 75 / 25: half a row is added to each of the two bins.
    p, q = np.array([50.5, 50.5]) / 101, np.array([75.5, 25.5]) / 101
    reference, recent = np.r_[np.zeros(50), np.ones(50)], np.r_[np.zeros(75), np.ones(25)]
    found = population_stability(reference, recent, edges=np.array([0.5]))
    assert found == pytest.approx(((q - p) * np.log(q / p)).sum())
    assert found == pytest.approx(0.2690, abs=1e-3)


def test_bins_hold_equal_counts():
    edges = bin_edges(np.arange(1000.0))
    counts = np.bincount(np.searchsorted(edges, np.arange(1000.0), side="left"))
    assert len(counts) == 10
    assert np.abs(counts - 100).max() <= 1


def test_frequent_value_has_a_bin_of_its_own():
    reference = np.r_[np.zeros(900), np.linspace(1, 5, 100)]
    assert population_stability(reference, reference - 0.5) > 1


@pytest.mark.parametrize("step", [-1, 1])
def test_number_that_never_changed_is_seen_to_change(step):
    assert population_stability(np.full(200, 3.0), np.full(200, 3.0 + step)) > 1
    assert population_stability(np.full(200, 3.0), np.full(200, 3.0)) == pytest.approx(0)


def test_unknown_values_are_left_out():
    values = np.random.default_rng(0).normal(size=300)
    assert population_stability(np.r_[values, NAN], values) == pytest.approx(0)
    assert np.isnan(population_stability(np.array([NAN]), values))


def test_planted_shift_is_found_and_noise_is_not():
    rng = np.random.default_rng(1)
    reference, weeks = rows(rng, 156)
    names = ["noise", "constant", "season"]
    still, later = rows(rng, 13)
    verdicts = find_drift(reference, weeks, still, 156 + later, names)
    assert verdicts["verdict"].tolist() == [Drift.STEADY, Drift.CANNOT_TELL, Drift.STEADY]
    moved, _ = rows(rng, 13, shift=1.5)
    assert find_drift(reference, weeks, moved, 156 + later, names)["verdict"][0] == Drift.SHIFTED


def test_quarter_of_a_season_is_no_drift_though_its_index_is_large():
    reference, weeks = rows(np.random.default_rng(2), 156)
    row = find_drift(reference, weeks, reference[weeks < 13], weeks[weeks < 13] + 156, ["noise", "constant", "season"]).loc[2]
    assert row["psi"] > 0.25
    assert row["verdict"] == Drift.STEADY


def test_too_few_rows_or_no_past_cannot_tell():
    rng = np.random.default_rng(3)
    reference, weeks = rows(rng, 156)
    names = ["noise", "constant", "season"]
    assert find_drift(reference, weeks, reference[:50] + 9, weeks[:50] + 156, names)["verdict"][0] == Drift.CANNOT_TELL
    short = weeks < 26
    large = find_drift(reference[short], weeks[short], reference[short] + 9, weeks[short] + 26, names)
    assert large["verdict"][0] == Drift.CANNOT_TELL
    assert np.isnan(large["usual"][0])
    with pytest.raises(ValueError, match="name"):
        find_drift(reference, weeks, reference, weeks, ["noise"])


def test_self_test_fails_where_the_index_is_blind():
    rng = np.random.default_rng(4)
    assert passes_self_test(rng.normal(size=500))
    assert passes_self_test(rng.poisson(0.4, 500).astype(float))
    assert not passes_self_test(np.full(500, 2.0))
    assert not passes_self_test(rng.normal(size=50))


def test_usual_stretches_do_not_overlap():
    reference, weeks = rows(np.random.default_rng(5), 52)
    assert len(usual_stability(reference[:, 0], weeks, 13)) == 4
    assert len(usual_stability(reference[:, 0], weeks, 52)) == 0


def calibrated(rng, n, slope=1.0):
    probability = 1 / (1 + np.exp(-rng.normal(-1.5, 1, n)))
    logit = np.log(probability / (1 - probability))
    return probability, (rng.random(n) < 1 / (1 + np.exp(-slope * logit))).astype(float)


@pytest.mark.parametrize("slope", [0.5, 1.0, 1.4])
def test_slope_is_found(slope):
    value, low, high = fit_slope(*calibrated(np.random.default_rng(6), 20000, slope))
    assert low < slope < high
    assert high - low < 0.2
    assert value == pytest.approx((low + high) / 2)


def test_no_slope_from_few_positives_or_one_probability():
    outcome = np.r_[np.ones(9), np.zeros(200)]
    assert np.isnan(fit_slope(np.linspace(0.1, 0.9, 209), outcome)).all()
    assert np.isnan(fit_slope(np.full(40, 0.3), np.r_[np.ones(20), np.zeros(20)])).all()


def test_calibration_by_quarter_counts_back_from_the_last_week():
    weeks = np.arange(30)
    probability, outcome = np.full(30, 0.5), np.zeros(30)
    outcome[:8] = 1
    outcome[29] = NAN  # not over: the last week judged is 28
    probability[28] = NAN  # not told: the last is 27
    found = calibrate_in_time(weeks, probability, outcome)
    assert found["week_from"].tolist() == [-11, 2, 15]
    assert found["week_to"].tolist() == [2, 15, 28]
    assert found["n_rows"].tolist() == [2, 13, 13]
    assert found["n_positive"].tolist() == [2, 6, 0]
    assert found["ratio"].tolist() == pytest.approx([2, 6 / 6.5, 0])


def test_nothing_known_gives_no_rows():
    assert calibrate_in_time(np.arange(3), np.full(3, 0.5), np.full(3, NAN)).empty


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(-5, 5), min_size=1, max_size=60), st.lists(st.integers(-5, 5), min_size=1, max_size=60))
def test_index_is_never_negative_and_nothing_against_itself(one, other):
    one, other = np.array(one, dtype=float), np.array(other, dtype=float)
    assert population_stability(one, other) >= 0
    assert population_stability(one, one) == pytest.approx(0)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 20))
def test_periods_hold_every_known_row_once(seed, period):
    rng = np.random.default_rng(seed)
    weeks = rng.integers(0, 60, 40)
    probability, outcome = calibrated(rng, 40)
    outcome[rng.random(40) < 0.2] = NAN
    found = calibrate_in_time(weeks, probability, outcome, period)
    assert found["n_rows"].sum() == np.isfinite(outcome).sum()
    assert found["n_positive"].sum() == np.nansum(outcome)
    assert (found["week_to"] - found["week_from"] == period).all()
