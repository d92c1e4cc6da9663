"""What came back after a closing: re-opened, happened again in the same village, found unsettled on a revisit."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy import ColumnElement, Connection, and_, case, func, literal_column, select, true
from sqlalchemy.orm import aliased

from govdesk.queries.columns import Coded, Integers, sum_cells
from govdesk.queries.coverage import reporting_level
from govdesk.queries.filters import IncidentFilter, counted
from govdesk.queries.frames import Query
from govdesk.queries.permission import reads
from govdesk.queries.place_columns import find_ancestors
from govdesk.queries.quality_cohort import (
    DAY_SECONDS,
    By,
    Cohort,
    Flags,
    from_cohort,
    over_cohort,
    read_cohort,
    seconds,
    sum_groups,
)
from govdesk.queries.quality_sums import RETURN_DAYS
from govdesk.queries.quality_table import QualityTable
from govdesk.rules.access import Scope
from govdesk.tables import Incident, PlaceAncestor, Revisit, Step
from govdesk.tables.places import OPEN_WEEK
from govdesk.terms import RevisitResult, StepKind

#: Days after a closing in which the same thing in the same village counts as happening again.
RECURRENCE_DAYS = 90
#: Of 1 … 5: satisfied, very satisfied.
SATISFIED = 4

#: In the words of `ix_incidents_reopened`, so that it is taken.
WAS_REOPENED = Incident.n_reopened > literal_column("0")

#: What parts one village and category from the next on one line of seconds; holds every instant from 1700 to 2500.
_STRIDE, _OFFSET = 2**36, 2**34


@reads("view_overview", "view_wall")
def sum_reopenings(
    connection: Connection, scope: Scope, filters: IncidentFilter, as_of: datetime, by: By | None = None
) -> pd.DataFrame:
    """Return the closings of a cohort that were undone by a re-opening.

    An incident closed twice has two closings. The one that still holds is in `quality_sums.sum_quality`; here are
    those before it: all closings are ``n_closed_30 + n_undone_30``, of which ``n_reopened_30`` were re-opened within
    30 days. Only closings at least so old at `as_of` are counted: the others' time is not over.

    Returns
    -------
    DataFrame
        (`by`,) for 30, 90 and 180 days ``n_undone_…``, ``n_reopened_…`` (int64); values of `by` without one are left
        out.
    """
    rows = over_cohort(scope, filters, as_of).join(Step, Step.incident_id == from_cohort()).where(
        WAS_REOPENED, Step.is_withdrawn.is_(False),
        Step.kind.in_((StepKind.CLOSE.value, StepKind.REOPEN.value)), Step.occurred_at <= as_of,
        Step.recorded_at <= as_of)
    is_reopening = case((Step.kind == StepKind.REOPEN.value, literal_column("1")), else_=literal_column("0"))
    cohort = read_cohort(connection, scope, filters, as_of, (), by=by, rows=rows, numbers={
        "incident": Incident.id, "at": seconds(Step.occurred_at), "is_reopening": is_reopening, "step": Step.id})
    cohort, closed_at = _keep_undone(cohort)
    sums = {}
    for days in RETURN_DAYS:
        is_old = closed_at <= int((as_of - timedelta(days=days)).timestamp())
        sums[f"n_undone_{days}"] = is_old
        sums[f"n_reopened_{days}"] = is_old & (cohort.facts["at"] - closed_at <= days * DAY_SECONDS)
    return sum_groups(cohort, by, sums)


def _keep_undone(steps: Cohort) -> tuple[Cohort, Integers]:
    """Return the re-openings that came right after a closing of the same incident, and when that was.

    At one instant closings come before re-openings.
    """
    incident, at, is_reopening = (steps.facts[name] for name in ("incident", "at", "is_reopening"))
    order = np.lexsort((steps.facts["step"], is_reopening, at, incident))
    before, after = order[:-1], order[1:]
    met = (incident[before] == incident[after]) & (is_reopening[before] == 0) & (is_reopening[after] == 1)
    return steps.take(after[met]), at[before[met]]


@reads("view_overview", "view_wall")
def sum_recurrences(
    connection: Connection, scope: Scope, filters: IncidentFilter, as_of: datetime,
    *, table: QualityTable | None = None,
) -> pd.DataFrame:
    """Return how many closings were followed by another incident of the same village and category.

    Followed: another was reported within `RECURRENCE_DAYS` after the closing, through whichever channel. Only
    closings at least so old at `as_of`, and only what is known to lie in a village, count.

    Returns
    -------
    DataFrame
        ``category``, ``n_closed``, ``n_recurred`` (int64).
    """
    if table is None:
        reported, closed = _read_recurrences(connection, scope, filters, as_of)
    else:
        everywhere = IncidentFilter(filters.week_from, OPEN_WEEK, filters.streams, filters.categories)
        reports = _events_of(table.cut(connection, everywhere, texts=("village", "category")))
        reported = reports.take(reports.facts["weight"] == 1)
        closed = _events_of(table.cut(connection, filters, texts=("village", "category"),
                                      only_closed=as_of - timedelta(days=RECURRENCE_DAYS)))
    (report_village, village), _ = _number_alike(reported.village, closed.village)
    (report_category, category), n_categories = _number_alike(reported.category, closed.category)
    again = _is_followed(
        village * n_categories + category, closed.facts["closed"],
        report_village * n_categories + report_category, reported.facts["reported"])
    known = closed.village.labels[closed.village.codes] != ""
    weight = closed.facts["weight"]
    numbers = {"n_closed": weight * known, "n_recurred": weight * (known & again)}
    found = sum_cells({"category": closed.category}, {**numbers, "n_known": known})
    return found[found["n_known"] > 0].drop(columns="n_known").reset_index(drop=True)


def _read_recurrences(
    connection: Connection, scope: Scope, filters: IncidentFilter, as_of: datetime
) -> tuple["_Events", "_Events"]:
    """Return what was reported where closings of a cohort may have been followed, and those closings."""
    level = reporting_level(connection) or ""
    until = as_of - timedelta(days=RECURRENCE_DAYS)
    reports = select().select_from(Incident).where(
        _in_villages_of(filters.place_code, level),
        counted(scope, IncidentFilter(0, 0, filters.streams, filters.categories)),
        Incident.week_occurred >= filters.week_from, Incident.recorded_at <= as_of)
    read = partial(_read_events, connection, scope, filters, as_of, level)
    if filters.place_code is None and not filters.kinds:
        # The closings are among the reports: one reading of both.
        events, meant = read(reports, ("reported", "closed"))
        week, end = events.facts["week"], int(until.timestamp())
        reported = events.take(events.facts["weight"] == 1)
        closed = events.take(meant & (week < filters.week_to) & (events.facts["closed"] <= end))
    else:
        closings = over_cohort(scope, filters, as_of).where(Incident.closed_at <= until)
        reported, _ = read(reports.where(Incident.weight == 1), ("reported",))
        closed, _ = read(closings, ("closed",))
    return reported, closed


def _events_of(cohort: Cohort) -> "_Events":
    return _Events(cohort.facts, cohort.texts["village"], cohort.texts["category"])


class _Events(NamedTuple):
    facts: Mapping[str, Integers]
    village: Coded
    category: Coded

    def take(self, chosen: Flags) -> "_Events":
        return _Events({name: values[chosen] for name, values in self.facts.items()}, *(
            Coded(text.codes[chosen], text.labels) for text in (self.village, self.category)))


def _read_events(
    connection: Connection, scope: Scope, filters: IncidentFilter, as_of: datetime, level: str, rows: Query,
    facts: tuple[str, ...],
) -> tuple[_Events, Flags]:
    """Return the events, and which are of the channels and units of `filters`."""
    meant = _is_meant(filters)
    found = read_cohort(
        connection, scope, filters, as_of, (*facts, "week"), rows=rows,
        texts={"place": Incident.place_code, "category": Incident.category},
        numbers={} if meant is None else {"meant": meant})
    villages = find_ancestors(connection, level, found.texts["place"], found.facts["week"])
    flags = np.ones(len(found.weight), dtype=bool) if meant is None else found.facts["meant"] == 1
    return _Events(found.facts, villages, found.texts["category"]), flags


def _is_meant(filters: IncidentFilter) -> ColumnElement[int] | None:
    """Return 1 for an incident of the channels and units of `filters`; None where they leave nothing out."""
    wanted = [column.in_(codes) for column, codes in (
        (Incident.channel, filters.channels), (Incident.handling_unit, filters.units)) if codes]
    return case((and_(*wanted), literal_column("1")), else_=literal_column("0")) if wanted else None


def _number_alike(*columns: Coded) -> tuple[list[Integers], int]:
    """Return the codes of columns by one list of labels, and how many there are."""
    labels = sorted({str(label) for column in columns for label in column.labels})
    number_of = {label: number for number, label in enumerate(labels)}
    return [np.array([number_of[str(label)] for label in column.labels], dtype="int64")[column.codes]
            for column in columns], len(labels)


def _is_followed(key: Integers, at: Integers, report_key: Integers, reported_at: Integers) -> npt.NDArray[np.bool_]:
    """Return whether a report of the same key came after each instant, within `RECURRENCE_DAYS`."""
    reports = np.sort(report_key * _STRIDE + reported_at + _OFFSET)
    ends = key * _STRIDE + at + _OFFSET
    after = np.searchsorted(reports, ends, side="right")
    following = np.append(reports, np.iinfo("int64").max)[after]
    is_followed: npt.NDArray[np.bool_] = following - ends <= RECURRENCE_DAYS * DAY_SECONDS
    return is_followed


def _in_villages_of(place_code: str | None, level: str) -> ColumnElement[bool]:
    """Return the condition that an incident may lie in a village of a place, also where the place is a part of one."""
    if place_code is None:
        return true()
    part, around, inside = (aliased(PlaceAncestor) for _ in range(3))
    villages = select(around.ancestor_code).join(part, part.code == around.code).where(
        part.ancestor_code == place_code, around.ancestor_level == level)
    return Incident.place_code.in_(select(inside.code).where(inside.ancestor_code.in_(villages)))


@reads("view_overview", "view_wall")
def sum_revisits(
    connection: Connection, scope: Scope, filters: IncidentFilter, as_of: datetime, by: By | None = None
) -> pd.DataFrame:
    """Return what revisits 回访 to the incidents of a cohort found.

    A revisit that found it unsettled opens the incident again: it goes on counting as a revisit, or nothing unsettled
    would ever be seen.

    Returns
    -------
    DataFrame
        (`by`,) ``n_revisited`` (incidents closed now with at least one), ``n_revisits``, ``n_reached``,
        ``n_not_settled`` (of those reached), ``n_rated`` (reached, and said how satisfied), ``n_satisfied``
        (`SATISFIED` or better; all int64). An answer noted for somebody who was not reached is not counted.
    """
    rows = over_cohort(scope, filters, as_of).join(Revisit, Revisit.incident_id == from_cohort()).where(
        Revisit.recorded_at <= as_of)
    cohort = read_cohort(
        connection, scope, filters, as_of, ("closed",), by=by, rows=rows, texts={"result": Revisit.result},
        numbers={"id": Incident.id, "rating": func.coalesce(Revisit.satisfaction, literal_column("0"))})
    result = cohort.texts["result"].labels[cohort.texts["result"].codes]
    reached, rating = result != RevisitResult.NOT_REACHED.value, cohort.facts["rating"]
    is_first = np.zeros(len(rating), dtype=bool)
    is_first[np.unique(cohort.facts["id"], return_index=True)[1]] = True
    return sum_groups(cohort, by, {
        "n_revisited": is_first & cohort.is_closed, "n_revisits": cohort.weight != 0, "n_reached": reached,
        "n_not_settled": result == RevisitResult.NOT_SETTLED.value, "n_rated": reached & (rating > 0),
        "n_satisfied": reached & (rating >= SATISFIED)})
