"""Every way in which offices write a date, and why some of them name no day."""

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from govdesk.ingest.chinese_dates import plain_date, read_numeral
from govdesk.ingest.moments import DateRefusedError, Spelling, read_moment
from govdesk.words import LANGUAGES, read_words

PLAIN = Spelling(this_year=2026)
MONDAY = (2023, 3, 5)


def read(text, spelling=PLAIN):
    return read_moment(text, spelling).value.timetuple()[:6]


def code_of(text, spelling=PLAIN):
    with pytest.raises(DateRefusedError) as caught:
        read_moment(text, spelling)
    return caught.value.code


@pytest.mark.parametrize("text", [
    "2023.3.5", "2023/3/5", "2023-3-5", "20230305", "20230305.0", "2023年3月5日", "2023年3月5号", "2023年3月5", "2023年 3 月 5 日",
    "二〇二三年三月五日", "二○二三年三月五日", "二O二三年三月五日", "二零二三年三月五日", "贰零贰叁年叁月伍日", "２０２３．３．５", "２０２３年３月５日",
    "2023 . 3 . 5", "2023.3.5.", "2023。3。5", "2023、3、5", "2023,3,5", "2023\\3\\5", "2023 3 5", "2023 3月5日", "2023年3.5",
    "2023年3月5日（星期日）", "2023-03-05 周日", "2023—3—5", "2023年3月5日上午", "2023年3月5日凌晨", "2023.3.5 深夜", "5 March 2023", "Mar 5, 2023", "'2023-03-05",
    "2023年3月5號",
])
def test_one_day_in_many_spellings(text):
    found = read_moment(text, PLAIN)
    assert (found.value, found.has_time, found.told) == (datetime(*MONDAY), False, None)  # noqa: DTZ001


def test_the_first_month_has_a_name_of_its_own_in_the_civil_calendar():
    assert read_moment("2023年元月5日", PLAIN).value == datetime(2023, 1, 5)  # noqa: DTZ001


@pytest.mark.parametrize(("text", "hour", "minute", "second"), [
    ("2023-3-5 9:05", 9, 5, 0), ("202303051530", 15, 30, 0), ("20230305153015", 15, 30, 15), ("20230305 093015", 9, 30, 15),
    ("2023年3月5日下午3时20分", 15, 20, 0), ("2023年3月5日15时20分", 15, 20, 0), ("2023年叁月5日凌晨1点", 1, 0, 0), ("2023年3月5日上午9点半", 9, 30, 0),
    ("2023年3月5日9点05分", 9, 5, 0), ("2023年3月5日9时30分15秒", 9, 30, 15), ("2023年3月5日9点一刻", 9, 15, 0),
    ("2023年3月5日9點三刻", 9, 45, 0), ("2023年3月5日三点", 3, 0, 0), ("2023年3月5日下午三点二十分", 15, 20, 0),
    ("2023年3月5日中午12点半", 12, 30, 0), ("2023年3月5日中午1点", 13, 0, 0), ("2023年3月5日凌晨12点", 0, 0, 0),
    ("2023年3月5日凌晨2点", 2, 0, 0), ("2023年3月5日晚上8点", 20, 0, 0), ("2023年3月5日深夜1点", 1, 0, 0), ("2023年3月5日下午12点", 12, 0, 0),
    ("2023/3/5 3:20 PM", 15, 20, 0), ("2023/3/5 12:20 AM", 0, 20, 0), ("2023/3/5 12:20 pm", 12, 20, 0),
    ("2023-03-05 00:00:00 1899-12-31 09:30:00", 9, 30, 0), ("2023-03-05 00:00:00 09:30:00", 9, 30, 0),
    ("2023-03-05 1899-12-31 09:30:00", 9, 30, 0), ("2023-3-5 9:05:07.123", 9, 5, 7), ("２０２３／０３／０５　０９：３０", 9, 30, 0),
])
def test_times_of_day(text, hour, minute, second):
    assert read(text) == (*MONDAY, hour, minute, second)
    assert read_moment(text, PLAIN).has_time


@pytest.mark.parametrize(("text", "code"), [
    ("3月5日", "date_without_year"), ("3.5", "date_without_year"), ("3/5", "date_without_year"), ("三月五日", "date_without_year"),
    ("2023.3.5-3.7", "date_range"), ("2023年3月5日至7日", "date_range"), ("2023年3月5日-7日", "date_range"), ("3月5日~3月7日", "date_range"),
    ("2023-03-05-2023-03-07", "date_range"), ("2023.3.5—2023.3.7", "date_range"), ("2023.3.5-7", "date_range"), ("3.5-3.7", "date_range"),
    ("2023年3月5日到3月7日", "date_range"),
    ("2023年3月", "date_without_day"), ("2023年3月份", "date_without_day"), ("2023-03", "date_without_day"), ("202303", "date_without_day"),
    ("2023", "date_without_day"), ("2023年", "date_without_day"), ("二〇二三年三月", "date_without_day"),
    ("05/03/2023", "date_ambiguous"), ("5.3.2023", "date_ambiguous"), ("3/5/23", "date_ambiguous"), ("05.03.23", "date_ambiguous"),
    ("23-03-25", "date_ambiguous"),
    ("2023-02-31", "date_impossible"), ("2023年2月30日", "date_impossible"), ("20231301", "date_impossible"), ("31 February 2023", "date_impossible"),
    ("2023-03-05 25:00", "date_impossible"), ("2023-03-05 24:30", "date_impossible"), ("3月35日", "date_impossible"), ("31/02/2023", "date_impossible"),
    ("2023年3月5日上午15点", "date_impossible"), ("2023/3/5 15:20 PM", "date_impossible"), ("2023-13-45", "date_impossible"),
    ("农历二〇二三年正月初五", "date_lunar"), ("二零二三年十二月廿一", "date_lunar"), ("2023年腊月二十三", "date_lunar"), ("陰曆三月初三", "date_lunar"),
    ("约2023年3月5日", "date_unsure"), ("2023年3月上旬", "date_unsure"), ("2023年3月5日左右", "date_unsure"), ("2023年3月初", "date_unsure"),
    ("09:30", "date_only_time"), ("1899-12-31 09:30:00", "date_only_time"), ("0.395833", "date_only_time"),
    ("soon", "date_unreadable"), ("上周", "date_unreadable"), ("12345678901", "date_unreadable"), ("99999", "date_unreadable"), ("100", "date_unreadable"),
    ("2023-W10-1", "date_unreadable"), ("9" * 5_000, "date_unreadable"), ("2023-3-5 " + "1" * 80, "date_unreadable"),
])
def test_refusals_say_what_is_wrong(text, code):
    assert code_of(text) == code


@pytest.mark.parametrize(("text", "told", "expected"), [
    ("45000", "date_from_serial", (2023, 3, 15, 0, 0, 0)), ("45000.5", "date_from_serial", (2023, 3, 15, 12, 0, 0)),
    ("45000.0", "date_from_serial", (2023, 3, 15, 0, 0, 0)), ("32874", "date_from_serial", (1990, 1, 1, 0, 0, 0)),
    ("45000 0.395833", "date_from_serial", (2023, 3, 15, 9, 30, 0)),
    ("23.3.5", "date_short_year", (2023, 3, 5, 0, 0, 0)), ("23-3-5", "date_short_year", (2023, 3, 5, 0, 0, 0)),
    ("23年3月5日", "date_short_year", (2023, 3, 5, 0, 0, 0)), ("230305", "date_short_year", (2023, 3, 5, 0, 0, 0)),
    ("25/03/2023", "date_order_taken", (2023, 3, 25, 0, 0, 0)), ("3/25/2023", "date_order_taken", (2023, 3, 25, 0, 0, 0)),
    ("05/05/2023", None, (2023, 5, 5, 0, 0, 0)),
])
def test_what_is_understood_is_told(text, told, expected):
    assert read(text) == expected
    assert read_moment(text, PLAIN).told == told


def test_day_numbers_outside_the_plausible_years_are_none():
    assert code_of("32873") == "date_unreadable"
    assert code_of("73051") == "date_unreadable"
    assert read("43538", Spelling(serials=1904)) == (2023, 3, 15, 0, 0, 0)


def test_a_day_number_is_none_with_a_whole_that_reads_true():
    assert read_moment("45000.5", PLAIN).has_time
    assert not read_moment("45000.0", PLAIN).value.hour


@pytest.mark.parametrize(("text", "expected"), [
    ("3月5日", (2023, 3, 5, 0, 0, 0)), ("3.5", (2023, 3, 5, 0, 0, 0)), ("3/5", (2023, 3, 5, 0, 0, 0)), ("3-5", (2023, 3, 5, 0, 0, 0)),
    ("三月十五日", (2023, 3, 15, 0, 0, 0)), ("12月31日 9:30", (2023, 12, 31, 9, 30, 0)), ("3月5日下午3点", (2023, 3, 5, 15, 0, 0)),
])
def test_the_year_of_the_file_completes_a_date(text, expected):
    assert read(text, Spelling(year=2023)) == expected
    assert read_moment(text, Spelling(year=2023)).told == "date_year_added"


def test_a_day_that_a_spreadsheet_may_have_cut_is_refused():
    assert code_of("3.1", Spelling(year=2023)) == "date_zero_lost"
    assert code_of("10.2", Spelling(year=2023)) == "date_zero_lost"
    assert read("3.10", Spelling(year=2023)) == (2023, 3, 10, 0, 0, 0)
    assert read("3月1日", Spelling(year=2023)) == (2023, 3, 1, 0, 0, 0)
    assert code_of("3.1") == "date_without_year"


def test_a_month_after_the_titles_is_of_no_sure_year():
    january = Spelling(year=2023, last_month=1)
    assert read("1月20日", january) == (2023, 1, 20, 0, 0, 0)
    assert read("4月2日", january) == (2023, 4, 2, 0, 0, 0)  # closed later than the list's month
    assert code_of("5月2日", january) == "date_without_year"
    assert code_of("12月28日", january) == "date_without_year"
    assert read("2022年12月28日", january) == (2022, 12, 28, 0, 0, 0)


def test_a_leap_day_needs_a_leap_year():
    assert read("2月29日", Spelling(year=2024)) == (2024, 2, 29, 0, 0, 0)
    assert code_of("2月29日", Spelling(year=2023)) == "date_impossible"


def test_months_are_read_where_they_are_asked_for():
    for text in ("2023年3月", "2023-03", "202303", "2023.3", "二〇二三年三月份"):
        assert read(text, Spelling(months=True)) == (2023, 3, 1, 0, 0, 0)


def test_the_profiles_formats_come_first():
    assert read("05/03/2023", Spelling(("%d/%m/%Y",))) == (2023, 3, 5, 0, 0, 0)
    assert read("23.03.05", Spelling(("%d.%m.%y",))) == (2005, 3, 23, 0, 0, 0)


def test_offsets_are_kept():
    assert read_moment("2023-03-05 09:30 +08:00", PLAIN).value.utcoffset().total_seconds() == 8 * 3600
    assert read_moment("2023.3.5 09:30+0800", PLAIN).value.utcoffset().total_seconds() == 8 * 3600
    assert read_moment("2023/3/5 09:30:15Z", PLAIN).value.utcoffset().total_seconds() == 0
    assert code_of("2023.3.5 09:30+99:00") == "date_impossible"


@pytest.mark.parametrize(("text", "digits"), [("十", "10"), ("十二", "12"), ("二十", "20"), ("三十一", "31"), ("廿一", "21"), ("卅", "30"), ("贰零贰叁", "2023"), ("二〇二三", "2023"), ("百", "百")])
def test_numerals(text, digits):
    assert read_numeral(text) == digits


@settings(deadline=None)
@given(st.dates(datetime(1990, 1, 1).date(), datetime(2099, 12, 31).date()), st.sampled_from(["{}年{}月{}日", "{}.{}.{}", "{}/{}/{}", "{}-{}-{}", " {} 年{}月 {}号。"]))  # noqa: DTZ001
def test_every_day_reads_back_in_every_spelling(day, form):
    assert read(form.format(day.year, day.month, day.day).strip())[:3] == (day.year, day.month, day.day)
    wide = form.format(day.year, day.month, day.day).strip().translate({48 + n: 0xFF10 + n for n in range(10)})
    assert read(wide)[:3] == (day.year, day.month, day.day)


@settings(deadline=None)
@given(st.text(max_size=40) | st.text("0123456789年月日号时点分-/.: 至约上午下初廿", max_size=24))
def test_no_text_breaks_the_reader(text):
    for spelling in (PLAIN, Spelling(year=2023, months=True, serials=1904)):
        try:
            read_moment(text, spelling)
        except DateRefusedError as error:
            assert all(f"{file}.{error.code}" in read_words(language) for file in ("note", "fix") for language in LANGUAGES)  # noqa: PT017
    assert plain_date(text) is not None
