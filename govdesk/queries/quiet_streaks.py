"""Days without a dispute that left the village 矛盾不出村, and the reports that carry such a quiet.

Left the village: referred up 上报 to the township or above, or settled there. Source: seed document 004 (1,583 of 1,772
groups ten years without a dispute leaving the village; "no dispute handed up to the county for handling").
A place that says nothing is not quiet, it is missing: a streak counts only together with the weeks in which the place
was heard (a report of anything, or a nil return 零报告).
"""

from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
from sqlalchemy import BigInteger, Connection, Text, and_, case, cast, func, or_, select, type_coerce
from sqlalchemy.orm import aliased

from govdesk.clock import local_day, monday_of, week_of, zone
from govdesk.queries.columns import Coded
from govdesk.queries.coverage import WINDOW_WEEKS, nil_return_weeks, reporting_level
from govdesk.queries.filters import IncidentFilter, counted, in_window, lay_in
from govdesk.queries.frames import COUNT, FLAG, TEXT, read_frame
from govdesk.queries.freshness import recorded_weeks
from govdesk.queries.outcomes import SETTLED
from govdesk.queries.permission import reads
from govdesk.queries.place_columns import find_ancestors
from govdesk.queries.places import list_places
from govdesk.rules.access import Scope
from govdesk.tables import Incident, PlaceAncestor, Step
from govdesk.terms import ResolutionLevel, StepKind, Stream

ABOVE = (ResolutionLevel.TOWNSHIP.value, ResolutionLevel.COUNTY.value, ResolutionLevel.BEYOND.value)
#: A streak is carried when the place was heard in at least this share of its weeks, and of the last quarter's: our own
#: convention, as a place with three voices in four weeks would hardly have hidden a dispute for long.
LEAST_EVIDENCE = 0.75

QUIET, CHECK, NO_DATA, EVENTS = "quiet", "check", "no_data", "events"
#: From carried to not carried, then what is no streak.
STATES = (QUIET, CHECK, NO_DATA, EVENTS)

_DISPUTES = IncidentFilter(0, 0, (Stream.DISPUTE.value,))


@reads("view_overview")
def has_levels(connection: Connection, scope: Scope) -> bool:
    """Return whether any source says where a dispute was settled, or that one was referred up."""
    disputes = select(Incident.id).where(counted(scope, _DISPUTES))
    levels = disputes.where(Incident.resolution_level.is_not(None))
    referred = disputes.join(Step, Step.incident_id == Incident.id).where(Step.kind == StepKind.REFER_UP.value)
    return any(connection.scalar(statement.limit(1)) is not None for statement in (levels, referred))


@reads("view_overview")
def list_departures(connection: Connection, scope: Scope, as_of: datetime) -> pd.DataFrame:
    """Return each dispute that left its village, and each settled where nobody wrote down at which level.

    Steps count, and not the incident's own level: a re-opened incident would forget where it had been.

    Returns
    -------
    DataFrame
        ``place_code`` (village of its week; empty where it is known to a township only), ``incident_id`` (int64),
        ``is_known`` (False: settled at an unknown level), ``day`` (datetime64, the county's day of the last such step).
    """
    up = aliased(PlaceAncestor, name="up")
    left = or_(
        and_(Step.kind == StepKind.REFER_UP.value, or_(Step.level.is_(None), Step.level.in_(ABOVE))),
        and_(Step.kind == StepKind.CLOSE.value, Step.level.in_(ABOVE)))
    unknown = and_(Step.kind == StepKind.CLOSE.value, Step.level.is_(None), Step.outcome.in_(SETTLED))
    place, known = func.coalesce(up.ancestor_code, ""), case((left, 1), else_=0)
    statement = (
        select(place, Incident.id, known, func.max(type_coerce(Step.occurred_at, BigInteger)))
        .select_from(Incident).join(Step, Step.incident_id == Incident.id)
        .outerjoin(up, and_(up.ancestor_level == (reporting_level(connection) or ""), lay_in(up)))
        .where(counted(scope, _DISPUTES), Incident.weight == 1, or_(left, unknown), Step.is_withdrawn.is_(False),
               Step.recorded_at <= as_of)
        .group_by(place, Incident.id, known))
    found = read_frame(connection, statement, {"place_code": TEXT, "incident_id": COUNT, "is_known": FLAG, "at": COUNT})
    days = pd.to_datetime(found.pop("at"), unit="s", utc=True).dt.tz_convert(zone()).dt.tz_localize(None)
    return found.assign(day=days.dt.normalize())


@reads("view_overview")
def read_heard(connection: Connection, scope: Scope, as_of: datetime) -> pd.DataFrame:
    """Return in which weeks each village was heard: anything reported, or a nil return for disputes or for everything.

    A nil return for another stream says nothing of disputes, and is not heard here.

    Returns
    -------
    DataFrame
        Index ``place_code``, a column a week from the first recorded to that of `as_of`, 1 or 0 (int8).
    """
    level, recorded = reporting_level(connection) or "", recorded_weeks(connection)
    end = week_of(local_day(as_of)) + 1
    weeks = range(end if recorded is None else min(recorded[0], end), end)
    heard = _count_reports(connection, scope, weeks, level) > 0
    nil = nil_return_weeks(connection, scope, weeks.start, weeks.stop, level, as_of, Stream.DISPUTE.value)
    codes = heard.index.union(nil["place_code"].unique()).sort_values()
    heard = heard.reindex(codes, fill_value=False).astype("int8")
    table = heard.to_numpy(copy=True)
    table[codes.get_indexer(nil["place_code"]), nil["week"].to_numpy() - weeks.start] = 1
    return pd.DataFrame(table, index=pd.Index(codes, dtype="str", name="place_code"), columns=list(weeks))


def _count_reports(connection: Connection, scope: Scope, weeks: range, level: str) -> pd.DataFrame:
    """Count incidents by place of `level` and week: index of codes, a column a week (int64).

    Each place is one stretch of an index and comes as one text: by rows it would be one for every place and week.
    """
    window = IncidentFilter(weeks.start, weeks.stop)
    texts = [func.aggregate_strings(cast(column, Text), ",") for column in (Incident.week_occurred, Incident.weight)]
    rows = connection.execute(
        select(Incident.place_code, *texts).where(counted(scope, window), in_window(window))
        .group_by(Incident.place_code)).all()
    found, weights = (
        [np.fromstring(text, dtype="int64", sep=",") for text in column]
        for column in (list(zip(*rows, strict=True)) or [(), (), ()])[1:])
    places = Coded(np.repeat(np.arange(len(rows)), [len(one) for one in found]),
                   np.array([row[0] for row in rows], dtype=object))
    occurred, weight = (np.concatenate([*one, np.zeros(0, dtype="int64")]) for one in (found, weights))
    villages = find_ancestors(connection, level, places, occurred)
    sums = np.zeros((len(villages.labels), len(weeks)), dtype="int64")
    np.add.at(sums, (villages.codes, occurred - weeks.start), weight)
    table = pd.DataFrame(sums, index=pd.Index(villages.labels, dtype="str", name="place_code"), columns=list(weeks))
    return table.drop(index="", errors="ignore")


@reads("view_overview")
def list_villages(connection: Connection, scope: Scope, filters: IncidentFilter) -> pd.DataFrame:
    """Return the villages that stand at the end of the window, inside its place and of its kinds.

    Returns
    -------
    DataFrame
        By code: ``code``, ``name``, ``parent_code``, ``valid_from`` (datetime64).
    """
    last = monday_of(filters.week_to) - timedelta(days=1)
    places = list_places(connection, scope, reporting_level(connection) or "", last, filters.place_code)
    if filters.kinds:
        places = places[places["kind"].isin(filters.kinds)]
    return places[["code", "name", "parent_code", "valid_from"]].reset_index(drop=True)


@reads("view_overview")
def read_streaks(connection: Connection, scope: Scope, filters: IncidentFilter, as_of: datetime) -> pd.DataFrame:
    """Return `find_streaks` of what is stored; a page keeps the three reads, of which two do not know the window."""
    return find_streaks(
        list_villages(connection, scope, filters), list_departures(connection, scope, as_of),
        read_heard(connection, scope, as_of), filters)


def find_streaks(
    villages: pd.DataFrame, departures: pd.DataFrame, heard: pd.DataFrame, filters: IncidentFilter
) -> pd.DataFrame:
    """Return for each village how long no dispute left it, up to the end of the window, and what carries that.

    A streak may begin before the window, but not before the village or the records do.

    Parameters
    ----------
    villages, departures, heard : DataFrame
        As `list_villages`, `list_departures` and `read_heard` give.
    filters : IncidentFilter
        Only its weeks count.

    Returns
    -------
    DataFrame
        By code: ``code``, ``name``, ``parent_code``, ``state`` (`STATES`), ``n_left`` (int64, disputes that left in the
        window), ``n_unknown`` (int64, of the window, settled at an unknown level), ``last_left`` (datetime64, missing:
        none on record), ``since`` (datetime64, first day of the streak), ``n_days`` (int64), ``is_at_least`` (it began
        with the records), ``n_weeks`` (whole weeks of the streak), ``n_heard`` (of them with a report or nil return),
        ``n_recent``, ``n_recent_heard`` (the last quarter of them).
    """
    first = min([*heard.columns[:1], filters.week_from])
    weeks = list(range(first, filters.week_to))
    matrix = heard.reindex(index=villages["code"], columns=weeks, fill_value=0).to_numpy(dtype="int64")
    end = monday_of(filters.week_to)
    rows = _add_departures(villages, departures[departures["day"] < pd.Timestamp(end)], filters)
    rows = _add_evidence(_add_span(rows, monday_of(first), end), matrix, first)
    return rows.assign(state=_find_state(rows)).drop(columns=["valid_from"])


def _add_departures(places: pd.DataFrame, departures: pd.DataFrame, filters: IncidentFilter) -> pd.DataFrame:
    inside = departures[departures["day"] >= pd.Timestamp(monday_of(filters.week_from))]
    known = departures[departures["is_known"]]
    counts = {name: inside[inside["is_known"] == flag].groupby("place_code")["incident_id"].nunique()
              for name, flag in (("n_left", True), ("n_unknown", False))}
    return places.assign(
        last_left=known.groupby("place_code")["day"].max().astype("datetime64[s]").reindex(places["code"]).to_numpy(),
        **{name: places["code"].map(n).fillna(0).astype("int64") for name, n in counts.items()})


def _add_span(rows: pd.DataFrame, first: date, end: date) -> pd.DataFrame:
    """Add the streak's first day, its days and whether it may be longer than what is on record."""
    begins = np.maximum(rows["valid_from"].to_numpy().astype("datetime64[s]"), np.datetime64(first, "s"))
    since = np.fmax(rows["last_left"].to_numpy().astype("datetime64[s]") + np.timedelta64(1, "D"), begins)
    return rows.assign(
        since=since, is_at_least=since == begins,
        n_days=np.maximum((np.datetime64(end, "D") - since.astype("datetime64[D]")).astype("int64"), 0))


def _add_evidence(
    rows: pd.DataFrame, heard: np.ndarray[tuple[int, int], np.dtype[np.int64]], first: int
) -> pd.DataFrame:
    """Add the whole weeks of each streak and those of them in which the place was heard."""
    n_all = heard.shape[1]
    begins = np.array([week_of(day.date() + timedelta(days=6)) - first for day in rows["since"]], dtype="int64")
    begins = np.clip(begins, 0, n_all)
    sums = np.concatenate([np.zeros((len(rows), 1), dtype="int64"), heard.cumsum(axis=1)], axis=1)
    recent = np.maximum(begins, n_all - WINDOW_WEEKS)
    place = np.arange(len(rows))
    return rows.assign(
        n_weeks=n_all - begins, n_heard=sums[:, -1] - sums[place, begins],
        n_recent=n_all - recent, n_recent_heard=sums[:, -1] - sums[place, recent])


def _find_state(rows: pd.DataFrame) -> list[str]:
    states = []
    for row in rows.itertuples():
        carried = row.n_heard >= LEAST_EVIDENCE * row.n_weeks and row.n_recent_heard >= LEAST_EVIDENCE * row.n_recent
        if row.n_left > 0:
            states.append(EVENTS)
        elif row.n_recent_heard == 0:  # silence is missing data, never peace
            states.append(NO_DATA)
        else:
            states.append(QUIET if carried and row.n_unknown == 0 else CHECK)
    return states


def sum_states(streaks: pd.DataFrame) -> pd.DataFrame:
    """Return the number of villages in each state by the place above them, in order of code.

    Returns
    -------
    DataFrame
        ``parent_code``, ``n_places``, and a column for each of `STATES` (int64).
    """
    table = streaks.assign(n=1).pivot_table(
        index="parent_code", columns="state", values="n", aggfunc="sum", fill_value=0, observed=True)
    table = table.reindex(columns=list(STATES), fill_value=0).astype("int64")
    table.columns.name = None
    return table.assign(n_places=table.sum(axis=1)).reset_index()[["parent_code", "n_places", *STATES]]
