"""Every stretch that a scan looks at, how far it stands out from the rest, and how often chance stands out as far.

Method and sources are described in `level_changes`. A stretch is [first, last) in positions.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: A change lasts at least so many weeks; before it there are at least so many weeks to compare with.
MIN_LASTING, MIN_BEFORE = 8, 13
#: Lengths of stretches that end again.
_LENGTHS = (8, 10, 13, 16, 20, 26, 32, 40, 52, 65, 80, 104, 130, 156, 208, 260)
#: log of the number of independent looks = _K[0] + _K[1] log weeks + _K[2] log root; within 10 % of simulation.
_K = (-3.617, 1.2513, 2.0912)


def list_windows(n_weeks: int) -> tuple[Ints, Ints] | None:
    """Return first and last (exclusive) position of every stretch that is looked at."""
    if n_weeks < MIN_BEFORE + MIN_LASTING:
        return None
    lasting = np.arange(MIN_BEFORE, n_weeks - MIN_LASTING + 1)
    firsts, lasts = [lasting], [np.full(len(lasting), n_weeks)]
    for length in _LENGTHS:
        if length <= n_weeks // 2:
            first = np.arange(MIN_BEFORE, n_weeks - length - MIN_LASTING + 1)
            firsts.append(first)
            lasts.append(first + length)
    return np.concatenate(firsts), np.concatenate(lasts)


def cumulate(rows: Floats) -> Floats:
    """Return sums of the first 0, 1, … weeks, shape (n_series, n_weeks + 1)."""
    return np.concatenate([np.zeros((len(rows), 1)), rows.cumsum(axis=1)], axis=1)


def signed_roots(
    inside: Floats, expected: Floats, total: Floats, omegas: tuple[Floats, Floats], length: Ints, n_weeks: int
) -> Floats:
    """Return the signed root of the likelihood ratio of two negative binomial sums, inside and outside of a stretch.

    A sum over L weeks of mean m has variance m (1 + ω m / L), that is, size L / ω; its deviance is
    2 [y log(y / m) − (y + k) log((y + k) / (m + k))] (Hilbe 2011, section 8.2), for ω = 0 that of Poisson. The long
    tail of over-dispersed counts is in it, so that short stretches do not stand out by a few great weeks.
    """
    outside, rest = np.maximum(total - inside, 0.0), np.maximum(total - expected, 1e-9)
    ratio = _deviance(inside, np.maximum(expected, 1e-9), length / np.maximum(omegas[0], 1e-9))
    ratio += _deviance(outside, rest, (n_weeks - length) / np.maximum(omegas[1], 1e-9))
    root = np.sign(inside - expected) * np.sqrt(np.maximum(ratio, 0.0))
    usable: Floats = np.where((expected > 1e-6) & (total - expected > 1e-6), root, 0.0)
    return usable


def _deviance(counted: Floats, mean: Floats, size: Floats) -> Floats:
    gap = counted - mean
    own = counted * np.log(np.maximum(counted, 1e-9) / mean)
    part: Floats = 2 * (own - (counted + size) * np.log1p(gap / (mean + size)))
    return part


def chance_of_root(root: Floats, n_weeks: int) -> Floats:
    """Return the chance that the largest root of a series of `n_weeks` weeks is so large where nothing changed."""
    size = np.maximum(np.abs(root), 1e-9)
    looks = np.exp(_K[0] + _K[1] * np.log(n_weeks) + _K[2] * np.log(size))
    chance: Floats = -np.expm1(-np.maximum(looks, 1.0) * 2 * stats.norm.sf(size))
    return chance
