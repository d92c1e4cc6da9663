"""Every count equals one made by hand with pandas over the whole table, for filters drawn at random."""

import h3
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from govdesk.clock import day_start, local_day, monday_of, week_of
from govdesk.queries import counts, incidents
from govdesk.queries.filters import IncidentFilter
from govdesk.rules.access import SYSTEM, Scope
from govdesk.storage.engine import get_engine, read_transaction
from govdesk.terms import Role
from tests.support import messy_county
from tests.support.tiny_county import COUNTY, NOW, STREAMS, UNTIL

LAST = week_of(UNTIL)
SCOPES = [SYSTEM, Scope("t", Role.TOWNSHIP, f"{COUNTY}001"), Scope("d", Role.DEPARTMENT, None, "U-LAND"),
          Scope("v", Role.TOWNSHIP, f"{COUNTY}001001", "U-LAND")]
PLACES = [None, COUNTY, f"{COUNTY}001", f"{COUNTY}002003", f"{COUNTY}001001-01", f"{COUNTY}001001-01a", "nowhere", "x' OR 1=1"]
CATEGORIES = [c for cs in STREAMS.values() for c in cs]

filters = st.builds(
    lambda start, width, streams, categories, place: IncidentFilter(start, start + width, streams, categories, place),
    st.integers(LAST - 170, LAST), st.integers(0, 160), st.lists(st.sampled_from(list(STREAMS)), max_size=2).map(tuple),
    st.lists(st.sampled_from(CATEGORIES), max_size=2).map(tuple), st.sampled_from(PLACES))
scopes = st.sampled_from(SCOPES)
levels = st.sampled_from(["county", "township", "village", "grid", "nothing"])
instants = st.integers(0, 600).map(lambda days: NOW - pd.Timedelta(days=days).to_pytimedelta())
many = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    engine = get_engine(f"sqlite:///{tmp_path_factory.mktemp('counts') / 'messy.db'}")
    messy_county.build(engine)
    rows, closure = messy_county.read(engine)
    rows["repeat"] = rows["repeat_of"].notna() | (rows["petition_kind"] == "repeat")
    return engine, rows, closure


def pick(rows, closure, scope, asked, *, window=True):
    """Return the rows that may be counted, by the plainest reading of docs/counting.md."""
    keep = rows["is_counted"] == 1
    if scope.area_code:
        keep &= rows["place_code"].isin(closure.loc[closure["ancestor_code"] == scope.area_code, "code"])
    if scope.unit_code:
        keep &= rows["concerns_unit"] != scope.unit_code
    if asked.streams:
        keep &= rows["stream"].isin(asked.streams)
    if asked.categories:
        keep &= rows["category"].isin(asked.categories)
    if window:
        keep &= (rows["week_occurred"] >= asked.week_from) & (rows["week_occurred"] < asked.week_to)
    found = rows[keep]
    if asked.place_code is not None:
        inside = spread(found, closure[closure["ancestor_code"] == asked.place_code])
        found = found[found["id"].isin(inside["id"])]
    return found


def spread(found, closure):
    joined = found.merge(closure, left_on="place_code", right_on="code")
    return joined[(joined["week_occurred"] >= joined["week_from"]) & (joined["week_occurred"] < joined["week_to"])]


def open_at(rows, instant):
    at = pd.Timestamp(instant)
    recorded, closed = pd.to_datetime(rows["recorded_at"], utc=True), pd.to_datetime(rows["closed_at"], utc=True)
    return rows[(recorded <= at) & (closed.isna() | (closed > at))]


def sums(rows, key, **columns):
    """Return the sums of weights by key, one column for each condition."""
    table = pd.DataFrame({key: rows[key], **{n: rows["weight"].where(c, 0) for n, c in columns.items()}})
    return table.groupby(key).sum().sort_index()


def same(found, expected):
    found = found.set_index(found.columns[0]).sort_index()
    assert found.to_dict() == expected.to_dict()


@many
@given(asked=filters, scope=scopes, level=levels)
def test_count_by_place(county, asked, scope, level):
    engine, rows, closure = county
    with read_transaction(engine) as connection:
        found = counts.count_by_place(connection, scope, asked, level)
    if scope.area_code:
        closure_seen = closure[closure["code"].isin(closure.loc[closure["ancestor_code"] == scope.area_code, "code"])]
    else:
        closure_seen = closure
    by = spread(pick(rows, closure, scope, asked), closure_seen[closure_seen["ancestor_level"] == level])
    same(found, sums(by, "ancestor_code", n_incidents=by["weight"] != 0, n_repeat=by["repeat"]))


@many
@given(asked=filters, scope=scopes, level=levels, instant=instants)
def test_count_open_by_place(county, asked, scope, level, instant):
    engine, rows, closure = county
    with read_transaction(engine) as connection:
        found = counts.count_open_by_place(connection, scope, asked, level, instant)
    by = spread(open_at(pick(rows, closure, scope, asked, window=False), instant),
                closure[closure["ancestor_level"] == level])
    due = pd.to_datetime(by["due_at"], utc=True)
    same(found, sums(by, "ancestor_code", n_open=by["weight"] != 0, n_overdue=due < pd.Timestamp(instant),
                     n_with_due=due.notna()))


@many
@given(asked=filters, scope=scopes, by=st.sampled_from([None, "stream", "category"]))
def test_weekly_series(county, asked, scope, by):
    engine, rows, closure = county
    with read_transaction(engine) as connection:
        found = counts.weekly_series(connection, scope, asked, by)
    picked = pick(rows, closure, scope, asked)
    keys = ["week_occurred"] + ([by] if by else [])
    expected = picked.groupby(keys)["weight"].sum()
    got = found.set_index([found.columns[0]] + ([by] if by else []))["n_incidents"]
    assert got[got != 0].to_dict() == expected[expected != 0].to_dict()
    recorded = rows.loc[rows["is_counted"] == 1, "week_occurred"]
    weeks = range(max(asked.week_from, recorded.min()), min(asked.week_to, recorded.max() + 1))
    if by is None:
        assert found["week"].tolist() == list(weeks)
    else:
        assert not len(picked) or set(found["week"]) == set(weeks)


@many
@given(asked=filters, scope=scopes, level=levels)
def test_weekly_by_place(county, asked, scope, level):
    engine, rows, closure = county
    with read_transaction(engine) as connection:
        found = counts.weekly_by_place(connection, scope, asked, level)
        totals = counts.count_by_place(connection, scope, asked, level)
    by = found.groupby("place_code")["n_incidents"].sum()
    assert by.to_dict() == totals.set_index("place_code")["n_incidents"].to_dict()
    picked = spread(pick(rows, closure, scope, asked), closure[closure["ancestor_level"] == level])
    assert set(found["week"]) == (set(picked["week_occurred"]) if len(found) else set())


@many
@given(asked=filters, scope=scopes)
def test_count_by_cell(county, asked, scope):
    engine, rows, closure = county
    with read_transaction(engine) as connection:
        found = counts.count_by_cell(connection, scope, asked)
    picked = pick(rows, closure, scope, asked).dropna(subset=["cell_county"])
    expected = picked.groupby("cell_county")["weight"].sum()
    assert dict(zip(found["cell"], found["n_incidents"], strict=True)) == {
        h3.int_to_str(int(cell)): n for cell, n in expected.items()}


@many
@given(asked=filters, scope=scopes)
def test_open_series(county, asked, scope):
    engine, rows, closure = county
    with read_transaction(engine) as connection:
        found = counts.open_series(connection, scope, asked)
    picked = pick(rows, closure, scope, asked, window=False)
    for week, n_open in found.itertuples(index=False):
        alive = picked[(picked["week_known"] <= week) & ~(picked["week_closed"] <= week)]
        assert n_open == alive["weight"].sum()


@many
@given(asked=filters, scope=scopes, instant=instants, only=st.sampled_from(["", "open", "overdue", "repeat"]))
def test_list_and_count_incidents(county, asked, scope, instant, only):
    engine, rows, closure = county
    flags = {f"only_{only}": True} if only else {}
    with read_transaction(engine) as connection:
        n = incidents.count_incidents(connection, scope, asked, as_of=instant, **flags)
        found = incidents.list_incidents(connection, scope, asked, as_of=instant, limit=5000, **flags)
        points = incidents.list_points(connection, scope, asked, limit=5000)
    picked = pick(rows, closure, scope, asked)
    assert set(points["id"]) == set(picked.loc[picked["weight"] == 1, "id"])
    late = picked[pd.to_datetime(picked["due_at"], utc=True) < pd.Timestamp(instant)]
    picked = {"": picked, "open": open_at(picked, instant), "overdue": open_at(late, instant),
              "repeat": picked[picked["repeat"]]}[only]
    assert n == picked["weight"].sum()
    assert set(found["id"]) == set(picked["id"])
    assert set(found.loc[found["is_overdue"], "id"]) == set(found["id"]) & set(open_at(late, instant)["id"])
    assert found["occurred_on"].is_monotonic_decreasing


def test_stock_at_a_weeks_end_equals_open_then(county):
    engine, _, _ = county
    asked = IncidentFilter(LAST - 20, LAST - 3)
    with read_transaction(engine) as connection:
        series = counts.open_series(connection, SYSTEM, asked).set_index("week")["n_open"]
        for week in (LAST - 20, LAST - 10, LAST - 4):
            end = day_start(monday_of(week + 1)) - pd.Timedelta(seconds=1).to_pytimedelta()
            table = counts.count_open_by_place(connection, SYSTEM, asked, "county", local_day(end))
            assert series[week] == table["n_open"].sum()
