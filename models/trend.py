"""Trend and season of one series of weekly counts, taken apart so that a reader can see both.

Method
------
count = trend × season + remainder, fitted by turns as in STL (Cleveland et al. 1990), with counts in place of normal
values: the season is a yearly wave in the logarithm (`count_season`), the trend a local line over about a year (tricube
weights) fitted to counts against the season as exposure. Weeks far outside weigh less, so that a single burst moves
neither (as in STL, but on variance-stabilised counts and with a flat middle: sparse counts are not biased). A known
break of the source cuts the trend: nothing is smoothed across it.

The band is the 95 % interval of the trend, widened for over-dispersion and autocorrelation of the remainder. It says
how well the level is known, not between which numbers a week will fall.

References
----------
Cleveland, R. et al. (1990): STL: a seasonal-trend decomposition procedure based on loess. J. Official Statistics 6(1).
Cleveland, W. (1979): Robust locally weighted regression and smoothing scatterplots. J. Am. Statist. Assoc. 74(368).
Anscombe, F. (1948): The transformation of Poisson, binomial and negative-binomial data. Biometrika 35(3/4).
Hampel, F. (1974): The influence curve and its role in robust estimation. J. Am. Statist. Assoc. 69(346).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from models.count_dispersion import spell_variance
from models.count_season import MIN_WEEKS, fit_season
from models.level_changes import ChangeFlag, find_changes, find_changes_in_many, reasons_for_silence

__all__ = ["ChangeFlag", "Trend", "decompose", "find_changes", "find_changes_in_many", "reasons_for_silence"]

Floats = NDArray[np.float64]

#: Weeks that a local line looks at on either side.
HALF_SPAN = 30
#: Fewest cases that a season is read from.
MIN_COUNT = 60
#: Rounds of robustness.
_ROUNDS = 3
#: Residuals up to so many standard deviations have full weight, and beyond so many none.
_FULL, _NONE = 3.0, 6.0


@dataclass(frozen=True, slots=True)
class Trend:
    """A series taken apart.

    Attributes
    ----------
    frame : DataFrame
        ``week``, ``n`` (NaN where unknown), ``trend`` (cases a week without the season), ``low``, ``high`` (95 % of the
        trend), ``season`` (factor, mean about 1), ``expected`` (trend × season), ``remainder`` (n − expected).
    has_season : bool
        Whether there was enough to tell a season: two years and `MIN_COUNT` cases. If not, ``season`` is 1.
    scale : float
        Variance of the counts in the long run over that of independent ones, ≥ 1.
    """

    frame: pd.DataFrame
    has_season: bool
    scale: float


def decompose(
    weekly_counts: pd.Series, *, known_breaks: Sequence[int] = (), half_span: int = HALF_SPAN
) -> Trend:
    """Take a series of weekly counts apart into trend, season and remainder.

    Parameters
    ----------
    weekly_counts : Series of number
        Indexed by consecutive integer weeks; NaN where unknown.
    known_breaks : sequence of int
        First weeks of a changed source.
    half_span : int, default 30
        Weeks on either side that the trend of a week is read from; more is smoother.

    Raises
    ------
    ValueError
        When weeks are not consecutive.
    """
    weeks = weekly_counts.index.to_numpy(dtype="int64")
    if not len(weeks) or (np.diff(weeks) != 1).any():
        message = "weeks follow one another without a gap; an unknown week is NaN"
        raise ValueError(message)
    counts = weekly_counts.to_numpy(dtype=float)
    known = np.isfinite(counts)
    has_season = bool(known.sum() >= MIN_WEEKS and counts[known].sum() >= MIN_COUNT)
    season = fit_season(counts[None], weeks)[0] if has_season else np.ones(len(counts))
    cuts = sorted({int(week - weeks[0]) for week in known_breaks if weeks[0] < week <= weeks[-1]})
    kernel = _kernels((0, *cuts, len(weeks)), half_span)
    filled, trust = np.where(known, counts, 0.0), known.astype(float)
    trend, _ = _local_lines(filled, season, trust, kernel)
    for _ in range(_ROUNDS):
        trust = known * _trust(filled, trend * season, known)
        trend, spread = _local_lines(filled, season, trust, kernel)
    expected = trend * season
    # One series alone: the scale on the side of caution.
    omega = spell_variance(filled[None], (expected * known)[None])[0, -1] if known.any() else 0.0
    scale = 1.0 + float(omega) * float(expected[known].mean() if known.any() else 0.0)
    # Beyond e²⁰ a band says that nothing is known; without an end, nothing times infinity would be no number at all.
    factor = np.exp(np.minimum(stats.norm.isf(0.025) * np.sqrt(scale) * spread, 20.0))
    frame = pd.DataFrame({"week": weeks, "n": counts, "trend": trend, "low": trend / factor, "high": trend * factor,
                          "season": season, "expected": expected, "remainder": counts - expected})
    return Trend(frame, has_season, scale)


@lru_cache(maxsize=8)
def _kernels(edges: tuple[int, ...], half_span: int) -> tuple[Floats, ...]:
    """Return tricube weights between weeks, 0 across a break, times powers of the distance, and squared.

    At an end the span reaches further to the one side. The same for all series of equal weeks and breaks.
    """
    n_weeks = edges[-1]
    kernel = np.zeros((n_weeks, n_weeks))
    for first, last in pairwise(edges):
        here = np.arange(first, last)
        away = np.abs(here[:, None] - here[None, :]).astype(float)
        nearest = min(2 * half_span, len(here) - 1)
        reach = np.maximum(np.sort(away, axis=1)[:, nearest], half_span) + 1.0
        kernel[np.ix_(here, here)] = (1 - np.minimum(away / reach[:, None], 1.0) ** 3) ** 3
    at = np.arange(n_weeks, dtype=float)
    distance = at[None, :] - at[:, None]
    tilted, squared = kernel * distance, kernel**2
    return kernel, tilted, tilted * distance, squared, squared * distance, tilted**2


def _local_lines(counts: Floats, exposure: Floats, trust: Floats, kernels: tuple[Floats, ...]) -> tuple[Floats, Floats]:
    """Return the local line at each week and its standard error on the log scale, for independent counts.

    Weighted least squares of n / s on the distance in weeks, weights kernel × trust × s: the variance of n / s is
    level / s. `kernels` are K, K d, K d², and K², K² d, K² d² with d the distance; all sums are products with them.
    """
    weight = trust * exposure
    zero, one, two = (kernel @ weight for kernel in kernels[:3])
    determinant = zero * two - one**2
    steady = determinant > 1e-9 * np.maximum(zero * two, 1e-12)
    scale = np.where(steady, determinant, np.maximum(zero, 1e-12))
    straight, tilt = np.where(steady, two, 1.0), np.where(steady, one, 0.0)
    level = (straight * (kernels[0] @ (trust * counts)) - tilt * (kernels[1] @ (trust * counts))) / scale
    level = np.maximum(level, 0.0)
    # Where nothing was counted, half a case says how little is known.
    floor = 0.5 / np.maximum(zero, 1.0)
    noise = trust**2 * np.maximum(level, floor) * exposure
    variance = (straight**2 * (kernels[3] @ noise) - 2 * straight * tilt * (kernels[4] @ noise)
                + tilt**2 * (kernels[5] @ noise)) / scale**2
    spread: Floats = np.sqrt(np.maximum(variance, 0.0)) / np.maximum(level, floor)
    return level, np.minimum(spread, 3.0)


def _trust(counts: Floats, expected: Floats, known: NDArray[np.bool_]) -> Floats:
    """Return weights that are 1 in the middle and fall to 0 for what lies far outside."""
    gap = np.abs(2 * (np.sqrt(counts + 0.375) - np.sqrt(expected + 0.375)))  # standard deviation 1 for Poisson counts
    typical = max(float(np.median(gap[known])) / 0.6745, 1.0) if known.any() else 1.0
    beyond = np.clip((gap / typical - _FULL) / (_NONE - _FULL), 0.0, 1.0)
    weight: Floats = (1 - beyond**2) ** 2
    return weight
