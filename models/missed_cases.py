"""The missed cases by name: which events a threshold did not catch, how near they came, and why.

Only what was known then goes in: the ranks of the weeks in which a listing would have caught the event.
"""

import numpy as np
import pandas as pd

from models.thresholds import catch_events, charge_dates
from models.weekly_lists import Codes, Events, Ints


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
    rows = []
    for event in np.flatnonzero(missed):
        place, week = int(events.place[event]), int(events.week[event])
        window = np.flatnonzero((weeks > week - horizon) & (weeks <= week))
        near = np.array([[_rank_or_last(int(ranks[label][date, place])) for label in (0, 1)] for date in window])
        best = int(near.min())
        resting = (weeks >= week - horizon + 1 - rest_weeks) & (weeks <= week - horizon)
        why = "no_score" if best == _LAST else "rested" if lists[resting, place].any() else "below_cut"
        rank, nearest = (-1, -1) if best == _LAST else (best, int(weeks[window[near.min(axis=1).argmin()]]))
        rows.append((int(event), place, week, rank, nearest, why))
    cases = pd.DataFrame(rows, columns=["event", "place", "week", "best_rank", "best_week", "why"])
    return cases.sort_values(["week", "place", "event"], ascending=[False, True, True], ignore_index=True)


_LAST = np.iinfo(np.int64).max


def _rank_or_last(rank: int) -> int:
    """Return a rank, with "no score" behind every rank."""
    return rank if rank > 0 else _LAST
