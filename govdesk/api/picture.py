"""The coloured places as one drawing, which a browser shows a second or two before the live map can be drawn.

It lies under the live map, at the same zoom and place, and goes when that is there.
"""

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection

from govdesk import palette
from govdesk.api.geometry import pick_colours
from govdesk.queries.map_figures import read_map_figures
from govdesk.queries.map_request import MapRequest
from govdesk.queries.shapes import read_shapes
from govdesk.rules.access import Scope
from govdesk.rules.label_placing import project

#: Corners nearer to a straight line than so many pixels are left out.
_FINEST = 0.5


def build_picture(connection: Connection, scope: Scope, request: MapRequest) -> bytes:
    """Return an SVG of the places of a request at its zoom, as large as their box; without names or other words.

    Pixels are those of Web Mercator at ``request.zoom``, from the box's upper left corner.
    """
    figures = read_map_figures(connection, scope, request)
    figures["fill"] = pick_colours(figures, request.breaks)
    places = read_shapes(connection, scope, request.level, request.day, request.within)
    if places.empty:
        return b'<svg xmlns="http://www.w3.org/2000/svg"/>'
    left, top = project(float(places["min_lon"].min()), float(places["max_lat"].max()), request.zoom)
    right, bottom = project(float(places["max_lon"].max()), float(places["min_lat"].min()), request.zoom)
    fills = dict(zip(figures["code"], figures["fill"], strict=True))
    shapes = shapely.transform(shapely.from_geojson(places["outline"].to_numpy(dtype=object)),
                               lambda points: _to_pixels(points, request.zoom) - (left, top))
    paths = "".join(
        f'<path fill="{_write_colour(fills[code])}" d="{"".join(_trace(shape))}"/>'
        for code, shape in zip(places["code"], shapely.simplify(shapes, _FINEST), strict=True) if code in fills)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {right - left:.1f} {bottom - top:.1f}">'
            f'<g fill-rule="evenodd" stroke="{palette.VILLAGE_LINE}" stroke-width=".8">{paths}</g></svg>').encode()


def _to_pixels(points: NDArray[np.float64], zoom: float) -> NDArray[np.float64]:
    """Return `labels.project` of many points (lon, lat), shape (n, 2)."""
    world = 512 * 2.0**zoom
    x = (points[:, 0] + 180) / 360 * world
    y = (1 - np.log(np.tan(np.pi / 4 + np.radians(points[:, 1]) / 2)) / np.pi) / 2 * world
    return np.stack([x, y], axis=1)


def _write_colour(fill: list[int]) -> str:
    red, green, blue, alpha = fill
    return f"rgba({red},{green},{blue},{alpha / 255:.2f})"


def _trace(shape: shapely.Geometry) -> Iterator[str]:
    """Return each ring of a shape as a closed path, in tenths of a pixel."""
    for part in shapely.get_parts(shape):
        for ring in (part.exterior, *part.interiors) if part.geom_type == "Polygon" else ():
            corners = shapely.get_coordinates(ring).round(1)[:-1]
            yield "M" + "L".join(f"{x:g} {y:g}" for x, y in corners.tolist()) + "Z"
