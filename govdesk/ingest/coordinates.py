"""WGS84, GCJ-02 and BD-09: converted only when somebody asks for it.

A database declares one system and keeps what was delivered. GCJ-02 is the offset system that Chinese law prescribes
for published maps, BD-09 is Baidu's offset on top of it. The legal note stands in `docs/places.md`.

References
----------
The formula of GCJ-02 was never published; this is the community's reconstruction that `eviltransform` (MIT) and
`prcoords` (CC0) share, on the Krasovsky 1940 ellipsoid. The inverse iterates the forward formula: five rounds leave
less than a micrometre, where the usual one-step inverse is off by some metres.
"""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Crs = Literal["wgs84", "gcj02", "bd09"]
Floats = NDArray[np.float64]

#: The three systems, in the order in which each is an offset of the one before.
SYSTEMS: tuple[Crs, ...] = ("wgs84", "gcj02", "bd09")

_AXIS = 6378245.0
_ECCENTRICITY_2 = 0.00669342162296594323
_BAIDU_PI = np.pi * 3000.0 / 180.0
#: Rounds of the inverse.
_ROUNDS = 6
#: Box outside which GCJ-02 is WGS84: west, east, south, north.
_BOX = (72.004, 137.8347, 0.8293, 55.8271)


def _waves(lon: Floats) -> Floats:
    return (20.0 * np.sin(6.0 * lon * np.pi) + 20.0 * np.sin(2.0 * lon * np.pi)) * 2.0 / 3.0


def _offset(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + _waves(x)
    north += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + _waves(x)
    east += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    radians = np.radians(lat)
    magic = 1.0 - _ECCENTRICITY_2 * np.sin(radians) ** 2
    north = north * 180.0 / ((_AXIS * (1.0 - _ECCENTRICITY_2)) / (magic * np.sqrt(magic)) * np.pi)
    east = east * 180.0 / (_AXIS / np.sqrt(magic) * np.cos(radians) * np.pi)
    west_end, east_end, south_end, north_end = _BOX
    inside = (lon >= west_end) & (lon <= east_end) & (lat >= south_end) & (lat <= north_end)
    return np.where(inside, east, 0.0), np.where(inside, north, 0.0)


def _wgs84_to_gcj02(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    east, north = _offset(lon, lat)
    return lon + east, lat + north


def _gcj02_to_bd09(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BAIDU_PI)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BAIDU_PI)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


_FORWARD = (_wgs84_to_gcj02, _gcj02_to_bd09)


def _backward(step: int, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    found_lon, found_lat = lon, lat
    for _ in range(_ROUNDS):
        there_lon, there_lat = _FORWARD[step](found_lon, found_lat)
        found_lon, found_lat = found_lon + (lon - there_lon), found_lat + (lat - there_lat)
    return found_lon, found_lat


def convert(lon: ArrayLike, lat: ArrayLike, source: Crs, target: Crs) -> tuple[Floats, Floats]:
    """Convert points from one system into another.

    Parameters
    ----------
    lon, lat : array_like of float
        Degrees; NaN stays NaN.
    source, target : {"wgs84", "gcj02", "bd09"}
        Systems.

    Returns
    -------
    (ndarray, ndarray)
        Longitudes and latitudes, float64.

    Examples
    --------
    >>> lon, lat = convert([110.6], [27.08], "wgs84", "gcj02")
    >>> round(float(lon[0]), 4), round(float(lat[0]), 4)
    (110.6054, 27.0769)
    """
    xs = np.atleast_1d(np.asarray(lon, dtype=np.float64))
    ys = np.atleast_1d(np.asarray(lat, dtype=np.float64))
    here, there = SYSTEMS.index(source), SYSTEMS.index(target)
    while here < there:
        xs, ys = _FORWARD[here](xs, ys)
        here += 1
    while here > there:
        here -= 1
        xs, ys = _backward(here, xs, ys)
    return xs, ys


def read_system(text: str) -> Crs:
    """Return the system a text names.

    Raises
    ------
    ValueError
        When it is none of `SYSTEMS`.
    """
    name = text.strip().lower().replace("-", "")
    if name not in SYSTEMS:
        message = f"{text!r}: choose wgs84, gcj02 or bd09"
        raise ValueError(message)
    return name
