"""What came back after a closing: re-opened, happened again in the same village, found unsettled on a revisit."""

from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Connection, and_, case, func, literal_column, select, true, union_all
from sqlalchemy.orm import aliased

from govdesk.queries.coverage import reporting_level
from govdesk.queries.filters import IncidentFilter, at_level, at_place, counted
from govdesk.queries.frames import COUNT, read_frame
from govdesk.queries.quality_cohort import (
    DAY_SECONDS,
    By,
    in_cohort,
    is_closed,
    key_types,
    over_cohort,
    seconds,
    total,
)
from govdesk.queries.quality_sums import RETURN_DAYS
from govdesk.rules.access import Scope
from govdesk.tables import Incident, PlaceAncestor, Revisit, Step
from govdesk.terms import RevisitResult, StepKind

#: Days after a closing in which the same thing in the same village counts as happening again.
RECURRENCE_DAYS = 90
#: Of 1 … 5: satisfied, very satisfied.
SATISFIED = 4

REOPENINGS = tuple(name for days in RETURN_DAYS for name in (f"n_undone_{days}", f"n_reopened_{days}"))


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
    rank = case((Step.kind == StepKind.CLOSE.value, 0), else_=1)
    order: Any = {"partition_by": Step.incident_id, "order_by": (Step.occurred_at, rank, Step.id)}
    steps = over_cohort_steps(scope, filters, as_of).add_columns(
        Step.incident_id.label("incident_id"), Step.kind.label("kind"), seconds(Step.occurred_at).label("at"),
        func.lag(Step.kind).over(**order).label("kind_before"),
        func.lag(seconds(Step.occurred_at)).over(**order).label("closed_at")).subquery()
    sums: list[Any] = []
    for days in RETURN_DAYS:
        is_old = steps.c.closed_at <= int((as_of - timedelta(days=days)).timestamp())
        within = and_(is_old, steps.c.at - steps.c.closed_at <= days * DAY_SECONDS)
        sums += [_sum_of(is_old), _sum_of(within)]
    statement = over_cohort(sums, scope, filters, as_of, by).join(steps, steps.c.incident_id == Incident.id).where(
        steps.c.kind == StepKind.REOPEN.value, steps.c.kind_before == StepKind.CLOSE.value)
    return read_frame(connection, statement, {**key_types(by), **dict.fromkeys(REOPENINGS, COUNT)})


def over_cohort_steps(scope: Scope, filters: IncidentFilter, as_of: datetime) -> Any:
    """Return a SELECT without columns over closings and re-openings of what was ever re-opened in the cohort."""
    return at_place(select().select_from(Incident), filters).join(Step, Step.incident_id == Incident.id).where(
        in_cohort(scope, filters, as_of), Incident.n_reopened > 0, Step.is_withdrawn.is_(False),
        Step.kind.in_((StepKind.CLOSE.value, StepKind.REOPEN.value)),
        Step.occurred_at <= as_of, Step.recorded_at <= as_of)


def _sum_of(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, Incident.weight), else_=0)), 0)


def sum_recurrences(
    connection: Connection, scope: Scope, filters: IncidentFilter, as_of: datetime
) -> pd.DataFrame:
    """Return how many closings were followed by another incident of the same village and category.

    Followed: another was reported within `RECURRENCE_DAYS` after the closing, through whichever channel. Only
    closings at least so old at `as_of`, and only what is known to lie in a village, count.

    Returns
    -------
    DataFrame
        ``category``, ``n_closed``, ``n_recurred`` (int64).
    """
    level = reporting_level(connection) or ""
    up = aliased(PlaceAncestor, name="up")
    until = as_of - timedelta(days=RECURRENCE_DAYS)
    reports = _events(seconds(Incident.reported_at), 1, level, up).where(
        _in_villages_of(filters.place_code, level), Incident.weight == 1,
        counted(scope, IncidentFilter(0, 0, filters.streams, filters.categories)),
        Incident.week_occurred >= filters.week_from, Incident.recorded_at <= as_of)
    closings = at_place(_events(seconds(Incident.closed_at), 0, level, up), filters).where(
        in_cohort(scope, filters, as_of), is_closed(until))
    both = union_all(reports, closings).subquery()
    reported = case((both.c.is_report == 1, both.c.at))
    # Later ones first; at the same second a report comes before the closing, and so does not follow it.
    following = func.min(reported).over(
        partition_by=(both.c.village, both.c.category), order_by=(both.c.at.desc(), both.c.is_report.asc()),
        rows=(None, 0)).label("following")
    seen = select(both.c.category, both.c.weight, both.c.is_report, both.c.at, following).subquery()
    again = case((seen.c.following - seen.c.at <= RECURRENCE_DAYS * DAY_SECONDS, seen.c.weight), else_=0)
    statement = select(seen.c.category, func.sum(seen.c.weight), func.sum(again)).where(
        seen.c.is_report == 0).group_by(seen.c.category).order_by(seen.c.category)
    return read_frame(connection, statement, {"category": "str", "n_closed": COUNT, "n_recurred": COUNT})


def _events(at: ColumnElement[int], is_report: int, level: str, up: Any) -> Any:
    columns = [up.ancestor_code.label("village"), Incident.category, at.label("at"), Incident.weight,
               literal_column(str(is_report)).label("is_report")]
    return at_level(select(*columns).select_from(Incident), level, up)


def _in_villages_of(place_code: str | None, level: str) -> ColumnElement[bool]:
    """Return the condition that an incident may lie in a village of a place, also where the place is a part of one."""
    if place_code is None:
        return true()
    part, around, inside = (aliased(PlaceAncestor) for _ in range(3))
    villages = select(around.ancestor_code).join(part, part.code == around.code).where(
        part.ancestor_code == place_code, around.ancestor_level == level)
    return Incident.place_code.in_(select(inside.code).where(inside.ancestor_code.in_(villages)))


def sum_revisits(
    connection: Connection, scope: Scope, filters: IncidentFilter, as_of: datetime, by: By | None = None
) -> pd.DataFrame:
    """Return what revisits 回访 to the closed incidents of a cohort found.

    Returns
    -------
    DataFrame
        (`by`,) ``n_revisited`` (closed incidents with at least one), ``n_revisits``, ``n_reached``, ``n_not_settled``
        (of those reached), ``n_rated`` (reached, and said how satisfied), ``n_satisfied`` (`SATISFIED` or better; all
        int64). An answer noted for somebody who was not reached is not counted.
    """
    reached = Revisit.result != RevisitResult.NOT_REACHED.value
    rated = and_(reached, Revisit.satisfaction.is_not(None))
    found = select(
        Revisit.incident_id.label("incident_id"), func.count().label("n_revisits"), *(
            func.sum(case((condition, 1), else_=0)).label(name) for name, condition in {
                "n_reached": reached, "n_not_settled": Revisit.result == RevisitResult.NOT_SETTLED.value,
                "n_rated": rated, "n_satisfied": and_(rated, Revisit.satisfaction >= SATISFIED)}.items()),
    ).where(Revisit.recorded_at <= as_of).group_by(Revisit.incident_id).subquery()
    names = [column.key for column in found.c if column.key != "incident_id"]
    sums: list[Any] = [total(), *(func.coalesce(func.sum(found.c[name] * Incident.weight), 0) for name in names)]
    statement = over_cohort(sums, scope, filters, as_of, by).join(found, found.c.incident_id == Incident.id).where(
        is_closed(as_of))
    return read_frame(connection, statement, {**key_types(by), **dict.fromkeys(["n_revisited", *names], COUNT)})
