"""Places, their changes and layers are imported and read on PostgreSQL exactly as on SQLite."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest
from sqlalchemy import insert, select

from govdesk.actions.context_layers import import_context
from govdesk.actions.place_changes import import_place_changes
from govdesk.actions.places import PlaceOptions, import_places
from govdesk.clock import day_start, week_of
from govdesk.queries import change_series, continued, coverage, known, places, recorded, shapes, surroundings
from govdesk.queries.exact_shapes import read_exact_shapes
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.map_figures import read_map_figures
from govdesk.queries.map_request import MEASURES, MapRequest
from govdesk.rules.access import SYSTEM, Scope
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.storage.properties import Properties
from govdesk.storage.schema import create_database
from govdesk.storage.weekly_counts import rebuild, refresh_place_weeks
from govdesk.tables import (
    BeforeImage,
    ContextLayer,
    Incident,
    Place,
    PlaceAncestor,
    PlaceChange,
    PlaceShape,
    RowNote,
)
from govdesk.terms import DataKind, Role

pytestmark = pytest.mark.postgres

TABLES = (Place, PlaceShape, PlaceAncestor, PlaceChange, ContextLayer, BeforeImage, RowNote)
SPLIT = date(2025, 3, 6)
REGISTER = """代码,名称,层级,上级代码,类型,人口,户数,经度,纬度
C,某县,县,,,9000,3000,,
T1,甲镇,乡镇,C,,5000,1600,110.1,27.1
T2,乙\x00乡,乡镇,C,,4000,1400,110.3,27.3
V1,一村,村,T1,山区,2500,800,,
V2,二村,村,T1,平原,2500,800,,
V3,三村,村,T2,平原,2500,800,110.31,27.31
V9,坏村,村,T9,平原,很多,,,
"""
LATER = "code,name,level,parent_code,valid_from\nV1a,一村东,village,T1,2025-03-06\nV1b,一村西,village,T1,2025-03-06\n"
CHANGES = "from_code,to_code,on,kind,share\nV1,V1a,2025-03-06,split,0.6\nV1,V1b,2025-03-06,split,\nV1,V9,2025-03-06,split,x\n"
MORE = CHANGES.replace("split,\n", "split,0.4\n")


def square(west, south, size):
    ring = [[west, south], [west + size, south], [west + size, south + size], [west, south + size], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def collection(path, **geometries):
    features = [{"type": "Feature", "properties": {"code": code, "name": f"<i>{code}", "层级": "村", "bad\ud800\x00": "x"},
                 "geometry": geometry} for code, geometry in geometries.items()]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def load(engine, tmp_path):
    """Import by every command, twice; return all reports."""
    create_database(engine, Properties(kind=DataKind.REAL, zone="Asia/Shanghai"))
    register, later, changes, more = (tmp_path / name for name in ("r.csv", "l.csv", "c.csv", "m.csv"))
    for path, text in ((register, REGISTER), (later, LATER), (changes, CHANGES), (more, MORE)):
        path.write_text(text, encoding="utf-8")
    bow = {"type": "Polygon", "coordinates": [[[110, 27], [110.2, 27.2], [110.2, 27], [110, 27.2], [110, 27]]]}
    county = collection(tmp_path / "county.geojson", C=square(110, 27, 0.4), V1=bow, Z=square(110, 27, 0.1))
    alone = collection(tmp_path / "alone.geojson", X=square(110.3, 27.3, 0.05), T2={"type": "Point", "coordinates": [9e9, 1]})
    river = {"type": "LineString", "coordinates": [[110, 27], [110.4, 27.4]]}
    layer = collection(tmp_path / "river.geojson", a=river, b=None)
    under = PlaceOptions(level="village", parent="T2", code_property="code", name_property="name")
    reports = [import_places(engine, by=SYSTEM, csv_path=register, commit=commit) for commit in (False, True)]
    reports += [import_places(engine, by=SYSTEM, csv_path=register, geometry_path=county, commit=True) for _ in range(2)]
    reports += [import_places(engine, by=SYSTEM, geometry_path=alone, options=under, commit=True) for _ in range(2)]
    reports += [import_places(engine, by=SYSTEM, csv_path=later, commit=True)]
    reports += [import_place_changes(engine, by=SYSTEM, path=path, commit=True) for path in (changes, changes, more)]
    reports += [import_context(engine, by=SYSTEM, name="river", path=path, commit=True) for path in (layer, layer, county)]
    return [report.as_json() for report in reports]


def dump(engine):
    with read_transaction(engine) as connection:
        return {table.__tablename__: sorted(repr(tuple(row)) for row in connection.execute(select(table.__table__)))
                for table in TABLES}


def add_incidents(engine):
    """Write incidents before and after the split: grid workers fall silent in V2 while the hotline does not."""
    rows = []
    for number in range(80):
        on = date(2026, 11, 20) - timedelta(days=9 * number)
        place = ("V1" if on < SPLIT else "V1a", "V2", "V3", "T1")[number % 4]
        at = day_start(on) + timedelta(hours=9)
        rows.append({
            "source": "t", "source_ref": f"R{number}", "content_hash": "0", "stream": "dispute", "category": "neighbour",
            "channel": "hotline" if number < 12 or number % 3 else "grid_worker", "weight": 1, "place_code": place,
            "occurred_on": on, "reported_at": at, "recorded_at": at, "is_recorded_assumed": False,
            "week_occurred": week_of(on), "week_known": week_of(on), "is_counted": 1, "n_reopened": 0, "n_steps": 0,
            "status": "closed" if number % 5 else "accepted", "due_at": at + timedelta(days=30),
            "closed_at": at if number % 5 else None, "week_closed": week_of(on) if number % 5 else None})
    with write_transaction(engine) as connection:
        connection.execute(insert(Incident), rows)
        refresh_place_weeks(connection)
        rebuild(connection)


def read_all(engine):
    found = {}
    day, week = date(2026, 11, 22), week_of(date(2026, 11, 22))
    window = IncidentFilter(week_of(SPLIT) - 20, week + 1)
    request = MapRequest(week_from=window.week_from, week_to=window.week_to, on=day.isoformat(),
                         as_of=int(datetime(2026, 11, 22, tzinfo=UTC).timestamp()))
    with read_transaction(engine) as c:
        for s, scope in enumerate((SYSTEM, Scope("t", Role.TOWNSHIP, "T1", "U-1"))):
            for measure in MEASURES:
                for level, within in (("village", None), ("township", None), ("village", "T1")):
                    asked = replace(request, measure=measure, level=level, within=within)
                    found[s, "map", measure, level, within] = read_map_figures(c, scope, asked)
            for code in ("C", "T1", "V1", "V1a", "V2", "nowhere"):
                found |= {(s, code, name): value for name, value in {
                    "place": places.get_place(c, scope, code, day), "below": places.list_children(c, scope, code, day),
                    "way": places.find_breadcrumb(c, scope, code, day), "near": places.list_neighbours(c, scope, code, day),
                    "changes": places.list_changes(c, scope, code), "last": known.find_last_day(c, scope, code, day),
                    "known": known.read_known(c, scope, code), "works": surroundings.list_works(c, scope, code, day),
                    "series": continued.series_with_predecessors(c, scope, replace(window, place_code=code)).series,
                    "marks": continued.series_with_predecessors(c, scope, replace(window, place_code=code)).marks,
                    "exact": read_exact_shapes(c, scope, "village", day, code)}.items()}
            found |= {(s, name): value for name, value in {
                "shapes": shapes.read_shapes(c, scope, "village", day), "then": shapes.read_shapes(c, scope, "village", SPLIT),
                "roots": places.find_roots(c, scope, day), "search": places.search(c, scope, "一村", day),
                "letters": places.search(c, scope, "YC", day), "silence": change_series.read_silence(c, scope, week, 12),
                "closings": known.has_closings(c, scope), "recorded": recorded.read_recorded(c, scope)}.items()}
        found |= {"days": recorded.list_turning_days(c), "layers": shapes.list_context(c),
                  "river": shapes.read_context(c, "river"), "level": coverage.reporting_level(c),
                  "levels": places.list_levels(c)}
    return found


def test_places_are_imported_and_read_the_same(empty_engine, postgres_engine, tmp_path):
    reports = load(empty_engine, tmp_path)
    assert load(postgres_engine, tmp_path) == reports
    assert [report["inserted"] for report in reports] == [6, 6, 0, 0, 1, 0, 2, 1, 0, 1, 1, 0, 0]
    here, there = dump(empty_engine), dump(postgres_engine)
    assert all(here.values())
    for table, rows in here.items():
        assert there[table] == rows, table


def test_maps_and_village_pages_read_the_same(empty_engine, postgres_engine, tmp_path):
    for engine in (empty_engine, postgres_engine):
        load(engine, tmp_path)
        add_incidents(engine)
    here, there = read_all(empty_engine), read_all(postgres_engine)
    assert here.keys() == there.keys()
    assert here[0, "silence"].max() > 0
    assert here[0, "V1a", "marks"]
    assert here[0, "map", "open", "village", None]["n"].sum() > 0
    for key, value in here.items():
        if isinstance(value, pd.DataFrame | pd.Series):
            check = pd.testing.assert_frame_equal if isinstance(value, pd.DataFrame) else pd.testing.assert_series_equal
            check(value, there[key], obj=str(key))
        else:
            assert value == there[key], key
