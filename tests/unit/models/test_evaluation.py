import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score

from models.baselines import log_odds
from models.evaluation import (
    auc,
    average_precision,
    block_weights,
    compare,
    figures_of,
    list_length,
    sum_over_dates,
)


@pytest.fixture(scope="module")
def predictions():
    rng = np.random.default_rng(8)
    n_dates, n = 40, 50
    odds = rng.normal(-2, 1.2, (n_dates, n))
    p = 1 / (1 + np.exp(-odds))
    return pd.DataFrame({
        "as_of": np.repeat(np.arange(n_dates) * 4, n), "in_scope": rng.random(n_dates * n) < 0.9,
        "outcome": (rng.random((n_dates, n)) < p).astype(float).ravel(), "good": p.ravel(),
        "eb52": (1 / (1 + np.exp(-(0.5 * odds + rng.normal(0, 1, odds.shape))))).ravel(),
        "counts": rng.integers(0, 3, n_dates * n).astype(float),
    })


def judged(predictions):
    return predictions[predictions["in_scope"]].groupby("as_of")


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=30))
def test_auc_agrees_with_scikit_learn(rows):
    outcome, score = np.array([float(o) for o, _ in rows]), np.array([float(s) for _, s in rows])
    if 0 < outcome.sum() < len(rows):
        assert auc(outcome, score) == pytest.approx(roc_auc_score(outcome, score))
    else:
        assert np.isnan(auc(outcome, score))


def test_average_precision_agrees_with_scikit_learn_without_ties():
    rng = np.random.default_rng(1)
    outcome, score = (rng.random(80) < 0.2).astype(float), rng.random(80)
    assert average_precision(outcome, np.argsort(-score)) == pytest.approx(average_precision_score(outcome, score))


def test_list_length_is_a_share_of_the_places_in_scope():
    assert [list_length(n, 0.1) for n in (88, 589, 4, 0, 25)] == [9, 59, 1, 1, 3]


def test_rank_figures_are_means_over_dates_and_capture_is_a_ratio_of_sums(predictions):
    got = figures_of(sum_over_dates(predictions, "good", "eb52"))
    areas = [roc_auc_score(f["outcome"], f["good"]) for _, f in judged(predictions) if f["outcome"].nunique() > 1]
    assert got["auc"][0] == pytest.approx(np.mean(areas))
    hits, positives, precision = 0.0, 0.0, []
    for _, frame in judged(predictions):
        n = list_length(len(frame), 0.1)
        top = frame.nlargest(n, "good")["outcome"].sum()
        hits, positives = hits + top, positives + frame["outcome"].sum()
        precision.append(top / n)
    assert got["capture_at_10"][0] == pytest.approx(hits / positives)
    assert got["precision_at_10"][0] == pytest.approx(np.mean(precision))


def test_probability_figures_are_pooled(predictions):
    got = figures_of(sum_over_dates(predictions, "eb52", "good"))
    rows = predictions[predictions["in_scope"]]
    error = ((rows["outcome"] - rows["eb52"]) ** 2).sum()
    assert got["brier"][0] == pytest.approx(error / len(rows))
    assert got["brier_skill"][0] == pytest.approx(1 - error / ((rows["outcome"] - rows["good"]) ** 2).sum())
    line = LogisticRegression(C=1e9, tol=1e-10).fit(log_odds(rows["eb52"].to_numpy())[:, None], rows["outcome"])
    assert got["slope"][0] == pytest.approx(line.coef_[0, 0], abs=1e-4)
    ranked = rows.sort_values("eb52", kind="stable")
    tenth = np.arange(len(ranked)) * 10 // len(ranked)
    gap = (ranked["outcome"] - ranked["eb52"]).groupby(tenth).sum().abs()
    assert got["ece"][0] == pytest.approx(gap.sum() / len(rows))


def test_perfect_probabilities_have_slope_one_within_the_interval(predictions):
    row = compare(predictions, {"good": "eb52", "eb52": "eb52"})["scores"]["good"]["slope"]
    assert row["low"] < 1 < row["high"]


def test_resample_by_weights_equals_the_resample_itself(predictions):
    weights = block_weights(40, resamples=3)
    sums = sum_over_dates(predictions, "good", "eb52")
    drawn = figures_of(sums, weights)
    for r in range(3):
        copies = [predictions[predictions["as_of"] == 4 * d].assign(as_of=1000 * i + 4 * d)
                  for d in range(40) for i in range(int(weights[r, d]))]
        again = figures_of(sum_over_dates(pd.concat(copies, ignore_index=True), "good", "eb52"))
        for name in ("auc", "brier", "brier_skill"):
            assert drawn[name][r] == pytest.approx(again[name][0])
        assert drawn["slope"][r] == pytest.approx(again["slope"][0], abs=0.01)


def test_blocks_keep_neighbouring_dates_together():
    weights = block_weights(52, block=7, resamples=200)
    assert (weights.sum(axis=1) == 52).all()
    near = np.mean([np.corrcoef(weights[:, i], weights[:, i + 1])[0, 1] for i in range(10, 40)])
    far = np.mean([np.corrcoef(weights[:, i], weights[:, i + 10])[0, 1] for i in range(10, 40)])
    assert near > 0.6
    assert far < 0.1


def test_differences_are_paired(predictions):
    got = compare(predictions.assign(twin=predictions["eb52"]), {"twin": "good", "eb52": "good", "counts": None})
    assert got["differences"]["twin"]["auc"] == {"value": 0.0, "low": 0.0, "high": 0.0}
    assert "brier" not in got["scores"]["counts"]


def test_under_28_dates_there_is_no_interval(predictions):
    few = predictions[predictions["as_of"] < 27 * 4]
    assert compare(few, {"eb52": "good"})["scores"]["eb52"]["auc"]["low"] is None


def test_ties_are_broken_the_same_way_each_time_and_by_no_order_of_rows(predictions):
    flat = predictions.assign(flat=0.0, outcome=(predictions.index % 50 < 5).astype(float), in_scope=True)
    got = [figures_of(sum_over_dates(flat, "flat"))["capture_at_10"][0] for _ in range(2)]
    assert got[0] == got[1]
    assert got[0] < 0.3


def test_unknown_outcomes_and_places_out_of_scope_do_not_count(predictions):
    more = pd.concat([predictions, predictions.assign(outcome=np.nan, as_of=900), predictions.assign(in_scope=False)])
    got, before = (len(sum_over_dates(p.reset_index(drop=True), "good").top) for p in (more, predictions))
    assert got == before
