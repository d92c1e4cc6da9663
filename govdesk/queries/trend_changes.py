"""Changes of level of what is shown, of its districts, and of its categories in its districts: found once, kept."""

from dataclasses import dataclass, replace

import pandas as pd
from sqlalchemy import Connection

from govdesk.queries.filters import IncidentFilter
from govdesk.queries.trends import breaks_by_place, list_breaks, read_series, read_source_changes
from govdesk.rules.access import Scope
from models.trend import Trend, decompose, find_changes_in_many, reasons_for_silence

#: Column of the series of all that is shown.
ALL = ""
#: Ten years; the chances of the scan are known up to there.
MOST_WEEKS = 520


@dataclass(frozen=True, slots=True)
class Changes:
    """What a look for changes of level found.

    Attributes
    ----------
    flags : DataFrame
        As `models.trend.find_changes_in_many`.
    silence : dict of series to str
        Why nothing can be told of a series: ``sparse``, ``short``; empty text where it can.
    weeks : range
        The weeks looked at.
    """

    flags: pd.DataFrame
    silence: dict[object, str]
    weeks: range

    @property
    def n_heard(self) -> int:
        """How many series could be told anything of."""
        return sum(reason == "" for reason in self.silence.values())


def look_back(filters: IncidentFilter) -> IncidentFilter:
    """Return the last `MOST_WEEKS` weeks of `filters`."""
    return replace(filters, week_from=max(filters.week_from, filters.week_to - MOST_WEEKS))


def read_districts(connection: Connection, scope: Scope, filters: IncidentFilter) -> pd.DataFrame:
    """Return the weekly series of the districts, as `read_series`, which is kept for all parts of a page."""
    return read_series(connection, scope, filters, ("district",))


def find_change_of_all(connection: Connection, scope: Scope, filters: IncidentFilter) -> Changes:
    """Look for changes of the one series of all that `filters` counts."""
    window = look_back(filters)
    weekly = read_series(connection, scope, window).rename(columns={"n": ALL})
    breaks = list_breaks(read_source_changes(connection, scope, window), window.place_code)
    flags = find_changes_in_many(weekly, known_breaks={ALL: breaks}, likely=0.05, very_likely=0.01)
    return Changes(flags, dict(reasons_for_silence(weekly)), range(window.week_from, window.week_to))


def find_changes_by_district(connection: Connection, scope: Scope, filters: IncidentFilter) -> Changes:
    """Look for changes of the series of each district, all together."""
    window = look_back(filters)
    weekly = read_districts(connection, scope, window)
    changes = read_source_changes(connection, scope, window)
    flags = find_changes_in_many(weekly, known_breaks=breaks_by_place(changes, list(weekly.columns)))
    return Changes(flags, dict(reasons_for_silence(weekly)), range(window.week_from, window.week_to))


def find_changes_by_cell(connection: Connection, scope: Scope, filters: IncidentFilter) -> Changes:
    """Look for changes of each category in each district, all together; series are (category, district)."""
    window = look_back(filters)
    weekly = read_series(connection, scope, window, ("category", "district"))
    silence = reasons_for_silence(weekly)
    heard = weekly.loc[:, (silence == "").to_numpy()]
    changes = read_source_changes(connection, scope, window)
    by_place = breaks_by_place(changes, sorted({one[1] for one in heard.columns}))
    flags = find_changes_in_many(heard, known_breaks={one: by_place[one[1]] for one in heard.columns},
                                 families={one: one[0] for one in heard.columns})
    return Changes(flags, dict(silence), range(window.week_from, window.week_to))


def read_trend(connection: Connection, scope: Scope, filters: IncidentFilter) -> Trend:
    """Take the series of all that `filters` counts apart into trend and season."""
    window = look_back(filters)
    breaks = list_breaks(read_source_changes(connection, scope, window), window.place_code)
    return decompose(read_series(connection, scope, window)["n"], known_breaks=breaks)
