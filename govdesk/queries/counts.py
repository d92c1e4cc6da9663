"""Counts by place, week, cell: the numbers of maps and curves (`docs/counting.md`).

Everything counted is ``SUM(weight)`` over incidents with ``is_counted = 1``: a correction row takes one back, merged
and withdrawn rows count nothing.
"""

from datetime import date, datetime
from typing import Any, Literal

import h3
import numpy as np
import pandas as pd
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    and_,
    case,
    func,
    literal_column,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import aliased

from govdesk.clock import local_day, week_of
from govdesk.queries.filters import (
    IncidentFilter,
    at_place,
    counted,
    from_places,
    in_window,
    inside_then,
    places_with,
    week_key,
)
from govdesk.queries.frames import COUNT, TEXT, Query, read_frame
from govdesk.queries.freshness import recorded_weeks
from govdesk.queries.instants import as_instant
from govdesk.queries.permission import reads
from govdesk.queries.scoping import within_area
from govdesk.queries.weekly import can_use_rollup, read_weekly
from govdesk.rules.access import Scope
from govdesk.tables import Incident, PlaceAncestor
from govdesk.tables.places import OPEN_WEEK
from govdesk.terms import PetitionKind

#: A repeat: the source says it repeats an earlier incident, or calls the petition a repeated one.
IS_REPEAT = or_(Incident.repeat_of.is_not(None), Incident.petition_kind == PetitionKind.REPEAT.value)


def _total(condition: ColumnElement[bool] | None = None) -> ColumnElement[int]:
    """Return the sum of weights, of the rows that meet `condition` only where one is given."""
    what = Incident.weight if condition is None else case((condition, Incident.weight), else_=0)
    return func.coalesce(func.sum(what), 0)


@reads("view_overview", "view_wall")
def count_by_place(connection: Connection, scope: Scope, filters: IncidentFilter, level: str) -> pd.DataFrame:
    """Count incidents of the window by the place of `level` they lay in, in their own week.

    Returns
    -------
    DataFrame
        ``place_code`` (str), ``n_incidents``, ``n_repeat`` (int64); places without an incident are not in it.
    """
    up = aliased(PlaceAncestor, name="up")
    # In two steps: the first keeps the order of the index, so that nothing has to be sorted.
    each = from_places(
        [up.ancestor_code.label("place"), _total().label("n"), _total(IS_REPEAT).label("n_repeat")],
        scope, filters, up, level,
    ).group_by(up.code, up.ancestor_code, up.week_from).having(func.count(Incident.id) > 0).subquery()
    statement = select(each.c.place, func.sum(each.c.n), func.sum(each.c.n_repeat)).group_by(each.c.place)
    return read_frame(
        connection, statement.order_by(each.c.place),
        {"place_code": TEXT, "n_incidents": COUNT, "n_repeat": COUNT},
    )


def open_rows(
    scope: Scope, filters: IncidentFilter, as_of: datetime, *columns: ColumnElement[Any]
) -> tuple[Query, Query]:
    """Return two statements whose rows together are what was open at `as_of` in a place, whatever week it occurred in.

    Open at an instant: recorded by then, and not closed by then. Two statements (never closed, closed later), since
    both engines answer an OR of the two by reading everything. The second goes by the week of closing even inside a
    place, of which it would otherwise read everything that ever happened.
    """
    known = and_(counted(scope, filters), _known_at(as_of))
    never = select(*columns).select_from(Incident).where(known, Incident.week_closed.is_(None))
    later = select(*columns).select_from(Incident).where(known, _closed_after(as_of), inside_then(filters))
    return at_place(never, filters), later


def _known_at(as_of: datetime) -> ColumnElement[bool]:
    """Return the condition that an incident was recorded by an instant: of nearly all, so never a way to find them."""
    seconds: ColumnElement[int] = type_coerce(Incident.recorded_at, BigInteger) + literal_column("0")
    return seconds <= int(as_of.timestamp())


def _closed_after(as_of: datetime) -> ColumnElement[bool]:
    return and_(Incident.week_closed >= week_of(local_day(as_of)), Incident.closed_at > as_of)


@reads("view_overview", "view_wall")
def count_open_by_place(
    connection: Connection, scope: Scope, filters: IncidentFilter, level: str, as_of: date | datetime
) -> pd.DataFrame:
    """Count what was open at `as_of` by place of `level`, whatever week it occurred in.

    Returns
    -------
    DataFrame
        ``place_code`` (str), ``n_open``, ``n_overdue`` (due before `as_of`), ``n_with_due`` (int64): an incident
        without a due date is neither late nor in time.
    """
    instant = as_instant(as_of)
    up = aliased(PlaceAncestor, name="up")
    known = and_(counted(scope, filters), _known_at(instant))
    sums: list[Any] = [
        up.ancestor_code.label("place_code"), _total().label("n_open"),
        _total(Incident.due_at < instant).label("n_overdue"), _total(Incident.due_at.is_not(None)).label("n_with_due"),
    ]
    # What is open today is many places' few rows: from the places. What was closed since is a stretch of weeks.
    never = places_with(
        sums, scope, filters, up, level, and_(known, Incident.week_closed.is_(None))
    ).group_by(up.code, up.ancestor_code, up.week_from).having(func.count(Incident.id) > 0)
    # Grouped before they meet the places: an engine that starts from the places would read everything.
    where: Any = Incident.place_code.concat(literal_column("''"))  # no index is sorted by it, so none is taken for that
    closed = select(
        where.label("place_code"), Incident.week_occurred, _total().label("n_open"),
        _total(Incident.due_at < instant).label("n_overdue"), _total(Incident.due_at.is_not(None)).label("n_with_due"),
    ).where(known, _closed_after(instant)).group_by(where, Incident.week_occurred)
    then = at_place(closed, filters).subquery()
    later = select(
        up.ancestor_code.label("place_code"), func.sum(then.c.n_open).label("n_open"),
        func.sum(then.c.n_overdue).label("n_overdue"), func.sum(then.c.n_with_due).label("n_with_due"),
    ).join(up, and_(
        up.code == then.c.place_code, up.ancestor_level == level, up.week_from <= then.c.week_occurred,
        up.week_to > then.c.week_occurred,
    )).where(within_area(scope, up.code)).group_by(up.ancestor_code)
    both = union_all(never, later).subquery()
    statement = select(
        both.c.place_code, func.sum(both.c.n_open), func.sum(both.c.n_overdue), func.sum(both.c.n_with_due)
    ).group_by(both.c.place_code).order_by(both.c.place_code)
    return read_frame(
        connection, statement, {"place_code": TEXT, "n_open": COUNT, "n_overdue": COUNT, "n_with_due": COUNT}
    )


@reads("view_overview", "view_wall")
def weekly_series(
    connection: Connection, scope: Scope, filters: IncidentFilter, by: Literal["stream", "category"] | None = None
) -> pd.DataFrame:
    """Count incidents by week of occurrence, optionally by stream or category.

    Returns
    -------
    DataFrame
        ``week``, (``stream`` or ``category``,) ``n_incidents``: every week of the window that lies in the recorded
        period, with 0 where nothing happened. Weeks outside that period are missing, since nothing is known there.
    """
    return fill_weeks(read_weeks(connection, scope, filters, by), _window(connection, filters), by)


@reads("view_overview", "view_wall")
def read_weeks(
    connection: Connection, scope: Scope, filters: IncidentFilter, by: Literal["stream", "category"] | None = None
) -> pd.DataFrame:
    """Count as `weekly_series` does, but only the weeks in which something happened, recorded period or not."""
    key: tuple[Literal["stream", "category"], ...] = () if by is None else (by,)
    if can_use_rollup(connection, scope, filters, key):
        return read_weekly(connection, scope, filters, key)
    keys: list[Any] = [week_key(scope, filters)] + ([Incident.stream] if by else []) + (
        [Incident.category] if by == "category" else [])
    statement = _over_window([*keys, _total()], scope, filters).group_by(*keys).order_by(*keys)
    names = ["week", "stream", "category"][: len(keys)]
    types = {name: COUNT if name == "week" else TEXT for name in names}
    return read_frame(connection, statement, {**types, "n_incidents": COUNT})


def _over_window(columns: list[Any], scope: Scope, filters: IncidentFilter) -> Query:
    """Return a SELECT of `columns` over the incidents of the window, to be grouped."""
    if filters.place_code is None:
        return select(*columns).select_from(Incident).where(counted(scope, filters), in_window(filters))
    inside = aliased(PlaceAncestor, name="inside")
    return from_places(columns, scope, filters, inside).having(func.count(Incident.id) > 0)


def _window(connection: Connection, filters: IncidentFilter) -> range:
    recorded = recorded_weeks(connection)
    if recorded is None:
        return range(0)
    return range(max(filters.week_from, recorded[0]), min(filters.week_to, recorded[1] + 1))


def fill_weeks(found: pd.DataFrame, weeks: range, by: str | None) -> pd.DataFrame:
    """Return `found` with one row for each of `weeks` (and each value of `by` that occurs), 0 where it had none."""
    if by is None:
        dense = found.groupby("week")["n_incidents"].sum().reindex(list(weeks), fill_value=0)
        return pd.DataFrame({"week": np.array(weeks, dtype="int64"), "n_incidents": dense.to_numpy(dtype="int64")})
    table = found.groupby(["week", by])["n_incidents"].sum().unstack(by).reindex(list(weeks))
    table = table.fillna(0).astype("int64")
    names = sorted(table.columns)
    return pd.DataFrame({
        "week": np.repeat(np.array(weeks, dtype="int64"), len(names)),
        by: pd.Series(names * len(weeks), dtype="str"),
        "n_incidents": table[names].to_numpy(dtype="int64").ravel(),
    })


@reads("view_overview", "view_wall")
def weekly_by_place(connection: Connection, scope: Scope, filters: IncidentFilter, level: str) -> pd.DataFrame:
    """Count incidents by week and place of `level`.

    Returns
    -------
    DataFrame
        ``week``, ``place_code``, ``n_incidents``; sparse: a pair without an incident is not in it.
    """
    up = aliased(PlaceAncestor, name="up")
    statement = from_places(
        [Incident.week_occurred, up.ancestor_code, _total()], scope, filters, up, level
    ).group_by(Incident.week_occurred, up.ancestor_code).having(func.count(Incident.id) > 0)
    return read_frame(
        connection, statement.order_by(Incident.week_occurred, up.ancestor_code),
        {"week": COUNT, "place_code": TEXT, "n_incidents": COUNT},
    )


@reads("view_overview", "view_wall")
def count_by_cell(
    connection: Connection, scope: Scope, filters: IncidentFilter, cell: Literal["county", "township"] = "county"
) -> pd.DataFrame:
    """Count incidents by map cell; one without a point has no cell and is not in it.

    Returns
    -------
    DataFrame
        ``cell`` (H3 index in hexadecimal, as the map wants it), ``n_incidents``.
    """
    column = Incident.cell_county if cell == "county" else Incident.cell_township
    statement = _over_window([column, _total()], scope, filters).group_by(column).having(column.is_not(None))
    found = read_frame(connection, statement.order_by(column), {"cell": COUNT, "n_incidents": COUNT})
    names = pd.Series([h3.int_to_str(int(number)) for number in found["cell"]], dtype="str")
    return found.assign(cell=names)


@reads("view_overview", "view_wall")
def open_series(connection: Connection, scope: Scope, filters: IncidentFilter) -> pd.DataFrame:
    """Count what was open at the end of each week of the window, whatever week it occurred in.

    Open at a week's end: known by then (`week_known` ≤ week) and not closed by then (`week_closed` > week or null).

    Returns
    -------
    DataFrame
        ``week``, ``n_open``: the weeks of the window inside the recorded period.
    """
    weeks = _window(connection, filters)
    numbers = np.zeros(len(weeks), dtype="int64")
    if len(weeks):
        lives = read_lives(connection, scope, filters, weeks[0])
        known = _running(lives["week_known"], lives["n_incidents"], weeks)
        closed = _running(lives["week_closed"], lives["n_incidents"], weeks)
        numbers = known - closed
    return pd.DataFrame({"week": np.array(weeks, dtype="int64"), "n_open": numbers})


@reads("view_overview", "view_wall")
def read_lives(connection: Connection, scope: Scope, filters: IncidentFilter, week_from: int) -> pd.DataFrame:
    """Return how many incidents became known and were closed in which weeks, of those open in `week_from` or later.

    One that was closed before it became known (entered late) never was open and is left out.

    Returns
    -------
    DataFrame
        ``week_known``, ``week_closed`` (`OPEN_WEEK` while open), ``n_incidents``.
    """
    closed = func.coalesce(Incident.week_closed, OPEN_WEEK)
    parts = [
        at_place(
            select(closed.label("closed"), Incident.week_known.label("known"), _total().label("n"))
            .select_from(Incident).where(counted(scope, filters), condition), filters,
        ).group_by(Incident.week_closed, Incident.week_known)
        for condition in (
            Incident.week_closed.is_(None),
            and_(Incident.week_closed >= week_from, Incident.week_closed >= Incident.week_known),
        )
    ]
    both = union_all(*parts).subquery()
    return read_frame(
        connection, select(both.c.known, both.c.closed, both.c.n),
        {"week_known": COUNT, "week_closed": COUNT, "n_incidents": COUNT},
    )


def _running(of_week: pd.Series, numbers: pd.Series, weeks: range) -> Any:
    """Return the sum of `numbers` up to and including each of `weeks`."""
    place = np.clip(of_week.to_numpy() - weeks[0], 0, len(weeks))
    sums = np.bincount(place, weights=numbers.to_numpy(), minlength=len(weeks) + 1)
    return np.cumsum(sums)[: len(weeks)].round().astype("int64")
