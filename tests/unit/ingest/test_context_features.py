"""Layers of landscape: any geometry, rounded, with plain properties only."""

import json

import pytest

from govdesk.ingest.context_features import read_context
from govdesk.ingest.place_rows import FileRefusedError


def write(tmp_path, *geometries, **properties):
    path = tmp_path / "river.geojson"
    features = [{"type": "Feature", "properties": properties, "geometry": geometry} for geometry in geometries]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


LINE = {"type": "LineString", "coordinates": [[110.1234567, 27.0], [110.15, 27.00001], [110.2, 27.0]]}


def test_line_is_lightened_and_its_properties_cleaned(tmp_path):
    found = read_context(write(tmp_path, LINE, None, name="资\u202e水\x00", width=3, deep={"a": 1}))
    layer = json.loads(found.geojson)
    assert layer["features"][0]["geometry"]["coordinates"] == [[110.12346, 27.0], [110.2, 27.0]]
    assert layer["features"][0]["properties"] == {"name": "资水", "width": 3}
    assert [(item.code, item.line) for item in found.errors] == [("context_not_drawable", 2)]


def test_layer_with_nothing_to_draw_is_refused(tmp_path):
    with pytest.raises(FileRefusedError):
        read_context(write(tmp_path, None, {"type": "Point", "coordinates": [5e5, 3e6]}))
