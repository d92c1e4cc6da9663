"""How far the data reaches: what every screen says of itself."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, or_, select
from sqlalchemy.orm import aliased

from govdesk.clock import local_day
from govdesk.queries.instants import complete_week
from govdesk.queries.permission import reads
from govdesk.queries.scoping import visible_incidents, within_area
from govdesk.rules.access import Scope
from govdesk.tables import ImportBatch, Incident, Place
from govdesk.terms import Level

#: A recorded period begins with the first week after which at least half of these weeks hold a record.
PROBE_WEEKS = 8
#: Weeks read at first to find the beginning; single old records before it are few.
_PROBED = 40


@dataclass(frozen=True, slots=True)
class Freshness:
    """What the data covers, for one scope.

    Attributes
    ----------
    data_as_of : datetime or None
        Latest instant at which an incident was recorded; None without a record.
    last_import_at : datetime or None
        Time of the last import that still stands.
    first_week, last_week : int or None
        The recorded period of the whole database (`recorded_weeks`): outside it nothing is known, so nothing is zero.
    n_incidents : int
        Counted incidents, corrections netted.
    n_villages : int
        Villages valid on the day the data is of.
    """

    data_as_of: datetime | None
    last_import_at: datetime | None
    first_week: int | None
    last_week: int | None
    n_incidents: int
    n_villages: int


@reads("view_overview", "view_wall")
def read_freshness(connection: Connection, scope: Scope) -> Freshness:
    """Return how far the data of `scope` reaches."""
    seen = and_(Incident.is_counted == 1, visible_incidents(scope))
    data_as_of = read_data_as_of(connection, scope)
    weeks = recorded_weeks(connection)
    last_import_at = connection.scalar(select(func.max(ImportBatch.at)).where(ImportBatch.withdrawn_at.is_(None)))
    n_incidents = connection.scalar(select(func.coalesce(func.sum(Incident.weight), 0)).where(seen)) or 0
    n_villages = 0
    if data_as_of is not None:
        day = local_day(data_as_of)
        n_villages = connection.scalar(
            select(func.count()).select_from(Place).where(
                Place.level == Level.VILLAGE, Place.valid_from <= day,
                or_(Place.valid_to.is_(None), Place.valid_to > day), within_area(scope, Place.code),
            )
        ) or 0
    return Freshness(
        data_as_of=data_as_of, last_import_at=last_import_at, first_week=weeks[0] if weeks else None,
        last_week=weeks[1] if weeks else None, n_incidents=int(n_incidents), n_villages=int(n_villages),
    )


@reads("view_overview", "view_wall")
def read_data_as_of(connection: Connection, scope: Scope) -> datetime | None:
    """Return the latest instant at which a counted incident of `scope` was recorded, or None."""
    latest: datetime | None = connection.scalar(
        select(Incident.recorded_at).where(Incident.is_counted == 1, visible_incidents(scope))
        .order_by(Incident.recorded_at.desc()).limit(1)
    )
    return latest


@reads("view_overview", "view_wall")
def last_complete_week(connection: Connection, scope: Scope) -> int | None:
    """Return "this week" of every screen: the last week that ended on or before the day the data is of."""
    data_as_of = read_data_as_of(connection, scope)
    return None if data_as_of is None else complete_week(data_as_of)


def recorded_weeks(connection: Connection) -> tuple[int, int] | None:
    """Return first and last week of the recorded period of the whole database, or None without a record.

    Steps from week to week through the index (a recursive expression) instead of reading all rows, and only as far
    as it takes to find the beginning. It is one period for every scope: a township that recorded nothing in a week in
    which the county did has a zero there.
    """
    last = connection.scalar(select(func.max(Incident.week_occurred)).where(Incident.is_counted == 1))
    if last is None:
        return None
    weeks = _first_weeks(connection, _PROBED)
    first = find_first_week(weeks)
    # None was found, or what follows the weeks read so far may decide about it.
    if len(weeks) == _PROBED and not _opens(first, set(weeks)):
        first = find_first_week(_first_weeks(connection, None))
    return first, int(last)


def _first_weeks(connection: Connection, most: int | None) -> list[int]:
    """Return the first `most` distinct weeks that hold a record, in order."""
    first = select(func.min(Incident.week_occurred).label("week")).where(Incident.is_counted == 1)
    known = first.cte("known", recursive=True)
    later = aliased(Incident, name="later")
    step = (
        select(func.min(later.week_occurred))
        .where(later.is_counted == 1, later.week_occurred > known.c.week)
        .correlate(known).scalar_subquery()
    )
    known = known.union_all(select(step).where(known.c.week.is_not(None)))
    found = select(known.c.week).where(known.c.week.is_not(None)).limit(most)
    return [int(week) for week in connection.scalars(found)]


def find_first_week(weeks: list[int]) -> int:
    """Return the first week of the recorded period among the distinct `weeks` that hold a record.

    Single records dated long before recording began (a 1900 date, a case of 1995 booked in 2008) do not open
    the period: the first week counts after which at least half of `PROBE_WEEKS` weeks hold a record.
    """
    held = set(weeks)
    return next((week for week in sorted(held) if _opens(week, held)), min(held))


def _opens(week: int, held: set[int]) -> bool:
    return sum(week + ahead in held for ahead in range(PROBE_WEEKS)) * 2 >= PROBE_WEEKS
