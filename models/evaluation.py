"""Figures of a backtest: per as-of date where rank matters, pooled where probability matters, intervals over dates.

AUC (Mann–Whitney), average precision and precision at k are computed per date and averaged; capture at k is
Σ hits / Σ positives; Brier skill 1 − Σ squared error / Σ the reference's; ECE has 10 bins of equal count; the
calibration slope is that of a logistic regression of the outcome on the log-odds, pooled. Ties are broken by one draw
with a fixed seed, the same for every column. Intervals: 95 % moving-block bootstrap over dates (Künsch 1989, Annals of
Statistics 17), places treated as fixed. Every figure is a function of sums over dates, so a resample is a weighting of
dates; slope and ECE keep their bins and use one Newton step from the pooled fit.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata

from models.baselines import log_odds

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Dates of a block, resamples, and the fewest dates for which an interval is shown.
BLOCK, RESAMPLES, LEAST_DATES = 7, 1000, 28
SHARES = {"5": 0.05, "10": 0.10}
BINS = 10
SEED = 20261122
#: ECE by chance alone up to which an ECE may be claimed: half of what must be reached (0.02).
MOST_ECE_BY_CHANCE = 0.01
RANK_FIGURES = ("auc", "average_precision", "precision_at_5", "precision_at_10", "capture_at_5", "capture_at_10")
PROBABILITY_FIGURES = ("brier", "brier_skill", "ece", "slope")


class Sums(NamedTuple):
    """Per date: numerators and denominators, float64 (D, m), whose weighted ratios are the figures `names`."""

    names: tuple[str, ...]
    top: Floats
    bottom: Floats
    calibration: Floats | None
    bins: Floats | None


def auc(outcome: Floats, score: Floats) -> float:
    """Share of (positive, negative) pairs in the right order, ties half; NaN where one kind is missing."""
    n_positive = float(outcome.sum())
    n_negative = len(outcome) - n_positive
    if not n_positive or not n_negative:
        return float("nan")
    ranks = rankdata(score)[outcome > 0].sum()
    return float((ranks - n_positive * (n_positive + 1) / 2) / (n_positive * n_negative))


def average_precision(outcome: Floats, order: Ints) -> float:
    """Mean precision at the places of the positives along `order` (best first); NaN without positives."""
    hits = outcome[order]
    if not hits.sum():
        return float("nan")
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return float((precision * hits).sum() / hits.sum())


def list_length(n_places: int, share: float) -> int:
    """Places on a list of `share` of `n_places`: rounded half up, at least one."""
    return max(1, int(np.floor(share * n_places + 0.5)))


def sum_over_dates(predictions: pd.DataFrame, column: str, reference: str | None = None) -> Sums:
    """Reduce in-scope rows with a known outcome to sums per date.

    Parameters
    ----------
    predictions : columns as_of, in_scope (bool), outcome (1, 0, NaN), `column` and `reference` (float).
    column : the score; with `reference` (the probabilities Brier skill is against) it is judged as a probability, too.
    """
    dates = list(_by_date(predictions))
    rank = np.array([_rank_sums(frame, column) for frame in dates])
    if reference is None:
        return Sums(RANK_FIGURES, rank[:, :6], rank[:, 6:], None, None)
    errors = np.array([_error_sums(frame, column, reference) for frame in dates])
    outcome = [frame["outcome"].to_numpy(np.float64) for frame in dates]
    scores = [frame[column].to_numpy(np.float64) for frame in dates]
    return Sums(
        (*RANK_FIGURES, "brier", "brier_skill"), np.hstack([rank[:, :6], errors[:, :2]]),
        np.hstack([rank[:, 6:], errors[:, 2:]]), _calibration_sums(outcome, scores), _bin_sums(outcome, scores),
    )


def figures_of(sums: Sums, weights: Floats | None = None) -> dict[str, Floats]:
    """Figures under weights of the dates, float64 (R, D) → each figure (R,); without weights one row of ones."""
    w = np.ones((1, len(sums.top))) if weights is None else weights
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = (w @ sums.top) / (w @ sums.bottom)
    values = {name: ratio[:, i] for i, name in enumerate(sums.names)}
    if "brier_skill" in values:
        values["brier_skill"] = 1.0 - values["brier_skill"]
    if sums.calibration is not None and sums.bins is not None:
        values["slope"] = _slope(sums.calibration, w)
        values["ece"] = _ece(sums.bins, w)
    return values


def block_weights(n_dates: int, *, block: int = BLOCK, resamples: int = RESAMPLES, seed: int = SEED) -> Floats:
    """How often each date is in each moving-block resample, float64 (resamples, n_dates); rows sum to n_dates."""
    rng = np.random.default_rng(seed)
    length = min(block, n_dates)
    n_blocks = -(-n_dates // length)
    starts = rng.integers(0, n_dates - length + 1, (resamples, n_blocks))
    drawn = (starts[:, :, None] + np.arange(length)).reshape(resamples, -1)[:, :n_dates]
    flat = (np.arange(resamples)[:, None] * n_dates + drawn).ravel()
    return np.bincount(flat, minlength=resamples * n_dates).reshape(resamples, n_dates).astype(np.float64)


def compare(
    predictions: pd.DataFrame, columns: Mapping[str, str | None], *, against: str = "eb52", resamples: int = RESAMPLES,
) -> dict[str, dict[str, dict[str, dict[str, float | None]]]]:
    """Figures with intervals of every column, and their paired differences to `against`.

    Parameters
    ----------
    columns : score column → reference column of its Brier skill, or None for a score that is no probability.

    Returns
    -------
    {"scores": {column: {figure: {"value", "low", "high"}}}, "differences": {column: {figure: …}}}; low and high are
    None where there are fewer than 28 dates.
    """
    sums = {column: sum_over_dates(predictions, column, reference) for column, reference in columns.items()}
    n_dates = len(sums[against].top)
    weights = block_weights(n_dates, resamples=resamples) if n_dates >= LEAST_DATES and resamples else None
    value = {column: figures_of(s) for column, s in sums.items()}
    drawn = {column: figures_of(s, weights) for column, s in sums.items()} if weights is not None else None

    def row(column: str, name: str, base: str | None) -> dict[str, float | None]:
        point = value[column][name] - (value[base][name] if base else 0.0)
        if drawn is None:
            return _interval(float(point[0]), None)
        return _interval(float(point[0]), drawn[column][name] - (drawn[base][name] if base else 0.0))

    return {
        "scores": {c: {name: row(c, name, None) for name in value[c]} for c in sums},
        "differences": {
            c: {name: row(c, name, against) for name in value[c] if name in value[against] and name not in ("slope",)}
            for c in sums if c != against
        },
    }


def ece_by_chance(predictions: pd.DataFrame, column: str) -> float:
    """ECE that a perfectly calibrated score of these probabilities would show by chance; NaN without rows.

    A bin's mean error is about normal with variance Σ p (1 − p) / n²; the mean of its absolute value is √(2/π) of its
    standard deviation. Source: Bröcker and Smith, Weather and Forecasting 22 (2007) 651–661 (consistency of bins).
    """
    judged = predictions[predictions["in_scope"].astype(bool) & predictions["outcome"].notna()]
    p = np.sort(judged[column].to_numpy(np.float64))
    if not len(p):
        return float("nan")
    bin_of = np.arange(len(p)) * BINS // len(p)
    spread = np.sqrt(np.bincount(bin_of, p * (1.0 - p), minlength=BINS))
    return float(np.sqrt(2.0 / np.pi) * spread.sum() / len(p))


def can_claim_ece(by_chance: float | None) -> bool:
    """Whether an ECE says anything: on few rows chance alone makes it large, and calibration is judged by the slope."""
    return by_chance is not None and bool(by_chance <= MOST_ECE_BY_CHANCE)


def _interval(point: float, draws: Floats | None) -> dict[str, float | None]:
    if np.isnan(point):
        return {"value": None, "low": None, "high": None}
    if draws is None or np.isnan(draws).all():
        return {"value": point, "low": None, "high": None}
    low, high = np.nanpercentile(draws, [2.5, 97.5])
    return {"value": point, "low": float(low), "high": float(high)}


def _by_date(predictions: pd.DataFrame) -> Sequence[pd.DataFrame]:
    use = predictions["in_scope"].to_numpy(bool) & predictions["outcome"].notna().to_numpy()
    kept = predictions.loc[use]
    draw = np.random.default_rng(SEED).random(len(predictions))[use]
    return [frame for _, frame in kept.assign(_draw=draw).groupby("as_of", sort=True)]


def _rank_sums(frame: pd.DataFrame, column: str) -> list[float]:
    outcome, score = frame["outcome"].to_numpy(np.float64), frame[column].to_numpy(np.float64)
    order = np.lexsort((frame["_draw"].to_numpy(), -score))
    area, precision = auc(outcome, score), average_precision(outcome, order)
    lengths = [list_length(len(frame), share) for share in SHARES.values()]
    hits = [float(outcome[order[:n]].sum()) for n in lengths]
    at_k = [h / n for h, n in zip(hits, lengths, strict=True)]
    positives = float(outcome.sum())
    return [
        np.nan_to_num(area), np.nan_to_num(precision), *at_k, *hits,
        float(not np.isnan(area)), float(not np.isnan(precision)), 1.0, 1.0, positives, positives,
    ]


def _error_sums(frame: pd.DataFrame, column: str, reference: str) -> list[float]:
    outcome = frame["outcome"].to_numpy(np.float64)
    own = float(((frame[column].to_numpy(np.float64) - outcome) ** 2).sum())
    other = float(((frame[reference].to_numpy(np.float64) - outcome) ** 2).sum())
    return [own, own, float(len(frame)), other]


def _calibration_sums(outcome: list[Floats], score: list[Floats]) -> Floats:
    """Per date, at the pooled fit: gradient (2), Hessian (3), and the fit itself (2, repeated), float64 (D, 7)."""
    y, x = np.concatenate(outcome), log_odds(np.concatenate(score))
    fit = np.array([0.0, 1.0])
    for _ in range(60):
        gradient, curve = _newton_parts(y, x, fit)
        step = np.linalg.pinv(np.array([[curve[0], curve[1]], [curve[1], curve[2]]])) @ gradient
        fit = fit + np.clip(step, -0.5, 0.5)  # bounded: scores far from calibrated would overshoot
        if float(np.abs(step).max()) < 1e-10:
            break
    parts = [_newton_parts(o, log_odds(s), fit) for o, s in zip(outcome, score, strict=True)]
    return np.array([[*gradient, *curve, *fit] for gradient, curve in parts])


def _newton_parts(y: Floats, x: Floats, fit: Floats) -> tuple[Floats, Floats]:
    p = 1.0 / (1.0 + np.exp(-(fit[0] + fit[1] * x)))
    rest, v = y - p, p * (1.0 - p)
    return np.array([rest.sum(), (rest * x).sum()]), np.array([v.sum(), (v * x).sum(), (v * x * x).sum()])


def _slope(calibration: Floats, weights: Floats) -> Floats:
    g0, g1, h0, h1, h2 = (weights @ calibration[:, :5]).T
    with np.errstate(invalid="ignore", divide="ignore"):
        moved: Floats = calibration[0, 6] + (h0 * g1 - h1 * g0) / (h0 * h2 - h1**2)
    return moved


def _bin_sums(outcome: list[Floats], score: list[Floats]) -> Floats:
    """Per date and bin of the pooled scores: Σ (outcome − score) and rows, float64 (D, 2 · 10)."""
    pooled = np.concatenate(score)
    bin_of = np.empty(len(pooled), dtype=np.int64)
    bin_of[np.argsort(pooled, kind="stable")] = np.arange(len(pooled)) * BINS // len(pooled)
    gap = np.concatenate(outcome) - pooled
    date = np.repeat(np.arange(len(score)), [len(s) for s in score])
    flat = date * BINS + bin_of
    shape = (len(score), BINS)
    gaps = np.bincount(flat, gap, minlength=shape[0] * BINS).reshape(shape)
    return np.hstack([gaps, np.bincount(flat, minlength=shape[0] * BINS).reshape(shape)])


def _ece(bins: Floats, weights: Floats) -> Floats:
    summed = weights @ bins
    error: Floats = np.abs(summed[:, :BINS]).sum(axis=1) / summed[:, BINS:].sum(axis=1)
    return error
