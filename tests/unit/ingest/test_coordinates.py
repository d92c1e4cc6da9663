"""Conversion between the three systems: known values, and there and back again."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk.ingest.coordinates import convert, read_system

# inside the box in which GCJ-02 differs, away from its edges
LON, LAT = st.floats(73.5, 134.5), st.floats(18.5, 53.5)
METRES = 111_320.0


@pytest.mark.parametrize(("point", "expected"), [
    # published examples of the community's formula (prcoords, eviltransform): Tian'anmen, and Shanghai
    ((116.404, 39.915), (116.41024449916938, 39.91640428150164)),
    ((121.4737, 31.2304), (121.47822, 31.22845)),
])
def test_gcj02_of_known_points(point, expected):
    lon, lat = convert([point[0]], [point[1]], "wgs84", "gcj02")
    assert abs(lon[0] - expected[0]) < 2e-5
    assert abs(lat[0] - expected[1]) < 2e-5


@given(LON, LAT, st.sampled_from(["gcj02", "bd09"]))
def test_there_and_back_is_the_same_point(lon, lat, system):
    there = convert([lon], [lat], "wgs84", system)
    back = convert(*there, system, "wgs84")
    assert abs(back[0][0] - lon) * METRES < 1e-3
    assert abs(back[1][0] - lat) * METRES < 1e-3


@given(LON, LAT)
def test_bd09_goes_over_gcj02(lon, lat):
    direct = convert([lon], [lat], "wgs84", "bd09")
    stepped = convert(*convert([lon], [lat], "wgs84", "gcj02"), "gcj02", "bd09")
    assert np.allclose(direct, stepped, atol=1e-12)


def test_outside_china_nothing_is_shifted():
    lon, lat = convert([-90.2], [38.6], "wgs84", "gcj02")
    assert (lon[0], lat[0]) == (-90.2, 38.6)


def test_nan_stays_nan():
    lon, _ = convert([float("nan"), 110.6], [27.0, 27.0], "gcj02", "wgs84")
    assert np.isnan(lon[0])
    assert not np.isnan(lon[1])


def test_unknown_system_is_refused():
    assert read_system("GCJ-02") == "gcj02"
    with pytest.raises(ValueError, match="choose wgs84"):
        read_system("cgcs")
