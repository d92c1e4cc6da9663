"""How often the proposal of the duty list was followed 采纳: of the list it says more than of the people."""

from datetime import datetime

import pandas as pd
from sqlalchemy import ColumnElement, Connection, case, func, select

from govdesk.queries.frames import COUNT, TEXT, read_frame
from govdesk.queries.permission import reads
from govdesk.queries.scoping import visible_incidents
from govdesk.rules.access import Scope
from govdesk.tables import Incident, Triage


@reads("view_incidents")
def count_followed(connection: Connection, scope: Scope, since: datetime, until: datetime) -> pd.DataFrame:
    """Count the dispatches of a window, by category, by what became of the proposal.

    Parameters
    ----------
    since, until : datetime
        Instants of the dispatch (UTC), `until` exclusive.

    Returns
    -------
    DataFrame
        ``stream``, ``category``, ``n_suggested`` (dispatches for which the list named a unit), ``n_followed`` (of
        these, sent to that unit), ``n_without`` (dispatches without a proposal), the busiest category first. An
        incident that is sent on twice is two dispatches; merged and withdrawn incidents count nothing.
    """
    has = Triage.suggested_unit.is_not(None)

    def add(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((condition, Incident.weight), else_=0)), 0)

    statement = (
        select(Incident.stream, Incident.category, add(has), add(has & Triage.is_followed.is_(True)), add(~has))
        .select_from(Triage).join(Incident, Incident.id == Triage.incident_id)
        .where(Triage.at >= since, Triage.at < until, Incident.is_counted == 1, visible_incidents(scope))
        .group_by(Incident.stream, Incident.category))
    found = read_frame(connection, statement, {
        "stream": TEXT, "category": TEXT, "n_suggested": COUNT, "n_followed": COUNT, "n_without": COUNT})
    return found.sort_values(["n_suggested", "n_without", "category"], ascending=[False, False, True],
                             ignore_index=True)
