"""When a tile greys, and how an instant is called."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk.ui.wall.lateness import NEVER, find_late, name_instant

AT = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_tile_is_late_after_its_time_and_not_at_it():
    assert find_late(AT, HOUR, AT + HOUR) is None
    assert find_late(AT, HOUR, AT + HOUR + timedelta(seconds=1)) == AT + HOUR


def test_tile_without_a_time_is_never_late():
    assert find_late(AT, None, AT + timedelta(days=900)) is None
    assert find_late(None, None, AT) is None


def test_data_of_no_known_time_is_late_where_that_matters():
    assert find_late(None, HOUR, AT) == NEVER


@given(st.timedeltas(timedelta(0), timedelta(days=30)), st.timedeltas(timedelta(0), timedelta(days=30)))
def test_what_is_late_stays_late_since_the_same_instant(patience, passed):
    since = find_late(AT, patience, AT + passed)
    assert (since is not None) == (passed > patience)
    if since is not None:
        assert find_late(AT, patience, AT + passed + HOUR) == since


@pytest.mark.parametrize(("instant", "called"), [
    ("2026-11-22T01:30", "09:30"), ("2026-11-21T16:00", "00:00"), ("2026-11-21T15:59", "昨天 23:59"),
    ("2026-11-20T16:00", "昨天 00:00"), ("2026-11-20T15:59", "11月20日 23:59"), ("2026-11-23T01:00", "11月23日 09:00"),
    ("2025-11-22T01:30", "2025-11-22 09:30"),
])
def test_instant_is_called_by_the_county_s_day(instant, called):
    now = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
    assert name_instant(datetime.fromisoformat(instant).replace(tzinfo=UTC), now, "zh") == called
