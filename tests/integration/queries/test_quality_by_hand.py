"""Every indicator of case quality equals one made by hand in plain Python, over random slices of filters.

240 slices a run: five of each kind of filters for each scope; ``GOVDESK_SLICES=1000`` before an indicator is changed.
"""

import os
import random
from datetime import date

import pytest
from sqlalchemy import insert

from govdesk.clock import week_of
from govdesk.queries import (
    closing_months,
    incidents,
    mediation_quality,
    old_cases,
    petition_quality,
    quality_returns,
    quality_sums,
    quality_times,
    reporting_completeness,
)
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.quality_cohort import BYS
from govdesk.rules.access import SYSTEM, Scope
from govdesk.storage.engine import get_engine, read_transaction, write_transaction
from govdesk.tables import NilReturn
from govdesk.terms import Role
from tests.support import quality_by_hand as hand
from tests.support import quality_county
from tests.support.tiny_county import COUNTY, NOW, STREAMS, UNTIL

N_SLICES = int(os.environ.get("GOVDESK_SLICES", "240"))
SCOPES = (SYSTEM, Scope("t", Role.TOWNSHIP, f"{COUNTY}002"), Scope("u", Role.DEPARTMENT, None, "U-LAND"),
          Scope("tu", Role.TOWNSHIP, f"{COUNTY}001", "U-LAND"))
LAST = week_of(UNTIL)


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    engine = get_engine(f"sqlite:///{tmp_path_factory.mktemp('quality') / 'county.db'}")
    quality_county.build(engine, 420)
    with write_transaction(engine) as connection:
        connection.execute(insert(NilReturn), [
            {"source": "q", "source_ref": f"n{k}", "content_hash": "0", "recorded_at": NOW, "place_code": code,
             "period_from": date(2026, month, 1), "period_to": date(2026, month + 1, 1)}
            for k, (code, month) in enumerate([(f"{COUNTY}001002", 9), (f"{COUNTY}002001", 10), (f"{COUNTY}002003", 10)])])
    return engine


def draw_kind(dice: random.Random) -> tuple[bool, ...]:
    """Return which filters a slice has: each of about a third; slices of one kind share their compiled statements."""
    return tuple(dice.random() < 0.35 for _ in range(5))


def draw(dice: random.Random, kind: tuple[bool, ...]) -> IncidentFilter:
    """Return a random slice of a kind."""
    some = lambda is_on, values: tuple(dice.sample(values, dice.randint(1, 2))) if is_on else ()  # noqa: E731
    begin = LAST - dice.randint(0, 62)
    categories = [category for values in STREAMS.values() for category in values]
    places = (f"{COUNTY}001", f"{COUNTY}002", f"{COUNTY}001001", f"{COUNTY}001001-01", f"{COUNTY}003002-02")
    return IncidentFilter(
        begin, min(begin + dice.randint(1, 62), LAST + 1), some(kind[0], list(STREAMS)),
        some(kind[1] and not kind[0], categories), dice.choice(places) if kind[2] else None,
        some(kind[3], ["grid_worker", "hotline", "letter"]), (), some(kind[4], ["U-LAND", "U-CENTRE", "U-TOWN"]))


def as_sums(frame):
    """Return the row of a frame as its non-zero sums."""
    return {name: int(value) for name, value in frame.iloc[0].items() if value} if len(frame) else {}


def as_table(frame, n_keys):
    """Return a frame as keys → numbers."""
    return {(row[0] if n_keys == 1 else row[:n_keys]): tuple(map(int, row[n_keys:]))
            for row in frame.itertuples(index=False, name=None)}


def nonzero(table):
    return {key: values for key, values in table.items() if any(values)}


def test_random_slices_equal_plain_python(county):
    dice, tables, seen = random.Random(20261122), hand.read_tables(county), 0
    kinds = [draw_kind(dice) for _ in range(12)]
    with read_transaction(county) as c:
        for number in range(N_SLICES):
            kind, scope = kinds[number * len(kinds) // N_SLICES], SCOPES[number * 4 * len(kinds) // N_SLICES % 4]
            f = draw(dice, kind)
            rows = hand.cohort(tables, scope, f)
            seen += bool(rows)
            by_days, answered = quality_sums.read_course(c, scope, f, NOW)
            assert {n: v for n, v in by_days[list(quality_sums.SUMS)].sum().items() if v} == hand.sums(tables, rows, NOW)
            assert nonzero(as_table(answered, 1)) == hand.times(rows, NOW, "answered"), f
            closed = as_table(quality_times.count_times(c, scope, f, NOW, "closed"), 1)
            assert nonzero(closed) == hand.times(rows, NOW, "closed"), f
            opened = quality_times.count_open_days(c, scope, f, NOW)
            assert {(i, d): n for i, d, n in opened.itertuples(index=False) if n} == hand.open_days(tables, scope, f, NOW)
            assert as_sums(quality_returns.sum_reopenings(c, scope, f, NOW)) == hand.reopenings(tables, rows, NOW), f
            assert as_table(quality_returns.sum_recurrences(c, scope, f, NOW), 1) == hand.recurrences(tables, scope, f, NOW)
            assert as_sums(quality_returns.sum_revisits(c, scope, f, NOW)) == hand.revisits(tables, rows), f
            months = as_table(closing_months.count_closings_by_month(c, scope, f, NOW), 3)
            assert months == hand.closing_months(rows)
            assert as_table(mediation_quality.sum_mediations(c, scope, f, NOW), 2) == hand.mediations(tables, rows, NOW)
            assert as_table(petition_quality.sum_petitions(c, scope, f, NOW), 2) == hand.petitions(rows, NOW), f
    assert seen > N_SLICES * 0.5


@pytest.mark.parametrize("by", BYS)
def test_groups_equal_plain_python(county, by):
    dice, tables = random.Random(3), hand.read_tables(county)
    with read_transaction(county) as c:
        for number in range(25):
            f, scope = draw(dice, draw_kind(dice)), SCOPES[number % len(SCOPES)]
            groups = {}
            for row in hand.cohort(tables, scope, f):
                groups.setdefault(hand.key_of(tables, row, by), []).append(row)
            for query, one in (
                (quality_sums.sum_quality, lambda rows: hand.sums(tables, rows, NOW)),
                (quality_returns.sum_reopenings, lambda rows: hand.reopenings(tables, rows, NOW)),
                (quality_returns.sum_revisits, lambda rows: hand.revisits(tables, rows)),
            ):
                found = query(c, scope, f, NOW, by)
                sums = {key: {n: int(v) for n, v in rest.iloc[0].items() if v} for key, rest in found.set_index(by).groupby(level=0)}
                assert {k: v for k, v in sums.items() if v} == {k: v for k, g in groups.items() if (v := one(g))}, (f, by)
            assert quality_sums.sum_quality_by_days(c, scope, f, NOW, by)["n"].sum() == sum(
                r.weight for g in groups.values() for r in g)
            times = quality_times.count_times(c, scope, f, NOW, "closed", by)
            assert {k: t for k, part in times.groupby(by) if (t := nonzero(as_table(part.drop(columns=by), 1)))} == {
                k: t for k, g in groups.items() if (t := hand.times(g, NOW, "closed"))}
            petitions = petition_quality.sum_petitions(c, scope, f, NOW, by)
            assert petitions["n"].sum() == sum(r.weight for g in groups.values() for r in g if r.stream == "petition")


def test_completeness_equals_plain_python(county):
    tables = hand.read_tables(county)
    f = IncidentFilter(LAST - 20, LAST + 1)
    with read_transaction(county) as c:
        for scope, place in ((SYSTEM, None), (SYSTEM, f"{COUNTY}001"), (SCOPES[1], None), (SCOPES[1], f"{COUNTY}001")):
            found = reporting_completeness.read_completeness(c, scope, place, f.week_from, f.week_to, NOW)
            inside = scope.area_code or COUNTY
            villages = [f"{COUNTY}{t:03d}{v:03d}" for t in (1, 2, 3) for v in (1, 2, 3, 4)]
            villages = [v for v in villages if v.startswith(inside) and v.startswith(place or COUNTY)]
            states = {(p, w): s for p, w, s in zip(found["place_code"], found["week"], found["state"], strict=True)}
            assert states == hand.completeness(tables, scope, f, villages, NOW)
    assert set(states.values()) == set() if place else {"reported", "nil", "silent"}


def test_oldest_and_old_cases_equal_plain_python(county):
    tables = hand.read_tables(county)
    with read_transaction(county) as c:
        for scope in SCOPES:
            for f in (IncidentFilter(0, 9999), IncidentFilter(LAST, LAST + 1, place_code=f"{COUNTY}001"),
                      IncidentFilter(0, 9999, ("dispute",))):
                rows = sorted((r for r in hand.seen(tables, scope) if r.closed_at is None and r.weight == 1
                               and hand.matches(tables, r, f)), key=lambda r: (r.reported_at, r.id))
                assert incidents.list_oldest_open(c, scope, f, NOW)["id"].tolist() == [r.id for r in rows[:10]]
                old = [r for r in rows if r.stream == "petition" and (NOW - r.reported_at).days >= 90]
                ledger = old_cases.list_old_cases(c, scope, f, NOW)
                assert ledger["id"].tolist() == [r.id for r in old]
                back = sum(r.weight for r in hand.seen(tables, scope) if r.closed_at is None and hand.matches(tables, r, f)
                           and r.stream == "petition" and (NOW - r.reported_at).days >= 90)
                assert old_cases.count_old_cases(c, scope, f, NOW) == back


def test_old_case_names_post_plan_and_last_step(county):
    with read_transaction(county) as c:
        ledger = old_cases.list_old_cases(c, SYSTEM, IncidentFilter(0, 9999), NOW)
    assert set(ledger["post_title"].dropna()) == {"信访岗"}
    assert ledger["post_title"].isna().any()
    assert "已包案" in set(ledger["plan"].dropna())
    assert ledger["last_at"].notna().all()
