"""Reads a layer of landscape (river, road, settlement, relief …) from GeoJSON: checked, lightened, cleaned."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely import Geometry

from govdesk.ingest.coordinates import Crs
from govdesk.ingest.geometry import read_feature_collection, transform
from govdesk.ingest.notes import Note, note
from govdesk.ingest.place_cells import clean_text
from govdesk.ingest.place_rows import FileRefusedError

#: Decimals of the stored degrees, tolerance of lines and areas in degrees (about 10 m), longest text of a property.
DECIMALS = 5
TOLERANCE = 0.0001
TEXT_LENGTH = 100


@dataclass(slots=True)
class ContextFile:
    """The layer as it will be stored, and what could not be kept."""

    geojson: str
    n_read: int
    n_kept: int
    errors: list[Note] = field(default_factory=list)


def _clean(properties: object) -> dict[str, Any]:
    """Keep the plain values of a feature's properties."""
    kept: dict[str, Any] = {}
    for key, value in (properties.items() if isinstance(properties, dict) else ()):
        if isinstance(value, str):
            kept[clean_text(str(key))[0][:TEXT_LENGTH]] = clean_text(value)[0][:TEXT_LENGTH]
        elif value is None or isinstance(value, bool | int | float):
            kept[clean_text(str(key))[0][:TEXT_LENGTH]] = value
    return kept


def _lighten(raw: object, source: Crs, target: Crs) -> Geometry | None:
    geometry = shapely.from_geojson(json.dumps(raw), on_invalid="ignore") if isinstance(raw, dict) else None
    if geometry is None or geometry.is_empty:
        return None
    bounds = shapely.bounds(geometry)
    if not np.isfinite(bounds).all() or np.abs(bounds[[0, 2]]).max() > 180 or np.abs(bounds[[1, 3]]).max() > 90:
        return None
    moved = transform(shapely.force_2d(geometry), source, target)
    light = shapely.transform(shapely.simplify(moved, TOLERANCE), lambda points: np.round(points, DECIMALS))
    return None if light.is_empty else light


def read_context(path: Path, *, source: Crs = "wgs84", target: Crs = "wgs84") -> ContextFile:
    """Read a layer: points, lines and areas of any kind; features without a usable geometry are named and left out.

    Raises
    ------
    FileRefusedError
        When it is no GeoJSON, or nothing in it can be drawn.
    """
    raw = read_feature_collection(path)
    kept, errors = [], []
    for number, item in enumerate(raw, 1):
        geometry = _lighten(item.get("geometry"), source, target)
        if geometry is None:
            errors.append(note("context_not_drawable", number, "geometry"))
            continue
        kept.append({"type": "Feature", "properties": _clean(item.get("properties")),
                     "geometry": json.loads(shapely.to_geojson(geometry))})
    if not kept:
        raise FileRefusedError(note("context_empty", file=path.name))
    text = json.dumps({"type": "FeatureCollection", "features": kept}, ensure_ascii=False, separators=(",", ":"))
    return ContextFile(text, len(raw), len(kept), errors)
