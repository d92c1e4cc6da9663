"""Traps of docs/method.md that have no better home: each test was seen to fail with its fault planted."""

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from models import escalation
from models.backtest import run_backtest
from models.evaluation import MOST_ECE_BY_CHANCE, can_claim_ece, compare, ece_by_chance, list_length
from models.labels import surge_min_counts
from models.panel import build_panel
from models.placebo import placebo_panel
from models.weekly_lists import Events, ListRules, build_lists
from models.weekly_scores import fit_label

END, TEST = 300, 180


@pytest.fixture(scope="module")
def panel():
    """120 places whose own rates differ and never change."""
    rng = np.random.default_rng(21)
    place, week = np.nonzero(rng.poisson(np.repeat(rng.gamma(0.7, 0.12, 120)[:, None], END, axis=1)))
    facts = pd.DataFrame({"place": place, "week_occurred": week, "week_known": week + rng.integers(0, 3, len(week)), "weight": 1})
    return build_panel(facts, places=list(range(120)), first_week=0, end_week=END)


def rows_of(outcome, score, n_dates):
    n = len(outcome)
    return pd.DataFrame({"as_of": np.repeat(np.arange(n_dates), n // n_dates), "in_scope": True, "outcome": outcome,
                         "score": score, "half": 0.5})


def test_whole_number_scores_keep_lists_of_different_lengths_apart():
    """Several thresholds that collapse into one: with two distinct scores "score ≥ cut" is one list for every cut."""
    rng = np.random.default_rng(1)
    score = (rng.random(4000) < 0.3).astype(float)
    outcome = (rng.random(4000) < 0.1 + 0.2 * score).astype(float)
    got = compare(rows_of(outcome, score, 40), {"score": None}, against="score", resamples=0)["scores"]["score"]
    assert list_length(100, 0.05) == 5
    assert list_length(100, 0.10) == 10
    # Per date 30 places share the highest score: a list of five of them holds a sixth of what thirty hold.
    positives = outcome.sum() / 40
    assert got["capture_at_5"]["value"] == pytest.approx(5 * 0.3 / positives, rel=0.2)
    assert got["capture_at_10"]["value"] == pytest.approx(2 * got["capture_at_5"]["value"], rel=0.25)


def test_each_number_of_visits_is_that_many_visits_though_all_scores_tie():
    weeks = np.arange(100, 104)
    scores = np.zeros((4, 60))
    nothing = np.zeros(0, dtype=np.int64)
    visits = np.array([1, 3, 6, 12])
    lists = build_lists(scores, scores, weeks=weeks, events=Events(nothing, nothing, nothing), visits=visits, rules=ListRules())
    assert (lists > 0).sum(axis=2).tolist() == [[k] * 4 for k in visits]


def test_surge_is_held_against_the_tail_of_its_own_count_and_not_against_raw_counts(panel):
    """Where nothing changes a high count comes down again: against raw counts a surge looks foreseen."""
    report = run_backtest(placebo_panel(panel, 3), "surge", test_from_week=TEST, resamples=0).report
    own = {name: report["scores"][name]["auc"]["value"] for name in ("classifier", "eb52", "last_52_weeks")}
    gap = report["differences"]["classifier"]["auc"]["value"]
    assert gap == pytest.approx(own["classifier"] - own["eb52"])
    assert "eb52" not in report["differences"]
    assert "last_52_weeks" in report["differences"]
    counts = surge_min_counts(panel, 4)[:, -1]
    assert counts.min() == 2
    assert counts.max() > 2


def test_on_few_rows_ece_is_chance_and_the_slope_is_the_gate():
    rng = np.random.default_rng(5)
    honest = 1 / (1 + np.exp(-rng.normal(-2, 1, 120_000)))
    outcome = (rng.random(len(honest)) < honest).astype(float)

    def figures(n, score=honest):
        rows = rows_of(outcome[:n], score[:n], 40)
        got = compare(rows, {"score": "half"}, against="score", resamples=0)["scores"]["score"]
        return got["ece"]["value"], got["slope"]["value"], ece_by_chance(rows, "score")

    for n in (400, 1_200, 120_000):
        ece, slope, chance = figures(n)
        assert 0.4 * chance < ece < 2.2 * chance
        assert can_claim_ece(chance) is (n == 120_000)
        assert slope == pytest.approx(1, abs=0.45 if n < 1000 else 0.2)
    assert figures(400)[0] > MOST_ECE_BY_CHANCE
    # A score twice too sure of itself: the slope says so; on few rows the ECE could be chance.
    sure = 1 / (1 + np.exp(-2 * np.log(honest / (1 - honest))))
    assert figures(1_200, sure)[1] == pytest.approx(0.5, abs=0.12)
    assert not can_claim_ece(None)
    assert np.isnan(ece_by_chance(rows_of(outcome[:40], honest[:40], 40).assign(in_scope=False), "score"))


def test_report_says_what_ece_chance_alone_would_make(panel):
    report = run_backtest(panel, "elevated", test_from_week=TEST, resamples=0).report
    assert 0.002 < report["ece_by_chance"] < 0.02


@pytest.mark.parametrize("how", ["backtest", "weekly"])
def test_fits_use_one_thread_of_the_linear_algebra(panel, how, monkeypatch):
    """Small matrices: threads that wait for each other made a backtest thirty times slower."""
    seen, honest = [], escalation.LogisticRegression.fit

    def fit(self, *args, **more):
        seen.append(max(pool["num_threads"] for pool in threadpool_info()))
        return honest(self, *args, **more)

    monkeypatch.setattr(escalation.LogisticRegression, "fit", fit)
    with threadpool_limits(limits=2):
        before = max(pool["num_threads"] for pool in threadpool_info())
        if how == "backtest":
            run_backtest(panel, "elevated", test_from_week=TEST, resamples=0)
        else:
            fit_label(panel, "elevated")
        after = max(pool["num_threads"] for pool in threadpool_info())
    assert seen
    assert set(seen) == {1}
    assert before == after == 2
