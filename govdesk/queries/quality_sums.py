"""Closed, quick, at the month's end, replied but not resolved: sums over a cohort, in one reading of it."""

from datetime import datetime, timedelta
from typing import Any

import numpy.typing as npt
import pandas as pd
from sqlalchemy import Connection

from govdesk.queries.columns import Coded, sum_cells
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.frames import COUNT, FLAG
from govdesk.queries.permission import reads
from govdesk.queries.quality_cohort import (
    By,
    Cohort,
    is_at_month_end,
    key_types,
    read_cohort,
    sum_groups,
)
from govdesk.queries.quality_table import QualityTable
from govdesk.queries.quality_times import count_days
from govdesk.rules.access import Scope
from govdesk.rules.case_flow import QUICK_MINUTES

#: Days after a closing in which a re-opening is looked for.
RETURN_DAYS = (30, 90, 180)

SUMS = ("n", "n_closed", "n_answered", "n_unresolved", "n_quick", "n_month_end",
        *(f"n_closed_{days}" for days in RETURN_DAYS))

_FACTS = ("reported", "closed", "answered", "is_unresolved")


@reads("view_overview", "view_wall")
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
    cohort = read_cohort(connection, scope, filters, as_of, _FACTS, by=by)
    return sum_groups(cohort, by, _sums(cohort, filters, as_of))


@reads("view_overview", "view_wall")
def sum_quality_by_days(
    connection: Connection, scope: Scope, filters: IncidentFilter, as_of: datetime, by: By | None = None,
    *, table: QualityTable | None = None,
) -> pd.DataFrame:
    """Return the sums of a cohort by the days until closing, or up to `as_of` while open.

    One reading for the shares, the ages of the open and the survival curve of closing; none where a `table` holds it.

    Returns
    -------
    DataFrame
        (`by`,) ``is_closed``, ``days`` (whole days since the report), and `SUMS`.
    """
    cohort = (read_cohort(connection, scope, filters, as_of, _FACTS, by=by) if table is None
              else table.cut(connection, filters, by))
    return _sum_by_days(cohort, filters, as_of, by)


@reads("view_overview", "view_wall")
def read_course(
    connection: Connection, scope: Scope, filters: IncidentFilter, as_of: datetime,
    *, table: QualityTable | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return `sum_quality_by_days` and, of the same reading, `quality_times.count_times` until the first answer."""
    cohort = (read_cohort(connection, scope, filters, as_of, _FACTS) if table is None
              else table.cut(connection, filters))
    return _sum_by_days(cohort, filters, as_of, None), count_days(cohort, "answered", None)


def _sum_by_days(cohort: Cohort, filters: IncidentFilter, as_of: datetime, by: By | None) -> pd.DataFrame:
    keys: dict[str, Coded] = {} if by is None else {by: cohort.key}
    keys |= {"is_closed": Coded.of_numbers(cohort.is_closed.astype(COUNT)),
            "days": Coded.of_numbers(cohort.days_to(cohort.end))}
    sums = {name: cohort.weight * values for name, values in _sums(cohort, filters, as_of).items()}
    return sum_cells(keys, sums, {**key_types(by), "is_closed": FLAG, "days": COUNT})


def _sums(cohort: Cohort, filters: IncidentFilter, as_of: datetime) -> dict[str, npt.NDArray[Any]]:
    """Return which incidents each of `SUMS` is about."""
    closed, answered, took = cohort.is_closed, cohort.is_answered, cohort.seconds_to_closing
    old = {f"n_closed_{days}": cohort.facts["closed"] <= int((as_of - timedelta(days=days)).timestamp())
           for days in RETURN_DAYS}
    return {
        "n": cohort.weight != 0, "n_closed": closed, "n_answered": answered,
        "n_unresolved": answered & (~closed | (cohort.facts["is_unresolved"] == 1)),
        "n_quick": closed & (took >= 0) & (took <= QUICK_MINUTES * 60),
        "n_month_end": closed & is_at_month_end(cohort.facts["closed"], filters.week_from, as_of), **old,
    }
