"""Incidents of the highest severity that came in lately and nobody has accepted: what interrupts a wall."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, literal_column, or_, select
from sqlalchemy.orm import aliased

from govdesk.queries.permission import reads
from govdesk.queries.scoping import visible_incidents, within_area
from govdesk.rules.access import Scope
from govdesk.tables import Incident, Place, PlaceAncestor, Step
from govdesk.terms import Level, Status

HIGHEST = 1
#: Where an incident stands that nobody has accepted.
UNACCEPTED = (Status.REPORTED, Status.DISPATCHED)
#: Most new ones looked at in one look; a file that brings more is told by its newest.
MOST_NEW = 500


@dataclass(frozen=True, slots=True)
class Urgent:
    """What a wall may say of one: township (None above it), stream, when it was reported (UTC); nothing of anybody."""

    id: int
    township: str | None
    stream: str
    reported_at: datetime


@reads("view_wall")
def list_unaccepted(connection: Connection, scope: Scope) -> frozenset[int]:
    """Return the numbers of all counted incidents of severity 1 that nobody has accepted yet: reported or dispatched.

    Read from the index of the inboxes alone.
    """
    return frozenset(connection.scalars(select(Incident.id).where(_waits(replace(scope, area_code=None)),
                                                                  within_area(scope, Incident.place_code + ""))))


def _waits(scope: Scope) -> ColumnElement[bool]:
    # Written out, not bound: the engines take a partial index only for the very condition it was made with.
    return and_(Incident.status != literal_column("'closed'"), Incident.status.in_([one.value for one in UNACCEPTED]),
                Incident.severity == HIGHEST, Incident.is_counted + 0 == 1, Incident.weight == 1,
                visible_incidents(scope))


@reads("view_wall")
def list_urgent(
    connection: Connection, scope: Scope, ids: Collection[int], *, since: datetime, limit: int = 20,
) -> tuple[Urgent, ...]:
    """Return those of `ids` that are news, newest first: recorded, or raised to severity 1 by a step, since an instant.

    Parameters
    ----------
    ids : collection of int
        Some of `list_unaccepted`.
    since : datetime
        What was recorded and raised before it is history that was taken over.
    """
    chosen = sorted(ids)[-MOST_NEW:]
    around, name = aliased(PlaceAncestor), aliased(Place)
    township = (
        select(name.name).select_from(around).join(name, name.code == around.ancestor_code)
        .where(around.code == Incident.place_code, around.ancestor_level == Level.TOWNSHIP,
               around.week_from <= Incident.week_occurred, around.week_to > Incident.week_occurred,
               or_(name.valid_to.is_(None), name.valid_to > Incident.occurred_on))
        .order_by(name.valid_from.desc()).limit(1).correlate(Incident).scalar_subquery()
    )
    raised = select(Step.id).where(
        Step.incident_id == Incident.id, Step.severity == HIGHEST, Step.recorded_at >= since,
        Step.is_withdrawn.is_(False)).correlate(Incident).exists()
    rows = connection.execute(
        select(Incident.id, township.label("township"), Incident.stream, Incident.reported_at).where(
            Incident.id.in_(chosen), or_(Incident.recorded_at >= since, raised), _waits(scope),
        ).order_by(Incident.id.desc()).limit(limit)
    )
    return tuple(Urgent(row.id, row.township, row.stream, row.reported_at) for row in rows)
