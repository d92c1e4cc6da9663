"""Why incidents were closed within minutes, as those who closed them said."""

from datetime import datetime

import pandas as pd
from sqlalchemy import Connection, and_, func, select

from govdesk.queries.filters import IncidentFilter
from govdesk.queries.frames import COUNT, TEXT, read_frame
from govdesk.queries.permission import reads
from govdesk.queries.quality_cohort import from_cohort, over_cohort, seconds
from govdesk.rules.access import Scope
from govdesk.rules.case_flow import QUICK_MINUTES
from govdesk.tables import Incident, Step
from govdesk.terms import QuickReason, StepKind


@reads("view_overview")
def count_quick_reasons(
    connection: Connection, scope: Scope, filters: IncidentFilter, as_of: datetime
) -> pd.DataFrame:
    """Return the reasons given for the closings of a cohort within `QUICK_MINUTES` of the report, most often first.

    The product asks everybody who closes so soon; closings that came by a file carry no reason and are not in it.

    Returns
    -------
    DataFrame
        ``reason`` (terms.QuickReason), ``n`` (int64, corrections netted).
    """
    took = seconds(Incident.closed_at) - seconds(Incident.reported_at)
    n = func.sum(Incident.weight)
    closing = and_(Step.incident_id == from_cohort(), Step.occurred_at == Incident.closed_at,
                   Step.kind == StepKind.CLOSE.value, Step.is_withdrawn.is_(False),
                   Step.reason.in_([one.value for one in QuickReason]))
    # Of two closings at one instant the last holds: the first would count the incident twice.
    later = Step.__table__.alias("later")
    is_last = ~select(later.c.id).where(
        later.c.incident_id == Step.incident_id, later.c.occurred_at == Step.occurred_at, later.c.id > Step.id,
        later.c.kind == StepKind.CLOSE.value, later.c.is_withdrawn.is_(False)).exists()
    statement = over_cohort(scope, filters, as_of).add_columns(Step.reason, n).join(Step, closing).where(
        Incident.closed_at <= as_of, took >= 0, took <= QUICK_MINUTES * 60, is_last,
    ).group_by(Step.reason).order_by(n.desc(), Step.reason)
    return read_frame(connection, statement, {"reason": TEXT, "n": COUNT})
