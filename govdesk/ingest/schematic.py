"""Cells and subdivisions for places without a shape: pure geometry, the same bytes for the same input.

Everything here is **schematic** 示意: it says which place lies beside which, never where a border runs.
Work is done in degrees with longitude shortened by the cosine of the latitude, so that cells are not stretched.
"""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely import Geometry, MultiPoint, MultiPolygon, Polygon

from govdesk.ingest.geometry import keep_polygons

Points = NDArray[np.float64]

#: Decimals of a schematic shape's degrees (about 0.1 m): rounding makes neighbours' common corners equal.
DECIMALS = 6
#: Points per place by which a shape is cut into parts of like size, and rounds of Lloyd's algorithm.
_SAMPLES = 120
_ROUNDS = 25
#: Two points nearer than this (degrees) are one point.
_SAME = 1e-6


def _squeeze(shape: Geometry) -> float:
    """Return the cosine of the shape's middle latitude."""
    _, south, _, north = shape.bounds
    return float(np.cos(np.radians(np.clip((south + north) / 2, -85, 85))))


def spread_points(points: Points) -> tuple[Points, list[int]]:
    """Move points that coincide apart, on a small circle around their common place.

    Parameters
    ----------
    points : ndarray of shape (n, 2)
        In an order that does not depend on chance (by code).

    Returns
    -------
    (ndarray of shape (n, 2), list of int)
        The points, and the positions of those that had to move.
    """
    keys = np.round(points / _SAME).astype(np.int64)
    _, groups, sizes = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
    groups = groups.reshape(-1)
    moved = [int(at) for at in np.flatnonzero(sizes[groups] > 1)]
    if not moved:
        return points, []
    spread = points.copy()
    for group in np.unique(groups[moved]):
        members = np.flatnonzero(groups == group)
        others = points[groups != group]
        near = float(np.hypot(*(others - points[members[0]]).T).min()) if len(others) else 0.01
        angles = 2 * np.pi * np.arange(len(members)) / len(members)
        spread[members] += 0.2 * near * np.column_stack([np.cos(angles), np.sin(angles)])
    return spread, moved


def cut_cells(points: Points, region: Geometry) -> list[Polygon | MultiPolygon | None]:
    """Return the part of `region` that is nearest to each point (Voronoi cells, clipped).

    Parameters
    ----------
    points : ndarray of shape (n, 2)
        Longitude and latitude; they need not lie in the region.
    region : polygon
        What the cells fill, without gap or overlap.

    Returns
    -------
    list
        One cell a point, None where nothing of the region is nearest to it.
    """
    if len(points) == 1:
        return [_finish(region)]
    squeeze = _squeeze(region)
    flat, _ = spread_points(np.asarray(points, dtype=np.float64) * [squeeze, 1.0])
    west, south, east, north = region.bounds
    frame = shapely.box(west * squeeze, south, east * squeeze, north)
    reach = max(frame.bounds[2] - frame.bounds[0], frame.bounds[3] - frame.bounds[1])
    cells = shapely.voronoi_polygons(MultiPoint(flat), extend_to=shapely.buffer(frame, reach), ordered=True)
    back = shapely.transform(np.asarray(shapely.get_parts(cells)), lambda xy: xy / [squeeze, 1.0])
    return [_finish(piece) for piece in shapely.intersection(back, region)]


def _finish(piece: Geometry) -> Polygon | MultiPolygon | None:
    rounded = shapely.transform(piece, lambda points: np.round(points, DECIMALS))
    return keep_polygons(rounded if rounded.is_valid else shapely.make_valid(rounded))


def _samples(region: Geometry, n: int) -> Points:
    """Return at least `n` evenly spaced points inside the region, in squeezed degrees."""
    squeeze = _squeeze(region)
    flat = shapely.transform(region, lambda points: points * [squeeze, 1.0])
    west, south, east, north = flat.bounds
    shapely.prepare(flat)
    step = float(np.sqrt(flat.area / n))
    for _ in range(8):
        xs, ys = np.meshgrid(np.arange(west + step / 2, east, step), np.arange(south + step / 2, north, step))
        inside = shapely.contains_xy(flat, xs.ravel(), ys.ravel())
        found = np.column_stack([xs.ravel()[inside], ys.ravel()[inside]])
        if len(found) >= n:
            return found
        step *= 0.7
    return found


def _snake(points: Points) -> NDArray[np.int64]:
    """Return the order in which a line winds through points: rows from north, every other one backwards."""
    n_rows = max(1, round(np.sqrt(len(points))))
    south, north = points[:, 1].min(), points[:, 1].max()
    rows = np.minimum(((north - points[:, 1]) / max(north - south, 1e-12) * n_rows).astype(int), n_rows - 1)
    signed = np.where(rows % 2 == 0, points[:, 0], -points[:, 0])
    return np.lexsort((signed, rows))


def find_seats(region: Geometry, n: int) -> Points:
    """Return `n` points spread evenly over a region, in winding order from the north-west.

    Notes
    -----
    Centroids by Lloyd's algorithm (S. Lloyd, 1982) on a regular grid of sample points, from a start that takes every
    k-th sample of a winding line: no chance is involved.
    """
    samples = _samples(region, _SAMPLES * n)
    ordered = samples[_snake(samples)]
    seats = ordered[((np.arange(n) + 0.5) * len(ordered) / n).astype(int)]
    for _ in range(_ROUNDS if n > 1 else 1):
        _, nearest = cKDTree(seats).query(samples)
        sizes = np.bincount(nearest, minlength=n)
        sums = np.column_stack([np.bincount(nearest, weights=samples[:, axis], minlength=n) for axis in (0, 1)])
        seats = np.where(sizes[:, None] > 0, sums / np.maximum(sizes, 1)[:, None], seats)
    return np.asarray(seats[_snake(seats)] / [_squeeze(region), 1.0])


def subdivide(region: Geometry, n: int) -> list[Polygon | MultiPolygon | None]:
    """Cut a region into `n` parts of like size, for places of which nothing but the parent is known."""
    return cut_cells(find_seats(region, n), region)


def hull_region(points: Sequence[tuple[float, float]]) -> Polygon | MultiPolygon:
    """Return a region around points, for a parent of which nothing but its children's points is known."""
    cloud = MultiPoint(list(points))
    west, south, east, north = cloud.bounds
    margin = max(east - west, north - south, 0.05) * 0.05
    region = keep_polygons(shapely.buffer(cloud.convex_hull, margin, quad_segs=4))
    if region is None:
        message = "a buffer around points has an area"
        raise ValueError(message)
    finished = _finish(region)
    return finished if finished is not None else region
