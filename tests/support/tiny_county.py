"""A small invented county written straight into the tables: for tests and benchmarks of queries and pages.

County 990101 with `townships` × `villages` × `grids`; every place is a square or a strip of it. One grid of the first
village was split on `SPLIT_ON`. Incidents are drawn evenly, so that no place stands out by intention.
"""

import json
from datetime import UTC, date, datetime, timedelta

import numpy as np
from sqlalchemy import Engine, insert

from govdesk.clock import day_start, week_of
from govdesk.storage.engine import write_transaction
from govdesk.storage.properties import Properties
from govdesk.storage.schema import create_database
from govdesk.storage.weekly_counts import rebuild, refresh_place_weeks
from govdesk.tables import (
    Incident,
    Place,
    PlaceAncestor,
    PlaceChange,
    PlaceShape,
    Step,
    Unit,
    WorksProject,
)
from govdesk.tables.places import ALWAYS, FIRST_WEEK, OPEN_WEEK
from govdesk.terms import DataKind
from tests.support.ready import built_once

COUNTY = "990101"
UNTIL = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
SPLIT_ON = date(2026, 3, 2)
SIZE = 0.12
STREAMS = {
    "dispute": ["land_forest", "neighbour", "family"], "petition": ["petition_land", "petition_wages"],
    "hazard": ["hazard_fire", "hazard_road"], "request": ["request_road", "request_sanitation"],
    "public_order": ["order_fight", "order_theft"],
}


def _square(west: float, south: float, east: float, north: float) -> str:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return json.dumps({"type": "Polygon", "coordinates": [[[round(x, 6), round(y, 6)] for x, y in ring]]})


def _rows(townships: int, villages: int, grids: int):
    """Yield code, name, level, parent, box."""
    west, south = 111.0, 27.0
    yield COUNTY, "测试县", "county", None, (west, south, west + SIZE * townships, south + SIZE)
    kinds = ("urban", "plain", "mountain")
    for t in range(townships):
        tc = f"{COUNTY}{t + 1:03d}"
        left = west + SIZE * t
        yield tc, f"第{t + 1}镇", "township", COUNTY, (left, south, left + SIZE, south + SIZE)
        for v in range(villages):
            vc = f"{tc}{v + 1:03d}"
            low, high = south + SIZE * v / villages, south + SIZE * (v + 1) / villages
            yield vc, f"第{t + 1}镇{v + 1}村", "village", tc, (left, low, left + SIZE, high), kinds[v % 3]
            for g in range(grids):
                a, b = left + SIZE * g / grids, left + SIZE * (g + 1) / grids
                yield f"{vc}-{g + 1:02d}", f"{v + 1}村第{g + 1}网格", "grid", vc, (a, low, b, high)


@built_once
def build(engine: Engine, n_incidents: int = 900, *, seed: int = 1, townships: int = 3, villages: int = 4,
          grids: int = 2, weeks: int = 156, hostile: str | None = None, kind: DataKind = DataKind.SAMPLE) -> None:
    """Create the database and fill it; `hostile` replaces the name of the first village."""
    create_database(engine, Properties(kind=kind, zone="Asia/Shanghai", title_zh="测试县", title_en="Test County"))
    places, shapes, closure, parents, levels = [], [], [], {}, {}
    for row in _rows(townships, villages, grids):
        code, name, level, parent, box = row[:5]
        if hostile and code == f"{COUNTY}001001":
            name = hostile
        parents[code], levels[code] = parent, level
        valid_from, valid_to = ALWAYS, None
        if code == f"{COUNTY}001001-01":
            valid_to = SPLIT_ON
        places.append({
            "code": code, "valid_from": valid_from, "valid_to": valid_to, "name": name, "level": level,
            "initials": "", "parent_code": parent, "kind": row[5] if len(row) > 5 else None,
            "population": {"county": 3000 * townships * villages, "township": 3000 * villages, "village": 3000}.get(level, 1500),
            "households": {"county": 1000 * townships * villages, "township": 1000 * villages, "village": 1000}.get(level, 500),
            "lon": (box[0] + box[2]) / 2, "lat": (box[1] + box[3]) / 2})
        shapes.append({"code": code, "valid_from": valid_from, "kind": "delivered", "geometry": _square(*box),
                       "outline": _square(*box), "label_lon": (box[0] + box[2]) / 2, "label_lat": (box[1] + box[3]) / 2,
                       "min_lon": box[0], "min_lat": box[1], "max_lon": box[2], "max_lat": box[3], "area_km2": 10.0})
    split = f"{COUNTY}001001-01"
    changes = []
    for suffix in ("a", "b"):
        child = f"{split}{suffix}"
        old = next(p for p in places if p["code"] == split)
        places.append({**old, "code": child, "name": f"{old['name']}{suffix}", "valid_from": SPLIT_ON, "valid_to": None})
        parents[child], levels[child] = parents[split], "grid"
        changes.append({"from_code": split, "to_code": child, "on": SPLIT_ON, "kind": "split", "share": 0.5})
    for place in places:
        week_from = FIRST_WEEK if place["valid_from"] == ALWAYS else week_of(place["valid_from"])
        week_to = OPEN_WEEK if place["valid_to"] is None else week_of(place["valid_to"])
        code, depth = place["code"], 0
        while code is not None:
            closure.append({"code": place["code"], "ancestor_code": code, "week_from": week_from, "week_to": week_to,
                            "ancestor_level": levels[code], "depth": depth})
            code, depth = parents[code], depth + 1
    with write_transaction(engine) as connection:
        connection.execute(insert(Place), places)
        connection.execute(insert(PlaceShape), shapes)
        connection.execute(insert(PlaceAncestor), closure)
        connection.execute(insert(PlaceChange), changes)
        connection.execute(insert(Unit), [
            {"code": "U-CENTRE", "name": "综治中心", "kind": "centre", "place_code": COUNTY, "content_hash": "0"},
            {"code": "U-LAND", "name": "自然资源局", "kind": "department", "place_code": COUNTY, "content_hash": "0"}])
        connection.execute(insert(WorksProject), [{
            "source": "tiny", "source_ref": "W1", "content_hash": "0", "recorded_at": NOW, "name": "高标准农田一期",
            "kind": "farmland", "place_code": f"{COUNTY}001001", "started_on": date(2026, 8, 3), "ended_on": None,
            "unit_code": "U-LAND"}])
        rng = np.random.default_rng(seed)
        done = 0
        while done < n_incidents:
            n = min(50_000, n_incidents - done)
            rows, steps = _incidents(rng, done, n, townships, villages, grids, weeks)
            connection.execute(insert(Incident), rows)
            if n_incidents <= 5_000:
                connection.execute(insert(Step), steps)
            done += n
        if n_incidents and connection.dialect.name == "postgresql":  # rows with given numbers do not move the counter
            connection.exec_driver_sql(f"SELECT setval(pg_get_serial_sequence('incidents', 'id'), {n_incidents})")
        refresh_place_weeks(connection)
        rebuild(connection)


def _incidents(rng, first: int, n: int, townships: int, villages: int, grids: int, weeks: int):
    names = list(STREAMS)
    stream = rng.integers(0, len(names), n)
    t, v, g = rng.integers(0, townships, n), rng.integers(0, villages, n), rng.integers(0, grids, n)
    back = rng.integers(0, weeks * 7, n)
    delay = rng.integers(0, 120, n)
    u = rng.random((n, 3))
    rows, steps = [], []
    for i in range(n):
        on = UNTIL - timedelta(days=int(back[i]))
        reported = day_start(on) + timedelta(hours=9)
        closed = reported + timedelta(days=int(delay[i]), hours=2)
        is_open = closed > NOW or u[i, 0] < 0.02
        name = names[stream[i]]
        code = f"{COUNTY}{t[i] + 1:03d}{v[i] + 1:03d}-{g[i] + 1:02d}"
        if code == f"{COUNTY}001001-01" and on >= SPLIT_ON:
            code += "ab"[int(u[i, 1] * 2)]
        number = first + i + 1
        rows.append({
            "id": number, "source": "tiny", "source_ref": f"T{number:07d}", "content_hash": "0", "stream": name,
            "category": STREAMS[name][int(u[i, 2] * len(STREAMS[name]))], "channel": "grid_worker", "weight": 1,
            "petition_kind": "repeat" if name == "petition" and u[i, 1] < 0.2 else ("first" if name == "petition" else None),
            "severity": 1 + int(u[i, 1] * 4), "place_code": code,
            "lon": round(111.0 + SIZE * (t[i] + u[i, 1]), 5), "lat": round(27.0 + SIZE * (v[i] + u[i, 2]) / villages, 5),
            "point_kind": "exact" if name in ("hazard", "request") else "snapped",
            "cell_county": None, "cell_township": None, "occurred_on": on, "reported_at": reported,
            "recorded_at": reported, "is_recorded_assumed": False, "week_occurred": week_of(on),
            "week_known": week_of(on), "handling_unit": "U-LAND", "concerns_unit": None, "is_counted": 1,
            "status": "accepted" if is_open else "closed", "first_answered_at": None if is_open else closed,
            "due_at": reported + timedelta(days=30), "closed_at": None if is_open else closed,
            "week_closed": None if is_open else week_of(closed.date()),
            "resolution_level": None if is_open else "village", "outcome": None if is_open else "settled",
            "n_reopened": 0, "n_steps": 1 if is_open else 2})
        for k, (what, at) in enumerate([("report", reported)] + ([] if is_open else [("close", closed)])):
            steps.append({"incident_id": number, "source": "tiny", "source_ref": f"T{number:07d}-{k}",
                          "content_hash": "0", "kind": what, "occurred_at": at, "recorded_at": at,
                          "is_recorded_assumed": False, "is_withdrawn": False, "unit_code": "U-LAND",
                          "outcome": "settled" if what == "close" else None,
                          "level": "village" if what == "close" else None})
    return rows, steps
