"""Points: homes are snapped to a cell of at least 20 households; map cells are computed once, on import.

Uses Uber's H3 grid (Apache 2.0). Cell ids are kept as whole numbers.
"""

from dataclasses import dataclass

import h3.api.basic_int as h3
import numpy as np
from numpy.typing import NDArray

from govdesk.ingest.dates import NULL
from govdesk.ingest.place_book import PlaceBook
from govdesk.terms import HOME_STREAMS, PointKind

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Objects = NDArray[np.object_]

#: A cell that stands for a home holds at least so many households (`shared design`, Data).
LEAST_HOUSEHOLDS = 20
#: Density is an average: ask for a little more than 20.
_MARGIN = 1.1
#: From the finest cell (15 000 m²) to the widest (250 km²) that a home may be snapped to.
_FINEST, _WIDEST = 10, 5
#: The county shows at most so many cells.
_MOST_CELLS = 3_000
#: Resolutions of a county of unknown size.
_USUAL = (7, 8)


def choose_resolutions(area_km2: float | None) -> tuple[int, int]:
    """Return the H3 resolutions of the county's and the township's map.

    The finest that covers the county with at most 3,000 cells, and one finer (seven times as many).

    Examples
    --------
    >>> choose_resolutions(2_000.0)
    (8, 9)
    """
    if area_km2 is None or area_km2 <= 0:
        return _USUAL
    fitting = [level for level in range(4, 11) if area_km2 / h3.average_hexagon_area(level, unit="km^2") <= _MOST_CELLS]
    county = max(fitting, default=4)
    return county, county + 1


def home_resolution(book: PlaceBook, code: str) -> int | None:
    """Return the finest resolution whose cells around a place hold 20 households; None: take the place's point."""
    found = book.household_density(code)
    near = book.label_point(code, 0)
    if found is None or near is None or found[1] < LEAST_HOUSEHOLDS:
        return None
    for level in range(_FINEST, _WIDEST - 1, -1):
        cell = h3.latlng_to_cell(near[1], near[0], level)
        if found[0] * h3.cell_area(cell, unit="km^2") >= LEAST_HOUSEHOLDS * _MARGIN:
            return level
    return None


@dataclass(frozen=True, slots=True)
class Points:
    """Points as they may be stored; NaN and None where there is none."""

    lon: Floats
    lat: Floats
    kind: Objects


class Snapper:
    """Moves the points of homes; remembers what it found for each place."""

    def __init__(self, book: PlaceBook) -> None:
        self._book = book
        self._resolutions: dict[str, int | None] = {}
        self._labels: dict[str, tuple[float, float] | None] = {}

    def snap(self, lon: Floats, lat: Floats, places: Objects, streams: Objects) -> Points:
        """Return the points that may be stored: exact for hazards and requests, snapped for all others.

        Parameters
        ----------
        lon, lat : ndarray of float64
            Exact points; NaN where unknown.
        places, streams : ndarray of object
            Place code and stream of each row.
        """
        out_lon, out_lat = lon.copy(), lat.copy()
        known = ~(np.isnan(lon) | np.isnan(lat))
        kind = np.full(len(lon), None, dtype=object)
        kind[known] = PointKind.EXACT.value
        homes = {stream.value for stream in HOME_STREAMS}
        is_home = np.fromiter((stream in homes for stream in streams), bool, len(streams)) & known
        memo: dict[tuple[float, float, str], tuple[float, float, str | None]] = {}
        for row in np.flatnonzero(is_home).tolist():
            key = (float(lon[row]), float(lat[row]), places[row])
            if key not in memo:
                memo[key] = self._snap_one(*key)
            out_lon[row], out_lat[row], kind[row] = memo[key]
        return Points(out_lon, out_lat, kind)

    def _snap_one(self, lon: float, lat: float, place: str) -> tuple[float, float, str | None]:
        if place not in self._resolutions:
            self._resolutions[place] = home_resolution(self._book, place)
            self._labels[place] = self._book.label_point(place, LEAST_HOUSEHOLDS)
        level, label = self._resolutions[place], self._labels[place]
        if level is not None:
            found_lat, found_lon = h3.cell_to_latlng(h3.latlng_to_cell(lat, lon, level))
            return round(found_lon, 6), round(found_lat, 6), PointKind.SNAPPED.value
        if label is not None:
            return label[0], label[1], PointKind.PLACE.value
        return float("nan"), float("nan"), None


def cells_of(lon: Floats, lat: Floats, level: int) -> Ints:
    """Return the H3 cell of each stored point; NULL where there is none."""
    result = np.full(len(lon), NULL, dtype=np.int64)
    known = np.flatnonzero(~(np.isnan(lon) | np.isnan(lat)))
    memo: dict[tuple[float, float], int] = {}
    cells: list[int] = []
    for key in zip(lat[known].tolist(), lon[known].tolist(), strict=True):
        cell = memo.get(key)
        if cell is None:
            cell = memo[key] = h3.latlng_to_cell(*key, level)
        cells.append(cell)
    result[known] = cells
    return result


def parents_of(cells: Ints, level: int) -> Ints:
    """Return the wider cell each cell belongs to: a drill from wide to fine never loses an incident between cells."""
    uniques, inverse = np.unique(cells, return_inverse=True)
    wide = [NULL if cell == NULL else h3.cell_to_parent(cell, level) for cell in uniques.tolist()]
    return np.array(wide, dtype=np.int64)[inverse]
