"""Registers and shapes into a database: dry run, idempotence, before-images, versions, hostile text, rights."""

import json
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from govdesk.actions.context_layers import import_context
from govdesk.actions.place_changes import import_place_changes
from govdesk.actions.places import PlaceOptions, import_places
from govdesk.clock import week_of
from govdesk.ingest.place_rows import FileRefusedError
from govdesk.rules.access import SYSTEM, RefusedError, Scope
from govdesk.storage.engine import read_transaction
from govdesk.storage.properties import Properties
from govdesk.storage.schema import create_database
from govdesk.storage.versions import read_versions
from govdesk.tables import (
    AuditEvent,
    Base,
    BeforeImage,
    ContextLayer,
    ImportBatch,
    Place,
    PlaceAncestor,
    PlaceChange,
    PlaceShape,
    RowNote,
)
from govdesk.tables.places import ALWAYS, FIRST_WEEK, OPEN_WEEK
from govdesk.terms import DataKind, Role

REGISTER = """code,name,level,parent_code,kind,population,households,lon,lat
C,某县,county,,,9000,3000,,
T1,甲镇,township,C,,5000,1600,110.1,27.1
T2,乙乡,township,C,,4000,1400,110.3,27.3
V1,一村,village,T1,mountain,2500,800,,
V2,二村,village,T1,plain,2500,800,,
"""
SQUARE = {"type": "Polygon", "coordinates": [[[110, 27], [110.4, 27], [110.4, 27.4], [110, 27.4], [110, 27]]]}


@pytest.fixture
def engine(empty_engine):
    create_database(empty_engine, Properties(kind=DataKind.REAL, zone="Asia/Shanghai"))
    return empty_engine


def write(tmp_path, content=REGISTER, name="places.csv"):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    return path


def shapes(tmp_path, name="shapes.geojson", **by_code):
    features = [{"type": "Feature", "properties": {"code": code}, "geometry": geometry} for code, geometry in by_code.items()]
    return write(tmp_path, json.dumps({"type": "FeatureCollection", "features": features}), name)


def load(engine, path, *, commit=True, geometry=None, **options):
    return import_places(engine, by=options.pop("by", SYSTEM), csv_path=path, geometry_path=geometry,
                         options=PlaceOptions(**options), commit=commit)


def counts(report):
    return report.read, report.inserted, report.updated, report.unchanged, report.rejected


def dump(engine):
    """Return every row of every table."""
    with read_transaction(engine) as connection:
        return {table.name: sorted(map(repr, connection.execute(select(table)))) for table in Base.metadata.sorted_tables}


def read(engine, statement):
    with read_transaction(engine) as connection:
        return list(connection.execute(statement))


def test_dry_run_writes_nothing_and_counts_the_same(engine, tmp_path):
    path, before = write(tmp_path), dump(engine)
    dry = load(engine, path, commit=False)
    assert dump(engine) == before
    assert not dry.committed
    assert counts(dry) == counts(load(engine, path)) == (5, 5, 0, 0, 0)


def test_every_place_can_be_drawn_and_stands_in_the_closure(engine, tmp_path):
    load(engine, write(tmp_path), geometry=shapes(tmp_path, C=SQUARE))
    drawn = {row.code: row for row in read(engine, select(PlaceShape.__table__))}
    assert {code: row.kind for code, row in drawn.items()} == {
        "C": "delivered", "T1": "cell", "T2": "cell", "V1": "tile", "V2": "tile"}
    assert drawn["C"].area_km2 == pytest.approx(1752, rel=0.01)
    assert drawn["T1"].area_km2 is None
    above = read(engine, select(PlaceAncestor.ancestor_code, PlaceAncestor.depth, PlaceAncestor.week_from,
                                PlaceAncestor.week_to).where(PlaceAncestor.code == "V1"))
    assert sorted(above) == [("C", 2, FIRST_WEEK, OPEN_WEEK), ("T1", 1, FIRST_WEEK, OPEN_WEEK), ("V1", 0, FIRST_WEEK, OPEN_WEEK)]
    assert read(engine, select(Place.initials).where(Place.code == "T1")) == [("JZ",)]


def test_same_file_again_writes_nothing_at_all(engine, tmp_path):
    path, geometry = write(tmp_path), shapes(tmp_path, C=SQUARE)
    load(engine, path, geometry=geometry)
    before = dump(engine)
    again = load(engine, path, geometry=geometry)
    assert counts(again) == (5, 0, 0, 5, 0)
    assert (again.committed, again.batch) == (True, None)
    assert dump(engine) == before


def test_changed_row_updates_keeps_its_before_image_and_says_so(engine, tmp_path):
    load(engine, write(tmp_path))
    report = load(engine, write(tmp_path, REGISTER.replace("一村", "壹村")))
    assert counts(report) == (5, 0, 1, 4, 0)
    [image] = read(engine, select(BeforeImage.table_name, BeforeImage.row_key, BeforeImage.image))
    assert (image.table_name, image.row_key) == ("places", "V1|1900-01-01")
    assert json.loads(image.image)["name"] == "一村"
    assert read(engine, select(func.count()).select_from(ImportBatch)) == [(2,)]
    with read_transaction(engine) as connection:
        assert read_versions(connection)["places"] == 3
    assert [row[0] for row in read(engine, select(AuditEvent.action))] == ["import_places"] * 2


def test_good_rows_beside_bad_ones_are_kept_and_the_bad_ones_named(engine, tmp_path):
    path = write(tmp_path, REGISTER + "V3,三村,village,T9,,,,,\nV4,四村,village,T1,,many,,,\nV1,又一村,village,T1,,,,,\n")
    report = load(engine, path)
    assert counts(report) == (8, 5, 0, 0, 3)
    assert [(item.line, item.column, item.code) for item in report.errors] == [
        (7, "parent_code", "orphan"), (8, "population", "bad_number"), (9, "code", "duplicate_code")]
    notes = read(engine, select(RowNote.line, RowNote.code).where(RowNote.level == "error").order_by(RowNote.line))
    assert notes == [(7, "orphan"), (8, "bad_number"), (9, "duplicate_code")]


def test_strict_keeps_everything_back(engine, tmp_path):
    before = dump(engine)
    report = load(engine, write(tmp_path, REGISTER + "V3,三村,village,T9,,,,,\n"), is_strict=True)
    assert (report.committed, report.rejected) == (False, 1)
    assert dump(engine) == before


def test_strict_keeps_everything_back_for_a_shape_that_is_no_area(engine, tmp_path):
    before = dump(engine)
    geometry = shapes(tmp_path, C=SQUARE, T1={"type": "LineString", "coordinates": [[110, 27], [111, 28]]})
    report = load(engine, write(tmp_path), geometry=geometry, is_strict=True)
    assert report.errors
    assert not report.committed
    assert dump(engine) == before
    assert load(engine, write(tmp_path), geometry=geometry).committed


def test_shapes_alone_make_places(engine, tmp_path):
    found = {"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"adcode": 430525, "name": "某县", "人口": "9,000"}, "geometry": SQUARE}]}
    path = write(tmp_path, json.dumps(found), "county.geojson")
    report = load(engine, None, geometry=path, level="county")
    assert counts(report) == (1, 1, 0, 0, 0)
    assert read(engine, select(Place.code, Place.name, Place.level, Place.population)) == [("430525", "某县", "county", 9000)]
    assert counts(load(engine, None, geometry=path, level="county")) == (1, 0, 0, 1, 0)


def test_shapes_later_replace_the_schematic_ones(engine, tmp_path):
    load(engine, write(tmp_path))
    half = {"type": "Polygon", "coordinates": [[[110, 27], [110.2, 27], [110.2, 27.4], [110, 27.4], [110, 27]]]}
    report = load(engine, None, geometry=shapes(tmp_path, T1=half, X=half))
    assert counts(report) == (2, 0, 1, 0, 1)
    report = load(engine, write(tmp_path), geometry=shapes(tmp_path, C=SQUARE, X=half))
    assert [item.code for item in report.warnings if item.code == "shape_without_place"] == ["shape_without_place"]
    kinds = dict(read(engine, select(PlaceShape.code, PlaceShape.kind)))
    assert (kinds["C"], kinds["T1"], kinds["T2"]) == ("delivered", "delivered", "cell")


def test_strange_positions_are_warnings(engine, tmp_path):
    path = write(tmp_path, REGISTER + "T3,丙镇,township,C,,,,110.1,27.1\nT4,丁镇,township,C,,,,111.9,27.1\nT5,戊镇,township,C,,,,,\n")
    away = {"type": "Polygon", "coordinates": [[[112, 27], [112.2, 27], [112.2, 27.4], [112, 27.4], [112, 27]]]}
    report = load(engine, path, geometry=shapes(tmp_path, C=SQUARE, V1=away, T1=SQUARE))
    found = {(item.code, item.line) for item in report.warnings}
    assert {("point_shared", 3), ("point_shared", 7), ("point_outside", 8), ("no_position", 9), ("child_outside", 5)} <= found


def test_other_coordinate_system_is_refused_unless_converted(engine, tmp_path):
    path = write(tmp_path)
    with pytest.raises(FileRefusedError) as caught:
        load(engine, path, crs="gcj02")
    assert "--convert" in caught.value.note.message("en")
    load(engine, path, crs="gcj02", is_converted=True)
    [(lon,)] = read(engine, select(Place.lon).where(Place.code == "T1"))
    assert 0.004 < 110.1 - lon < 0.006


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>", "=cmd|' /C calc'!A0", "'; DROP TABLE places; --", "{0} %s"])
def test_hostile_names_are_stored_as_written(engine, tmp_path, name):
    report = load(engine, write(tmp_path, f'code,name,level\nC,"{name}",county\n'))
    assert counts(report) == (1, 1, 0, 0, 0)
    assert read(engine, select(Place.name)) == [(name,)]


def test_overlong_and_controlled_names(engine, tmp_path):
    report = load(engine, write(tmp_path, f"code,name,level\nC,某\u202e县\x00,county\nD,{'长' * 5000},county\n"))
    assert counts(report) == (2, 1, 0, 0, 1)
    assert [item.code for item in report.errors] == ["name_too_long"]
    assert [item.code for item in report.warnings if item.line] == ["characters_removed"]
    assert read(engine, select(Place.name)) == [("某县",)]


def test_split_is_imported_and_the_weeks_before_keep_their_place(engine, tmp_path):
    load(engine, write(tmp_path))
    load(engine, write(tmp_path, "code,name,level,parent_code,valid_from\nV1a,一村东,village,T1,2025-03-06\nV1b,一村西,village,T1,2025-03-06\n"))
    changes = write(tmp_path, "from_code,to_code,on,kind,share\nV1,V1a,2025-03-06,split,0.6\nV1,V1b,2025-03-06,split,0.4\n", "changes.csv")
    assert import_place_changes(engine, by=SYSTEM, path=changes).inserted == 2
    assert read(engine, select(PlaceChange.from_code)) == []
    report = import_place_changes(engine, by=SYSTEM, path=changes, commit=True)
    assert counts(report) == (2, 2, 0, 0, 0)
    week = week_of(date(2025, 3, 6))
    spans = {row.code: (row.week_from, row.week_to) for row in read(engine, select(
        PlaceAncestor.code, PlaceAncestor.week_from, PlaceAncestor.week_to).where(PlaceAncestor.depth == 1))}
    assert spans["V1"] == (FIRST_WEEK, week + 1)
    assert spans["V1a"] == (week, OPEN_WEEK)
    [(ended,)] = read(engine, select(Place.valid_to).where(Place.code == "V1"))
    assert ended == date(2025, 3, 6)
    before = dump(engine)
    assert counts(import_place_changes(engine, by=SYSTEM, path=changes, commit=True)) == (2, 0, 0, 2, 0)
    assert counts(load(engine, write(tmp_path))) == (5, 0, 0, 5, 0)  # the old register does not re-open the place
    assert dump(engine) == before


def test_place_may_move_to_another_parent(engine, tmp_path):
    load(engine, write(tmp_path))
    moved = "code,name,level,parent_code,valid_from\nV1,一村,village,T2,2025-03-06\n"
    assert [item.code for item in load(engine, write(tmp_path, moved)).warnings if item.line == 2][:1] == ["earlier_version_ended"]
    week = week_of(date(2025, 3, 6))
    above = read(engine, select(PlaceAncestor.ancestor_code, PlaceAncestor.week_from, PlaceAncestor.week_to).where(
        PlaceAncestor.code == "V1", PlaceAncestor.depth == 1).order_by(PlaceAncestor.week_from))
    assert above == [("T1", FIRST_WEEK, week), ("T2", week, OPEN_WEEK)]
    assert read(engine, select(Place.valid_from, Place.valid_to).where(Place.code == "V1").order_by(Place.valid_from)) == [
        (ALWAYS, date(2025, 3, 6)), (date(2025, 3, 6), None)]


def test_layer_is_imported_replaced_and_left_alone(engine, tmp_path):
    line = {"type": "LineString", "coordinates": [[110, 27], [110.4, 27.4]]}
    path = shapes(tmp_path, "river.geojson", a=line)
    for name, expected in (("river", (1, 1, 0, 0, 0)), ("river", (1, 0, 0, 1, 0))):
        assert counts(import_context(engine, by=SYSTEM, name=name, path=path, commit=True)) == expected
    assert counts(import_context(engine, by=SYSTEM, name="river", path=shapes(tmp_path, a=line, b=line), commit=True)) == (2, 0, 2, 0, 0)
    assert read(engine, select(ContextLayer.name)) == [("river",)]
    with pytest.raises(FileRefusedError):
        import_context(engine, by=SYSTEM, name="../river", path=path)


def test_leader_may_not_import(engine, tmp_path):
    with pytest.raises(RefusedError):
        load(engine, write(tmp_path), by=Scope(account="local_leader", role=Role.LEADER))


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3), st.integers(0, 10), st.sampled_from(["", "2024-01-01", "2025-03-06"]),
                          st.sampled_from(["", "110.1,27.2", "110.2,27.2"])), min_size=1, max_size=12))
def test_any_file_again_changes_nothing(engine, tmp_path, cells):
    levels = ("county", "township", "village", "grid")
    lines = [f"p{code},n{code},{levels[level]},{'' if parent == 10 else f'p{parent}'},{since},{point or ','}"
             for code, level, parent, since, point in cells]
    path = write(tmp_path, "code,name,level,parent_code,valid_from,lon,lat\n" + "\n".join(lines) + "\n")
    first = load(engine, path)
    before = dump(engine)
    again = load(engine, path)
    assert again.inserted == again.updated == 0
    assert again.rejected == first.rejected
    assert dump(engine) == before
