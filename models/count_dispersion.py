"""How much more than independent counts a series varies: over weeks that differ, and over spells that last.

Method
------
A sum over L weeks of mean m has variance m (1 + ω(L) m / L). ω(L), the relative variance of a spell of L weeks beyond
that of independent counts, is the sum of the autocovariances of the residuals over their squared mean with Bartlett's
weights (the variance of a sum; Bartlett 1950, Newey and West 1987), for L in `SPANS` and in between on a logarithmic
scale. What comes and goes within weeks makes short spells vary, what comes and goes within months only long ones.

The residuals are about a level, a season and the stretch that stands out most, which take away variance, the more the
longer the spell: a factor exp(−k / weeks), of which `_LOST` and `_LOST_OWN` are the k. They were found by simulation of
independent counts (140 to 520 weeks, means 2 and 8; within 10 %) and are put back.

Series of a family lend each other strength (empirical Bayes): a flat-top sum of the autocovariances of a few weeks
(Politis and Romano 1995) is drawn towards the mean of all, as far as series do not truly differ (DerSimonian and Laird
1986), and what is slower, which hardly shows in one series, is that of all. The mean is Huber's (1964), so that a few
series that did change do not make all of them seem restless.

References
----------
Bartlett, M. (1950): Periodogram analysis and continuous spectra. Biometrika 37(1/2).
Newey, W., West, K. (1987): A simple, positive semi-definite, heteroskedasticity and autocorrelation consistent
covariance matrix. Econometrica 55(3).
Politis, D., Romano, J. (1995): Bias-corrected nonparametric spectral estimation. J. Time Series Analysis 16(1).
DerSimonian, R., Laird, N. (1986): Meta-analysis in clinical trials. Controlled Clinical Trials 7(3).
Huber, P. (1964): Robust estimation of a location parameter. Ann. Math. Statist. 35(1).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Lengths of spells, in weeks, of which ω is estimated; beyond the longest it is that of the longest.
SPANS = (8, 16, 32, 64)
#: Lags up to which a series' own autocovariances count fully, and up to which they fade.
_OWN_LAGS = (4, 12)
#: k of what is lost by fitting, by span and for the own lags.
_LOST = tuple(100.0 * (span / 8) ** 0.35 for span in SPANS)
_LOST_OWN = 152.0
#: Fewest weeks that the simulation knows.
_FEWEST = 104
#: Relative spread of ω between series that is assumed at least.
_SPREAD = 0.15
#: Standard errors beyond which a series pulls no harder at the mean of all.
_HUBER = 2.5
#: Of long-tailed counts (gamma-mixed of shape 0.5) estimates of a family come out about an eighth too small, of slow
#: waves a fifth, in simulation.
_LONG_TAILS = 1.25
#: Squared standard errors that one series adds at most to what series differ: a few changed ones are not the rule.
_MOST_APART = 10.0
#: Squared root of the best stretch, over the variance, up to which it may be chance, and from which it is a change.
_STANDS_OUT, _STANDS_OUT_ALONE = (17.0, 27.0), (12.0, 20.0)
#: Share of the loss that is put back before anything is known of a series that nothing else vouches for.
_LEAST_LOST = 0.3
#: Standard errors by which a lonely series' ω is taken larger, since nothing else vouches for it.
_CAUTION = 0.1


class _Estimates(NamedTuple):
    """Estimates of one family, not yet drawn together."""

    own: Floats  # (n_series,), of spells of some weeks
    error: Floats  # (n_series,), standard error of own
    by_span: Floats  # (n_series, n_spans)
    independent: Floats  # (n_series,), relative variance of independent counts


def spell_variance(counts: Floats, expected: Floats, roots: Floats | None = None) -> Floats:
    """Return ω of each series for spells of `SPANS` weeks, ≥ 0.

    Parameters
    ----------
    counts, expected : array (n_series, n_weeks)
        Both 0 in weeks that are unknown. One series alone is judged with caution; several lend each other strength.
    roots : array (n_series,), optional
        Root of the likelihood ratio (Poisson) of the stretch that `expected` holds apart, ≥ 0. Fitting a change takes
        less from the noise than fitting what is the most extreme of all noise: less is put back.

    Returns
    -------
    array (n_series, n_spans)
    """
    found = _estimate(counts, expected, np.full(len(counts), 1.0 if len(counts) > 1 else _LEAST_LOST))
    if roots is not None:
        found = _estimate(counts, expected, _share_lost(found, roots))
    if len(counts) == 1:
        return _by_span(np.maximum(found.own + _CAUTION * found.error, 0.0), np.zeros(len(SPANS)), np.ones(1))
    common = max(_mean_of(found.own, found.error), 0.0)
    prior = max((_SPREAD * common + 0.005) ** 2, _between(found.own, common, found.error))
    trust = prior / (prior + found.error**2)
    drawn = np.maximum(trust * found.own + (1 - trust) * common, 0.0)
    slower = np.array([_mean_of(of_span, found.error) for of_span in found.by_span.T]) - common
    return _LONG_TAILS * _by_span(drawn, slower, np.clip(drawn / max(common, 1e-6), 0.5, 2.0))


def _share_lost(found: _Estimates, roots: Floats) -> Floats:
    """Return 1 for series whose best stretch is as chance makes it, 0 where it is a change for certain."""
    alone = len(roots) == 1
    slow = float(found.own[0]) if alone else _mean_of(found.by_span[:, -1], found.error)
    plain, certain = _STANDS_OUT_ALONE if alone else _STANDS_OUT
    beyond = roots**2 / (1.0 + max(slow, 0.0) / found.independent)
    share: Floats = np.clip((certain - beyond) / (certain - plain), 0.0, 1.0)
    return share


def at_lengths(omega: Floats, lengths: Ints) -> Floats:
    """Return ω for spells of `lengths` weeks, shape (n_series, n_lengths)."""
    place = np.clip(np.log2(np.maximum(lengths, 1) / SPANS[0]), 0.0, len(SPANS) - 1.0)
    weights = np.maximum(1.0 - np.abs(place[:, None] - np.arange(len(SPANS))), 0.0)
    between: Floats = omega @ weights.T
    return between


def _estimate(counts: Floats, expected: Floats, lost_share: Floats) -> _Estimates:
    n_weeks = counts.shape[1]
    gaps, squares = counts - expected, np.maximum((expected**2).sum(axis=1), 1e-9)
    independent = np.maximum(expected.sum(axis=1), 1e-9) / squares
    lags = max(min(SPANS[-1], n_weeks // 4), 1)
    by_lag = np.stack([(gaps**2).sum(axis=1)] + [2 * (gaps[:, lag:] * gaps[:, :-lag]).sum(axis=1)
                                                 for lag in range(1, lags)]) / squares
    lag, simulated = np.arange(lags), max(n_weeks, _FEWEST)
    flat = np.clip((_OWN_LAGS[1] - lag) / (_OWN_LAGS[1] - _OWN_LAGS[0]), 0.0, 1.0)
    own = flat @ by_lag * np.exp(_LOST_OWN * lost_share / simulated) - independent
    weights = (1.0 - np.minimum(lag / min(span, lags), 1.0) for span in SPANS)
    spans = [weight @ by_lag * np.exp(lost * lost_share / simulated) - independent
             for weight, lost in zip(weights, _LOST, strict=True)]
    chance = np.sqrt(2 * (2 * (flat**2).sum() - 1) / n_weeks) * np.exp(_LOST_OWN / simulated / 3)
    error = chance * (independent + max(float(np.median(own)), 0.0))
    return _Estimates(own, error, np.stack(spans, axis=1), independent)


def _by_span(drawn: Floats, slower: Floats, likewise: Floats) -> Floats:
    """Return ω by span: less in the shortest spells, never less in longer ones than in those of 16 weeks."""
    longer = np.maximum.accumulate(np.maximum(slower[2:], 0.0))
    growth = np.concatenate([np.minimum(slower[:1], 0.0), [0.0], longer])
    omega: Floats = np.maximum(drawn[:, None] + likewise[:, None] * growth, 0.5 * drawn[:, None])
    return omega


def _mean_of(values: Floats, error: Floats) -> float:
    """Return the mean of `values`, weighed by their errors, in which those far out pull no harder than others."""
    weight = 1 / error**2
    order = np.argsort(values)
    below = weight[order].cumsum()
    centre = float(values[order][np.searchsorted(below, below[-1] / 2)])
    scale = max(float(np.median(np.abs(values - centre) / error)) / 0.6745, 1e-9)
    for _ in range(20):
        pull = weight * np.minimum(1.0, _HUBER / np.maximum(np.abs(values - centre) / (error * scale), 1e-9))
        centre = float((pull * values).sum() / pull.sum())
    return centre


def _between(values: Floats, common: float, error: Floats) -> float:
    """Return the variance between series beyond that of estimation, by moments (DerSimonian and Laird 1986)."""
    weight = 1 / error**2
    gaps = np.minimum((values - common) ** 2 * weight, _MOST_APART)  # a few changed series are not the rule
    room = weight.sum() - (weight**2).sum() / weight.sum()
    return max(float((gaps.sum() - (len(values) - 1)) / room), 0.0) if room > 0 else 0.0
