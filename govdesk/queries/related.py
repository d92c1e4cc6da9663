"""What belongs to one incident: its repeats. What was merged into it is in `duplicate_verdicts`."""

import pandas as pd
from sqlalchemy import Connection, literal, select

from govdesk.queries.frames import COUNT, DAY, TEXT, read_frame
from govdesk.queries.incidents import MAX_ID
from govdesk.queries.permission import reads
from govdesk.queries.scoping import visible_incidents
from govdesk.rules.access import Scope
from govdesk.tables import Incident


@reads("view_incidents")
def list_related(connection: Connection, scope: Scope, incident_id: int, limit: int = 50) -> pd.DataFrame:
    """Return the incidents that repeat one, newest first.

    Returns
    -------
    DataFrame
        ``id``, ``source_ref``, ``stream``, ``category``, ``occurred_on``, ``status``; only what the caller may see.
    """
    known = 0 < incident_id <= MAX_ID
    mine = incident_id if known else -1
    statement = select(
        Incident.id, Incident.source_ref, Incident.stream, Incident.category, Incident.occurred_on, Incident.status,
    ).where(
        Incident.repeat_of == literal(mine), visible_incidents(scope),
    ).order_by(Incident.occurred_on.desc(), Incident.id.desc()).limit(limit)
    return read_frame(connection, statement, {
        "id": COUNT, "source_ref": TEXT, "stream": TEXT, "category": TEXT, "occurred_on": DAY, "status": TEXT,
    })
