"""Brings `place_shapes` to what the places and the delivered shapes say, within the caller's transaction."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection

from govdesk.actions.place_records import read_shape_rows, write_shape_rows
from govdesk.ingest.drawing import Drawn, draw_places, last_day
from govdesk.ingest.outlines import Outline, area_km2, draw_outlines, to_text
from govdesk.ingest.place_tree import Key, PlaceVersion
from govdesk.terms import ShapeKind

#: Kinds that a file brought: they are kept; all others are drawn anew at every change of the tree.
BROUGHT = (ShapeKind.DELIVERED, ShapeKind.REPAIRED)


def read_delivered(rows: Mapping[Key, Mapping[str, Any]]) -> dict[Key, Drawn]:
    """Return the shapes that files brought earlier."""
    kept = {key: row for key, row in rows.items() if row["kind"] in BROUGHT}
    shapes = shapely.from_geojson(np.asarray([row["geometry"] for row in kept.values()], dtype=object))
    return {key: Drawn(shape, ShapeKind(row["kind"])) for (key, row), shape in zip(kept.items(), shapes, strict=True)}


def redraw(connection: Connection, versions: Mapping[Key, PlaceVersion], brought: Mapping[Key, Drawn]) -> int:
    """Draw every place and store what differs.

    Parameters
    ----------
    connection : Connection
        Within a write transaction.
    versions : mapping of (code, valid_from) to PlaceVersion
        The whole tree, as it is now.
    brought : mapping of (code, valid_from) to Drawn
        Shapes of the file being imported.

    Returns
    -------
    int
        Rows of `place_shapes` that changed.
    """
    stored = read_shape_rows(connection)
    delivered = {key: shape for key, shape in {**read_delivered(stored), **brought}.items() if key in versions}
    drawn = draw_places(versions.values(), delivered)
    outlines = _draw_all_outlines(versions, drawn)
    wanted = {key: _row(key, drawn[key], outlines[key], stored.get(key)) for key in drawn}
    return write_shape_rows(connection, stored, wanted)


def _draw_all_outlines(versions: Mapping[Key, PlaceVersion], drawn: Mapping[Key, Drawn]) -> dict[Key, Outline]:
    """Simplify each level together; places that have ended, together with their neighbours of their last day."""
    levels: dict[str, list[PlaceVersion]] = defaultdict(list)
    for key in drawn:
        levels[versions[key].level].append(versions[key])
    outlines: dict[Key, Outline] = {}
    for members in levels.values():
        index = shapely.STRtree([drawn[version.key].shape for version in members])
        for day in sorted({last_day(version) for version in members}, reverse=True):
            outlines.update(_draw_outlines_of_day(members, index, drawn, day))
    return outlines


def _draw_outlines_of_day(members: Sequence[PlaceVersion], index: shapely.STRtree, drawn: Mapping[Key, Drawn],
                          day: date) -> dict[Key, Outline]:
    asked = [version for version in members if last_day(version) == day]
    group = list(asked)
    if day != date.max:
        shapes = np.asarray([drawn[version.key].shape for version in asked], dtype=object)
        near = (members[at] for at in np.unique(index.query(shapes)[1]))
        group += [version for version in near if last_day(version) > day and version.valid_from <= day]
    made = draw_outlines([drawn[version.key].shape for version in group])
    wanted = {version.key for version in asked}
    return {version.key: outline for version, outline in zip(group, made, strict=True) if version.key in wanted}


def _row(key: Key, drawn: Drawn, outline: Outline, stored: Mapping[str, Any] | None) -> dict[str, Any]:
    geometry = to_text(drawn.shape)
    area = None
    if drawn.kind in BROUGHT:
        same = stored is not None and stored["geometry"] == geometry and stored["area_km2"] is not None
        area = stored["area_km2"] if same and stored is not None else area_km2(drawn.shape)
    west, south, east, north = outline.box
    return {
        "code": key[0], "valid_from": key[1], "kind": drawn.kind.value, "geometry": geometry,
        "outline": outline.geojson, "label_lon": outline.label[0], "label_lat": outline.label[1], "min_lon": west,
        "min_lat": south, "max_lon": east, "max_lat": north, "area_km2": area,
    }
