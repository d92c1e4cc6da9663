"""Incidents of the highest severity that came in lately: what interrupts a wall."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, or_, select
from sqlalchemy.orm import aliased

from govdesk.queries.scoping import visible_incidents
from govdesk.rules.access import Scope
from govdesk.tables import Incident, Place, PlaceAncestor
from govdesk.terms import Level

HIGHEST = 1


@dataclass(frozen=True, slots=True)
class Urgent:
    """What a wall may say of one: township (None above it), stream, when it was reported (UTC); nothing of anybody."""

    id: int
    township: str | None
    stream: str
    reported_at: datetime


def newest_id(connection: Connection) -> int:
    """Return the largest number of an incident; 0 without one. What is recorded later has a larger one."""
    return int(connection.scalar(select(func.max(Incident.id))) or 0)


def list_urgent(
    connection: Connection, scope: Scope, *, after_id: int, since: datetime, limit: int = 20,
) -> tuple[Urgent, ...]:
    """Return counted incidents of severity 1 with a larger number than `after_id`, newest first.

    Parameters
    ----------
    since : datetime
        Those recorded before it are history that was taken over, no news.
    """
    around, name = aliased(PlaceAncestor), aliased(Place)
    township = (
        select(name.name).select_from(around).join(name, name.code == around.ancestor_code)
        .where(around.code == Incident.place_code, around.ancestor_level == Level.TOWNSHIP,
               around.week_from <= Incident.week_occurred, around.week_to > Incident.week_occurred,
               or_(name.valid_to.is_(None), name.valid_to > Incident.occurred_on))
        .order_by(name.valid_from.desc()).limit(1).correlate(Incident).scalar_subquery()
    )
    rows = connection.execute(
        select(Incident.id, township.label("township"), Incident.stream, Incident.reported_at).where(and_(
            Incident.id > after_id, Incident.recorded_at >= since, Incident.severity == HIGHEST,
            Incident.is_counted == 1, Incident.weight == 1, visible_incidents(scope),
        )).order_by(Incident.id.desc()).limit(limit)
    )
    return tuple(Urgent(row.id, row.township, row.stream, row.reported_at) for row in rows)
