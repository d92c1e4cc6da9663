"""What the process needs of the places: townships, villages and grids with their validity, and points inside grids."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from govdesk.synthetic.places import County
from govdesk.synthetic.process import generator

_POINTS = 52

#: Places of a grid where something may happen.
POINTS_A_GRID = 24

#: Stand in for "always" and "until further notice" where days are compared.
EARLY, LATE = date(1900, 1, 1), date(2200, 1, 1)


@dataclass(frozen=True, slots=True)
class Ground:
    """The county as the process walks on it.

    Attributes
    ----------
    townships : DataFrame
        ``code, name``.
    villages : DataFrame
        As of `places.County`, with ``begins`` and ``ends`` (dates, the end exclusive).
    grids : DataFrame
        As of `places.County`, with ``begins``, ``ends`` and ``position``.
    points : ndarray of float, shape (grids, `POINTS_A_GRID`, 2)
        lon, lat inside each grid.
    """

    townships: pd.DataFrame
    villages: pd.DataFrame
    grids: pd.DataFrame
    points: NDArray[np.float64]


def lay_ground(county: County) -> Ground:
    """Return the frames of the process for a county at all times."""
    townships = county.places.loc[county.places["level"] == "township", ["code", "name"]].reset_index(drop=True)
    return Ground(
        townships,
        _dated(county.villages),
        _dated(county.grids).assign(position=range(len(county.grids))),
        _draw_points(county),
    )


def _dated(frame: pd.DataFrame) -> pd.DataFrame:
    begins = [EARLY if day is None or pd.isna(day) else day for day in frame["valid_from"]]
    ends = [LATE if day is None or pd.isna(day) else day for day in frame["valid_to"]]
    return frame.assign(begins=begins, ends=ends)


def _draw_points(county: County) -> NDArray[np.float64]:
    """Draw points evenly inside each grid, by rejection from its box; the middle stands in where too few are met."""
    shapes = {
        item["properties"]["code"]: shapely.geometry.shape(item["geometry"])
        for item in county.shapes["grid"]["features"]
    }
    rng = generator(county.seed, _POINTS)
    points = np.empty((len(county.grids), POINTS_A_GRID, 2))
    for position, row in enumerate(county.grids.itertuples()):
        shape = shapes[row.code]
        west, south, east, north = shape.bounds
        tried = rng.uniform((west, south), (east, north), (POINTS_A_GRID * 6, 2))
        inside = tried[shapely.contains_xy(shape, tried)][:POINTS_A_GRID]
        points[position] = (row.lon, row.lat)
        points[position, : len(inside)] = inside
    return points
