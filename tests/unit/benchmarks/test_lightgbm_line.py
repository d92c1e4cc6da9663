"""The tuned LightGBM beside our score: trained on complete labels only, on the same rows, and blind to what came later."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.support import lightgbm_line
from models.backtest import run_backtest
from models.panel import Panel

pytest.importorskip("lightgbm")
TEST = 160


@pytest.fixture(scope="module")
def panel():
    rng = np.random.default_rng(5)
    rates = rng.gamma(1.0, 0.15, 40)
    place = np.repeat(np.arange(40), rng.poisson(rates * 220))
    occurred = rng.integers(0, 220, len(place))
    late = np.where(rng.random(len(place)) < 0.08, 60, 0)  # some come to light a year later
    known = np.minimum(occurred + rng.integers(0, 4, len(place)) + late, 220)
    return Panel(tuple(f"P{i:02d}" for i in range(40)), 1000, 1220, place, occurred, known, np.ones(len(place)))


@pytest.fixture(scope="module")
def done(panel):
    return run_backtest(panel, "elevated", test_from_week=1000 + TEST, resamples=0)


def test_it_is_judged_on_the_rows_of_our_own_backtest(panel, done):
    scores, chosen = lightgbm_line.score_lightgbm(panel, done, {"escalation": panel})
    assert len(scores) == len(done.predictions)
    assert scores.between(0, 1).all()
    assert "leaves" in chosen
    found = lightgbm_line.compare_lightgbm(done, scores, 0)
    ours = done.report["scores"]["classifier"]["auc"]["value"]
    assert found["difference"]["auc"]["value"] == pytest.approx(ours - found["scores"]["auc"]["value"])


def test_what_became_known_later_changes_no_score_of_lightgbm(panel, done):
    """All facts known in or after the second refit are taken away: no score of the dates before it may move."""
    refit = done.splits[1].refit
    later = panel.known >= refit
    fewer = replace(panel, weight=np.where(later, 0.0, panel.weight))
    before, after = (lightgbm_line.score_lightgbm(one, done, {"escalation": one})[0] for one in (panel, fewer))
    early = (done.predictions["as_of"] < 1000 + refit).to_numpy()
    assert early.sum() == 3 * 40
    assert np.array_equal(before[early], after[early])
    assert not np.array_equal(before[~early], after[~early])


def test_training_on_a_label_that_was_not_over_is_refused(panel, done):
    rows = lightgbm_line._Rows(panel, done, None)
    split = done.splits[0]
    with pytest.raises(AssertionError, match="not over"):
        rows.train(np.append(split.train, split.refit - lightgbm_line.HORIZON + 1), split.refit)
