"""A place that goes quiet (上报偏少): far fewer reports than are expected of it. A question, never an accusation.

What is expected of a place in a week is a pooled Poisson regression (log link) on

- the place's own weekly rate **lagged by 26 weeks**, so that a silent spell cannot teach itself: an exponentially
  fading mean (half-life 78 weeks), drawn towards the county's (empirical Bayes: gamma prior by moments)
- now against lagged expectation, as log ratios over the last 4 weeks: the county, the neighbours, and the other streams
  of the place itself (each drawn towards no change by a gamma prior of a fixed weight). Of the other streams only a
  rise counts: were a fall an excuse, a place that goes quiet altogether would excuse itself (with half of all its
  records missing 15 in 100 spells fewer would be found)
- season: two harmonics of 365.25 days

Reports of the last 13 and of the last 26 weeks are then held against their expectation: the lower tail of a negative
binomial with variance m + α m² (α by moments, one for each window). A place is *quiet* when the smaller of the two
tails is under a cut, set so that on the past given there are at most 0.25 alarms per place and year (true ones among
them, so that false ones are fewer). Under 20 expected reports in 26 weeks nothing can tell: `TOO_FEW`.

All sums are running sums over weeks: time and memory are linear in places × weeks.

Sources: Noufaily et al., Statistics in Medicine 32 (2013) 1206–1222 (regression, exclusion of recent weeks, negative
binomial bound); Clayton and Kaldor, Biometrics 43 (1987) 671–681 (gamma prior by moments); McCullagh and Nelder 1989
(Poisson regression by re-weighted least squares). The project's method (docs/method.md, "A place that goes quiet").
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse, stats

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Weeks by which the own rate is lagged; windows that are judged; weeks that are "now"; half-life of the own rate.
LAG, WINDOWS, NOW, HALF_LIFE = 26, (13, 26), 4, 78
#: Expected reports in 26 weeks below which nothing can tell; alarms per place and year.
MIN_EXPECTED, ALARMS_PER_YEAR = 20.0, 0.25
#: An alarm is new if there was none in so many weeks before; weeks of a place before it is judged.
NEW_AFTER, BURN_IN = 26, 52
#: Reports by which a ratio is drawn to no change; rows the regression is fitted on, and places the dispersions
#: and the cut are set on, at most (drawn with a fixed seed); weeks of a year.
_RATIO_PRIOR, _MOST_ROWS, _MOST_PLACES, _YEAR = 5.0, 200_000, 4_000, 365.25 / 7
#: Years of all places together under which the cut is not set by counting alarms, and the cut taken then.
_LEAST_YEARS, _USUAL_CUT = 50.0, 0.03
#: What the regression is on, in order.
TERMS = ("one", "own_rate", "county", "neighbours", "other_streams", "sin_1", "cos_1", "sin_2", "cos_2")

#: States of a place in a week.
TOO_FEW, AS_EXPECTED, QUIET = -1, 0, 1


@dataclass(frozen=True)
class Reports:
    """Weekly reports.

    Attributes
    ----------
    counts, other : float arrays (n_places, n_weeks)
        Reports of the stream that is judged, and of all others; NaN where nothing was recorded yet (unknown, not zero).
    neighbours : sparse matrix (n_places, n_places)
        1 where two places border, 0 on the diagonal.
    weeks : int array (n_weeks,)
        Consecutive weeks since the Monday 1970-01-05.

    Raises
    ------
    ValueError
        If shapes differ or weeks are not consecutive.
    """

    counts: Floats
    other: Floats
    neighbours: sparse.csr_array
    weeks: Ints

    def __post_init__(self) -> None:
        """Refuse what does not fit together."""
        n_places, n_weeks = self.counts.shape
        if self.other.shape != self.counts.shape or self.neighbours.shape != (n_places, n_places):
            raise ValueError("counts, other and neighbours differ in shape")
        if len(self.weeks) != n_weeks or np.any(np.diff(self.weeks) != 1):
            raise ValueError("weeks are consecutive, one for each column")


@dataclass(frozen=True)
class SilenceRule:
    """The fitted regression, dispersions and cut; plain numbers, to be kept as JSON."""

    coefficients: tuple[float, ...]
    dispersions: tuple[float, ...]
    cut: float


def running_mean(counts: Floats, lag: int, half_life: float) -> tuple[Floats, Floats]:
    """Return the fading sum of counts up to `lag` weeks before each week, and the weeks it stands for (same shape)."""
    keep = 0.5 ** (1.0 / half_life)
    sums, lengths = np.zeros_like(counts), np.zeros_like(counts)
    total, length = np.zeros(len(counts)), np.zeros(len(counts))
    for week in range(counts.shape[1] - lag):
        known = np.isfinite(counts[:, week])
        total = total * keep + np.where(known, counts[:, week], 0.0)
        length = length * keep + known
        sums[:, week + lag], lengths[:, week + lag] = total, length
    return sums, lengths


def lagged_rate(counts: Floats) -> Floats:
    """Return the expected reports per week of each place from what was known 26 weeks before; NaN with no past.

    Gamma-Poisson: (sum + m b) / (length + b), m the county's mean rate, b = m / variance of rates between places, by
    moments over the places of that week (Clayton and Kaldor 1987).
    """
    sums, lengths = running_mean(counts, LAG, HALF_LIFE)
    with np.errstate(invalid="ignore", divide="ignore"):
        rates = np.where(lengths > 0, sums / lengths, np.nan)
        some = lengths.sum(axis=0)
        mean = np.where(some > 0, sums.sum(axis=0) / some, np.nan)
        gaps = np.where(lengths > 0, (rates - mean) ** 2, 0.0)
        n_known = np.maximum((lengths > 0).sum(axis=0), 1)
        chance = np.where(lengths > 0, mean / np.maximum(lengths, 1e-9), 0.0).sum(axis=0) / n_known
        between = np.maximum(gaps.sum(axis=0) / n_known - chance, 0.01 * mean**2)
        weight = mean / between
        rate: Floats = np.where(lengths > 0, (sums + mean * weight) / (lengths + weight), np.nan)
    return rate


def window_sum(values: Floats, length: int) -> Floats:
    """Return the sum of the last `length` weeks up to and with each week; NaN counts as nothing."""
    running = np.cumsum(np.where(np.isfinite(values), values, 0.0), axis=1)
    running[:, length:] -= running[:, :-length].copy()
    return running


def _log_ratio(now: Floats, expected: Floats) -> Floats:
    """Return the log of observed over expected, drawn to 0 by a gamma prior."""
    ratio: Floats = np.log((now + _RATIO_PRIOR) / (expected + _RATIO_PRIOR))
    return ratio


def _now_ratios(reports: Reports, rate: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the log ratios of county (1, n_weeks), neighbours and other streams (n_places, n_weeks)."""
    known = np.isfinite(reports.counts) & np.isfinite(rate)
    now = window_sum(np.where(known, reports.counts, 0.0), NOW)
    expected = window_sum(np.where(known, rate, 0.0), NOW)
    other_rate = lagged_rate(reports.other)
    both = np.isfinite(reports.other) & np.isfinite(other_rate)
    other = _log_ratio(*(window_sum(np.where(both, values, 0.0), NOW) for values in (reports.other, other_rate)))
    county = _log_ratio(now.sum(axis=0, keepdims=True), expected.sum(axis=0, keepdims=True))
    around = _log_ratio(reports.neighbours @ now, reports.neighbours @ expected)
    return county, around - county, np.maximum(other, 0.0)


def _terms(reports: Reports, rate: Floats) -> list[Floats]:
    """Return the terms of the regression, each broadcastable to (n_places, n_weeks)."""
    angle = 2 * np.pi * reports.weeks / _YEAR
    waves = [wave(turn * angle)[None, :] for turn in (1, 2) for wave in (np.sin, np.cos)]
    with np.errstate(divide="ignore", invalid="ignore"):
        own = np.log(np.maximum(rate, 1e-6))
    return [np.ones((1, 1)), own, *_now_ratios(reports, rate), *waves]


def _judgeable(reports: Reports, rate: Floats) -> Bools:
    """Return the weeks of each place that have a past and a count."""
    _, lengths = running_mean(np.where(np.isfinite(reports.counts), 1.0, np.nan), LAG, 1e9)
    return np.isfinite(rate) & np.isfinite(reports.counts) & (lengths >= BURN_IN - LAG)


def fit_poisson(design: Floats, counts: Floats, n_rounds: int = 25) -> Floats:
    """Return coefficients of a Poisson regression with log link (re-weighted least squares, a very small ridge)."""
    beta = np.zeros(design.shape[1])
    beta[0] = np.log(max(counts.mean(), 1e-6))
    ridge = 1e-6 * len(counts) * np.eye(len(beta))
    for _ in range(n_rounds):
        mean = np.exp(np.clip(design @ beta, -20, 20))
        step = np.linalg.solve(design.T @ (design * mean[:, None]) + ridge, design.T @ (counts - mean))
        beta = beta + step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
        if np.abs(step).max() < 1e-8:
            break
    return beta


def expected_reports(reports: Reports, coefficients: tuple[float, ...]) -> Floats:
    """Return expected reports per place and week; NaN where the place has too short a past or no count."""
    rate = lagged_rate(reports.counts)
    score = np.zeros_like(rate)
    for coefficient, term in zip(coefficients, _terms(reports, rate), strict=True):
        score += coefficient * term
    return np.where(_judgeable(reports, rate), np.exp(np.clip(score, -20, 20)), np.nan)


def fit_silence(reports: Reports, seed: int = 0) -> SilenceRule:
    """Fit regression, dispersions and cut on the past given.

    Raises
    ------
    ValueError
        If no place has enough past: 78 weeks are the least.
    """
    rate = lagged_rate(reports.counts)
    place, week = np.nonzero(_judgeable(reports, rate))
    if not len(place):
        raise ValueError("no place has a past long enough")
    rng = np.random.default_rng(seed)
    if len(place) > _MOST_ROWS:
        chosen = rng.choice(len(place), _MOST_ROWS, replace=False)
        place, week = place[chosen], week[chosen]
    shape = rate.shape
    design = np.column_stack([np.broadcast_to(term, shape)[place, week] for term in _terms(reports, rate)])
    beta = tuple(float(value) for value in fit_poisson(design, reports.counts[place, week]))
    counts, expected = reports.counts, expected_reports(reports, beta)
    if len(counts) > _MOST_PLACES:
        some = np.sort(rng.choice(len(counts), _MOST_PLACES, replace=False))
        counts, expected = counts[some], expected[some]
    dispersions = tuple(_dispersion(counts, expected, window) for window in WINDOWS)
    tails = lower_tails(counts, expected, dispersions)
    return SilenceRule(beta, dispersions, _set_cut(tails))


def _observed(counts: Floats, expected: Floats, window: int) -> tuple[Floats, Floats]:
    """Return observed and expected reports of the last `window` weeks; NaN unless every one of them has both."""
    known = np.isfinite(expected)
    whole = window_sum(known.astype(float), window) == window
    sums = (window_sum(np.where(known, values, 0.0), window) for values in (counts, expected))
    observed, mean = (np.where(whole, values, np.nan) for values in sums)
    return observed, mean


def _dispersion(counts: Floats, expected: Floats, window: int) -> float:
    """Return α of variance m + α m², by moments over windows that do not overlap, without the widest 1 in 100.

    The widest are left out because true silent spells are among them.
    """
    observed, mean = (values[:, window - 1 :: window] for values in _observed(counts, expected, window))
    told = np.isfinite(mean) & (mean >= MIN_EXPECTED * window / 26)
    if told.sum() < 20:
        return 0.05
    observed, mean = observed[told], mean[told]
    gaps = (observed - mean) ** 2 / mean
    kept = gaps <= np.quantile(gaps, 0.99)
    return max(float(((observed - mean)[kept] ** 2 - mean[kept]).sum() / (mean[kept] ** 2).sum()), 1e-4)


def lower_tails(counts: Floats, expected: Floats, dispersions: tuple[float, ...]) -> Floats:
    """Return the smaller lower tail of the two windows for each place and week; NaN where too few are expected.

    Negative binomial with mean m and variance m + α m²: size 1/α, P(X ≤ observed). Expected reports are those of 26
    weeks, also for the shorter window.
    """
    smallest = np.full(counts.shape, np.nan)
    _, half_year = _observed(counts, expected, 26)
    for window, dispersion in zip(WINDOWS, dispersions, strict=True):
        observed, mean = _observed(counts, expected, window)
        told = np.isfinite(mean) & (half_year >= MIN_EXPECTED)
        size = 1 / dispersion
        tail = stats.nbinom.cdf(observed[told], size, size / (size + mean[told]))
        smallest[told] = np.fmin(smallest[told], tail)
    return smallest


def new_alarms(tails: Floats, cut: float) -> Bools:
    """Return the weeks in which an alarm begins: the tail is under the cut, and was not in the 26 weeks before."""
    under = np.where(np.isnan(tails), False, tails < cut)
    running = window_sum(under.astype(float), NEW_AFTER)
    before = np.zeros_like(under)
    before[:, 1:] = running[:, :-1] > 0
    return under & ~before


def alarms_per_year(tails: Floats, cut: float) -> tuple[float, float]:
    """Return alarms per place and year, and the years of all places that were counted.

    Only weeks with 26 judged weeks before them count: an alarm that stood when judging began is not new.
    """
    told = np.isfinite(tails)
    ready = np.zeros_like(told)
    ready[:, 1:] = window_sum(told.astype(float), NEW_AFTER)[:, :-1] == NEW_AFTER
    ready &= told
    years = float(ready.sum() / _YEAR)
    return (float((new_alarms(tails, cut) & ready).sum() / years) if years else np.nan), years


def _set_cut(tails: Floats) -> float:
    """Return the largest cut that gives at most 0.25 alarms per place and year, by halving between 1e-6 and 0.3.

    With a past too short to count alarms it is what the method test's simulated places get.
    """
    if alarms_per_year(tails, 0.0)[1] < _LEAST_YEARS:
        return _USUAL_CUT
    low, high = np.log(1e-6), np.log(0.3)
    for _ in range(16):
        middle = (low + high) / 2
        too_many = alarms_per_year(tails, float(np.exp(middle)))[0] > ALARMS_PER_YEAR
        low, high = (low, middle) if too_many else (middle, high)
    return float(np.exp(low))


def judge_silence(reports: Reports, rule: SilenceRule) -> pd.DataFrame:
    """Return the state of each place in the last week.

    Returns
    -------
    DataFrame
        A row per place: ``observed_13``, ``expected_13``, ``observed_26``, ``expected_26`` (float, reports; NaN unless
        all weeks are known), ``tail`` (float; NaN = too few records to tell), ``state`` (`QUIET`, `AS_EXPECTED`,
        `TOO_FEW`). No rank: the rows keep the order of the places.
    """
    expected = expected_reports(reports, rule.coefficients)
    recent = slice(-max(WINDOWS), None)
    counts, expected = reports.counts[:, recent], expected[:, recent]
    columns: dict[str, Floats] = {}
    for window in WINDOWS:
        observed, mean = _observed(counts, expected, window)
        columns[f"observed_{window}"], columns[f"expected_{window}"] = observed[:, -1], mean[:, -1]
    tail = lower_tails(counts, expected, rule.dispersions)[:, -1]
    state = np.where(np.isnan(tail), TOO_FEW, np.where(tail < rule.cut, QUIET, AS_EXPECTED))
    return pd.DataFrame({**columns, "tail": tail, "state": state})
