"""Reads shapes from GeoJSON, repairs them, and checks that a child lies in its parent."""

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np
import shapely
from shapely import Geometry, MultiPolygon, Polygon

from govdesk.ingest.coordinates import Crs, convert
from govdesk.ingest.notes import Note, note
from govdesk.ingest.place_cells import CellError, read_code, shorten
from govdesk.ingest.place_headers import PLACE_HEADERS, fold
from govdesk.ingest.place_rows import FileRefusedError, decode

#: Properties that hold names in public files, after the Chinese and English headers of the CSV.
_NAME_ENDINGS = ("name", "名称", "nam", "label")
_CODE_ENDINGS = ("code", "id", "代码", "编码", "gb", "geoid")
#: Share of a child's area that must lie in its parent, and slack in degrees for a point (about 100 m).
INSIDE_SHARE = 0.5
INSIDE_SLACK = 0.001


@dataclass(slots=True)
class Feature:
    """One feature: its number from 1, its code, its other properties, and its geometry."""

    number: int
    code: str
    properties: dict[str, str]
    shape: Polygon | MultiPolygon | None = None
    point: tuple[float, float] | None = None
    is_repaired: bool = False


@dataclass(slots=True)
class FeatureFile:
    """Features of one file, and what is to be said about them."""

    features: list[Feature]
    code_property: str
    name_property: str | None
    errors: list[Note] = field(default_factory=list)
    warnings: list[Note] = field(default_factory=list)
    n_read: int = 0


def read_feature_collection(path: Path) -> list[dict[str, Any]]:
    """Return the features of a GeoJSON file (RFC 7946).

    Raises
    ------
    FileRefusedError
        When it is no JSON, no GeoJSON, or holds no features.
    """
    try:
        found = json.loads(decode(path.read_bytes()))
    except (ValueError, RecursionError) as error:
        raise FileRefusedError(note("json_broken", file=path.name, reason=shorten(str(error), 120))) from error
    if isinstance(found, dict) and found.get("type") == "Feature":
        found = {"type": "FeatureCollection", "features": [found]}
    features = found.get("features") if isinstance(found, dict) else None
    if not isinstance(features, list) or not all(isinstance(item, dict) for item in features):
        raise FileRefusedError(note("geojson_expected", file=path.name))
    if not features:
        raise FileRefusedError(note("file_empty", file=path.name))
    return cast("list[dict[str, Any]]", features)


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None or isinstance(value, (dict, list, bool)) else str(value)


def _properties(feature: Mapping[str, Any]) -> dict[str, str]:
    found = feature.get("properties")
    texts = {str(key): _text(value) for key, value in found.items()} if isinstance(found, dict) else {}
    if "id" in feature and "id" not in texts:
        texts["id"] = _text(feature["id"])
    return texts


def _guess(rows: Sequence[dict[str, str]], words: tuple[str, ...], endings: tuple[str, ...]) -> str | None:
    """Return the property that is named like one of `words`, else ends like one of `endings`; always filled, if any."""
    filled = Counter(key for row in rows for key, value in row.items() if value.strip())
    order = [*[fold(word) for word in words]]
    ranked = [(order.index(fold(key)), -filled[key], key) for key in filled if fold(key) in order]
    ranked = ranked or [(at, -filled[key], key) for key in filled for at, ending in enumerate(endings)
                        if fold(key).endswith(ending)]
    return min(ranked)[2] if ranked else None


def choose_properties(rows: Sequence[dict[str, str]], known: Collection[str], code_property: str | None,
                      name_property: str | None) -> tuple[str, str | None]:
    """Return which property holds the code and which the name.

    The code is the one given, else the one whose values are known codes most often, else the one named like a code.

    Raises
    ------
    FileRefusedError
        When a given property does not exist, or none can be guessed.
    """
    keys = dict.fromkeys(key for row in rows for key in row)
    for given in (code_property, name_property):
        if given is not None and given not in keys:
            raise FileRefusedError(note("property_missing", property=given, found=", ".join(list(keys)[:20])))
    if code_property is None:
        hits = Counter(key for row in rows for key, value in row.items() if value in known)
        code_property = hits.most_common(1)[0][0] if hits else _guess(rows, PLACE_HEADERS["code"], _CODE_ENDINGS)
    if code_property is None:
        raise FileRefusedError(note("property_unknown", found=", ".join(list(keys)[:20])))
    others = [{key: value for key, value in row.items() if key != code_property} for row in rows]
    return code_property, name_property or _guess(others, PLACE_HEADERS["name"], _NAME_ENDINGS)


def keep_polygons(geometry: Geometry) -> Polygon | MultiPolygon | None:
    """Return the polygonal parts of a geometry, or None when it has none with an area."""
    parts = [part for part in shapely.get_parts(shapely.get_parts(geometry))
             if part.geom_type == "Polygon" and part.area > 0.0]
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)


def repair(geometry: Geometry) -> Polygon | MultiPolygon | None:
    """Return a valid geometry of the same area: rings that cross themselves are cut at the crossing.

    Notes
    -----
    GEOS' `make_valid`; lines and points that remain of it are dropped, areas never.
    """
    return keep_polygons(shapely.make_valid(geometry))


def transform(geometry: Geometry, source: Crs, target: Crs) -> Geometry:
    """Return a geometry in another coordinate system."""
    if source == target:
        return geometry
    return shapely.transform(
        geometry, lambda points: np.column_stack(convert(points[:, 0], points[:, 1], source, target)))


def _is_lonlat(geometry: Geometry) -> bool:
    west, south, east, north = shapely.bounds(geometry)
    is_finite = bool(np.isfinite([west, south, east, north]).all())
    return is_finite and west >= -180 and east <= 180 and south >= -90 and north <= 90


def _take_geometry(found: FeatureFile, feature: Feature, raw: object, column: str) -> bool:
    """Read the geometry of one feature; return whether the feature can be kept."""
    if raw is None:
        return True
    geometry = shapely.from_geojson(json.dumps(raw), on_invalid="ignore") if isinstance(raw, dict) else None
    if geometry is not None and geometry.is_empty:
        return True
    if geometry is None or not _is_lonlat(geometry):
        found.errors.append(note("bad_geometry" if geometry is None else "not_degrees", feature.number, column,
                                 place=feature.code))
        return False
    geometry = shapely.force_2d(geometry)
    if geometry.geom_type == "Point":
        feature.point = (geometry.x, geometry.y)
        return True
    feature.is_repaired = not geometry.is_valid
    shape = repair(geometry) if feature.is_repaired else keep_polygons(geometry)
    if shape is None:
        found.errors.append(note("not_an_area", feature.number, column, place=feature.code, kind=geometry.geom_type))
        return False
    if feature.is_repaired:
        reason = shapely.is_valid_reason(geometry).split("[")[0]
        found.warnings.append(note("shape_repaired", feature.number, column, place=feature.code, reason=reason))
    feature.shape = shape
    return True


def read_features(path: Path, *, known: Collection[str] = (), code_property: str | None = None,
                  name_property: str | None = None, source: Crs = "wgs84", target: Crs = "wgs84") -> FeatureFile:
    """Read the shapes of places.

    Parameters
    ----------
    path : Path
        GeoJSON file.
    known : collection of str
        Codes of the register, by which the code property is recognised.
    code_property, name_property : str, optional
        Properties; guessed when not given.
    source, target : {"wgs84", "gcj02", "bd09"}
        System of the file and system to return.

    Raises
    ------
    FileRefusedError
        When the file as a whole cannot be used.
    """
    raw = read_feature_collection(path)
    rows = [_properties(item) for item in raw]
    code_name, name_name = choose_properties(rows, known, code_property, name_property)
    found = FeatureFile([], code_name, name_name, n_read=len(raw))
    for number, (item, properties) in enumerate(zip(raw, rows, strict=True), 1):
        text = properties.get(code_name, "")
        try:
            code = read_code(text)
        except CellError as error:
            code_note = "code_missing" if not text.strip() else error.code
            found.errors.append(note(code_note, number, code_name, **({} if not text.strip() else error.values)))
            continue
        feature = Feature(number, code, properties)
        if _take_geometry(found, feature, item.get("geometry"), "geometry"):
            if feature.shape is not None:
                feature.shape = keep_polygons(transform(feature.shape, source, target))
            found.features.append(feature)
    return found


def merge_features(found: FeatureFile) -> dict[str, Feature]:
    """Return one feature a code: several of the same code are parts of one place (islands), and that is said."""
    merged: dict[str, Feature] = {}
    for feature in found.features:
        first = merged.setdefault(feature.code, feature)
        if first is feature:
            continue
        found.warnings.append(note("shape_in_parts", feature.number, found.code_property, place=feature.code,
                                   first=first.number))
        shapes = [shape for shape in (first.shape, feature.shape) if shape is not None]
        first.shape = keep_polygons(shapely.union_all(shapes)) if shapes else None
        first.point = first.point or feature.point
        first.is_repaired = first.is_repaired or feature.is_repaired
    return merged


def lies_inside(shape: Geometry | None, point: tuple[float, float] | None, parent: Geometry) -> bool:
    """Return whether a place lies in its parent: by its area and inner point, or by its point alone."""
    if shape is None:
        if point is None:
            return True
        return bool(shapely.distance(parent, shapely.Point(point)) <= INSIDE_SLACK)
    if shapely.covers(parent, shape):
        return True
    area = shapely.area(shape)
    return bool(area > 0 and shapely.area(shapely.intersection(shape, parent)) / area >= INSIDE_SHARE)
