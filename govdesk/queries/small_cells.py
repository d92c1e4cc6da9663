"""Of which incidents the category may be told outside the desk: not where it would point at a household."""

from collections.abc import Sequence

from sqlalchemy import Connection, func, literal_column, select
from sqlalchemy.orm import aliased

from govdesk.queries.permission import reads
from govdesk.rules.access import Scope
from govdesk.tables import Incident, PlaceAncestor
from govdesk.terms import SMALL_COUNT, Level


@reads("view_wall")
def find_tellable(connection: Connection, scope: Scope, ids: Sequence[int]) -> frozenset[int]:
    """Return those of `ids` whose village had at least `SMALL_COUNT` incidents of the category in the same week.

    Counted over everything that happened there, whoever asks: what is rare does not become common for a narrow scope.
    An incident that is known only at a coarser level than the village lies in no village and is not tellable.
    """
    del scope
    up, down, other = aliased(PlaceAncestor, name="up"), aliased(PlaceAncestor, name="down"), aliased(Incident)
    week = Incident.week_occurred
    # An expression, so that the engine goes by the few rows of a place and not by all that a week holds.
    counts = other.is_counted + literal_column("0") == 1
    statement = (
        select(Incident.id).select_from(Incident)
        .join(up, (up.code == Incident.place_code) & (up.ancestor_level == Level.VILLAGE.value)
              & (up.week_from <= week) & (up.week_to > week))
        .join(down, (down.ancestor_code == up.ancestor_code) & (down.week_from <= week) & (down.week_to > week))
        .join(other, (other.place_code == down.code) & counts & (other.week_occurred == week)
              & (other.category == Incident.category))
        .where(Incident.id.in_(list(ids))).group_by(Incident.id).having(func.sum(other.weight) >= SMALL_COUNT))
    return frozenset(int(one) for one in connection.scalars(statement))
