"""Case quality and data quality of the weekly brief: sums over registered windows, now and a year before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, case, func, select

from govdesk.queries.filters import IncidentFilter, counted, in_window
from govdesk.queries.incidents import LATE_WEEKS
from govdesk.queries.permission import reads
from govdesk.queries.quality_recorded import QualityRecorded, read_quality_recorded
from govdesk.queries.quality_returns import sum_reopenings
from govdesk.queries.quality_sums import sum_quality
from govdesk.queries.reporting_completeness import NIL, REPORTED, read_completeness
from govdesk.queries.silence import list_silent
from govdesk.queries.surroundings import list_categories
from govdesk.rules.access import Scope
from govdesk.tables import Incident

YEAR = 52
#: Weeks that records are given to arrive before late ones are counted, and weeks that are counted.
ARRIVAL_WEEKS, LATE_WINDOW = 4, 13
#: Weeks of `reporting_share` (its registered window).
REPORTING_WEEKS = 26
#: Beginning of the codes of what has no category (`ingest.checks`).
UNCLASSIFIED = "unclassified_"


@dataclass(frozen=True, slots=True)
class QualityFacts:
    """Sums of the cohorts of a year up to the week, and of the same weeks a year earlier as known then.

    Attributes
    ----------
    now, before : mapping of str to int
        `quality_sums.SUMS`, ``n_back_90``, ``n_returned_90``; `before` is None where a year earlier nothing is known.
    window : (int, int)
    recorded : QualityRecorded
    """

    now: Mapping[str, int]
    before: Mapping[str, int] | None
    window: tuple[int, int]
    recorded: QualityRecorded


@dataclass(frozen=True, slots=True)
class DataQuality:
    """What of the data is late, missing or unclassified.

    Attributes
    ----------
    n_late, n_arrived : int
        Of what occurred in `late_window` and was recorded with a time of its own: known `LATE_WEEKS` weeks or later
        after the week it occurred in; all of it.
    n_assumed : int
        Of the same weeks, left out of both: its time of recording is assumed.
    n_unclassified, n_recent : int
        Of what occurred in `recent`: without a category; all of it.
    unclassified : tuple of str
        The codes of these categories.
    n_reported, n_nil, n_village_weeks : int
        Village-weeks of `reporting`: with a record, with a nil return only, all.
    n_silent_now : int
        Villages with neither in the last week.
    n_villages : int
    n_hushed : int
        Villages silent themselves while the hotline took calls from there (`queries.silence`).
    """

    n_late: int
    n_arrived: int
    n_assumed: int
    late_window: tuple[int, int]
    n_unclassified: int
    n_recent: int
    recent: tuple[int, int]
    unclassified: tuple[str, ...]
    n_reported: int
    n_nil: int
    n_village_weeks: int
    reporting: tuple[int, int]
    n_silent_now: int
    n_villages: int
    n_hushed: int


@reads("view_brief")
def read_quality_facts(
    connection: Connection, scope: Scope, week: int, as_of: datetime, first_week: int
) -> QualityFacts:
    """Return the sums of case quality of the year up to `week`, and of the year before as it was known then."""
    window = (max(week + 1 - YEAR, first_week), week + 1)
    before = None
    if week + 1 - 2 * YEAR >= first_week:
        then = IncidentFilter(window[0] - YEAR, window[1] - YEAR)
        before = _sum(connection, scope, then, as_of - timedelta(weeks=YEAR))
    return QualityFacts(_sum(connection, scope, IncidentFilter(*window), as_of), before, window,
                        read_quality_recorded(connection, scope))


def _sum(connection: Connection, scope: Scope, filters: IncidentFilter, as_of: datetime) -> dict[str, int]:
    sums = {str(name): int(value) for name, value in sum_quality(connection, scope, filters, as_of).iloc[0].items()}
    undone = sum_reopenings(connection, scope, filters, as_of)
    n_undone, n_reopened = (int(undone[name].sum()) for name in ("n_undone_90", "n_reopened_90"))
    return sums | {"n_back_90": sums["n_closed_90"] + n_undone, "n_returned_90": n_reopened}


@reads("view_brief")
def read_data_quality(
    connection: Connection, scope: Scope, week: int, as_of: datetime, first_week: int
) -> DataQuality:
    """Return what is late, missing and unclassified up to `week`."""
    end = week + 1 - ARRIVAL_WEEKS
    late = (max(end - LATE_WINDOW, min(first_week, end)), end)
    recent = (max(week + 1 - ARRIVAL_WEEKS, first_week), week + 1)
    reporting = (max(week + 1 - REPORTING_WEEKS, first_week), week + 1)
    is_known = Incident.is_recorded_assumed.is_(False)
    is_late = and_(is_known, Incident.week_known - Incident.week_occurred >= LATE_WEEKS)
    n_late, n_arrived, n_assumed = _sums(
        connection, scope, late, case((is_late, Incident.weight), else_=0),
        case((is_known, Incident.weight), else_=0), case((~is_known, Incident.weight), else_=0))
    codes = tuple(code for code in list_categories(connection)["code"] if code.startswith(UNCLASSIFIED))
    n_unclassified, n_recent = _sums(
        connection, scope, recent, case((Incident.category.in_(codes), Incident.weight), else_=0), Incident.weight)
    spoken = read_completeness(connection, scope, None, *reporting, as_of)
    states = spoken["state"].value_counts()
    now = spoken[spoken["week"] == week]
    return DataQuality(
        n_late, n_arrived, n_assumed, late, n_unclassified, n_recent, recent, codes,
        int(states.get(REPORTED, 0)), int(states.get(NIL, 0)), len(spoken), reporting,
        int((~now["state"].isin((REPORTED, NIL))).sum()), len(now), len(list_silent(connection, scope, week)))


def _sums(connection: Connection, scope: Scope, window: tuple[int, int], *sums: Any) -> tuple[int, ...]:
    filters = IncidentFilter(*window)
    columns = [func.coalesce(func.sum(one), 0) for one in sums]
    row = connection.execute(select(*columns).where(counted(scope, filters), in_window(filters))).one()
    return tuple(int(value) for value in row)
