"""The calibration curve of a backtest: what was said against what happened, in bins of equal count.

Rows of all dates are sorted by their probability and cut into ten bins with the same number of rows, the very bins of
ECE (`models.evaluation`). Per bin: mean probability, share of positives, and the share's 95 % interval by moving-block
bootstrap over dates (Künsch, Annals of Statistics 17 (1989) 1217–1241), places treated as fixed; rows of one place on
neighbouring dates are not independent, so an interval over rows would be too narrow. None under 28 dates.
Source of the curve: Murphy and Winkler, Applied Statistics 26 (1977) 41–47; equal counts: Bröcker and Smith 2007.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.evaluation import BINS, LEAST_DATES, RESAMPLES, block_weights

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

COLUMNS = ("bin", "n", "n_positive", "predicted", "observed", "low", "high")


def calibration_curve(
    predictions: pd.DataFrame, column: str = "classifier", *, bins: int = BINS, resamples: int = RESAMPLES
) -> pd.DataFrame:
    """Return the curve of a score that is a probability.

    Parameters
    ----------
    predictions : columns as_of, in_scope (bool), outcome (1, 0, NaN), `column` (probability; NaN = none was told).
        Rows out of scope, with an unknown outcome or without a probability are left out.

    Returns
    -------
    DataFrame
        One row a bin, the lowest first: ``bin`` (from 1), ``n`` (rows), ``n_positive``, ``predicted`` (mean),
        ``observed`` (share), ``low``, ``high`` (NaN under 28 dates). Fewer rows than bins: empty.
    """
    told = predictions["outcome"].notna() & predictions[column].notna()
    kept = predictions[predictions["in_scope"].astype(bool) & told]
    if len(kept) < bins:
        return pd.DataFrame(columns=list(COLUMNS))
    said, happened = kept[column].to_numpy(np.float64), kept["outcome"].to_numpy(np.float64)
    bin_of = np.empty(len(said), dtype=np.int64)
    bin_of[np.argsort(said, kind="stable")] = np.arange(len(said)) * bins // len(said)
    dates, date_of = np.unique(kept["as_of"].to_numpy(), return_inverse=True)
    rows, positives = (_sum_by(date_of, bin_of, values, (len(dates), bins)) for values in (None, happened))
    n, n_positive = rows.sum(axis=0), positives.sum(axis=0)
    low, high = _interval(rows, positives, resamples)
    return pd.DataFrame({
        "bin": np.arange(1, bins + 1), "n": n.astype(np.int64), "n_positive": n_positive.astype(np.int64),
        "predicted": np.bincount(bin_of, said, minlength=bins) / n, "observed": n_positive / n,
        "low": low, "high": high,
    })


def _sum_by(date_of: Ints, bin_of: Ints, values: Floats | None, shape: tuple[int, int]) -> Floats:
    flat = np.bincount(date_of * shape[1] + bin_of, values, minlength=shape[0] * shape[1])
    return np.asarray(flat, dtype=np.float64).reshape(shape)


def _interval(rows: Floats, positives: Floats, resamples: int) -> tuple[Floats, Floats]:
    n_dates, bins = rows.shape
    if n_dates < LEAST_DATES or not resamples:
        return np.full(bins, np.nan), np.full(bins, np.nan)
    weights = block_weights(n_dates, resamples=resamples)
    with np.errstate(invalid="ignore", divide="ignore"):
        drawn = (weights @ positives) / (weights @ rows)
    low, high = np.nanpercentile(drawn, [2.5, 97.5], axis=0)
    return low, high
