"""What stands beside every score: counts, the empirical-Bayes tail probability, points, and recalibration.

`eb52`: weekly counts of place i are Poisson with its own rate, rates over places are gamma; the prior comes from the
moments over places at each date, the count of the next h weeks is then negative binomial, exactly.
Source: Robbins (1956); Gelman et al., Bayesian Data Analysis, 3rd ed., section 2.6 (gamma-Poisson predictive);
tail by the regularised incomplete beta function (Abramowitz and Stegun 26.5.24). Recalibration: Platt (1999).
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc
from sklearn.linear_model import LogisticRegression

from models.panel import Panel

Floats = NDArray[np.float64]

#: Probabilities are kept this far from 0 and 1 before log-odds are taken.
EDGE = 1e-6
#: Points of the office's own sum: (role, weeks) → points per record. Untuned; editable.
DEFAULT_POINTS: Mapping[tuple[str, int], float] = {
    ("escalation", 13): 5.0, ("conflict", 13): 2.0, ("complaint", 13): 1.0,
}


class Posterior(NamedTuple):
    """Gamma posterior of each place's weekly rate: shape, float64 (P, D), and rate in weeks, float64 (D,)."""

    shape: Floats
    rate: Floats


def rate_posterior(counts: Floats, exposure: Floats) -> Posterior:
    """Gamma posterior of the weekly rate from counts (P, D) over `exposure` weeks (D,); prior by moments over places.

    mean m = mean(n) / E, variance v = (var(n) − mean(n)) / E²; shape m² / v + n, rate m / v + E. Where counts spread
    no more than chance the prior is all but a point. A count below zero (corrections) is read as zero.
    """
    n = np.maximum(counts, 0.0)
    mean_count = n.mean(axis=0) + 1e-9
    spread = n.var(axis=0, ddof=1) if len(n) > 1 else np.zeros_like(mean_count)
    variance = np.maximum(spread - mean_count, 0.01 * mean_count) / exposure**2
    mean = mean_count / exposure
    return Posterior(shape=mean**2 / variance + n, rate=mean / variance + exposure)


def tail_probability(posterior: Posterior, min_count: Floats | float, horizon: int) -> Floats:
    """P(count of the next `horizon` weeks ≥ min_count), float64 (P, D): I_x(c, shape) with x = h / (rate + h)."""
    share = horizon / (posterior.rate + horizon)
    tail: Floats = betainc(min_count, posterior.shape, np.broadcast_to(share, posterior.shape.shape))
    return tail


def log_odds(probability: Floats) -> Floats:
    """log(p / (1 − p)), kept finite."""
    p = np.clip(probability, EDGE, 1.0 - EDGE)
    odds: Floats = np.log(p / (1.0 - p))
    return odds


def eb52(panel: Panel, min_count: Floats | float, horizon: int) -> Floats:
    """Empirical-Bayes tail probability from the plain last 52 weeks, float64 (P, T + 1)."""
    return tail_probability(rate_posterior(panel.counts(52), panel.exposure(52)), min_count, horizon)


def points(panels: Mapping[str, Panel], weights: Mapping[tuple[str, int], float] = DEFAULT_POINTS) -> Floats:
    """Weighted sum of counts, float64 (P, T + 1); a role without a panel gives no points.

    Raises
    ------
    ValueError
        No weight meets a panel.
    """
    parts = [weight * panels[role].counts(weeks) for (role, weeks), weight in weights.items() if role in panels]
    if not parts:
        raise ValueError("no role of the points has a panel")
    total: Floats = np.sum(parts, axis=0)
    return total


class Recalibration(NamedTuple):
    """Platt's line on the log-odds: p' = σ(intercept + slope · logit p)."""

    intercept: float
    slope: float

    def apply(self, probability: Floats) -> Floats:
        """Recalibrated probabilities of the same shape."""
        moved: Floats = 1.0 / (1.0 + np.exp(-(self.intercept + self.slope * log_odds(probability))))
        return moved


def fit_recalibration(probability: Floats, outcome: Floats) -> Recalibration:
    """Fit Platt's line on past rows (n,); the identity where only one kind of outcome was seen."""
    if len(np.unique(outcome)) < 2:
        return Recalibration(0.0, 1.0)
    line = LogisticRegression(C=1e6, solver="newton-cholesky").fit(log_odds(probability)[:, None], outcome)
    return Recalibration(float(line.intercept_[0]), float(line.coef_[0, 0]))
