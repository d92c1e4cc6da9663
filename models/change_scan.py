"""The scan behind `level_changes`: one changed stretch of counts against the rest, on a scale that knows of dependence.

Method and sources are described there. Everything is vectorised over series; a stretch is [first, last) in positions.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from models.count_season import fit_season

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: A change lasts at least so many weeks; before it there are at least so many weeks to compare with.
MIN_LASTING, MIN_BEFORE = 8, 13
#: Stretches found one after another in one piece of a series, and the chance at which the search goes on.
MAX_CHANGES, GOING_ON = 3, 0.05
#: Weeks on either side that a source change is judged by.
AROUND_BREAK = 52
#: Lengths of stretches that end again.
_LENGTHS = (8, 10, 13, 16, 20, 26, 32, 40, 52, 65, 80, 104, 130, 156, 208, 260)
#: log of the number of independent looks = _K[0] + _K[1] log weeks + _K[2] log root; within 10 % of simulation.
_K = (-3.617, 1.2513, 2.0912)
#: Lags up to which autocovariances count fully, and up to which they fade: of one series, and of all together.
_OWN_LAGS, _ALL_LAGS = (4, 12), (13, 39)
#: Greatest widening for the slow part; relative spread of ω between series.
_MOST_SLOW, _SPREAD = 3.0, 0.5
#: Square of the largest root of noise, about: what fitting the best stretch takes from the variance, in mean squares.
_TAKEN = 7.0
#: Share of it that lies in the slow part, which a short stretch does not touch.
_OF_SLOW = 0.45
#: Standard errors by which a lonely series' ω is taken larger, since nothing else vouches for it.
_CAUTION = 0.1
#: Drop of the log likelihood ratio within which the first week lies (about 95 %).
_DROP = 5.99


class Stretch(NamedTuple):
    """One changed stretch of one series, in positions [first, last), measured against the level outside of it."""

    series: int
    first: int
    last: int
    earliest: int
    latest: int
    n: float
    expected: float
    error: float  # standard error of the log ratio
    ratio: float
    p_value: float
    at_break: bool


class Stage(NamedTuple):
    """What is scanned: counts (0 where unknown), expectation up to a level (0 where unknown), ω of each series."""

    counts: Floats
    exposure: Floats
    omega: Floats


def set_up(counts: Floats, weeks: Ints, cuts: list[tuple[int, ...]], families: Ints) -> Stage:
    """Fit the season, and measure over-dispersion and autocorrelation about the stretch that stands out most.

    Series of one family lean on each other, on other families they do not.
    """
    known = np.isfinite(counts)
    filled, season = np.where(known, counts, 0.0), np.zeros_like(counts)
    for family in np.unique(families):
        season[families == family] = fit_season(counts[families == family], weeks)
    season *= known
    best = season.copy()
    for rows, edges in _groups(cuts):
        for first, last in pairwise(edges):
            here = np.ix_(rows, np.arange(first, last))
            best[here] = _fit_best(filled[here], season[here])
    omega = np.zeros(len(counts))
    for family in np.unique(families):
        omega[families == family] = long_run_variance(filled[families == family], best[families == family])
    return Stage(filled, season, omega)


def _groups(cuts: list[tuple[int, ...]]) -> list[tuple[Ints, tuple[int, ...]]]:
    """Return the series of each set of cuts."""
    rows: dict[tuple[int, ...], list[int]] = {}
    for at, edges in enumerate(cuts):
        rows.setdefault(edges, []).append(at)
    return [(np.array(members), edges) for edges, members in rows.items()]


def _level(counts: Floats, exposure: Floats) -> Floats:
    """Return the expectation that has as many cases as were counted."""
    scaled: Floats = exposure * (counts.sum(axis=1) / np.maximum(exposure.sum(axis=1), 1e-9))[:, None]
    return scaled


def _fit_best(counts: Floats, exposure: Floats) -> Floats:
    """Return the expectation with the level of the stretch that stands out most, and that of the rest."""
    expected = _level(counts, exposure)
    windows = _windows(counts.shape[1])
    if windows is None:
        return expected
    _, first, last = _scan(counts, expected, np.zeros(len(counts)), windows)
    at = np.arange(counts.shape[1])
    inside = (at >= first[:, None]) & (at < last[:, None])
    return _level(counts * inside, expected * inside) + _level(counts * ~inside, expected * ~inside)


def long_run_variance(counts: Floats, expected: Floats) -> Floats:
    """Return ω of each series: long-run relative variance beyond that of independent counts, ≥ 0.

    Parameters
    ----------
    counts, expected : array (n_series, n_weeks)
        Both 0 in weeks that are unknown. One series alone is judged with caution; several lend each other strength.
    """
    n_weeks = counts.shape[1]
    gaps, squares = counts - expected, np.maximum((expected**2).sum(axis=1), 1e-9)
    excess = ((gaps**2).sum(axis=1) - expected.sum(axis=1)) / squares
    lags = max(min(_ALL_LAGS[1], n_weeks // 4), 1)
    by_lag = np.stack([2 * (gaps[:, lag:] * gaps[:, :-lag]).sum(axis=1) / squares for lag in range(1, lags + 1)])
    mean = np.maximum(expected.mean(axis=1), 1e-6)
    own, own_weight = _taper(by_lag, _OWN_LAGS)
    slow, slow_weight = _taper(by_lag, _ALL_LAGS)
    # The stretch that stands out most was taken away, and with it variance of the slowest part even if all is chance.
    taken = _TAKEN / n_weeks * np.maximum(1 / mean + excess, 0)
    own, slow = excess + own + own_weight * taken, excess + slow + slow_weight * _OF_SLOW * taken
    error = np.sqrt(2 * own_weight / n_weeks) * (1 / mean + max(float(np.median(excess)), 0.0))
    if len(counts) == 1:
        lonely: Floats = np.maximum(own + _CAUTION * error, 0.0)
        return lonely
    common = max(_weighted_median(own, 1 / error**2), 0.0)
    slower = np.clip(_weighted_median(slow, 1 / error**2) / max(common, 1e-6), 1.0, _MOST_SLOW)
    prior = max((_SPREAD * common + 0.005) ** 2, _between(own, common, error))
    trust = prior / (prior + error**2)
    drawn: Floats = np.maximum(trust * own + (1 - trust) * common, 0.0) * slower
    return drawn


def _taper(by_lag: Floats, lags: tuple[int, int]) -> tuple[Floats, float]:
    """Return the flat-top sum of twice the autocovariances, and the sum of squared weights of both sides."""
    lag = np.arange(1, len(by_lag) + 1)
    weight = np.clip((lags[1] - lag) / (lags[1] - lags[0]), 0.0, 1.0)
    return weight @ by_lag, float(1 + 2 * (weight**2).sum())


def _between(values: Floats, common: float, error: Floats) -> float:
    """Return the variance between series beyond that of estimation, by moments (DerSimonian and Laird 1986)."""
    weight = 1 / error**2
    gaps = np.minimum((values - common) ** 2 * weight, 25.0)  # a few changed series are not the rule
    room = weight.sum() - (weight**2).sum() / weight.sum()
    return max(float((gaps.sum() - (len(values) - 1)) / room), 0.0) if room > 0 else 0.0


def _weighted_median(values: Floats, weights: Floats) -> float:
    order = np.argsort(values)
    below = weights[order].cumsum()
    return float(values[order][np.searchsorted(below, below[-1] / 2)])


def _windows(n_weeks: int) -> tuple[Ints, Ints] | None:
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


def _cumulate(rows: Floats) -> Floats:
    return np.concatenate([np.zeros((len(rows), 1)), rows.cumsum(axis=1)], axis=1)


def _roots(inside: Floats, expected: Floats, total: Floats, omega: Floats, length: Ints, n_weeks: int) -> Floats:
    """Return the signed root of the likelihood ratio of two negative binomial sums, inside and outside of a stretch.

    A sum over L weeks of mean m has variance m (1 + ω m / L), that is, size L / ω; its deviance is
    2 [y log(y / m) − (y + k) log((y + k) / (m + k))] (Hilbe 2011, section 8.2), for ω = 0 that of Poisson. The long
    tail of over-dispersed counts is in it, so that short stretches do not stand out by a few great weeks.
    """
    outside, rest = np.maximum(total - inside, 0.0), np.maximum(total - expected, 1e-9)
    some = np.maximum(omega, 1e-9)
    ratio = _deviance(inside, np.maximum(expected, 1e-9), length / some)
    ratio += _deviance(outside, rest, (n_weeks - length) / some)
    root = np.sign(inside - expected) * np.sqrt(np.maximum(ratio, 0.0))
    usable: Floats = np.where((expected > 1e-6) & (total - expected > 1e-6), root, 0.0)
    return usable


def _deviance(counted: Floats, mean: Floats, size: Floats) -> Floats:
    gap = counted - mean
    own = counted * np.log(np.maximum(counted, 1e-9) / mean)
    part: Floats = 2 * (own - (counted + size) * np.log1p(gap / (mean + size)))
    return part


def _scan(counts: Floats, expected: Floats, omega: Floats, windows: tuple[Ints, Ints]) -> tuple[Floats, Ints, Ints]:
    """Return the largest root (signed) of each series and where it is."""
    first, last = windows
    sums, means = _cumulate(counts), _cumulate(expected)
    roots = _roots(sums[:, last] - sums[:, first], means[:, last] - means[:, first], sums[:, -1:], omega[:, None],
                   last - first, counts.shape[1])
    at = np.abs(roots).argmax(axis=1)
    return roots[np.arange(len(roots)), at], first[at], last[at]


def _p_value(root: Floats, n_weeks: int) -> Floats:
    """Return the chance that the largest root of a series of `n_weeks` weeks is so large where nothing changed."""
    size = np.maximum(np.abs(root), 1e-9)
    looks = np.exp(_K[0] + _K[1] * np.log(n_weeks) + _K[2] * np.log(size))
    chance: Floats = -np.expm1(-np.maximum(looks, 1.0) * 2 * stats.norm.sf(size))
    return chance


def scan_all(stage: Stage, cuts: list[tuple[int, ...]]) -> list[Stretch]:
    """Scan each piece of each series, again and again while something is found."""
    found: list[Stretch] = []
    for rows, edges in _groups(cuts):
        for start, end in pairwise(edges):
            windows = _windows(end - start)
            if windows is None:
                continue
            here = np.ix_(rows, np.arange(start, end))
            piece = Stage(stage.counts[here], stage.exposure[here].copy(), stage.omega[rows])
            found += _scan_piece(piece, rows, windows, start, len(edges) - 1)
    return found


def _scan_piece(piece: Stage, rows: Ints, windows: tuple[Ints, Ints], start: int, n_pieces: int) -> list[Stretch]:
    found: list[Stretch] = []
    active = np.arange(len(rows))
    for _ in range(MAX_CHANGES):
        counts = piece.counts[active]
        expected = _level(counts, piece.exposure[active])
        root, first, last = _scan(counts, expected, piece.omega[active], windows)
        chance = np.minimum(_p_value(root, counts.shape[1]) * n_pieces, 1.0)
        going = np.flatnonzero(chance <= GOING_ON)
        for at in going:
            row = active[at]
            one = _measure(counts[at], expected[at], piece.omega[row], (int(first[at]), int(last[at])))
            piece.exposure[row, one.first:one.last] *= one.ratio
            found.append(one._replace(series=int(rows[row]), p_value=float(chance[at]), first=one.first + start,
                                      last=one.last + start, earliest=one.earliest + start,
                                      latest=one.latest + start))
        active = active[going]
        if not len(active):
            break
    return found


def _measure(counts: Floats, expected: Floats, omega: float, stretch: tuple[int, int]) -> Stretch:
    """Find the stretch to the week and measure it; positions are those of the piece.

    The dates are those of the greatest Poisson likelihood: on the scale of ω, which shrinks with length, longer
    stretches would be preferred. Their interval is as much wider as counts vary more than Poisson.
    """
    n_weeks, (first, last) = len(counts), stretch
    reach = (last - first) // 4 + 3
    begins = np.arange(max(first - reach, 1), min(first + reach, last - MIN_LASTING) + 1)
    soonest, latest = max(last - reach, first + MIN_LASTING), min(last + reach, n_weeks - 1)
    ends = np.array([last]) if last == n_weeks else np.arange(soonest, latest + 1)
    sums, means = _cumulate(counts[None])[0], _cumulate(expected[None])[0]
    begin, end = np.meshgrid(begins, ends, indexing="ij")
    length = np.maximum(end - begin, 1)
    inside, mean = sums[end] - sums[begin], means[end] - means[begin]
    roots = np.abs(_roots(inside, mean, sums[-1:], np.zeros(1), length, n_weeks))
    roots[end - begin < MIN_LASTING] = 0.0
    at = np.unravel_index(roots.argmax(), roots.shape)
    first, last = int(begins[at[0]]), int(ends[at[1]])
    scale = 1.0 + omega * float(means[last] - means[first]) / (last - first)
    near = begins[roots[:, at[1]] ** 2 >= roots.max() ** 2 - _DROP * scale]
    measured = (float(sums[last] - sums[first]), float(means[last] - means[first]))
    return _compare(measured, (float(sums[-1]), float(means[-1])), omega, last - first)._replace(
        first=first, last=last, earliest=int(near.min()), latest=int(near.max()))


def _compare(inside: tuple[float, float], total: tuple[float, float], omega: float, length: int) -> Stretch:
    """Return ratio and standard error of a stretch from (counted, expected) inside and in total."""
    outside = (total[0] - inside[0], max(total[1] - inside[1], 1e-9))
    rate = (outside[0] + 0.5) / outside[1]
    expected = max(inside[1], 1e-9) * rate
    scale = 1.0 + omega * inside[1] / length
    error = float(np.sqrt(scale * (1 / (inside[0] + 0.5) + 1 / (outside[0] + 0.5))))
    return Stretch(-1, 0, 0, 0, 0, inside[0], expected, error, (inside[0] + 0.5) / (expected + 0.5), 1.0, False)


def judge_breaks(stage: Stage, cuts: list[tuple[int, ...]], stretches: list[Stretch]) -> list[Stretch]:
    """Compare the level just after each known break with that just before it."""
    edges_found: dict[int, list[int]] = {}
    for one in stretches:
        edges_found.setdefault(one.series, []).extend((one.first, one.last))
    found: list[Stretch] = []
    for series, edges in enumerate(cuts):
        sums, means = (_cumulate(rows[series][None])[0] for rows in (stage.counts, stage.exposure))
        for cut in edges[1:-1]:
            known = sorted({*edges, *edges_found.get(series, [])})
            first = max([cut - AROUND_BREAK, *(at for at in known if at <= cut - MIN_LASTING)])
            last = min([cut + AROUND_BREAK, *(at for at in known if at >= cut + MIN_LASTING)])
            total, exposed = float(sums[last] - sums[first]), float(means[last] - means[first])
            if total < MIN_BEFORE or exposed <= 0:
                continue
            scale = total / exposed
            inside = (float(sums[last] - sums[cut]), float(means[last] - means[cut]) * scale)
            omega = stage.omega[series:series + 1]
            counted, expected = np.array([inside[0]]), np.array([inside[1]])
            root = abs(_roots(counted, expected, np.array([total]), omega, np.array([last - cut]), last - first)[0])
            chance = min(float(2 * stats.norm.sf(root)) * (len(edges) - 2), 1.0)
            one = _compare(inside, (total, total), float(omega[0]), last - cut)
            found.append(one._replace(series=series, first=cut, last=edges[-1], earliest=cut, latest=cut,
                                      p_value=chance, at_break=True))
    return found
