"""Cells and parts fill the parent without gap or overlap, the same every time."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from govdesk.ingest.schematic import cut_cells, find_seats, hull_region, spread_points, subdivide
from govdesk.ingest.tile_map import root_tiles, tiles_beside, tiles_within

PARENT = shapely.from_wkt(
    "POLYGON ((110.1 26.9, 110.5 26.85, 110.9 27.0, 110.95 27.3, 110.6 27.37, 110.55 27.1, 110.4 27.3, 110.15 27.2, 110.1 26.9))")
SLACK = 1e-5  # of the parent's area: corners are rounded to 6 decimals


def assert_tiles(pieces, parent):
    assert all(piece is not None and piece.is_valid for piece in pieces)
    total = sum(piece.area for piece in pieces)
    whole = shapely.union_all(pieces)
    assert abs(total - parent.area) < SLACK * parent.area
    assert shapely.symmetric_difference(whole, parent).area < SLACK * parent.area


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=30))
def test_cells_tile_the_parent(marks):
    inner = find_seats(PARENT, 40)
    points = np.array([inner[int(x * 39)] + (y - 0.5) * 0.01 for x, y in marks])
    cells = cut_cells(points, PARENT)
    present = [cell for cell in cells if cell is not None]
    assert_tiles(present, PARENT)


def test_cell_holds_its_point():
    points = find_seats(PARENT, 12)
    for cell, (x, y) in zip(cut_cells(points, PARENT), points, strict=True):
        assert cell.distance(shapely.Point(x, y)) < 1e-5


@pytest.mark.parametrize("n", [1, 2, 3, 7, 41])
def test_parts_tile_the_parent_and_are_of_like_size(n):
    parts = subdivide(PARENT, n)
    assert len(parts) == n
    assert_tiles(parts, PARENT)
    areas = np.array([part.area for part in parts]) / (PARENT.area / n)
    assert areas.min() > 0.4
    assert areas.max() < 2.0


def test_same_input_gives_the_same_bytes():
    assert [part.wkb for part in subdivide(PARENT, 15)] == [part.wkb for part in subdivide(PARENT, 15)]


def test_shared_point_is_split_and_said():
    points = np.array([[110.3, 27.0], [110.3, 27.0], [110.8, 27.1]])
    spread, moved = spread_points(points)
    assert moved == [0, 1]
    assert len(np.unique(spread, axis=0)) == 3
    cells = cut_cells(points, PARENT)
    assert all(cell is not None for cell in cells)
    assert_tiles(cells, PARENT)


def test_all_on_one_point_still_divides():
    assert_tiles(cut_cells(np.array([[110.3, 27.0]] * 4), PARENT), PARENT)


def test_parent_of_two_islands():
    parent = shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(3, 0, 4, 1)])
    assert_tiles(subdivide(parent, 5), parent)


def test_hull_around_one_point_has_an_area():
    assert hull_region([(110.0, 27.0)]).area > 0


def test_tiles_stand_apart_and_below_the_outline():
    beside = tiles_beside(PARENT, 5, 24)
    assert all(not tile.intersects(PARENT) for tile in beside)
    for tiles in (beside, tiles_within(shapely.box(0, 0, 1, 1), 11), root_tiles(3)):
        pairs = shapely.STRtree(tiles).query(tiles, predicate="intersects")
        assert pairs.shape[1] == len(tiles)
    box = shapely.box(0, 0, 1, 1)
    assert all(box.covers(tile) for tile in tiles_within(box, 11))
