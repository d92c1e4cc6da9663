"""Shapes of places for the map, and the landscape behind them."""

from dataclasses import dataclass
from datetime import date

import pandas as pd
from sqlalchemy import Connection, and_, select

from govdesk.queries.frames import MAYBE_COUNT, NUMBER, TEXT, read_frame
from govdesk.queries.permission import reads
from govdesk.queries.places import descends_from, valid_on
from govdesk.queries.scoping import within_area
from govdesk.rules.access import Scope
from govdesk.tables import ContextLayer, Place, PlaceShape
from govdesk.terms import ShapeKind

TYPES = {
    "code": TEXT, "name": TEXT, "level": TEXT, "parent_code": TEXT, "kind": TEXT, "outline": TEXT,
    "label_lon": NUMBER, "label_lat": NUMBER, "min_lon": NUMBER, "min_lat": NUMBER, "max_lon": NUMBER,
    "max_lat": NUMBER, "population": MAYBE_COUNT, "households": MAYBE_COUNT,
}


@reads("view_overview", "view_wall")
def read_shapes(
    connection: Connection, scope: Scope, level: str, on: date, within: str | None = None
) -> pd.DataFrame:
    """Return the shapes drawn for the places of a level on a day; `within` keeps those inside one place.

    Returns
    -------
    DataFrame
        ``code``, ``name``, ``level``, ``parent_code``, ``kind`` (terms.ShapeKind: how the shape came about),
        ``outline`` (GeoJSON geometry as text), ``label_lon``, ``label_lat``, the box, ``population``, ``households``.
    """
    shape = PlaceShape
    statement = (
        select(
            Place.code, Place.name, Place.level, Place.parent_code, shape.kind, shape.outline,
            shape.label_lon, shape.label_lat, shape.min_lon, shape.min_lat, shape.max_lon, shape.max_lat,
            Place.population, Place.households,
        )
        .join(shape, and_(shape.code == Place.code, shape.valid_from == Place.valid_from))
        .where(Place.level == level, valid_on(on), within_area(scope, Place.code))
    )
    if within is not None:
        statement = statement.where(descends_from(within, on))
    return read_frame(connection, statement.order_by(Place.code), TYPES)


@dataclass(frozen=True, slots=True)
class Extent:
    """What the shapes of a view fill: number, box in degrees, and whether some of them are 示意."""

    n_shapes: int
    box: tuple[float, float, float, float]
    is_schematic: bool


@reads("view_overview", "view_wall")
def read_extent(
    connection: Connection, scope: Scope, level: str, on: date, within: str | None = None
) -> Extent | None:
    """Return the extent of what `read_shapes` returns, without carrying the shapes; None without a shape."""
    shapes = read_shapes(connection, scope, level, on, within)
    if shapes.empty:
        return None
    box = (float(shapes["min_lon"].min()), float(shapes["min_lat"].min()), float(shapes["max_lon"].max()),
           float(shapes["max_lat"].max()))
    return Extent(len(shapes), box, bool(shapes["kind"].isin([ShapeKind.CELL, ShapeKind.TILE]).any()))


def read_context(connection: Connection, name: str) -> str | None:
    """Return a context layer as GeoJSON text, or None when there is none of that name."""
    text: str | None = connection.scalar(select(ContextLayer.geojson).where(ContextLayer.name == name))
    return text


def list_context(connection: Connection) -> list[str]:
    """Return the names of the context layers."""
    return list(connection.scalars(select(ContextLayer.name).order_by(ContextLayer.name)))
