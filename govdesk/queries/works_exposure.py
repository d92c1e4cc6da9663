"""Works projects as dated exposure: disputes of the villages concerned, the weeks before and after the start.

Source of the question: seed document 000 (farmland works at Guapu, ten disputes a day). Two comparisons stand beside
it: the same villages in the same weeks of the year before, and villages of the same township without works. The date of
a start is known; what caused a dispute is not, and nothing here says so.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from govdesk.clock import local_day, monday_of, week_of
from govdesk.queries.counts import weekly_by_place
from govdesk.queries.coverage import reporting_level
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.frames import COUNT, DAY, TEXT, read_frame
from govdesk.queries.freshness import recorded_weeks
from govdesk.queries.instants import complete_week
from govdesk.queries.permission import reads
from govdesk.queries.scoping import within_area
from govdesk.queries.surroundings import list_works
from govdesk.rules.access import Scope
from govdesk.tables import PlaceAncestor, PlaceWeek, WorksProject
from govdesk.tables.places import OPEN_WEEK
from govdesk.terms import Stream

#: Weeks before and after the start.
SPAN = 10
#: Weeks to the year before.
YEAR = 52
#: Disputes about land: what works touch.
LAND = ("land_forest", "works_compensation", "housing_site")
WHATS = ("land", "all")

EXPOSED, YEAR_BEFORE, UNEXPOSED = "exposed", "year_before", "unexposed"
ARMS = (EXPOSED, YEAR_BEFORE, UNEXPOSED)

Matrix = NDArray[np.int64]


@reads("view_overview")
def list_bands(connection: Connection, scope: Scope, filters: IncidentFilter) -> pd.DataFrame:
    """Return the works projects that were going on in the window, each once, oldest first.

    Returns
    -------
    DataFrame
        ``start``, ``end`` (datetime64, cut to the window; `end` exclusive), ``kind``, ``place`` (name of the first
        place), ``n_places`` (int64), ``name``, ``started_on``, ``ended_on`` (missing while it goes on).
    """
    first, last = monday_of(filters.week_from), monday_of(filters.week_to)
    works = list_works(connection, scope, filters.place_code, last - timedelta(days=1))
    going_on = works["ended_on"].isna() | (works["ended_on"] > pd.Timestamp(first))
    works = works[going_on].sort_values(["started_on", "name", "place_code"])
    names = works["place_name"].fillna(works["place_code"])
    grouped = works.assign(place=names).groupby(["name", "kind", "started_on", "ended_on"], dropna=False, sort=False)
    bands = grouped.agg(place=("place", "first"), n_places=("place_code", "nunique")).reset_index()
    return bands.assign(
        start=bands["started_on"].clip(lower=pd.Timestamp(first)),
        end=bands["ended_on"].fillna(pd.Timestamp(last)).clip(upper=pd.Timestamp(last)),
    )[["start", "end", "kind", "place", "n_places", "name", "started_on", "ended_on"]]


@dataclass(frozen=True, slots=True)
class _Villages:
    """Villages by row: whether each stood (and was of the kinds asked for) and its district, by week from `first`."""

    codes: list[str]
    first: int
    stands: Matrix
    districts: NDArray[np.object_]
    land: Matrix
    disputes: Matrix


@reads("view_overview")
def read_exposure(connection: Connection, scope: Scope, filters: IncidentFilter, as_of: datetime) -> pd.DataFrame:
    """Count disputes by project, week from its start, and arm.

    A project counts when it started in the window and `SPAN` whole weeks before and after it are on record. Unexposed
    are villages of the same township where no project was going on in these weeks. Of `filters` streams and categories
    are replaced: it is about disputes, all of them and those about land (`LAND`).

    Returns
    -------
    DataFrame
        ``project`` (int64, by start), ``name``, ``kind``, ``started_on``, ``arm`` (`ARMS`), ``week`` (int64, 0 begins
        with the Monday of the start's week, −`SPAN` … `SPAN` − 1), ``n_land``, ``n_all``, ``n_villages`` (int64:
        villages that stood in that week). An arm without villages, or before the records, is not in it. Projects that
        could not be counted are in ``attrs["n_left_out"]``.
    """
    level, recorded = reporting_level(connection), recorded_weeks(connection)
    works = _read_works(connection, scope, level or "", filters, as_of)
    begun = works[(works["week_from"] >= filters.week_from) & (works["week_from"] < filters.week_to)]
    if filters.place_code is not None:
        begun = begun[begun["is_inside"]]
    known = (0, 0) if recorded is None else (recorded[0], complete_week(local_day(as_of)) + 1)
    whole = begun[(begun["week_from"] - SPAN >= known[0]) & (begun["week_from"] + SPAN <= known[1])]
    n_left_out = _count_projects(begun) - _count_projects(whole)
    rows: list[dict[str, Any]] = []
    if len(whole):
        span = range(max(int(whole["week_from"].min()) - SPAN - YEAR, known[0]), int(whole["week_from"].max()) + SPAN)
        villages = _read_villages(connection, scope, level or "", filters, span)
        by = ["started_on", "name", "kind"]
        for number, (_, project) in enumerate(whole.groupby(by, sort=True)):
            rows += _count_project(number, project, villages, works)
    found = pd.DataFrame(rows, columns=["project", "name", "kind", "started_on", "arm", "week", "n_land", "n_all",
                                        "n_villages"])
    found.attrs["n_left_out"] = n_left_out
    return found


def _count_projects(works: pd.DataFrame) -> int:
    return int(works.drop_duplicates(["started_on", "name", "kind"]).shape[0])


def _read_works(
    connection: Connection, scope: Scope, level: str, filters: IncidentFilter, as_of: datetime
) -> pd.DataFrame:
    """Return one row for each project and village: works of a township are in all of its villages."""
    statement = select(
        WorksProject.name, WorksProject.kind, WorksProject.started_on, WorksProject.ended_on, WorksProject.place_code,
        PlaceAncestor.code, PlaceAncestor.ancestor_code, PlaceAncestor.ancestor_level,
    ).select_from(WorksProject).join(
        PlaceAncestor, (PlaceAncestor.ancestor_code == WorksProject.place_code)
        | (PlaceAncestor.code == WorksProject.place_code)
    ).where(WorksProject.recorded_at <= as_of, within_area(scope, WorksProject.place_code))
    pairs = read_frame(connection, statement, {
        "name": TEXT, "kind": TEXT, "started_on": DAY, "ended_on": DAY, "place_code": TEXT, "code": TEXT,
        "ancestor_code": TEXT, "ancestor_level": TEXT})
    levels = _read_levels(connection, level)
    # What lies in the place of the works, and what that place lies in: the villages among both.
    pairs["village"] = np.where(
        pairs["code"].isin(levels), pairs["code"],
        np.where(pairs["ancestor_level"] == level, pairs["ancestor_code"], ""))
    pairs = pairs[pairs["village"] != ""].drop_duplicates(["name", "kind", "started_on", "village"])
    inside = set() if filters.place_code is None else set(connection.scalars(
        select(PlaceAncestor.code).where(PlaceAncestor.ancestor_code == filters.place_code)))
    weeks_to = [OPEN_WEEK if pd.isna(day) else week_of(day.date()) for day in pairs["ended_on"]]
    return pairs.assign(
        week_from=[week_of(day.date()) for day in pairs["started_on"]], week_to=weeks_to,
        is_inside=pairs["village"].isin(inside))


def _read_levels(connection: Connection, level: str) -> set[str]:
    return set(connection.scalars(
        select(PlaceAncestor.ancestor_code).where(PlaceAncestor.ancestor_level == level).distinct()))


def _read_villages(
    connection: Connection, scope: Scope, level: str, filters: IncidentFilter, span: range
) -> _Villages:
    standing = read_frame(
        connection,
        select(PlaceWeek.code, PlaceWeek.week_from, PlaceWeek.week_to, PlaceWeek.district_code, PlaceWeek.kind).where(
            PlaceWeek.code.in_(select(PlaceAncestor.ancestor_code).where(PlaceAncestor.ancestor_level == level)),
            within_area(scope, PlaceWeek.code), PlaceWeek.week_from < span.stop, PlaceWeek.week_to > span.start),
        {"code": TEXT, "week_from": COUNT, "week_to": COUNT, "district": TEXT, "kind": TEXT})
    codes = sorted(standing["code"].unique())
    row_of = {code: row for row, code in enumerate(codes)}
    stands = np.zeros((len(codes), len(span)), dtype="int64")
    districts = np.full((len(codes), len(span)), "", dtype=object)
    for row in standing.itertuples():
        weeks = slice(max(row.week_from - span.start, 0), max(row.week_to - span.start, 0))
        stands[row_of[row.code], weeks] = int(not filters.kinds or row.kind in filters.kinds)
        districts[row_of[row.code], weeks] = row.district
    counts = []
    disputes = replace(filters, week_from=span.start, week_to=span.stop, streams=(Stream.DISPUTE.value,),
                       categories=(), place_code=None, kinds=())
    for one in (replace(disputes, categories=LAND), disputes):
        found = weekly_by_place(connection, scope, one, level)
        matrix = np.zeros_like(stands)
        rows = found["place_code"].map(row_of)
        known = rows.notna().to_numpy()
        np.add.at(matrix, (rows[known].astype("int64").to_numpy(), found["week"].to_numpy()[known] - span.start),
                  found["n_incidents"].to_numpy()[known])
        counts.append(matrix)
    return _Villages(codes, span.start, stands, districts, *counts)


def _count_project(
    number: int, project: pd.DataFrame, villages: _Villages, works: pd.DataFrame
) -> list[dict[str, Any]]:
    """Return the rows of one project."""
    start = int(project["week_from"].iloc[0])
    at = start - villages.first
    exposed = np.array([code in set(project["village"]) for code in villages.codes])
    busy = works[(works["week_from"] < start + SPAN) & (works["week_to"] > start - SPAN)]["village"]
    touched = np.isin(np.array(villages.codes, dtype=object), busy.to_numpy(dtype=object))
    near = set(villages.districts[exposed, at]) - {""}
    around = np.array([district in near for district in villages.districts[:, at]], dtype=bool)
    facts = {"project": number, **project[["name", "kind", "started_on"]].iloc[0].to_dict()}
    rows = []
    for arm, chosen, shift in ((EXPOSED, exposed, 0), (YEAR_BEFORE, exposed, YEAR),
                               (UNEXPOSED, around & ~touched & ~exposed, 0)):
        if at - SPAN - shift < 0 or not chosen.any():
            continue
        for week in range(-SPAN, SPAN):
            column = at + week - shift
            there = villages.stands[chosen, column]
            if there.sum():
                rows.append({**facts, "arm": arm, "week": week, "n_land": int(villages.land[chosen, column] @ there),
                             "n_all": int(villages.disputes[chosen, column] @ there), "n_villages": int(there.sum())})
    return rows
