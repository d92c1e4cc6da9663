"""Clocks in words."""

from datetime import UTC, datetime

import pytest

from govdesk.rules.clock_bands import TimeBand, cut_instants
from govdesk.rules.working_calendar import WorkingCalendar
from govdesk.ui.clock_words import (
    build_band,
    build_clock,
    may_be_provisional,
    write_amount,
    write_clock,
    write_time_left,
)

CHINA = WorkingCalendar("Asia/Shanghai")


def at(text):
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


@pytest.mark.parametrize(("now", "due", "zh", "en"), [
    ("2026-11-16T10:00", "2026-11-18T15:00", "还剩 2 个工作日 3 小时", "2 workdays 3 h left"),
    ("2026-11-17T10:00", "2026-11-18T15:00", "还剩 1 个工作日 3 小时", "1 workday 3 h left"),
    ("2026-11-16T08:00", "2026-11-17T18:00", "还剩 2 个工作日", "2 workdays left"),
    ("2026-11-16T10:00", "2026-11-16T15:30", "还剩 5 小时 30 分", "5 h 30 min left"),
    ("2026-11-16T10:00", "2026-11-16T12:00", "还剩 2 小时", "2 h left"),
    ("2026-11-16T10:00", "2026-11-16T10:00:59", "还剩 0 分钟", "0 min left"),
    ("2026-11-20T16:00", "2026-11-23T10:30", "还剩 4 个工作小时", "4 office hours left"),
    # A deadline on a day off: no office hours are left, the wall clock is said.
    ("2026-10-01T09:00", "2026-10-03T09:00", "还剩 48 小时", "48 h left"),
    # National Day does not count.
    ("2026-09-30T08:00", "2026-10-08T18:00", "还剩 2 个工作日", "2 workdays left"),
    ("2026-11-16T10:00", "2026-11-15T06:00", "超期 1 天 4 小时", "1 d 4 h late"),
    ("2026-11-16T10:00", "2026-11-14T10:00", "超期 2 天", "2 d late"),
    # From ten days on hours are left out.
    ("2026-11-16T10:00", "2026-11-06T06:00", "超期 10 天", "10 d late"),
    ("2026-11-16T10:00", "2021-08-11T11:34", "超期 1,922 天", "1,922 d late"),
    ("2026-11-02T08:00", "2026-11-16T15:00", "还剩 10 个工作日", "10 workdays left"),
    ("2026-11-16T10:00", "2026-11-16T07:30", "超期 2 小时", "2 h late"),
    ("2026-11-16T10:00", "2026-11-16T09:25", "超期 35 分钟", "35 min late"),
])
def test_time_left_in_words(now, due, zh, en):
    assert write_time_left(at(due), at(now), CHINA, "zh") == zh
    assert write_time_left(at(due), at(now), CHINA, "en") == en


def test_a_deadline_that_no_calendar_reaches_is_said_in_days():
    far = datetime(9999, 12, 31, 15, 59, tzinfo=UTC)
    assert write_time_left(far, at("2026-11-16T10:00"), CHINA, "zh") == "还剩 2,912,123 天（自然日）"
    assert may_be_provisional(far, CHINA)


def test_paused_closed_and_without_a_limit():
    now = at("2026-11-16T10:00")
    assert write_clock(None, "paused", now, CHINA, n_paused_days=3, language="zh") == "暂停中（已暂停 3 天）"
    assert write_clock(None, "accepted", now, CHINA, language="zh") == "无期限"
    assert write_clock(now, "closed", now, CHINA, language="en") == "Clock ended"
    assert write_time_left(None, now, CHINA, "zh") == "—"


def test_a_band_is_a_colour_and_a_letter_and_says_what_it_means():
    built = str(build_band(TimeBand.ORANGE, "zh"))
    assert "gd-band-orange" in built
    assert ">急<" in built
    assert "不足 1 个工作日" in built
    assert build_band(None, "zh") is None


def test_a_clock_says_what_is_provisional_and_why():
    cuts = cut_instants(at("2026-12-31T10:00"), CHINA)
    built = str(build_clock(at("2027-01-04T18:00"), "accepted", cuts, CHINA, is_provisional=True, language="zh"))
    assert "还剩 2 个工作日 6 小时" in built
    assert "gd-band-yellow" in built
    assert "2027 年放假调休安排国务院尚未公布" in built
    paused = str(build_clock(None, "paused", cuts, CHINA, n_paused_days=2, is_provisional=True, language="zh"))
    assert "暂定" not in paused
    assert "gd-band" not in paused
    assert may_be_provisional(at("2027-01-04T18:00"), CHINA)
    assert not may_be_provisional(at("2026-12-31T18:00"), CHINA)


@pytest.mark.parametrize(("term", "zh"), [
    ("15 working_days", "15 个工作日"), ("24 hours", "24 小时"), ("4 working_hours", "4 个工作小时"), ("60 days", "60 日"),
    (None, "—"), ("none", "无期限"),
])
def test_a_limit_in_words(term, zh):
    assert write_amount(term, "zh") == zh
