"""Outlines: light, without gaps, with a label inside."""

import gzip
import json
from itertools import pairwise

import numpy as np
import pytest
import shapely

from govdesk.ingest.outlines import BASE_BYTES, PLACE_BYTES, area_km2, draw_outlines, simplify_together


def wiggly_grid(n, detail, seed=1):
    """Return n × n cells whose common borders wiggle: neighbours share every corner."""
    rng = np.random.default_rng(seed)
    edges = {}

    def edge(a, b):
        if (a, b) in edges:
            return edges[a, b]
        if (b, a) in edges:
            return edges[b, a][::-1]
        t = np.linspace(0, 1, detail)[1:-1, None]
        across = np.array([a[1] != b[1], a[0] != b[0]], dtype=float)
        wiggle = np.sin(np.pi * t) * rng.uniform(-0.08, 0.08, (detail - 2, 1)) / n
        line = (1 - t) * np.array(a) + t * np.array(b) + wiggle * across
        edges[a, b] = [a, *map(tuple, line), b]
        return edges[a, b]

    def corner(i, j):
        return (110 + i / n, 27 + j / n)

    cells = []
    for i in range(n):
        for j in range(n):
            ring = [corner(i, j), corner(i + 1, j), corner(i + 1, j + 1), corner(i, j + 1), corner(i, j)]
            points = [spot for a, b in pairwise(ring) for spot in edge(a, b)[:-1]]
            cells.append(shapely.Polygon(points))
    return cells


def test_neighbours_stay_neighbours_and_within_the_size():
    cells = wiggly_grid(12, 400)
    assert all(cell.is_valid for cell in cells)
    light = simplify_together(cells)
    size = len(gzip.compress("\n".join(shapely.to_geojson(cell) for cell in light).encode()))
    assert size <= (BASE_BYTES + PLACE_BYTES * len(cells)) * 1.1
    whole = shapely.union_all(light)
    assert sum(hole.area for part in shapely.get_parts(whole) for hole in map(shapely.Polygon, part.interiors)) == 0
    assert sum(cell.area for cell in light) == pytest.approx(whole.area, rel=1e-6)
    assert whole.area == pytest.approx(1.0, rel=0.01)


def test_outline_has_five_decimals_and_a_label_inside():
    [made] = draw_outlines([shapely.box(110.1234567, 27.0, 110.2, 27.1)])
    numbers = np.array(json.loads(made.geojson)["coordinates"][0])
    assert np.array_equal(numbers, np.round(numbers, 5))
    assert shapely.from_geojson(made.geojson).contains(shapely.Point(made.label))
    assert made.box == (110.123457, 27.0, 110.2, 27.1)


def test_tiny_place_does_not_vanish():
    [made] = draw_outlines([shapely.box(110.0, 27.0, 110.00003, 27.00003)])
    assert shapely.from_geojson(made.geojson).area > 0


def test_label_stands_in_the_largest_part():
    [made] = draw_outlines([shapely.MultiPolygon([shapely.box(0, 0, 0.1, 0.1), shapely.box(1, 1, 2, 2)])])
    assert made.label[0] > 1


def test_area_on_the_ellipsoid():
    # one degree square at the equator, Karney 2013: 110.574 km × 111.320 km, a little less on top
    assert area_km2(shapely.box(0, 0, 1, 1)) == pytest.approx(12_308.778, rel=1e-4)
