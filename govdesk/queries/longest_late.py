"""What is overdue longest at an instant, for walls: a few rows of the index of the inboxes."""

from dataclasses import replace
from datetime import datetime

import pandas as pd
from sqlalchemy import BigInteger, Connection, literal_column, select, type_coerce

from govdesk.queries.incidents import describe_incidents
from govdesk.queries.permission import reads
from govdesk.queries.scoping import visible_incidents, within_area
from govdesk.rules.access import Scope
from govdesk.tables import Incident
from govdesk.terms import Status


@reads("view_wall")
def list_longest_late(connection: Connection, scope: Scope, now: datetime, limit: int = 8) -> pd.DataFrame:
    """Return what ran out of time first and is still open; what is paused has no running clock and is left out.

    Returns
    -------
    DataFrame
        The columns of `queries.incidents.list_incidents`, the earliest deadline first; corrections are left out.
    """
    due = type_coerce(Incident.due_at, BigInteger)
    # Area and counting are said so that no other index is taken for them (`queries.inboxes`).
    ids = tuple(connection.scalars(
        select(Incident.id).where(
            Incident.status != literal_column("'closed'"),
            Incident.status != Status.PAUSED.value, Incident.weight == 1, Incident.is_counted + 0 == 1,
            due < int(now.timestamp()), visible_incidents(replace(scope, area_code=None)),
            within_area(scope, Incident.place_code + ""))
        .order_by(due, Incident.id).limit(limit)))
    rows = describe_incidents(connection, scope, ids, now)
    return rows.set_index("id").loc[list(ids)].reset_index() if ids else rows
