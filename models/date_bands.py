"""Shares over as-of dates and their bands: a moving-block bootstrap over dates.

Neighbouring dates share records and horizons, so whole blocks of 7 dates are drawn (Künsch, Annals of Statistics 17
(1989) 1217–1241). Places are taken as fixed. Under 28 dates no band is shown.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Dates in a block, resamplings, and dates below which no band is shown.
BLOCK, N_DRAWS, MIN_DATES = 7, 1000, 28


def resample_dates(n_dates: int, seed: int = 0, n_draws: int = N_DRAWS, block: int = BLOCK) -> Floats:
    """Return how often each date is drawn in each resampling, shape (n_draws, n_dates); rows sum to n_dates.

    Moving blocks (Künsch 1989): whole blocks of neighbouring dates, the last one cut off.
    """
    block = min(block, n_dates)
    starts = np.random.default_rng(seed).integers(0, n_dates - block + 1, (n_draws, -(-n_dates // block)))
    drawn = (starts[:, :, None] + np.arange(block)).reshape(n_draws, -1)[:, :n_dates]
    flat = (drawn + n_dates * np.arange(n_draws)[:, None]).ravel()
    return np.bincount(flat, minlength=n_draws * n_dates).reshape(n_draws, n_dates).astype(float)


def ratio_of_sums(part: Floats, whole: Floats, draws: Floats | None) -> tuple[Floats, Floats]:
    """Return Σ part / Σ whole over dates for each K, and the same for each resampling (n_draws, n_k)."""
    known = np.isfinite(whole) & np.isfinite(part).all(axis=0)
    part, whole = np.where(known, part, 0.0), np.where(known, whole, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = part.sum(axis=1) / whole.sum()
        drawn = np.empty((0, len(part))) if draws is None else (draws @ part.T) / (draws @ whole)[:, None]
    return value, drawn


def band_of_share(part: Floats, whole: Floats) -> tuple[float, float]:
    """Return the 95 % band of Σ part / Σ whole over consecutive dates; NaN under `MIN_DATES` dates.

    Parameters
    ----------
    part, whole : array of float (n_dates,)
        In the order of the dates; a date on which there was nothing is 0 of 0.
    """
    if len(whole) < MIN_DATES:
        return float("nan"), float("nan")
    low, high = band_of_draws(ratio_of_sums(part[None, :], whole, resample_dates(len(whole)))[1], 1)
    return float(low[0]), float(high[0])


def overlap_of_dates(weeks: Floats, horizon_weeks: int) -> int:
    """Return how many dates at most look at one and the same week; 0 without dates.

    A fact of that week counts for each of them, so that n looks are at least n / overlap different ones: the number
    that an interval of a share may use where there are too few dates for a band (the design effect of Kish, *Survey
    Sampling* (1965), ch. 8.2, at its largest).
    """
    begins = np.unique(weeks)
    return int(max((((begins <= week) & (begins > week - horizon_weeks)).sum() for week in begins), default=0))


def mean_of_ratios(part: Floats, whole: Floats, draws: Floats | None) -> tuple[Floats, Floats]:
    """Return the mean over dates of part / whole for each K, and the same for each resampling (n_draws, n_k)."""
    known = np.isfinite(part) & (whole > 0)
    share = np.where(known, part, 0.0) / np.where(known, whole, 1.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = share.sum(axis=1) / known.sum(axis=1)
        drawn = np.empty((0, len(part))) if draws is None else (draws @ share.T) / (draws @ known.T.astype(float))
    return value, drawn


def band_of_draws(drawn: Floats, n_k: int) -> tuple[Floats, Floats]:
    """Return the 2.5 % and 97.5 % points of each column; NaN where there is no band or no value."""
    if not len(drawn) or not np.isfinite(drawn).any():
        return np.full(n_k, np.nan), np.full(n_k, np.nan)
    ordered = np.sort(drawn, axis=0)  # NaN last
    n_known = np.isfinite(drawn).sum(axis=0)
    at = [np.clip(np.round(q * (n_known - 1)), 0, None).astype(np.int64) for q in (0.025, 0.975)]
    low, high = (ordered[rows, np.arange(n_k)] for rows in at)
    return low, high
