"""The list people act on: which places are visited each week, given scores of two labels and a number of visits.

Two lists share K visits: "usually high" by the score of *elevated*, "quiet until now" by the score of *onset*. A listed
place rests, so that the list does not name the same places for ever, unless a new event is recorded of it. The rule is
simulated week after week for every K of a sweep at once; only the weeks are a Python loop.

Source: the project's method (docs/method.md, "The list people act on"). The rest rule makes a list depend on the lists
before it; figures of a threshold are therefore taken from these lists, not from a ranking cut at K.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Codes = NDArray[np.uint8]
Draws = NDArray[np.uint64]

#: What a cell of the lists says.
NOT_LISTED, USUALLY_HIGH, QUIET_UNTIL_NOW = 0, 1, 2
#: A week before every week.
NEVER = -(10**6)


@dataclass(frozen=True)
class Events:
    """Escalation events, one position each: the place (column of the scores), when it occurred, when it was known.

    Raises
    ------
    ValueError
        If the arrays differ in length, or an event was known before the week it occurred in.
    """

    place: Ints
    week: Ints
    week_known: Ints

    def __post_init__(self) -> None:
        """Refuse events that cannot be."""
        if not self.place.shape == self.week.shape == self.week_known.shape:
            raise ValueError("place, week and week_known differ in length")
        if np.any(self.week_known < self.week):
            raise ValueError("an event was known before it occurred")


@dataclass(frozen=True)
class ListRules:
    """How K visits become two lists.

    Attributes
    ----------
    share_quiet
        Share of the K visits kept for "quiet until now", 0–1; rounded half up. Visits one list cannot use go to the
        other.
    rest_weeks
        Whole weeks without it on the list after a place was listed: listed in week w, it may come again in week
        w + rest_weeks + 1; earlier when an event became known in week w or later.
    seed
        Decides between equal scores; the draw of a week depends on the seed, the week and the place only, not on
        which other weeks are simulated.
    """

    share_quiet: float = 0.5
    rest_weeks: int = 4
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse a share outside 0–1 and a negative rest."""
        if not 0 <= self.share_quiet <= 1 or self.rest_weeks < 0:
            raise ValueError("share_quiet is within 0 and 1, rest_weeks at least 0")


def draw_ties(weeks: Ints, n_places: int, seed: int) -> Draws:
    """Return a fixed draw for every (week, place), shape (n_dates, n_places).

    A counter-based generator (splitmix64; Steele, Lea, Flood: OOPSLA 2014), so that any week can be drawn alone.
    """
    mixed: Draws = np.add.outer(weeks.astype(np.uint64) << np.uint64(32), np.arange(n_places, dtype=np.uint64))
    mixed += np.uint64((seed + 1) * 0x9E3779B97F4A7C15 % 2**64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed ^= mixed >> np.uint64(shift)
        mixed *= np.uint64(factor)
    mixed ^= mixed >> np.uint64(31)
    return mixed


def order_by_score(scores: Floats, weeks: Ints, seed: int = 0) -> Ints:
    """Return the places of each date from the highest score to the lowest, places without a score last.

    Parameters
    ----------
    scores : array (n_dates, n_places)
        NaN where a place has too few records or is out of scope.
    weeks : int array (n_dates,)
        As-of week of each row.
    """
    keys = np.where(np.isnan(scores), np.inf, -scores)
    order: Ints = np.lexsort((draw_ties(weeks, scores.shape[1], seed), keys), axis=-1)
    return order


def rank_by_score(scores: Floats, weeks: Ints, seed: int = 0) -> Ints:
    """Return ranks from 1 within each date, ties broken as on the lists; 0 where there is no score."""
    order = order_by_score(scores, weeks, seed)
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(1, scores.shape[1] + 1)[None, :], axis=1)
    return np.where(np.isnan(scores), 0, ranks)


def last_known(events: Events, weeks: Ints, n_places: int) -> Ints:
    """Return the latest week in which an event of a place became known before each as-of week, else `NEVER`."""
    latest = np.full((len(weeks) + 1, n_places), NEVER, dtype=np.int64)
    # The first date that may know of it: the week it was known lies before the as-of week.
    date = np.searchsorted(weeks, events.week_known, side="right")
    np.maximum.at(latest, (date, events.place), events.week_known)
    known: Ints = np.maximum.accumulate(latest, axis=0)[:-1]
    return known


def split_visits(visits: Ints, share_quiet: float) -> tuple[Ints, Ints]:
    """Return how many of each K go to "usually high" and to "quiet until now"; together they are K."""
    quiet = np.floor(visits * share_quiet + 0.5).astype(np.int64)
    return visits - quiet, quiet


def build_lists(
    elevated: Floats,
    onset: Floats,
    *,
    weeks: Ints,
    events: Events,
    visits: Ints,
    rules: ListRules,
    last_listed: Ints | None = None,
) -> Codes:
    """Simulate the weekly lists for every number of visits.

    Parameters
    ----------
    elevated, onset : array (n_dates, n_places)
        Scores, higher is more urgent; NaN = never listed by this label on this date.
    weeks : int array (n_dates,)
        As-of weeks, increasing; the scores of a row use what was known before its week.
    visits : int array (n_k,)
        Numbers of visits a week, K.
    last_listed : int array (n_places,), optional
        Week each place was last listed or visited before the first date (`NEVER` if never).

    Returns
    -------
    uint8 array (n_k, n_dates, n_places)
        `NOT_LISTED`, `USUALLY_HIGH` or `QUIET_UNTIL_NOW`. A place stands on one list at most.

    Raises
    ------
    ValueError
        If shapes differ, weeks do not increase, or a K is negative.
    """
    if elevated.shape != onset.shape or elevated.shape[0] != len(weeks):
        raise ValueError("scores of both labels and weeks differ in shape")
    if np.any(np.diff(weeks) <= 0) or np.any(visits < 0):
        raise ValueError("weeks increase, and visits are at least 0")
    n_dates, n_places = elevated.shape
    known = last_known(events, weeks, n_places)
    orders = order_by_score(elevated, weeks, rules.seed), order_by_score(onset, weeks, rules.seed)
    scored = ~np.isnan(elevated), ~np.isnan(onset)
    wanted = split_visits(visits, rules.share_quiet)
    start = np.full(n_places, NEVER, dtype=np.int64) if last_listed is None else last_listed
    listed_in = np.tile(start.astype(np.int32), (len(visits), 1))
    lists = np.zeros((len(visits), n_dates, n_places), dtype=np.uint8)
    for date in range(n_dates):
        awake = (int(weeks[date]) - listed_in > rules.rest_weeks) | (known[date] >= listed_in)
        high = _Pool(orders[0][date], scored[0][date], USUALLY_HIGH)
        quiet = _Pool(orders[1][date], scored[1][date], QUIET_UNTIL_NOW)
        _fill_week(lists[:, date], awake, (high, quiet), wanted)
        listed_in[lists[:, date] > 0] = weeks[date]
    return lists


@dataclass(frozen=True)
class _Pool:
    """The places of one list on one date, the most urgent first, and whether each has a score."""

    order: Ints
    scored: Bools
    code: int


def _fill_week(lists: Codes, awake: Bools, pools: tuple[_Pool, _Pool], wanted: tuple[Ints, Ints]) -> None:
    """Write one week's lists for every K: each list its own visits, then what the other could not use."""
    high, quiet = pools
    free = awake.copy()
    n_high = _take(lists, free, high, wanted[0])
    n_quiet = _take(lists, free, quiet, wanted[1])
    if np.any(n_quiet < wanted[1]):
        _take(lists, free, high, wanted[1] - n_quiet)
    if np.any(n_high < wanted[0]):
        _take(lists, free, quiet, wanted[0] - n_high)


def _take(lists: Codes, free: Bools, pool: _Pool, n_wanted: Ints) -> Ints:
    """List the first free places of a pool, as many as wanted in each row; return how many there were."""
    # Further down nobody can be reached: so many are wanted, so many are passed over.
    reach = int(n_wanted.max(initial=0)) + free.shape[1] - int(free.sum(axis=1).min(initial=free.shape[1]))
    order = pool.order[: min(np.count_nonzero(pool.scored), reach)]
    candidates = free[:, order]
    taken = candidates & (np.cumsum(candidates, axis=1, dtype=np.int32) <= n_wanted[:, None])
    row, at = np.nonzero(taken)
    place = order[at]
    lists[row, place] = pool.code
    free[row, place] = False
    n_taken: Ints = taken.sum(axis=1)
    return n_taken
