"""The three labels, kept apart: elevated, onset, surge; and the places in scope of each.

A label whose horizon is not over is NaN: unknown, never negative. Source of the definitions: method.md, "Labels".
Tail of a surge: gamma-Poisson predictive (Noufaily et al. 2013, Statistics in Medicine 32, use its normal limit).
"""

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

from models.baselines import rate_posterior
from models.panel import Panel

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
LabelName = Literal["elevated", "onset", "surge"]
LABELS: tuple[LabelName, ...] = get_args(LabelName)

#: The largest share of training rows that may be "elevated".
MOST_ELEVATED = 0.20
#: Onset looks at places without an event in so many weeks.
QUIET_WEEKS = 13
#: Chance at which a count is a surge, and the smallest count that can be one.
SURGE_TAIL, SURGE_LEAST = 0.05, 2


def elevated_min_count(training_counts: Floats, most: float = MOST_ELEVATED) -> int:
    """Smallest count c ≥ 1 reached by at most `most` of the training rows; NaN (unknown) rows do not count.

    Raises
    ------
    ValueError
        No training row has a known label.
    """
    known = training_counts[~np.isnan(training_counts)]
    if not len(known):
        raise ValueError("no training row has a known label")
    c = 1
    while (known >= c).mean() > most:
        c += 1
    return c


def surge_min_counts(panel: Panel, horizon: int) -> Floats:
    """Smallest c ≥ 2 with P(count ≥ c) < 0.05 under the place's own last 52 weeks, float64 (P, T + 1)."""
    posterior = rate_posterior(panel.counts(52), panel.exposure(52))
    counts = np.full(posterior.shape.shape, float(SURGE_LEAST))
    likely = np.ones(counts.shape, dtype=bool)
    share = np.broadcast_to(horizon / (posterior.rate + horizon), counts.shape)
    while likely.any():
        likely[likely] = betainc(counts[likely], posterior.shape[likely], share[likely]) >= SURGE_TAIL
        counts[likely] += 1.0
    return counts


def outcomes(future_counts: Floats, min_count: Floats | float) -> Floats:
    """1.0 where the count of the horizon reaches min_count, 0.0 where not, NaN where the horizon is not over."""
    reached: Floats = np.where(np.isnan(future_counts), np.nan, (future_counts >= min_count).astype(np.float64))
    return reached


def onset_scope(panel: Panel) -> Bools:
    """Places with no event known from the last 13 weeks, bool (P, T + 1)."""
    silent: Bools = panel.counts(QUIET_WEEKS) <= 0
    return silent


def quiet_scope(panel: Panel) -> Bools:
    """Places whose last 52 weeks lie below the median of that date, bool (P, T + 1)."""
    year = panel.counts(52)
    below: Bools = year < np.median(year, axis=0)
    return below


def scope_of(panel: Panel, label: LabelName) -> Bools:
    """Places in scope of a label at each as-of week, bool (P, T + 1): all of them, for onset the silent ones."""
    return onset_scope(panel) if label == "onset" else np.ones((panel.n_places, panel.n_weeks + 1), dtype=bool)


def min_counts_of(panel: Panel, label: LabelName, horizon: int, training_counts: Floats) -> Floats:
    """The label's count at each place and as-of week, float64 (P, T + 1); elevated: from `training_counts` only."""
    if label == "surge":
        return surge_min_counts(panel, horizon)
    c = 1 if label == "onset" else elevated_min_count(training_counts)
    return np.full((panel.n_places, panel.n_weeks + 1), float(c))
