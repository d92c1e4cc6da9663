"""The county's day and week: the only place that asks what time it is.

Instants are aware datetimes in UTC. A day is the county's local date. A week is an integer: whole weeks since
Monday 1970-01-05, so that a panel is a matter of integers and no engine needs a date function.
"""

from datetime import UTC, date, datetime, time, timedelta
from time import monotonic
from zoneinfo import ZoneInfo

from govdesk.settings import get_settings

#: First Monday after the Unix epoch: week 0 begins on it. Stored in each database and compared on start.
EPOCH_MONDAY = date(1970, 1, 5)


def now() -> datetime:
    """Return the present instant in UTC (or the one that ``GOVDESK_NOW`` fixes)."""
    fixed = get_settings().now
    return fixed.astimezone(UTC) if fixed else datetime.now(UTC)


def real_now() -> datetime:
    """Return the present instant in UTC, whatever ``GOVDESK_NOW`` says: a sign-in ends also in a demonstration."""
    return datetime.now(UTC)


def zone() -> ZoneInfo:
    """Return the county's time zone."""
    return ZoneInfo(get_settings().zone)


def local_day(instant: datetime) -> date:
    """Return the county's calendar day of an aware instant."""
    if instant.tzinfo is None:
        message = "an instant needs a time zone"
        raise ValueError(message)
    return instant.astimezone(zone()).date()


def today() -> date:
    """Return the county's calendar day now."""
    return local_day(now())


def day_start(day: date) -> datetime:
    """Return the instant (UTC) at which a county's day begins."""
    return datetime.combine(day, time(), tzinfo=zone()).astimezone(UTC)


def week_of(day: date) -> int:
    """Return the number of the Monday week a day lies in; negative before 1970-01-05."""
    return (day - EPOCH_MONDAY).days // 7


def monday_of(week: int) -> date:
    """Return the Monday a week begins on."""
    return EPOCH_MONDAY + timedelta(weeks=week)


def floor_monday(day: date) -> date:
    """Return the Monday of the week a day lies in."""
    return monday_of(week_of(day))


def parse_week_label(text: str) -> int:
    """Return the week of its ISO 8601 name.

    Raises
    ------
    ValueError
        When it is no such name.

    Examples
    --------
    >>> week_label(parse_week_label("2026-W46"))
    '2026-W46'
    """
    year, _, number = text.partition("-W")
    if not (year.isdecimal() and number.isdecimal() and len(year) == 4 and len(number) == 2):
        raise ValueError(text)
    return week_of(date.fromisocalendar(int(year), int(number), 1))


def week_label(week: int) -> str:
    """Return the ISO 8601 name of a week, for instance ``2026-W47``."""
    year, number, _ = monday_of(week).isocalendar()
    return f"{year}-W{number:02d}"


def moment() -> float:
    """Return seconds of a clock that only goes forward, shared by the whole process: for turns, never for dates."""
    return monotonic()
