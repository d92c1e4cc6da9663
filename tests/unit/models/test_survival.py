import warnings
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.survival import Interval, estimate_survival, find_median, find_quantile, survival_at

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from lifelines import KaplanMeierFitter
    from lifelines.utils import qth_survival_time

#: Remission in weeks under 6-mercaptopurine (Freireich 1963), day: (events, censored): a textbook's example.
FREIREICH = {6: (3, 1), 7: (1, 0), 9: (0, 1), 10: (1, 1), 11: (0, 1), 13: (1, 0), 16: (1, 0), 17: (0, 1), 19: (0, 1),
             20: (0, 1), 22: (1, 0), 23: (1, 0), 25: (0, 1), 32: (0, 2), 34: (0, 1), 35: (0, 1)}


def estimate(bins, **more):
    return estimate_survival(list(bins), [e for e, _ in bins.values()], [c for _, c in bins.values()], **more)


def by_lifelines(bins, confidence=0.95):
    durations = [day for day, (e, c) in bins.items() for _ in range(e + c)]
    observed = [ended for e, c in bins.values() for ended in [1] * e + [0] * c]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return KaplanMeierFitter(alpha=1 - confidence).fit(durations, observed)


def test_freireich_agrees_with_the_textbook():
    curve = estimate(FREIREICH)
    known = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
    for day, share in known.items():
        assert survival_at(curve, day).value == pytest.approx(share, abs=5e-4)
    assert find_median(curve) == Interval(23.0, 13.0, None)
    assert (curve.n, curve.n_events, curve.n_censored) == (21, 9, 12)


bins_of_days = st.dictionaries(st.integers(0, 400), st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1,
                               max_size=40).filter(lambda bins: any(e + c for e, c in bins.values()))


@settings(max_examples=150, deadline=None)
@given(bins_of_days, st.sampled_from([0.8, 0.95, 0.99]))
def test_curve_interval_and_median_agree_with_lifelines(bins, confidence):
    curve, oracle = estimate(bins, confidence=confidence), by_lifelines(bins, confidence)
    theirs = oracle.survival_function_.iloc[:, 0]
    assert np.allclose(curve.survival, theirs.loc[curve.days], atol=1e-9, rtol=0)
    inside = (curve.survival > 1e-12) & (curve.survival < 1 - 1e-12)
    bounds = oracle.confidence_interval_.loc[curve.days].to_numpy()[inside]
    assert np.allclose(np.column_stack([curve.low, curve.high])[inside], bounds, atol=1e-9, rtol=0)
    # Theirs is a sum of logarithms: what is one half exactly comes out a rounding above it.
    median = qth_survival_time(0.5, theirs.round(12))
    assert find_median(curve).value == (None if np.isinf(median) else median)


@settings(max_examples=150, deadline=None)
@given(bins_of_days)
def test_median_is_exact_in_fractions(bins):
    left, share, median = sum(e + c for e, c in bins.values()), Fraction(1), None
    for day, (events, censored) in sorted(bins.items()):
        share *= 1 - Fraction(events, left) if left else 1
        left -= events + censored
        median = day if median is None and share <= Fraction(1, 2) else median
    assert find_median(estimate(bins)).value == median


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_interval_of_the_median_agrees_with_lifelines(seed):
    rng = np.random.default_rng(seed)
    lasted, watched = rng.geometric(0.03, 300), rng.integers(5, 90, 300)
    ended = lasted <= watched
    days = np.minimum(lasted, watched)
    curve = estimate_survival(days, ended, ~ended)
    oracle = KaplanMeierFitter().fit(days, ended)
    from lifelines.utils import median_survival_times

    low, high = median_survival_times(oracle.confidence_interval_).to_numpy()[0]
    assert find_median(curve) == Interval(oracle.median_survival_time_, low, high)


def test_median_interval_covers_the_truth():
    rng, hits = np.random.default_rng(5), 0
    for _ in range(400):
        lasted, watched = np.ceil(rng.exponential(30, 80)), rng.integers(10, 120, 80)
        ended = lasted <= watched
        found = find_median(estimate_survival(np.minimum(lasted, watched), ended, ~ended))
        truth = np.ceil(30 * np.log(2))
        hits += (found.low is None or found.low <= truth) and (found.high is None or truth <= found.high)
    assert 0.92 <= hits / 400 <= 0.99


def test_order_and_repetition_of_days_do_not_matter():
    one = estimate_survival([5, 2, 5, 9], [1, 1, 2, 0], [0, 0, 1, 4])
    other = estimate_survival([2, 5, 7, 9], [1, 3, 0, 0], [0, 1, 0, 4])
    assert one.days.tolist() == other.days.tolist() == [2, 5, 9]
    assert one.at_risk.tolist() == other.at_risk.tolist() == [9, 8, 4]
    assert one.survival.tolist() == other.survival.tolist()


def test_events_of_a_day_come_before_its_censorings():
    assert survival_at(estimate_survival([3], [1], [1]), 3).value == 0.5


def test_half_that_never_ends_has_no_median():
    assert find_median(estimate_survival([1, 50], [4, 0], [0, 6])).value is None


def test_what_lies_beyond_the_observed_is_unknown():
    curve = estimate_survival([2, 10], [1, 0], [0, 3])
    assert survival_at(curve, 1) == Interval(1.0, 1.0, 1.0)
    assert survival_at(curve, 10).value == 0.75
    assert survival_at(curve, 11) == Interval(None, None, None)


def test_all_ended_is_zero_for_ever_and_the_bound_above_stays():
    curve = estimate_survival([1, 2, 3], [1, 1, 1], [0, 0, 0])
    assert survival_at(curve, 99).value == 0.0
    assert curve.low[-1] == 0.0
    assert curve.high[-1] == curve.high[-2] < 1.0


def test_nothing_at_all_has_a_curve_without_days():
    curve = estimate_survival([], [], [])
    assert curve.n == 0
    assert find_median(curve) == survival_at(curve, 3) == Interval(None, None, None)


def test_nine_of_ten():
    assert find_quantile(estimate_survival(range(1, 11), [1] * 10, [0] * 10), 0.9).value == 9.0


@pytest.mark.parametrize("bad", [([1], [1, 2], [0]), ([-1], [1], [0]), ([1], [-1], [0]), ([1.5], [1], [0])])
def test_what_is_no_count_is_refused(bad):
    with pytest.raises(ValueError, match=r"whole numbers|length"):
        estimate_survival(*bad)


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95])
def test_confidence_is_a_share(confidence):
    with pytest.raises(ValueError, match="confidence"):
        estimate_survival([1], [1], [0], confidence=confidence)
