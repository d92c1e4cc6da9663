"""Rates around the start of something, with intervals that know how few starts there were.

What happens in the villages of one project goes together, so that a project, not a village or a week, is what was
drawn. The rate is a ratio of sums; its variance is the usual one of a ratio over clusters.

References
----------
Cochran, W. G. (1977): Sampling Techniques, 3rd ed., sections 2.11 and 6.3 (ratio estimator and its variance).
Cameron, A. C., Miller, D. L. (2015): A practitioner's guide to cluster-robust inference. J. Human Resources 50(2)
(few clusters: t distribution with clusters − 1 degrees of freedom).
"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

#: With fewer projects an interval would say more than is known.
LEAST_CLUSTERS = 5


def cluster_rates(
    counts: ArrayLike, exposures: ArrayLike, *, confidence: float = 0.95, least: int = LEAST_CLUSTERS
) -> pd.DataFrame:
    """Return the rate of each cell and its interval.

    Parameters
    ----------
    counts, exposures : array (clusters, cells)
        What happened, and in how much it could (for instance village-weeks). A cluster without exposure in a cell does
        not count there.
    confidence : float, default 0.95
    least : int
        Clusters below which there is no interval.

    Returns
    -------
    DataFrame
        A row a cell: ``rate``, ``low``, ``high`` (NaN without exposure, the interval also under `least` clusters),
        ``n_clusters`` (int64).

    Examples
    --------
    >>> cluster_rates([[2.0], [4.0], [3.0], [3.0], [3.0]], [[10.0]] * 5).round(3).to_numpy().tolist()
    [[0.3, 0.212, 0.388, 5.0]]
    """
    y, x = np.asarray(counts, dtype=float), np.asarray(exposures, dtype=float)
    taking_part = x > 0
    n = taking_part.sum(axis=0)
    total = np.where(n > 0, x.sum(axis=0), np.nan)
    rate = y.sum(axis=0) / total
    rest = np.where(taking_part, y - rate * x, 0.0)
    enough = n >= max(least, 2)
    safe = np.where(enough, n, 2)
    error = np.sqrt(safe / (safe - 1) * (rest**2).sum(axis=0)) / total
    half = np.where(enough, stats.t.isf((1 - confidence) / 2, safe - 1) * error, np.nan)
    return pd.DataFrame({
        "rate": rate, "low": np.maximum(rate - half, 0.0), "high": rate + half, "n_clusters": n.astype("int64")})
