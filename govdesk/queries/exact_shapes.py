"""Shapes as they were imported, for views near enough to show what the simplified outlines leave out."""

from datetime import date

from sqlalchemy import Connection, and_, select

from govdesk.queries.permission import reads
from govdesk.queries.places import descends_from, valid_on
from govdesk.queries.scoping import within_area
from govdesk.rules.access import Scope
from govdesk.tables import Place, PlaceShape


@reads("view_overview", "view_wall")
def read_exact_shapes(connection: Connection, scope: Scope, level: str, on: date, within: str) -> dict[str, str]:
    """Return code and GeoJSON geometry of the places of a level inside one place, on a day."""
    statement = (
        select(Place.code, PlaceShape.geometry)
        .join(PlaceShape, and_(PlaceShape.code == Place.code, PlaceShape.valid_from == Place.valid_from))
        .where(Place.level == level, valid_on(on), within_area(scope, Place.code), descends_from(within, on))
    )
    return {row.code: row.geometry for row in connection.execute(statement)}
