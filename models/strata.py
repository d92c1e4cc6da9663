"""How a score does within strata (kinds of village, small and large, quiet until now), in the same backtest.

Per stratum: AUC of score and baseline within it, per date and averaged; their paired difference; and how many of its
positives stand among the first tenth of **all** places of the date, which is what a list of the whole county would
have caught there. Intervals: 95 % moving-block bootstrap over dates, places treated as fixed; none under 28 dates.
A stratum with fewer than ten positives gets counts only. Ties are broken by one draw with a fixed seed.
Source: the project's method (docs/method.md, "Backtest protocol and formulas").
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.evaluation import LEAST_DATES, RESAMPLES, SEED, auc, block_weights, list_length

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Positives below which a stratum has no figure but its counts.
MIN_POSITIVES = 10
#: Share of the places of a date that a list holds here.
SHARE = 0.10
COLUMNS = (
    "stratum", "n_places", "n_dates", "n_rows", "n_positive", "auc", "auc_baseline", "delta", "delta_low", "delta_high",
    "n_caught", "caught", "caught_low", "caught_high", "caught_baseline",
)


def figures_by_stratum(
    predictions: pd.DataFrame, strata: Mapping[str, Bools], *, score: str = "classifier", baseline: str = "eb52",
    resamples: int = RESAMPLES,
) -> pd.DataFrame:
    """Return the figures of each stratum.

    Parameters
    ----------
    predictions : columns as_of, place_code, in_scope (bool), outcome (1, 0, NaN), `score`, `baseline`.
    strata : name → bool array (n_rows,), the rows of it; they may overlap.

    Returns
    -------
    DataFrame
        One row a stratum, in the order given; `COLUMNS`. ``caught`` is Σ ``n_caught`` / Σ ``n_positive``; figures are
        NaN under ten positives, intervals under 28 dates.
    """
    judged = predictions["in_scope"].to_numpy(bool) & predictions["outcome"].notna().to_numpy()
    rows = predictions[judged].reset_index(drop=True)
    listed = {name: _list_first(rows, name) for name in (score, baseline)}
    found = [_judge(name, rows, inside[judged], listed, (score, baseline), resamples)
             for name, inside in strata.items()]
    return pd.DataFrame(found, columns=list(COLUMNS))


def _list_first(rows: pd.DataFrame, column: str) -> Bools:
    """Return which rows stand in the first tenth of their date."""
    draw = np.random.default_rng(SEED).random(len(rows))
    order = np.lexsort((draw, -rows[column].to_numpy(np.float64), rows["as_of"].to_numpy()))
    dates, first, counts = np.unique(rows["as_of"].to_numpy()[order], return_index=True, return_counts=True)
    listed = np.zeros(len(rows), dtype=bool)
    for begin, n in zip(first[: len(dates)], counts, strict=True):
        listed[order[begin : begin + list_length(int(n), SHARE)]] = True
    return listed


def _judge(
    name: str, rows: pd.DataFrame, inside: Bools, listed: Mapping[str, Bools], columns: tuple[str, str], resamples: int
) -> dict[str, Any]:
    here = rows[inside]
    outcome = here["outcome"].to_numpy(np.float64)
    caught = {name: listed[name][inside] * outcome for name in columns}
    n_positive = int(outcome.sum())
    found: dict[str, Any] = dict.fromkeys(COLUMNS, float("nan")) | {
        "stratum": name, "n_places": int(here["place_code"].nunique()), "n_dates": int(here["as_of"].nunique()),
        "n_rows": len(here), "n_positive": n_positive, "n_caught": int(caught[columns[0]].sum()),
    }
    if n_positive < MIN_POSITIVES or n_positive == len(here):
        return found
    dates, date_of = np.unique(here["as_of"].to_numpy(), return_inverse=True)
    areas = [_areas(date_of, outcome, here[name].to_numpy(np.float64), len(dates)) for name in columns]
    known = np.isfinite(areas[0]).astype(np.float64)
    mean = [float(np.nansum(area) / known.sum()) for area in areas]
    top = [np.bincount(date_of, caught[name], minlength=len(dates)).astype(np.float64) for name in columns]
    positives = np.bincount(date_of, outcome, minlength=len(dates)).astype(np.float64)
    delta = _interval(np.nan_to_num(areas[0] - areas[1]), known, resamples)
    share = _interval(top[0], positives, resamples)
    return found | {
        "auc": mean[0], "auc_baseline": mean[1], "delta": mean[0] - mean[1], "delta_low": delta[0],
        "delta_high": delta[1], "caught": float(top[0].sum() / n_positive), "caught_low": share[0],
        "caught_high": share[1], "caught_baseline": float(top[1].sum() / n_positive),
    }


def _areas(date_of: NDArray[np.int64], outcome: Floats, score: Floats, n_dates: int) -> Floats:
    """Return the AUC of each date; NaN where one kind of outcome is missing."""
    order = np.argsort(date_of, kind="stable")
    ends = np.cumsum(np.bincount(date_of, minlength=n_dates))[:-1]
    parts = zip(np.split(outcome[order], ends), np.split(score[order], ends), strict=True)
    return np.array([auc(happened, said) for happened, said in parts])


def _interval(part: Floats, whole: Floats, resamples: int) -> tuple[float, float]:
    """Return the interval of Σ part / Σ whole over dates."""
    if len(whole) < LEAST_DATES or not resamples:
        return float("nan"), float("nan")
    weights = _draw_dates(len(whole), resamples)
    with np.errstate(invalid="ignore", divide="ignore"):
        low, high = np.nanpercentile((weights @ part) / (weights @ whole), [2.5, 97.5])
    return float(low), float(high)


@lru_cache(maxsize=8)
def _draw_dates(n_dates: int, resamples: int) -> Floats:
    """Return the resamples of so many dates: the same for every stratum."""
    return block_weights(n_dates, resamples=resamples)
