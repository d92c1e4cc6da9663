"""What is open in one place, as three numbers; the map's own count goes place by place."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, case, func, select, union_all

from govdesk.queries.counts import open_rows
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.instants import as_instant
from govdesk.queries.permission import reads
from govdesk.rules.access import Scope
from govdesk.tables import Incident


@dataclass(frozen=True, slots=True)
class Stock:
    """What was open at an instant, what of it was overdue, and what of it has a due date at all."""

    n_open: int
    n_overdue: int
    n_with_due: int


@reads("view_overview")
def count_open(connection: Connection, scope: Scope, filters: IncidentFilter, as_of: date | datetime) -> Stock:
    """Count what was open at `as_of` in the place of `filters`, whatever week it occurred in."""
    instant = as_instant(as_of)
    parts = open_rows(
        scope, filters, instant, func.sum(Incident.weight).label("n_open"),
        func.sum(case((Incident.due_at < instant, Incident.weight), else_=0)).label("n_overdue"),
        func.sum(case((Incident.due_at.is_not(None), Incident.weight), else_=0)).label("n_with_due"),
    )
    both = union_all(*parts).subquery()
    row = connection.execute(select(*(func.coalesce(func.sum(column), 0) for column in both.c))).one()
    return Stock(int(row[0]), int(row[1]), int(row[2]))
