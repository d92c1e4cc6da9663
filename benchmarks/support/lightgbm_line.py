"""Tuned gradient boosting (LightGBM) on the very rows a backtest of ours trained on: what a far larger model would add.

Same splits, embargo, labels as known at each refit, scope and features; `wide` gives it besides what the trees could
use and our score does not have: the plain counts of five windows of every role. Tuned once on the year before the
first test date, as our penalty is: the grid below, and for each of its settings the number of trees, by log loss.

LightGBM is a development dependency; without it `AVAILABLE` is False and a benchmark says so.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.backtest import COLUMNS, Backtest
from models.evaluation import compare
from models.features import build_features
from models.labels import min_counts_of, outcomes, scope_of
from models.panel import Panel
from models.time_splits import Split

try:
    import lightgbm
    AVAILABLE = True
except (ImportError, OSError):  # OSError: its library of threads (libgomp1) is missing
    AVAILABLE = False

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: What is tried; trees of few leaves, for a place's history holds little more than its rate.
GRID: tuple[dict[str, Any], ...] = tuple(
    {"num_leaves": leaves, "min_child_samples": least, "reg_lambda": 10.0}
    for leaves, least in ((4, 50), (4, 400), (8, 200), (16, 200), (31, 100)))
#: Most trees, and trees without improvement after which tuning stops.
MOST_TREES, PATIENCE = 300, 25
FIXED: dict[str, Any] = {
    "objective": "binary", "learning_rate": 0.05, "num_threads": 1, "verbosity": -1, "seed": 20261122,
    "deterministic": True, "force_row_wise": True, "feature_pre_filter": False,
}
WINDOWS = (4, 13, 26, 52, 156)
HORIZON = 4


class _Rows:
    """Features, labels and scope of one backtest, rebuilt from its splits through the models' public functions."""

    def __init__(self, panel: Panel, done: Backtest, roles: Mapping[str, Panel] | None) -> None:
        first = done.splits[0]
        past = panel.future_counts(HORIZON, known_before=first.refit)[:, first.train]
        self.panel, self.min_counts = panel, min_counts_of(panel, done.label, HORIZON, past)
        self.scope = scope_of(panel, done.label)
        self.at = np.unique(np.concatenate([np.concatenate([s.train, s.test]) for s in done.splits]))
        blocks = [build_features(panel, self.min_counts, HORIZON, self.at).values]
        blocks += [one.counts(weeks)[:, self.at, None] for one in (roles or {}).values() for weeks in WINDOWS]
        self.values = np.concatenate(blocks, axis=-1)

    def features(self, at: Ints) -> Floats:
        return self.values[:, np.searchsorted(self.at, at), :]

    def train(self, at: Ints, refit: int) -> tuple[Floats, Floats]:
        """In-scope rows whose label was complete, as known before `refit`; none reaches beyond it."""
        assert not len(at) or int(at.max()) + HORIZON <= refit, "a training label was not over at the refit"
        outcome = outcomes(self.panel.future_counts(HORIZON, known_before=refit), self.min_counts)[:, at]
        use = self.scope[:, at] & ~np.isnan(outcome)
        return self.features(at)[use], outcome[use]


def _tune(rows: _Rows, split: Split) -> tuple[dict[str, Any], int]:
    """Setting and number of trees with the least log loss on the year before, fitted on what was complete before it."""
    year_before = split.refit - 52
    early = rows.train(split.train[split.train + split.horizon + split.settling <= year_before], split.refit)
    late = rows.train(split.train[split.train >= year_before], split.refit)
    found = []
    for setting in GRID:
        grown = lightgbm.train(
            {**FIXED, **setting}, lightgbm.Dataset(*early), MOST_TREES, valid_sets=[lightgbm.Dataset(*late)],
            callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False)])
        found.append((grown.best_score["valid_0"]["binary_logloss"], grown.best_iteration, setting))
    _, trees, setting = min(found, key=lambda one: one[0])
    return setting, max(1, trees)


def score_lightgbm(panel: Panel, done: Backtest, roles: Mapping[str, Panel] | None = None) -> tuple[pd.Series, str]:
    """Probabilities for the rows of `done.predictions`, in their order, and what was chosen, in words.

    Parameters
    ----------
    panel, done : a backtest of ours and its panel.
    roles : panels by role whose counts are given besides the features; by default none.
    """
    rows = _Rows(panel, done, roles)
    setting, trees = _tune(rows, done.splits[0])
    parts = []
    for split in done.splits:
        grown = lightgbm.train({**FIXED, **setting}, lightgbm.Dataset(*rows.train(split.train, split.refit)), trees)
        tested = rows.features(split.test)
        scored = grown.predict(tested.reshape(-1, tested.shape[-1])).reshape(tested.shape[:2])
        parts.append(scored.T.ravel())
    chosen = f"{setting['num_leaves']} leaves, ≥ {setting['min_child_samples']} rows a leaf, {trees} trees"
    return pd.Series(np.concatenate(parts), index=done.predictions.index), chosen


def compare_lightgbm(done: Backtest, scores: pd.Series, resamples: int) -> dict[str, Any]:
    """Figures of LightGBM, and ours minus its own: {"scores": {figure: …}, "difference": {figure: …}}."""
    columns = {"classifier": COLUMNS["classifier"], "eb52": COLUMNS["eb52"], "lightgbm": COLUMNS["classifier"]}
    found = compare(done.predictions.assign(lightgbm=scores), columns, against="lightgbm", resamples=resamples)
    return {"scores": found["scores"]["lightgbm"], "difference": found["differences"]["classifier"]}
