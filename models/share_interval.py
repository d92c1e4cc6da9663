"""The interval of a share.

References
----------
Wilson, E. (1927): Probable inference, the law of succession, and statistical inference. J. Am. Statist. Assoc. 22(158).
Brown, L., Cai, T., DasGupta, A. (2001): Interval estimation for a binomial proportion. Statistical Science 16(2).
"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats


def wilson_interval(numerators: ArrayLike, denominators: ArrayLike, *, confidence: float = 0.95) -> pd.DataFrame:
    """Return Wilson's score interval of each share; good also for few cases and shares near 0 or 1.

    Parameters
    ----------
    numerators, denominators : array of int (n,)
    confidence : float, default 0.95

    Returns
    -------
    DataFrame
        ``share``, ``low``, ``high`` (0–1; NaN where the denominator is 0).

    Examples
    --------
    >>> wilson_interval([8], [10]).round(3).to_numpy().tolist()
    [[0.8, 0.49, 0.943]]
    """
    y, n = np.asarray(numerators, dtype=float), np.asarray(denominators, dtype=float)
    z = float(stats.norm.isf((1.0 - confidence) / 2))
    size = np.where(n > 0, n, np.nan)
    share = np.clip(y / size, 0.0, 1.0)  # corrections may take back more than a slice holds
    middle = (share + z**2 / (2 * size)) / (1 + z**2 / size)
    half = z * np.sqrt(share * (1 - share) / size + z**2 / (4 * size**2)) / (1 + z**2 / size)
    return pd.DataFrame({"share": share, "low": np.maximum(middle - half, 0.0), "high": np.minimum(middle + half, 1.0)})
