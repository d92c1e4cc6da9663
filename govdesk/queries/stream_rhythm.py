"""When each stream last brought something, and how long its usual pauses are: whether a source has fallen silent."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from sqlalchemy import Connection, func, select

from govdesk.clock import day_start, monday_of
from govdesk.queries.permission import reads
from govdesk.queries.quality_cohort import seconds
from govdesk.rules.access import Scope
from govdesk.tables import Incident, WeeklyCount
from govdesk.tables.weekly import EVERYWHERE

_WEEK = timedelta(weeks=1)
#: Weeks looked at; a source that comes by the month has at least one pause in them.
N_WEEKS = 5
SELDOM = N_WEEKS * _WEEK
#: Pauses from which a source has a rhythm at all, and from which it has one every day.
FEW, DAILY = 4, 35
#: A stream that was silent for so long before the newest record of all is one that ended.
ENDED = 26 * _WEEK


@dataclass(frozen=True, slots=True)
class Rhythm:
    """One stream.

    Attributes
    ----------
    last_at : datetime
        When its newest record became known, UTC.
    usual_pause : timedelta
        Of a source that speaks every day the middle one of the longest pauses of each of the last `N_WEEKS` weeks (a
        night, a weekend), so that an outage does not become usual; of one with fewer than `DAILY` pauses the longest,
        for theirs differ by chance; `SELDOM` with fewer than `FEW`.
    """

    stream: str
    last_at: datetime
    usual_pause: timedelta


@reads("view_wall")
def read_rhythms(connection: Connection, scope: Scope, as_of: datetime) -> tuple[Rhythm, ...]:
    """Return the rhythm of every stream that has not `ENDED`, by code, as known at `as_of`.

    Of the whole database, whoever asks: whether a source is alive is the same for every township.
    """
    del scope
    start = as_of - N_WEEKS * _WEEK
    at = seconds(Incident.recorded_at)
    moments: dict[str, list[int]] = {}
    for stream, second in connection.execute(
        select(Incident.stream, at).where(
            Incident.is_counted == 1, Incident.recorded_at > start, Incident.recorded_at <= as_of)
        .distinct().order_by(at)
    ):
        moments.setdefault(stream, []).append(int(second))
    found = [Rhythm(stream, _instant(seconds_[-1]), _usual_pause(np.array(seconds_), as_of))
             for stream, seconds_ in moments.items()]
    silent = [Rhythm(stream, last, SELDOM) for stream, last in _read_silent(connection, set(moments), start)
              if last > as_of - ENDED]
    return tuple(sorted((*found, *silent), key=lambda one: one.stream))


def _usual_pause(moments: "np.ndarray[tuple[int], np.dtype[np.int64]]", as_of: datetime) -> timedelta:
    pauses = np.diff(moments)
    if len(pauses) < FEW:
        return SELDOM
    if len(pauses) < DAILY:
        return timedelta(seconds=int(pauses.max()))
    week = (int(as_of.timestamp()) - moments[1:]) // int(_WEEK.total_seconds())
    longest = [int(pauses[week == one].max()) for one in np.unique(week)]
    return timedelta(seconds=float(np.median(longest)))


def _read_silent(connection: Connection, heard: set[str], before: datetime) -> list[tuple[str, datetime]]:
    """Return the streams that brought something once, but nothing since `before`, and when that was."""
    last_weeks = connection.execute(
        select(WeeklyCount.stream, func.max(WeeklyCount.week)).where(
            WeeklyCount.about == "known", WeeklyCount.part == "all", WeeklyCount.value == "",
            WeeklyCount.place_code == EVERYWHERE, WeeklyCount.stream.not_in(heard), WeeklyCount.n > 0)
        .group_by(WeeklyCount.stream)).all()
    found = []
    for stream, week in last_weeks:
        last = connection.scalar(select(func.max(Incident.recorded_at)).where(
            Incident.is_counted == 1, Incident.stream == stream, Incident.recorded_at <= before,
            Incident.recorded_at >= day_start(monday_of(week)), Incident.recorded_at < day_start(monday_of(week + 1))))
        found.append((stream, last or min(before, day_start(monday_of(week + 1)))))
    return found


def _instant(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)
