"""How long it takes until something happens, with what has not happened yet counted as open and not left out.

Kaplan–Meier curves from counts by day, so that a million incidents are a few hundred numbers. Right-censored: an open
incident is known to have lasted until its age, and no more. Where both fall on one day, events come before censorings.

References
----------
Kaplan, E., Meier, P. (1958): Nonparametric estimation from incomplete observations. J. Am. Statist. Assoc. 53(282).
Greenwood, M. (1926): The natural duration of cancer. Reports on Public Health and Medical Subjects 33, HMSO.
Kalbfleisch, J., Prentice, R. (2002): The Statistical Analysis of Failure Time Data, 2nd ed., section 1.4 (log-log).
Brookmeyer, R., Crowley, J. (1982): A confidence interval for the median survival time. Biometrics 38(1).
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

#: Rounding of a product of many factors; a share this close above a quantile has reached it.
ROUNDING = 1e-12


class Interval(NamedTuple):
    """A value and its confidence interval; None where the data do not reach."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Survival:
    """A Kaplan–Meier curve: one element a day on which something happened or was censored, ascending.

    Attributes
    ----------
    days : array of int64 (n_days,)
        Whole days since the beginning.
    at_risk : array of int64 (n_days,)
        How many were still open when the day began.
    events : array of int64 (n_days,)
        How many ended on the day.
    survival : array of float (n_days,)
        Share still open after the day.
    low, high : array of float (n_days,)
        Pointwise interval of `survival`, log-log; both 1 before the first event. Where all have ended (`survival` 0)
        the transformation has no value: `low` is 0 and `high` stays what it was.
    n, n_events, n_censored : int
    confidence : float
        Of the interval.
    """

    days: NDArray[np.int64]
    at_risk: NDArray[np.int64]
    events: NDArray[np.int64]
    survival: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    n: int
    n_events: int
    n_censored: int
    confidence: float


def estimate_survival(
    days: ArrayLike, n_events: ArrayLike, n_censored: ArrayLike, *, confidence: float = 0.95
) -> Survival:
    """Estimate the share still open after each day.

    S(t) = Π (1 − d_i / n_i) over the days i ≤ t with d_i events among the n_i at risk (Kaplan and Meier 1958). With
    Greenwood's v(t) = Σ d_i / (n_i (n_i − d_i)) the interval is S^exp(± z √v / log S), that is, symmetric on the
    scale of log(−log S) (Kalbfleisch and Prentice).

    Parameters
    ----------
    days : array of int (n,)
        Day since the beginning, ≥ 0, in any order; a day may occur more than once.
    n_events, n_censored : array of int (n,)
        How many ended on the day, and how many were last known open on it.
    confidence : float, default 0.95

    Raises
    ------
    ValueError
        When lengths differ, a number is negative or not whole, or `confidence` is not between 0 and 1.

    Examples
    --------
    >>> estimate_survival([1, 2, 3], [1, 0, 1], [0, 1, 0]).survival.round(3).tolist()
    [0.667, 0.667, 0.0]
    """
    if not 0 < confidence < 1:
        message = "a confidence lies between 0 and 1"
        raise ValueError(message)
    grid, events, censored = _sum_by_day(_whole(days), _whole(n_events), _whole(n_censored))
    left = events + censored
    at_risk = left[::-1].cumsum()[::-1]
    share = np.cumprod(1.0 - events / np.maximum(at_risk, 1))
    low, high = _bounds(share, events, at_risk, confidence)
    total = int(events.sum())
    return Survival(grid, at_risk, events, share, low, high, int(left.sum()), total, int(left.sum()) - total,
                    confidence)


def _whole(numbers: ArrayLike) -> NDArray[np.int64]:
    values = np.asarray(numbers)
    whole = values.astype("int64")
    if values.ndim != 1 or (values != whole).any() or (whole < 0).any():
        message = "days and counts are whole numbers from 0, one dimension"
        raise ValueError(message)
    return whole


def _sum_by_day(
    days: NDArray[np.int64], events: NDArray[np.int64], censored: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    if not len(days) == len(events) == len(censored):
        message = "days, events and censorings differ in length"
        raise ValueError(message)
    filled = (events + censored) > 0
    grid, at = np.unique(days[filled], return_inverse=True)
    sums = [np.zeros(len(grid), dtype="int64") for _ in range(2)]
    for total, part in zip(sums, (events, censored), strict=True):
        np.add.at(total, at, part[filled])
    return grid, sums[0], sums[1]


def _bounds(
    share: NDArray[np.float64], events: NDArray[np.int64], at_risk: NDArray[np.int64], confidence: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the log-log interval of each share."""
    low, high = np.ones_like(share), np.ones_like(share)
    between = (share < 1.0) & (at_risk > events) & (share > 0.0)
    with np.errstate(divide="ignore"):
        greenwood = np.cumsum(events / (at_risk * (at_risk - events).astype(float)))
    logs = np.log(share[between])
    spread = stats.norm.isf((1.0 - confidence) / 2) * np.sqrt(greenwood[between]) / logs
    low[between], high[between] = np.exp(logs * np.exp(-spread)), np.exp(logs * np.exp(spread))
    ended = share <= 0.0
    low[ended] = 0.0
    if ended.any() and not ended.all():
        high[ended] = high[~ended][-1]
    return low, high


def find_quantile(curve: Survival, ended: float = 0.5) -> Interval:
    """Return the first day after which at least the share `ended` has ended, and its interval.

    The interval holds the days t whose log-log interval of S(t) holds 1 − `ended` (Brookmeyer and Crowley 1982 with
    the transformation of Kalbfleisch and Prentice): from the first day on which the lower bound comes down to it, to
    the first on which the upper bound does.

    Parameters
    ----------
    curve : Survival
    ended : float, default 0.5
        Between 0 and 1; 0.9 gives the day by which nine of ten have ended.

    Returns
    -------
    Interval
        Days; an element is None where the curve, or the bound, never comes down so far.
    """
    return Interval(*(_first_at_or_below(curve.days, line, 1.0 - ended) for line in
                      (curve.survival, curve.low, curve.high)))


def find_median(curve: Survival) -> Interval:
    """Return the median time in days with its interval; None where half have not ended within what was observed."""
    return find_quantile(curve, 0.5)


def survival_at(curve: Survival, day: int) -> Interval:
    """Return the share still open after `day` days, with its interval.

    Before the first event it is 1. Beyond the last day that was observed nothing is known (None), unless all had ended.
    """
    at = int(np.searchsorted(curve.days, day, side="right")) - 1
    if len(curve.days) == 0 or (day > curve.days[-1] and curve.survival[-1] > 0):
        return Interval(None, None, None)
    if at < 0:
        return Interval(1.0, 1.0, 1.0)
    return Interval(float(curve.survival[at]), float(curve.low[at]), float(curve.high[at]))


def _first_at_or_below(days: NDArray[np.int64], line: NDArray[np.float64], level: float) -> float | None:
    reached = np.flatnonzero(line <= level + ROUNDING)
    return float(days[reached[0]]) if len(reached) else None
