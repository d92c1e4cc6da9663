"""The list of a week: the villages listed, those that rest, those below the line, those that cannot be told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection, func, select

from govdesk.clock import week_of
from govdesk.queries.adopted_thresholds import (
    DEFAULT,
    Thresholds,
    band_of_probability,
    list_adoptions,
    read_thresholds_in_force,
)
from govdesk.queries.comparing import may_see_county
from govdesk.queries.frames import DAY
from govdesk.queries.permission import reads
from govdesk.queries.places import valid_on
from govdesk.queries.risk_known import list_new_events
from govdesk.queries.risk_runs import StoredRun, read_listings, read_run, read_runs, read_scores
from govdesk.queries.scoping import within_area
from govdesk.rules.access import Scope
from govdesk.tables import Place, RiskListing, RiskRun, Visit
from govdesk.terms import Level
from models.weekly_lists import ListRules

ELEVATED, ONSET = "elevated", "onset"
#: The two lists, as they are stored.
USUAL, QUIET = "usual", "quiet"
#: Weeks for which a listed village rests.
REST_WEEKS = ListRules().rest_weeks

#: A listed village is new if it was on none of the lists of so many weeks before: the rest rule keeps most of last
#: week's villages off this week's list, so that against last week alone nearly every village would be new.
NEW_WEEKS = REST_WEEKS + 1

#: Lists that can be looked back at.
MOST_DAYS = 53
#: Taken from the run of the label by which a village is listed.
_SCORE = ("probability", "low", "high", "rank", "baseline_rank", "usual_level", "in_scope")
#: And only of what is listed: a province has fifty thousand villages, and a page carries them at every click.
_OF_LISTED = ("contributions", "reasons")


@dataclass(frozen=True, slots=True)
class WeekList:
    """The list in force on a day.

    Attributes
    ----------
    run, onset : StoredRun
        The scoring by *elevated*, whose list it is, and that by *onset* of the same day (None: there is none).
    made_with, in_force : Thresholds
        Those by which the list was made, and those of today; they differ until the next scoring.
    rows : DataFrame
        One row a village, the listed ones first in their order, then by rank, then those not told: ``place_code``,
        ``name``, ``parent_code``, ``parent``; ``list`` (`USUAL`, `QUIET`, or missing), ``position`` (Int64, within its
        list), ``label`` (by which it is scored here); the columns of `risk_runs.read_scores` of that label but
        ``features`` (``contributions`` and ``reasons`` only of what is listed; see `read_reasons`); ``band``
        (missing: too few records to tell), ``rests_since`` (day of the listing or visit that it rests after, or NaT),
        ``is_new`` (bool: listed, and on none of the lists of the `NEW_WEEKS` weeks before).
    n_listed : int
        Villages on the list, of the whole database; with `is_own_only` those of the caller's area.
    is_own_only : bool
        Fewer than three townships lie outside of the area: ranks and counts are of its own villages only.
    n_before : int
        Lists of the `NEW_WEEKS` weeks before; without any nothing is new.
    """

    run: StoredRun
    onset: StoredRun | None
    made_with: Thresholds
    in_force: Thresholds
    rows: pd.DataFrame
    n_listed: int
    n_before: int
    is_own_only: bool = False


@reads("view_warnings")
def read_week_list(connection: Connection, scope: Scope, on: date) -> WeekList | None:
    """Return the list in force on a day, or None where nothing was scored up to it."""
    run = read_run(connection, scope, ELEVATED, on)
    if run is None:
        return None
    onset = read_run(connection, scope, ONSET, run.as_of)
    if onset is not None and onset.as_of != run.as_of:
        onset = None
    made_with = find_thresholds(connection, run.adoption_id)
    rows = _join_scores(connection, scope, run, onset)
    rows = _name_places(connection, scope, rows, run.as_of)
    rows["band"] = [band_of_probability(value, made_with.band_edges) for value in rows["probability"]]
    rows["rests_since"] = _find_rest(connection, scope, rows, run)
    is_own_only = not may_see_county(connection, scope, run.as_of)
    n_listed = int(rows["list"].notna().sum()) if is_own_only else connection.scalar(
        select(func.count()).where(RiskListing.run_id == run.id))
    earlier, seen = _list_earlier(connection, scope, run)
    rows["is_new"] = rows["list"].notna() & ~rows["place_code"].isin(seen) & bool(earlier)
    in_force = read_thresholds_in_force(connection, on)
    return WeekList(run, onset, made_with, in_force, rows, int(n_listed or 0), len(earlier), is_own_only)


def _list_earlier(connection: Connection, scope: Scope, run: StoredRun) -> tuple[list[int], set[str]]:
    """Return the runs of the `NEW_WEEKS` weeks before a run, the newest of each week, and the villages they listed."""
    earliest, until = run.as_of - timedelta(weeks=NEW_WEEKS), run.as_of - timedelta(days=1)
    runs = [one.id for one in read_runs(connection, scope, ELEVATED, NEW_WEEKS, until=until) if one.as_of >= earliest]
    return runs, set(connection.scalars(select(RiskListing.place_code).where(
        RiskListing.run_id.in_(runs), within_area(scope, RiskListing.place_code))))


@reads("view_warnings")
def list_scored_days(connection: Connection, scope: Scope) -> list[date]:
    """Return the Mondays whose lists can be looked at, the newest first."""
    del scope  # that a week was scored is no secret
    return list(connection.scalars(select(RiskRun.as_of).where(RiskRun.label == ELEVATED).distinct()
                                   .order_by(RiskRun.as_of.desc()).limit(MOST_DAYS)))


def find_thresholds(connection: Connection, adoption_id: int | None) -> Thresholds:
    """Return an adopted setting, or that which holds while nothing is adopted."""
    if adoption_id is None:
        return DEFAULT
    found = (one.thresholds for one in list_adoptions(connection) if one.thresholds.id == adoption_id)
    return next(found, DEFAULT)


def _join_scores(connection: Connection, scope: Scope, run: StoredRun, onset: StoredRun | None) -> pd.DataFrame:
    """Return every village with the score of the label by which it is listed, in the order of the page."""
    listings = read_listings(connection, scope, run.id).set_index("place_code")
    usual, quiet = ([code for code, one in listings["list"].items() if one == name] for name in (USUAL, QUIET))
    scores = read_scores(connection, scope, run.id, ("place_code", *_SCORE)).set_index("place_code")
    rows = scores.assign(label=ELEVATED, list=listings["list"].reindex(scores.index), contributions=None, reasons=None,
                         position=listings["position"].reindex(scores.index).astype("Int64"))
    by_usual = usual if onset is not None else [*usual, *quiet]
    _put(rows, read_scores(connection, scope, run.id, ("place_code", *_OF_LISTED), by_usual))
    if onset is not None and quiet:
        _put(rows, read_scores(connection, scope, onset.id, ("place_code", *_OF_LISTED, *_SCORE), quiet))
        rows.loc[quiet, "label"] = ONSET
    part = rows["list"].map({USUAL: 0, QUIET: 1}).fillna(2)
    last = len(rows) + 1
    order = np.lexsort((rows["rank"].fillna(last), rows["position"].fillna(last), part))
    return rows.iloc[order].reset_index()


@reads("view_warnings")
def read_reasons(
    connection: Connection, scope: Scope, run_id: int, codes: Sequence[str] | None = None
) -> dict[str, list[Any]]:
    """Return the reasons of a run by village: of these villages, or of all that the caller may see."""
    rows = read_scores(connection, scope, run_id, ("place_code", "reasons"), codes)
    return dict(zip(rows["place_code"], rows["reasons"], strict=True))


def _put(rows: pd.DataFrame, found: pd.DataFrame) -> None:
    """Write the columns of `found` over those of the same villages."""
    found = found.set_index("place_code")
    for name in found:
        rows.loc[found.index, name] = found[name]


def _name_places(connection: Connection, scope: Scope, rows: pd.DataFrame, on: date) -> pd.DataFrame:
    """Add name, parent's code and parent's name, as they were on the day of the scoring."""
    found = connection.execute(select(Place.code, Place.name, Place.parent_code).where(
        Place.level.in_([Level.VILLAGE, Level.TOWNSHIP]), valid_on(on), within_area(scope, Place.code))).all()
    names = {row.code: row.name for row in found}
    parents = {row.code: row.parent_code for row in found}
    codes = rows["place_code"].to_numpy(dtype=object)  # a column of texts is slow to go through
    parent = [parents.get(code) for code in codes]
    return rows.assign(name=[names.get(code, code) for code in codes], parent_code=parent,
                       parent=[names.get(str(code)) for code in parent])


def _find_rest(connection: Connection, scope: Scope, rows: pd.DataFrame, run: StoredRun) -> pd.Series:
    """Return since when each village rests: listed within `REST_WEEKS` weeks, and no event known since that week."""
    earliest = run.as_of - timedelta(weeks=REST_WEEKS)
    runs = [one.id for one in read_runs(connection, scope, ELEVATED, REST_WEEKS, until=run.as_of - timedelta(days=1))
            if earliest <= one.as_of]
    last = _last_seen(connection, scope, runs, (earliest, run.as_of))
    events = list_new_events(connection, scope, earliest, until=run.as_of) if last else []
    awake = {event.place_code for event in events if event.weight > 0 and event.place_code in last
             and week_of(event.known_on) >= week_of(last[event.place_code])}
    rests = [pd.NaT if code in awake or on_list else last.get(code, pd.NaT)
             for code, on_list in zip(rows["place_code"].to_numpy(dtype=object), rows["list"].notna(), strict=True)]
    return pd.Series(rests, index=rows.index, dtype=DAY)


def _last_seen(
    connection: Connection, scope: Scope, runs: list[int], days: tuple[date, date]
) -> dict[str, date]:
    """Return the day on which each village was listed by one of `runs`, or visited within `days`, the last of them."""
    listed = connection.execute(
        select(RiskListing.place_code, RiskListing.as_of)
        .where(RiskListing.run_id.in_(runs), within_area(scope, RiskListing.place_code))).all()
    visited = connection.execute(
        select(Visit.place_code, Visit.visited_on)
        .where(Visit.visited_on >= days[0], Visit.visited_on < days[1], within_area(scope, Visit.place_code))).all()
    last: dict[str, date] = {}
    for code, day in (*listed, *visited):
        last[code] = max(day, last.get(code, day))
    return last


@reads("view_warnings")
def list_in_force(connection: Connection, scope: Scope, on: date) -> list[str]:
    """Return the villages on the list in force on a day, by code; empty where nothing was scored."""
    run = read_run(connection, scope, ELEVATED, on)
    if run is None:
        return []
    return sorted(read_listings(connection, scope, run.id)["place_code"])
