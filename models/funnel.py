"""Comparing shares and rates of places of different size without shaming the small: funnel plots and rank intervals.

References
----------
Spiegelhalter, D. (2005): Funnel plots for comparing institutional performance. Statistics in Medicine 24(8), 1185–1202.
Spiegelhalter, D. (2005b): Handling over-dispersion of performance indicators. Qual. Saf. Health Care 14(5), 347–351.
Goldstein, H., Spiegelhalter, D. (1996): League tables and their limitations. J. R. Statist. Soc. A 159(3), 385–443.
"""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Floats = NDArray[np.float64]

#: Fewest cases of which a share is a share; below it there are counts, no place in the funnel and no rank.
MIN_DENOMINATOR = 10
LEVELS = (0.95, 0.998)
#: Share at either end that is drawn in before the over-dispersion is measured (Spiegelhalter 2005b).
WINSORISED = 0.1


def funnel_limits(
    target: float, denominators: ArrayLike, *, levels: Sequence[float] = LEVELS, phi: float = 1.0
) -> pd.DataFrame:
    """Return the limits of a share for each denominator, if chance alone were at work around `target`.

    Exact binomial quantiles, interpolated between whole numbers (Spiegelhalter 2005, appendix A.1.1). The upper limit
    is the mirror image of the lower one, so that a place lies outside a line exactly when its tail probability is
    below the line's. With `phi` > 1 a limit at z standard deviations becomes the exact quantile at z √phi.

    Parameters
    ----------
    target : float
        Share of all together, 0 to 1.
    denominators : array of int (n,)
        0 gives no limits (NaN).
    levels : sequence of float
        Probability inside the limits; 0.95 names the columns ``low_95`` and ``high_95``.
    phi : float, default 1
        Over-dispersion, see `measure_overdispersion`.

    Returns
    -------
    DataFrame
        ``n`` and ``low_…``, ``high_…`` of each level, 0 to 1, one row a denominator.
    """
    if not 0 <= target <= 1:
        message = "a target share lies between 0 and 1"
        raise ValueError(message)
    n = np.asarray(denominators, dtype=float)
    whole = np.where(n > 0, n, 1.0)
    columns: dict[str, Floats] = {"n": n}
    for level in levels:
        tail = _tail(level, phi)
        low = _lower_quantile(lambda k: stats.binom.cdf(k, whole, target), stats.binom.ppf(tail, whole, target), tail)
        high = _lower_quantile(lambda k: stats.binom.cdf(k, whole, 1 - target),
                               stats.binom.ppf(tail, whole, 1 - target), tail)
        name = _name(level)
        columns[f"low_{name}"] = np.where(n > 0, np.maximum(low, 0.0) / whole, np.nan)
        columns[f"high_{name}"] = np.where(n > 0, 1.0 - np.maximum(high, 0.0) / whole, np.nan)
    return pd.DataFrame(columns)


def funnel_limits_of_rates(
    expected: ArrayLike, *, levels: Sequence[float] = LEVELS, phi: float = 1.0
) -> pd.DataFrame:
    """Return the limits of observed / expected for each expected count, exact Poisson (Spiegelhalter 2005, A.1.3).

    Returns
    -------
    DataFrame
        ``expected`` and ``low_…``, ``high_…`` of each level as ratios; 1 is what was expected.
    """
    mean = np.asarray(expected, dtype=float)
    some = np.where(mean > 0, mean, 1.0)
    columns: dict[str, Floats] = {"expected": mean}
    for level in levels:
        tail, name = _tail(level, phi), _name(level)
        low = _lower_quantile(lambda k: stats.poisson.cdf(k, some), stats.poisson.ppf(tail, some), tail)
        high = -_lower_quantile(lambda k: stats.poisson.sf(-k - 1, some), -stats.poisson.isf(tail, some), tail)
        columns[f"low_{name}"] = np.where(mean > 0, np.maximum(low, 0.0) / some, np.nan)
        columns[f"high_{name}"] = np.where(mean > 0, high / some, np.nan)
    return pd.DataFrame(columns)


def _tail(level: float, phi: float) -> float:
    """Return the probability beyond one limit."""
    return float(stats.norm.sf(stats.norm.isf((1.0 - level) / 2) * np.sqrt(max(phi, 1.0))))


def _name(level: float) -> str:
    return f"{level * 100:g}".replace(".", "")


def _lower_quantile(cdf: Callable[[Floats], Floats], first: Floats, tail: float) -> Floats:
    """Return r − (F(r) − p) / (F(r) − F(r − 1)), r being the smallest whole number with F(r) ≥ p."""
    at, before = cdf(first), cdf(first - 1)
    # The library's quantile may be one off where F(r) equals p up to rounding.
    first = np.where(at < tail, first + 1, np.where(before >= tail, first - 1, first))
    at, before = cdf(first), cdf(first - 1)
    return first - (at - tail) / np.maximum(at - before, 1e-300)


def measure_overdispersion(numerators: ArrayLike, denominators: ArrayLike, *, target: float | None = None) -> float:
    """Return phi: the mean square of the places' z, the outer tenth on each side drawn in; 1 where chance explains it.

    z = (y − θ) / √(θ (1 − θ) / n), winsorised at its 10 % and 90 % quantiles; phi = Σ z² / I over I places, set to 1
    when it is below 1 + 2 √(2 / I) (Spiegelhalter 2005b). Few places that differ much do not raise it, many do.

    Parameters
    ----------
    numerators, denominators : array of int (n,)
        Places with a denominator below `MIN_DENOMINATOR` do not count.
    """
    y, n = np.asarray(numerators, dtype=float), np.asarray(denominators, dtype=float)
    theta = _pooled(y, n) if target is None else target
    used = (n >= MIN_DENOMINATOR) & np.isfinite(y)
    if used.sum() < 2 or not 0 < theta < 1:
        return 1.0
    z = (y[used] / n[used] - theta) / np.sqrt(theta * (1 - theta) / n[used])
    z = np.clip(z, *np.quantile(z, [WINSORISED, 1 - WINSORISED]))
    phi = float(np.mean(z**2))
    return phi if phi > 1 + 2 * np.sqrt(2 / len(z)) else 1.0


def _pooled(numerators: Floats, denominators: Floats) -> float:
    known = np.isfinite(numerators) & np.isfinite(denominators)
    total = denominators[known].sum()
    return float(numerators[known].sum() / total) if total else float("nan")


def place_in_funnel(
    numerators: ArrayLike, denominators: ArrayLike, *, target: float | None = None, overdispersed: bool = False
) -> pd.DataFrame:
    """Say of each place whether its share differs from that of all together by more than chance.

    Parameters
    ----------
    numerators, denominators : array or Series of int (n,)
        Cases that count and all cases of each place; NaN where unknown.
    target : float, optional
        What shares are compared with; the share of all places together if not given.
    overdispersed : bool, default False
        Widen the limits by `measure_overdispersion`, so that only what differs from the usual differences stands out.

    Returns
    -------
    DataFrame
        On the index of `denominators` where it has one: ``n``, ``share`` (NaN below `MIN_DENOMINATOR`), ``target``,
        ``z`` (normal score of the exact tail divided by √phi; positive above the target), ``p_value`` (two-sided,
        twice the smaller exact tail), ``where`` (``inside``, ``outside_95``, ``outside_998``, ``too_few``),
        ``direction`` (``above``, ``below``, empty when inside) and ``phi``. `where` agrees with the lines of
        `funnel_limits` for the same `target` and `phi`.

    Raises
    ------
    ValueError
        When a numerator is negative or greater than its denominator.
    """
    y, n = np.asarray(numerators, dtype=float), np.asarray(denominators, dtype=float)
    if ((y < 0) | (y > n)).any():
        message = "a part is neither negative nor greater than its whole"
        raise ValueError(message)
    theta = _pooled(y, n) if target is None else target
    phi = measure_overdispersion(y, n, target=theta) if overdispersed else 1.0
    usable = (n >= MIN_DENOMINATOR) & np.isfinite(y)
    size, hits = np.where(usable, n, 1.0), np.where(usable, y, 0.0)
    tails = stats.binom.cdf(hits, size, theta), stats.binom.sf(hits - 1, size, theta)
    frame = _judge(tails, np.where(usable, hits > size * theta, False), usable, phi)
    frame.insert(0, "n", n)
    frame.insert(1, "share", np.where(usable, hits / size, np.nan))
    frame.insert(2, "target", theta)
    return frame.set_axis(denominators.index) if isinstance(denominators, pd.Series) else frame


def place_rates_in_funnel(
    observed: ArrayLike, expected: ArrayLike, *, phi: float = 1.0
) -> pd.DataFrame:
    """Say of each place whether its count differs from the expected one by more than chance (exact Poisson).

    Parameters
    ----------
    observed, expected : array or Series (n,)
        Count of each place, and what it would be at everybody's rate (same unit of time and people).

    Returns
    -------
    DataFrame
        ``expected``, ``ratio`` (NaN where fewer than `MIN_DENOMINATOR` are expected), and ``z``, ``p_value``,
        ``where``, ``direction``, ``phi`` as of `place_in_funnel`.
    """
    y, mean = np.asarray(observed, dtype=float), np.asarray(expected, dtype=float)
    usable = (mean >= MIN_DENOMINATOR) & np.isfinite(y)
    hits, some = np.where(usable, y, 0.0), np.where(usable, mean, 1.0)
    tails = stats.poisson.cdf(hits, some), stats.poisson.sf(hits - 1, some)
    frame = _judge(tails, hits > some, usable, max(phi, 1.0))
    frame.insert(0, "expected", mean)
    frame.insert(1, "ratio", np.where(usable, hits / some, np.nan))
    return frame.set_axis(expected.index) if isinstance(expected, pd.Series) else frame


def _judge(tails: tuple[Floats, Floats], above: NDArray[np.bool_], usable: NDArray[np.bool_],
           phi: float) -> pd.DataFrame:
    """Return z, p-value, where and direction from the exact tails below and above."""
    at_most, at_least = tails
    # The tail on the side of the deviation; a place at the target itself has z = 0.
    tail = np.minimum(np.where(above, at_least, at_most), 0.5)
    z = np.minimum(stats.norm.isf(np.maximum(tail, 1e-300)), 1e3) / np.sqrt(phi)
    p_value = np.minimum(2 * stats.norm.sf(z), 1.0)
    edges = [stats.norm.isf((1.0 - level) / 2) for level in LEVELS]
    where = np.select([~usable, z > edges[1], z > edges[0]], ["too_few", "outside_998", "outside_95"], "inside")
    outside = np.isin(where, ["outside_95", "outside_998"])
    return pd.DataFrame({
        "z": np.where(usable, np.where(above, z, -z), np.nan), "p_value": np.where(usable, p_value, np.nan),
        "where": where, "direction": np.where(outside, np.where(above, "above", "below"), ""), "phi": phi,
    })


def rank_intervals(
    numerators: ArrayLike, denominators: ArrayLike, *, draws: int = 4000, seed: int, confidence: float = 0.95
) -> pd.DataFrame:
    """Return between which ranks each place may lie: rank 1 is the highest share.

    Each place's share is drawn from its Beta(y + ½, n − y + ½) posterior (Jeffreys), all places are ranked anew in
    every draw, and the quantiles of a place's ranks are its interval (Goldstein and Spiegelhalter 1996).

    Parameters
    ----------
    numerators, denominators : array or Series of int (n,)
        As of `place_in_funnel`.
    draws : int
    seed : int
        Same seed, same intervals.
    confidence : float, default 0.95

    Returns
    -------
    DataFrame
        On the index of `denominators` where it has one: ``rank_median``, ``rank_low``, ``rank_high`` (whole numbers as
        float; NaN below `MIN_DENOMINATOR`, which are not ranked) and ``n_ranked``.
    """
    y, n = np.asarray(numerators, dtype=float), np.asarray(denominators, dtype=float)
    usable = (n >= MIN_DENOMINATOR) & np.isfinite(y)
    ranks = np.full((3, len(n)), np.nan)
    if usable.any():
        hits, misses = y[usable] + 0.5, n[usable] - y[usable] + 0.5
        shares = np.random.default_rng(seed).beta(hits, misses, (draws, int(usable.sum())))
        drawn = (-shares).argsort(axis=1).argsort(axis=1) + 1
        beyond = (1.0 - confidence) / 2
        ranks[:, usable] = np.quantile(drawn, [0.5, beyond, 1.0 - beyond], axis=0, method="closest_observation")
    frame = pd.DataFrame({"rank_median": ranks[0], "rank_low": ranks[1], "rank_high": ranks[2],
                          "n_ranked": int(usable.sum())})
    return frame.set_axis(denominators.index) if isinstance(denominators, pd.Series) else frame
