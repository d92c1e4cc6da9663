"""Closings by office, stream and month: what `models.closing_habits` looks at."""

from datetime import datetime

import pandas as pd
from sqlalchemy import Connection, literal_column

from govdesk.queries.filters import IncidentFilter
from govdesk.queries.frames import COUNT, TEXT, read_frame
from govdesk.queries.quality_cohort import is_closed, over_cohort, part_of_month, seconds, total
from govdesk.rules.access import Scope
from govdesk.tables import Incident

#: Minutes after the report; those of `models.closing_habits`.
MINUTES = (10, 30, 60)


def count_closings_by_month(
    connection: Connection, scope: Scope, filters: IncidentFilter, as_of: datetime
) -> pd.DataFrame:
    """Return the closings of a cohort by office, stream and month of closing.

    Returns
    -------
    DataFrame
        ``unit``, ``stream``, ``month`` (``2026-11``), ``n_closed``, ``n_within_10`` … ``n_within_60`` (minutes after
        the report), ``n_month_end`` (on its last three days); incidents without a handling unit are left out.
    """
    took = seconds(Incident.closed_at) - seconds(Incident.reported_at)
    part = part_of_month(Incident.closed_at, filters.week_from, as_of)
    sums = [total(), *(total((took >= 0) & (took <= minutes * 60)) for minutes in MINUTES)]
    statement = over_cohort(
        [Incident.handling_unit, Incident.stream, part.label("part"), *sums], scope, filters, as_of,
    ).where(is_closed(as_of), Incident.handling_unit.is_not(None)).group_by(
        Incident.handling_unit, Incident.stream, literal_column("part"))
    quick = [f"n_within_{minutes}" for minutes in MINUTES]
    found = read_frame(connection, statement, {
        "unit": TEXT, "stream": TEXT, "part": COUNT, "n_closed": COUNT, **dict.fromkeys(quick, COUNT)})
    month = found["part"] // 10
    found["month"] = [f"{number // 100}-{number % 100:02d}" for number in month]
    found["n_month_end"] = found["n_closed"].where(found["part"] % 10 == 1, 0)
    counts = ["n_closed", *quick, "n_month_end"]
    return found.groupby(["unit", "stream", "month"], as_index=False, sort=True)[counts].sum()
