"""When a tile is too old to be taken for the present: pure rules."""

from datetime import UTC, datetime, timedelta

from govdesk.clock import local_day, zone
from govdesk.words import say

#: Data of the whole wall that is older than this is called late on top, seconds of a day and a half: a county that
#: takes its records over once a day is not late in the morning.
DATA_LATE = timedelta(hours=36)
#: Where there is no instant to be late since.
NEVER = datetime.fromtimestamp(0, UTC)


def find_late(as_of: datetime | None, stale_after: timedelta | None, now: datetime) -> datetime | None:
    """Return since when data of `as_of` is late at `now`, or None while it is not.

    Data without an instant is late since `NEVER` where lateness matters: nobody knows how old it is.
    """
    if stale_after is None:
        return None
    if as_of is None:
        return NEVER
    due = as_of + stale_after
    return due if now > due else None


def name_instant(instant: datetime, now: datetime, words: str) -> str:
    """Return an instant as short as it can be told: the time today, "yesterday" with the time, else the day with it."""
    local, today = instant.astimezone(zone()), local_day(now)
    days = (today - local.date()).days
    time = f"{local:%H:%M}"
    if days == 0:
        return time
    if days == 1:
        return say("wall.yesterday", words, time=time)
    if local.year == today.year:
        return say("wall.on_day", words, month=local.month, day=local.day, time=time)
    return f"{local:%Y-%m-%d %H:%M}"
