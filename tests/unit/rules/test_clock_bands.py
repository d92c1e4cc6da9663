"""Red, orange, yellow by the office hours that are left."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdesk.rules.clock_bands import cut_instants, find_time_left_band
from govdesk.rules.working_calendar import WorkingCalendar

CHINA = WorkingCalendar("Asia/Shanghai")


@pytest.mark.parametrize(("now", "due", "band"), [
    ("2026-11-02T02:00Z", "2026-11-02T01:59Z", "red"), ("2026-11-02T02:00Z", "2026-11-02T02:00Z", "orange"),
    ("2026-11-02T02:00Z", "2026-11-02T10:00Z", "orange"), ("2026-11-02T02:00Z", "2026-11-03T02:00Z", "yellow"),
    ("2026-11-02T02:00Z", "2026-11-04T10:00Z", "yellow"), ("2026-11-02T02:00Z", "2026-11-05T02:00Z", None),
    # A week of holidays is no time left.
    ("2026-09-30T10:00Z", "2026-10-08T09:00Z", "orange"), ("2026-09-30T10:00Z", "2026-10-10T10:00Z", None),
    # The last second of a day of which the office hours are over.
    ("2026-11-02T10:00Z", "2026-11-02T15:59:59Z", "orange"), ("2026-11-02T10:00Z", None, None),
])
def test_band_follows_the_office_hours_left(now, due, band):
    due_at = None if due is None else datetime.fromisoformat(due)
    assert find_time_left_band(due_at, datetime.fromisoformat(now), CHINA) == band


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 50_000_000), st.integers(-100_000, 1_000_000))
def test_cuts_say_what_the_hours_left_say(second, ahead):
    now = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
    due = now + timedelta(seconds=ahead)
    left = CHINA.working_seconds(now, due) / CHINA.day_seconds
    expected = "red" if ahead < 0 else "orange" if left < 1 else "yellow" if left < 3 else None
    assert cut_instants(now, CHINA).find_band(due) == expected
