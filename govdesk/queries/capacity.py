"""Legal and mediation capacity by village: the latest counts, and for how many villages there is none.

Source: seed documents 001 (legal guides in 811 of 811 villages, one legal adviser a village) and 003 (3,620 volunteer
mediators). Numbers of places, never persons. A village without a record is not known, it is not 0.
"""

from datetime import date, datetime

import pandas as pd
from sqlalchemy import Connection, Subquery, and_, func, select
from sqlalchemy.orm import aliased

from govdesk.clock import local_day, week_of
from govdesk.queries.coverage import reporting_level
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.frames import COUNT, DAY, TEXT, read_frame
from govdesk.queries.permission import reads
from govdesk.queries.places import list_places
from govdesk.queries.scoping import within_area
from govdesk.rules.access import Scope
from govdesk.tables import Capacity, PlaceAncestor
from govdesk.terms import CapacityKind

KINDS: tuple[str, ...] = tuple(kind.value for kind in CapacityKind)
#: A rate is of so many people.
PEOPLE = 1000


@reads("view_overview", "view_wall")
def has_capacities(connection: Connection, scope: Scope) -> bool:
    """Return whether any count is on record."""
    statement = select(Capacity.id).where(within_area(scope, Capacity.place_code)).limit(1)
    return connection.scalar(statement) is not None


@reads("view_overview", "view_wall")
def read_capacities(connection: Connection, scope: Scope, filters: IncidentFilter, as_of: datetime) -> pd.DataFrame:
    """Return the latest count of each kind for every village that stands on the day of `as_of`.

    Of `filters` the place and the kinds of village are used. Latest: of the newest day counted, and of that day what
    became known last.

    Returns
    -------
    DataFrame
        By code: ``code``, ``name``, ``parent_code``, ``kind`` (of village), ``population`` (Int64), and for each of
        `KINDS` ``n_<kind>`` (Int64, missing: not known) and ``on_<kind>`` (datetime64, the day counted).
    """
    day = local_day(as_of)
    villages = list_places(connection, scope, reporting_level(connection) or "", day, filters.place_code)
    if filters.kinds:
        villages = villages[villages["kind"].isin(filters.kinds)].reset_index(drop=True)
    counts = _list_counts(scope, as_of)
    latest = select(counts.c.place_code, counts.c.kind, counts.c.n, counts.c.counted_on).where(counts.c.newest == 1)
    found = read_frame(connection, latest, {"place_code": TEXT, "kind": TEXT, "n": COUNT, "on": DAY})
    rows = villages[["code", "name", "parent_code", "kind", "population"]]
    for kind in KINDS:
        mine = found[found["kind"] == kind].set_index("place_code")
        rows = rows.assign(**{
            f"n_{kind}": mine["n"].astype("Int64").reindex(rows["code"]).array,
            f"on_{kind}": mine["on"].reindex(rows["code"]).array})
    return rows


def _list_counts(scope: Scope, as_of: datetime) -> Subquery:
    """Return what was counted and known by `as_of`; of each place and kind one is the newest (``newest`` 1)."""
    newest = func.row_number().over(
        partition_by=(Capacity.place_code, Capacity.kind),
        order_by=(Capacity.counted_on.desc(), Capacity.recorded_at.desc(), Capacity.id.desc())).label("newest")
    return select(Capacity.place_code, Capacity.kind, Capacity.n, Capacity.counted_on, newest).where(
        Capacity.counted_on <= local_day(as_of), Capacity.recorded_at <= as_of,
        within_area(scope, Capacity.place_code)).subquery()


@reads("view_overview", "view_wall")
def count_by_place(
    connection: Connection, scope: Scope, kind: str, level: str, on: date, as_of: datetime
) -> pd.DataFrame:
    """Return the latest counts of villages, summed up by the places of `level` they lie in on a day.

    Returns
    -------
    DataFrame
        ``place_code``, ``n``, ``n_known`` (int64, villages with a record); places without a record are not in it.
    """
    counts, own, up = _list_counts(scope, as_of), aliased(PlaceAncestor, name="own"), aliased(PlaceAncestor, name="up")
    week = week_of(on)
    statement = select(up.ancestor_code, func.sum(counts.c.n), func.count()).select_from(counts).join(
        own, and_(own.code == counts.c.place_code, own.ancestor_code == own.code,
                  own.ancestor_level == (reporting_level(connection) or ""), own.week_from <= week, own.week_to > week)
    ).join(
        up, and_(up.code == own.code, up.ancestor_level == level, up.week_from <= week, up.week_to > week)
    ).where(counts.c.newest == 1, counts.c.kind == kind).group_by(up.ancestor_code)
    return read_frame(connection, statement, {"place_code": TEXT, "n": COUNT, "n_known": COUNT})


def sum_capacities(capacities: pd.DataFrame, by: str | None = "parent_code") -> pd.DataFrame:
    """Return sums by the place above the villages (one row in all, without `by`), in order of code, a row a kind.

    Parameters
    ----------
    capacities : DataFrame
        As `read_capacities` gives.

    Returns
    -------
    DataFrame
        `by`, ``capacity`` (of `KINDS`), ``n_villages`` (all), ``n_known`` (with a record), ``n_with`` (with at least
        one), ``n`` (sum of the known), ``people`` (of the known, where their population is), int64; ``rate`` (a
        thousand people; NaN where nobody's number is known), ``oldest`` (datetime64, oldest day counted).
    """
    parts = []
    groups = [(None, capacities)] if by is None else list(capacities.groupby(by, sort=True))
    for key, rows in groups:
        for kind in KINDS:
            numbers = rows[f"n_{kind}"]
            known = numbers.notna()
            peopled = known & rows["population"].notna()
            people = int(rows.loc[peopled, "population"].sum())
            parts.append({
                **({} if by is None else {by: key}), "capacity": kind, "n_villages": len(rows),
                "n_known": int(known.sum()), "n_with": int((numbers.fillna(0) > 0).sum()),
                "n": int(numbers.fillna(0).sum()), "people": people,
                "rate": PEOPLE * float(numbers[peopled].sum()) / people if people else float("nan"),
                "oldest": rows[f"on_{kind}"].min()})
    columns = [*([] if by is None else [by]), "capacity", "n_villages", "n_known", "n_with", "n", "people", "rate",
               "oldest"]
    return pd.DataFrame(parts, columns=columns)
