"""The spread of the scores: set on the last two years before a refit, the order of places left as it is."""

from dataclasses import replace

import numpy as np
import pytest

from models import backtest, fitting
from models.backtest import run_backtest
from models.fitting import SPREAD_WEEKS, fit_split, prepare
from models.panel import Panel
from models.time_splits import Split

WEEKS = 320


def make_panel(seed: int) -> Panel:
    """Places of constant rates that now and then are tense for some months: what was seen lately wears off."""
    rng = np.random.default_rng(seed)
    own, tense = rng.gamma(1.5, 0.02, 200), np.zeros(200, dtype=bool)
    counts = np.empty((200, WEEKS), dtype=np.int64)
    for week in range(WEEKS):
        turned = rng.random(200)
        tense = np.where(tense, turned >= 0.03, turned < 0.006)
        counts[:, week] = rng.poisson(own * np.where(tense, 4.0, 0.8))
    place, week = np.nonzero(counts)
    return Panel(places=tuple(f"v{i:03d}" for i in range(200)), first_week=0, end_week=WEEKS, place=place, occurred=week,
                 known=week, weight=counts[place, week].astype(np.float64))


def slope_of(panel: Panel) -> float:
    report = run_backtest(panel, "onset", test_from_week=220, every=6, refit_every=48, resamples=0, most_rows=15_000).report
    return report["scores"]["classifier"]["slope"]["value"]


def test_probabilities_are_spread_as_outcomes_are_under_a_penalty_that_is_too_strong(monkeypatch):
    panels = [make_panel(seed) for seed in range(2)]
    monkeypatch.setattr(backtest, "tune", lambda *_: 0.001)
    assert np.mean([slope_of(panel) for panel in panels]) == pytest.approx(1, abs=0.1)
    monkeypatch.setattr(fitting, "_recent_rows", lambda *_: None)
    assert np.mean([slope_of(panel) for panel in panels]) > 1.2


def test_only_the_last_two_years_set_the_spread(monkeypatch):
    panel = make_panel(0)
    split = Split(300, np.arange(52, 296), np.array([300]), 4)
    inputs = prepare(panel, "elevated", 4, [split])
    ours, _, outcome = fit_split(inputs, split, 1.0)
    monkeypatch.setattr(fitting, "_recent_rows", lambda *_: None)
    plain, _, _ = fit_split(inputs, split, 1.0)
    assert ours is not None
    assert plain is not None
    used = np.array(plain.coefficients) != 0
    factor = np.array(ours.coefficients)[used] / np.array(plain.coefficients)[used]
    assert np.ptp(factor) < 1e-9
    values = inputs.features.rows(split.train)
    late = split.train >= split.refit - SPREAD_WEEKS
    known = outcome.reshape(panel.n_places, -1)
    on_late = replace(ours, intercept=0.0).scores(values[:, late]).ravel()
    assert fitting.fit_recalibration(1 / (1 + np.exp(-on_late)), known[:, late].ravel()).slope == pytest.approx(1, abs=1e-3)
    assert ours.probabilities(values).sum() == pytest.approx(known.sum(), rel=1e-6)
