"""How disputes were mediated 调解: settled, kept by the due date, confirmed by a court, revisited, come back."""

from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Integer, and_, case, func, literal_column, or_, select, type_coerce
from sqlalchemy.orm import aliased

from govdesk.clock import local_day
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.frames import COUNT, TEXT, read_frame
from govdesk.queries.permission import reads
from govdesk.queries.quality_cohort import from_cohort, over_cohort
from govdesk.rules.access import Scope
from govdesk.tables import Incident, Mediation, Revisit

#: A mediation that ended so long ago has had time to come undone.
RETURN_DAYS = 90

MEDIATED = ("n", "n_ended", "n_settled", "n_due", "n_performed", "n_agreed", "n_confirmed", "n_revisited",
            "n_returnable", "n_returned")


@reads("view_overview")
def sum_mediations(
    connection: Connection, scope: Scope, filters: IncidentFilter, as_of: datetime
) -> pd.DataFrame:
    """Return the mediations of a cohort by channel and method.

    Returns
    -------
    DataFrame
        ``channel``, ``method``, ``n`` and, int64: ``n_ended`` (a result is known), ``n_settled`` of them; ``n_due``
        (the agreement's due date is over at `as_of`), ``n_performed`` of them by that date; ``n_agreed``,
        ``n_confirmed`` of them by a court; ``n_revisited`` of those ended; ``n_returnable`` (settled and ended at
        least `RETURN_DAYS` ago), ``n_returned`` of them (re-opened at any time, or repeated by a new incident).
    """
    day = local_day(as_of)
    again = aliased(Incident, name="again")
    # One list for all: looked for each by itself, an engine may read everything each time. In these words SQLite goes
    # by the index of the few that repeat another, not through everything that is counted.
    is_counted = type_coerce(again.is_counted, Integer) + literal_column("0") == 1
    repeated = Incident.id.in_(select(again.repeat_of).where(again.repeat_of > 0, is_counted))
    revisited = select(Revisit.id).where(Revisit.incident_id == Incident.id).exists()
    settled, agreed = Mediation.is_settled.is_(True), Mediation.agreed_on <= day
    due = Mediation.performance_due_on <= day
    returnable = and_(settled, Mediation.ended_on <= day - timedelta(days=RETURN_DAYS))
    ended = Mediation.is_settled.is_not(None)
    conditions: list[Any] = [
        ended, settled, due, and_(due, Mediation.performed_on <= Mediation.performance_due_on), agreed,
        and_(agreed, Mediation.confirmed_on <= day), and_(ended, revisited), returnable,
        and_(returnable, or_(Incident.n_reopened > 0, repeated)),
    ]
    sums = [func.coalesce(func.sum(Incident.weight), 0),
            *(func.coalesce(func.sum(case((met, Incident.weight), else_=0)), 0) for met in conditions)]
    statement = over_cohort(scope, filters, as_of).add_columns(Mediation.channel, Mediation.method, *sums).join(
        Mediation, Mediation.incident_id == from_cohort(),
    ).where(Mediation.recorded_at <= as_of).group_by(Mediation.channel, Mediation.method).order_by(
        Mediation.channel, Mediation.method)
    return read_frame(connection, statement, {"channel": TEXT, "method": TEXT, **dict.fromkeys(MEDIATED, COUNT)})
