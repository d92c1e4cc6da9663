"""The landscape behind the places: rivers, roads, settlements and hills, as GeoJSON."""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import shapely
from scipy.sparse.csgraph import dijkstra, minimum_spanning_tree
from scipy.spatial import Delaunay, cKDTree

from govdesk.synthetic.county_shape import KM_PER_DEGREE, ORIGIN, Floats, Ground, Ints, to_degrees
from govdesk.synthetic.names import name_waters
from govdesk.synthetic.regions import make_graph

Collection = dict[str, Any]

#: Heights above which a hill's step begins; each step lies within the one before.
_STEPS = (0.42, 0.62, 0.8, 0.98)
_METRES = (300, 500, 750, 1_000)
#: A step's corners are rounded by about this many kilometres.
_ROUND_KM = 0.45
#: Roads beyond the shortest tree: the shortest ways between seats that the tree makes more than so much longer.
_DETOUR = 1.9


def draw_landscape(rng: np.random.Generator, ground: Ground, county: shapely.Polygon,
                   towns: Mapping[str, pd.DataFrame]) -> dict[str, Collection]:
    """Return the context layers of a county.

    Parameters
    ----------
    rng : Generator
        Chance.
    ground : Ground
        The sheet.
    county : Polygon
        Outline in degrees.
    towns : mapping
        `seats`: the village that is the seat of each township; `villages`: all of today.
    """
    return {"river": _draw_rivers(rng, ground, county), "road": _draw_roads(ground, county, towns["seats"]),
            "settlement": _draw_settlements(rng, county, towns["villages"]),
            "relief": _draw_relief(ground, county)}


def _collect(items: Iterable[tuple[shapely.Geometry, dict[str, object]]]) -> Collection:
    features = [{"type": "Feature", "properties": properties, "geometry": shapely.geometry.mapping(_tidy(shape))}
                for shape, properties in items if not shape.is_empty]
    return {"type": "FeatureCollection", "features": features}


def _tidy(shape: shapely.Geometry) -> shapely.Geometry:
    """Return a shape with 5 decimals and its corners in one agreed order, so that the bytes never change."""
    rounded = shapely.transform(shape, lambda points: np.round(points, 5))
    return shapely.normalize(rounded if rounded.is_valid else shapely.make_valid(rounded))


def _line(points: Floats) -> shapely.LineString:
    return shapely.LineString(to_degrees(points))


def _to_sheet(frame: pd.DataFrame) -> Floats:
    degrees = frame[["lon", "lat"]].to_numpy(dtype=np.float64)
    sheet: Floats = (degrees - ORIGIN) * KM_PER_DEGREE
    return sheet


def _draw_rivers(rng: np.random.Generator, ground: Ground, county: shapely.Polygon) -> Collection:
    names = name_waters(rng, len(ground.rivers))
    items: list[tuple[shapely.Geometry, dict[str, object]]] = []
    for at, (river, name) in enumerate(zip(ground.rivers, names, strict=True)):
        inside = shapely.intersection(shapely.simplify(_line(river), 0.0002), county)
        items.append((inside, {"name": name, "class": "main" if at == 0 else "tributary"}))
    return _collect(items)


def _draw_roads(ground: Ground, county: shapely.Polygon, seats: pd.DataFrame) -> Collection:
    """Draw roads between the seats of townships, by ways that keep low and use roads that are there already."""
    ends = ground.points[ground.edges]
    steps = np.hypot(*(ends[:, 0] - ends[:, 1]).T)
    heights = ground.height[ground.edges]
    costs = steps * (1 + 2.0 * heights.mean(axis=1)) + 5.0 * np.abs(heights[:, 0] - heights[:, 1])
    spots = _to_sheet(seats)
    nodes = cKDTree(ground.points).query(spots)[1].astype(np.int64)
    used: dict[tuple[int, int], str] = {}
    number = {(int(a), int(b)): at for at, (a, b) in enumerate(np.sort(ground.edges, axis=1))}
    for start, end in _choose_links(ground, costs, nodes):
        graph = make_graph(ground.edges, costs, len(ground.points))
        _, before = dijkstra(graph, directed=False, indices=int(nodes[start]), return_predecessors=True)
        way = [int(nodes[end])]
        while way[-1] != nodes[start]:
            way.append(int(before[way[-1]]))
        kind = "main" if 0 in (start, end) else "branch"
        for one, other in pairwise(way):
            edge = (min(one, other), max(one, other))
            if edge not in used or kind == "main":
                used[edge] = kind
            costs[number[edge]] = steps[number[edge]] * 0.5
    items: list[tuple[shapely.Geometry, dict[str, object]]] = []
    junctions = _junctions(used, nodes)
    for kind in ("main", "branch"):
        for way in _chains([edge for edge, one in used.items() if one == kind], junctions):
            smooth = shapely.simplify(_line(smooth_line(ground.points[way])), 0.00015)
            items.append((shapely.intersection(smooth, county), {"class": kind}))
    return _collect(items)


def _choose_links(ground: Ground, costs: Floats, nodes: Ints) -> list[tuple[int, int]]:
    """Return which seats get a road: the shortest tree, and short cuts between neighbours that it leaves far apart."""
    graph = make_graph(ground.edges, costs, len(ground.points))
    gaps = dijkstra(graph, directed=False, indices=nodes)[:, nodes]
    tree = minimum_spanning_tree(gaps)
    by_tree = dijkstra(tree, directed=False)
    links = {(int(min(a, b)), int(max(a, b))) for a, b in zip(*tree.nonzero(), strict=True)}
    for corner in Delaunay(ground.points[nodes]).simplices:
        for a, b in ((corner[0], corner[1]), (corner[1], corner[2]), (corner[0], corner[2])):
            if by_tree[a, b] > _DETOUR * gaps[a, b] and gaps[a, b] < 1.4 * np.median(tree.data):
                links.add((int(min(a, b)), int(max(a, b))))
    return sorted(links, key=lambda link: (float(gaps[link]), link))


def _junctions(used: Mapping[tuple[int, int], str], nodes: Ints) -> set[int]:
    """Return where roads end, meet or change their class."""
    degree: dict[int, list[str]] = {}
    for edge, kind in used.items():
        for node in edge:
            degree.setdefault(node, []).append(kind)
    meeting = {node for node, kinds in degree.items() if len(kinds) != 2 or kinds[0] != kinds[1]}
    return meeting | {int(node) for node in nodes}


def _chains(edges: Iterable[tuple[int, int]], junctions: set[int]) -> list[list[int]]:
    """Return the ways from junction to junction that the edges make."""
    near: dict[int, set[int]] = {}
    for one, other in sorted(edges):
        near.setdefault(one, set()).add(other)
        near.setdefault(other, set()).add(one)
    ways = []
    for start in sorted(junctions & near.keys()):
        for first in sorted(near[start]):
            if first not in near[start]:
                continue
            way = [start, first]
            near[start].discard(first)
            near[first].discard(start)
            while way[-1] not in junctions and near[way[-1]]:
                following = min(near[way[-1]])
                near[way[-1]].discard(following)
                near[following].discard(way[-1])
                way.append(following)
            ways.append(way)
    return ways


def smooth_line(points: Floats, rounds: int = 3) -> Floats:
    """Return a line with its corners cut off, its ends kept (Chaikin 1974), after a moving mean of three."""
    if len(points) > 2:
        middle = (points[:-2] + points[1:-1] + points[2:]) / 3
        points = np.r_[points[:1], middle, points[-1:]]
    for _ in range(rounds):
        quarter = 0.75 * points[:-1] + 0.25 * points[1:]
        other = 0.25 * points[:-1] + 0.75 * points[1:]
        points = np.r_[points[:1], np.stack([quarter, other], 1).reshape(-1, 2)[1:-1], points[-1:]]
    return points


def _draw_settlements(rng: np.random.Generator, county: shapely.Polygon, villages: pd.DataFrame) -> Collection:
    """Draw the built-up ground of each village: a blot as wide as its people need; those of towns run together."""
    spots = _to_sheet(villages)
    angles = np.linspace(0, 2 * np.pi, 14, endpoint=False)
    per_km2 = {"urban": 7_500.0, "plain": 6_500.0, "mountain": 6_500.0}
    blots: list[shapely.Geometry] = []
    towns: list[shapely.Geometry] = []
    for (x, y), people, kind in zip(spots, villages["population"], villages["kind"], strict=True):
        radius = np.sqrt(people / per_km2[kind] / np.pi) * rng.uniform(0.7, 1.3, 14)
        blot = shapely.Polygon(smooth_line(np.c_[x + radius * np.cos(angles), y + radius * np.sin(angles)], 1))
        (towns if kind == "urban" else blots).append(shapely.transform(blot, to_degrees))
    town = shapely.intersection(shapely.buffer(shapely.buffer(shapely.union_all(towns), 0.006), -0.005), county)
    items: list[tuple[shapely.Geometry, dict[str, object]]] = [
        (shapely.simplify(part, 0.0002), {"class": "town"}) for part in shapely.get_parts(town)]
    rest = shapely.difference(shapely.intersection(shapely.union_all(blots), county), town)
    items += [(shapely.simplify(part, 0.0002), {"class": "village"}) for part in shapely.get_parts(rest)
              if part.geom_type == "Polygon"]
    return _collect(items)


def _draw_relief(ground: Ground, county: shapely.Polygon) -> Collection:
    """Draw nested steps of hills: cells above a height, with soft borders and without specks."""
    items: list[tuple[shapely.Geometry, dict[str, object]]] = []
    around = shapely.transform(county, lambda points: (points - ORIGIN) * KM_PER_DEGREE)
    cells = shapely.transform(ground.cells, lambda points: (points - ORIGIN) * KM_PER_DEGREE)
    within: shapely.Geometry = around
    for step, metres in zip(_STEPS, _METRES, strict=True):
        high = shapely.coverage_union_all(cells[ground.height > step])
        soft = high.buffer(_ROUND_KM).buffer(-2 * _ROUND_KM).buffer(_ROUND_KM)
        kept = [part for part in shapely.get_parts(soft) if part.area > 0.8]
        if not kept:
            break
        filled = [shapely.Polygon(part.exterior, [hole for hole in part.interiors if shapely.Polygon(hole).area > 0.6])
                  for part in kept]
        within = shapely.intersection(shapely.simplify(shapely.union_all(filled), 0.04), within)
        items += [(shapely.transform(part, to_degrees), {"class": f"above_{metres}", "metres": metres})
                  for part in shapely.get_parts(within) if part.geom_type == "Polygon"]
    return _collect(items)
