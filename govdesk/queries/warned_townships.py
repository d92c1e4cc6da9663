"""The list of the week by township: how many villages, and how many were visited; never which, never how likely."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, func, select

from govdesk.clock import week_of
from govdesk.queries.comparing import may_see_county
from govdesk.queries.permission import reads
from govdesk.queries.places import list_places
from govdesk.queries.risk_list import ELEVATED, find_thresholds
from govdesk.queries.risk_runs import read_listings, read_run
from govdesk.queries.scoping import within_area
from govdesk.rules.access import Scope, require
from govdesk.tables import PlaceAncestor, RiskListing, Visit
from govdesk.terms import Level


@dataclass(frozen=True, slots=True)
class WarnedTownship:
    """One township with at least one village on the list; `name` is empty for villages that lie in none."""

    name: str
    n_listed: int
    n_visited: int


@dataclass(frozen=True, slots=True)
class WarnedWeek:
    """The list in force, as sums.

    Attributes
    ----------
    as_of : date
        Monday of the scoring: its list is that of the seven days from it on.
    made_at : datetime
        When it was scored, UTC.
    ranked_by : str
        ``classifier`` or ``eb52``.
    n_listed, n_visited : int
        Villages on the list that the caller may see; of them visited since `as_of`, within its seven days.
    n_listed_anywhere : int
        On the list of the whole database; as `n_listed` where that would tell of fewer than three other townships.
    has_visits : bool
        Whether a visit was ever recorded: without one nothing is known of any, which is not the same as none.
    visits_per_week, share_quiet
        By which the list was made (`adopted_thresholds.Thresholds`).
    townships : tuple of WarnedTownship
        The most villages first, then by code.
    """

    as_of: date
    made_at: datetime
    ranked_by: str
    horizon_weeks: int
    n_listed: int
    n_visited: int
    n_listed_anywhere: int
    has_visits: bool
    visits_per_week: int
    share_quiet: float
    townships: tuple[WarnedTownship, ...]


@reads("view_warning_counts")
def read_warned_week(connection: Connection, scope: Scope, on: date) -> WarnedWeek | None:
    """Return the list in force on a day by township, or None where nothing was scored up to it.

    Raises
    ------
    RefusedError
        When the role of `scope` may not see these sums.
    """
    require(scope, "view_warning_counts")
    run = read_run(connection, scope, ELEVATED, on)
    if run is None:
        return None
    listed = read_listings(connection, scope, run.id)["place_code"].tolist()
    until = min(on, run.as_of + timedelta(days=6))
    visited = set(connection.scalars(select(Visit.place_code).where(
        Visit.place_code.in_(listed), Visit.visited_on >= run.as_of, Visit.visited_on <= until)))
    towns = _find_townships(connection, listed, run.as_of)
    names = dict(_names(connection, scope, run.as_of))
    sums: dict[str, list[int]] = {}
    for code in listed:
        found = sums.setdefault(towns.get(code, ""), [0, 0])
        found[0] += 1
        found[1] += code in visited
    made = find_thresholds(connection, run.adoption_id)
    total = len(listed) if not may_see_county(connection, scope, run.as_of) else connection.scalar(
        select(func.count()).select_from(RiskListing).where(RiskListing.run_id == run.id))
    ordered = sorted(sums.items(), key=lambda one: (-one[1][0], one[0]))
    has_visits = connection.scalar(
        select(Visit.id).where(within_area(scope, Visit.place_code)).limit(1)) is not None
    return WarnedWeek(
        run.as_of, run.at, run.ranked_by, run.horizon_weeks, len(listed), len(visited), int(total or 0), has_visits,
        made.visits_per_week, made.share_quiet,
        tuple(WarnedTownship(names.get(code, code), *both) for code, both in ordered))


def _find_townships(connection: Connection, codes: list[str], on: date) -> dict[str, str]:
    """Return the township of each village in the week of a day."""
    week = week_of(on)
    rows = connection.execute(select(PlaceAncestor.code, PlaceAncestor.ancestor_code).where(
        PlaceAncestor.code.in_(codes), PlaceAncestor.ancestor_level == Level.TOWNSHIP.value,
        PlaceAncestor.week_from <= week, PlaceAncestor.week_to > week))
    return {row.code: row.ancestor_code for row in rows}


def _names(connection: Connection, scope: Scope, on: date) -> list[tuple[str, str]]:
    places = list_places(connection, scope, Level.TOWNSHIP.value, on)
    return list(zip(places["code"], places["name"], strict=True))
