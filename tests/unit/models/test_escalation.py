import json
from dataclasses import replace

import numpy as np
import pytest

from models.baselines import Posterior, rate_posterior
from models.escalation import (
    MOST_SPREAD,
    Classifier,
    fit_classifier,
    probability_interval,
    spread_factor,
    too_few_to_tell,
    tune_penalty,
)
from models.features import OWN_FEATURES, RefusedFeatureError

NAMES = (*OWN_FEATURES, "county_last_4")


def fitted(penalty=10.0, n=20_000, **changes):
    rng = np.random.default_rng(4)
    values = rng.normal(-2, 1, (n, 5))
    values[:, 4] = 3.0
    odds = 0.3 + 0.5 * values[:, 0] + 0.4 * values[:, 3]
    outcome = (rng.random(n) < 1 / (1 + np.exp(-odds))).astype(float)
    options = {"features": NAMES, "label": "elevated", "horizon": 4, "penalty": penalty, "window": (2000, 2100), "min_count": 1}
    return fit_classifier(values, outcome, **{**options, **changes}), values, outcome


def test_fit_finds_planted_weights_and_gives_a_constant_feature_none():
    classifier, _, outcome = fitted()
    weights = np.array(classifier.coefficients) / np.array(classifier.scale)
    assert weights[[0, 3]] == pytest.approx([0.5, 0.4], abs=0.05)
    assert weights[[1, 2]] == pytest.approx([0, 0], abs=0.05)
    assert weights[4] == 0
    assert classifier.base_rate == outcome.mean()
    assert classifier.n_rows == 20_000


def test_recent_rows_stretch_all_coefficients_alike_and_keep_the_level():
    plain, values, outcome = fitted(penalty=0.0006)
    recent = np.arange(len(outcome)) >= 10_000
    ours, _, _ = fitted(penalty=0.0006, recent=recent)
    used = np.array(plain.coefficients) != 0
    factor = np.array(ours.coefficients)[used] / np.array(plain.coefficients)[used]
    assert factor.min() > 1.2
    assert np.ptp(factor) < 1e-9
    assert spread_factor(ours.scores(values)[recent], outcome[recent]) == pytest.approx(1, abs=0.001)
    assert ours.probabilities(values).mean() == pytest.approx(outcome.mean())
    assert (np.argsort(ours.scores(values)) == np.argsort(plain.scores(values))).all()


def test_few_recent_rows_cannot_turn_or_tear_the_scores():
    scores, plain = np.array([-2.0, -1.0, 1.0, 2.0]), fitted(n=2_000)[0]
    assert spread_factor(scores, np.zeros(4)) == 1
    assert spread_factor(scores, np.array([0.0, 0, 1, 1])) == MOST_SPREAD
    assert spread_factor(scores, np.array([1.0, 1, 0, 0])) > 0
    assert fitted(n=2_000, recent=np.zeros(2_000, dtype=bool))[0].coefficients == plain.coefficients


def test_json_gives_the_very_same_scores():
    classifier, values, _ = fitted()
    again = Classifier.from_json(classifier.to_json())
    assert again == classifier
    assert (again.scores(values) == classifier.scores(values)).all()
    content = json.loads(classifier.to_json())
    assert {"coefficients", "scale", "centre", "n_rows", "label", "features", "versions", "train_from_week"} <= set(content)


def test_contributions_and_intercept_sum_to_the_score():
    classifier, values, _ = fitted()
    total = classifier.contributions(values).sum(axis=1) + classifier.intercept
    assert total == pytest.approx(classifier.scores(values))
    assert classifier.probabilities(values) == pytest.approx(1 / (1 + np.exp(-total)))


def test_foreign_or_broken_json_is_refused():
    classifier, _, _ = fitted(n=500)
    with pytest.raises(ValueError, match="format"):
        Classifier.from_json('{"coefficients": []}')
    with pytest.raises(ValueError, match="length"):
        Classifier.from_json(replace(classifier, coefficients=(1.0,)).to_json())
    with pytest.raises(RefusedFeatureError):
        Classifier.from_json(classifier.to_json().replace("county_last_4", "share_minority"))


def test_unknown_label_cannot_train():
    with pytest.raises(ValueError, match="unknown"):
        fit_classifier(np.zeros((2, 5)), np.array([0, np.nan]), features=NAMES, label="onset", horizon=4, penalty=1.0,
                       window=(0, 1), min_count=1)


def test_one_kind_of_outcome_gives_the_base_rate():
    classifier = fit_classifier(np.ones((99, 5)), np.zeros(99), features=NAMES, label="onset", horizon=4, penalty=1.0,
                                window=(0, 1), min_count=1)
    assert classifier.probabilities(np.ones((1, 5)))[0] == pytest.approx(0.005)


def test_strong_penalty_is_chosen_for_noise_and_a_weak_one_for_signal():
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(120, 40)), rng.integers(0, 2, 120).astype(float)
    signal = np.linspace(-3, 3, 4000)[:, None], (np.linspace(-3, 3, 4000) > 0).astype(float)
    assert tune_penalty((noise[0][:60], noise[1][:60]), (noise[0][60:], noise[1][60:])) <= 0.01
    assert tune_penalty(signal, signal) == 10.0


def test_interval_holds_the_probability_and_is_wider_for_sparse_places():
    classifier, _, _ = fitted()
    n = np.array([0.0, 1, 5, 40])
    posterior = rate_posterior(n[:, None], np.array([52.0]))
    scores = np.full(4, -2.0)
    low, high = probability_interval(classifier, scores, posterior, np.ones(4))
    p = 1 / (1 + np.exp(2.0))
    width = np.log(high / (1 - high)) - np.log(low / (1 - low))
    assert (low < p).all()
    assert (high > p).all()
    assert (np.diff(width) < 0).all()


def test_interval_shrinks_with_the_weeks_seen():
    classifier, _, _ = fitted()
    wide, narrow = (
        probability_interval(classifier, np.array([-1.0]), Posterior(np.array([[k * 0.5]]), np.array([k * 5.0])), np.ones(1))
        for k in (1, 20))
    assert wide[1] - wide[0] > 2 * (narrow[1] - narrow[0])


def test_too_few_records_or_weeks_is_too_few_to_tell():
    assert too_few_to_tell(np.array([0.0, 4, 5, 80]), 200).tolist() == [True, True, False, False]
    assert too_few_to_tell(np.array([80.0]), 25).all()
