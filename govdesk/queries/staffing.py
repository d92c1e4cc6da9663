"""Staffing 力量配置: open and new incidents beside the grid posts there are, where hands are missing.

Workload is incidents per filled post and week, of townships and of groups of neighbouring villages, never of a post:
what may be shown is decided by `rules.post_groups`, here and not on the page, and what may not be shown is in no number
that leaves this module, nor in a sum from which it could be subtracted.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection, func, select
from sqlalchemy.orm import aliased

from govdesk.clock import local_day
from govdesk.queries.counts import count_open_by_place
from govdesk.queries.coverage import reporting_level
from govdesk.queries.filters import IncidentFilter, counted, in_window
from govdesk.queries.freshness import recorded_weeks
from govdesk.queries.instants import complete_week
from govdesk.queries.known import has_closings
from govdesk.queries.permission import reads
from govdesk.queries.places import list_places
from govdesk.queries.staffing_posts import PostDays, count_bare_grids, read_post_days
from govdesk.queries.staffing_sums import (
    GROUP_COLUMNS,
    Counts,
    add_loads,
    hide_lonely_kinds,
    list_groups,
    sum_districts,
    sum_units,
    sum_weeks,
)
from govdesk.rules.access import Scope
from govdesk.rules.comparing import may_compare
from govdesk.storage.weekly_counts import find_district_level
from govdesk.tables import Incident, PlaceAncestor
from govdesk.terms import Level
from models.poisson_rates import estimate_dispersion

#: A quarter: long enough to count, short enough to be of the present.
N_WEEKS = 13
#: Fewest districts of which a median says anything.
LEAST_COMPARED = 3


@dataclass(frozen=True, slots=True)
class Staffing:
    """Posts and work of the districts that the caller may see, beside the whole county.

    Attributes
    ----------
    level, unit_level : str
        Of the districts, and of the places that groups are made of.
    weeks : (int, int)
        The window, the second week not included.
    day : date
        Of what is said to be so today.
    has_posts, has_closings : bool
        Whether any grid post is on record, and whether any source records when incidents were closed.
    districts : DataFrame
        By code: ``code``, ``name``, ``population``; ``state`` ("shown", "few": too few posts to show what they work
        on, "none": no post on record); ``n_grids``, ``n_bare`` (grids without a post), ``n_posts``, ``n_vacant``
        (today), ``post_days``, ``vacant_days`` (of the window), ``post_weeks`` (filled); and, missing where too few,
        ``n_open``, ``n_with_due``, ``n_overdue``, ``n_new``, ``by_week`` (list), ``load``, ``low``, ``high``
        (incidents a filled post and week), ``expected`` (incidents, had its groups the load of their kind of village).
    groups : DataFrame
        `GROUP_COLUMNS`; only such as may be shown.
    vacancies : DataFrame
        Posts that are vacant today, the longest first: ``title``, ``place_code``, ``grid``, ``unit_name``,
        ``district_name``, ``vacant_since``, ``vacant_until``.
    median : float or None
        Median load of all districts of the county that may be shown; None under three, and for a caller outside of
        whose area fewer than three of them lie (`rules.comparing`).
    n_compared, n_few : int
        Districts of the county in that median, and those with too few posts.
    kinds : DataFrame
        By kind of village over the whole county: ``kind``, ``n_groups``, ``rate`` (all together), ``median``.
    dispersion : float
        `models.poisson_rates.estimate_dispersion`.
    """

    level: str
    unit_level: str
    weeks: tuple[int, int]
    day: date
    has_posts: bool
    has_closings: bool
    districts: pd.DataFrame
    groups: pd.DataFrame
    vacancies: pd.DataFrame
    median: float | None
    n_compared: int
    n_few: int
    kinds: pd.DataFrame
    dispersion: float


@reads("view_staffing")
def read_staffing(connection: Connection, scope: Scope, as_of: datetime) -> Staffing | None:
    """Return the staffing known at `as_of`; None where there are no districts or no records.

    The groups and the county's figures are the same whoever asks; of the rows, those of the caller's area are given. An
    area inside a district has none: its posts are too few, or part of a group that reaches beyond it.
    """
    level, recorded = find_district_level(connection), recorded_weeks(connection)
    if level is None or recorded is None:
        return None
    whole, day, week = replace(scope, account="", area_code=None), local_day(as_of), complete_week(as_of)
    unit_level = reporting_level(connection) or level
    unit_level = Level.GRID.value if unit_level == level else unit_level
    window = IncidentFilter(max(recorded[0], week + 1 - N_WEEKS), week + 1)
    posts = read_post_days(connection, whole, (level, unit_level), window.week_from, window.week_to, as_of)
    places = list_places(connection, whole, level, day)[["code", "name", "population"]]
    units, counts = sum_units(posts), _count(connection, whole, window, (level, unit_level))
    districts = _describe(connection, whole, level, places, units, posts, as_of)
    by_week = sum_weeks(places["code"].tolist(), counts, window.week_to - window.week_from)
    states = dict(zip(districts["code"], districts["state"], strict=True))
    shown = [by_week[code] for code, state in states.items() if state == "shown"]
    dispersion = estimate_dispersion(shown) if shown else 1.0
    villages = list_places(connection, whole, unit_level, day).set_index("code")
    groups = list_groups(states, units, counts, villages, dispersion)
    closings = has_closings(connection, whole)
    stock = count_open_by_place(connection, whole, IncidentFilter(0, 0), level, as_of) if closings else None
    districts, kinds = add_loads(districts, groups, by_week, stock, dispersion)
    loads = districts.loc[districts["state"] == "shown", "load"].dropna()
    own = set(places["code"] if scope.area_code is None else list_places(connection, scope, level, day)["code"])
    n_outside = int((~districts.loc[districts["state"] == "shown", "code"].isin(own)).sum())
    if scope.area_code is not None:
        kinds, districts = hide_lonely_kinds(kinds, districts, groups, own)
    may_tell = len(loads) >= LEAST_COMPARED and (scope.area_code is None or may_compare(n_outside))
    return Staffing(
        level, unit_level, (window.week_from, window.week_to), day, bool(len(posts.rows)), closings,
        districts[districts["code"].isin(own)].reset_index(drop=True),
        groups.loc[groups["district"].isin(own), list(GROUP_COLUMNS)].reset_index(drop=True),
        _list_vacancies(connection, scope, posts, places, villages),
        float(loads.median()) if may_tell else None, len(loads), int((districts["state"] == "few").sum()), kinds,
        dispersion)


def _count(connection: Connection, whole: Scope, window: IncidentFilter, levels: tuple[str, str]) -> Counts:
    """Return the weekly counts by district and unit of their own week; those known at no unit under ""."""
    where: Any = Incident.place_code
    total = func.sum(Incident.weight).label("n")
    each = select(where.label("place"), Incident.week_occurred.label("week"), total).where(
        counted(whole, window), in_window(window)).group_by(where, Incident.week_occurred).subquery()
    district, unit = aliased(PlaceAncestor, name="district"), aliased(PlaceAncestor, name="unit")

    def lay_in(closure: Any, level: str) -> Any:
        return ((closure.code == each.c.place) & (closure.ancestor_level == level)
                & (closure.week_from <= each.c.week) & (closure.week_to > each.c.week))

    found: dict[tuple[str, str], Any] = {}
    rows = connection.execute(
        select(district.ancestor_code, unit.ancestor_code, each.c.week, each.c.n).select_from(each)
        .join(district, lay_in(district, levels[0])).outerjoin(unit, lay_in(unit, levels[1])))
    for above, village, week, n in rows:
        weekly = found.setdefault((above, village or ""), np.zeros(window.week_to - window.week_from))
        weekly[week - window.week_from] += n
    return found


def _describe(
    connection: Connection, whole: Scope, level: str, places: pd.DataFrame, units: Any, posts: PostDays,
    as_of: datetime,
) -> pd.DataFrame:
    """Return the districts with their posts and grids, and whether their work may be shown."""
    bare = count_bare_grids(connection, whole, level, posts, as_of).rename(columns={"district": "code"})
    found = places.merge(sum_districts(places["code"].tolist(), units), on="code").merge(bare, on="code", how="left")
    return found.assign(**{name: found[name].fillna(0).astype("int64") for name in ("n_grids", "n_bare")})


def _list_vacancies(
    connection: Connection, scope: Scope, posts: PostDays, places: pd.DataFrame, villages: pd.DataFrame,
) -> pd.DataFrame:
    rows = posts.rows
    held = rows[rows["vacant_since"].notna()]
    if scope.area_code is not None:
        inside = select(PlaceAncestor.code).where(PlaceAncestor.ancestor_code == scope.area_code)
        held = held[held["place_code"].isin(list(connection.scalars(inside)))]
    found = held.assign(unit_name=held["unit"].map(villages["name"]),
                        district_name=held["district"].map(places.set_index("code")["name"]))
    return found[["title", "place_code", "grid", "unit_name", "district_name", "vacant_since", "vacant_until"]] \
        .sort_values(["vacant_since", "place_code"]).reset_index(drop=True)
