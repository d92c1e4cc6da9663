"""The missed cases by name: which events a threshold did not catch, how near they came, and why.

Only what was known then goes in: the ranks of the weeks in which a listing would have caught the event.
"""

import numpy as np
import pandas as pd

from models.thresholds import catch_events, charge_dates
from models.weekly_lists import Bools, Codes, Events, Ints


def name_missed(
    lists: Codes,
    *,
    weeks: Ints,
    events: Events,
    horizon: int,
    known_until: int,
    ranks: tuple[Ints, Ints],
    rest_weeks: int,
) -> pd.DataFrame:
    """Name the missed events of one K, and say why each was missed.

    Parameters
    ----------
    lists : uint8 array (n_dates, n_places)
        The lists of one K.
    ranks : two int arrays (n_dates, n_places)
        `weekly_lists.rank_by_score` of both labels; 0 = no score.

    Returns
    -------
    DataFrame
        One row per missed event, the latest first: ``event`` (position), ``place``, ``week``, ``best_rank`` and
        ``best_week`` (how near it came in the h weeks; −1 = had no score) and ``why``: ``no_score``, ``rested`` (was
        listed just before, its rest reached into the horizon) or ``below_cut``.
    """
    missed = ~catch_events(lists[None], weeks=weeks, events=events, horizon=horizon)[0]
    missed &= charge_dates(events, weeks, horizon, known_until) >= 0
    event = np.flatnonzero(missed)
    place, week = events.place[event], events.week[event]
    best, nearest = np.full(len(event), _LAST), np.full(len(event), -1)
    # From the earliest week on: of two equally good ranks the earlier week is named.
    for back in range(horizon - 1, -1, -1):
        date, is_date = _find_dates(weeks, week - back)
        near = np.min([np.where(one[date, place] > 0, one[date, place], _LAST) for one in ranks], axis=0)
        better = is_date & (near < best)
        best[better], nearest[better] = near[better], week[better] - back
    rested = np.zeros(len(event), dtype=bool)
    for back in range(horizon, horizon + rest_weeks):
        date, is_date = _find_dates(weeks, week - back)
        rested |= is_date & (lists[date, place] > 0)
    has_score = best < _LAST
    cases = pd.DataFrame({
        "event": event, "place": place, "week": week, "best_rank": np.where(has_score, best, -1), "best_week": nearest,
        "why": np.where(has_score, np.where(rested, "rested", "below_cut"), "no_score").astype(object)})
    return cases.sort_values(["week", "place", "event"], ascending=[False, True, True], ignore_index=True)


_LAST = np.iinfo(np.int64).max


def _find_dates(weeks: Ints, wanted: Ints) -> tuple[Ints, Bools]:
    """Return the position of the as-of date of each wanted week, and whether there is one."""
    date = np.minimum(np.searchsorted(weeks, wanted), len(weeks) - 1)
    is_date: Bools = weeks[date] == wanted
    return date, is_date
