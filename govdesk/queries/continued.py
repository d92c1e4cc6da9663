"""A trend over a change of places: marked, not broken."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from govdesk.clock import week_of
from govdesk.queries.counts import weekly_series
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.permission import reads
from govdesk.queries.scoping import within_area
from govdesk.rules.access import Scope
from govdesk.tables import PlaceChange

#: A place has never been re-drawn more often; stops a register that runs in a circle.
MAX_DEPTH = 12


@dataclass(frozen=True, slots=True)
class ContinuedSeries:
    """A weekly series that runs on over changes of its place.

    Attributes
    ----------
    series : DataFrame
        ``week``, ``n_incidents`` (float: shares of predecessors need not be whole), ``is_estimated`` (whether a
        predecessor's share is in it).
    marks : tuple of (int, str, str, str)
        (week, kind, from_code, to_code) of each change inside the window, oldest first: for a line in the chart.
    """

    series: pd.DataFrame
    marks: tuple[tuple[int, str, str, str], ...]


@reads("view_overview")
def series_with_predecessors(connection: Connection, scope: Scope, filters: IncidentFilter) -> ContinuedSeries:
    """Count by week for a place and, before each change that it came from, the shares of its predecessors.

    Before the week of a change, ``share`` of the predecessor's count is added: an estimate, as if its incidents had
    been spread like its people. A single week's count of the place itself is `counts.weekly_series`, which uses the
    places of that week and nothing else.
    """
    own = weekly_series(connection, scope, filters)
    counts, estimated = _continue(connection, scope, filters, 0)
    series = pd.DataFrame({
        "week": own["week"], "n_incidents": counts, "is_estimated": estimated,
    })
    marks = _find_marks(connection, scope, filters)
    return ContinuedSeries(series, marks)


def _continue(
    connection: Connection, scope: Scope, filters: IncidentFilter, depth: int
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    own = weekly_series(connection, scope, filters)
    weeks, counts = own["week"].to_numpy(), own["n_incidents"].to_numpy(dtype="float64")
    estimated = np.zeros(len(weeks), dtype="bool")
    if depth >= MAX_DEPTH or filters.place_code is None:
        return counts, estimated
    for change in _predecessors(connection, scope, filters.place_code):
        before = weeks < week_of(change.on)
        if not before.any():
            continue
        share, _ = _continue(connection, scope, replace(filters, place_code=change.from_code), depth + 1)
        counts = counts + np.where(before, change.share * share, 0.0)
        estimated = estimated | before
    return counts, estimated


def _predecessors(connection: Connection, scope: Scope, code: str) -> list[Any]:
    """Return the rows of changes into a place: from_code, to_code, on, kind, share."""
    return list(connection.execute(
        select(PlaceChange.from_code, PlaceChange.to_code, PlaceChange.on, PlaceChange.kind, PlaceChange.share)
        .where(PlaceChange.to_code == code, PlaceChange.from_code != code, within_area(scope, PlaceChange.from_code))
        .order_by(PlaceChange.on, PlaceChange.from_code)
    ))


def _find_marks(
    connection: Connection, scope: Scope, filters: IncidentFilter
) -> tuple[tuple[int, str, str, str], ...]:
    """Return the changes of the place and its predecessors inside the window; also what it went into."""
    marks: set[tuple[int, str, str, str]] = set()
    wanted = [filters.place_code] if filters.place_code else []
    seen: set[str] = set()
    while wanted and len(seen) < MAX_DEPTH * 10:
        code = wanted.pop()
        seen.add(code)
        for change in _predecessors(connection, scope, code):
            if filters.week_from <= week_of(change.on) < filters.week_to:
                marks.add((week_of(change.on), change.kind, change.from_code, change.to_code))
            if change.from_code not in seen:
                wanted.append(change.from_code)
    if filters.place_code is not None:
        left = connection.execute(
            select(PlaceChange.on, PlaceChange.kind, PlaceChange.to_code)
            .where(PlaceChange.from_code == filters.place_code, within_area(scope, PlaceChange.to_code)))
        marks |= {
            (week_of(on), kind, filters.place_code, to_code) for on, kind, to_code in left
            if filters.week_from <= week_of(on) < filters.week_to
        }
    return tuple(sorted(marks))
