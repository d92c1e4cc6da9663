"""Rolling origin: which as-of weeks train which test dates, with an embargo that each split asserts on itself.

Source: Tashman (2000), International Journal of Forecasting 16 (rolling origin); López de Prado (2018), Advances in
Financial Machine Learning, ch. 7 (embargo for overlapping labels).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


class LeakError(AssertionError):
    """A split trains on labels that were not over when it was fitted."""


@dataclass(frozen=True)
class Split:
    """One refit and the test dates it serves; all are positions in the panel, horizon and settling in weeks."""

    refit: int
    train: Ints
    test: Ints
    horizon: int
    settling: int = 0

    def __post_init__(self) -> None:
        """Assert the embargo: label_end + settling ≤ refit ≤ every test date.

        Raises
        ------
        LeakError
            A training label ends (or settles) after the refit, or a test date lies before it.
        """
        if len(self.train) and int(self.train.max()) + self.horizon + self.settling > self.refit:
            raise LeakError(f"a training label was not over at the refit in week {self.refit}")
        if len(self.test) and int(self.test.min()) < self.refit:
            raise LeakError(f"a test date lies before the refit in week {self.refit}")


def rolling_origin(
    *, test_from: int, test_until: int, horizon: int, settling: int = 0, train_from: int = 52, every: int = 4,
    refit_every: int = 12, train_every: int = 1,
) -> list[Split]:
    """Make the splits of a backtest.

    Test dates test_from, test_from + every, … whose horizon ends by test_until (exclusive end of the data); a refit
    every `refit_every` weeks on rows from `train_from` whose label was complete then.

    Raises
    ------
    ValueError
        Not one test date fits, or refit_every is no multiple of every.
    """
    if refit_every % every:
        raise ValueError("refit_every must be a multiple of every")
    dates = np.arange(test_from, test_until - horizon + 1, every, dtype=np.int64)
    if not len(dates):
        raise ValueError("no test date has its horizon within the data")
    per_refit = refit_every // every
    splits = []
    for i in range(0, len(dates), per_refit):
        refit = int(dates[i])
        last = refit - horizon - settling
        train = np.arange(last, train_from - 1, -train_every, dtype=np.int64)[::-1]
        splits.append(Split(refit, train, dates[i : i + per_refit], horizon, settling))
    return splits
