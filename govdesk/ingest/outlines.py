"""What the map draws of a shape: a light outline, a point for the label, a box, an area.

Outlines of one level are simplified together, so that neighbours keep a common border and no gap opens between them.
"""

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from pyproj import Geod
from shapely import Geometry

from govdesk.ingest.geometry import keep_polygons

#: Decimals of an outline's degrees: about a metre.
DECIMALS = 5
#: Compressed size that the outlines of one level may have on the wire: a base, and so much a place.
BASE_BYTES = 25_000
PLACE_BYTES = 95
#: First tolerance in degrees (about 10 m), and how fast it grows until the size is met.
_TOLERANCE = 0.0001
_GROWTH = 1.5
_STEPS = 18

_ELLIPSOID = Geod(ellps="WGS84")


@dataclass(frozen=True, slots=True)
class Outline:
    """What the map needs of one shape."""

    geojson: str
    label: tuple[float, float]
    box: tuple[float, float, float, float]


def area_km2(shape: Geometry) -> float:
    """Return the area on the WGS84 ellipsoid (Karney 2013, by PROJ), in square kilometres."""
    square_metres, _ = _ELLIPSOID.geometry_area_perimeter(shape)
    return round(abs(float(square_metres)) / 1e6, 4)


def _gzipped(texts: Sequence[str]) -> int:
    return len(gzip.compress("\n".join(texts).encode(), compresslevel=6))


def _rounded(shapes: Sequence[Geometry]) -> list[Geometry]:
    return list(shapely.transform(np.asarray(shapes, dtype=object), lambda points: np.round(points, DECIMALS)))


def _mend(light: Geometry, full: Geometry) -> Geometry:
    """Return an outline that has an area, whatever simplifying and rounding left of it."""
    if not light.is_empty and light.is_valid:
        return light
    mended = None if light.is_empty else keep_polygons(shapely.make_valid(light))
    if mended is None or mended.area < 0.5 * full.area:
        mended = keep_polygons(shapely.make_valid(_rounded([full])[0])) or full
    return mended


def simplify_together(shapes: Sequence[Geometry]) -> list[Geometry]:
    """Return lighter versions of neighbouring shapes, without gaps between them.

    Parameters
    ----------
    shapes : sequence of polygons
        Places of one level at one time, ideally touching along common borders.

    Returns
    -------
    list of polygons
        In the same order; 5 decimals. The tolerance grows until all together are within `BASE_BYTES` +
        `PLACE_BYTES` a place when compressed.

    Notes
    -----
    Visvalingam–Whyatt on the common edges of the coverage (GEOS `coverage_simplify`). Where neighbours do not share
    their vertices exactly, each side is simplified on its own.
    """
    if not shapes:
        return []
    allowed = BASE_BYTES + PLACE_BYTES * len(shapes)
    array, tolerance = np.asarray(shapes, dtype=object), _TOLERANCE
    light = _rounded(shapes)
    for _ in range(_STEPS):
        if _gzipped(_texts(light)) <= allowed:
            break
        light = _rounded(shapely.coverage_simplify(array, tolerance))
        tolerance *= _GROWTH
    return [_mend(thin, full) for thin, full in zip(light, shapes, strict=True)]


def _texts(shapes: Sequence[Geometry]) -> list[str]:
    """Return compact GeoJSON; whole degrees are written without a decimal."""
    texts = shapely.to_geojson(np.asarray(shapes, dtype=object))
    return [text.replace(".0,", ",").replace(".0]", "]") for text in texts]


def _label_point(shape: Geometry) -> tuple[float, float]:
    """Return the point farthest from the border of the largest part: where a label has most room."""
    parts = shapely.get_parts(shape)
    largest = parts[int(np.argmax(shapely.area(parts)))]
    west, south, east, north = largest.bounds
    circle = shapely.maximum_inscribed_circle(largest, tolerance=max(east - west, north - south) / 50 or 1e-6)
    spot = shapely.get_point(circle, 0)
    if spot is None or spot.is_empty or not shapely.intersects(largest, spot):
        spot = shapely.point_on_surface(largest)
    return round(float(spot.x), DECIMALS), round(float(spot.y), DECIMALS)


def draw_outlines(shapes: Sequence[Geometry]) -> list[Outline]:
    """Return what the map needs of neighbouring shapes of one level."""
    light = simplify_together(shapes)
    outlines = []
    for full, thin, text in zip(shapes, light, _texts(light), strict=True):
        west, south, east, north = (round(float(value), 6) for value in full.bounds)
        outlines.append(Outline(text, _label_point(thin), (west, south, east, north)))
    return outlines


def to_text(shape: Geometry) -> str:
    """Return a shape as compact GeoJSON, with the digits it was delivered with."""
    return json.dumps(json.loads(shapely.to_geojson(shape)), separators=(",", ":"))
