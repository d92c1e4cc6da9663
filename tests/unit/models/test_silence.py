"""Expected reports, tails and alarms of silence, by typed values and against plain loops."""

import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse, stats

from models.silence import (
    AS_EXPECTED,
    LAG,
    QUIET,
    TOO_FEW,
    Reports,
    SilenceRule,
    expected_reports,
    fit_poisson,
    fit_silence,
    judge_silence,
    lagged_rate,
    lower_tails,
    new_alarms,
    running_mean,
    window_sum,
)
from tests.support.silent_places import simulate

NAN = float("nan")


def reports(counts, other=None):
    counts = np.array(counts, dtype=float)
    return Reports(counts, counts if other is None else other, sparse.csr_array((len(counts), len(counts))),
                   np.arange(2600, 2600 + counts.shape[1]))


def test_own_rate_sees_nothing_of_the_last_26_weeks():
    counts = np.random.default_rng(1).poisson(2.0, (5, 90)).astype(float)
    changed = counts.copy()
    changed[:, 60:] = 0
    # Week 86 is the first whose lagged rate may see week 60.
    assert np.array_equal(lagged_rate(counts)[:, : 60 + LAG], lagged_rate(changed)[:, : 60 + LAG], equal_nan=True)
    assert not np.allclose(lagged_rate(counts)[:, 60 + LAG], lagged_rate(changed)[:, 60 + LAG])


def test_fading_sum_halves_in_a_half_life():
    sums, lengths = running_mean(np.array([[8.0, 0, 0, 0]]), lag=0, half_life=2)
    assert sums[0].tolist() == pytest.approx([8, 8 / 2**0.5, 4, 8 / 2**1.5])
    assert lengths[0, 1] == pytest.approx(1 + 0.5**0.5)


def test_unknown_week_is_not_a_week_without_reports():
    sums, lengths = running_mean(np.array([[4.0, NAN, 4.0]]), lag=0, half_life=1e9)
    assert (sums[0, 2], lengths[0, 2]) == pytest.approx((8, 2))


def test_rate_of_a_short_past_is_drawn_to_the_county():
    counts = np.full((4, 60), 2.0)
    counts[1] = 6.0
    counts[3, :28] = NAN
    counts[3, 28:] = 10.0
    rate = lagged_rate(counts)[:, 59]
    assert 2 <= rate[0] < rate[1] <= 6
    assert rate[3] < 10
    assert np.isnan(lagged_rate(counts)[3, 28 + LAG - 1])


def test_poisson_regression_finds_its_coefficients():
    rng = np.random.default_rng(2)
    design = np.column_stack([np.ones(20000), rng.normal(size=(20000, 2))])
    counts = rng.poisson(np.exp(design @ [0.3, 0.5, -0.2])).astype(float)
    assert fit_poisson(design, counts) == pytest.approx([0.3, 0.5, -0.2], abs=0.03)


def test_tail_is_the_negative_binomial_of_the_smaller_window():
    expected, counts = np.full((1, 26), 2.0), np.zeros((1, 26))
    counts[0, :13] = 2
    alpha = (0.1, 0.05)
    half = stats.nbinom.cdf(26, 1 / 0.05, (1 / 0.05) / (1 / 0.05 + 52))
    quarter = stats.nbinom.cdf(0, 10, 10 / (10 + 26))
    assert lower_tails(counts, expected, alpha)[0, -1] == pytest.approx(min(half, quarter))
    assert quarter < half
    assert np.isnan(lower_tails(counts, expected, alpha)[0, :25]).all()


@pytest.mark.parametrize(("per_week", "told"), [(19.9 / 26, False), (20.1 / 26, True)])
def test_under_twenty_expected_nothing_can_tell(per_week, told):
    tails = lower_tails(np.zeros((1, 26)), np.full((1, 26), per_week), (0.01, 0.01))
    assert np.isfinite(tails[0, -1]) == told


def test_alarm_is_new_once_in_26_weeks():
    tails = np.full((1, 80), 0.5)
    tails[0, [10, 12, 30, 60]] = 0.001
    assert np.flatnonzero(new_alarms(tails, 0.01)[0]).tolist() == [10, 60]


def test_states_are_told_apart():
    planted = simulate(5, side=10, n_weeks=170)
    counts = planted.reports.counts.copy()
    counts[0] = 3.0
    counts[0, -26:] = 0
    counts[1] = 3.0
    counts[2] = np.arange(170) % 3 == 0
    quiet = Reports(counts, planted.reports.other, planted.reports.neighbours, planted.reports.weeks)
    rows = judge_silence(quiet, fit_silence(quiet))
    assert rows.loc[[0, 1, 2], "state"].tolist() == [QUIET, AS_EXPECTED, TOO_FEW]
    assert rows.loc[0, "observed_26"] == 0
    assert 60 < rows.loc[0, "expected_26"] < 100
    assert np.isnan(rows.loc[2, "tail"])


def test_place_without_a_past_cannot_be_told():
    planted = simulate(5, side=8, n_weeks=150)
    counts = planted.reports.counts.copy()
    counts[0, :100] = NAN
    rows = judge_silence(Reports(counts, planted.reports.other, planted.reports.neighbours, planted.reports.weeks),
                         fit_silence(planted.reports))
    assert rows.loc[0, "state"] == TOO_FEW


def test_history_too_short_is_refused():
    with pytest.raises(ValueError, match="long enough"):
        fit_silence(reports(np.ones((3, 40))))
    with pytest.raises(ValueError, match="consecutive"):
        Reports(np.ones((1, 2)), np.ones((1, 2)), sparse.csr_array((1, 1)), np.array([1, 3]))


def test_rule_is_plain_numbers_and_gives_the_same_again():
    planted = simulate(6, side=8, n_weeks=150)
    rule = fit_silence(planted.reports)
    again = SilenceRule(tuple(rule.coefficients), tuple(rule.dispersions), rule.cut)
    assert judge_silence(planted.reports, rule).equals(judge_silence(planted.reports, again))
    assert all(type(value) is float for value in (*rule.coefficients, *rule.dispersions, rule.cut))


def test_later_weeks_change_no_expectation():
    planted = simulate(7, side=8, n_weeks=150)
    rule = fit_silence(planted.reports)
    short = expected_reports(planted.until(120), rule.coefficients)
    assert np.allclose(short, expected_reports(planted.reports, rule.coefficients)[:, :120], equal_nan=True)


def test_memory_and_time_grow_with_the_places_and_not_faster():
    def cost(side):
        planted = simulate(8, side=side, n_weeks=130)
        rule = SilenceRule((0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0), (0.02, 0.02), 0.01)
        tracemalloc.start()
        began = time.process_time()
        judge_silence(planted.reports, rule)
        seconds, (_, peak) = time.process_time() - began, tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return seconds, peak

    cost(8)
    (few, small), (many, large) = cost(16), cost(48)
    assert large / small < 1.3 * 9
    assert many / few < 2 * 9


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 12), st.integers(1, 30))
def test_window_sum_is_that_of_a_plain_loop(seed, length, n_weeks):
    values = np.random.default_rng(seed).poisson(2.0, (3, n_weeks)).astype(float)
    values[0, 0] = NAN
    found = window_sum(values, length)
    for week in range(n_weeks):
        assert found[:, week] == pytest.approx(np.nansum(values[:, max(week - length + 1, 0): week + 1], axis=1))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 60), st.integers(0, 60), st.floats(0.8, 5), st.floats(0.001, 0.5))
def test_fewer_reports_never_look_less_quiet(one, other, per_week, alpha):
    counts = np.zeros((2, 26))
    counts[:, -1] = sorted((one, other))
    tails = lower_tails(counts, np.full((2, 26), per_week), (alpha, alpha))[:, -1]
    assert 0 <= tails[0] <= tails[1] <= 1
