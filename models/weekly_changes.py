"""Which weekly counts stand out from their own past: an over-dispersed predictive test with multiplicity control.

Pure: arrays in, arrays out. The sentences of the overview are built from what is found here.

Method
------
For each series the last complete week (and, apart, the last four weeks) is compared with the same series' 52 weeks
before. The past gives a gamma distribution of the series' rate, so that the count to come is negative binomial
(gamma-Poisson predictive distribution: Gelman et al., "Bayesian Data Analysis", 3rd ed. 2013, section 2.6), widened by
the over-dispersion that the series itself showed in those weeks (moments, Breslow 1984), shrunk towards that of all
series. A season ratio from the years before (same weeks of the year, shrunk towards the parent series and towards 1)
moves the expectation. Tail probabilities of all tests together go through the procedure of Benjamini and Hochberg
(1995) with weights (Genovese, Roeder and Wasserman 2006): where nothing changed, the chance of any finding in a week
stays below `ALPHA`.

References
----------
Benjamini, Y., Hochberg, Y. (1995): Controlling the false discovery rate. J. R. Statist. Soc. B 57(1).
Breslow, N. (1984): Extra-Poisson variation in log-linear models. Applied Statistics 33(1).
Genovese, C., Roeder, K., Wasserman, L. (2006): False discovery control with p-value weighting. Biometrika 93(3).
Farrington, C. et al. (1996): A statistical algorithm for the early detection of outbreaks. J. R. Statist. Soc. A 159.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

Counts = NDArray[np.float64]

#: Chance of any finding in a week in which nothing changed.
ALPHA = 0.035
#: Weeks that a series is compared with.
PAST_WEEKS = 52
#: Fewest weeks of past that allow a comparison.
MIN_PAST_WEEKS = 26
#: Weeks to either side over which the season is smoothed.
SEASON_HALF_WIDTH = 2
#: Incidents by which a season ratio is drawn towards its parent's, and that towards 1.
SEASON_SHRINKAGE = 30.0
#: How far phi differs between the series of one family (standard deviation).
DISPERSION_SPREAD = 0.015
#: A rise, rather than a fall, is what somebody has to act on: its share of `ALPHA`.
RISE_SHARE = 0.9
#: Share of `ALPHA` given to each family of series, for the last week and for the last four, so that the many small
#: series do not drown the few large ones. A single week of a township says too little about one category.
FAMILY_SHARES = {
    1: {"category": 0.70, "stream": 0.09, "township_stream": 0.06, "overdue": 0.02, "silence": 0.02},
    4: {"category": 0.05, "township_stream": 0.03, "township_category": 0.03},
}
#: Families whose series are too small for a season of their own: only their last `PAST_WEEKS` + 4 weeks are read.
SEASON_OF_PARENT = ("township_stream", "township_category")
#: Families of which only a rise is of interest.
RISES_ONLY = ("overdue", "silence")
#: Fewest incidents a week on average for a fall to be tested, and for a rise: below it there is nothing to tell.
MIN_EXPECTED = 0.5
#: A change smaller than this is not written about, however certain.
MIN_RATIO = 1.3
MIN_DIFFERENCE = 3.0


class Prediction(NamedTuple):
    """What was to be expected: mean and dispersion `phi` (variance = mean + phi · mean²), one a series."""

    mean: Counts
    phi: Counts


def season_ratios(counts: Counts, parents: NDArray[np.int64], borrowed: NDArray[np.bool_], n_recent: int) -> Counts:
    """Return the season of each of the last `PAST_WEEKS` + `n_recent` weeks: expected share of a mean week.

    Parameters
    ----------
    counts : array (n_series, n_weeks)
        Weekly counts, oldest first; the last `n_recent` weeks are the ones under test and teach nothing.
    parents : array (n_series,)
        Row of the series whose season this one is drawn towards; its own row where it has none.
    borrowed : array of bool (n_series,)
        Whose season is simply the parent's.
    n_recent : int
        1 or 4.

    Returns
    -------
    array (n_series, PAST_WEEKS + n_recent)
        1 where fewer than two years lie before the weeks under test.
    """
    past = counts[:, : counts.shape[1] - n_recent]
    n_years = past.shape[1] // PAST_WEEKS
    wanted = PAST_WEEKS + n_recent
    if n_years < 2:
        return np.ones((len(counts), wanted))
    by_week = past[:, past.shape[1] - n_years * PAST_WEEKS:].reshape(len(counts), n_years, PAST_WEEKS).sum(axis=1)
    smooth = np.zeros_like(by_week)
    for shift in range(-SEASON_HALF_WIDTH, SEASON_HALF_WIDTH + 1):
        smooth += np.roll(by_week, shift, axis=1)
    flat = smooth.mean(axis=1, keepdims=True)
    root = (smooth + SEASON_SHRINKAGE) / (flat + SEASON_SHRINKAGE)
    drawn = (smooth + SEASON_SHRINKAGE * root[parents]) / (flat + SEASON_SHRINKAGE)
    own = np.where((parents == np.arange(len(counts)))[:, None], root, drawn)
    ratio = np.where(borrowed[:, None], own[parents], own)
    # Position 0 of a year is the week 52 before the first week under test; so it is its season, too.
    season: Counts = ratio[:, np.arange(wanted) % PAST_WEEKS]
    return season


def predict(
    counts: Counts, parents: NDArray[np.int64], kinds: Sequence[str], n_recent: int = 1
) -> Prediction:
    """Return what the sum of the last `n_recent` weeks of each series was expected to be.

    Parameters
    ----------
    counts : array (n_series, n_weeks)
        As in `season_ratios`.
    kinds : sequence of str (n_series,)
        As in `compare_weeks`.
    """
    families = np.unique(np.asarray(kinds), return_inverse=True)[1]
    borrowed = np.isin(np.asarray(kinds), SEASON_OF_PARENT)
    n_past = min(PAST_WEEKS, counts.shape[1] - n_recent)
    season = season_ratios(counts, parents, borrowed, n_recent)
    past = counts[:, counts.shape[1] - n_recent - n_past: counts.shape[1] - n_recent]
    past_season = season[:, PAST_WEEKS - n_past: PAST_WEEKS]
    exposure = past_season.sum(axis=1)
    rate = (past.sum(axis=1) + 0.5) / exposure
    ahead = season[:, PAST_WEEKS:].sum(axis=1)
    weekly = _dispersion(past, rate[:, None] * past_season, families)
    # Weeks that are alike by themselves average out over four; what shifts a whole month does not: half of it stays.
    per_window = weekly if n_recent == 1 else weekly * (0.5 + 0.5 / n_recent)
    of_rate = 1.0 / (past.sum(axis=1) + 0.5) + weekly / n_past
    evidence = _season_evidence(counts, n_recent)
    of_season = 1.0 / (SEASON_SHRINKAGE + np.where(borrowed, evidence[parents], evidence))
    return Prediction(rate * ahead, per_window + of_rate + of_season)


def _season_evidence(counts: Counts, n_recent: int) -> Counts:
    """Return how many incidents of the past a season ratio rests on."""
    n_past = counts.shape[1] - n_recent
    width = 2 * SEASON_HALF_WIDTH + 1
    usable = n_past if n_past >= 2 * PAST_WEEKS else 0
    evidence: Counts = counts[:, :n_past].mean(axis=1) * usable / PAST_WEEKS * width
    # Without two years the season is unknown: the dispersion of the year itself already holds it.
    return evidence if usable else np.full(len(counts), np.inf)


def _dispersion(past: Counts, expected: Counts, families: NDArray[np.int64]) -> Counts:
    """Return phi of each series by moments, drawn towards that of its family, never below zero.

    The moment estimate of a series with mean m over n weeks has variance 2 / (n m²) where phi is small; it weighs
    against the spread of phi between series (`DISPERSION_SPREAD`) accordingly.
    """
    excess = ((past - expected) ** 2 - expected).sum(axis=1)
    squares = np.maximum((expected**2).sum(axis=1), 1e-9)
    n_families = int(families.max()) + 1
    pooled = np.bincount(families, excess, n_families) / np.maximum(np.bincount(families, squares, n_families), 1e-9)
    trust = DISPERSION_SPREAD**2 / (DISPERSION_SPREAD**2 + 2.0 / squares)
    phi: Counts = np.maximum(trust * excess / squares + (1.0 - trust) * np.maximum(pooled, 0.0)[families], 0.0)
    return phi


def tails(observed: Counts, prediction: Prediction) -> tuple[Counts, Counts]:
    """Return P(X ≥ observed) and P(X ≤ observed) under the negative binomial of `prediction`."""
    mean = np.maximum(prediction.mean, 1e-9)
    size = 1.0 / np.maximum(prediction.phi, 1e-6)
    chance = size / (size + mean)
    at_least = stats.nbinom.sf(observed - 1, size, chance)
    at_most = stats.nbinom.cdf(observed, size, chance)
    return at_least, at_most


def compare_weeks(
    counts: Counts, parents: NDArray[np.int64], kinds: Sequence[str], *, n_recent: int = 1,
    falls: bool = True,
) -> pd.DataFrame:
    """Test each series' last `n_recent` weeks against its own past.

    Parameters
    ----------
    counts : array (n_series, n_weeks)
        Weekly counts, oldest first, the last column being the last complete week.
    parents : array (n_series,)
        See `season_ratios`.
    kinds : sequence of str (n_series,)
        Family of each series, as in `FAMILY_SHARES`: series of one family share their dispersion and their part of
        `ALPHA`. Of a family in `RISES_ONLY` a fall is not of interest.
    falls : bool, default True
        Whether a fall of the last weeks could be told from records that are still to come.

    Returns
    -------
    DataFrame
        ``series`` (row number), ``weeks``, ``observed``, ``expected``, ``p_value`` (of the change, both directions
        accounted for), ``direction`` (1, −1), ``kind``, ``is_large``; only series of a family looked at over
        `n_recent` weeks, with enough past and expectation.
    """
    n_series, n_weeks = counts.shape
    if n_series == 0 or n_weeks < MIN_PAST_WEEKS + n_recent:
        return pd.DataFrame({name: pd.Series(dtype="float64") for name in COLUMNS})
    prediction = predict(counts, parents, kinds, n_recent)
    observed = counts[:, n_weeks - n_recent:].sum(axis=1)
    at_least, at_most = tails(observed, prediction)
    rises_only = np.isin(np.asarray(kinds), RISES_ONLY) | (not falls)
    rising = at_least / np.where(rises_only, 1.0, RISE_SHARE)
    falling = np.where(rises_only, 1.0, at_most / (1.0 - RISE_SHARE))
    direction = np.where(rising <= falling, 1, -1)
    ratio = (observed + 0.5) / (prediction.mean + 0.5)
    large = (np.abs(observed - prediction.mean) >= MIN_DIFFERENCE) & (np.maximum(ratio, 1.0 / ratio) >= MIN_RATIO)
    found = pd.DataFrame({
        "series": np.arange(n_series), "weeks": n_recent, "observed": observed, "expected": prediction.mean,
        "p_value": np.minimum(np.minimum(rising, falling), 1.0), "direction": direction,
        "kind": np.asarray(kinds, dtype=object), "is_large": large,
    })
    tested = (prediction.mean >= MIN_EXPECTED) & np.isin(np.asarray(kinds), list(FAMILY_SHARES[n_recent]))
    return found[tested].reset_index(drop=True)


COLUMNS = ("series", "weeks", "observed", "expected", "p_value", "direction", "kind", "is_large")


def find_notable(tests: pd.DataFrame, alpha: float = ALPHA) -> pd.DataFrame:
    """Return the tests that stand out when all are looked at together, the most certain first.

    Weighted Benjamini–Hochberg: with weights of mean 1, the largest k such that p / weight ≤ alpha · k / n for k tests.
    What is certain but small (`is_large` false) counts as tested and is not returned.

    Parameters
    ----------
    tests : DataFrame
        Rows of `compare_weeks`, of any number of calls.

    Returns
    -------
    DataFrame
        The rows found, with ``q_value`` (smallest alpha at which the row is found).
    """
    n_tests = len(tests)
    if n_tests == 0:
        return tests.assign(q_value=pd.Series(dtype="float64"))
    weight = _weights(tests)
    ranked = tests.assign(weighted=tests["p_value"] / weight).sort_values("weighted", kind="stable")
    steps = ranked["weighted"].to_numpy() * n_tests / np.arange(1, n_tests + 1)
    ranked["q_value"] = np.minimum.accumulate(steps[::-1])[::-1]
    found = ranked[(ranked["q_value"] <= alpha) & ranked["is_large"].astype(bool)]
    return found.drop(columns="weighted").reset_index(drop=True)


def _weights(tests: pd.DataFrame) -> pd.Series:
    """Return the weight of each test, mean 1: the share of its family and window, divided among their tests."""
    n_alike = tests.groupby(["kind", "weeks"])["series"].transform("size")
    shares = [FAMILY_SHARES[int(weeks)][kind] for weeks, kind in zip(tests["weeks"], tests["kind"], strict=True)]
    share = pd.Series(shares, index=tests.index) / n_alike
    return share / share.mean()
