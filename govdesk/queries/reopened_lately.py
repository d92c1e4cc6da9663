"""What was re-opened 退回重办 and what was closed in a few days: counts of steps and of closings, for the wall."""

from datetime import datetime

import numpy as np
from sqlalchemy import Connection, func, literal_column, select

from govdesk.clock import local_day, week_of
from govdesk.queries.filters import counted
from govdesk.queries.known import EVER
from govdesk.queries.permission import reads
from govdesk.queries.quality_cohort import seconds
from govdesk.queries.quality_returns import WAS_REOPENED
from govdesk.rules.access import Scope
from govdesk.tables import Incident, Step
from govdesk.terms import StepKind


@reads("view_wall")
def count_reopened(connection: Connection, scope: Scope, instants: tuple[datetime, ...]) -> tuple[int, ...] | None:
    """Return how often something was re-opened between each two of `instants`; None where no source records it.

    Parameters
    ----------
    instants : tuple of datetime
        Ascending; n of them bound n − 1 stretches, the first instant excluded, the last included. What became known
        after the last is not counted.
    """
    seen = counted(scope, EVER)
    if connection.scalar(select(Incident.id).where(seen, WAS_REOPENED).limit(1)) is None:
        return None
    # An expression joins the steps, so that SQLite starts from the short index of what was ever re-opened.
    rows = connection.execute(
        select(seconds(Step.occurred_at), Incident.weight)
        .join(Step, Step.incident_id == Incident.id + literal_column("0"))
        .where(seen, WAS_REOPENED, Step.kind == StepKind.REOPEN.value, Step.is_withdrawn.is_(False),
               Step.occurred_at > instants[0], Step.occurred_at <= instants[-1], Step.recorded_at <= instants[-1]))
    edges = [int(instant.timestamp()) for instant in instants]
    found = np.zeros(len(edges) - 1, dtype="int64")
    for at, weight in rows:
        found[int(np.searchsorted(edges, at, side="left")) - 1] += weight
    return tuple(found.tolist())


@reads("view_wall")
def count_closed(connection: Connection, scope: Scope, after: datetime, until: datetime) -> int:
    """Return how many incidents were closed after an instant and up to another, and have not been re-opened since."""
    n = connection.scalar(select(func.coalesce(func.sum(Incident.weight), 0)).where(
        counted(scope, EVER), Incident.week_closed >= week_of(local_day(after)),
        Incident.week_closed <= week_of(local_day(until)), Incident.closed_at > after, Incident.closed_at <= until))
    return int(n or 0)
