"""What became known on one day up to an instant, beside the day before and the same weekdays before, up to that hour.

Counted by the time of recording: a late entry is new on the day it comes in. The same hour is compared with the same
hour, so that a morning is no fall.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, func, literal, select, union_all

from govdesk.clock import day_start, local_day
from govdesk.queries.filters import counted
from govdesk.queries.known import EVER
from govdesk.queries.permission import reads
from govdesk.rules.access import Scope
from govdesk.tables import Incident

#: Same weekdays that say what is usual, and how many of them must lie in the recorded period.
N_WEEKDAYS, LEAST_WEEKDAYS = 8, 4


@dataclass(frozen=True, slots=True)
class DayCount:
    """A number of one day, and the same of days before.

    Attributes
    ----------
    n : int
        Counted incidents that became known, corrections netted.
    n_day_before : int or None
        Up to the same hour; None before anything was recorded.
    usual : (int, int) or None
        Least and most of the same weekdays up to the same hour; None where fewer than `LEAST_WEEKDAYS` are known.
    """

    n: int
    n_day_before: int | None
    usual: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class DayCounts:
    """What became known on `day` up to `until`, of all streams and of each."""

    day: date
    until: datetime
    everything: DayCount
    streams: dict[str, DayCount]


@reads("view_wall")
def read_day_counts(connection: Connection, scope: Scope, until: datetime) -> DayCounts:
    """Return what became known on the day of `until`, up to it."""
    day = local_day(until)
    back = (0, 1, *(7 * week for week in range(1, N_WEEKDAYS + 1)))
    hours = until - day_start(day)
    parts = []
    for days in back:
        start = day_start(day - timedelta(days=days))
        parts.append(select(literal(days).label("back"), Incident.stream.label("stream"),
                            func.sum(Incident.weight).label("n"))
                     .where(counted(scope, EVER), Incident.recorded_at >= start,
                            Incident.recorded_at <= start + hours).group_by(Incident.stream))
    found: dict[str, dict[int, int]] = {}
    for days, stream, n in connection.execute(union_all(*parts)):
        found.setdefault(stream, {})[days] = int(n)
    first = connection.scalar(select(func.min(Incident.recorded_at)))
    known = [] if first is None else [days for days in back if day_start(day - timedelta(days=days)) >= first]
    total = {days: sum(one.get(days, 0) for one in found.values()) for days in back}
    return DayCounts(day, until, _make(total, known), {stream: _make(one, known) for stream, one in found.items()})


def _make(n_of: dict[int, int], known: list[int]) -> DayCount:
    same = [n_of.get(days, 0) for days in known if days >= 7]
    usual = (min(same), max(same)) if len(same) >= LEAST_WEEKDAYS else None
    return DayCount(n_of.get(0, 0), n_of.get(1, 0) if 1 in known else None, usual)
