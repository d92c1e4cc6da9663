"""Working days and office hours."""

# ruff: noqa: DTZ001 - naive times are those on the wall
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdesk.rules.working_calendar import AnnouncedYear, WorkingCalendar
from tests.support.brute_clock import is_worked

CHINA = WorkingCalendar("Asia/Shanghai")
instants = st.datetimes(datetime(2025, 1, 1), datetime(2026, 12, 1)).map(lambda at: at.replace(microsecond=0, tzinfo=UTC))


def test_every_day_of_two_years_is_worked_as_the_notices_say():
    first = date(2025, 1, 1)
    days = [first + timedelta(days=n) for n in range(730)]
    assert [day for day in days if CHINA.is_workday(day) != is_worked(day)] == []


def test_a_year_without_a_notice_is_monday_to_friday_and_said_to_be_unknown():
    assert [year for year in range(2003, 2029) if not CHINA.is_known(year)] == [2003, 2027, 2028]
    days = [date(2027, 2, 1) + timedelta(days=n) for n in range(7)]  # Spring Festival 2027 is on the 6th
    assert [CHINA.is_workday(day) for day in days] == [True] * 5 + [False] * 2


def test_a_notice_that_the_office_entered_outranks_the_library():
    notice = AnnouncedYear(2027, frozenset({date(2027, 2, 5), date(2027, 2, 8)}), frozenset({date(2027, 1, 31)}))
    calendar = WorkingCalendar("Asia/Shanghai", announced=(notice,))
    assert calendar.is_known(2027)
    assert not calendar.is_workday(date(2027, 2, 5))
    assert calendar.is_workday(date(2027, 1, 31))
    assert calendar.is_workday(date(2027, 2, 9))


def test_elsewhere_days_are_monday_to_friday_and_nothing_is_awaited():
    city = WorkingCalendar("America/Chicago")
    assert not city.has_holidays
    assert city.is_workday(date(2026, 10, 1))
    assert not city.is_workday(date(2026, 10, 10))
    assert city.is_known(2031)


def test_office_hours_are_local():
    assert CHINA.office_close(date(2026, 11, 2)) == datetime(2026, 11, 2, 10, tzinfo=UTC)
    assert CHINA.day_end(date(2026, 11, 2)) == datetime(2026, 11, 2, 15, 59, 59, tzinfo=UTC)
    assert CHINA.local_day(datetime(2026, 11, 2, 16, tzinfo=UTC)) == date(2026, 11, 3)
    assert CHINA.day_seconds == 8 * 3600


@pytest.mark.parametrize(("start", "end", "hours"), [
    ("2026-11-02T00:00Z", "2026-11-02T10:00Z", 8), ("2026-11-02T03:00Z", "2026-11-02T07:00Z", 2),
    ("2026-09-30T10:00Z", "2026-10-07T23:00Z", 0), ("2026-10-09T10:00Z", "2026-10-10T10:00Z", 8),
    ("2026-11-02T10:00Z", "2026-11-02T00:00Z", 0),
])
def test_working_seconds_count_office_hours_only(start, end, hours):
    assert CHINA.working_seconds(datetime.fromisoformat(start), datetime.fromisoformat(end)) == hours * 3600


@settings(max_examples=150, deadline=None)
@given(instants, st.integers(1, 400_000))
def test_adding_and_measuring_working_time_agree(start, seconds):
    end = CHINA.add_working_seconds(start, seconds)
    assert CHINA.working_seconds(start, end) == seconds
    assert CHINA.working_seconds(start, end - timedelta(seconds=1)) == seconds - 1


def test_one_window_a_day_is_enough():
    calendar = WorkingCalendar("Asia/Shanghai", ((time(9), time(17)),))
    assert calendar.add_working_seconds(datetime(2026, 11, 6, 8, tzinfo=UTC), 7200) == datetime(2026, 11, 9, 2, tzinfo=UTC)
