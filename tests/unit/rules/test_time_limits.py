"""Limits and deadlines: against a clock written differently over two real years, and what must never happen."""

# ruff: noqa: DTZ001 - naive times are those on the wall
import csv
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdesk.rules.time_limits import (
    COLUMNS,
    Term,
    TimeLimitsError,
    count_paused_days,
    find_deadline,
    merge_spans,
    read_limits,
    read_term,
)
from govdesk.rules.working_calendar import WorkingCalendar
from govdesk.settings import ROOT
from govdesk.terms import Stage, Stream, TimeUnit
from tests.support.brute_clock import find_deadline_by_hand, is_worked

SHANGHAI = ZoneInfo("Asia/Shanghai")
CALENDAR = WorkingCalendar("Asia/Shanghai")
FIRST = datetime(2025, 1, 1)
MINUTES = 2 * 365 * 24 * 60

walls = st.integers(0, MINUTES).map(lambda minutes: FIRST + timedelta(minutes=minutes))
amounts = st.integers(1, 40)
units = st.sampled_from(["hours", "working_hours", "working_days", "days"])


@st.composite
def clocks(draw):
    """One clock: when it was entered, and up to three pauses of minutes to a fortnight near it."""
    entered = draw(walls)
    pauses = []
    for _ in range(draw(st.integers(0, 3))):
        start = entered + timedelta(minutes=draw(st.integers(-600, 20 * 24 * 60)))
        pauses.append((start, start + timedelta(minutes=draw(st.sampled_from([0, 1, 45, 600, 1440, 4000, 20_000])))))
    return entered, pauses


def at(wall: datetime) -> datetime:
    return wall.replace(tzinfo=SHANGHAI).astimezone(UTC)


def due(amount, unit, entered, pauses=(), extension=None):
    spans = [(at(start), at(end)) for start, end in pauses]
    found = find_deadline(Term(amount, TimeUnit(unit)), at(entered), CALENDAR, pauses=spans, extension=extension)
    return found.at.astimezone(SHANGHAI).replace(tzinfo=None)


@settings(max_examples=250, deadline=None)
@given(clocks(), amounts, units)
def test_deadline_equals_the_clock_walked_by_hand(clock, amount, unit):
    entered, pauses = clock
    assert due(amount, unit, entered, pauses) == find_deadline_by_hand(amount, unit, entered, pauses)


@settings(max_examples=100, deadline=None)
@given(clocks(), amounts, units, st.integers(1, 20), st.sampled_from(["hours", "working_days", "days"]))
def test_extension_is_a_second_term_that_begins_at_the_first_deadline(clock, amount, unit, more, more_unit):
    entered, pauses = clock
    first = find_deadline_by_hand(amount, unit, entered, pauses)
    if more_unit == "hours":
        first = first.replace(second=0)  # the hand walks whole minutes
    expected = find_deadline_by_hand(more, more_unit, first, pauses)
    found = due(amount, unit, entered, pauses, Term(more, TimeUnit(more_unit)))
    assert found.replace(second=0) == expected.replace(second=0)
    assert found > due(amount, unit, entered, pauses)


@settings(max_examples=200, deadline=None)
@given(clocks(), amounts, units, st.integers(0, 30_000))
def test_entering_later_is_never_due_earlier(clock, amount, unit, minutes):
    entered, pauses = clock
    assert due(amount, unit, entered, pauses) <= due(amount, unit, entered + timedelta(minutes=minutes), pauses)


@settings(max_examples=200, deadline=None)
@given(clocks(), amounts, units)
def test_a_larger_amount_is_never_due_earlier(clock, amount, unit):
    entered, pauses = clock
    assert entered < due(amount, unit, entered, pauses) <= due(amount + 1, unit, entered, pauses)


@settings(max_examples=200, deadline=None)
@given(clocks(), amounts, units, st.integers(0, 20_000), st.integers(0, 5_000))
def test_a_pause_never_shortens_and_an_empty_one_changes_nothing(clock, amount, unit, offset, minutes):
    entered, pauses = clock
    start = entered + timedelta(minutes=offset)
    more = [*pauses, (start, start + timedelta(minutes=minutes))]
    assert due(amount, unit, entered, pauses) <= due(amount, unit, entered, more)
    assert due(amount, unit, entered, pauses) == due(amount, unit, entered, [*pauses, (start, start)])


@settings(max_examples=200, deadline=None)
@given(clocks(), amounts, units)
def test_no_deadline_of_days_or_working_hours_lies_on_a_rest_day(clock, amount, unit):
    entered, pauses = clock
    if unit != "hours":
        assert is_worked(due(amount, unit, entered, pauses).date())


@pytest.mark.parametrize(("unit", "amount", "entered", "expected"), [
    # National Day 2026: 1 to 7 October off, Saturday 10 October worked.
    ("working_days", 1, "2026-09-30 09:00", "2026-10-08 18:00"),
    ("working_days", 3, "2026-09-30 17:59", "2026-10-10 18:00"),
    ("working_days", 4, "2026-09-30 17:59", "2026-10-12 18:00"),
    ("days", 3, "2026-09-30 10:00", "2026-10-08 23:59:59"),
    ("days", 10, "2026-09-30 10:00", "2026-10-10 23:59:59"),
    ("days", 11, "2026-09-30 10:00", "2026-10-12 23:59:59"),
    ("hours", 48, "2026-09-30 17:00", "2026-10-02 17:00"),
    ("working_hours", 2, "2026-09-30 17:00", "2026-10-08 09:00"),
    ("working_hours", 4, "2026-10-10 10:00", "2026-10-10 16:00"),
    # Spring Festival 2026 does not count, Saturday 14 and 28 February do.
    ("working_days", 1, "2026-02-13 10:00", "2026-02-14 18:00"),
    ("working_days", 2, "2026-02-13 10:00", "2026-02-24 18:00"),
    ("working_days", 1, "2026-02-27 10:00", "2026-02-28 18:00"),
    # Spring Festival 2025: Sunday 26 January is worked.
    ("working_days", 1, "2025-01-25 10:00", "2025-01-26 18:00"),
    ("days", 60, "2026-07-31 10:00", "2026-09-29 23:59:59"),
])
def test_deadline_around_holidays(unit, amount, entered, expected):
    assert due(amount, unit, datetime.fromisoformat(entered)) == datetime.fromisoformat(expected)


def test_a_night_over_the_close_of_the_office_moves_by_one_day_and_an_hour_at_noon_by_none():
    monday = datetime(2026, 11, 2, 9)
    night = [(datetime(2026, 11, 3, 17, 50), datetime(2026, 11, 4, 8))]
    noon = [(datetime(2026, 11, 3, 11), datetime(2026, 11, 3, 13))]
    assert due(2, "working_days", monday) == datetime(2026, 11, 4, 18)
    assert due(2, "working_days", monday, night) == datetime(2026, 11, 5, 18)
    assert due(2, "working_days", monday, noon) == datetime(2026, 11, 4, 18)


def test_a_pause_holds_from_its_first_second_to_before_its_last():
    monday, close = datetime(2026, 11, 2, 9), datetime(2026, 11, 3, 18)
    assert due(1, "working_days", monday, [(close, close + timedelta(minutes=1))]) == datetime(2026, 11, 4, 18)
    assert due(1, "working_days", monday, [(close - timedelta(hours=9), close)]) == close


def test_a_term_that_ends_on_a_rest_day_ends_with_a_working_day_on_which_it_runs():
    night = [(datetime(2026, 10, 8, 20), datetime(2026, 10, 9, 8))]
    assert due(3, "days", datetime(2026, 9, 30, 10), night) == datetime(2026, 10, 9, 23, 59, 59)


def test_a_deadline_in_a_year_that_was_not_announced_is_provisional():
    late = datetime(2026, 12, 30, 10, tzinfo=SHANGHAI)
    assert find_deadline(Term(5, TimeUnit.WORKING_DAYS), late, CALENDAR).is_provisional
    assert find_deadline(Term(9, TimeUnit.WORKING_HOURS), late + timedelta(days=1), CALENDAR).is_provisional
    assert find_deadline(Term(60, TimeUnit.DAYS), late, CALENDAR).is_provisional
    assert find_deadline(Term(1, TimeUnit.DAYS), late, CALENDAR, extension=Term(9, TimeUnit.DAYS)).is_provisional
    assert not find_deadline(Term(99, TimeUnit.HOURS), late, CALENDAR).is_provisional
    assert not find_deadline(Term(1, TimeUnit.WORKING_DAYS), late, CALENDAR).is_provisional


def test_hours_run_round_the_clock_where_clocks_are_put_forward():
    chicago = WorkingCalendar("America/Chicago")
    entered = datetime(2026, 3, 7, 20, tzinfo=ZoneInfo("America/Chicago"))  # put forward on 8 March at 2
    assert find_deadline(Term(24, TimeUnit.HOURS), entered, chicago).at - entered.astimezone(UTC) == timedelta(hours=24)
    found = find_deadline(Term(1, TimeUnit.WORKING_DAYS), entered, chicago)
    assert (found.at.astimezone(ZoneInfo("America/Chicago")).isoformat(), found.is_provisional) == (
        "2026-03-09T18:00:00-05:00", False)


def test_paused_days_are_those_at_whose_end_the_clock_stood():
    pauses = [(at(datetime(2026, 11, 6, 17)), at(datetime(2026, 11, 9, 9))),
              (at(datetime(2026, 11, 8, 17)), at(datetime(2026, 11, 9, 19)))]
    assert count_paused_days(pauses, CALENDAR) == 3
    assert count_paused_days(pauses, CALENDAR, TimeUnit.WORKING_DAYS) == 4
    assert count_paused_days([], CALENDAR) == 0


def test_pauses_that_touch_are_one_and_empty_ones_none():
    hour = [at(datetime(2026, 11, 6, n)) for n in range(6)]
    assert merge_spans([(hour[3], hour[4]), (hour[0], hour[1]), (hour[1], hour[2]), (hour[5], hour[5])]) == [
        (hour[0], hour[2]), (hour[3], hour[4])]


def _row(**cells):
    return dict.fromkeys(COLUMNS, "") | {"source": "默认值"} | cells


def _rows():
    return [_row(stage=stage, amount="1", unit="days") for stage in Stage]


def test_the_most_specific_row_wins_and_the_stream_stands_before_the_severity():
    limits = read_limits([
        *_rows(), _row(stage="handle", severity="1", amount="2", unit="hours"),
        _row(stage="handle", stream="petition", amount="60", unit="days", extension="30", extension_unit="days"),
        _row(stage="handle", stream="hazard", severity="1", amount="4", unit="hours"),
        _row(stage="close", stream="request", unit="none")])
    assert limits.find("handle", "petition", 1).term == read_term("60 days")
    assert limits.find("handle", "petition", 1).extension == read_term("30 days")
    assert limits.find("handle", "hazard", 1).term == read_term("4 hours")
    assert limits.find("handle", "dispute", 1).term == read_term("2 hours")
    assert limits.find("handle", "dispute", None).term == read_term("1 days")
    assert limits.find("close", "request", 3) is None


@pytest.mark.parametrize(("row", "said"), [
    ({"stage": "handel", "amount": "1", "unit": "days"}, "line 6: stage"),
    ({"stage": "handle", "stream": "fight", "amount": "1", "unit": "days"}, "line 6: stream"),
    ({"stage": "handle", "severity": "5", "amount": "1", "unit": "days"}, "line 6: severity"),
    ({"stage": "handle", "severity": "2", "amount": "0", "unit": "days"}, "line 6: amount"),
    ({"stage": "handle", "severity": "2", "amount": "1.5", "unit": "days"}, "line 6: amount"),
    ({"stage": "handle", "severity": "2", "amount": "1", "unit": "weeks"}, "line 6: unit"),
    ({"stage": "handle", "severity": "2", "amount": "1"}, "line 6: row"),
    ({"stage": "handle", "severity": "2", "amount": "1", "unit": "days", "extension": "3"}, "line 6: row"),
    ({"stage": "handle", "severity": "2", "unit": "none", "extension": "3", "extension_unit": "days"}, "line 6: row"),
    ({"stage": "handle", "severity": "2", "amount": "1", "unit": "days", "source": ""}, "line 6: source"),
    ({"stage": "accept", "amount": "1", "unit": "days"}, "same stage, stream and severity as line 3"),
])
def test_a_row_that_cannot_be_used_is_named_with_its_reason(row, said):
    with pytest.raises(TimeLimitsError, match=said):
        read_limits([*_rows(), _row(**row)])


def test_a_stage_without_an_answer_is_named():
    with pytest.raises(TimeLimitsError, match=r"close, dispute, severity None"):
        read_limits(_rows()[:3])


@pytest.mark.parametrize("text", ["", "days", "0 days", "-1 days", "3 weeks", "٣ days", "3.5 hours", "9999 days"])
def test_a_text_that_is_no_term_is_refused(text):
    with pytest.raises(TimeLimitsError):
        read_term(text)


def test_the_delivered_table_answers_for_all_and_names_the_law_where_there_is_one():
    with (ROOT / "data" / "reference" / "time_limits.csv").open(encoding="utf-8") as file:
        limits = read_limits(list(csv.DictReader(file)))
    petition = limits.find(Stage.HANDLE, Stream.PETITION, 1)
    assert (str(petition.term), str(petition.extension)) == ("60 days", "30 days")
    assert "信访工作条例" in petition.source
    assert all(limits.find(stage, stream, n) is not None for stage in Stage for stream in Stream for n in (None, 1, 4))


