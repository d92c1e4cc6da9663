"""Writes an invented county as the files that the public importers read: same seed and day, same bytes."""

import csv
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from govdesk.synthetic.places import CHANGE_COLUMNS, COLUMNS, County, features_until, places_until

#: File of each level's shapes, the widest first: they are imported in this order, after places.csv.
SHAPE_FILES = {"county": "county.geojson", "township": "townships.geojson", "village": "villages.geojson",
               "grid": "grids.geojson"}
#: The shapes of all levels in one file: imported with places.csv in one transaction, which draws everything once.
ALL_SHAPES = "places.geojson"


def write_place_files(county: County, folder: Path, until: date) -> dict[str, int]:
    """Write a county's places as they were known on a day.

    Parameters
    ----------
    county : County
        From `build_county`.
    folder : Path
        Made when missing; files of the same names are replaced.
    until : date
        Later changes have not happened yet. Files of a later day add rows and end places; they change nothing else.

    Returns
    -------
    dict of str to int
        File name to number of rows or features.
    """
    folder.mkdir(parents=True, exist_ok=True)
    places, changes = places_until(county, until)
    written = {"places.csv": _write_csv(folder / "places.csv", places, COLUMNS),
               "place_changes.csv": _write_csv(folder / "place_changes.csv", changes, CHANGE_COLUMNS)}
    for level, name in SHAPE_FILES.items():
        written[name] = _write_json(folder / name, features_until(county.shapes[level], until))
    everything = [item for level in SHAPE_FILES for item in features_until(county.shapes[level], until)["features"]]
    written[ALL_SHAPES] = _write_json(folder / ALL_SHAPES, {"features": everything})
    for name, layer in county.context.items():
        written[f"{name}.geojson"] = _write_json(folder / f"{name}.geojson", layer)
    return written


def _write_csv(path: Path, frame: pd.DataFrame, columns: list[str]) -> int:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for row in frame[columns].itertuples(index=False):
            writer.writerow(["" if cell is None else cell for cell in row])
    return len(frame)


def _write_json(path: Path, collection: Mapping[str, Any]) -> int:
    """Write a FeatureCollection, one feature a line, so that two days' files can be compared by eye."""
    lines = ",\n".join(json.dumps(item, ensure_ascii=False, separators=(",", ":"), default=float)
                       for item in collection["features"])
    path.write_text(f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n', encoding="utf-8", newline="\n")
    return len(collection["features"])
