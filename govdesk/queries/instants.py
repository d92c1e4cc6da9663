"""What "as of" means: an instant; a day means its end."""

from datetime import date, datetime, timedelta

from govdesk.clock import day_start, local_day, week_of


def as_instant(as_of: date | datetime) -> datetime:
    """Return the instant up to which things are known: a day counts to its end in the county's zone."""
    if isinstance(as_of, datetime):
        return as_of
    return day_start(as_of + timedelta(days=1)) - timedelta(seconds=1)


def as_day(as_of: date | datetime) -> date:
    """Return the county's day of `as_of`."""
    return local_day(as_of) if isinstance(as_of, datetime) else as_of


def complete_week(as_of: date | datetime) -> int:
    """Return the last week whose Sunday is not after the day of `as_of`."""
    return week_of(as_day(as_of) + timedelta(days=1)) - 1
