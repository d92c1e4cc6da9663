"""Moments to days and instants, one by one and in columns; pure.

Days are whole numbers since 1970-01-01, instants whole seconds since 1970-01-01T00:00Z, so that a column of them is
one integer array. `NULL` stands for a missing one.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from govdesk.ingest.moments import DateRefusedError, Moment, Spelling, read_moment

Ints = NDArray[np.int64]

#: From text to the value, with the code of the warning that tells how it was understood.
DateReader = Callable[[str], tuple[int, str | None]]

#: A missing whole number in an int64 column.
NULL = int(np.iinfo(np.int64).min)

_EPOCH = date(1970, 1, 1)
_EPOCH_ORDINAL = _EPOCH.toordinal()
#: 1970-01-05, the Monday of week 0 (`clock.EPOCH_MONDAY`), as a day number.
_MONDAY = 4
#: First day that a report may be of: older ones are slips (1900 is what many programs write for "unknown").
FIRST_DAY = (date(1990, 1, 1) - _EPOCH).days


def to_seconds(moment: datetime, zone: ZoneInfo) -> int:
    """Return the instant; a naive moment is meant in `zone`.

    An hour that occurs twice is the first one, an hour that does not exist is moved on by the gap (PEP 495, fold 0).
    """
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
    return int(aware.timestamp())


def to_day(moment: Moment, zone: ZoneInfo, county: ZoneInfo) -> int:
    """Return the county's day of a moment; a text without a time of day is a day already, 24:00 ends its own day."""
    value = moment.value - timedelta(seconds=1) if moment.ends_day else moment.value
    if moment.has_time and (value.tzinfo is not None or zone.key != county.key):
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


def instant_reader(spelling: Spelling, zone: ZoneInfo, *, after_month: bool = False) -> DateReader:
    """Return a function from text to the instant in seconds; it raises `DateRefusedError`."""

    def convert(moment: Moment) -> int:
        return to_seconds(month_after(moment.value) if after_month else moment.value, zone)

    return _reader(spelling, convert, after_month=after_month)


def day_reader(spelling: Spelling, zone: ZoneInfo, county: ZoneInfo, *, after_month: bool = False) -> DateReader:
    """Return a function from text to the county's day; it raises `DateRefusedError`."""

    def convert(moment: Moment) -> int:
        return to_day(Moment(month_after(moment.value), has_time=False) if after_month else moment, zone, county)

    return _reader(spelling, convert, after_month=after_month)


def _reader(spelling: Spelling, convert: Callable[[Moment], int], *, after_month: bool) -> DateReader:
    known = replace(spelling, months=after_month)

    def read(text: str) -> tuple[int, str | None]:
        moment = read_moment(text, known)
        try:
            return convert(moment), moment.told
        except (OverflowError, ValueError) as error:  # the first and last day that the calendar has
            raise DateRefusedError("date_impossible") from error

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
