"""How many townships lie outside of an area: what a mean of the county would give away (`rules.comparing`)."""

from datetime import date

from sqlalchemy import Connection, func, select

from govdesk.queries.permission import reads
from govdesk.queries.places import valid_on
from govdesk.rules.access import Scope
from govdesk.rules.comparing import may_compare
from govdesk.storage.weekly_counts import find_district_level
from govdesk.tables import Place, PlaceAncestor


@reads("view_overview", "view_warning_counts")
def may_see_county(connection: Connection, scope: Scope, on: date) -> bool:
    """Return whether the caller may be told a mean or sum of the whole county, of a day.

    A township that the area lies in, or holds, is not outside: what is left of it cannot be told from the others.
    """
    if scope.area_code is None:
        return True
    inside = select(PlaceAncestor.code).where(PlaceAncestor.ancestor_code == scope.area_code)
    above = select(PlaceAncestor.ancestor_code).where(PlaceAncestor.code == scope.area_code)
    outside = connection.scalar(select(func.count(Place.code.distinct())).where(
        Place.level == find_district_level(connection), valid_on(on), Place.code != scope.area_code,
        Place.code.not_in(inside), Place.code.not_in(above)))
    return may_compare(int(outside or 0))
