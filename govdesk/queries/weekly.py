"""Counts by week from the rollup where it can answer, from the incidents where it cannot; equal either way.

The rollup (`tables.WeeklyCount`) knows weeks, districts, village kinds, streams, and categories or channels, not both.
Asked for anything else (a village, a unit, a caller to whom single incidents are hidden), the incidents are counted.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

import pandas as pd
from sqlalchemy import ColumnElement, Connection, and_, case, func, not_, select

from govdesk.queries.filters import IncidentFilter, at_place, counted
from govdesk.queries.frames import COUNT, TEXT, Query, make_frame
from govdesk.queries.permission import reads
from govdesk.queries.scoping import within_area
from govdesk.rules.access import Scope
from govdesk.storage.weekly_counts import find_district_level
from govdesk.tables import Category, Incident, Place, PlaceWeek, WeeklyCount
from govdesk.tables.weekly import EVERYWHERE
from govdesk.terms import LEVELS, Channel

#: Which week is meant: of occurrence, of knowing, or the first in which closing and incident both were known.
About = Literal["occurred", "known", "closed"]
By = Literal["stream", "category", "channel", "district", "kind"]

#: Before every week of a calendar.
_FIRST = -(2**30)


@reads("view_overview", "view_wall")
def read_weekly(
    connection: Connection, scope: Scope, filters: IncidentFilter, by: tuple[By, ...] = (), about: About = "occurred"
) -> pd.DataFrame:
    """Count incidents by week and whatever else is asked for.

    Parameters
    ----------
    filters : IncidentFilter
        Its weeks are those of `about`.
    by : tuple of By
        Further keys. A district is a township (in a tree without townships a village); a kind is that of the
        village, empty where there is none or it is not known; an unknown channel is empty.
    about : About
        Which week is meant; the place is always that of the week of occurrence.

    Returns
    -------
    DataFrame
        ``week`` (int64), the keys of `by` (str; ``district`` holds codes), ``n_incidents`` (int64); sparse: what did
        not happen is not in it; sorted by its keys.
    """
    types = {"week": COUNT} | dict.fromkeys(by, TEXT) | {"n_incidents": COUNT}
    rows = list_weekly(connection, scope, filters, by, about)
    return make_frame(rows, types).sort_values(["week", *by], ignore_index=True)


@reads("view_overview", "view_wall")
def list_weekly(
    connection: Connection, scope: Scope, filters: IncidentFilter, by: tuple[By, ...] = (), about: About = "occurred"
) -> Sequence[Sequence[Any]]:
    """Return the rows of `read_weekly` as they come: week, the keys of `by`, count; in no order."""
    part = _choose_part(connection, scope, filters, by, about)
    statement = _from_incidents(scope, filters, by, about) if part is None else _from_rollup(
        connection, scope, filters, by, about, part)
    return connection.execute(statement).all()


@reads("view_overview", "view_wall")
def can_use_rollup(
    connection: Connection, scope: Scope, filters: IncidentFilter, by: tuple[By, ...] = (), about: About = "occurred"
) -> bool:
    """Return whether the rollup answers this question."""
    return _choose_part(connection, scope, filters, by, about) is not None


def _choose_part(
    connection: Connection, scope: Scope, filters: IncidentFilter, by: tuple[By, ...], about: About
) -> str | None:
    """Return the part of the rollup to read, or None where only the incidents can answer."""
    needs_category = bool(filters.categories) or "category" in by
    needs_channel = bool(filters.channels) or "channel" in by
    if scope.unit_code is not None or filters.units or (needs_channel and (needs_category or about != "occurred")):
        return None
    if not _is_wide(connection, filters.place_code) or not _is_closed_area(connection, scope):
        return None
    return "category" if needs_category else "channel" if needs_channel else "all"


def _is_wide(connection: Connection, code: str | None) -> bool:
    """Return whether a place is a district, or the only root; None, everywhere, is."""
    if code is None:
        return True
    return _level_of(connection, code) == find_district_level(connection) or is_only_root(connection, code)


def _is_closed_area(connection: Connection, scope: Scope) -> bool:
    """Return whether what may be seen is whole districts: a village that once lay elsewhere is seen there, too."""
    if scope.area_code is None:
        return True
    if not _is_wide(connection, scope.area_code):
        return False
    elsewhere = select(PlaceWeek.code).where(
        within_area(scope, PlaceWeek.code), not_(within_area(scope, PlaceWeek.district_code)))
    return connection.execute(elsewhere.limit(1)).first() is None


def _level_of(connection: Connection, code: str) -> str | None:
    level: str | None = connection.scalar(select(Place.level).where(Place.code == code).limit(1))
    return level


def is_only_root(connection: Connection, code: str) -> bool:
    """Return whether all places lie in `code`, at all times."""
    widest = connection.scalars(select(Place.level).distinct()).all()
    level = next((one for one in LEVELS if one in widest), None)
    if level is None or _level_of(connection, code) != level:
        return False
    return not connection.scalar(
        select(func.count()).select_from(Place).where(Place.parent_code.is_(None), Place.code != code))


def _from_rollup(
    connection: Connection, scope: Scope, filters: IncidentFilter, by: tuple[By, ...], about: About, part: str
) -> Query:
    columns: dict[str, Any] = {
        "stream": WeeklyCount.stream, "category": WeeklyCount.value, "channel": WeeklyCount.value,
        "district": WeeklyCount.place_code, "kind": WeeklyCount.kind}
    keys = [WeeklyCount.week, *(columns[name] for name in by)]
    wanted = {"all": ("",), "category": filters.categories, "channel": filters.channels}[part]
    # Every value is named: the engine then goes from stretch to stretch of the key instead of through all weeks.
    values = wanted or _list_values(connection, part)
    conditions = [
        WeeklyCount.about == about, WeeklyCount.part == part, WeeklyCount.value.in_(values),
        _where(connection, scope, filters, by), WeeklyCount.week >= filters.week_from,
        WeeklyCount.week < filters.week_to,
    ]
    if filters.streams:
        conditions.append(WeeklyCount.stream.in_(filters.streams))
    if filters.kinds:
        conditions.append(WeeklyCount.kind.in_(filters.kinds))
    total = func.sum(WeeklyCount.n)
    return select(*keys, total).where(*conditions).group_by(*keys).having(total != 0)


def _where(
    connection: Connection, scope: Scope, filters: IncidentFilter, by: tuple[By, ...]
) -> ColumnElement[bool]:
    """Return the condition on the place: one district, those of the caller's area, each of all, or their sum."""
    if filters.place_code is not None and not is_only_root(connection, filters.place_code):
        return and_(WeeklyCount.place_code == filters.place_code, within_area(scope, WeeklyCount.place_code))
    if scope.area_code is None and "district" not in by:
        return WeeklyCount.place_code == EVERYWHERE
    districts = select(PlaceWeek.district_code).where(within_area(scope, PlaceWeek.district_code))
    return WeeklyCount.place_code.in_(districts)


def _list_values(connection: Connection, part: str) -> Sequence[str]:
    if part == "channel":
        return ["", *(channel.value for channel in Channel)]
    return connection.scalars(select(Category.code)).all()


def _from_incidents(scope: Scope, filters: IncidentFilter, by: tuple[By, ...], about: About) -> Query:
    closed = case((Incident.week_closed > Incident.week_known, Incident.week_closed), else_=Incident.week_known)
    week: Any = {
        "occurred": Incident.week_occurred, "known": Incident.week_known, "closed": closed}[about]
    columns: dict[str, Any] = {
        "stream": Incident.stream, "category": Incident.category, "channel": func.coalesce(Incident.channel, ""),
        "district": func.coalesce(PlaceWeek.district_code, Incident.place_code),
        "kind": func.coalesce(PlaceWeek.kind, "")}
    keys = [week, *(columns[name] for name in by)]
    statement = select(*keys, func.sum(Incident.weight)).select_from(Incident).where(
        counted(scope, filters), week >= filters.week_from, week < filters.week_to)
    if about == "closed":
        statement = statement.where(Incident.week_closed.is_not(None))
    if {"district", "kind"} & set(by):
        statement = statement.outerjoin(PlaceWeek, and_(
            PlaceWeek.code == Incident.place_code, PlaceWeek.week_from <= Incident.week_occurred,
            PlaceWeek.week_to > Incident.week_occurred))
    return at_place(statement, filters).group_by(*keys).having(func.sum(Incident.weight) != 0)


@reads("view_overview", "view_wall")
def read_stock(
    connection: Connection, scope: Scope, filters: IncidentFilter, by: tuple[By, ...] = ()
) -> pd.DataFrame:
    """Count what was open at the end of each week of the window, whatever week it occurred in.

    Open at a week's end: known by then and not closed by then; both are sums up to the week.

    Returns
    -------
    DataFrame
        ``week`` (every week of the window), the keys of `by`, ``n_open`` (int64).
    """
    from_start = replace(filters, week_from=_FIRST)
    known = read_weekly(connection, scope, from_start, by, "known")
    closed = read_weekly(connection, scope, from_start, by, "closed")
    moves = pd.concat([known, closed.assign(n_incidents=-closed["n_incidents"])], ignore_index=True)
    weeks = range(filters.week_from, filters.week_to)
    keys = list(by)
    # What came before the window is carried in by its first week.
    moves["week"] = moves["week"].clip(lower=weeks.start)
    if not keys:
        running = moves.groupby("week")["n_incidents"].sum().reindex(list(weeks), fill_value=0).cumsum()
        return running.rename_axis("week").rename("n_open").reset_index().astype("int64")
    table = moves.pivot_table(index="week", columns=keys, values="n_incidents", aggfunc="sum", fill_value=0)
    table = table.reindex(list(weeks), fill_value=0).cumsum()
    long = table.stack(list(range(len(keys))), future_stack=True) if len(table.columns) else pd.Series(dtype="int64")
    return long.rename("n_open").rename_axis(["week", *keys]).reset_index().astype({"n_open": "int64"})
