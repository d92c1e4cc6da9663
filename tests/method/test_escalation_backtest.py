"""Leaks, traps and honesty gates of the escalation score, on small invented panels."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from models.backtest import COLUMNS, run_backtest
from models.escalation import Classifier
from models.evaluation import compare
from models.features import build_features
from models.panel import Panel, build_panel
from models.placebo import placebo_gains, placebo_panel, shows_foresight

END, TEST = 260, 180


def made_panel(seed=0, n_places=80, end=END, alive=False):
    """Poisson places with gamma rates; `alive`: places flare up for half a year, so there is something to foresee."""
    rng = np.random.default_rng(seed)
    rate = np.repeat(rng.gamma(0.8, 0.06, n_places)[:, None], end, axis=1)
    if alive:
        rate = np.full((n_places, end), 0.02)
        for place, start in zip(np.arange(n_places).repeat(2), rng.integers(0, end, 2 * n_places), strict=True):
            rate[place, start : start + 26] = 0.5
    place, week = np.nonzero(rng.poisson(rate))
    facts = pd.DataFrame({
        "place": [f"v{i:03d}" for i in place], "week_occurred": week, "week_known": week + rng.integers(0, 6, len(week)),
        "weight": np.where(rng.random(len(week)) < 0.02, -1, 1)})
    return build_panel(facts, places=[f"v{i:03d}" for i in range(n_places)], first_week=0, end_week=end)


@pytest.fixture(scope="module")
def panel():
    return made_panel()


@pytest.fixture(scope="module")
def done(panel):
    return run_backtest(panel, "elevated", test_from_week=TEST, resamples=200)


def disturbed(panel, as_of, seed=9):
    """The panel with what became known in or after `as_of` taken away, and news of old weeks added instead."""
    rng = np.random.default_rng(seed)
    late = np.flatnonzero(panel.known >= as_of)
    keep = np.setdiff1d(np.arange(len(panel.place)), late[rng.random(len(late)) < 0.5])
    more = np.repeat(late, 3)
    return replace(
        panel, place=np.concatenate([panel.place[keep], rng.integers(0, panel.n_places, len(more))]),
        occurred=np.concatenate([panel.occurred[keep], rng.integers(0, panel.known[more] + 1)]),
        known=np.concatenate([panel.known[keep], panel.known[more]]),
        weight=np.concatenate([panel.weight[keep], np.ones(len(more))]))


@pytest.mark.parametrize("as_of", [104, 180, 200])
def test_what_is_recorded_on_or_after_the_as_of_date_changes_no_feature(panel, as_of):
    at = np.arange(52, as_of + 1, 4)
    before, after = (build_features(p, np.full((80, END + 1), 1.0), 4, at).values for p in (panel, disturbed(panel, as_of)))
    np.testing.assert_allclose(before, after, rtol=1e-9)


@pytest.mark.parametrize("label", ["elevated", "onset", "surge"])
def test_what_is_recorded_on_or_after_the_as_of_date_changes_no_score(panel, label):
    as_of = 200
    before, after = (run_backtest(p, label, test_from_week=TEST, resamples=0).predictions
                     for p in (panel, disturbed(panel, as_of)))
    known = before["as_of"] <= as_of
    for column in (*COLUMNS, "min_count", "in_scope"):
        np.testing.assert_allclose(before.loc[known, column].astype(float), after.loc[known, column].astype(float), rtol=1e-7)
    later = before["as_of"] > as_of + 4
    assert not np.allclose(before.loc[later, "classifier"], after.loc[later, "classifier"])


def test_permuted_labels_are_a_coin(panel, monkeypatch):
    honest = Panel.future_counts

    def shuffled(self, horizon, known_before=None):
        counts = honest(self, horizon, known_before)
        return np.random.default_rng(11).permuted(counts, axis=0)

    monkeypatch.setattr(Panel, "future_counts", shuffled)
    report = run_backtest(panel, "elevated", test_from_week=TEST, resamples=0).report
    assert report["scores"]["classifier"]["auc"]["value"] == pytest.approx(0.5, abs=0.03)


def test_training_labels_are_over_and_settled_at_each_refit(panel, done):
    settling = done.report["settling_weeks"]
    assert settling == 5
    for split in done.splits:
        assert (split.train + split.horizon + settling <= split.refit).all()
    assert all(c.train_to_week + 4 + settling <= s.refit for c, s in zip(done.classifiers, done.splits, strict=True))


def test_predictions_have_the_columns_of_the_contract_and_every_place_of_every_date(done):
    expected = ["as_of", "place_code", "label", "in_scope", "outcome", "min_count", "classifier", "eb52",
                "eb52_recalibrated", "last_52_weeks", "last_4_weeks", "points"]
    assert list(done.predictions.columns)[:12] == expected
    assert (done.predictions.groupby("as_of").size() == 80).all()
    assert sorted(done.predictions["as_of"].unique()) == list(range(TEST, END - 3, 4))


def test_no_date_has_an_unknown_outcome_and_none_is_invented(panel):
    early = run_backtest(panel, "elevated", test_from_week=TEST, test_to_week=220, resamples=0).predictions
    assert early["as_of"].max() == 216
    assert early["outcome"].notna().all()


def test_scores_come_back_from_the_json_of_the_classifier(panel, done):
    at = done.splits[0].test
    values = build_features(panel, np.full((80, END + 1), float(done.report["min_count"])), 4, at).values
    again = Classifier.from_json(done.classifiers[0].to_json()).probabilities(values)
    first = done.predictions[done.predictions["as_of"].isin(at)]["classifier"].to_numpy()
    np.testing.assert_allclose(again.T.ravel(), first, rtol=1e-12)


def test_the_same_run_gives_the_same_figures(panel, done):
    again = run_backtest(panel, "elevated", test_from_week=TEST, resamples=200)
    pd.testing.assert_frame_equal(again.predictions, done.predictions)
    assert again.report["scores"] == done.report["scores"]


def test_probabilities_are_calibrated_and_the_raw_tail_is_not_the_reference(done):
    own = done.report["scores"]
    assert own["classifier"]["slope"]["value"] == pytest.approx(1, abs=0.3)
    assert own["eb52_recalibrated"]["brier_skill"]["value"] == 0
    assert own["classifier"]["ece"]["value"] < 0.04


def test_under_two_years_of_history_the_list_is_ranked_by_eb52():
    done = run_backtest(made_panel(end=100), "elevated", test_from_week=72, resamples=0)
    assert done.classifiers == ()
    assert done.notes
    assert (done.predictions["classifier"] == done.predictions["eb52_recalibrated"]).all()
    assert done.report["scores"]["classifier"]["auc"]["low"] is None


def test_placebo_keeps_rates_and_has_no_dynamics(panel):
    placebo = placebo_panel(panel, 1)
    assert placebo.n_places == panel.n_places
    assert len(placebo.place) == pytest.approx(panel.weight.sum(), rel=0.1)
    assert (placebo.known >= placebo.occurred).all()
    halves = np.bincount(placebo.occurred * 2 // END)
    assert halves[0] == pytest.approx(halves[1], rel=0.15)
    own = np.bincount(panel.place, panel.weight, minlength=80)
    assert np.corrcoef(own, np.bincount(placebo.place, minlength=80))[0, 1] > 0.9


def test_foresight_is_claimed_where_there_is_some():
    alive = made_panel(seed=3, alive=True)
    gains = placebo_gains(alive, "elevated", range(3), test_from_week=120)
    real = run_backtest(alive, "elevated", test_from_week=120, resamples=300).report
    assert real["differences"]["classifier"]["auc"]["value"] > 0.05
    assert shows_foresight(real, gains)


@pytest.mark.parametrize(("low", "gains"), [(0.05, [0.02, 0.11]), (-0.01, [0.02]), (None, [0.02]), (0.05, [])])
def test_foresight_is_not_claimed_below_a_placebo_without_a_bound_or_without_a_placebo(low, gains):
    report = {"differences": {"classifier": {"auc": {"value": 0.1, "low": low}}}}
    assert not shows_foresight(report, gains)


def test_precision_is_per_date_and_never_pooled(done):
    # scores that are only high on dates with many events: pooled they look good, per date they are blind
    rows = done.predictions.copy()
    rows["eb52"] = rows.groupby("as_of")["outcome"].transform("mean")
    got = compare(rows, {"eb52": "eb52_recalibrated"}, resamples=0)["scores"]["eb52"]
    assert got["auc"]["value"] == pytest.approx(0.5)


def test_surge_is_also_given_for_quiet_places(panel):
    report = run_backtest(panel, "surge", test_from_week=TEST, resamples=0).report
    assert report["min_count"] >= 2
    assert set(report["quiet"]["scores"]) == set(COLUMNS)
