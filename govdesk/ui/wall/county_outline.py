"""The county as paths of a drawing: villages, stronger lines of townships, the outline, and names that keep off.

Drawn once for each version of the places; a scene only colours it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection

from govdesk.queries.places import list_levels
from govdesk.queries.shapes import read_shapes
from govdesk.rules.access import Scope
from govdesk.terms import Level, ShapeKind
from govdesk.ui.markup import clean_text

#: The longer side of the drawing; corners nearer to a straight line than `_FINEST` are left out.
SIZE, _FINEST, _MARGIN = 1000.0, 0.8, 6.0
#: Boxes in which the drawing is shown, width and height in vh: lying, standing (`scene_css`). Names fit the latter.
WIDE, TALL = (76.0, 53.0), (30.0, 19.0)
#: Height of a name in vh, and what a Chinese and a Latin character take of it.
LETTER, _WIDE_CHAR, _NARROW_CHAR, _AIR = 1.7, 1.0, 0.56, 0.25
_LONGEST_NAME = 8
#: So far a name may stick out of the drawing.
_OVER = 1.2


@dataclass(frozen=True, slots=True)
class Name:
    """A name and its middle in per cent of the drawing; `is_wide`: only where the drawing is large."""

    text: str
    x: float
    y: float
    is_wide: bool


@dataclass(frozen=True, slots=True)
class Outline:
    """A drawing of `width` × `height` units.

    Attributes
    ----------
    level : str
        Of the coloured places.
    places : tuple of (str, str)
        Code and path.
    lines : tuple of str
        Paths of the townships' borders.
    border : str
        Path of the county.
    names : tuple of Name
    is_schematic : bool
        Whether shapes are made up (示意).
    """

    width: float
    height: float
    level: str
    places: tuple[tuple[str, str], ...]
    lines: tuple[str, ...]
    border: str
    names: tuple[Name, ...]
    is_schematic: bool


def read_outline(connection: Connection, scope: Scope, on: date) -> Outline | None:
    """Return the drawing of the caller's area on a day; None without a shape."""
    levels = [level for level in (Level.VILLAGE.value, Level.TOWNSHIP.value) if level in list_levels(connection)]
    shapes = {level: read_shapes(connection, scope, level, on) for level in levels}
    level = next((one for one in levels if not shapes[one].empty), None)
    if level is None:
        return None
    fine = shapes[level]
    kinds = set(fine["kind"])
    around = shapes.get(Level.TOWNSHIP.value, fine.iloc[:0]) if level != Level.TOWNSHIP.value else fine
    geometry = _project(fine, fine)
    drawn = shapely.simplify(geometry, _FINEST)
    box = shapely.total_bounds(geometry)
    return Outline(
        float(box[2]) + _MARGIN, float(box[3]) + _MARGIN, level,
        tuple((code, "".join(_trace(shape))) for code, shape in zip(fine["code"], drawn, strict=True)),
        tuple("".join(_trace(shape)) for shape in shapely.simplify(_project(around, fine), _FINEST)),
        "".join(_trace(shapely.simplify(shapely.union_all(shapely.buffer(geometry, 0.4)), _FINEST))),
        _place_names(around, fine, box), bool(kinds & {ShapeKind.CELL.value, ShapeKind.TILE.value}))


def _frame(fine: pd.DataFrame) -> tuple[float, float, float, float]:
    """Return west, north, the degrees' ratio at the middle, and units per degree of latitude."""
    west, south = float(fine["min_lon"].min()), float(fine["min_lat"].min())
    east, north = float(fine["max_lon"].max()), float(fine["max_lat"].max())
    ratio = float(np.cos(np.radians((south + north) / 2)))
    longest = max((east - west) * ratio, north - south)
    return west, north, ratio, (SIZE - 2 * _MARGIN) / (longest or 1.0)


def _project(shapes: pd.DataFrame, fine: pd.DataFrame) -> "NDArray[np.object_]":
    """Return the shapes in units of the drawing: equirectangular about the middle, enough for a county."""
    outlines: NDArray[np.object_] = shapely.from_geojson(shapes["outline"].to_numpy(dtype=object))
    return shapely.transform(outlines, lambda points: _to_units(points, fine))  # type: ignore[no-any-return]


def _to_units(points: NDArray[np.float64], fine: pd.DataFrame) -> NDArray[np.float64]:
    west, north, ratio, scale = _frame(fine)
    x, y = (points[:, 0] - west) * ratio * scale, (north - points[:, 1]) * scale
    return np.stack([x, y], axis=1) + _MARGIN


def _trace(shape: shapely.Geometry) -> Iterator[str]:
    """Return each ring of a shape as a closed path in whole units, each corner told from the one before."""
    for part in shapely.get_parts(shape):
        for ring in (part.exterior, *part.interiors) if part.geom_type == "Polygon" else ():
            corners = shapely.get_coordinates(ring).round().astype(int)[:-1]
            steps = np.diff(corners, axis=0)
            yield f"M{corners[0][0]} {corners[0][1]}l" + " ".join(
                f"{x} {y}" for x, y in steps[np.any(steps != 0, axis=1)].tolist()) + "Z"


def _place_names(around: pd.DataFrame, fine: pd.DataFrame, box: NDArray[np.float64]) -> tuple[Name, ...]:
    """Return the names of the townships that fit: in the small drawing, then those that also fit the large one."""
    if around.empty:
        return ()
    points = _to_units(around[["label_lon", "label_lat"]].to_numpy(dtype="float64"), fine)
    size = (around["max_lon"] - around["min_lon"]) * (around["max_lat"] - around["min_lat"])
    width, height = float(box[2]) + _MARGIN, float(box[3]) + _MARGIN
    order = np.lexsort((around["code"].to_numpy(dtype=object).astype(str), -size.to_numpy(dtype="float64")))
    wanted = [(clean_text(around["name"].iloc[row], _LONGEST_NAME), float(points[row, 0] / width),
               float(points[row, 1] / height)) for row in order]
    small = set(_keep_apart(wanted, TALL, width / height))
    large = _keep_apart(wanted, WIDE, width / height, first=small)
    return tuple(Name(wanted[row][0], round(100 * wanted[row][1], 2), round(100 * wanted[row][2], 2),
                      row not in small) for row in sorted(small | set(large)))


def _keep_apart(
    wanted: list[tuple[str, float, float]], room: tuple[float, float], ratio: float, first: Iterable[int] = ()
) -> list[int]:
    """Return which names can be shown in a drawing that fits `room` (vh) without one touching another, greedily."""
    across = min(room[0], room[1] * ratio)
    kept: list[tuple[float, float, float, float]] = []
    shown: list[int] = []
    ordered = list(dict.fromkeys((*sorted(first), *range(len(wanted)))))
    for row in ordered:
        text, x, y = wanted[row]
        half = sum(_WIDE_CHAR if ord(char) > 0x2E80 else _NARROW_CHAR for char in text) * LETTER / 2 + _AIR
        middle = (x * across, y * across / ratio)
        one = (middle[0] - half, middle[1] - 0.6 * LETTER - _AIR, middle[0] + half, middle[1] + 0.6 * LETTER + _AIR)
        if one[0] > -_OVER and one[2] < across + _OVER and not any(
                one[0] < o[2] and o[0] < one[2] and one[1] < o[3] and o[1] < one[3] for o in kept):
            kept.append(one)
            shown.append(row)
    return shown
