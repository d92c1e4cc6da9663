"""Text to days and instants."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from govdesk.clock import day_start, week_of
from govdesk.ingest.cells import Meanings
from govdesk.ingest.dates import (
    NULL,
    as_date,
    day_number,
    day_reader,
    days_of,
    instant_reader,
    iso_days,
    month_after,
    starts_of,
    weeks_of,
)
from govdesk.ingest.moments import DateRefusedError, Spelling
from govdesk.ingest.whole_columns import read_floats, read_instants

SHANGHAI, CHICAGO = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/Chicago")


@pytest.mark.parametrize("text", [
    "2023-03-05", "2023/3/5", "2023.3.5", "2023.03.05", "20230305", "2023年3月5日", "２０２３-０３-０５", "2023-03-05 00:00:00",
])
def test_usual_spellings_of_a_day(text):
    assert day_reader(Spelling(), SHANGHAI, SHANGHAI)(text) == (day_number(date(2023, 3, 5)), None)


@pytest.mark.parametrize("text", ["2023-02-30", "2023-13-01", "soon", "2023", "2023-W10-1", "2023-3", "5/3/2023", "20231301", "2023-03-05 25:00"])
def test_no_date_is_refused(text):
    with pytest.raises(DateRefusedError):
        day_reader(Spelling(), SHANGHAI, SHANGHAI)(text)


def test_the_ends_of_the_calendar_are_refused():
    with pytest.raises(DateRefusedError, match="date_impossible"):
        instant_reader(Spelling(), SHANGHAI, after_month=True)("9999-12-31")


@pytest.mark.parametrize("text", ["2023-03-05 24:00", "2023年3月5日晚上12点"])
def test_midnight_at_the_end_is_that_day_and_the_next_days_first_instant(text):
    assert as_date(day_reader(Spelling(), SHANGHAI, SHANGHAI)(text)[0]) == date(2023, 3, 5)
    assert instant_reader(Spelling(), SHANGHAI)(text)[0] == datetime(2023, 3, 5, 16, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(("text", "expected"), [
    ("2023-03-05 09:30", datetime(2023, 3, 5, 1, 30, tzinfo=UTC)),
    ("2023.3.5 9:30", datetime(2023, 3, 5, 1, 30, tzinfo=UTC)),
    ("2023-03-05T09:30:15Z", datetime(2023, 3, 5, 9, 30, 15, tzinfo=UTC)),
    ("2023-03-05T09:30:15+08:00", datetime(2023, 3, 5, 1, 30, 15, tzinfo=UTC)),
    ("2023-03-05T09:30:15.250000", datetime(2023, 3, 5, 1, 30, 15, tzinfo=UTC)),
    ("20230305 093015", datetime(2023, 3, 5, 1, 30, 15, tzinfo=UTC)),
    ("2023-03-05", datetime(2023, 3, 4, 16, tzinfo=UTC)),
])
def test_instants(text, expected):
    assert instant_reader(Spelling(), SHANGHAI)(text)[0] == expected.timestamp()


def test_profile_formats_come_first():
    read = day_reader(Spelling(("%d.%m.%Y", "%Y年%m月%d日")), SHANGHAI, SHANGHAI)
    assert as_date(read("05.03.2023")[0]) == date(2023, 3, 5)
    assert as_date(read("2023年11月05日")[0]) == date(2023, 11, 5)


def test_first_instant_of_the_month_after():
    read = instant_reader(Spelling(("%Y-%m",)), CHICAGO, after_month=True)
    assert read("2014-12")[0] == datetime(2015, 1, 1, 6, tzinfo=UTC).timestamp()
    assert read("2014-06")[0] == datetime(2014, 7, 1, 5, tzinfo=UTC).timestamp()
    assert month_after(datetime(2014, 1, 31)) == datetime(2014, 2, 1)  # noqa: DTZ001


def test_an_instant_of_another_zone_is_the_countys_day():
    read = day_reader(Spelling(), CHICAGO, SHANGHAI)
    assert as_date(read("2023-03-05 20:00")[0]) == date(2023, 3, 6)
    assert as_date(read("2023-03-05")[0]) == date(2023, 3, 5)


def test_hours_that_occur_twice_or_never():
    read = instant_reader(Spelling(), CHICAGO)
    assert read("2023-11-05 01:30")[0] == datetime(2023, 11, 5, 6, 30, tzinfo=UTC).timestamp()
    assert read("2023-03-12 02:30")[0] == datetime(2023, 3, 12, 8, 30, tzinfo=UTC).timestamp()


@given(st.lists(st.none() | st.dates(date(1971, 1, 1), date(2100, 1, 1)), min_size=1))
def test_columns_agree_with_the_clock(days):
    column = np.array([NULL if day is None else day_number(day) for day in days], dtype=np.int64)
    assert iso_days(column).tolist() == [None if day is None else day.isoformat() for day in days]
    assert weeks_of(column).tolist() == [NULL if day is None else week_of(day) for day in days]
    starts = starts_of(column, SHANGHAI)
    assert starts.tolist() == [NULL if day is None else day_start(day).timestamp() for day in days]
    assert days_of(starts, SHANGHAI).tolist() == column.tolist()


@given(st.datetimes(datetime(1990, 1, 1), datetime(2050, 1, 1)), st.sampled_from(["%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y.%m.%d %H:%M:%S"]))  # noqa: DTZ001
def test_every_spelling_of_an_instant_reads_alike(moment, form):
    moment = moment.replace(microsecond=0)
    read = instant_reader(Spelling(), SHANGHAI)
    assert read(moment.strftime(form))[0] == moment.replace(tzinfo=SHANGHAI).timestamp()


@given(st.integers(0, 10**9), st.sampled_from([SHANGHAI, CHICAGO]))
def test_days_of_instants_are_local(seconds, zone):
    day = days_of(np.array([seconds], dtype=np.int64), zone)[0]
    assert as_date(int(day)) == (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).astimezone(zone).date()


@given(st.lists(st.datetimes(datetime(1990, 1, 1), datetime(2050, 1, 1)), min_size=1), st.sampled_from([SHANGHAI, CHICAGO]))  # noqa: DTZ001
def test_whole_columns_read_as_single_cells_do(moments, zone):
    texts = np.array([moment.strftime("%Y-%m-%d %H:%M:%S") for moment in moments], dtype=object)
    read = instant_reader(Spelling(), zone)
    whole = read_instants(texts, Meanings(zone=zone, county=zone))
    assert whole.tolist() == [read(text)[0] for text in texts]


@pytest.mark.parametrize("texts", [["2023-03-05"], ["2023-03-12 02:30:00", "2023-03-05T09:30+08"], ["2023-02-30 00:00:00"], [""], ["x" * 19]])
def test_whole_columns_leave_the_unusual_to_the_cells(texts):
    assert read_instants(np.array(texts, dtype=object), Meanings(zone=CHICAGO, county=CHICAGO)) is None


def test_hours_that_occur_twice_or_never_in_whole_columns():
    texts = np.array(["2023-11-05 01:30:00", "2023-03-12 02:30:00"], dtype=object)
    read = instant_reader(Spelling(), CHICAGO)
    assert read_instants(texts, Meanings(zone=CHICAGO, county=CHICAGO)).tolist() == [read(text)[0] for text in texts]


def test_whole_columns_of_numbers():
    assert read_floats(np.array(["1.5", " 2 "], dtype=object)).tolist() == [1.5, 2.0]
    assert np.isnan(read_floats(np.array(["", "1"], dtype=object))[0])
    assert read_floats(np.array(["1", "east"], dtype=object)) is None
