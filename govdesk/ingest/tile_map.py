"""Tiles for places of which no position is known: laid out from the tree alone, marked 示意.

A tile is a square. Tiles of a tree without any coordinates stand around longitude 0, latitude 0, where no county is;
tiles of single unknown places stand in a row below their parent's outline, never inside it.
"""

import math

import shapely
from shapely import Geometry, Polygon

from govdesk.ingest.schematic import DECIMALS

#: Side of a root's tile in degrees, and the share of a slot that stays blank around a tile.
ROOT_SIDE = 0.6
GAP = 0.08


def _tile(west: float, south: float, side: float) -> Polygon:
    west, south, side = round(west, DECIMALS), round(south, DECIMALS), round(side, DECIMALS)
    return shapely.box(west, south, round(west + side, DECIMALS), round(south + side, DECIMALS), ccw=False)


def root_tiles(n: int, east: float = 0.0) -> list[Polygon]:
    """Return the tiles of `n` roots, side by side, east of whatever else is drawn."""
    return [_tile(east + at * ROOT_SIDE * (1 + GAP), 0.0, ROOT_SIDE) for at in range(n)]


def tiles_within(region: Geometry, n: int) -> list[Polygon]:
    """Return `n` tiles in rows inside the box of a tile, first in the north-west, reading order."""
    west, south, east, north = region.bounds
    columns = math.ceil(math.sqrt(n))
    rows = math.ceil(n / columns)
    slot = min((east - west) / columns, (north - south) / rows)
    side = slot * (1 - GAP)
    left = (west + east - columns * slot) / 2 + slot * GAP / 2
    top = (south + north + rows * slot) / 2 - slot * GAP / 2
    return [_tile(left + (at % columns) * slot, top - (at // columns) * slot - side, side) for at in range(n)]


def tiles_beside(region: Geometry, n: int, n_siblings: int) -> list[Polygon]:
    """Return `n` tiles in a row below a parent's outline, each about as large as a sibling would be.

    Parameters
    ----------
    region : polygon
        The parent's shape.
    n : int
        Places whose position is unknown.
    n_siblings : int
        All children of the parent: what one of them would take of its area.
    """
    west, south, east, north = region.bounds
    side = min(math.sqrt(region.area / max(n_siblings, 1)) * 0.8, (north - south) / 4)
    slot = side * (1 + 2 * GAP)
    per_row = max(1, int((east - west) // slot))
    return [_tile(west + (at % per_row) * slot, south - (at // per_row + 1) * slot, side) for at in range(n)]
