"""Which townships had most in the last complete week, beside their own year: from the weekly sums."""

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from sqlalchemy import Connection

from govdesk.clock import local_day, monday_of
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.freshness import recorded_weeks
from govdesk.queries.instants import complete_week
from govdesk.queries.permission import reads
from govdesk.queries.places import list_places
from govdesk.queries.weekly import read_weekly
from govdesk.rules.access import Scope
from govdesk.storage.weekly_counts import find_district_level

#: Weeks before that say what is usual, and how many must be known.
YEAR, LEAST = 52, 26


@dataclass(frozen=True, slots=True)
class BusyTownship:
    """One township: its count, and the range in which eight of ten weeks of the year before lay (None: not known)."""

    name: str
    n: int
    usual: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class BusyWeek:
    """The last complete week (from `monday`) by township, the most first; `level` is theirs."""

    monday: date
    level: str
    townships: tuple[BusyTownship, ...]


@reads("view_overview", "view_wall")
def read_busy_week(connection: Connection, scope: Scope, as_of: datetime) -> BusyWeek | None:
    """Return the last complete week by township; None where there are no districts or no records."""
    level, recorded = find_district_level(connection), recorded_weeks(connection)
    week = complete_week(as_of)
    if level is None or recorded is None or week < recorded[0]:
        return None
    first = max(recorded[0], week - YEAR)
    counts = read_weekly(connection, scope, IncidentFilter(first, week + 1), ("district",))
    table = counts.pivot_table(index="week", columns="district", values="n_incidents", aggfunc="sum")
    table = table.reindex(range(first, week + 1)).fillna(0)
    places = list_places(connection, scope, level, local_day(as_of))
    found = []
    for code, name in zip(places["code"], places["name"], strict=True):
        if code in table.columns:
            past = table[code].to_numpy(dtype="float64")
            found.append((code, BusyTownship(name, int(past[-1]), _usual(past[:-1]))))
    ordered = sorted(found, key=lambda one: (-one[1].n, one[0]))
    return BusyWeek(monday_of(week), level, tuple(one for _, one in ordered))


def _usual(past: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> tuple[int, int] | None:
    if len(past) < LEAST:
        return None
    low, high = np.quantile(past, (0.1, 0.9), method="nearest")
    return int(low), int(high)
