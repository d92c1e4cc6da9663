"""Capacity: the latest count known, not known is not 0, villages of the day, area; numbers made by hand."""

from datetime import date, timedelta

import pandas as pd
import pytest
from sqlalchemy import insert, update

from govdesk.api.tooltips import describe_figure
from govdesk.queries.capacity import has_capacities, read_capacities, sum_capacities
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.map_figures import read_map_figures
from govdesk.queries.map_request import MapRequest
from govdesk.rules.access import SYSTEM, Scope
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Capacity, Place
from govdesk.terms import Role
from tests.support import tiny_county
from tests.support.tiny_county import NOW

COUNTY = tiny_county.COUNTY
ONE, TWO, THREE = (f"{COUNTY}00100{n}" for n in (1, 2, 3))


@pytest.fixture
def county(empty_engine):
    tiny_county.build(empty_engine, 0)
    rows = [
        (ONE, "legal_guide", 2, date(2025, 1, 15), None), (ONE, "legal_guide", 5, date(2026, 1, 15), None),
        (ONE, "legal_guide", 9, date(2026, 12, 15), None),  # lies ahead
        (ONE, "legal_guide", 7, date(2026, 6, 1), NOW + timedelta(days=1)),  # known later
        (TWO, "legal_guide", 0, date(2026, 1, 15), None), (ONE, "volunteer_mediator", 30, date(2026, 1, 15), None),
        (f"{COUNTY}002001", "legal_guide", 4, date(2024, 1, 15), None),
        (f"{COUNTY}002", "legal_guide", 100, date(2026, 1, 15), None)]  # a township's number is no village's
    with write_transaction(empty_engine) as connection:
        connection.execute(insert(Capacity), [{
            "source": "x", "source_ref": f"C{n}", "content_hash": "0", "place_code": place, "kind": kind, "n": number,
            "counted_on": on, "recorded_at": known or NOW - timedelta(days=1)}
            for n, (place, kind, number, on, known) in enumerate(rows)])
    return empty_engine


def _read(engine, scope=SYSTEM, **chosen):
    with read_transaction(engine) as connection:
        return read_capacities(connection, scope, IncidentFilter(0, 0, **chosen), NOW)


def test_latest_count_known_and_missing_is_not_zero(county):
    rows = _read(county).set_index("code")
    assert len(rows) == 12
    assert rows.loc[ONE, "n_legal_guide"] == 5
    assert rows.loc[ONE, "on_legal_guide"] == pd.Timestamp(2026, 1, 15)
    assert rows.loc[TWO, "n_legal_guide"] == 0
    assert rows.loc[THREE, "n_legal_guide"] is pd.NA
    assert rows["n_legal_guide"].notna().sum() == 3
    assert rows["n_legal_adviser"].isna().all()


def test_sums_have_their_denominators(county):
    rows = _read(county)
    sums = sum_capacities(rows).set_index(["parent_code", "capacity"])
    one = sums.loc[(f"{COUNTY}001", "legal_guide")]
    assert one[["n_villages", "n_known", "n_with", "n", "people"]].tolist() == [4, 2, 1, 5, 6000]
    assert one["rate"] == pytest.approx(5 / 6)
    assert pd.isna(sums.loc[(f"{COUNTY}003", "legal_guide"), "rate"])
    total = sum_capacities(rows, None).set_index("capacity").loc["legal_guide"]
    assert total[["n_villages", "n_known", "n_with", "n"]].tolist() == [12, 3, 2, 9]
    assert total["oldest"] == pd.Timestamp(2024, 1, 15)


def test_village_without_population_has_a_number_and_no_rate(county):
    with write_transaction(county) as connection:
        connection.execute(update(Place).where(Place.code == ONE).values(population=None))
    one = sum_capacities(_read(county)).set_index(["parent_code", "capacity"]).loc[(f"{COUNTY}001", "legal_guide")]
    assert one[["n", "people"]].tolist() == [5, 3000]
    assert one["rate"] == 0


def test_area_place_and_kind_are_kept(county):
    town = f"{COUNTY}002"
    assert set(_read(county, Scope("t", Role.TOWNSHIP, town))["code"].str[:9]) == {town}
    assert set(_read(county, place_code=town)["code"].str[:9]) == {town}
    assert set(_read(county, kinds=("urban",))["kind"]) == {"urban"}
    with read_transaction(county) as connection:
        assert has_capacities(connection, Scope("t", Role.TOWNSHIP, town))
        assert not has_capacities(connection, Scope("t", Role.TOWNSHIP, f"{COUNTY}003"))


@pytest.mark.parametrize(("level", "expected"), [
    ("village", {ONE: (5, 1), TWO: (0, 1), f"{COUNTY}002001": (4, 1)}),
    ("township", {f"{COUNTY}001": (5, 2), f"{COUNTY}002": (4, 1)}), ("county", {COUNTY: (9, 3)}), ("grid", {})])
def test_map_shows_sums_of_villages_and_not_what_is_not_known(county, level, expected):
    request = MapRequest(measure="legal_guide", level=level, on="2026-11-21", as_of=int(NOW.timestamp()))
    with read_transaction(county) as connection:
        figures = read_map_figures(connection, SYSTEM, request).set_index("code")
    known = figures[figures["state"] != "unknown"]
    assert {code: (row["n"], row["denominator"]) for code, row in known.iterrows()} == expected
    assert figures.loc[figures["state"] == "unknown", "value"].isna().all()
    if level == "village":
        assert figures.loc[[ONE, TWO, THREE], "state"].tolist() == ["figure", "zero", "unknown"]


@pytest.mark.parametrize(("state", "words"), [
    ("figure", "法律明白人 5 名（2 个有记录的村）"), ("unknown", "没有记录，不知有多少")])
def test_tooltip_says_of_how_many_villages(state, words):
    assert describe_figure(MapRequest(measure="legal_guide"), state, 5, 2.0, 5.0) == words
