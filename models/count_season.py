"""The season of weekly counts: a yearly wave, for many series at once, the sparse leaning on the rest.

Method
------
Ratio to moving average (Macaulay 1931; the first step of census methods since), with counts in mind: the level of a
series is its mean over the year around each week; against it a log-linear Poisson regression on three pairs of sine and
cosine is fitted by iteratively reweighted least squares, first to the sum of all series, then to each with its
coefficients drawn towards the sum's (ridge, that is, a normal prior). Weeks far outside weigh less (Huber 1964).

References
----------
Macaulay, F. (1931): The Smoothing of Time Series. NBER.
McCullagh, P., Nelder, J. (1989): Generalized Linear Models, 2nd ed., chapter 6 (log-linear) and 2.5 (IRLS).
Huber, P. (1964): Robust estimation of a location parameter. Ann. Math. Statist. 35(1).
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

WEEKS_A_YEAR = 365.2425 / 7
N_HARMONICS = 3
#: Fewest weeks that tell a season from a change: two years.
MIN_WEEKS = 104
#: How far the season of all, and of one series from that of all, may be expected to go (log scale, one coefficient).
SPREAD_OF_ALL, SPREAD_OF_ONE = 0.5, 0.2
#: Pearson residuals beyond this weigh less.
HUBER = 2.5
_STEPS = 8


def moving_level(counts: Floats, known: NDArray[np.bool_]) -> Floats:
    """Return the mean of the 52 weeks around each week (the nearest 52 at the ends), shape of `counts`.

    Parameters
    ----------
    counts : array (n_series, n_weeks)
        0 where unknown.
    known : array of bool, same shape
    """
    n = counts.shape[1]
    width = min(52, n)
    first = np.clip(np.arange(n) - width // 2, 0, n - width)
    sums, weeks = (np.concatenate([np.zeros((len(rows), 1)), rows.cumsum(axis=1)], axis=1)
                   for rows in (counts, known.astype(float)))
    total, present = (rows[:, first + width] - rows[:, first] for rows in (sums, weeks))
    overall = counts.sum(axis=1, keepdims=True) / np.maximum(known.sum(axis=1, keepdims=True), 1)
    # Three weeks of the overall mean keep a year without any case from having no level.
    level: Floats = (total + 3 * overall) / (present + 3)
    return np.maximum(level, 1e-6)


def fit_season(counts: Floats, weeks: NDArray[np.int64]) -> Floats:
    """Return the factor of the season for each series and week, mean about 1.

    Parameters
    ----------
    counts : array (n_series, n_weeks)
        Weekly counts; NaN where unknown.
    weeks : array of int (n_weeks,)
        Consecutive weeks; only their distance in years matters.

    Returns
    -------
    array (n_series, n_weeks)
        1 everywhere where there are fewer than `MIN_WEEKS` weeks.
    """
    known: NDArray[np.bool_] = np.isfinite(counts)
    if counts.shape[1] < MIN_WEEKS:
        return np.ones_like(counts)
    filled = np.where(known, counts, 0.0)
    waves = _waves(weeks)
    of_all = _fit(filled.sum(axis=0, keepdims=True), np.all(known, axis=0, keepdims=True), waves,
                  np.zeros((1, waves.shape[1])), SPREAD_OF_ALL)
    of_each = _fit(filled, known, waves, np.repeat(of_all, len(counts), axis=0), SPREAD_OF_ONE)
    factor = np.exp(of_each @ waves.T)
    scaled: Floats = factor / factor.mean(axis=1, keepdims=True)
    return scaled


def _waves(weeks: NDArray[np.int64]) -> Floats:
    angle = 2 * np.pi * weeks[:, None] / WEEKS_A_YEAR * np.arange(1, N_HARMONICS + 1)
    return np.concatenate([np.sin(angle), np.cos(angle)], axis=1)


def _fit(counts: Floats, known: NDArray[np.bool_], waves: Floats, prior: Floats, spread: float) -> Floats:
    """Return the coefficients of the waves, shape (n_series, n_waves), drawn towards `prior`."""
    design = np.concatenate([np.ones((len(waves), 1)), waves], axis=1)
    products = (design[:, :, None] * design[:, None, :]).reshape(len(design), -1)
    centre = np.concatenate([np.zeros((len(prior), 1)), prior], axis=1)
    draw = np.diag(np.r_[1e-3, np.full(waves.shape[1], spread**-2)])
    level = moving_level(counts, known)
    n_known = np.maximum(known.sum(axis=1, keepdims=True), 1)
    beta = centre.copy()
    for _ in range(_STEPS):
        mean = level * np.exp(np.clip(beta @ design.T, -5, 5))
        gap = (counts - mean) * known
        phi = np.maximum((gap**2 / mean).sum(axis=1, keepdims=True) / n_known, 1)
        trust = np.minimum(1.0, HUBER / np.maximum(np.abs(gap) / np.sqrt(mean * phi), 1e-9)) * known
        score = (trust * gap / phi) @ design - (beta - centre) @ draw
        curvature = ((trust * mean / phi) @ products).reshape(-1, *draw.shape) + draw
        beta = beta + np.clip(np.linalg.solve(curvature, score[:, :, None])[:, :, 0], -1, 1)
    coefficients: Floats = beta[:, 1:]
    return coefficients
