import numpy as np
import pandas as pd
import pytest
from scipy.stats import nbinom

from models.baselines import rate_posterior
from models.labels import (
    elevated_min_count,
    min_counts_of,
    onset_scope,
    outcomes,
    quiet_scope,
    scope_of,
    surge_min_counts,
)
from models.panel import build_panel


@pytest.fixture
def panel():
    rng = np.random.default_rng(5)
    rows = [(f"p{i}", w, w, 1) for i in range(12) for w in range(120) for _ in range(rng.poisson(0.02 * i))]
    facts = pd.DataFrame(rows, columns=["place", "week_occurred", "week_known", "weight"])
    return build_panel(facts, places=[f"p{i}" for i in range(12)], first_week=0, end_week=120)


def test_min_count_is_the_smallest_with_at_most_a_fifth():
    assert elevated_min_count(np.array([0.0] * 8 + [1, 2])) == 1
    assert elevated_min_count(np.array([0.0] * 7 + [1, 1, 2])) == 2
    assert elevated_min_count(np.array([0.0, 3, 3, 3, 4])) == 4
    assert elevated_min_count(np.array([0.0] * 8 + [1, 2] + [np.nan] * 9)) == 1
    assert elevated_min_count(np.zeros(4)) == 1


def test_min_count_without_a_known_label_is_refused():
    with pytest.raises(ValueError, match="no training row"):
        elevated_min_count(np.array([np.nan]))


def test_unknown_future_is_unknown_and_never_negative():
    got = outcomes(np.array([0.0, 1, 2, np.nan]), 2.0)
    assert got[:3].tolist() == [0, 0, 1]
    assert np.isnan(got[3])


def test_min_count_sees_training_counts_only(panel):
    train = panel.future_counts(4)[:, 52:80]
    first = min_counts_of(panel, "elevated", 4, train)
    assert np.unique(first).tolist() == [elevated_min_count(train)]
    assert np.unique(min_counts_of(panel, "onset", 4, train)).tolist() == [1]


def test_surge_count_is_the_smallest_with_a_tail_under_one_in_twenty(panel):
    c = surge_min_counts(panel, 4)
    posterior = rate_posterior(panel.counts(52), panel.exposure(52))
    p = posterior.rate / (posterior.rate + 4)
    at = 100
    tail = nbinom.sf(c[:, at] - 1, posterior.shape[:, at], p[at])
    one_less = nbinom.sf(c[:, at] - 2, posterior.shape[:, at], p[at])
    assert (c >= 2).all()
    assert (tail <= 0.05).all()
    assert ((one_less > 0.05) | (c[:, at] == 2)).all()


def test_onset_is_for_places_silent_for_thirteen_weeks():
    facts = pd.DataFrame({"place": ["a"], "week_occurred": [10], "week_known": [12], "weight": [1]})
    panel = build_panel(facts, places=["a", "b"], first_week=0, end_week=40)
    assert np.flatnonzero(~onset_scope(panel)[0]).tolist() == list(range(13, 26))
    assert onset_scope(panel)[1].all()
    assert scope_of(panel, "elevated").all()
    assert (scope_of(panel, "onset") == onset_scope(panel)).all()


def test_quiet_is_below_the_median_of_the_date(panel):
    year = panel.counts(52)[:, 110]
    assert (quiet_scope(panel)[:, 110] == (year < np.median(year))).all()
