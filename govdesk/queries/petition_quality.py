"""Petitions 信访 by kind and by the level at which they were lodged, and whether they were answered in time."""

from dataclasses import replace
from datetime import datetime

import pandas as pd
from sqlalchemy import Connection, literal_column

from govdesk.queries.columns import Coded, sum_cells
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.permission import reads
from govdesk.queries.quality_cohort import NEVER, By, key_types, or_nothing, over_cohort, read_cohort
from govdesk.rules.access import Scope
from govdesk.tables import Incident
from govdesk.terms import Stream

PETITIONS = ("n", "n_due", "n_in_time", "n_closed")


@reads("view_overview")
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
    rows = over_cohort(scope, only, as_of)
    cohort = read_cohort(
        connection, scope, only, as_of, ("answered", "due", "closed"), by=by,
        rows=rows if wanted else rows.where(literal_column("1") == 0),
        texts={"kind": or_nothing(Incident.petition_kind), "level": or_nothing(Incident.lodged_level)})
    due = (cohort.facts["due"] < NEVER) & (cohort.is_answered | (cohort.facts["due"] < cohort.as_of))
    in_time = due & cohort.is_answered & (cohort.facts["answered"] <= cohort.facts["due"])
    met = dict(zip(PETITIONS, (cohort.weight != 0, due, in_time, cohort.is_closed), strict=True))
    keys: dict[str, Coded] = {} if by is None else {by: cohort.key}
    keys |= cohort.texts
    return sum_cells(keys, {name: cohort.weight * values for name, values in met.items()}, key_types(by))
