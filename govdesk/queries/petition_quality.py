"""Petitions 信访 by kind and by the level at which they were lodged, and whether they were answered in time."""

from dataclasses import replace
from datetime import datetime

import pandas as pd
from sqlalchemy import ColumnElement, Connection, and_, func, literal_column, or_

from govdesk.queries.filters import IncidentFilter
from govdesk.queries.frames import COUNT, TEXT, read_frame
from govdesk.queries.quality_cohort import By, is_answered, is_closed, key_types, over_cohort, total
from govdesk.rules.access import Scope
from govdesk.tables import Incident
from govdesk.terms import Stream

PETITIONS = ("n", "n_due", "n_in_time", "n_closed")


def sum_petitions(
    connection: Connection, scope: Scope, filters: IncidentFilter, as_of: datetime, by: By | None = None
) -> pd.DataFrame:
    """Return the petitions of a cohort by kind and level.

    Answered in time: the first answer came by the due date. What is neither answered nor due yet counts in neither.

    Returns
    -------
    DataFrame
        (`by`,) ``kind``, ``level`` (empty: not recorded), ``n``, ``n_due`` (with a due date, and answered or overdue),
        ``n_in_time`` of them, ``n_closed``, int64. Empty where `filters` leave petitions out.
    """
    wanted = not filters.streams or Stream.PETITION.value in filters.streams
    only = replace(filters, streams=(Stream.PETITION.value,))
    due = and_(Incident.due_at.is_not(None), or_(is_answered(as_of), Incident.due_at < as_of))
    in_time = and_(is_answered(as_of), Incident.first_answered_at <= Incident.due_at)
    nothing: ColumnElement[str] = literal_column("''")
    kind = func.coalesce(Incident.petition_kind, nothing).label("kind")
    level = func.coalesce(Incident.lodged_level, nothing).label("lodged")
    statement = over_cohort(
        [kind, level, total(), total(due), total(in_time), total(is_closed(as_of))], scope, only, as_of, by,
    ).group_by(kind, level).order_by(kind, level)
    types = {**key_types(by), "kind": TEXT, "level": TEXT, **dict.fromkeys(PETITIONS, COUNT)}
    return read_frame(connection, statement if wanted else statement.where(literal_column("1") == 0), types)
