import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import nbinom

from models.baselines import Posterior, eb52, fit_recalibration, log_odds, points, rate_posterior, tail_probability
from models.panel import build_panel


def test_posterior_from_moments_by_hand():
    counts = np.array([[0.0], [2.0], [10.0]])
    posterior = rate_posterior(counts, np.array([52.0]))
    mean, spread = 4.0, np.var([0, 2, 10], ddof=1)
    shape = mean**2 / (spread - mean)
    assert posterior.shape[:, 0] == pytest.approx(shape + np.array([0, 2, 10]))
    assert posterior.rate[0] == pytest.approx(52 * mean / (spread - mean) + 52)


def test_counts_that_spread_no_more_than_chance_share_one_rate():
    posterior = rate_posterior(np.array([[3.0], [5.0], [4.0]]), np.array([52.0]))
    assert np.ptp(posterior.shape / posterior.rate) < 0.02 * float((posterior.shape / posterior.rate).mean())


@settings(max_examples=60, deadline=None)
@given(st.floats(0.05, 200), st.floats(1, 500), st.integers(1, 30), st.integers(1, 26))
def test_tail_is_the_exact_negative_binomial_one(shape, rate, c, horizon):
    tail = tail_probability(Posterior(np.array([[shape]]), np.array([rate])), float(c), horizon)[0, 0]
    assert tail == pytest.approx(nbinom.sf(c - 1, shape, rate / (rate + horizon)), rel=1e-7, abs=1e-12)


def test_more_records_never_lower_the_tail():
    counts = np.arange(30.0)[:, None]
    tail = tail_probability(rate_posterior(counts, np.array([52.0])), 1.0, 4)[:, 0]
    assert (np.diff(tail) > 0).all()


def test_negative_count_is_read_as_zero():
    posterior = rate_posterior(np.array([[-1.0], [0.0], [6.0]]), np.array([52.0]))
    assert posterior.shape[0, 0] == posterior.shape[1, 0]


def test_recalibration_finds_a_planted_line():
    rng = np.random.default_rng(3)
    odds = rng.normal(-1.5, 1.5, 60_000)
    outcome = (rng.random(60_000) < 1 / (1 + np.exp(-(0.4 + 0.6 * odds)))).astype(float)
    line = fit_recalibration(1 / (1 + np.exp(-odds)), outcome)
    assert line.intercept == pytest.approx(0.4, abs=0.05)
    assert line.slope == pytest.approx(0.6, abs=0.03)
    assert line.apply(np.array([0.5]))[0] == pytest.approx(1 / (1 + np.exp(-line.intercept)))


def test_recalibration_without_both_outcomes_leaves_the_probability():
    assert fit_recalibration(np.array([0.2, 0.3]), np.zeros(2)).apply(np.array([0.2]))[0] == pytest.approx(0.2)


def test_log_odds_stay_finite():
    assert np.isfinite(log_odds(np.array([0.0, 1.0]))).all()


def test_points_are_a_weighted_sum_of_the_roles_that_have_a_panel():
    facts = pd.DataFrame({"place": ["a", "a", "b"], "week_occurred": [1, 2, 2], "week_known": [1, 2, 2], "weight": 1})
    panel = build_panel(facts, places=["a", "b"], first_week=0, end_week=60)
    total = points({"escalation": panel}, {("escalation", 13): 5.0, ("conflict", 13): 2.0})
    assert total[:, 3].tolist() == [10, 5]
    with pytest.raises(ValueError, match="no role"):
        points({}, {("escalation", 13): 5.0})
    assert eb52(panel, 1.0, 4).shape == (2, 61)
