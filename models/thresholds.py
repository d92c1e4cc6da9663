"""What a threshold costs and brings, in the unit that counts: visits a week.

The lists of `models.weekly_lists` are held against what happened, date by date and never pooled over dates:

- an event (place p, week t) is *caught* if p was listed in one of the weeks t − h + 1 … t (h = horizon); each event
  counts once, however often its place was listed; all others are *missed*
- a visit *found one coming* if its place has an event in the h weeks from the list's week on
- a listing *repeats* if the same place was listed in the 13 weeks before

Shares: caught = Σ caught / Σ events over dates (capture); found and repeats are means of each date's share.
Bands: 95 % moving-block bootstrap over dates, blocks of 7 (Künsch, Annals of Statistics 17 (1989) 1217–1241), places
taken as fixed; none under 28 dates. Differences are paired: both settings with the same resampled dates.

Where a horizon is not over, or the lists before a date were not simulated, the outcome is unknown (NaN), never "no".
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.date_bands import MIN_DATES, band_of_draws, mean_of_ratios, ratio_of_sums, resample_dates
from models.weekly_lists import Bools, Codes, Events, Floats, Ints

#: A listing repeats when the place was listed within so many weeks before.
REPEAT_WEEKS = 13


@dataclass(frozen=True)
class Outcomes:
    """What lists of each K brought on each as-of date; NaN where it cannot be known.

    Attributes
    ----------
    visits : int array (n_k,)
        Numbers of visits a week.
    weeks : int array (n_dates,)
        As-of weeks.
    n_events : float array (n_dates,)
        Events from this as-of week up to the next one.
    caught, listed, found, repeats : float arrays (n_k, n_dates)
        Events caught; places listed; of those: that found one coming, that had been listed shortly before. `found` and
        `repeats` are NaN where unknown.
    """

    visits: Ints
    weeks: Ints
    n_events: Floats
    caught: Floats
    listed: Floats
    found: Floats
    repeats: Floats

    def during(self, first: int, until: int) -> "Outcomes":
        """Return the outcomes of as-of weeks [first, until), such as last quarter's."""
        kept = (self.weeks >= first) & (self.weeks < until)
        parts = {name: getattr(self, name)[:, kept] for name in ("caught", "listed", "found", "repeats")}
        return replace(self, weeks=self.weeks[kept], n_events=self.n_events[kept], **parts)


def catch_events(lists: Codes, *, weeks: Ints, events: Events, horizon: int) -> Bools:
    """Return whether each event was caught at each K, shape (n_k, n_events).

    Parameters
    ----------
    lists : uint8 array (n_k, n_dates, n_places)
        From `weekly_lists.build_lists`.
    weeks : int array (n_dates,)
        As-of week of each date.
    horizon : int
        Weeks for which a listing stands, its own included.
    """
    caught = np.zeros((len(lists), len(events.place)), dtype=bool)
    for back in range(horizon):
        date = np.searchsorted(weeks, events.week - back)
        at = np.flatnonzero((date < len(weeks)) & (weeks[np.minimum(date, len(weeks) - 1)] == events.week - back))
        caught[:, at] |= lists[:, date[at], events.place[at]] > 0
    return caught


def charge_dates(events: Events, weeks: Ints, horizon: int, known_until: int) -> Ints:
    """Return the date each event is charged to, −1 where it cannot be judged.

    That is the last as-of date not after the event. The lists of the whole horizon before it must have been simulated,
    and all events up to the next date be known.
    """
    ends = np.append(weeks[1:], weeks[-1] + 1)
    date = np.searchsorted(weeks, events.week, side="right") - 1
    judged = _judged_dates(weeks, horizon, known_until)
    fits = (date >= 0) & (events.week < ends[date]) & judged[date]
    return np.where(fits, date, -1)


def _judged_dates(weeks: Ints, horizon: int, known_until: int) -> Bools:
    """Return the dates whose events can be judged."""
    judged: Bools = (weeks >= weeks[0] + horizon - 1) & (np.append(weeks[1:], weeks[-1] + 1) <= known_until)
    return judged


def coming_events(events: Events, weeks: Ints, n_places: int, horizon: int) -> Bools:
    """Return whether a place has an event in the weeks w … w + horizon − 1 of an as-of week w, (n_dates, n_places)."""
    coming = np.zeros((len(weeks), n_places), dtype=bool)
    for back in range(horizon):
        date = np.searchsorted(weeks, events.week - back)
        at = np.flatnonzero((date < len(weeks)) & (weeks[np.minimum(date, len(weeks) - 1)] == events.week - back))
        coming[date[at], events.place[at]] = True
    return coming


def judge_lists(
    lists: Codes,
    *,
    weeks: Ints,
    events: Events,
    visits: Ints,
    horizon: int,
    known_until: int,
    counted: Bools | None = None,
) -> Outcomes:
    """Hold the lists of every K against what happened.

    Parameters
    ----------
    lists : uint8 array (n_k, n_dates, n_places)
        From `weekly_lists.build_lists`.
    known_until : int
        First week whose events are not completely known.
    counted : bool array (n_dates, n_places) or (n_places,), optional
        Places (and dates) that count: a stratum, or all that were not treated. The lists stay those of all places.

    Raises
    ------
    ValueError
        If shapes differ or the horizon is under one week.
    """
    n_k, n_dates, n_places = lists.shape
    if n_dates != len(weeks) or n_k != len(visits) or horizon < 1:
        raise ValueError("lists, weeks and visits differ in shape, or the horizon is under a week")
    which = np.broadcast_to(np.True_ if counted is None else counted, (n_dates, n_places))
    # Few cells are listed: work on those.
    row, date, place = np.nonzero(lists)

    def count(cells: Bools) -> Floats:
        at = row[cells] * n_dates + date[cells]
        return np.bincount(at, minlength=n_k * n_dates).reshape(n_k, n_dates).astype(float)

    shown = which[date, place]
    found = count(shown & coming_events(events, weeks, n_places, horizon)[date, place])
    found[:, weeks + horizon > known_until] = np.nan
    repeats = count(shown & _is_repeated(row * n_places + place, weeks[date]))
    repeats[:, weeks - weeks[0] < REPEAT_WEEKS] = np.nan
    n_events, caught = _charge_events(lists, weeks, events, (horizon, known_until), which)
    return Outcomes(visits, weeks, n_events, caught, count(shown), found, repeats)


def _charge_events(
    lists: Codes, weeks: Ints, events: Events, span: tuple[int, int], which: Bools
) -> tuple[Floats, Floats]:
    """Return the events of each date, and of those the caught ones at each K."""
    n_k, n_dates = lists.shape[:2]
    date = charge_dates(events, weeks, *span)
    at = np.flatnonzero((date >= 0) & which[date, events.place])
    caught_events = catch_events(lists, weeks=weeks, events=events, horizon=span[0])[:, at]
    n_events = np.bincount(date[at], minlength=n_dates).astype(float)
    caught = np.zeros((n_k, n_dates))
    row, event = np.nonzero(caught_events)
    np.add.at(caught, (row, date[at][event]), 1.0)
    judged = _judged_dates(weeks, *span)
    n_events[~judged], caught[:, ~judged] = np.nan, np.nan
    return n_events, caught


def _is_repeated(series: Ints, week: Ints) -> Bools:
    """Return whether the listing before, in the same series (K and place), is at most `REPEAT_WEEKS` old."""
    order = np.lexsort((week, series))
    again = (np.diff(series[order]) == 0) & (np.diff(week[order]) <= REPEAT_WEEKS)
    repeated = np.zeros(len(series), dtype=bool)
    repeated[order[1:]] = again
    return repeated


def _shares(outcomes: Outcomes, draws: Floats | None) -> dict[str, tuple[Floats, Floats]]:
    """Return value and resampled values of each share."""
    return {
        "caught_share": ratio_of_sums(outcomes.caught, outcomes.n_events, draws),
        "found_share": mean_of_ratios(outcomes.found, outcomes.listed, draws),
        "repeat_share": mean_of_ratios(outcomes.repeats, outcomes.listed, draws),
    }


def _draws_for(outcomes: Outcomes, seed: int) -> Floats | None:
    """Return resampled dates, or nothing where there are too few dates to show a band."""
    n_known = np.isfinite(outcomes.n_events).sum()
    return resample_dates(len(outcomes.weeks), seed) if n_known >= MIN_DATES else None


def summarise(outcomes: Outcomes, seed: int = 0) -> pd.DataFrame:
    """Return one row per K: counts, shares, bands.

    Returns
    -------
    DataFrame
        ``visits``; ``n_dates``, ``n_events``, ``n_caught``, ``n_missed`` over the judged dates; ``n_listed``,
        ``n_found`` over the dates whose horizon is over; ``caught_share``, ``found_share``, ``repeat_share``, each
        with ``_low`` and ``_high`` (NaN: no band). Shares are NaN where nothing can be divided.
    """
    judged, over = np.isfinite(outcomes.n_events), np.isfinite(outcomes.found).all(axis=0)
    n_events, n_caught = outcomes.n_events[judged].sum(), outcomes.caught[:, judged].sum(axis=1)
    columns: dict[str, object] = {
        "visits": outcomes.visits,
        "n_dates": int(judged.sum()),
        "n_events": int(n_events),
        "n_caught": n_caught.astype(np.int64),
        "n_missed": (n_events - n_caught).astype(np.int64),
        "n_listed": outcomes.listed[:, over].sum(axis=1).astype(np.int64),
        "n_found": outcomes.found[:, over].sum(axis=1).astype(np.int64),
    }
    for name, (value, drawn) in _shares(outcomes, _draws_for(outcomes, seed)).items():
        columns[name] = value
        columns[f"{name}_low"], columns[f"{name}_high"] = band_of_draws(drawn, len(value))
    return pd.DataFrame(columns)


def summarise_strata(
    lists: Codes,
    groups: NDArray[np.object_],
    *,
    weeks: Ints,
    events: Events,
    visits: Ints,
    horizon: int,
    known_until: int,
) -> pd.DataFrame:
    """Return `summarise` for each group of places, one below the other, with a first column ``stratum``.

    `groups` names the group of each place; one without (None) counts in none. The lists stay those of all places.
    """
    parts = []
    for name in sorted({str(group) for group in groups if group is not None}):
        inside = np.array([group is not None and str(group) == name for group in groups])
        outcomes = judge_lists(
            lists, weeks=weeks, events=events, visits=visits, horizon=horizon, known_until=known_until, counted=inside
        )
        rows = summarise(outcomes)
        rows.insert(0, "stratum", name)
        parts.append(rows)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"stratum": []})


def compare_settings(first: Outcomes, second: Outcomes, at: tuple[int, int] = (0, 0), seed: int = 0) -> pd.DataFrame:
    """Return second minus first for each share, with a paired band.

    Parameters
    ----------
    first, second
        Outcomes on the same dates; they may differ in scores, split or rest.
    at
        Which K of each (position in `visits`).

    Returns
    -------
    DataFrame
        ``share`` (name), ``first``, ``second``, ``difference``, ``low``, ``high``.

    Raises
    ------
    ValueError
        If the dates differ: then nothing is paired.
    """
    if not np.array_equal(first.weeks, second.weeks):
        raise ValueError("the two settings were not judged on the same dates")
    draws = _draws_for(first, seed)
    ours, theirs = _shares(first, draws), _shares(second, draws)
    rows = []
    for name, (value, drawn) in ours.items():
        other, other_drawn = theirs[name]
        low, high = band_of_draws((other_drawn[:, at[1]] - drawn[:, at[0]])[:, None], 1)
        gap = other[at[1]] - value[at[0]]
        rows.append((name, value[at[0]], other[at[1]], gap, low[0], high[0]))
    return pd.DataFrame(rows, columns=["share", "first", "second", "difference", "low", "high"])
