"""Whether the world still is the one the classifier was fitted on: its features, and its calibration, over time.

Population stability index of a feature: PSI = Σ (q − p) ln(q / p) over ten bins with equal counts in the reference; p
and q are the shares of reference and recent rows in a bin, each with half a row added. Usual reading: under 0.1 steady,
over 0.25 shifted (Siddiqi, *Credit Risk Scorecards*, 2006). With few rows, with rows of the same places week after
week, or with season in a feature, chance alone makes it large (Yurdakul, *Statistical Properties of Population
Stability Index*, 2018). So it is also held against itself: the PSI of earlier stretches of the same length within the
reference. A shift is said only above 0.25 **and** above nineteen in twenty of those. The self-test, feature by feature:
a reference against itself must give nothing, and one moved by two standard deviations must be seen; else "cannot tell".

Calibration in time: by quarter the expected and the observed number of positives and the slope of the outcome on the
log-odds (Cox, Biometrika 45 (1958) 562–565), with a 95 % Wald interval. 1 is right, below 1 the score says too much.
"""

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Bins; PSI above which a feature has shifted; rows and earlier stretches below which nothing can be said.
N_BINS, SHIFTED, MIN_ROWS, MIN_STRETCHES = 10, 0.25, 100, 4
#: Weeks of a period of calibration; positives (and negatives) below which no slope is shown.
PERIOD, MIN_POSITIVES = 13, 10
#: Half a row in each bin keeps the logarithm finite.
_HALF = 0.5


class Drift(StrEnum):
    """What is said about a feature."""

    STEADY = "steady"
    SHIFTED = "shifted"
    CANNOT_TELL = "cannot_tell"


def bin_edges(reference: Floats, n_bins: int = N_BINS) -> Floats:
    """Return inner edges of bins with about equal counts; a value that fills whole bins gets one of its own.

    Edges lie between values that occur, so a feature that is one number everywhere still has a bin below and above.
    """
    values = np.unique(reference)
    inner = np.quantile(reference, np.linspace(0, 1, n_bins + 1)[1:-1], method="inverted_cdf")
    # Both sides of each of these values, where the value is a frequent one; its upper side else.
    tied = [value for value in np.unique(inner) if (reference == value).mean() > 1 / n_bins]
    lower = [np.nextafter(value, -np.inf) for value in tied]
    ends = [] if len(values) > 1 else [values[0]]
    return np.unique(np.concatenate([inner, np.array(lower), np.array(ends)]))


def population_stability(reference: Floats, recent: Floats, edges: Floats | None = None) -> float:
    """Return the PSI of recent against reference values; NaN if either has no known value.

    Parameters
    ----------
    reference, recent : arrays
        Values of one feature; NaN is unknown and left out.
    edges
        Inner edges of the bins; from the reference unless given.
    """
    reference, recent = reference[np.isfinite(reference)], recent[np.isfinite(recent)]
    if not len(reference) or not len(recent):
        return float("nan")
    edges = bin_edges(reference) if edges is None else edges
    shares = []
    for values in (reference, recent):
        counts = np.bincount(np.searchsorted(edges, values, side="left"), minlength=len(edges) + 1) + _HALF
        shares.append(counts / counts.sum())
    return float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum())


def usual_stability(reference: Floats, weeks: Ints, length: int) -> Floats:
    """Return the PSI of each whole stretch of `length` weeks of the reference against the rest of it."""
    first, last = int(weeks.min()), int(weeks.max()) + 1
    found = []
    for start in range(last - length, first - 1, -length):
        inside = (weeks >= start) & (weeks < start + length)
        if inside.any() and not inside.all():
            found.append(population_stability(reference[~inside], reference[inside]))
    return np.array(found, dtype=float)


def passes_self_test(reference: Floats) -> bool:
    """Return whether the index sees nothing where nothing is, and a shift of two standard deviations where one is."""
    known = reference[np.isfinite(reference)]
    if len(known) < MIN_ROWS or not np.ptp(known) > 0:
        return False
    edges, step = bin_edges(known), 2 * float(known.std())
    still = population_stability(known, known, edges)
    moved = min(population_stability(known, known + way * step, edges) for way in (1, -1))
    return still < 1e-9 and moved > SHIFTED


def find_drift(
    reference: Floats, reference_weeks: Ints, recent: Floats, recent_weeks: Ints, names: Sequence[str]
) -> pd.DataFrame:
    """Return the population stability of each feature.

    Parameters
    ----------
    reference, recent : float arrays (n_rows, n_features)
        Rows the classifier was fitted on, and rows since.
    reference_weeks, recent_weeks : int arrays (n_rows,)
        As-of week of each row.

    Returns
    -------
    DataFrame
        ``feature``, ``psi``, ``usual`` (the 95 % point over earlier stretches as long as the recent one; NaN under four
        of them), ``self_test`` (bool), ``verdict`` (`Drift`).

    Raises
    ------
    ValueError
        If a column has no name.
    """
    if not reference.shape[1] == recent.shape[1] == len(names):
        raise ValueError("each column has a name")
    length = int(np.ptp(recent_weeks)) + 1 if len(recent_weeks) else 1
    rows = []
    for column, name in enumerate(names):
        psi = population_stability(reference[:, column], recent[:, column])
        stretches = usual_stability(reference[:, column], reference_weeks, length) if len(reference) else np.array([])
        usual = float(np.quantile(stretches, 0.95)) if len(stretches) >= MIN_STRETCHES else float("nan")
        tested = passes_self_test(reference[:, column])
        n_recent = int(np.isfinite(recent[:, column]).sum())
        rows.append((name, psi, usual, tested, _judge(psi, usual, tested=tested and n_recent >= MIN_ROWS)))
    return pd.DataFrame(rows, columns=["feature", "psi", "usual", "self_test", "verdict"])


def _judge(psi: float, usual: float, *, tested: bool) -> Drift:
    """Return the verdict on one feature; a small index is steady even if nothing is known of what is usual."""
    if not tested or np.isnan(psi):
        return Drift.CANNOT_TELL
    if psi <= SHIFTED:
        return Drift.STEADY
    if np.isnan(usual):
        return Drift.CANNOT_TELL
    return Drift.SHIFTED if psi > usual else Drift.STEADY


def fit_slope(probability: Floats, outcome: Floats) -> tuple[float, float, float]:
    """Return the calibration slope and its 95 % Wald interval; NaN under ten positives or ten negatives.

    Logistic regression of the outcome (0 or 1) on the log-odds of the probability, by Newton's method. Rows of one
    place in neighbouring weeks are not independent, so the interval is a narrow one.
    """
    nothing = (float("nan"),) * 3
    if min(outcome.sum(), (1 - outcome).sum()) < MIN_POSITIVES:
        return nothing
    clipped = np.clip(probability, 1e-6, 1 - 1e-6)
    design = np.column_stack([np.ones(len(clipped)), np.log(clipped / (1 - clipped))])
    if not np.ptp(design[:, 1]) > 0:
        return nothing
    beta = np.array([0.0, 1.0])
    for _ in range(50):
        mean = 1 / (1 + np.exp(-np.clip(design @ beta, -30, 30)))
        information = design.T @ (design * (mean * (1 - mean))[:, None]) + 1e-9 * np.eye(2)
        step = np.linalg.solve(information, design.T @ (outcome - mean))
        beta = beta + step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
        if np.abs(step).max() < 1e-9:
            break
    error = 1.96 * float(np.sqrt(np.linalg.inv(information)[1, 1]))
    slope = float(beta[1])
    return slope, slope - error, slope + error


def calibrate_in_time(weeks: Ints, probability: Floats, outcome: Floats, period: int = PERIOD) -> pd.DataFrame:
    """Return calibration by period, counted back from the last week.

    Parameters
    ----------
    weeks : int array (n_rows,)
        As-of week of each row.
    probability : float array (n_rows,)
        NaN = no probability was told: left out.
    outcome : float array (n_rows,)
        1 or 0; NaN = the horizon is not over: left out, never taken for 0.

    Returns
    -------
    DataFrame
        A row per period, the oldest first: ``week_from``, ``week_to`` (exclusive), ``n_rows``, ``n_positive``,
        ``n_expected``, ``ratio`` (observed over expected), ``slope``, ``slope_low``, ``slope_high``.
    """
    told = np.isfinite(probability) & np.isfinite(outcome)
    weeks, probability, outcome = weeks[told], probability[told], outcome[told]
    columns = ["week_from", "week_to", "n_rows", "n_positive", "n_expected", "ratio"]
    columns += ["slope", "slope_low", "slope_high"]
    rows = []
    end = int(weeks.max()) + 1 if len(weeks) else 0
    for back in np.unique((end - 1 - weeks) // period)[::-1].tolist():
        inside = (end - 1 - weeks) // period == back
        expected, observed = float(probability[inside].sum()), int(outcome[inside].sum())
        ratio = observed / expected if expected > 0 else float("nan")
        slope = fit_slope(probability[inside], outcome[inside])
        until = end - back * period
        rows.append((until - period, until, int(inside.sum()), observed, expected, ratio, *slope))
    return pd.DataFrame(rows, columns=columns)
