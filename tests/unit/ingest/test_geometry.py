"""Shapes from GeoJSON: repair, properties, refusals, inside or outside."""

import json

import pytest
import shapely

from govdesk.ingest.geometry import lies_inside, merge_features, read_features
from govdesk.ingest.place_rows import FileRefusedError

SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]}
BOWTIE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}


def feature(geometry=SQUARE, **properties):
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def read(tmp_path, *features, **options):
    path = tmp_path / "shapes.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return read_features(path, **options)


def test_ring_that_crosses_itself_is_repaired_and_named(tmp_path):
    found = read(tmp_path, feature(BOWTIE, code="A"))
    assert found.features[0].shape.is_valid
    assert found.features[0].shape.area == pytest.approx(0.5)
    assert found.features[0].is_repaired
    assert [(item.code, item.line) for item in found.warnings] == [("shape_repaired", 1)]


@pytest.mark.parametrize(("properties", "options", "expected"), [
    ({"adcode": 430525, "name": "甲"}, {}, ("adcode", "name", "430525")),
    ({"zz": "V1", "area_name": "甲", "code": "9"}, {"known": {"V1"}}, ("zz", "area_name", "V1")),
    ({"GB": "V1", "MC": "x"}, {}, ("GB", None, "V1")),
    ({"a": 1.0, "b": "x"}, {"code_property": "a", "name_property": "b"}, ("a", "b", "1")),
    ({"代码": "5", "名称": "甲"}, {}, ("代码", "名称", "5")),
])
def test_code_and_name_are_found(tmp_path, properties, options, expected):
    found = read(tmp_path, feature(**properties), **options)
    assert (found.code_property, found.name_property, found.features[0].code) == expected


@pytest.mark.parametrize(("geometry", "code"), [
    ({"type": "Polygon", "coordinates": "x"}, "bad_geometry"), ({"type": "LineString", "coordinates": [[0, 0], [1, 1]]}, "not_an_area"),
    ({"type": "Polygon", "coordinates": [[[5e5, 3e6], [6e5, 3e6], [6e5, 4e6], [5e5, 3e6]]]}, "not_degrees"),
    ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 0], [0, 0]]]}, "not_an_area"), ("text", "bad_geometry"),
])
def test_unusable_geometry_is_named_and_the_rest_kept(tmp_path, geometry, code):
    found = read(tmp_path, feature(geometry, code="A"), feature(code="B"))
    assert [(item.code, item.line) for item in found.errors] == [(code, 1)]
    assert [item.code for item in found.features] == ["B"]


@pytest.mark.parametrize("content", ["{", "[]", '{"type":"FeatureCollection","features":[]}', "[" * 100_000, '{"features": [1]}'])
def test_file_that_is_no_geojson_is_refused(tmp_path, content):
    path = tmp_path / "shapes.geojson"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(FileRefusedError):
        read_features(path)


def test_property_that_does_not_exist_is_refused_with_those_that_do(tmp_path):
    with pytest.raises(FileRefusedError) as caught:
        read(tmp_path, feature(adcode=1), code_property="kode")
    assert "adcode" in caught.value.note.message("en")


def test_islands_of_one_code_become_one_place(tmp_path):
    east = {"type": "Polygon", "coordinates": [[[3, 0], [4, 0], [4, 1], [3, 1], [3, 0]]]}
    found = read(tmp_path, feature(code="A"), feature(east, code="A"))
    merged = merge_features(found)
    assert merged["A"].shape.area == pytest.approx(2.0)
    assert [item.code for item in found.warnings] == ["shape_in_parts"]


def test_point_feature_is_a_point_and_height_is_dropped(tmp_path):
    found = read(tmp_path, feature({"type": "Point", "coordinates": [110.5, 27.0, 300.0]}, code="A"))
    assert found.features[0].point == (110.5, 27.0)
    assert found.features[0].shape is None


def test_inside_by_share_and_by_point():
    parent = shapely.box(0, 0, 1, 1)
    assert lies_inside(shapely.box(0.2, 0.2, 1.1, 0.8), None, parent)
    assert not lies_inside(shapely.box(0.9, 0.2, 2.0, 0.8), None, parent)
    assert lies_inside(None, (0.5, 0.5), parent)
    assert not lies_inside(None, (1.5, 0.5), parent)
    assert lies_inside(None, None, parent)
