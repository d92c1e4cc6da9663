"""The scan behind `level_changes`: one changed stretch of counts against the rest, on a scale that knows of dependence.

Method and sources are described there. Everything is vectorised over series; a stretch is [first, last) in positions.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from models.count_dispersion import SPANS, Floats, Ints, at_lengths, spell_variance
from models.count_season import fit_season
from models.stretch_likelihood import chance_of_root, cumulate, list_windows, signed_roots
from models.stretch_measure import Stretch, measure

#: Stretches found one after another in one piece of a series, and the chance at which the search goes on.
MAX_CHANGES, GOING_ON = 3, 0.05


class Stage(NamedTuple):
    """What is scanned: counts and expectation up to a level (both 0 where unknown), ω of each series by span."""

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
    best, roots = season.copy(), np.zeros(len(counts))
    for rows, edges in _groups(cuts):
        for first, last in pairwise(edges):
            here = np.ix_(rows, np.arange(first, last))
            best[here], root = _fit_best(filled[here], season[here])
            roots[rows] = np.maximum(roots[rows], root)
    omega = np.zeros((len(counts), len(SPANS)))
    for family in np.unique(families):
        omega[families == family] = spell_variance(filled[families == family], best[families == family],
                                                    roots[families == family])
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


def _fit_best(counts: Floats, exposure: Floats) -> tuple[Floats, Floats]:
    """Return the expectation with the level of the stretch that stands out most, and how far it stands out."""
    expected = _level(counts, exposure)
    windows = list_windows(counts.shape[1])
    if windows is None:
        return expected, np.zeros(len(counts))
    root, first, last = _scan(counts, expected, np.zeros((len(counts), len(SPANS))), windows)
    at = np.arange(counts.shape[1])
    inside = (at >= first[:, None]) & (at < last[:, None])
    fitted = _level(counts * inside, expected * inside) + _level(counts * ~inside, expected * ~inside)
    return fitted, np.abs(root)


def _scan(counts: Floats, expected: Floats, omega: Floats, windows: tuple[Ints, Ints]) -> tuple[Floats, Ints, Ints]:
    """Return the largest root (signed) of each series and where it is."""
    first, last = windows
    sums, means = cumulate(counts), cumulate(expected)
    length, n_weeks = last - first, counts.shape[1]
    omegas = at_lengths(omega, length), at_lengths(omega, n_weeks - length)
    roots = signed_roots(sums[:, last] - sums[:, first], means[:, last] - means[:, first], sums[:, -1:], omegas, length,
                         n_weeks)
    at = np.abs(roots).argmax(axis=1)
    return roots[np.arange(len(roots)), at], first[at], last[at]


def scan_all(stage: Stage, cuts: list[tuple[int, ...]]) -> list[Stretch]:
    """Scan each piece of each series, again and again while something is found."""
    found: list[Stretch] = []
    for rows, edges in _groups(cuts):
        for start, end in pairwise(edges):
            windows = list_windows(end - start)
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
        chance = np.minimum(chance_of_root(root, counts.shape[1]) * n_pieces, 1.0)
        going = np.flatnonzero(chance <= GOING_ON)
        for at in going:
            row = active[at]
            one = measure(counts[at], expected[at], piece.omega[row], (int(first[at]), int(last[at])))
            piece.exposure[row, one.first:one.last] *= one.ratio
            found.append(one._replace(series=int(rows[row]), p_value=float(chance[at]), first=one.first + start,
                                      last=one.last + start, earliest=one.earliest + start,
                                      latest=one.latest + start))
        active = active[going]
        if not len(active):
            break
    return found
