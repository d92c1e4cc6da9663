"""Closings by office, stream and month: what `models.closing_habits` looks at."""

from datetime import datetime

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from govdesk.queries.columns import Coded, sum_cells
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.permission import reads
from govdesk.queries.quality_cohort import find_months, is_at_month_end, over_cohort, read_cohort
from govdesk.queries.quality_table import QualityTable
from govdesk.rules.access import Scope
from govdesk.tables import Incident

#: Minutes after the report; those of `models.closing_habits`.
MINUTES = (10, 30, 60)


@reads("view_overview")
def count_closings_by_month(
    connection: Connection, scope: Scope, filters: IncidentFilter, as_of: datetime,
    *, table: QualityTable | None = None,
) -> pd.DataFrame:
    """Return the closings of a cohort by office, stream and month of closing.

    Returns
    -------
    DataFrame
        ``unit``, ``stream``, ``month`` (``2026-11``), ``n_closed``, ``n_within_10`` … ``n_within_60`` (minutes after
        the report), ``n_month_end`` (on its last three days); incidents without a handling unit are left out.
    """
    if table is None:
        rows = over_cohort(scope, filters, as_of).where(
            Incident.closed_at <= as_of, Incident.handling_unit.is_not(None))
        cohort = read_cohort(connection, scope, filters, as_of, ("reported", "closed"), rows=rows,
                             texts={"unit": Incident.handling_unit, "stream": Incident.stream})
    else:
        cohort = table.cut(connection, filters, texts=("unit", "stream"), only_closed=as_of)
        unit = cohort.texts["unit"]
        cohort = cohort.take(np.flatnonzero((unit.labels != "")[unit.codes]))
    took, closed = cohort.seconds_to_closing, cohort.facts["closed"]
    months = find_months(closed, filters.week_from, as_of)
    named = [f"{number // 100}-{number % 100:02d}" for number in months.labels.tolist()]
    met = {"n_closed": cohort.weight != 0} | {
        f"n_within_{minutes}": (took >= 0) & (took <= minutes * 60) for minutes in MINUTES
    } | {"n_month_end": is_at_month_end(closed, filters.week_from, as_of)}
    keys = {**cohort.texts, "month": Coded(months.codes, pd.Series(named, dtype="object").to_numpy())}
    return sum_cells(keys, {name: cohort.weight * values for name, values in met.items()})
