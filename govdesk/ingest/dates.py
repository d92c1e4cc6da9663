"""Text to days and instants; pure.

Days are whole numbers since 1970-01-01, instants whole seconds since 1970-01-01T00:00Z, so that a column of them is
one integer array. `NULL` stands for a missing one.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Ints = NDArray[np.int64]

#: A missing whole number in an int64 column.
NULL = int(np.iinfo(np.int64).min)

_EPOCH = date(1970, 1, 1)
_EPOCH_ORDINAL = _EPOCH.toordinal()
#: 1970-01-05, the Monday of week 0 (`clock.EPOCH_MONDAY`), as a day number.
_MONDAY = 4
#: First day that a report may be of: older ones are slips (1900 is what many programs write for "unknown").
FIRST_DAY = (date(1990, 1, 1) - _EPOCH).days

# Year, month, day with - / . or the Chinese words between; optionally a time; optionally an offset.
_USUAL = re.compile(
    "(\\d{4})(?:[-/.\u5e74])(\\d{1,2})(?:[-/.\u6708])(\\d{1,2})\u65e5?"
    "(?:[T\\s]*(\\d{1,2})[:\uff1a](\\d{1,2})(?:[:\uff1a](\\d{1,2})(?:[.,]\\d+)?)?)?"
    "\\s*(Z|[+-]\\d{2}:?\\d{2})?"
)
_BARE = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\s*(\d{2}):?(\d{2}):?(\d{2})?)?")

#: Lengths of ISO 8601 days and instants, which Python reads ten times faster than an expression does.
_ISO_LENGTHS = frozenset({10, 19, 25})

#: A moment as read: naive or aware, and whether the text held a time of day.
Moment = tuple[datetime, bool]


def parse_moment(text: str, formats: tuple[str, ...] = ()) -> Moment | None:
    """Return the moment a text names, or None.

    Parameters
    ----------
    text : str
        Not empty, without surrounding spaces.
    formats : tuple of str
        `strptime` formats, tried before the usual ones (ISO 8601, 2023/3/5, 2023.3.5, 20230305, with or without time).

    Examples
    --------
    >>> parse_moment("2023.3.5 09:30")
    (datetime.datetime(2023, 3, 5, 9, 30), True)
    """
    for form in formats:
        try:
            found = datetime.strptime(text, form)  # noqa: DTZ007 - the zone is the caller's
        except ValueError:
            continue
        return found, any(part in form for part in ("%H", "%I", "%X", "%c", "%T"))
    if len(text) in _ISO_LENGTHS and text[4] == "-" and text[5] != "W":
        try:
            return datetime.fromisoformat(text), len(text) > 10
        except ValueError:
            pass  # not ISO 8601 after all
    match = _USUAL.fullmatch(text)
    offset = match.group(7) if match else None
    match = match or _BARE.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part) if part else 0 for part in match.groups()[:6])
    try:
        moment = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - zone below
    except ValueError:
        return None
    if offset:
        moment = moment.replace(tzinfo=_zone_of(offset))
    return moment, match.group(4) is not None


def _zone_of(offset: str) -> tzinfo | None:
    return datetime.strptime(offset, "%z").tzinfo


def to_seconds(moment: datetime, zone: ZoneInfo) -> int:
    """Return the instant; a naive moment is meant in `zone`.

    An hour that occurs twice is the first one, an hour that does not exist is moved on by the gap (PEP 495, fold 0).
    """
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
    return int(aware.timestamp())


def to_day(moment: Moment, zone: ZoneInfo, county: ZoneInfo) -> int:
    """Return the county's day of a moment; a text without a time of day is a day already."""
    value, has_time = moment
    if has_time and (value.tzinfo is not None or zone.key != county.key):
        aware = value if value.tzinfo is not None else value.replace(tzinfo=zone)
        return aware.astimezone(county).date().toordinal() - _EPOCH_ORDINAL
    return value.toordinal() - _EPOCH_ORDINAL


def month_after(moment: datetime) -> datetime:
    """Return the first instant of the month after a moment's month.

    Examples
    --------
    >>> month_after(datetime(2014, 12, 31))
    datetime.datetime(2015, 1, 1, 0, 0)
    """
    return datetime(moment.year + moment.month // 12, moment.month % 12 + 1, 1, tzinfo=moment.tzinfo)


def instant_reader(formats: tuple[str, ...], zone: ZoneInfo, *, after_month: bool) -> Callable[[str], int | None]:
    """Return a function from text to the instant in seconds, or None where the text is no date."""

    def read(text: str) -> int | None:
        moment = parse_moment(text, formats)
        if moment is None:
            return None
        value = month_after(moment[0]) if after_month else moment[0]
        try:
            return to_seconds(value, zone)
        except (OverflowError, ValueError):
            return None

    return read


def day_reader(
    formats: tuple[str, ...], zone: ZoneInfo, county: ZoneInfo, *, after_month: bool,
) -> Callable[[str], int | None]:
    """Return a function from text to the county's day, or None where the text is no date."""

    def read(text: str) -> int | None:
        moment = parse_moment(text, formats)
        if moment is None:
            return None
        if after_month:
            moment = (month_after(moment[0]), False)
        try:
            return to_day(moment, zone, county)
        except (OverflowError, ValueError):
            return None

    return read


def days_of(seconds: Ints, county: ZoneInfo) -> Ints:
    """Return the county's day of each instant; NULL stays NULL."""
    known = seconds != NULL
    result = np.full(seconds.shape, NULL, dtype=np.int64)
    if known.any():
        local = pd.to_datetime(seconds[known], unit="s", utc=True).tz_convert(county).tz_localize(None)
        result[known] = local.to_numpy().astype("datetime64[D]").astype(np.int64)
    return result


def starts_of(days: Ints, county: ZoneInfo) -> Ints:
    """Return the instant at which each of the county's days begins; NULL stays NULL."""
    uniques, inverse = np.unique(days, return_inverse=True)
    starts = [NULL if day == NULL else day_start_seconds(int(day), county) for day in uniques.tolist()]
    return np.array(starts, dtype=np.int64)[inverse]


def day_start_seconds(day: int, county: ZoneInfo) -> int:
    """Return the instant at which one day begins."""
    start = datetime.combine(_EPOCH + timedelta(days=day), datetime.min.time(), tzinfo=county)
    return int(start.astimezone(UTC).timestamp())


def weeks_of(days: Ints) -> Ints:
    """Return the Monday week of each day (`clock.week_of`); NULL stays NULL."""
    return np.where(days == NULL, NULL, (days - _MONDAY) // 7)


def iso_days(days: Ints) -> NDArray[np.object_]:
    """Return each day as ISO text, None where NULL: what both engines take for a date."""
    known = days != NULL
    result = np.full(days.shape, None, dtype=object)
    result[known] = days[known].astype("datetime64[D]").astype(str).astype(object)
    return result


def day_number(day: date) -> int:
    """Return a date as a day number."""
    return day.toordinal() - _EPOCH_ORDINAL


def as_date(day: int) -> date:
    """Return a day number as a date."""
    return _EPOCH + timedelta(days=day)
