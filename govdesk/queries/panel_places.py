"""The places of the early warning's panel: kind, size, and whom they share a border with."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd
import shapely
from sqlalchemy import Connection, and_, select

from govdesk.queries.frames import MAYBE_COUNT, TEXT, make_column, read_frame
from govdesk.queries.permission import reads
from govdesk.queries.places import valid_on
from govdesk.queries.scoping import within_area
from govdesk.rules.access import Scope
from govdesk.tables import Place, PlaceShape
from govdesk.terms import Level, ShapeKind

#: Borders drawn so near to each other are one border; what is shared must be longer than a corner (degrees: about 2 m
#: and 20 m). Two surveys of one border never agree to the last digit.
_NEAR, _LEAST = 2e-5, 2e-4

_TYPES = {"code": TEXT, "name": TEXT, "parent_code": TEXT, "kind": TEXT, "population": MAYBE_COUNT,
          "households": MAYBE_COUNT}


@reads("view_overview", "view_wall")
def list_panel_places(connection: Connection, scope: Scope, on: date, level: str = Level.VILLAGE) -> pd.DataFrame:
    """Return the places of a level that stand on a day, by code.

    Returns
    -------
    DataFrame
        ``code``, ``name``, ``parent_code``, ``kind`` (terms.PlaceKind), ``population``, ``households`` (Int64),
        ``neighbours`` (object: tuple of codes, ascending). Neighbours share a stretch of border, as it was delivered;
        a place without a shape, or with a schematic one, has none.
    """
    statement = (
        select(Place.code, Place.name, Place.parent_code, Place.kind, Place.population, Place.households,
               PlaceShape.geometry)
        .outerjoin(PlaceShape, and_(PlaceShape.code == Place.code, PlaceShape.valid_from == Place.valid_from,
                                    PlaceShape.kind.in_([ShapeKind.DELIVERED, ShapeKind.REPAIRED])))
        .where(Place.level == level, valid_on(on), within_area(scope, Place.code)).order_by(Place.code)
    )
    places = read_frame(connection, statement, _TYPES | {"geometry": TEXT})
    shapes = places.pop("geometry")
    drawn = shapes.notna().to_numpy()
    near = find_neighbours(places["code"][drawn].tolist(), shapes[drawn].tolist())
    places["neighbours"] = make_column([near.get(code, ()) for code in places["code"]], "object")
    return places


def find_neighbours(codes: Sequence[str], geometries: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return for each code those with which its shape (GeoJSON text, degrees) shares a stretch of border."""
    if not len(codes):
        return {}
    shapes = shapely.from_geojson(np.array(geometries, dtype=object))
    left, right = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=_NEAR)
    once = left < right
    left, right = left[once], right[once]
    shared = shapely.intersection(shapely.boundary(shapes[left]), shapely.buffer(shapes, _NEAR)[right])
    found: dict[str, list[str]] = defaultdict(list)
    for one, other in zip(left[shapely.length(shared) > _LEAST], right[shapely.length(shared) > _LEAST], strict=True):
        found[codes[one]].append(codes[other])
        found[codes[other]].append(codes[one])
    return {code: tuple(sorted(near)) for code, near in found.items()}
