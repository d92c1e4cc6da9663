"""What became of past lists: how many listed villages had an escalation, which events no list had named, and the lot.

Everything is as it is known on the day of asking, by village; an incident counts once in a horizon. Nothing is judged
before it is over: a list not before its horizon is, an event not in a week that is still running.

A listed village that is *treated* (visited for an alert, within 90 days before or in the horizon) stands apart: that
nothing happened there is no false alarm, and what happened is no proof of the list.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd
from sqlalchemy import Connection, select

from govdesk.clock import monday_of, week_of
from govdesk.queries.frames import COUNT, DAY, FLAG, NUMBER, TEXT, make_frame, read_frame
from govdesk.queries.panel_facts import ESCALATION, read_panel_facts
from govdesk.queries.permission import reads
from govdesk.queries.places import valid_on
from govdesk.queries.risk_runs import StoredRun, read_runs
from govdesk.queries.scoping import within_area
from govdesk.queries.treated import list_treated
from govdesk.rules.access import Scope
from govdesk.rules.visit_orders import TREATED_DAYS
from govdesk.rules.visit_sample import draw_sample
from govdesk.tables import Place, RiskListing, RiskScore, Visit
from govdesk.terms import Level, VisitFinding, VisitReason

#: Weekly lists that are looked at: a year, so that a band over dates (28 and more) can be had.
MOST_RUNS = 52

RUN_TYPES = {
    "as_of": DAY, "n_villages": COUNT, "n_positive": COUNT, "n_listed": COUNT, "n_found": COUNT, "n_treated": COUNT,
    "n_found_treated": COUNT, "n_untreated": COUNT, "n_found_untreated": COUNT, "n_drawn": COUNT,
    "n_found_drawn": COUNT, "n_told": COUNT, "n_expected": NUMBER, "n_elevated": COUNT,
}
ALARM_TYPES = {"as_of": DAY, "place_code": TEXT, "list": TEXT, "position": COUNT, "is_treated": FLAG, "found": TEXT}
EVENT_TYPES = {"place_code": TEXT, "week": COUNT, "n_events": COUNT, "is_judged": FLAG, "is_caught": FLAG}
VISIT_TYPES = {"reason": TEXT, "n_visits": COUNT, "n_found": COUNT, "n_known": COUNT}


@dataclass(frozen=True, slots=True)
class LiveResults:
    """What became of the lists of the last year.

    Attributes
    ----------
    horizon_weeks : int
    known_to : int
        First week that is not over.
    n_running : int
        Lists whose horizon is not over; `first_over` is the day on which the oldest of them can be judged.
    runs : DataFrame
        A row per list that is over, newest first: ``as_of``; ``n_villages`` standing, ``n_positive`` of them with an
        escalation in the horizon; ``n_listed``, ``n_found`` (listed, with one); of them ``n_treated`` (the horizon
        touches the weeks of `rules.visit_orders.treated_weeks`), ``n_found_treated``, ``n_untreated``,
        ``n_found_untreated``; ``n_drawn`` (unlisted, by the week's lot), ``n_found_drawn``; of the label *elevated*:
        ``n_told`` (villages with a probability), ``n_expected`` (its sum), ``n_elevated`` (of them reached the label's
        count).
    events : DataFrame
        A row per village and week with events since the first list: ``n_events``; ``is_judged`` (a list within the
        horizon before could have named it), ``is_caught`` (one did).
    alarms : DataFrame
        Listed villages without an escalation, of the lists of the newest four weeks that are over; ``is_treated``, and
        what the visit met (``found``): only the others are false alarms.
    visits : DataFrame
        Visits of these weeks by reason: ``n_visits``, ``n_found``, ``n_known`` (was in hand already).
    """

    horizon_weeks: int
    known_to: int
    n_running: int
    first_over: date | None
    runs: pd.DataFrame
    events: pd.DataFrame
    alarms: pd.DataFrame
    visits: pd.DataFrame


@reads("view_model_card")
def read_live_results(connection: Connection, scope: Scope, known_to: int, seed: str) -> LiveResults | None:
    """Return what became of the newest lists, or None where no list was ever made.

    Parameters
    ----------
    known_to : int
        First week that is not over.
    seed : str
        That of the weekly lot (`queries.visits.read_lot`).
    """
    runs = read_begun(connection, scope, known_to)
    if not runs:
        return None
    horizon = runs[0].horizon_weeks
    over = [run for run in runs if week_of(run.as_of) + run.horizon_weeks <= known_to]
    running = [run for run in runs if run not in over]
    first = week_of(runs[-1].as_of)
    lists = read_lists(connection, runs)
    seen = _read_seen(connection, scope)
    events = _count_events(connection, scope, first, known_to)
    visits = _read_visits(connection, scope, monday_of(first), monday_of(known_to))
    treated = list_treated(connection, scope, monday_of(first) - timedelta(days=TREATED_DAYS), monday_of(known_to))
    judged = [_judge(connection, run, lists[run.id], seen, events, treated, seed) for run in over]
    alarms = [row for run in over[:4] for row in _list_alarms(run, lists[run.id], seen, events, treated)]
    return LiveResults(
        horizon, known_to, len(running),
        monday_of(min(week_of(run.as_of) for run in running) + horizon) if running else None,
        make_frame(judged, RUN_TYPES), _judge_events(events, runs, lists), make_frame(alarms, ALARM_TYPES),
        _sum_visits(visits))


@reads("view_model_card")
def read_begun(connection: Connection, scope: Scope, known_to: int) -> list[StoredRun]:
    """Return the newest lists of which at least a week is over, newest first."""
    return [run for run in read_runs(connection, scope, "elevated", MOST_RUNS) if week_of(run.as_of) < known_to]


#: Village → (list, position).
_List = Mapping[str, tuple[str, int]]
#: Village → week → events.
_Events = Mapping[str, Mapping[int, int]]


def read_lists(connection: Connection, runs: Sequence[StoredRun]) -> dict[int, dict[str, tuple[str, int]]]:
    """Return every list whole: what a lot drew, and what was missed, depend on all of it."""
    found: dict[int, dict[str, tuple[str, int]]] = {run.id: {} for run in runs}
    for row in connection.execute(
        select(RiskListing.run_id, RiskListing.place_code, RiskListing.list, RiskListing.position)
        .where(RiskListing.run_id.in_(list(found)))
    ):
        found[row.run_id][row.place_code] = (row.list, row.position)
    return found


def _read_seen(connection: Connection, scope: Scope) -> set[str]:
    return set(connection.scalars(
        select(Place.code).where(Place.level == Level.VILLAGE, within_area(scope, Place.code))))


def _count_events(connection: Connection, scope: Scope, week_from: int, week_to: int) -> dict[str, dict[int, int]]:
    facts = read_panel_facts(connection, scope, week_from, week_to)
    facts = facts[(facts["role"] == ESCALATION).to_numpy() & (facts["week_known"] < week_to).to_numpy()]
    sums = facts.assign(place=facts["place_code"].astype("str")).groupby(["place", "week_occurred"])["weight"].sum()
    found: dict[str, dict[int, int]] = {}
    for (place, week), n in sums[sums > 0].items():
        found.setdefault(place, {})[int(week)] = int(n)
    return found


def _count(events: _Events, place: str, run: StoredRun) -> int:
    """Return the events of a village in the horizon of a run."""
    begin = week_of(run.as_of)
    weeks = events.get(place)
    return 0 if weeks is None else sum(weeks.get(week, 0) for week in range(begin, begin + run.horizon_weeks))


def _read_visits(connection: Connection, scope: Scope, day_from: date, day_to: date) -> pd.DataFrame:
    return read_frame(connection, (
        select(Visit.place_code, Visit.visited_on, Visit.reason, Visit.found)
        .where(Visit.visited_on >= day_from, Visit.visited_on < day_to, within_area(scope, Visit.place_code))
        .order_by(Visit.visited_on, Visit.id)),
        {"place_code": TEXT, "visited_on": DAY, "reason": TEXT, "found": TEXT})


def _find_treated(run: StoredRun, treated: pd.DataFrame) -> dict[str, str]:
    """Return the villages that are treated in the horizon, and what was met: first in the horizon, else last before."""
    begin = week_of(run.as_of)
    inside = treated[(treated["week_from"] < begin + run.horizon_weeks) & (treated["week_to"] > begin)]
    is_before = inside["week_from"] < begin  # rows are by day
    before, later = inside[is_before], inside[~is_before].drop_duplicates("place_code")
    return {code: found for rows in (before, later)
            for code, found in zip(rows["place_code"], rows["found"], strict=True)}


def _judge(
    connection: Connection, run: StoredRun, listed: _List, seen: set[str], events: _Events, treated: pd.DataFrame,
    seed: str,
) -> tuple[object, ...]:
    """Return one row of `RUN_TYPES`."""
    standing = set(connection.scalars(select(Place.code).where(Place.level == Level.VILLAGE, valid_on(run.as_of))))
    drawn = [code for code in draw_sample(standing, listed, week=week_of(run.as_of), seed=seed) if code in seen]
    here, mine = standing & seen, [code for code in listed if code in seen]
    positive = {code for code in events if code in here and _count(events, code, run) > 0}
    treated_here = _find_treated(run, treated)
    apart = [code for code in mine if code in treated_here]
    left = [code for code in mine if code not in treated_here]
    told, expected, elevated = _expect(connection, run, here, events)
    return (
        run.as_of, len(here), len(positive), len(mine), sum(code in positive for code in mine),
        len(apart), sum(code in positive for code in apart), len(left), sum(code in positive for code in left),
        len(drawn), sum(code in positive for code in drawn), told, expected, elevated)


def _expect(connection: Connection, run: StoredRun, here: set[str], events: _Events) -> tuple[int, float, int]:
    """Return how many villages had a probability of *elevated*, its sum, and how many of them were."""
    rows = connection.execute(
        select(RiskScore.place_code, RiskScore.probability)
        .where(RiskScore.run_id == run.id, RiskScore.probability.is_not(None), RiskScore.in_scope)).all()
    told = {row.place_code: row.probability for row in rows if row.place_code in here}
    reached = sum(_count(events, code, run) >= (run.min_count or 1) for code in told)
    return len(told), float(sum(told.values())), reached


def _list_alarms(
    run: StoredRun, listed: _List, seen: set[str], events: _Events, treated: pd.DataFrame
) -> list[tuple[object, ...]]:
    """Return the listed villages in which nothing happened in the horizon: rows of `ALARM_TYPES`."""
    here = _find_treated(run, treated)
    return [(run.as_of, code, which, position, code in here, here.get(code, ""))
            for code, (which, position) in sorted(listed.items(), key=lambda item: (-ord(item[1][0][0]), item[1][1]))
            if code in seen and not _count(events, code, run)]


def _judge_events(
    events: _Events, runs: Sequence[StoredRun], lists: Mapping[int, _List]
) -> pd.DataFrame:
    """Return the events with whether a list named their village in time."""
    by_week = {week_of(run.as_of): lists[run.id] for run in runs}
    horizon = runs[0].horizon_weeks
    rows = []
    for place, weeks in sorted(events.items()):
        for week, n in sorted(weeks.items()):
            before = [by_week[one] for one in range(week - horizon + 1, week + 1) if one in by_week]
            rows.append((place, week, n, bool(before), any(place in one for one in before)))
    return make_frame(rows, EVENT_TYPES)


def _sum_visits(visits: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for reason in VisitReason:
        found = visits.loc[visits["reason"] == reason.value, "found"]
        rows.append((reason.value, len(found), int((found == VisitFinding.FOUND.value).sum()),
                     int((found == VisitFinding.ALREADY_KNOWN.value).sum())))
    return make_frame(rows, VISIT_TYPES)
