"""Closed, quick, at the month's end, replied but not resolved: sums over a cohort, in one reading of it."""

from datetime import datetime, timedelta

import pandas as pd
from sqlalchemy import Connection, case, literal_column

from govdesk.queries.filters import IncidentFilter
from govdesk.queries.frames import COUNT, FLAG, read_frame
from govdesk.queries.quality_cohort import (
    By,
    end_of,
    is_answered,
    is_closed,
    is_month_end,
    is_quick,
    is_unresolved,
    key_types,
    over_cohort,
    seconds,
    total,
    whole_days,
)
from govdesk.rules.access import Scope
from govdesk.tables import Incident

#: Days after a closing in which a re-opening is looked for.
RETURN_DAYS = (30, 90, 180)

SUMS = ("n", "n_closed", "n_answered", "n_unresolved", "n_quick", "n_month_end",
        *(f"n_closed_{days}" for days in RETURN_DAYS))


def sum_quality(
    connection: Connection, scope: Scope, filters: IncidentFilter, as_of: datetime, by: By | None = None
) -> pd.DataFrame:
    """Return the sums of a cohort, one row a value of `by`; without `by` one row.

    Returns
    -------
    DataFrame
        (`by`,) ``n`` (all), ``n_closed``, ``n_answered`` (a first answer), ``n_unresolved`` (of those answered: open,
        referred or closed as not settled), ``n_quick`` and ``n_month_end`` (of those closed), ``n_closed_30`` …
        (closed so many days ago or longer), all int64.
    """
    return read_frame(
        connection, over_cohort(_sums(filters, as_of), scope, filters, as_of, by),
        {**key_types(by), **dict.fromkeys(SUMS, COUNT)})


def sum_quality_by_days(
    connection: Connection, scope: Scope, filters: IncidentFilter, as_of: datetime
) -> pd.DataFrame:
    """Return the sums of a cohort by the days until closing, or up to `as_of` while open.

    One reading for the shares, the ages of the open and the survival curve of closing.

    Returns
    -------
    DataFrame
        ``is_closed``, ``days`` (whole days since the report), and `SUMS`.
    """
    days = whole_days(seconds(Incident.reported_at), end_of(as_of)).label("days")
    closed = case((is_closed(as_of), 1), else_=0).label("closed")
    statement = over_cohort([closed, days, *_sums(filters, as_of)], scope, filters, as_of)
    found = read_frame(
        connection, statement.group_by(literal_column("closed"), literal_column("days")),
        {"is_closed": FLAG, "days": COUNT, **dict.fromkeys(SUMS, COUNT)})
    return found.sort_values(["is_closed", "days"], ignore_index=True)


def _sums(filters: IncidentFilter, as_of: datetime) -> list[object]:
    return [
        total(), total(is_closed(as_of)), total(is_answered(as_of)), total(is_unresolved(as_of)),
        total(is_quick(as_of)), total(is_month_end(as_of, filters.week_from)),
        *(total(is_closed(as_of - timedelta(days=days))) for days in RETURN_DAYS),
    ]
