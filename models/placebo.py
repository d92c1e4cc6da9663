"""Placebo: places with constant own rates and no dynamics, through the same backtest.

What a score gains over the baseline here is better rate estimation, not foresight. "Foresight" may be claimed for a
label only if the real ΔAUC has its lower bound above 0 and exceeds every seed. Source: method.md, "Honesty gates".
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from models.backtest import run_backtest
from models.labels import LabelName
from models.panel import Panel

#: Training rows are thinned further than in the real backtest: it changes the gain by less than 0.001.
PLACEBO_ROWS = 60_000


def placebo_panel(panel: Panel, seed: int) -> Panel:
    """Events of each place at its own constant rate (its net mean over all weeks), Poisson; delays as in the data."""
    rng = np.random.default_rng(seed)
    use = (panel.occurred >= 0) & (panel.occurred < panel.n_weeks)
    total = np.maximum(np.bincount(panel.place[use], panel.weight[use], minlength=panel.n_places), 0.0)
    place = np.repeat(np.arange(panel.n_places), rng.poisson(total))
    occurred = rng.integers(0, panel.n_weeks, len(place))
    fresh = use & (panel.weight > 0)
    delays = (panel.known - panel.occurred)[fresh] if fresh.any() else np.zeros(1, dtype=np.int64)
    known = np.minimum(occurred + rng.choice(delays, len(place)), panel.n_weeks)
    return replace(panel, place=place, occurred=occurred, known=known, weight=np.ones(len(place)))


def placebo_gains(
    panel: Panel, label: LabelName, seeds: Sequence[int], *, test_from_week: int, test_to_week: int | None = None,
    horizon: int = 4,
) -> list[float]:
    """ΔAUC of the classifier over eb52 on the placebo of each seed; NaN where there is none (one kind of outcome)."""
    gains = []
    for seed in seeds:
        done = run_backtest(
            placebo_panel(panel, seed), label, test_from_week=test_from_week, test_to_week=test_to_week,
            horizon=horizon, resamples=0, most_rows=PLACEBO_ROWS,
        )
        gain = done.report["differences"]["classifier"]["auc"]["value"]
        gains.append(float("nan") if gain is None else float(gain))
    return gains


def shows_foresight(report: dict[str, Any], gains: Sequence[float]) -> bool:
    """Whether a label's real gain may be called foresight: lower bound above 0 and above every placebo seed."""
    gain = report["differences"]["classifier"]["auc"]
    return gain["low"] is not None and gain["low"] > 0 and bool(gains) and gain["value"] > max(gains)
