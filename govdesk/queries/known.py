"""What is known of a place and since when: records and nil returns, which are evidence, unlike silence."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, func, select

from govdesk.queries.filters import IncidentFilter, at_place, counted
from govdesk.queries.permission import reads
from govdesk.queries.scoping import within_area
from govdesk.rules.access import Scope
from govdesk.tables import Incident, NilReturn, Place, PlaceAncestor
from govdesk.tables.places import FIRST_WEEK, OPEN_WEEK

#: Every week there is.
EVER = IncidentFilter(FIRST_WEEK, OPEN_WEEK)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one place.

    Attributes
    ----------
    n_incidents : int
        All counted incidents, corrections netted.
    first_on, last_on : date or None
        Days on which the first and the last recorded incident occurred.
    last_recorded_at : datetime or None
        When the newest record became known.
    n_nil_returns : int
        Nil returns of the place and of what it contains.
    nil_from, nil_to : date or None
        Period of the newest nil return; `nil_to` exclusive.
    """

    n_incidents: int
    first_on: date | None
    last_on: date | None
    last_recorded_at: datetime | None
    n_nil_returns: int
    nil_from: date | None
    nil_to: date | None


@reads("view_overview", "view_wall")
def read_known(connection: Connection, scope: Scope, place_code: str) -> Known:
    """Return what is known of a place of any level, as far as the caller may see it."""
    everything = IncidentFilter(FIRST_WEEK, OPEN_WEEK, place_code=place_code)
    # Aggregates keep the column's type: days stay days, instants instants.
    row = connection.execute(at_place(select(
        func.coalesce(func.sum(Incident.weight), 0), func.min(Incident.occurred_on), func.max(Incident.occurred_on),
        func.max(Incident.recorded_at),
    ).select_from(Incident), everything).where(counted(scope, everything))).one()
    inside = select(PlaceAncestor.code).where(PlaceAncestor.ancestor_code == place_code)
    nil = select(NilReturn.period_from, NilReturn.period_to).where(
        NilReturn.place_code.in_(inside), within_area(scope, NilReturn.place_code))
    n_nil = connection.scalar(select(func.count()).select_from(nil.subquery())) or 0
    newest = connection.execute(nil.order_by(NilReturn.period_to.desc()).limit(1)).first()
    return Known(
        int(row[0]), row[1], row[2], row[3], int(n_nil), newest[0] if newest else None, newest[1] if newest else None,
    )


@reads("view_overview", "view_wall")
def has_closings(connection: Connection, scope: Scope) -> bool:
    """Return whether any closing is recorded: where none is, everything would seem open for ever."""
    found = connection.scalar(
        select(Incident.id).where(counted(scope, EVER), Incident.week_closed > FIRST_WEEK).limit(1))
    return found is not None


@reads("view_overview", "view_wall")
def find_last_day(connection: Connection, scope: Scope, code: str, on: date) -> date | None:
    """Return the last day up to `on` on which a place stood: links of past incidents name places of their week.

    None when there never was such a place, or it lies outside the caller's area.
    """
    row = connection.execute(
        select(Place.valid_from, Place.valid_to)
        .where(Place.code == code, Place.valid_from <= on, within_area(scope, Place.code))
        .order_by(Place.valid_from.desc()).limit(1)
    ).first()
    if row is None:
        return None
    return on if row.valid_to is None or row.valid_to > on else row.valid_to - timedelta(days=1)
