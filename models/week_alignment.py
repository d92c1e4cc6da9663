"""Which week of an earlier year a week is fairly compared with, when the greatest holiday moves with the moon.

Spring Festival lies between 21 January and 21 February. Compared by the number of the week alone, a week of empty
offices meets an ordinary one, and what comes out is the calendar. So weeks around the festival are matched by their
distance from it, and all others by the season.

Rule
----
For a comparison with the year `k` years before, D = round(k · 365.2425 / 7) is the number of weeks that keeps the
season (52, 104, 157, 209, …). F and G are the weeks of the festival now and then.

- ``festival``: a week from F − `before` to F + `after` meets the week at the same distance from G.
- ``same_week``: any other week w meets w − D …
- ``displaced``: … unless that week belongs to the festival of then. As many ordinary weeks of then have been left over
  (those whose place the festival takes now); the two sets are matched in order. They are a few weeks apart in the
  season, and ordinary.

Every week of then is met exactly once, so that sums over a whole year are compared with the sum over a whole year.
The rule is this project's own; matching by the distance from a moving holiday is that of the moving-holiday regressors
of Bell, W., Hillmer, S. (1983): Modeling time series with calendar variation. J. Am. Statist. Assoc. 78(383).
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

WEEKS_A_YEAR = 365.2425 / 7
#: Weeks from a festival to the middle between two of them, at most: they lie 50 to 55 weeks apart.
HALF_A_YEAR = 28
#: Weeks before and after the festival's own that it changes: wages and visits before, late return after.
BEFORE, AFTER = 4, 5


def align_weeks(
    weeks: ArrayLike, festival_weeks: Mapping[int, int], *, years_back: int = 1, before: int = BEFORE,
    after: int = AFTER,
) -> pd.DataFrame:
    """Return for each week the one of an earlier year that it is compared with.

    Parameters
    ----------
    weeks : array of int (n,)
        Weeks, counted without gaps across years.
    festival_weeks : mapping of int to int
        Week of Spring Festival by year; as many years as the weeks and their counterparts lie in.
    years_back : int, default 1
    before, after : int
        Weeks around the festival that move with it.

    Returns
    -------
    DataFrame
        ``week``, ``earlier`` (int), ``kind``: ``festival``, ``same_week``, ``displaced``, or ``festival_unknown``
        where the table lacks the festival of now or then; such a week meets w − D, too.

    Raises
    ------
    ValueError
        When `years_back` is below 1.
    """
    if years_back < 1:
        message = "an earlier year is at least one year back"
        raise ValueError(message)
    asked = np.asarray(weeks, dtype="int64")
    solar = round(years_back * WEEKS_A_YEAR)
    earlier, kind = asked - solar, np.full(len(asked), "festival_unknown", dtype=object)
    for year, now in festival_weeks.items():
        of_year = np.abs(asked - now) <= HALF_A_YEAR
        then = festival_weeks.get(year - years_back)
        if then is not None and of_year.any():
            earlier[of_year], kind[of_year] = _align_around(asked[of_year], now, then + solar, (before, after), solar)
    return pd.DataFrame({"week": asked, "earlier": earlier, "kind": kind})


def _align_around(
    weeks: NDArray[np.int64], now: int, then: int, around: tuple[int, int], solar: int
) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    """Align the weeks nearest to one festival; `then` is the earlier festival's week moved on by `solar`."""
    window = np.arange(-around[0], around[1] + 1)
    ours, theirs = now + window, then + window
    displaced, free = np.setdiff1d(theirs, ours), np.setdiff1d(ours, theirs)
    target = weeks.copy()
    inside = np.isin(weeks, ours)
    target[inside] += then - now
    away = np.isin(weeks, displaced)
    target[away] = free[np.searchsorted(displaced, weeks[away])]
    return target - solar, np.select([inside, away], ["festival", "displaced"], "same_week").astype(object)


def compare_with_earlier_years(
    weekly: pd.Series, festival_weeks: Mapping[int, int], *, n_years: int = 3
) -> pd.DataFrame:
    """Put each week beside its counterparts of the years before.

    Parameters
    ----------
    weekly : Series of number
        Indexed by week. What is not in it is unknown, not zero.
    festival_weeks : mapping of int to int
        As of `align_weeks`.
    n_years : int, default 3

    Returns
    -------
    DataFrame
        Indexed by week: ``n``, ``back_1`` … ``back_n`` (NaN where unknown), ``mean``, ``least``, ``most`` of those
        known, and ``n_known``, how many are.
    """
    frame = pd.DataFrame({"n": weekly})
    names = [f"back_{years}" for years in range(1, n_years + 1)]
    for years, name in enumerate(names, 1):
        earlier = align_weeks(weekly.index.to_numpy(), festival_weeks, years_back=years)["earlier"]
        frame[name] = weekly.reindex(earlier.to_numpy()).to_numpy(dtype=float)
    past = frame[names]
    return frame.assign(mean=past.mean(axis=1), least=past.min(axis=1), most=past.max(axis=1),
                        n_known=past.notna().sum(axis=1))
