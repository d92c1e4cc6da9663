"""The ground of an invented county: outline, rivers, heights, and thousands of micro cells that everything is made of.

Every place is a union of micro cells, so that places of all levels nest exactly and neighbours share their borders.
Lengths are in kilometres on a flat sheet until they are written; then they become degrees.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Voronoi, cKDTree

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Degrees of the sheet's south-western corner: the county lies nowhere, this only gives the map a latitude.
ORIGIN = (111.24, 27.18)
#: Kilometres of one degree of longitude and latitude there.
KM_PER_DEGREE = (99.0, 110.9)
#: Middle and half axes of the outline.
CENTRE, HALF = (29.0, 23.0), (28.0, 21.5)

_N_MICRO = 24_000
_MERGE_KM = 0.025
_MESH = 0.25


@dataclass(frozen=True, slots=True)
class Noise:
    """A smooth random field: a sum of plane waves; about 0 ± 1."""

    waves: Floats
    phases: Floats

    def at(self, points: Floats) -> Floats:
        """Return the field at points."""
        waves: Floats = np.sin(points @ self.waves.T + self.phases) * np.sqrt(2 / len(self.phases))
        return np.asarray(waves.sum(axis=1))


def make_noise(rng: np.random.Generator, length: float, n: int = 24) -> Noise:
    """Return a field whose hills are about `length` kilometres apart."""
    angles = rng.uniform(0, 2 * np.pi, n)
    sizes = 2 * np.pi / (length * rng.uniform(0.7, 1.5, n))
    return Noise(np.c_[np.cos(angles) * sizes, np.sin(angles) * sizes], rng.uniform(0, 2 * np.pi, n))


@dataclass(frozen=True, slots=True)
class Ground:
    """The sheet on which a county is laid out.

    Attributes
    ----------
    points : array (n, 2)
        Micro cells' centres in kilometres.
    cells : array of Polygon
        Micro cells in degrees.
    edges : array (m, 2)
        Pairs of touching cells.
    height, urbanity : array (n,)
        0 by the river to about 1 in the hills; 1 in the middle of a town to 0.
    rivers : list of array
        Main river first, then tributaries, in kilometres; they reach beyond the border.
    towns : array (3, 3)
        x, y and radius of the seat and of two small towns.
    """

    points: Floats
    cells: NDArray[np.object_]
    edges: Ints
    height: Floats
    urbanity: Floats
    rivers: list[Floats]
    towns: Floats
    warp: Noise


@dataclass(frozen=True, slots=True)
class _Terrain:
    rivers: list[Floats]
    towns: Floats
    hills: Noise
    outline: shapely.Polygon

    def height(self, points: Floats) -> Floats:
        near = np.full(len(points), np.inf)
        for at, river in enumerate(self.rivers):
            distance = cKDTree(river).query(points)[0] * (1.0 if at == 0 else 1.9)
            near = np.minimum(near, distance + (0.0 if at == 0 else 1.2))
        valley = 1 - np.exp(-((np.maximum(near, 0) / 6.5) ** 1.6))
        rim = np.exp(-cKDTree(shapely.get_coordinates(self.outline)).query(points)[0] / 7.0)
        swell = 0.75 + 0.25 * self.hills.at(points)
        height: Floats = np.clip(valley * swell + 0.25 * rim * valley, 0, 1.4)
        return height

    def urbanity(self, points: Floats) -> Floats:
        gaps = np.hypot(points[:, None, 0] - self.towns[:, 0], points[:, None, 1] - self.towns[:, 1])
        found: Floats = np.exp(-((gaps / self.towns[:, 2]) ** 2)).max(axis=1)
        return found

    def density(self, points: Floats) -> Floats:
        """Villages per square kilometre."""
        area = 2.3 + 6.2 * np.clip(self.height(points) * 1.15, 0, 1) ** 1.5
        urban = self.urbanity(points)
        dense: Floats = 1 / (area * (1 - urban) + 0.85 * urban)
        return dense


def to_degrees(points: Floats) -> Floats:
    """Return longitudes and latitudes of points on the sheet, with 5 decimals."""
    return np.round(np.asarray(points) / KM_PER_DEGREE + ORIGIN, 5)


def _outline(rng: np.random.Generator) -> shapely.Polygon:
    angles = np.linspace(0, 2 * np.pi, 900, endpoint=False)
    radius = np.ones_like(angles)
    for wave in range(2, 22):
        radius += 0.085 / wave**0.85 * rng.normal() * np.sin(wave * angles + rng.uniform(0, 2 * np.pi))
    radius /= radius.max() * 0.5 + radius.mean() * 0.5
    return shapely.Polygon(np.c_[CENTRE[0] + HALF[0] * radius * np.cos(angles),
                                 CENTRE[1] + HALF[1] * radius * np.sin(angles)])


def _winding(start: Floats, end: Floats, rng: np.random.Generator, bend: float) -> Floats:
    """Return a smooth line that wanders between two points."""
    along = np.linspace(0, 1, 480)[:, None]
    step = end - start
    across = np.array([-step[1], step[0]]) / np.hypot(*step)
    offset = np.zeros_like(along)
    for wave in range(1, 23):
        size = bend * rng.normal() / wave**1.05
        offset += size * np.sin(np.pi * wave * along + (rng.uniform(-0.7, 0.7) if wave > 3 else 0.0))
    line: Floats = start + along * step + offset * np.minimum(1, 8 * along * (1 - along)) * across
    return line


def _terrain(rng: np.random.Generator) -> _Terrain:
    outline = _outline(rng)
    middle = np.array(CENTRE)
    turn = rng.uniform(-0.35, 0.35)
    reach = np.array([np.cos(turn), np.sin(turn)]) * 36
    main = _winding(middle - reach + rng.normal(0, 1.5, 2), middle + reach + rng.normal(0, 1.5, 2), rng, 5.5)
    rivers = [main]
    for at, side in zip((0.3, 0.4, 0.52, 0.63, 0.73), (1, -1, 1, -1, 1), strict=True):
        mouth = main[round(479 * (at + rng.uniform(-0.03, 0.03)))]
        slant = turn + side * (np.pi / 2 + rng.uniform(0.05, 0.55))
        spring = mouth + np.array([np.cos(slant), np.sin(slant)]) * rng.uniform(14, 19)
        rivers.append(_winding(spring, mouth, rng, 2.2))
    bank = np.array([-np.sin(turn), np.cos(turn)]) * 0.9
    spots = [main[round(479 * at)] + bank * rng.choice([-1, 1])
             for at in (rng.uniform(0.46, 0.54), rng.uniform(0.29, 0.34), rng.uniform(0.67, 0.72))]
    towns = np.c_[np.array(spots), np.array([2.6, 1.35, 1.35])]
    return _Terrain(rivers, towns, make_noise(rng, 11.0), outline)


def _draw(rng: np.random.Generator, terrain: _Terrain, n: int) -> Floats:
    """Draw points where cells shall be: as dense as villages, and denser in towns, which have more grids."""
    west, south, east, north = terrain.outline.buffer(1.5).bounds
    middles = np.stack(np.meshgrid(np.arange(west, east, _MESH), np.arange(south, north, _MESH)), -1).reshape(-1, 2)
    near = shapely.buffer(terrain.outline, 1.5)
    middles = middles[shapely.contains_xy(near, middles[:, 0], middles[:, 1])]
    weight = terrain.density(middles) * (1 + 0.9 * terrain.urbanity(middles))
    chosen: Ints = rng.choice(len(middles), n, replace=True, p=weight / weight.sum())
    drawn: Floats = middles[chosen] + rng.uniform(-_MESH / 2, _MESH / 2, (n, 2))
    return drawn


def relax(points: Floats, cloud: Floats, rounds: int) -> Floats:
    """Move points to the middle of the part of the cloud that is nearest to each (Lloyd 1982)."""
    for _ in range(rounds):
        owner = cKDTree(points).query(cloud)[1]
        n = np.bincount(owner, minlength=len(points))
        sums = np.c_[np.bincount(owner, cloud[:, 0], len(points)), np.bincount(owner, cloud[:, 1], len(points))]
        points = np.where(n[:, None] > 0, sums / np.maximum(n, 1)[:, None], points)
    return points


def _tessellate(points: Floats, outline: shapely.Polygon) -> tuple[Floats, NDArray[np.object_], Ints]:
    """Return the cells inside the outline, and which touch; corners nearer than a few steps become one."""
    diagram = Voronoi(points)
    pairs = cKDTree(diagram.vertices).query_pairs(_MERGE_KM, output_type="ndarray")
    n = len(diagram.vertices)
    _, owner = connected_components(coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), (n, n)))
    count = np.bincount(owner)
    merged = np.c_[np.bincount(owner, diagram.vertices[:, 0]), np.bincount(owner, diagram.vertices[:, 1])]
    corners = to_degrees(merged / count[:, None])
    inside = shapely.contains_xy(outline, points[:, 0], points[:, 1])
    for at in np.flatnonzero(inside):
        region = diagram.regions[diagram.point_region[at]]
        # A cell whose corners became fewer than three is too small to be seen: its neighbours meet there.
        inside[at] = -1 not in region and len(np.unique(owner[region])) >= 3
    rings = []
    for at in np.flatnonzero(inside):
        ring = owner[diagram.regions[diagram.point_region[at]]]
        rings.append(corners[ring[ring != np.roll(ring, 1)]])
    cells = np.array([shapely.Polygon(ring) for ring in rings], dtype=object)
    number = np.cumsum(inside) - 1
    sides = np.asarray(diagram.ridge_vertices)
    real = (sides >= 0).all(axis=1) & (owner[sides[:, 0]] != owner[sides[:, 1]])
    touching = diagram.ridge_points[real & inside[diagram.ridge_points].all(axis=1)]
    return points[inside], cells, number[touching].astype(np.int64)


def make_ground(rng: np.random.Generator) -> Ground:
    """Return the ground of a new county."""
    terrain = _terrain(rng)
    cloud = _draw(rng, terrain, _N_MICRO * 6)
    points, cells, edges = _tessellate(relax(cloud[: _N_MICRO], cloud, 3), terrain.outline)
    n = len(points)
    _, part = connected_components(coo_matrix((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), (n, n)))
    kept = part == np.bincount(part).argmax()
    number = np.cumsum(kept) - 1
    points, cells, edges = points[kept], cells[kept], number[edges[kept[edges].all(axis=1)]]
    return Ground(points, cells, edges, terrain.height(points), terrain.urbanity(points), terrain.rivers,
                  terrain.towns, make_noise(rng, 2.6))
