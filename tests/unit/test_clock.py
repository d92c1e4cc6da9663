"""The county's day and Monday week."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk import clock, settings

DAYS = st.dates(date(1900, 1, 1), date(2200, 12, 31))


@given(DAYS)
def test_week_of_any_day_starts_on_its_monday(day):
    monday = clock.monday_of(clock.week_of(day))
    assert monday.weekday() == 0
    assert timedelta(0) <= day - monday < timedelta(days=7)
    assert clock.floor_monday(day) == monday


@given(DAYS)
def test_weeks_grow_by_one(day):
    assert clock.week_of(day + timedelta(days=7)) == clock.week_of(day) + 1


@given(DAYS)
def test_week_label_is_iso(day):
    year, week, _ = day.isocalendar()
    assert clock.week_label(clock.week_of(day)) == f"{year}-W{week:02d}"


def test_week_zero_is_the_first_monday_of_1970():
    assert clock.week_of(date(1970, 1, 4)) == -1
    assert clock.week_of(date(1970, 1, 5)) == 0


@given(DAYS)
def test_day_start_lies_in_its_day(day):
    start = clock.day_start(day)
    assert start.tzinfo is UTC
    assert clock.local_day(start) == day
    assert clock.local_day(start - timedelta(seconds=1)) == day - timedelta(days=1)


def test_local_day_changes_at_the_county_s_midnight():
    assert clock.local_day(datetime(2026, 11, 21, 15, 59, tzinfo=UTC)) == date(2026, 11, 21)
    assert clock.local_day(datetime(2026, 11, 21, 16, 0, tzinfo=UTC)) == date(2026, 11, 22)


def test_local_day_with_daylight_saving(monkeypatch):
    monkeypatch.setenv("GOVDESK_ZONE", "America/Chicago")
    settings.get_settings.cache_clear()
    for day in (date(2015, 3, 8), date(2015, 11, 1)):
        start = clock.day_start(day)
        assert start.astimezone(ZoneInfo("America/Chicago")).hour == 0
        assert clock.local_day(start) == day


def test_local_day_of_naive_instant_refused():
    with pytest.raises(ValueError, match="time zone"):
        clock.local_day(datetime(2026, 1, 1))  # noqa: DTZ001


def test_now_is_what_the_settings_fix():
    assert clock.now() == datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
    assert clock.today() == date(2026, 11, 22)
