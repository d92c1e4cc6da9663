"""All numbers of visits at once, from stored predictions: weekly lists, what they caught, the bands they wear.

The lists are made anew for every week, K and score with the rest rule (`models.weekly_lists`) and judged date by date
(`models.thresholds`). Which villages a score may name:

- ours (the classifier, or the baseline where it ranks): in both lists, not where there are too few records to tell
- ``eb52``: in both lists, wherever it is
- counts and ``points``: one list of all visits, wherever they are, as a clerk would make it; a count of four weeks
  cannot tell one village without events from another, and half a list drawn by lot would be made of straw

So no baseline is held down by a rule of ours.
Source: the project's method (docs/method.md, "From scores to a week's visits").
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.date_bands import MIN_DATES, band_of_draws, ratio_of_sums, resample_dates
from models.escalation import LEAST_RECORDS
from models.panel import Panel
from models.thresholds import Outcomes, catch_events, charge_dates, judge_lists, summarise
from models.weekly_lists import Bools, Codes, Events, Floats, Ints, ListRules, build_lists, rank_by_score

#: Scores whose lists are compared; the first is ours.
METHODS = ("classifier", "eb52", "last_52_weeks", "last_4_weeks", "points")
#: Those that keep a part of the visits for "quiet until now".
TWO_LISTS = ("classifier", "eb52")
_ELEVATED, _ONSET = "elevated", "onset"


@dataclass(frozen=True)
class ListScores:
    """Predictions as grids of dates × places; NaN where a place has no score on a date.

    Attributes
    ----------
    weeks : int array (n_dates,)
        As-of weeks, increasing.
    places : tuple of str
        Codes, in the order of the columns.
    elevated, onset : mapping of str to float array (n_dates, n_places)
        Scores of the two lists by method; *onset* only where it is in scope.
    outcome : float array
        Whether *elevated* came true; NaN where it is not known.
    records : float array
        Records of any kind in the 52 weeks before.
    """

    weeks: Ints
    places: tuple[str, ...]
    elevated: Mapping[str, Floats]
    onset: Mapping[str, Floats]
    outcome: Floats
    records: Floats

    @property
    def quiet(self) -> Bools:
        """Where no escalation was known in the weeks before: the scope of *onset*."""
        return ~np.isnan(self.onset[TWO_LISTS[1]])

    @property
    def probability(self) -> Floats:
        """Probability of *elevated*, NaN where there are too few records to tell."""
        return self.elevated[METHODS[0]]


def spread_predictions(predictions: pd.DataFrame, ranked_by: Mapping[str, str] | None = None) -> ListScores:
    """Return the predictions of a backtest as grids.

    Parameters
    ----------
    predictions
        ``as_of`` (week), ``place_code``, ``label``, ``in_scope``, ``outcome``, ``records_52`` and a column for each of
        `METHODS`.
    ranked_by
        Column that ranks a label instead of the classifier, by label: the baseline where the classifier is beaten.
    """
    in_use = dict.fromkeys((_ELEVATED, _ONSET), METHODS[0]) | dict(ranked_by or {})
    weeks = np.unique(predictions["as_of"].to_numpy(np.int64))
    places = pd.Index(sorted(predictions["place_code"].unique()))
    grids = {}
    for label in (_ELEVATED, _ONSET):
        rows = predictions[(predictions["label"] == label).to_numpy()]
        at = np.searchsorted(weeks, rows["as_of"].to_numpy(np.int64)), places.get_indexer(rows["place_code"])
        columns = {name: name for name in (*METHODS, "in_scope", "outcome", "records_52")}
        columns[METHODS[0]] = in_use[label]
        grids[label] = {name: _spread(rows[column], at, (len(weeks), len(places))) for name, column in columns.items()}
    thin = ~(grids[_ELEVATED]["records_52"] >= LEAST_RECORDS)
    usual = {name: grids[_ELEVATED][name] for name in METHODS}
    quiet = {name: np.where(grids[_ONSET]["in_scope"] == 1, grids[_ONSET][name], np.nan) for name in METHODS}
    for scores in (usual, quiet):
        scores[METHODS[0]] = np.where(thin, np.nan, scores[METHODS[0]])
    return ListScores(weeks, tuple(places), usual, quiet, grids[_ELEVATED]["outcome"], grids[_ELEVATED]["records_52"])


def _spread(values: pd.Series, at: tuple[Ints, Ints], shape: tuple[int, int]) -> Floats:
    grid = np.full(shape, np.nan)
    grid[at] = values.to_numpy(dtype=float)
    return grid


def events_of_panel(panel: Panel, places: tuple[str, ...]) -> Events:
    """Return the escalation events of `places`, corrections netted; columns are positions in `places`.

    A correction takes away the event of the same place and week that became known last; an event of a place that is
    not among `places` cannot be listed, nor missed by a list, and is left out.
    """
    order = np.lexsort((panel.known, panel.occurred, panel.place))
    facts = pd.DataFrame({"place": panel.place, "week": panel.occurred, "known": panel.known,
                          "n": np.maximum(panel.weight, 0)}).iloc[order]
    net = pd.DataFrame({"place": panel.place, "week": panel.occurred, "net": panel.weight})
    left = net.groupby(["place", "week"], as_index=False)["net"].sum()
    each = facts.loc[facts.index.repeat(facts["n"].astype(int))].merge(left, on=["place", "week"])
    kept = each[each.groupby(["place", "week"]).cumcount() < each["net"]]
    column = pd.Index(list(places)).get_indexer(pd.Index(list(panel.places)))[kept["place"].to_numpy(np.int64)]
    inside = column >= 0
    week, known = kept["week"].to_numpy(np.int64), kept["known"].to_numpy(np.int64)
    return Events(column[inside].astype(np.int64), week[inside] + panel.first_week,
                  np.maximum(known, week)[inside] + panel.first_week)


@dataclass(frozen=True)
class Judging:
    """What lists are held against.

    Attributes
    ----------
    events : Events
    horizon : int
        Weeks for which a listing stands.
    known_until : int
        First week whose events are not completely known.
    rest_weeks : int
        Weeks for which a listed place rests.
    """

    events: Events
    horizon: int
    known_until: int
    rest_weeks: int = 4


@dataclass(frozen=True)
class Sweep:
    """One score and one split, for every K.

    Attributes
    ----------
    visits : int array (n_k,)
    lists : uint8 array (n_k, n_dates, n_places)
    outcomes : models.thresholds.Outcomes
    curve : DataFrame
        `models.thresholds.summarise`, one row a K.
    """

    visits: Ints
    lists: Codes
    outcomes: Outcomes
    curve: pd.DataFrame

    def at(self, k: int) -> int:
        """Return the position of a number of visits; beyond the last one, of the last."""
        return min(int(np.searchsorted(self.visits, k)), len(self.visits) - 1)


def sweep_visits(scores: ListScores, judging: Judging, visits: Ints, share_quiet: float,
                 method: str = METHODS[0]) -> Sweep:
    """Make and judge the weekly lists of every K by one score.

    Parameters
    ----------
    share_quiet
        Share of the visits for "quiet until now"; not for scores outside `TWO_LISTS`, which make one list.
    """
    share = share_quiet if method in TWO_LISTS else 0.0
    elevated = scores.elevated[method]
    # One list: what it cannot use goes to nobody.
    onset = scores.onset[method] if method in TWO_LISTS else np.full_like(elevated, np.nan)
    lists = build_lists(elevated, onset, weeks=scores.weeks, events=judging.events, visits=visits,
                        rules=ListRules(share, judging.rest_weeks))
    outcomes = judge_lists(lists, weeks=scores.weeks, events=judging.events, visits=visits, horizon=judging.horizon,
                           known_until=judging.known_until)
    return Sweep(visits, lists, outcomes, summarise(outcomes))


def catch_by_part(
    sweep: Sweep, k: int, parts: Mapping[str, Bools], scores: ListScores, judging: Judging
) -> pd.DataFrame:
    """Return what the lists of one K caught in parts of the places; the lists stay those of all.

    Parameters
    ----------
    parts
        Which places belong to a part, bool (n_places,) or (n_dates, n_places) where it depends on the date.

    Returns
    -------
    DataFrame
        A row per part: ``part``, ``n_events``, ``n_caught``, ``n_listed`` (visits, over all dates), ``share`` with
        ``low`` and ``high`` (bands over dates; NaN under 28 dates).
    """
    lists, weeks, events = sweep.lists[sweep.at(k)], scores.weeks, judging.events
    date = charge_dates(events, weeks, judging.horizon, judging.known_until)
    at = np.flatnonzero(date >= 0)
    caught = catch_events(lists[None], weeks=weeks, events=events, horizon=judging.horizon)[0, at].astype(float)
    is_banded = np.isfinite(sweep.outcomes.n_events).sum() >= MIN_DATES
    draws = resample_dates(len(weeks)) if is_banded else None
    rows = []
    for name, which in parts.items():
        inside = np.broadcast_to(which, lists.shape)
        chosen = inside[date[at], events.place[at]].astype(float)
        n_events = np.bincount(date[at], chosen, len(weeks)).astype(float)
        n_caught = np.bincount(date[at], chosen * caught, len(weeks)).astype(float)
        value, drawn = ratio_of_sums(n_caught[None], n_events, draws)
        low, high = band_of_draws(drawn, 1)
        rows.append((name, int(n_events.sum()), int(n_caught.sum()), int(((lists > 0) & inside).sum()), value[0],
                     low[0], high[0]))
    return pd.DataFrame(rows, columns=["part", "n_events", "n_caught", "n_listed", "share", "low", "high"])


def rank_lists(scores: ListScores) -> tuple[Ints, Ints]:
    """Return each place's rank on each date by the two scores of the classifier; 0 where it has none."""
    return rank_by_score(scores.probability, scores.weeks), rank_by_score(scores.onset[METHODS[0]], scores.weeks)


def count_bands(scores: ListScores, edges: tuple[float, ...]) -> pd.DataFrame:
    """Return how many places wear each band a week, and how many of them came true.

    Parameters
    ----------
    edges
        Lowest probability of each band but the last, falling strictly.

    Returns
    -------
    DataFrame
        One row per band, the most urgent first, then one for places without a probability: ``mean``, ``low``, ``high``
        (places a week: mean, least, most over dates), ``n_dates``; ``n_known`` and ``n_true`` (rows whose horizon is
        over, of those elevated).

    Raises
    ------
    ValueError
        If the edges do not fall strictly.
    """
    if any(np.diff(edges) >= 0):
        raise ValueError("edges fall strictly")
    # Counted from below: a probability on an edge belongs to the band above it.
    band = len(edges) - np.searchsorted(np.array(edges)[::-1], scores.probability, side="right")
    band[np.isnan(scores.probability)] = len(edges) + 1
    rows = []
    for one in range(len(edges) + 2):
        wears = band == one
        a_week, known = wears.sum(axis=1), wears & ~np.isnan(scores.outcome)
        rows.append((float(a_week.mean()), int(a_week.min()), int(a_week.max()), len(a_week), int(known.sum()),
                     int(scores.outcome[known].sum())))
    return pd.DataFrame(rows, columns=["mean", "low", "high", "n_dates", "n_known", "n_true"])
