"""What "as of" means: an instant; a day means its end."""

from datetime import date, datetime, timedelta

from govdesk.clock import day_start, local_day, monday_of, week_of


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


def instant_of_week(week: int, data_as_of: datetime) -> datetime:
    """Return the last instant of the data at which `week` was the last complete week: the end of the Saturday after.

    Of the newest complete week it is the instant the data is of, so that a brief and the screens say the same.
    """
    return min(data_as_of, as_instant(monday_of(week + 1) + timedelta(days=5)))
