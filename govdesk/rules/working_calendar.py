"""Which days are worked, and the office hours of a day: the calendar that every clock of the loop runs on; pure.

In a county whose zone is China's, working days follow the State Council's yearly notice (国务院办公厅关于部分节假日安排
的通知), holidays and worked weekends 调休 alike, as kept by the library chinesecalendar (2004 to the last year that was
announced when it was released). A year it does not know is never guessed in silence: days are then Monday to Friday,
`WorkingCalendar.is_known` is False, and every deadline that touches such a year is provisional. The office may enter a
new notice itself (`data/reference/clocks.toml`).

Elsewhere (the records of a foreign city) working days are Monday to Friday and public holidays are not known:
`WorkingCalendar.has_holidays` is False, which the screens say. Nothing is provisional there, for no notice is awaited.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import chinese_calendar

#: Zones in which the State Council's notice holds (`tzdata` keeps the old names).
CHINESE_ZONES = frozenset({
    "Asia/Shanghai", "Asia/Urumqi", "Asia/Chongqing", "Asia/Chungking", "Asia/Harbin", "Asia/Kashgar", "PRC"})

#: Last second of a day: an instant that is still that day's, so that a deadline shows the right date.
_LAST_SECOND = time(23, 59, 59)
_ONE_DAY = timedelta(days=1)

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class AnnouncedYear:
    """A notice that the office entered itself, before the library knows it.

    Attributes
    ----------
    year : int
    off : frozenset of date
        Days off work that are no Saturday or Sunday; weekends may be listed, too.
    worked : frozenset of date
        Saturdays and Sundays that are worked 调休.
    """

    year: int
    off: frozenset[date]
    worked: frozenset[date]


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Working days and office hours of one county.

    Attributes
    ----------
    zone : str
        IANA time zone of the county's day.
    windows : tuple of (time, time)
        Office hours of a working day, local, ascending, without overlap.
    announced : tuple of AnnouncedYear
        Notices entered by the office; they outrank the library.
    """

    zone: str
    windows: tuple[tuple[time, time], ...] = ((time(8), time(12)), (time(14), time(18)))
    announced: tuple[AnnouncedYear, ...] = ()

    @property
    def has_holidays(self) -> bool:
        """Whether public holidays are known here at all."""
        return self.zone in CHINESE_ZONES

    @property
    def day_seconds(self) -> int:
        """Seconds of work in one working day."""
        return sum(_second_of(last) - _second_of(first) for first, last in self.windows)

    def is_known(self, year: int) -> bool:
        """Return whether the working days of a year are settled; False is to be said on every screen."""
        return not self.has_holidays or self._find_notice(year) is not None or _library_knows(year)

    def is_workday(self, day: date) -> bool:
        """Return whether a day is worked; in a year that is not known: Monday to Friday."""
        if not self.has_holidays:
            return day.weekday() < 5
        notice = self._find_notice(day.year)
        if notice is not None:
            return day in notice.worked or (day.weekday() < 5 and day not in notice.off)
        return _is_worked_in_china(day)

    def local_day(self, instant: datetime) -> date:
        """Return the county's day of an aware instant."""
        return instant.astimezone(ZoneInfo(self.zone)).date()

    def day_end(self, day: date) -> datetime:
        """Return the last second of a day, in UTC."""
        return self._at(day, _LAST_SECOND)

    def office_close(self, day: date) -> datetime:
        """Return when the office closes on a day, in UTC, whether or not it is worked."""
        return self._at(day, self.windows[-1][1])

    def next_workday(self, day: date) -> date:
        """Return the first working day after a day."""
        day += _ONE_DAY
        while not self.is_workday(day):
            day += _ONE_DAY
        return day

    def office_spans(self, instant: datetime) -> Iterator[Span]:
        """Yield the office hours (UTC) of one working day after the other, from the day of an instant on, endlessly."""
        day = self.local_day(instant)
        while True:
            if self.is_workday(day):
                for first, last in self.windows:
                    yield self._at(day, first), self._at(day, last)
            day += _ONE_DAY

    def working_seconds(self, start: datetime, end: datetime) -> int:
        """Return the seconds of office hours between two instants; 0 where the end lies before the start."""
        total = timedelta()
        for first, last in self.office_spans(start):
            if first >= end:
                return int(total.total_seconds())
            total += max(min(last, end) - max(first, start), timedelta())
        raise AssertionError  # the spans never end

    def add_working_seconds(self, start: datetime, seconds: int) -> datetime:
        """Return the earliest instant by which so many seconds of office hours have passed since `start`."""
        left, start = timedelta(seconds=seconds), start.astimezone(UTC)
        for first, last in self.office_spans(start):
            begin = max(first, start)
            if last - begin >= left:
                return begin + left
            left -= max(last - begin, timedelta())
        raise AssertionError  # the spans never end

    def _at(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, tzinfo=ZoneInfo(self.zone)).astimezone(UTC)

    def _find_notice(self, year: int) -> AnnouncedYear | None:
        return next((notice for notice in self.announced if notice.year == year), None)


def _second_of(clock: time) -> int:
    return clock.hour * 3600 + clock.minute * 60 + clock.second


@cache
def _library_knows(year: int) -> bool:
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


@cache
def _is_worked_in_china(day: date) -> bool:
    return bool(chinese_calendar.is_workday(day)) if _library_knows(day.year) else day.weekday() < 5
