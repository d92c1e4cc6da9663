"""Places of points: one owner each, homes in cells of at least 20 households, cells stored once."""

import h3.api.basic_int as h3
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from govdesk.ingest.dates import NULL
from govdesk.ingest.place_book import OPEN_DAY, ChangeRow, PlaceBook, PlaceRow, ShapeRow
from govdesk.ingest.points import LEAST_HOUSEHOLDS, Snapper, cells_of, choose_resolutions, home_resolution

ALWAYS = -25567


def place(code, parent=None, level="village", households=None, day_from=ALWAYS, day_to=OPEN_DAY, lon=None, lat=None, name=""):
    return PlaceRow(code, name or code, level, parent, day_from, day_to, households, lon, lat)


def square(code, x, y, size=1.0, area=None, day_from=ALWAYS):
    return ShapeRow(code, day_from, shapely.box(x, y, x + size, y + size), area)


def book(households=1000, area=10.0):
    return PlaceBook(
        [place("C", level="county"), place("V1", "C", households=households), place("V2", "C"), place("V3", "C")],
        [square("V1", 0, 0, area=area), square("V2", 1, 0), square("V3", 0, 1)])


def owners(of, *points, days=0, level="village"):
    lon, lat = np.array(points, dtype=float).T
    return of.owners(lon, lat, np.full(len(points), days, dtype=np.int64), level)


def test_point_on_an_edge_belongs_to_the_place_to_its_upper_right():
    assert owners(book(), (1, 0.5), (0.5, 1), (1.5, 0.5), (5, 5)) == ["V2", "V3", "V2", None]


def test_point_on_the_outer_edge_belongs_to_the_place_whose_edge_it_is_and_to_the_first_code_of_several():
    assert owners(book(), (2, 0.5), (0.5, 2), (1, 1), (0, 0)) == ["V2", "V3", "V1", "V1"]


def test_outer_edge_left_out_belongs_to_no_place():
    points = (2, 0.5), (0.5, 2), (1, 1), (0, 0), (1, 0)
    lon, lat = np.array(points, dtype=float).T
    found = book().owners(lon, lat, np.zeros(5, dtype=np.int64), "village", outer_edge=False)
    assert found == [None, None, None, "V1", "V2"]


def test_cells_of_a_grid_own_as_whole_numbers_of_thousandths_say():
    """Squares of 0.005°, points in thousandths of a degree: most fall on an edge, and floats do not add up to one."""
    corners = [(x, y) for x in range(-90310, -90210, 5) for y in range(38590, 38640, 5)]
    codes = [f"G{number:03d}" for number in np.random.default_rng(3).permutation(len(corners))]
    shapes = [ShapeRow(code, ALWAYS, shapely.box(x / 1000, y / 1000, (x + 5) / 1000, (y + 5) / 1000))
              for code, (x, y) in zip(codes, corners, strict=True)]
    grid = PlaceBook([place("C", level="county"), *(place(code, "C") for code in codes)], shapes)
    points = [(x, y) for x in range(-90310, -90205) for y in range(38590, 38645)]
    by_corner = dict(zip(corners, codes, strict=True))
    lon, lat = np.array(points, dtype=float).T / 1000
    found = grid.owners(lon, lat, np.zeros(len(points), dtype=np.int64), "village", outer_edge=False)
    assert found == [by_corner.get((x // 5 * 5, y // 5 * 5)) for x, y in points]


@given(st.lists(st.tuples(st.sampled_from([0, 0.5, 1, 1.5, 2]), st.sampled_from([0, 0.5, 1, 1.5, 2])), min_size=1), st.randoms())
@settings(max_examples=50)
def test_owner_depends_on_the_point_alone(points, rng):
    first = book()
    second = book()
    rng.shuffle(second.shapes)
    assert owners(first, *points) == owners(second, *points)
    assert owners(first, *points) == [owners(first, point)[0] for point in points]


def test_shape_of_another_time_owns_nothing():
    dated = PlaceBook([place("A", day_to=100), place("B", day_from=100)],
                      [square("A", 0, 0), square("B", 0, 0, day_from=100)])
    assert owners(dated, (0.5, 0.5), days=99) == ["A"]
    assert owners(dated, (0.5, 0.5), days=100) == ["B"]


def test_changes_are_followed_both_ways():
    tree = PlaceBook([place("A", day_to=100), place("B", day_from=100, day_to=200), place("C1", day_from=200), place("C2", day_from=200)],
                     changes=[ChangeRow("A", "B", 100), ChangeRow("B", "C1", 200), ChangeRow("B", "C2", 200)])
    assert tree.find_on("A", 150) == {"B"}
    assert tree.find_on("A", 250) == {"C1", "C2"}
    assert tree.find_on("C1", 50) == {"A"}
    assert tree.find_on("C2", 250) == {"C2"}


def test_names_repeat_between_parents_and_times():
    tree = PlaceBook([place("T1", name="东镇", level="township"), place("T2", name="西镇", level="township"),
                      place("X", "T1", name="新村"), place("Y", "T2", name="新村"), place("Z", "T2", name="新村", day_to=10)])
    assert tree.find_by_name("新村", "village") == {"X", "Y"}
    assert tree.find_by_name("新村", "village", "西镇") == {"Y"}
    assert tree.find_by_name("新村", "village", "T1") == {"X"}
    assert tree.find_by_name("新", "village") == set()


@pytest.mark.parametrize(("households", "area"), [(1000, 10.0), (300, 40.0), (25, 60.0), (5000, 1.0)])
def test_home_cell_holds_twenty_households(households, area):
    level = home_resolution(book(households, area), "V1")
    cell = h3.latlng_to_cell(0.5, 0.5, level)
    assert h3.cell_area(cell, unit="km^2") * households / area >= LEAST_HOUSEHOLDS


def test_finest_cell_that_is_wide_enough_is_taken():
    level = home_resolution(book(1000, 10.0), "V1")
    finer = h3.latlng_to_cell(0.5, 0.5, level + 1)
    assert h3.cell_area(finer, unit="km^2") * 100 < LEAST_HOUSEHOLDS * 1.1


def snap(of, stream, village="V1", point=(0.4321, 0.1234)):
    def column(value):
        return np.array([value], dtype=object)

    return Snapper(of).snap(np.array([point[0]]), np.array([point[1]]), column(village), column(stream))


@pytest.mark.parametrize("stream", ["dispute", "petition", "public_order"])
def test_homes_move_and_neighbours_fall_together(stream):
    one, two = snap(book(), stream), snap(book(), stream, point=(0.4322, 0.1234))
    assert (one.lon[0], one.lat[0]) != (0.4321, 0.1234)
    assert one.kind[0] == "snapped"
    assert (one.lon[0], one.lat[0]) == (two.lon[0], two.lat[0])


@pytest.mark.parametrize("stream", ["hazard", "request"])
def test_things_stay_exact(stream):
    exact = snap(book(), stream)
    assert (exact.lon[0], exact.lat[0], exact.kind[0]) == (0.4321, 0.1234, "exact")


@pytest.mark.parametrize(("of", "village"), [(book(None), "V1"), (book(), "V2"), (book(3), "V1")])
def test_home_without_known_households_is_the_places_point(of, village):
    found = snap(of, "dispute", village)
    assert found.kind[0] in ("place", None)
    assert (found.lon[0], found.lat[0]) != (0.4321, 0.1234)


def test_home_in_a_place_without_any_point_has_none():
    found = snap(PlaceBook([place("V1")]), "dispute")
    assert np.isnan(found.lon[0])
    assert found.kind[0] is None


def test_cells_are_whole_numbers_or_missing():
    cells = cells_of(np.array([111.0, np.nan]), np.array([27.0, np.nan]), 7)
    assert h3.get_resolution(int(cells[0])) == 7
    assert cells[1] == NULL


@given(st.floats(1, 50_000))
def test_county_shows_a_bounded_number_of_cells(area):
    county, township = choose_resolutions(area)
    assert area / h3.average_hexagon_area(county, unit="km^2") <= 3_000
    assert township == county + 1


def test_points_outside_are_found_with_tolerance():
    lon, lat = np.array([0.5, 2.003, 9.0, np.nan]), np.array([0.5, 0.5, 9.0, np.nan])
    assert book().are_outside(lon, lat).tolist() == [False, False, True, False]
    assert not PlaceBook([place("A")]).are_outside(lon, lat).any()
