"""What the sources record about closing and settling: what nobody records is "not recorded", never 0."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from govdesk.queries.permission import reads
from govdesk.queries.quality_returns import WAS_REOPENED
from govdesk.queries.scoping import visible_incidents, within_area
from govdesk.rules.access import Scope
from govdesk.tables import Incident, Mediation, NilReturn, Revisit
from govdesk.terms import RevisitResult


@dataclass(frozen=True, slots=True)
class QualityRecorded:
    """Whether at least one counted incident that `scope` may see has it."""

    closings: bool
    answers: bool
    outcomes: bool
    reopenings: bool
    units: bool
    channels: bool
    petition_kinds: bool
    lodged_levels: bool
    due_dates: bool
    revisits: bool
    ratings: bool
    mediations: bool
    nil_returns: bool


@reads("view_overview")
def read_quality_recorded(connection: Connection, scope: Scope) -> QualityRecorded:
    """Return what the sources of this database record, as far as `scope` may see it."""
    seen = select(Incident.id).where(Incident.is_counted == 1, visible_incidents(scope))

    def exists(statement: Any) -> bool:
        return connection.scalar(statement.limit(1)) is not None

    reached = Revisit.result != RevisitResult.NOT_REACHED.value
    return QualityRecorded(
        closings=exists(seen.where(Incident.week_closed.is_not(None))),
        answers=exists(seen.where(Incident.first_answered_at.is_not(None))),
        outcomes=exists(seen.where(Incident.outcome.is_not(None))),
        reopenings=exists(seen.where(WAS_REOPENED)),
        units=exists(seen.where(Incident.handling_unit.is_not(None))),
        channels=exists(seen.where(Incident.channel.is_not(None))),
        petition_kinds=exists(seen.where(Incident.petition_kind.is_not(None))),
        lodged_levels=exists(seen.where(Incident.lodged_level.is_not(None))),
        due_dates=exists(seen.where(Incident.due_at.is_not(None))),
        revisits=exists(seen.join(Revisit, Revisit.incident_id == Incident.id)),
        ratings=exists(seen.join(Revisit, Revisit.incident_id == Incident.id).where(
            reached, Revisit.satisfaction.is_not(None))),
        mediations=exists(seen.join(Mediation, Mediation.incident_id == Incident.id)),
        nil_returns=exists(select(NilReturn.id).where(within_area(scope, NilReturn.place_code))),
    )
