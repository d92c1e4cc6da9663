"""Intervals of a rate of counts, and how much more counts jump about than chance alone would make them."""

import numpy as np
import numpy.typing as npt
from scipy.stats import chi2

Floats = npt.NDArray[np.float64]


def rate_interval(
    counts: npt.ArrayLike, exposures: npt.ArrayLike, *, confidence: float = 0.95, dispersion: float = 1.0
) -> tuple[Floats, Floats]:
    """Return lower and upper limit of the rate `counts` / `exposures`.

    The exact interval of a Poisson count (Garwood, Fiduciary limits for the Poisson distribution, Biometrika 28, 1936):
    ``chi2((1 - c) / 2, 2 n) / 2`` and ``chi2((1 + c) / 2, 2 n + 2) / 2``, divided by the exposure. Counts that jump
    about `dispersion` times as much as Poisson's carry the information of ``n / dispersion`` of them (quasi-likelihood:
    McCullagh and Nelder, Generalized Linear Models, 1989, section 9.2): the interval is that of so many, scaled back.

    Parameters
    ----------
    counts : array
        Numbers of incidents; what is below 0 after corrections counts as 0.
    exposures : array
        In any unit, for instance filled post-weeks; where it is not above 0 both limits are NaN.
    dispersion : float
        At least 1; see `estimate_dispersion`.
    """
    exposure = np.asarray(exposures, dtype=float)
    n = np.clip(np.asarray(counts, dtype=float), 0, None) / max(dispersion, 1.0)
    beyond = (1.0 - confidence) / 2
    known = np.where(exposure > 0, exposure, np.nan)
    low = np.where(n > 0, chi2.ppf(beyond, 2 * np.where(n > 0, n, 1.0)) / 2, 0.0)
    high = chi2.ppf(1.0 - beyond, 2 * n + 2) / 2
    scale = max(dispersion, 1.0) / known
    return low * scale, high * scale


def estimate_dispersion(weekly_counts: npt.ArrayLike) -> float:
    """Return Pearson's dispersion of weekly counts around the mean of their own place; 1 where it would be less.

    Sum over places and weeks of ``(n - mean)² / mean``, divided by its degrees of freedom, places with a mean of at
    least 1 alone (McCullagh and Nelder 1989, section 4.5). Under Poisson's law it is about 1; a campaign, a storm or a
    batch that was entered late makes it larger.

    Parameters
    ----------
    weekly_counts : array of shape (places, weeks)
    """
    table = np.asarray(weekly_counts, dtype=float)
    if table.ndim != 2 or table.shape[1] < 2:
        return 1.0
    table = table[table.mean(axis=1) >= 1.0]
    if not len(table):
        return 1.0
    means = table.mean(axis=1, keepdims=True)
    freedom = table.shape[0] * (table.shape[1] - 1)
    return max(float(((table - means) ** 2 / means).sum() / freedom), 1.0)
