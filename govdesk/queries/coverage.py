"""Which villages reported anything: an incident, or a nil return that says that nothing happened."""

from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
from sqlalchemy import Connection, or_, select, true

from govdesk.clock import monday_of, week_of
from govdesk.queries.counts import weekly_by_place
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.frames import COUNT, TEXT, make_frame
from govdesk.queries.instants import as_day, as_instant
from govdesk.queries.permission import reads
from govdesk.queries.places import list_levels, list_places
from govdesk.queries.scoping import within_area
from govdesk.rules.access import Scope
from govdesk.tables import NilReturn, PlaceAncestor
from govdesk.terms import Level

#: A place is silent when it sent neither in as many weeks (a quarter).
WINDOW_WEEKS = 13


def reporting_level(connection: Connection) -> str | None:
    """Return the level whose places are expected to report: the village, else the finest level this tree has."""
    levels = list_levels(connection)
    if Level.VILLAGE.value in levels:
        return Level.VILLAGE.value
    return levels[-1] if levels else None


@reads("view_overview")
def count_reporting(
    connection: Connection, scope: Scope, weeks: range, as_of: date | datetime
) -> tuple[pd.DataFrame, int]:
    """Count the places that reported in the `WINDOW_WEEKS` weeks up to each of `weeks`, and all there are on `as_of`.

    Returns
    -------
    (DataFrame, int)
        ``week``, ``n_places`` (int64); number of places of that level on the day of `as_of`.
    """
    level = reporting_level(connection)
    places = list_places(connection, scope, level, as_day(as_of))["code"].tolist() if level else []
    since = weeks[0] - WINDOW_WEEKS + 1
    filters = IncidentFilter(since, weeks[-1] + 1)
    spoke = pd.concat([
        weekly_by_place(connection, scope, filters, level or "")[["week", "place_code"]],
        nil_return_weeks(connection, scope, since, weeks[-1] + 1, level or "", as_of),
    ])
    heard = np.zeros((len(places), len(weeks) + WINDOW_WEEKS), dtype="int64")
    row_of = {code: row for row, code in enumerate(places)}
    rows = spoke["place_code"].map(row_of)
    known = rows.notna().to_numpy()
    heard[rows[known].astype("int64").to_numpy(), (spoke["week"].to_numpy()[known] - since + 1)] = 1
    sums = heard.cumsum(axis=1)
    counts = ((sums[:, WINDOW_WEEKS:] - sums[:, :-WINDOW_WEEKS]) > 0).sum(axis=0)
    return pd.DataFrame({"week": np.array(weeks, dtype="int64"), "n_places": counts.astype("int64")}), len(places)


@reads("view_overview")
def nil_return_weeks(
    connection: Connection, scope: Scope, week_from: int, week_to: int, level: str, as_of: date | datetime,
    stream: str | None = None,
) -> pd.DataFrame:
    """Return the weeks that a nil return of a place (or inside it) touches: ``week``, ``place_code`` of `level`.

    Parameters
    ----------
    stream : str, optional
        What must have been said to be nil: a return that names one stream says nothing of the others, one that names
        none is of all. By default any return counts, as a voice of the place.
    """
    about = true() if stream is None else or_(NilReturn.stream.is_(None), NilReturn.stream == stream)
    rows = connection.execute(
        select(PlaceAncestor.ancestor_code, NilReturn.period_from, NilReturn.period_to)
        .join(PlaceAncestor, PlaceAncestor.code == NilReturn.place_code)
        .where(
            PlaceAncestor.ancestor_level == level, NilReturn.period_to > monday_of(week_from),
            NilReturn.period_from < monday_of(week_to), within_area(scope, NilReturn.place_code),
            NilReturn.recorded_at <= as_instant(as_of), about,
        ).distinct()
    ).all()
    pairs = [
        (week, code) for code, first, end in rows
        for week in range(max(week_of(first), week_from), min(week_of(end - timedelta(days=1)) + 1, week_to))
    ]
    return make_frame(pairs, {"week": COUNT, "place_code": TEXT})
