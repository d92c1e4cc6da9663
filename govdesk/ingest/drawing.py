"""Gives every place a shape: delivered where there is one, else schematic, from the top of the tree down.

Rules, in order, for the places under one parent on one day:

1. A delivered or repaired shape is kept.
2. A place without one whose children all have one is their union (schematic all the same: nobody delivered it).
3. Places with a point get the part of the parent's shape nearest to it (cell).
4. Where none of the siblings has a shape or a point, the parent's shape is cut into parts of like size (tile).
5. A place of which nothing is known beside siblings that are known stands as a tile below the parent's outline.
6. Without any coordinates at all, squares are laid out from the tree (tile).

Places that are no longer valid are drawn among the siblings of their last day.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeAlias

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon

from govdesk.ingest.geometry import keep_polygons
from govdesk.ingest.place_tree import Key, PlaceVersion, group_by_code
from govdesk.ingest.schematic import cut_cells, hull_region, subdivide
from govdesk.ingest.tile_map import root_tiles, tiles_beside, tiles_within
from govdesk.terms import LEVELS, ShapeKind

Shape: TypeAlias = Polygon | MultiPolygon
Spot: TypeAlias = tuple[float, float]

#: A region of which less than this share is left beside delivered siblings has no room for cells.
_ROOM = 0.02


@dataclass(frozen=True, slots=True)
class Drawn:
    """The shape of one place version, and where it comes from."""

    shape: Shape
    kind: ShapeKind
    is_located: bool = True


@dataclass(slots=True)
class _Family:
    """Siblings under one parent on one day, in the order of their codes."""

    parent: PlaceVersion | None
    day: date
    members: list[PlaceVersion]


def last_day(version: PlaceVersion) -> date:
    """Return the last day a version is valid on; the far future while it is open."""
    return date.max if version.valid_to is None else version.valid_to - timedelta(days=1)


def _find(same: Sequence[PlaceVersion], day: date) -> PlaceVersion | None:
    """Return the version valid on a day, else the newest before it, else the first."""
    holding = [version for version in same if version.holds_on(day)]
    earlier = [version for version in same if version.valid_from <= day]
    return next(iter([*holding, *earlier[-1:], *same[:1]]), None)


def _is_current(version: PlaceVersion, day: date) -> bool:
    return version.valid_from <= day <= last_day(version)


def _families(versions: Iterable[PlaceVersion]) -> list[_Family]:
    """Return the families of every day on which a sibling ends, the widest level first and the newest day first."""
    by_code = group_by_code(versions)
    children: dict[str | None, list[PlaceVersion]] = defaultdict(list)
    for same in by_code.values():
        for version in same:
            children[version.parent_code if version.parent_code in by_code else None].append(version)
    families = []
    for parent_code, members in children.items():
        for day in sorted({last_day(version) for version in members}, reverse=True):
            present = sorted((item for item in members if _is_current(item, day)), key=lambda item: item.code)
            parent = None if parent_code is None else _find(by_code[parent_code], day)
            families.append(_Family(parent, day, present))
    rank = {level.value: at for at, level in enumerate(LEVELS)}
    families.sort(key=lambda family: (-1 if family.parent is None else rank[family.parent.level],
                                      -family.day.toordinal(), family.members[0].code))
    return families


def draw_places(versions: Iterable[PlaceVersion], delivered: Mapping[Key, Drawn]) -> dict[Key, Drawn]:
    """Return a shape for every place version.

    Parameters
    ----------
    versions : iterable of PlaceVersion
        The whole tree at all times.
    delivered : mapping of (code, valid_from) to Drawn
        Shapes that files brought, in the database's coordinate system.
    """
    everything = list(versions)
    families = _families(everything)
    drawn: dict[Key, Drawn] = dict(delivered)
    _dissolve(families, drawn)
    fixed = dict(drawn)
    spots = _find_spots(families, drawn)
    for family in families:
        if family.parent is None:
            _draw_roots(family, drawn, spots, everything)
        else:
            for key, shape in _draw_family(family, fixed, drawn[family.parent.key], spots).items():
                drawn.setdefault(key, shape)  # the newest day on which a place stands comes first
    return drawn


def _find_spots(families: Sequence[_Family], drawn: Mapping[Key, Drawn]) -> dict[Key, Spot]:
    """Return where each place is: its own point, else the middle of what is known of its children."""
    spots: dict[Key, Spot] = {}
    below: dict[Key, list[Spot]] = defaultdict(list)
    for family in reversed(families):
        for member in family.members:
            if member.lon is not None and member.lat is not None:
                spots[member.key] = (member.lon, member.lat)
            elif member.key in drawn:
                inner = shapely.point_on_surface(drawn[member.key].shape)
                spots[member.key] = (float(inner.x), float(inner.y))
            elif below[member.key]:
                middle = np.mean(below[member.key], axis=0)
                spots[member.key] = (float(middle[0]), float(middle[1]))
            if member.key in spots and family.parent is not None:
                below[family.parent.key].append(spots[member.key])
    return spots


def _dissolve(families: Sequence[_Family], drawn: dict[Key, Drawn]) -> None:
    """Put parents together from their children, from the bottom up."""
    for family in reversed(families):
        if family.parent is None or family.parent.key in drawn:
            continue
        if all(member.key in drawn for member in family.members):
            whole = keep_polygons(shapely.union_all([drawn[member.key].shape for member in family.members]))
            if whole is not None:
                drawn[family.parent.key] = Drawn(whole, ShapeKind.CELL)


def _draw_roots(family: _Family, drawn: dict[Key, Drawn], spots: Mapping[Key, Spot],
                everything: Sequence[PlaceVersion]) -> None:
    """Put a root around what is known below it, or lay a tile."""
    children = defaultdict(set)
    for version in everything:
        children[version.parent_code].add(version.code)
    blank = []
    for member in family.members:
        if member.key in drawn:
            continue
        codes = _below(member.code, children)
        shapes = [item.shape for key, item in drawn.items() if key[0] in codes]
        corners = shapely.get_coordinates(np.asarray(shapes, dtype=object))
        cloud = [*(spot for key, spot in spots.items() if key[0] in codes), *map(tuple, corners.tolist())]
        if cloud:
            drawn[member.key] = Drawn(hull_region(cloud), ShapeKind.CELL)
        else:
            blank.append(member)
    east = max((item.shape.bounds[2] for item in drawn.values()), default=0.0)
    for member, tile in zip(blank, root_tiles(len(blank), east), strict=True):
        drawn[member.key] = Drawn(tile, ShapeKind.TILE, is_located=False)


def _below(code: str, children: Mapping[str | None, set[str]]) -> set[str]:
    found, queue = {code}, [code]
    while queue:
        new = children.get(queue.pop(), set()) - found
        found |= new
        queue += new
    return found


def _draw_family(family: _Family, fixed: Mapping[Key, Drawn], parent: Drawn, spots: Mapping[Key, Spot]
                 ) -> dict[Key, Drawn]:
    """Return schematic shapes of the members that have none of their own."""
    missing = [member for member in family.members if member.key not in fixed]
    siblings = [fixed[member.key] for member in family.members if member.key in fixed]
    pointed = [member for member in missing if member.key in spots]
    if not missing:
        return {}
    if siblings or pointed:
        found = _draw_cells(pointed, [spots[member.key] for member in pointed], parent, siblings)
    else:
        found = _draw_unknown(missing, parent)
    lost = [member for member in missing if member.key not in found]
    for member, tile in zip(lost, tiles_beside(parent.shape, len(lost), len(family.members)), strict=True):
        found[member.key] = Drawn(tile, ShapeKind.TILE, is_located=False)
    return found


def _draw_unknown(missing: Sequence[PlaceVersion], parent: Drawn) -> dict[Key, Drawn]:
    """Cut the parent among its children, or lay tiles within it when it is a tile itself."""
    if parent.is_located:
        pieces = subdivide(parent.shape, len(missing))
    else:
        pieces = list(tiles_within(parent.shape, len(missing)))
    return {member.key: Drawn(piece, ShapeKind.TILE, is_located=parent.is_located)
            for member, piece in zip(missing, pieces, strict=True) if piece is not None}


def _draw_cells(pointed: Sequence[PlaceVersion], spots: Sequence[Spot], parent: Drawn, siblings: Sequence[Drawn]
                ) -> dict[Key, Drawn]:
    """Draw cells around points, where the siblings that have a shape leave room."""
    if not pointed:
        return {}
    region: Shape | None = parent.shape
    if siblings:
        region = keep_polygons(shapely.difference(parent.shape, shapely.union_all([item.shape for item in siblings])))
        fair = parent.shape.area * len(pointed) / (len(pointed) + len(siblings))
        if region is None or region.area < _ROOM * fair:
            return {}
    cells = cut_cells(np.array(spots, dtype=np.float64), region)
    return {member.key: Drawn(cell, ShapeKind.CELL) for member, cell in zip(pointed, cells, strict=True)
            if cell is not None}
