"""What a database's sources record at all: a thing nobody records is not known, which is not the same as none."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Connection, select

from govdesk.queries.counts import IS_REPEAT
from govdesk.queries.permission import reads
from govdesk.queries.scoping import visible_incidents
from govdesk.rules.access import Scope
from govdesk.tables import Incident, Place


@dataclass(frozen=True, slots=True)
class Recorded:
    """Whether at least one counted incident that `scope` may see was ever closed, or said to repeat another."""

    closings: bool
    repeats: bool


@reads("view_overview", "view_wall")
def read_recorded(connection: Connection, scope: Scope) -> Recorded:
    """Return what the sources of this database record."""

    def exists(condition: ColumnElement[bool]) -> bool:
        seen = select(Incident.id).where(Incident.is_counted == 1, visible_incidents(scope), condition)
        return connection.scalar(seen.limit(1)) is not None

    return Recorded(closings=exists(Incident.week_closed.is_not(None)), repeats=exists(IS_REPEAT))


def list_turning_days(connection: Connection) -> tuple[date, ...]:
    """Return the days on which any place began or ended, ascending: between two of them nothing changes on the map."""
    began = select(Place.valid_from).distinct()
    ended = select(Place.valid_to).where(Place.valid_to.is_not(None)).distinct()
    return tuple(sorted({*connection.scalars(began), *connection.scalars(ended)}))
