"""Reads one date as people type it, or says why it is none; pure.

The order: the profile's formats → ISO 8601 → numbers of a spreadsheet → year, month and day in this order → what
lacks a part (a year that the file gives elsewhere, a day that nobody gives) → other orders, where only one is possible.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import NoReturn

from govdesk.ingest.chinese_dates import is_lunar, is_unsure, plain_date

#: Days that a spreadsheet's number may stand for (Excel counts from 1899-12-30, or from 1904-01-01 on old Macs).
_SERIAL_FROM, _SERIAL_TO = date(1990, 1, 1), date(2100, 1, 1)
_ORIGINS = {1900: datetime(1899, 12, 30), 1904: datetime(1904, 1, 1)}  # noqa: DTZ001 - the zone is the caller's
#: A year of two digits is believed where it is so near, and the other reading is not.
_RECENT = 6
#: Months after that of the title in which its matters may have been closed; a later month is of no sure year.
_CLOSED_WITHIN = 3

_TIME = (
    r"[T\s]*(?P<part>凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|晚间|夜间|夜里|深夜)?\s*(?P<hour>\d{1,2})"
    r"(?::(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:[.,]\d+)?)?"
    r"|[时点](?:(?P<half>半)|(?P<quarter>[13])刻|整|钟|(?P<minute2>\d{1,2})分?(?:(?P<second2>\d{1,2})秒?)?)?)"
    r"\s*(?P<noon>[AaPp]\.?[Mm]\.?)?"
)
_OFFSET = r"(?:\s*(?P<offset>Z|UTC|[+-]\d{2}:?(?:\d{2})?))?"
#: A time of day that Excel wrote with the day it counts from.
_EXCEL_ZERO = r"(?:1899-12-3[01]|1900-01-0[01])"
_TAIL = re.compile(rf"\s*(?:凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|晚间|夜间|夜里|深夜)|(?:{_TIME}{_OFFSET})?")
_FULL = re.compile(r"(\d{4})(?:[-/.,年]|\s)(\d{1,2})(?:[-/.,月]|\s)(\d{1,2})(?:[日号]|(?=\D|$))")
_SHORT_YEAR = re.compile(r"(\d{2})(?:[-/.,年])(\d{1,2})(?:[-/.,月])(\d{1,2})(?:[日号]|(?=\D|$))")
_NO_YEAR = re.compile(r"(\d{1,2})(?:([-/.])|月)(\d{1,2})(?:[日号]|(?=\D|$))")
_MONTH = re.compile(r"(\d{4})[-/.年](\d{1,2})月?(?:份)?")
_BARE_MONTH = re.compile(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])")
_YEAR = re.compile(r"(?:19|20)\d{2}年?")
_BARE = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\.0+)?(?:[\sT]*(\d{2}):?(\d{2}):?(\d{2})?)?" + _OFFSET)
_SHORT_BARE = re.compile(r"(\d{2})(\d{2})(\d{2})")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(?=\D|$)")
_SERIAL = re.compile(r"(\d{5})(\.\d+)?(?:\s+(0\.\d+))?")
_ONLY_TIME = re.compile(rf"(?:{_EXCEL_ZERO}[T\s]+)?\d{{1,2}}:\d{{1,2}}(?::\d{{1,2}})?|0\.\d+")
_ONE_DAY = r"(?:\d{4}[-/.年])?\d{1,2}[-/.月]\d{1,2}[日号]?"
_RANGE = re.compile(
    rf".*\d.*(?:至|到|~).*\d.*|{_ONE_DAY}-{{1,2}}{_ONE_DAY}|(?:\d{{4}}[/.年])?\d{{1,2}}[/.月]\d{{1,2}}[日号]?-{{1,2}}\d{{1,2}}[日号]?")
_ENGLISH = re.compile(
    r"(?:(?P<day>\d{1,2})[\s-]*)?(?P<name>jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*\.?"
    r"(?:[\s-]*(?P<day2>\d{1,2})(?!\d))?[\s,-]+(?P<year>\d{4})", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_MORNING = frozenset({"凌晨", "清晨", "早上", "早晨", "上午"})


class DateRefusedError(ValueError):
    """A text that names no day: the code of the note, and what fills its sentence in."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


@dataclass(frozen=True, slots=True)
class Spelling:
    """How dates are spelt in one file.

    Attributes
    ----------
    formats : tuple of str
        `strptime` formats, tried first.
    year : int, optional
        The year of dates without one.
    last_month : int, optional
        The last month that `year` is sure for: the list of January 2023 may hold days of December 2022.
    this_year : int, optional
        The year of the import: years of two digits are understood near it only. None: never.
    serials : int
        1900 or 1904: what a spreadsheet's numbers count from.
    months : bool
        A month without a day is meant: its first day stands for it.
    """

    formats: tuple[str, ...] = ()
    year: int | None = None
    last_month: int | None = None
    this_year: int | None = None
    serials: int = 1900
    months: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment as read.

    Attributes
    ----------
    value : datetime
        Naive, or with the offset that the text gave.
    has_time : bool
        Whether the text held a time of day.
    told : str, optional
        Code of the warning that tells how it was understood.
    ends_day : bool
        It was written as 24:00: as a day it is the day before.
    """

    value: datetime
    has_time: bool
    told: str | None = None
    ends_day: bool = False


def read_moment(text: str, spelling: Spelling) -> Moment:
    """Return the moment a text names.

    Parameters
    ----------
    text : str
        Not empty, without surrounding spaces.
    spelling : Spelling
        What the profile and the file say of their dates.

    Raises
    ------
    DateRefusedError
        With the code that says what is wrong with it.

    Examples
    --------
    >>> read_moment("2023年3月5日下午3时20分", Spelling()).value
    datetime.datetime(2023, 3, 5, 15, 20)
    """
    for form in spelling.formats:
        try:
            found = datetime.strptime(text, form)  # noqa: DTZ007 - the zone is the caller's
        except ValueError:
            continue
        return Moment(found, any(part in form for part in ("%H", "%I", "%X", "%c", "%T")))
    if text.isascii() and text[4:5] == "-" and text[7:8] == "-" and text[10:11] in ("", " ", "T"):
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            pass  # not ISO 8601 after all
        else:
            if found.year == 1899:
                raise DateRefusedError("date_only_time")
            return Moment(found.replace(microsecond=0), len(text) > 10)
    if len(text) > 60:
        raise DateRefusedError("date_unreadable")
    return _read_typed(text, spelling)


def _read_typed(text: str, spelling: Spelling) -> Moment:
    if text.isascii():  # the usual spellings, ten times faster
        usual = _bare(text, spelling) or _year_first(text, spelling)
        if usual is not None:
            return usual
    if is_lunar(text):
        raise DateRefusedError("date_lunar")
    if is_unsure(text):
        raise DateRefusedError("date_unsure")
    plain = plain_date(text)
    for way in _WAYS:
        found = way(plain, spelling)
        if found is not None:
            return found
    raise DateRefusedError("date_unreadable")


# Ways: each returns the moment, None where the text is of another kind, or raises

def _serial(text: str, spelling: Spelling) -> Moment | None:
    match = _SERIAL.fullmatch(text)
    if match is None:
        return None
    fraction = float(match.group(2) or match.group(3) or 0)
    moment = _ORIGINS[spelling.serials] + timedelta(seconds=round((int(match.group(1)) + fraction) * 86_400))
    if not _SERIAL_FROM <= moment.date() < _SERIAL_TO:
        raise DateRefusedError("date_unreadable")
    return Moment(moment, bool(match.group(2) or match.group(3)), "date_from_serial")


def _only_time(text: str, spelling: Spelling) -> None:
    del spelling
    if _ONLY_TIME.fullmatch(text):
        raise DateRefusedError("date_only_time")


def _range(text: str, spelling: Spelling) -> None:
    del spelling
    if not _FULL_AND_TAIL.fullmatch(text) and _RANGE.fullmatch(text):  # 05:00 may be an offset
        raise DateRefusedError("date_range")


def _year_first(text: str, spelling: Spelling) -> Moment | None:
    del spelling
    match = _FULL.match(text)
    tail = _tail_of(text, match)
    if match is None or tail is None:
        return None
    return _make(tuple(int(part) for part in match.groups()), tail)


def _bare(text: str, spelling: Spelling) -> Moment | None:
    del spelling
    match = _BARE.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part) if part else 0 for part in match.groups()[:6])
    moment, ends_day = _with_time(_day(year, month, day), hour, minute, second)
    return Moment(_zoned(moment, match.group("offset")), match.group(4) is not None, ends_day=ends_day)


def _month(text: str, spelling: Spelling) -> Moment | None:
    match = _MONTH.fullmatch(text)
    if match or _BARE_MONTH.fullmatch(text):
        if not spelling.months:
            raise DateRefusedError("date_without_day")
        year, month = (int(part) for part in (match.groups() if match else (text[:4], text[4:])))
        return Moment(_day(year, month, 1), has_time=False)
    if _YEAR.fullmatch(text):
        raise DateRefusedError("date_without_day")
    return None


def _short_year(text: str, spelling: Spelling) -> Moment | None:
    match = _SHORT_YEAR.match(text)
    tail = _tail_of(text, match)
    if match is None or tail is None:
        match, tail = _SHORT_BARE.fullmatch(text), _TAIL.fullmatch("")
    if match is None or tail is None:
        return None
    year, month, day = (int(part) for part in match.groups())
    is_first, is_last = _is_recent(year, spelling), len(match.group(3)) == 2 and _is_recent(day, spelling)
    if "年" in text:
        is_first, is_last = True, False
    if not is_first or (is_last and _fits(2000 + day, month, year)):
        raise DateRefusedError("date_ambiguous")
    return _make((2000 + year, month, day), tail, "date_short_year")


def _is_recent(year: int, spelling: Spelling) -> bool:
    return spelling.this_year is not None and -_RECENT <= 2000 + year - spelling.this_year <= 0


def _year_last(text: str, spelling: Spelling) -> Moment | None:
    """Day and month before the year: understood only where one of the two orders gives a day."""
    del spelling
    match = _YEAR_LAST.match(text)
    tail = _tail_of(text, match)
    if match is None or tail is None:
        return None
    first, second, year = (int(part) for part in match.groups())
    if len(match.group(3)) == 2:
        raise DateRefusedError("date_ambiguous")
    orders = {(year, month, day) for month, day in ((first, second), (second, first)) if _fits(year, month, day)}
    if not orders:
        raise DateRefusedError("date_impossible")
    if len(orders) > 1:
        raise DateRefusedError("date_ambiguous")
    return _make(orders.pop(), tail, "date_order_taken" if first != second else None)


def _without_year(text: str, spelling: Spelling) -> Moment | None:
    match = _NO_YEAR.match(text)
    tail = _tail_of(text, match)
    if match is None or tail is None:
        return None
    month, day = int(match.group(1)), int(match.group(3))
    if spelling.year is None:
        if not _fits(2024, month, day):
            raise DateRefusedError("date_impossible")
        raise DateRefusedError("date_without_year")
    if match.group(2) == "." and match.group(3) in ("1", "2", "3"):
        raise DateRefusedError("date_zero_lost")  # a spreadsheet keeps 3.10 as the number 3.1
    if spelling.last_month is not None and month > spelling.last_month + _CLOSED_WITHIN:
        raise DateRefusedError("date_without_year")  # December in the list of January: of which year?
    return _make((spelling.year, month, day), tail, "date_year_added")


def _english(text: str, spelling: Spelling) -> Moment | None:
    del spelling
    match = _ENGLISH.match(text)
    tail = _tail_of(text, match)
    if match is None or tail is None or (match.group("day") is None) == (match.group("day2") is None):
        return None
    month = _MONTHS.index(match.group("name")[:3].lower()) + 1
    return _make((int(match.group("year")), month, int(match.group("day") or match.group("day2"))), tail)


# Parts

def _tail_of(text: str, match: re.Match[str] | None) -> re.Match[str] | None:
    """Return the time behind a day; None where something else stands there."""
    if match is None:
        return None
    rest = text[match.end():]
    whole = re.match(rf"[T\s]+(?:00:00:00[T\s]+)?{_EXCEL_ZERO}(?=[T\s])|[T\s]+00:00:00(?=\s+\d)", rest)
    return _TAIL.fullmatch(rest[whole.end():] if whole else rest)


def _fits(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _impossible() -> NoReturn:
    raise DateRefusedError("date_impossible")


def _day(year: int, month: int, day: int) -> datetime:
    if not _fits(year, month, day):
        _impossible()
    return datetime(year, month, day)  # noqa: DTZ001 - the zone is the caller's


def _make(day: tuple[int, ...], tail: re.Match[str], told: str | None = None) -> Moment:
    start = _day(*day)
    if tail.group("hour") is None:
        return Moment(start, has_time=False, told=told)
    minute = int(tail.group("minute") or tail.group("minute2") or 0)
    if tail.group("half"):
        minute = 30
    if tail.group("quarter"):
        minute = 15 * int(tail.group("quarter"))
    hour = _hour(int(tail.group("hour")), tail.group("part") or "", (tail.group("noon") or "")[:1].lower())
    moment, ends_day = _with_time(start, hour, minute, int(tail.group("second") or tail.group("second2") or 0))
    return Moment(_zoned(moment, tail.group("offset")), has_time=True, told=told, ends_day=ends_day)


def _hour(hour: int, part: str, half_day: str) -> int:
    """Return the hour of 24; 下午3 is 15, 晚上12 is 24, 中午1 is 13, 凌晨12 is 0."""
    if half_day and hour > 12:
        _impossible()
    if half_day:
        return hour % 12 + (12 if half_day == "p" else 0)
    if part in _MORNING:
        if hour > 12:
            _impossible()
        return 0 if part == "凌晨" and hour == 12 else hour
    if part == "中午":
        return hour + 12 if hour < 3 else hour
    if part and hour < 12:
        is_small_hour = part in ("夜间", "夜里", "深夜") and hour < 6
        return hour if is_small_hour else hour + 12
    return 24 if part and part != "下午" and hour == 12 else hour


def _with_time(day: datetime, hour: int, minute: int, second: int) -> tuple[datetime, bool]:
    if hour == 24 and minute == second == 0:
        return day + timedelta(days=1), True
    if hour > 23 or minute > 59 or second > 59:
        _impossible()
    return day.replace(hour=hour, minute=minute, second=second), False


def _zoned(moment: datetime, offset: str | None) -> datetime:
    return moment if not offset else moment.replace(tzinfo=_zone_of(offset))


def _zone_of(offset: str) -> tzinfo | None:
    plain = "Z" if offset == "UTC" else f"{offset}00" if len(offset) == 3 else offset
    try:
        return datetime.strptime(plain, "%z").tzinfo
    except ValueError:
        _impossible()


_FULL_AND_TAIL = re.compile(rf"{_FULL.pattern}(?:{_TIME}{_OFFSET})?")

_WAYS: tuple[Callable[[str, Spelling], Moment | None], ...] = (
    _serial, _bare, _only_time, _range, _year_first, _month, _short_year, _year_last, _without_year, _english,
)
