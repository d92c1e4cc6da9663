"""The numbers of the wall against counts made by hand with pandas."""

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import insert, select, update

from govdesk.clock import day_start, local_day, week_of
from govdesk.queries.busy_townships import read_busy_week
from govdesk.queries.day_counts import read_day_counts
from govdesk.queries.incidents import list_newest
from govdesk.queries.open_board import AGE_ENDS, read_open_board
from govdesk.queries.reopened_lately import count_closed, count_reopened
from govdesk.queries.risk_list import list_in_force
from govdesk.queries.small_cells import find_tellable
from govdesk.queries.stream_rhythm import read_rhythms
from govdesk.queries.township_quality import N_WEEKS, read_township_quality
from govdesk.queries.warned_townships import read_warned_week
from govdesk.rules.access import SYSTEM, RefusedError, Scope
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.storage.weekly_counts import rebuild
from govdesk.tables import Incident, Step, Visit
from govdesk.terms import Role
from tests.support import scored_county, tiny_county
from tests.support.more_townships import add_townships
from tests.support.tiny_county import COUNTY, NOW, UNTIL

WALL = Scope("wall", Role.WALL)
TOWN = Scope("t", Role.WALL, f"{COUNTY}002")
COLUMNS = ("id", "stream", "category", "place_code", "weight", "is_counted", "occurred_on", "reported_at",
           "recorded_at", "closed_at", "due_at", "week_occurred", "week_closed", "handling_unit", "n_reopened")


@pytest.fixture
def county(empty_engine):
    build(empty_engine)
    return empty_engine


def build(engine):
    """Fill a county in which some rows are corrections, uncounted, without a due date, without a unit."""
    tiny_county.build(engine, 1500, weeks=60)
    with write_transaction(engine) as connection:
        connection.execute(update(Incident).where(Incident.id % 11 == 0).values(weight=-1))
        connection.execute(update(Incident).where(Incident.id % 13 == 0).values(is_counted=0))
        connection.execute(update(Incident).where(Incident.id % 7 == 0).values(due_at=None))
        connection.execute(update(Incident).where(Incident.id % 5 == 0).values(handling_unit=None))
        rebuild(connection)


def read(engine, query, *args, scope=WALL):
    with read_transaction(engine) as connection:
        return query(connection, scope, *args)


def rows_of(engine, scope=WALL):
    with read_transaction(engine) as connection:
        found = connection.execute(select(*(getattr(Incident, name) for name in COLUMNS))).all()
    rows = pd.DataFrame(found, columns=list(COLUMNS))
    rows = rows[rows["is_counted"] == 1]
    return rows if scope.area_code is None else rows[rows["place_code"].str.startswith(scope.area_code)]


@pytest.mark.parametrize("scope", [WALL, TOWN], ids=["county", "township"])
def test_what_is_open_by_age_stream_and_unit_is_what_a_clerk_would_count(county, scope):
    with write_transaction(county) as connection:  # a correction is nothing that waits
        connection.execute(update(Incident).where(Incident.id == 22).values(
            reported_at=NOW - timedelta(days=9000), closed_at=None, week_closed=None, place_code=f"{COUNTY}002001-01"))
    board = read(county, read_open_board, NOW, scope=scope)
    rows = rows_of(county, scope)
    rows = rows[(rows["recorded_at"] <= NOW) & (rows["closed_at"].isna() | (rows["closed_at"] > NOW))]
    days = ((NOW - rows["reported_at"]).dt.total_seconds() // 86_400).clip(lower=0)
    late = rows["due_at"].notna() & (rows["due_at"] < NOW)
    assert board.n_open == rows["weight"].sum()
    assert board.n_with_due == rows.loc[rows["due_at"].notna(), "weight"].sum()
    assert board.n_overdue == rows.loc[late, "weight"].sum()
    assert board.oldest_days == days[rows["weight"] > 0].max()
    edges = [-1, *AGE_ENDS, 10**6]
    assert board.ages == tuple(
        rows.loc[(days > low) & (days <= high), "weight"].sum() for low, high in pairwise(edges))
    assert {k: n for k, n in board.streams.items() if n} == {
        k: n for k, n in rows.groupby("stream")["weight"].sum().items() if n}
    units = rows.assign(unit=rows["handling_unit"].fillna(""), late=rows["weight"] * late).groupby("unit")
    expected = units[["weight", "late"]].sum()
    assert {one.code: (one.n_open, one.n_overdue) for one in board.units} == {
        code: (row["weight"], row["late"]) for code, row in expected.iterrows() if row["weight"] > 0}
    assert [one.n_open for one in board.units] == sorted((one.n_open for one in board.units), reverse=True)


def test_without_any_closing_what_is_open_is_not_known(county):
    with write_transaction(county) as connection:
        connection.execute(update(Incident).values(closed_at=None, week_closed=None))
    assert read(county, read_open_board, NOW) is None


def test_new_of_a_day_is_compared_up_to_the_same_hour(county):
    with write_transaction(county) as connection:  # some come in the evening, after the hour of the present
        connection.exec_driver_sql("UPDATE incidents SET recorded_at = recorded_at + 21600 WHERE id % 3 = 0")
    until = day_start(UNTIL) + timedelta(hours=10)
    counts = read(county, read_day_counts, until)
    rows = rows_of(county)
    hours = until - day_start(UNTIL)

    def count(back, chosen=slice(None)):
        start = day_start(UNTIL - timedelta(days=back))
        part = rows[(rows["recorded_at"] >= start) & (rows["recorded_at"] <= start + hours)]
        return part[part["stream"] == chosen]["weight"].sum() if isinstance(chosen, str) else part["weight"].sum()

    assert counts.day == UNTIL
    assert counts.everything.n == count(0)
    assert counts.everything.n_day_before == count(1)
    same = [count(7 * week) for week in range(1, 9)]
    assert counts.everything.usual == (min(same), max(same))
    for stream, one in counts.streams.items():
        assert one.n == count(0, stream)
        assert one.usual == (min(count(7 * w, stream) for w in range(1, 9)), max(count(7 * w, stream) for w in range(1, 9)))


def test_usual_is_not_told_where_the_history_is_short(empty_engine):
    tiny_county.build(empty_engine, 300, weeks=3)
    counts = read(empty_engine, read_day_counts, day_start(UNTIL) + timedelta(hours=10))
    assert counts.everything.usual is None
    assert counts.everything.n_day_before is not None


def test_reopened_and_closed_are_counted_between_instants(county):
    week = timedelta(days=7)
    assert read(county, count_reopened, (NOW - 2 * week, NOW - week, NOW)) is None
    with write_transaction(county) as connection:
        ids = connection.scalars(select(Incident.id).where(
            Incident.is_counted == 1, Incident.weight == 1).order_by(Incident.id).limit(4)).all()
        connection.execute(update(Incident).where(Incident.id.in_(ids)).values(n_reopened=1))
        connection.execute(insert(Step), [
            {"incident_id": one, "source": "t", "source_ref": f"r{n}", "content_hash": "0", "kind": "reopen",
             "occurred_at": at, "recorded_at": at + late, "is_recorded_assumed": False, "is_withdrawn": withdrawn}
            for n, (one, at, late, withdrawn) in enumerate([
                (ids[0], NOW, timedelta(0), False), (ids[0], NOW - week, timedelta(0), False),
                (ids[1], NOW - timedelta(days=1), timedelta(0), True),
                (ids[2], NOW - timedelta(days=2), week, False), (ids[3], NOW - 2 * week, timedelta(0), False)])])
    assert read(county, count_reopened, (NOW - 2 * week, NOW - week, NOW)) == (1, 1)
    rows = rows_of(county)
    closed = rows[(rows["closed_at"] > NOW - week) & (rows["closed_at"] <= NOW)]
    assert read(county, count_closed, NOW - week, NOW) == closed["weight"].sum()


def test_category_is_told_only_of_three_in_a_village_and_a_week(county):
    week = week_of(UNTIL) - 1
    grids = [f"{COUNTY}002001-01", f"{COUNTY}002001-02", f"{COUNTY}002002-01"]
    with write_transaction(county) as connection:
        connection.execute(update(Incident).where(Incident.week_occurred == week).values(week_occurred=week - 1))
        common = {"weight": 1, "is_counted": 1, "week_occurred": week, "category": "family"}
        for number, (place, category) in enumerate([
            (grids[0], "family"), (grids[0], "family"), (grids[1], "family"), (grids[1], "neighbour"),
            (grids[2], "family"), (grids[2], "family"), (f"{COUNTY}002", "family")], 1):
            connection.execute(update(Incident).where(Incident.id == number).values(
                common | {"place_code": place, "category": category}))
    assert read(county, find_tellable, tuple(range(1, 8))) == {1, 2, 3}
    assert read(county, find_tellable, (4, 5), scope=TOWN) == frozenset()
    assert read(county, find_tellable, ()) == frozenset()


def test_newest_are_those_that_became_known_last(county):
    found = read(county, list_newest, NOW, 9)
    rows = rows_of(county)
    rows = rows[(rows["weight"] == 1) & (rows["recorded_at"] <= NOW)]
    expected = rows.sort_values(["recorded_at", "id"], ascending=False).head(9)
    assert set(found["id"]) == set(expected["id"])
    assert found["reported_at"].is_monotonic_decreasing
    assert set(read(county, list_newest, NOW, 9, scope=TOWN)["township_name"]) == {"第2镇"}


def test_busy_townships_of_the_last_week_beside_their_own_year(county):
    found = read(county, read_busy_week, NOW)
    rows = rows_of(county).assign(town=lambda rows: rows["place_code"].str[:9])
    week = week_of(UNTIL + timedelta(days=1)) - 1
    now = rows[rows["week_occurred"] == week].groupby("town")["weight"].sum()
    assert found.monday == UNTIL - timedelta(days=6)
    assert [one.n for one in found.townships] == sorted(now.reindex(
        [f"{COUNTY}00{t}" for t in (1, 2, 3)], fill_value=0).tolist(), reverse=True)
    first = found.townships[0]
    town = f"{COUNTY}00{first.name[1]}"
    past = rows[rows["town"] == town].groupby("week_occurred")["weight"].sum().reindex(
        range(week - 52, week), fill_value=0)
    assert first.usual == tuple(np.quantile(past, (0.1, 0.9), method="nearest"))


def test_quality_by_township_is_what_a_clerk_would_count(county):
    found = read(county, read_township_quality, NOW)
    week = week_of(local_day(NOW) + timedelta(days=1)) - 1
    rows = rows_of(county).assign(town=lambda rows: rows["place_code"].str[:9])
    rows = rows[(rows["week_occurred"] > week - N_WEEKS) & (rows["week_occurred"] <= week)]
    for one in found.rows:
        part = rows[rows["town"] == one.code]
        is_open = part["closed_at"].isna() | (part["closed_at"] > NOW)
        assert (one.n, one.n_open) == (part["weight"].sum(), part.loc[is_open, "weight"].sum())
        days = (NOW - part.loc[is_open, "reported_at"]).dt.total_seconds() // 86_400
        totals = part.loc[is_open].assign(days=days).groupby("days")["weight"].sum()
        assert one.oldest_days == totals[totals > 0].index.max()
        old = part[~is_open & (part["closed_at"] <= NOW - timedelta(days=90))]
        assert (one.n_back, one.n_returned) == (old["weight"].sum(), 0)
        assert one.median_days is not None
    assert found.whole.n == sum(one.n for one in found.rows)


def test_list_of_the_week_is_summed_by_township_with_visits_of_its_days(empty_engine):
    scored_county.build(empty_engine)
    listed = read(empty_engine, read_warned_week, UNTIL)
    assert listed.as_of == scored_county.AS_OF
    assert (listed.n_listed, listed.n_visited, listed.has_visits) == (6, 0, False)
    assert sum(one.n_listed for one in listed.townships) == 6
    codes = read(empty_engine, list_in_force, UNTIL, scope=SYSTEM)
    other = next(code for code in scored_county.CODES if code not in codes)
    with write_transaction(empty_engine) as connection:
        connection.execute(insert(Visit), [
            {"place_code": code, "visited_on": on, "reason": "alert", "found": "found",
             "source": "t", "source_ref": f"v{on}{code}", "content_hash": "0", "recorded_at": NOW}
            for code, on in [
                (codes[0], date(2026, 11, 16)), (codes[0], date(2026, 11, 17)), (codes[1], date(2026, 11, 15)),
                (other, date(2026, 11, 18))]])
    listed = read(empty_engine, read_warned_week, UNTIL)
    assert (listed.n_visited, listed.has_visits) == (1, True)
    assert sum(one.n_visited for one in listed.townships) == 1
    inside = read(empty_engine, read_warned_week, UNTIL, scope=TOWN)
    assert inside.n_listed == sum(code.startswith(TOWN.area_code) for code in codes)
    assert inside.n_listed_anywhere == inside.n_listed, "less its own it would be that of two townships"
    add_townships(empty_engine)
    assert read(empty_engine, read_warned_week, UNTIL, scope=TOWN).n_listed_anywhere == 6
    with pytest.raises(RefusedError):
        read(empty_engine, read_warned_week, UNTIL, scope=Scope("d", Role.DEPARTMENT))
    assert read(empty_engine, read_warned_week, date(2020, 1, 1)) is None


def test_both_engines_give_the_same_numbers(county, postgres_engine):
    build(postgres_engine)
    instants = (NOW - timedelta(days=14), NOW - timedelta(days=7), NOW)
    for query, arguments in (
        (read_open_board, (NOW,)), (read_day_counts, (NOW,)), (count_reopened, (instants,)),
        (count_closed, instants[1:]), (find_tellable, (tuple(range(1, 400)),)), (read_busy_week, (NOW,)),
        (read_township_quality, (NOW,)), (read_rhythms, (NOW,)), (read_warned_week, (UNTIL,)),
    ):
        assert read(county, query, *arguments) == read(postgres_engine, query, *arguments), query.__name__
    one, other = (read(engine, list_newest, NOW, 9) for engine in (county, postgres_engine))
    pd.testing.assert_frame_equal(one, other)
