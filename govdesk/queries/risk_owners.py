"""Which post or unit answers for visits to each village: never a person."""

from datetime import date

from sqlalchemy import Connection, or_, select

from govdesk.queries.permission import reads
from govdesk.queries.places import valid_on
from govdesk.queries.scoping import within_area
from govdesk.rules.access import Scope
from govdesk.storage.units_off import list_units_off
from govdesk.tables import Place, Post, Unit
from govdesk.terms import Level


@reads("view_warnings")
def read_owners(connection: Connection, scope: Scope, on: date) -> dict[str, str]:
    """Return for each village the post of its township, else the township's unit, else the county's centre.

    A village is missing where none of them is registered and in use.
    """
    units = {row.code: row for row in connection.execute(
        select(Unit.code, Unit.name, Unit.kind, Unit.place_code).where(Unit.kind.in_(["township", "centre"]),
                                                                Unit.code.not_in(list_units_off(connection, on))))}
    by_place = {row.place_code: row.name for row in units.values() if row.kind == "township"}
    centre = next((row.name for row in units.values() if row.kind == "centre"), None)
    standing = (or_(Post.valid_from.is_(None), Post.valid_from <= on), or_(Post.valid_to.is_(None), Post.valid_to > on))
    for row in connection.execute(select(Post.title, Post.place_code, Post.unit_code).where(*standing)
                                  .where(Post.place_code.in_(list(by_place))).order_by(Post.code.desc())):
        unit = units.get(row.unit_code)
        if unit is not None and unit.kind == "township":
            by_place[row.place_code] = row.title
    villages = connection.execute(select(Place.code, Place.parent_code).where(
        Place.level == Level.VILLAGE, valid_on(on), within_area(scope, Place.code)))
    found = {row.code: by_place.get(row.parent_code, centre) for row in villages}
    return {code: name for code, name in found.items() if name is not None}
