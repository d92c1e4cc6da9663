"""Records that name a place itself from a week on: a place that ends before it would leave them without one.

Scores, lists and weekly sums are left out, as they are made anew from the records; so are units, posts and aliases,
which stand for no day. `NOT_RECORDS` names them, so that a new table with a place is decided on and not forgotten.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from govdesk.clock import day_start, monday_of
from govdesk.storage.withdrawn import read_withdrawn
from govdesk.tables import (
    Call,
    Capacity,
    Incident,
    NilReturn,
    RiskObjection,
    SourceChange,
    Visit,
    VisitOrder,
    WorksProject,
)

#: Tables whose `place_code` is no record of a day (see above).
NOT_RECORDS = frozenset({"units", "posts", "place_aliases", "risk_scores", "risk_listings", "weekly_counts"})


def count_later(connection: Connection, codes: Sequence[str], week: int) -> dict[str, int]:
    """Return the number of records that name one of the places itself, by table; tables without any are left out.

    Parameters
    ----------
    connection : Connection
        A connection.
    codes : sequence of str
        Codes of places; what is below them does not count.
    week : int
        First week that counts (`clock.week_of`). A project or a return counts by the day on which it begins, an
        order to visit also where it is open and due then; incidents are the sum of their weights.
    """
    counts: dict[str, int] = {}
    for table, condition in list_later(week).items():
        place = _PLACES[table]
        what = func.coalesce(func.sum(Incident.weight), 0) if table == "incidents" else func.count()
        statement = select(what).select_from(place.class_).where(place.in_(codes), condition)
        batch = getattr(place.class_, "batch_id", None)
        if batch is not None and table != "incidents":  # incidents of an undone batch are not counted any more
            statement = statement.where(or_(batch.is_(None), batch.not_in(read_withdrawn(connection))))
        counts[table] = int(connection.scalar(statement) or 0)
    return {table: n for table, n in counts.items() if n}


def list_later(week: int) -> Mapping[str, ColumnElement[bool]]:
    """Return by table which of its rows lie in a week or after it."""
    day = monday_of(week)
    instant = day_start(day)
    is_open = and_(VisitOrder.visit_id.is_(None), VisitOrder.called_off_at.is_(None))
    return {
        "incidents": and_(Incident.is_counted == 1, Incident.week_occurred >= week),
        "visits": Visit.visited_on >= day,
        "visit_orders": or_(VisitOrder.week >= week, and_(is_open, VisitOrder.due_on >= day)),
        "works_projects": WorksProject.started_on >= day,
        "nil_returns": NilReturn.period_from >= day,
        "source_changes": SourceChange.on >= day,
        "capacities": Capacity.counted_on >= day,
        "calls": Call.called_at >= instant,
        "risk_objections": RiskObjection.at >= instant,
    }


_PLACES: Mapping[str, InstrumentedAttribute[str] | InstrumentedAttribute[str | None]] = {
    "incidents": Incident.place_code, "visits": Visit.place_code, "visit_orders": VisitOrder.place_code,
    "works_projects": WorksProject.place_code, "nil_returns": NilReturn.place_code,
    "source_changes": SourceChange.place_code, "capacities": Capacity.place_code, "calls": Call.place_code,
    "risk_objections": RiskObjection.place_code,
}
