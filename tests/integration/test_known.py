"""What is known of a place and since when, and what belongs to an incident."""

from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select, update

from govdesk.queries import freshness
from govdesk.queries.known import find_last_day, has_closings, read_known
from govdesk.queries.related import list_related
from govdesk.rules.access import SYSTEM, Scope
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.tables import Incident, NilReturn
from govdesk.terms import Role
from tests.support import tiny_county

COUNTY = tiny_county.COUNTY
VILLAGE = f"{COUNTY}001001"
TOWNSHIP_2 = Scope("t2", Role.TOWNSHIP, area_code=f"{COUNTY}002")


def test_known_of_the_county_is_everything(tiny_engine):
    with read_transaction(tiny_engine) as connection:
        known = read_known(connection, SYSTEM, COUNTY)
    assert known.n_incidents == 900
    assert known.first_on < known.last_on <= tiny_county.UNTIL
    assert known.last_recorded_at.tzinfo is not None
    assert (known.n_nil_returns, known.nil_from) == (0, None)


def test_known_nets_corrections_and_leaves_merged_ones_out(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(Incident).where(Incident.id == 1).values(is_counted=0))
        connection.execute(update(Incident).where(Incident.id == 2).values(weight=-1))
        assert read_known(connection, SYSTEM, COUNTY).n_incidents == 897


def test_known_counts_nil_returns_of_what_the_place_contains(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(insert(NilReturn), [
            {"source": "t", "source_ref": str(month), "content_hash": "0", "recorded_at": tiny_county.NOW,
             "place_code": VILLAGE, "period_from": date(2026, month, 1), "period_to": date(2026, month + 1, 1)}
            for month in (8, 9)])
        known = read_known(connection, SYSTEM, f"{COUNTY}001")
        assert (known.n_nil_returns, known.nil_from, known.nil_to) == (2, date(2026, 9, 1), date(2026, 10, 1))
        assert read_known(connection, TOWNSHIP_2, f"{COUNTY}001").n_nil_returns == 0


def test_known_outside_the_area_is_nothing(tiny_engine):
    with read_transaction(tiny_engine) as connection:
        known = read_known(connection, TOWNSHIP_2, VILLAGE)
    assert (known.n_incidents, known.first_on) == (0, None)


def test_database_without_closings_says_so(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        assert has_closings(connection, SYSTEM)
        connection.execute(update(Incident).values(closed_at=None, week_closed=None))
        assert not has_closings(connection, SYSTEM)


@pytest.mark.parametrize(("code", "on", "last"), [
    (VILLAGE, date(2026, 11, 22), date(2026, 11, 22)),
    (f"{VILLAGE}-01", date(2026, 11, 22), tiny_county.SPLIT_ON - timedelta(days=1)),
    (f"{VILLAGE}-01", date(2026, 1, 1), date(2026, 1, 1)),
    (f"{VILLAGE}-01a", date(2026, 1, 1), None),
    ("nowhere", date(2026, 11, 22), None)])
def test_last_day_of_a_place(tiny_engine, code, on, last):
    with read_transaction(tiny_engine) as connection:
        assert find_last_day(connection, SYSTEM, code, on) == last


def test_last_day_outside_the_area_is_none(tiny_engine):
    with read_transaction(tiny_engine) as connection:
        assert find_last_day(connection, TOWNSHIP_2, VILLAGE, date(2026, 11, 22)) is None


def test_related_are_repeats_as_far_as_they_may_be_seen_and_nothing_merged(tiny_engine):
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(Incident).where(Incident.id == 8).values(repeat_of=7))
        connection.execute(update(Incident).where(Incident.id == 9).values(merged_into=7, is_counted=0))
        connection.execute(update(Incident).where(Incident.id == 10).values(repeat_of=7, concerns_unit="U-LAND"))
        assert set(list_related(connection, SYSTEM, 7)["id"]) == {8, 10}
        about_us = Scope("land", Role.DEPARTMENT, unit_code="U-LAND")
        assert set(list_related(connection, about_us, 7)["id"]) == {8}
        assert list_related(connection, SYSTEM, 10**30).empty
        assert list_related(connection, SYSTEM, -5).empty


@pytest.mark.parametrize("probed", [1, 3, 40])
def test_recorded_period_is_the_same_however_few_weeks_are_read_at_first(tiny_engine, monkeypatch, probed):
    with write_transaction(tiny_engine) as connection:
        connection.execute(update(Incident).where(Incident.id <= 3), {"week_occurred": -3600})
        for number, week in ((4, -900), (5, -500), (6, -100)):
            connection.execute(update(Incident).where(Incident.id == number), {"week_occurred": week})
        everything = sorted(set(connection.scalars(select(Incident.week_occurred))))
        monkeypatch.setattr(freshness, "_PROBED", probed)
        assert freshness.recorded_weeks(connection) == (freshness.find_first_week(everything), everything[-1])
        assert freshness.recorded_weeks(connection)[0] > 2000
