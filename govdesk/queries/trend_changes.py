"""Changes of level of what is shown, of its districts, and of its categories in its districts: found once, kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection, func, select

from govdesk.clock import week_of
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.permission import reads
from govdesk.queries.trends import SourceChange, breaks_by_place, list_breaks, read_series, read_source_changes
from govdesk.queries.turns import list_beginnings
from govdesk.rules.access import Scope
from govdesk.storage.weekly_counts import find_district_level
from govdesk.tables import Place, PlaceWeek
from govdesk.tables.places import OPEN_WEEK
from govdesk.terms import Level
from models.trend import Trend, decompose, find_changes_in_many, reasons_for_silence

#: Column of the series of all that is shown.
ALL = ""
#: Chance of a flag in one series looked at alone, for either degree of sureness (`models.trend`).
ALONE = (0.05, 0.01)
#: Ten years; the chances of the scan are known up to there.
MOST_WEEKS = 520


@dataclass(frozen=True, slots=True)
class Changes:
    """Many weekly series, and what a look for changes of their level found.

    Attributes
    ----------
    weekly : DataFrame
        The series, as `trends.read_series`; NaN before a place began.
    flags : DataFrame
        As `models.trend.find_changes_in_many`.
    silence : dict of series to str
        Why nothing can be told of a series: ``sparse``, ``short``; empty text where it can.
    """

    weekly: pd.DataFrame
    flags: pd.DataFrame
    silence: dict[object, str]

    @property
    def n_heard(self) -> int:
        """How many series could be told anything of."""
        return sum(reason == "" for reason in self.silence.values())


@dataclass(frozen=True, slots=True)
class Look:
    """The series of all that is shown, taken apart, with its changes; and its districts with theirs.

    Attributes
    ----------
    whole : Changes
        One series, `ALL`.
    trend : Trend
        That series taken apart.
    districts : Changes or None
        None where one place is shown.
    changes : tuple of SourceChange
        What bears on any of these, oldest first.
    """

    whole: Changes
    trend: Trend
    districts: Changes | None
    changes: tuple[SourceChange, ...]


def look_back(filters: IncidentFilter) -> IncidentFilter:
    """Return the last `MOST_WEEKS` weeks of `filters`."""
    return replace(filters, week_from=max(filters.week_from, filters.week_to - MOST_WEEKS))


@reads("view_overview")
def look_at(connection: Connection, scope: Scope, filters: IncidentFilter) -> Look:
    """Read the weekly series of all that `filters` counts, by district where no place is named, and look for changes.

    Read once and kept together: the county is the sum of its districts.
    """
    window = look_back(filters)
    changes = read_source_changes(connection, scope, window)
    districts = None
    if window.place_code is None:
        raw = read_series(connection, scope, window, ("district",))
        weekly = raw.sum(axis=1).to_frame(ALL)
        districts = _find(_blank_beginnings(connection, scope, raw), breaks_by_place(changes, list(raw.columns)))
    else:
        weekly = read_series(connection, scope, window).rename(columns={"n": ALL})
    breaks = list_breaks(changes, window.place_code)
    whole = _find(weekly, {ALL: breaks}, likely=ALONE[0], very_likely=ALONE[1])
    return Look(whole, decompose(weekly[ALL], known_breaks=breaks), districts, changes)


@reads("view_overview")
def find_changes_by_cell(connection: Connection, scope: Scope, filters: IncidentFilter) -> Changes:
    """Look for changes of each category in each district, all together; series are (category, district)."""
    window = look_back(filters)
    weekly = _blank_beginnings(connection, scope, read_series(connection, scope, window, ("category", "district")))
    by_place = breaks_by_place(read_source_changes(connection, scope, window), sorted({one[1] for one in weekly}))
    return _find(weekly, {one: by_place[one[1]] for one in weekly}, families={one: one[0] for one in weekly})


def _find(weekly: pd.DataFrame, breaks: Mapping[object, Sequence[int]], **options: Any) -> Changes:
    silence = reasons_for_silence(weekly)
    flags = find_changes_in_many(weekly, known_breaks=breaks, **options)
    return Changes(weekly, flags, dict(silence))


def _blank_beginnings(connection: Connection, scope: Scope, weekly: pd.DataFrame) -> pd.DataFrame:
    level = find_district_level(connection)
    begun = list_beginnings(connection, scope, level) if level else None
    if begun is None or begun.empty:
        return weekly
    first = {code: week_of(day.date() + timedelta(days=6))
             for code, day in zip(begun["code"], begun["since"], strict=True)}
    for place, series in enumerate(weekly.columns):
        began = first.get(series[1] if isinstance(series, tuple) else series)
        if began is not None and began > weekly.index[0]:
            weekly.iloc[: began - int(weekly.index[0]), place] = np.nan
    return weekly


def read_district_kinds(connection: Connection) -> dict[str, str]:
    """Return the kind of village that more than half of a district's villages are now; none where no kind leads."""
    rows = connection.execute(
        select(PlaceWeek.district_code, PlaceWeek.kind, func.count()).join(Place, Place.code == PlaceWeek.code)
        .where(Place.level == Level.VILLAGE, Place.valid_to.is_(None), PlaceWeek.week_to == OPEN_WEEK)
        .group_by(PlaceWeek.district_code, PlaceWeek.kind)).all()
    total: dict[str, int] = {}
    for code, _, n in rows:
        total[code] = total.get(code, 0) + n
    return {code: kind for code, kind, n in rows if kind and 2 * n > total[code]}
