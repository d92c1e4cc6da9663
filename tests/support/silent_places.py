"""A simulated county of reports by place and week, with planted silence; the truth is known."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from models.silence import Reports

SIDE, N_WEEKS, SPLIT = 18, 260, 182
#: Weeks a planted spell lasts.
LENGTH = 26


@dataclass(frozen=True)
class Planted:
    reports: Reports
    start: np.ndarray  # first week of the spell of each place, −1 = none
    rates: np.ndarray  # true expected reports, before any went missing

    def until(self, week: int) -> Reports:
        """Return what was known before a week."""
        reports = self.reports
        return Reports(reports.counts[:, :week], reports.other[:, :week], reports.neighbours, reports.weeks[:week])


def border_grid(side: int) -> sparse.csr_array:
    """Return who borders on whom in a square grid."""
    place = np.arange(side * side)
    row, column = place // side, place % side
    pairs = [(place[row < side - 1], place[row < side - 1] + side), (place[column < side - 1], place[column < side - 1] + 1)]
    one, other = (np.concatenate(ends) for ends in zip(*pairs, strict=True))
    cells = np.ones(2 * len(one)), (np.r_[one, other], np.r_[other, one])
    return sparse.csr_array(sparse.coo_array(cells, shape=(len(place), len(place))))


def slow_walk(rng, n_rows: int, n_weeks: int, spread: float, keep: float) -> np.ndarray:
    """Return slow drifts with a standing spread (log scale)."""
    walk = np.empty((n_rows, n_weeks))
    walk[:, 0] = rng.normal(0, spread, n_rows)
    for week in range(1, n_weeks):
        walk[:, week] = keep * walk[:, week - 1] + rng.normal(0, spread * np.sqrt(1 - keep**2), n_rows)
    return walk


def simulate(seed: int, *, missing: float = 0.0, everywhere: bool = False, share: float = 0.3, side: int = SIDE,
             n_weeks: int = N_WEEKS, middle: float = 1.3, drift: float = 0.25) -> Planted:
    """Return places with rates of their own that drift, a common season and county; some fall silent for 26 weeks.

    `missing` of a silent place's records never arrive; `everywhere`: of its other streams, too.
    """
    rng = np.random.default_rng(seed)
    n_places = side * side
    base = np.exp(rng.normal(np.log(middle), 0.5, n_places))[:, None]
    own, county = slow_walk(rng, n_places, n_weeks, drift, 0.99), slow_walk(rng, 1, n_weeks, 0.12, 0.95)
    common = county + 0.25 * np.sin(2 * np.pi * np.arange(n_weeks) / 52.18)
    rates = base * np.exp(own + common)
    counts, other = rng.poisson(rates), rng.poisson(2 * base * np.exp(own / 2 + common))
    start = np.full(n_places, -1)
    if missing:
        silent = rng.random(n_places) < share
        start[silent] = rng.integers(n_weeks - 78, n_weeks - LENGTH, silent.sum())
        week = np.arange(n_weeks)
        spell = (start[:, None] >= 0) & (week >= start[:, None]) & (week < start[:, None] + LENGTH)
        counts = np.where(spell, rng.binomial(counts, 1 - missing), counts)
        other = np.where(spell & everywhere, rng.binomial(other, 1 - missing), other)
    reports = Reports(counts.astype(float), other.astype(float), border_grid(side), np.arange(2600, 2600 + n_weeks))
    return Planted(reports, start, rates)
