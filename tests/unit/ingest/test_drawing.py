"""Which shape a place gets, by what is known of it and of its siblings."""

from datetime import date

import pytest
import shapely

from govdesk.ingest.drawing import Drawn, draw_places
from govdesk.ingest.place_tree import PlaceVersion
from govdesk.tables.places import ALWAYS
from govdesk.terms import ShapeKind

BOX = shapely.box(110.0, 27.0, 110.4, 27.4)


def place(code, level, parent=None, lon=None, lat=None, valid_from=ALWAYS, valid_to=None):
    return PlaceVersion(code, valid_from, valid_to, code, "", level, parent, lon=lon, lat=lat)


def county(*townships):
    return [place("C", "county"), *townships]


def draw(versions, **shapes):
    delivered = {(code, ALWAYS): Drawn(shape, ShapeKind.DELIVERED) for code, shape in shapes.items()}
    return {key[0]: drawn for key, drawn in draw_places(versions, delivered).items()}


def test_points_get_cells_and_the_unknown_stand_beside():
    drawn = draw(county(place("T1", "township", "C", 110.1, 27.1), place("T2", "township", "C", 110.3, 27.3),
                        place("T3", "township", "C")), C=BOX)
    assert [drawn[code].kind for code in ("T1", "T2", "T3")] == ["cell", "cell", "tile"]
    assert drawn["T1"].shape.area + drawn["T2"].shape.area == pytest.approx(BOX.area, rel=1e-5)
    assert not drawn["T3"].shape.intersects(BOX)


def test_siblings_without_anything_share_the_parent():
    drawn = draw(county(*(place(f"T{n}", "township", "C") for n in range(5))), C=BOX)
    parts = [drawn[f"T{n}"].shape for n in range(5)]
    assert {drawn[f"T{n}"].kind for n in range(5)} == {ShapeKind.TILE}
    assert shapely.union_all(parts).area == pytest.approx(BOX.area, rel=1e-5)


def test_children_of_an_unknown_place_are_tiles_within_its_tile():
    drawn = draw(county(place("T1", "township", "C", 110.1, 27.1), place("T2", "township", "C"),
                        *(place(f"V{n}", "village", "T2") for n in range(7))), C=BOX)
    assert all(drawn["T2"].shape.covers(drawn[f"V{n}"].shape) for n in range(7))


def test_tree_without_any_coordinate_is_a_tile_map():
    tree = [place("C", "county"), *(place(f"T{n}", "township", "C") for n in range(3)),
            *(place(f"V{n}", "village", f"T{n % 3}") for n in range(20)), *(place(f"G{n}", "grid", "V1") for n in range(4))]
    drawn = draw(tree)
    assert len(drawn) == len(tree)
    assert {item.kind for item in drawn.values()} == {ShapeKind.TILE}
    for version in tree[1:]:
        assert drawn[version.parent_code].shape.covers(drawn[version.code].shape)


def test_points_without_an_outline_give_the_root_a_hull():
    drawn = draw(county(place("T1", "township", "C", 110.1, 27.1), place("T2", "township", "C", 110.3, 27.3)))
    assert drawn["C"].kind == ShapeKind.CELL
    assert drawn["T1"].shape.area + drawn["T2"].shape.area == pytest.approx(drawn["C"].shape.area, rel=1e-5)


def test_parent_is_put_together_from_its_children():
    left, right = shapely.box(110.0, 27.0, 110.2, 27.4), shapely.box(110.2, 27.0, 110.4, 27.4)
    drawn = draw(county(place("T1", "township", "C"), place("T2", "township", "C")), T1=left, T2=right)
    assert drawn["C"].kind == ShapeKind.CELL
    assert drawn["C"].shape.equals(BOX)


def test_township_without_a_point_lies_where_its_villages_are():
    drawn = draw(county(place("T1", "township", "C"), place("T2", "township", "C"),
                        place("V1", "village", "T1", 110.1, 27.1), place("V2", "village", "T2", 110.3, 27.3)), C=BOX)
    assert drawn["T1"].shape.covers(shapely.Point(110.1, 27.1))
    assert drawn["T1"].kind == ShapeKind.CELL


def test_delivered_shape_is_never_touched_and_leaves_room_for_cells():
    half = shapely.box(110.0, 27.0, 110.2, 27.4)
    drawn = draw(county(place("T1", "township", "C"), place("T2", "township", "C", 110.3, 27.3)), C=BOX, T1=half)
    assert drawn["T1"].shape is half
    assert drawn["T2"].shape.area == pytest.approx(BOX.area / 2, rel=1e-5)


def test_place_that_ended_is_drawn_among_the_siblings_of_its_last_day():
    day = date(2026, 3, 2)
    drawn = draw(county(place("T1", "township", "C", valid_to=day), place("T2", "township", "C"),
                        place("T1a", "township", "C", valid_from=day), place("T1b", "township", "C", valid_from=day)), C=BOX)
    now = sum(drawn[code].shape.area for code in ("T2", "T1a", "T1b"))
    assert now == pytest.approx(BOX.area, rel=1e-5)
    assert drawn["T1"].shape.area == pytest.approx(BOX.area / 2, rel=0.2)


def test_city_root_and_several_roots():
    assert set(draw([place("A", "county"), place("B", "county")])) == {"A", "B"}
    assert not draw([place("A", "county"), place("B", "county")])["A"].shape.intersects(
        draw([place("A", "county"), place("B", "county")])["B"].shape)
