"""Puts the files of one import of places together: rows of a CSV, or of the features, and the features' shapes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from govdesk.ingest.coordinates import Crs, convert
from govdesk.ingest.geometry import Feature, FeatureFile, merge_features, read_features
from govdesk.ingest.notes import Note
from govdesk.ingest.place_headers import match_headers
from govdesk.ingest.place_rows import PlaceRow, read_place_cells, read_places_csv


@dataclass(slots=True)
class ReadPlaces:
    """What the files of one import say.

    Attributes
    ----------
    rows : list of PlaceRow
        Places.
    features : dict of str to Feature
        Shapes and points by code.
    code_property : str
        Property of the features that holds the code.
    n_read, n_refused : int
        Rows (features, when there is no CSV), and those of them that could not become a row.
    """

    rows: list[PlaceRow]
    features: dict[str, Feature] = field(default_factory=dict)
    code_property: str = ""
    errors: list[Note] = field(default_factory=list)
    warnings: list[Note] = field(default_factory=list)
    n_read: int = 0
    n_refused: int = 0

    def copy(self) -> "ReadPlaces":
        """Return a copy whose rows and notes may be changed."""
        rows = [replace(row, values=dict(row.values), errors=list(row.errors), warnings=list(row.warnings))
                for row in self.rows]
        return replace(self, rows=rows, errors=list(self.errors), warnings=list(self.warnings))


def read_place_files(csv_path: Path | None, geometry_path: Path | None, *, known: Collection[str] = (),
                     code_property: str | None = None, name_property: str | None = None, source: Crs = "wgs84",
                     target: Crs = "wgs84") -> ReadPlaces:
    """Read a CSV, a GeoJSON file, or both.

    Raises
    ------
    FileRefusedError
        When a file as a whole cannot be used.
    """
    read = ReadPlaces([])
    if csv_path is not None:
        register = read_places_csv(csv_path)
        read = ReadPlaces(register.rows, warnings=register.warnings, n_read=len(register.rows))
    if geometry_path is None:
        return read
    codes = {row.code for row in read.rows} | set(known)
    found = read_features(geometry_path, known=codes, code_property=code_property, name_property=name_property,
                          source=source, target=target)
    read.features, read.code_property = merge_features(found), found.code_property
    read.errors += found.errors
    read.warnings += found.warnings
    if csv_path is None:
        read.n_read = found.n_read
        read.n_refused = len({item.line for item in found.errors})
        _rows_of_features(read, found)
    else:
        _points_of_features(read)
    return read


def _rows_of_features(read: ReadPlaces, found: FeatureFile) -> None:
    """Make a row of each feature; properties named like headers of the CSV are read like its cells."""
    keys = list(dict.fromkeys(key for feature in read.features.values() for key in feature.properties))
    headers = match_headers([key for key in keys if key not in (found.code_property, found.name_property)])
    titles = {name: title for name, title in headers.titles.items() if name not in ("code", "name")}
    titles["code"] = found.code_property
    if found.name_property is not None:
        titles["name"] = found.name_property
    read.warnings += [item for item in headers.warnings if item.code == "header_misspelt"]
    merged = {id(feature) for feature in read.features.values()}
    read.n_read -= sum(1 for feature in found.features if id(feature) not in merged)
    for feature in read.features.values():
        row = PlaceRow(feature.number, {}, titles)
        read_place_cells(row, {name: feature.properties.get(title, "") for name, title in titles.items()})
        if feature.point is not None and row.values.get("lon") is None:
            row.values["lon"], row.values["lat"] = feature.point
        read.rows.append(row)


def _points_of_features(read: ReadPlaces) -> None:
    for row in read.rows:
        feature = read.features.get(row.code)
        if feature is not None and feature.point is not None and row.values.get("lon") is None and not row.errors:
            row.values["lon"], row.values["lat"] = feature.point


def convert_points(read: ReadPlaces, source: Crs, target: Crs) -> None:
    """Convert the rows' points into the database's system, rounded to a centimetre."""
    pointed = [row for row in read.rows if row.values.get("lon") is not None and not row.errors]
    if source == target or not pointed:
        return
    lons, lats = convert([_number(row.values, "lon") for row in pointed],
                         [_number(row.values, "lat") for row in pointed], source, target)
    for row, lon, lat in zip(pointed, lons, lats, strict=True):
        row.values["lon"], row.values["lat"] = round(float(lon), 7), round(float(lat), 7)


def _number(values: Mapping[str, object], name: str) -> float:
    value = values[name]
    return float(value) if isinstance(value, (int, float)) else float("nan")
