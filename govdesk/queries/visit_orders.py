"""Visit orders: which visits this week's list and lot ask for, and how those that were ordered stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pandas as pd
from sqlalchemy import Connection, and_, func, or_, select
from sqlalchemy.orm import aliased

from govdesk.clock import monday_of, week_of
from govdesk.queries.frames import COUNT, DAY, FLAG, INSTANT, MAYBE_COUNT, TEXT, make_frame, read_frame
from govdesk.queries.permission import reads
from govdesk.queries.places import list_places, valid_on
from govdesk.queries.risk_known import list_known
from govdesk.queries.risk_list import read_week_list
from govdesk.queries.scoping import within_area
from govdesk.queries.treated import list_village_visits
from govdesk.queries.visits import read_lot
from govdesk.rules.access import Scope
from govdesk.rules.visit_orders import STATES, Listed, Proposed, choose_owner, propose_orders, state_of
from govdesk.storage.units_off import list_units_off, list_units_off_now
from govdesk.tables import Account, Place, Post, Unit, Visit, VisitOrder
from govdesk.terms import Level, VisitReason

#: Weeks back of which orders that are done or called off are shown; those that wait are shown however old.
WEEKS = 13
#: Days back in which the last contact is looked for.
LAST_DAYS = 730

_READ = {
    "id": COUNT, "place_code": TEXT, "place": TEXT, "week": COUNT, "reason": TEXT, "owner_unit": TEXT, "owner": TEXT,
    "owner_post": TEXT, "owner_post_code": TEXT, "due_on": DAY, "ordered_by": TEXT, "ordered_at": INSTANT,
    "visit_id": MAYBE_COUNT, "visited_on": DAY, "found": TEXT, "called_off_by": TEXT, "called_off_why": TEXT,
    "is_called_off": FLAG,
}
ORDER_TYPES = {**_READ, "state": TEXT, "last_on": DAY, "last_found": TEXT}


@dataclass(frozen=True, slots=True)
class Proposal:
    """What this week's list and lot ask for, ordered already or not.

    Attributes
    ----------
    week : int
    list_of : date or None
        Monday of the list in force; None where nothing was scored. Villages are proposed only from a list of this
        very week.
    items : tuple of Proposed
    """

    week: int
    list_of: date | None
    items: tuple[Proposed, ...]


@reads("view_visits")
def list_orders(connection: Connection, scope: Scope, on: date, weeks: int = WEEKS) -> pd.DataFrame:
    """Return the orders of the villages that the caller may see: late ones first, by the day they are due.

    Parameters
    ----------
    on : date
        Today; decides what is late.
    weeks : int
        Weeks back for what is done or called off.

    Returns
    -------
    DataFrame
        ``id``, ``place_code``, ``place`` (name), ``week``, ``reason``, ``owner_unit``, ``owner`` (its name),
        ``owner_post`` (title; ``owner_post_code``), ``due_on``, ``ordered_by`` (title), ``ordered_at``; ``visit_id``,
        ``visited_on``, ``found`` of the visit that answered; ``called_off_by``, ``called_off_why``, ``is_called_off``;
        ``state`` (`rules.visit_orders.STATES`); ``last_on``, ``last_found``: the last visit for any reason, of an
        order that was answered the last before that.
    """
    orderer, caller = aliased(Account, name="orderer"), aliased(Account, name="caller")
    then = and_(Place.code == VisitOrder.place_code, valid_on(on))
    rows = read_frame(connection, (
        select(VisitOrder.id, VisitOrder.place_code, func.coalesce(Place.name, VisitOrder.place_code), VisitOrder.week,
               VisitOrder.reason, VisitOrder.owner_unit, func.coalesce(Unit.name, VisitOrder.owner_unit),
               func.coalesce(Post.title, VisitOrder.owner_post), VisitOrder.owner_post, VisitOrder.due_on,
               func.coalesce(orderer.title, VisitOrder.ordered_by), VisitOrder.ordered_at, VisitOrder.visit_id,
               Visit.visited_on, Visit.found, func.coalesce(caller.title, VisitOrder.called_off_by),
               VisitOrder.called_off_why, VisitOrder.called_off_at.is_not(None))
        .outerjoin(Place, then).outerjoin(Unit, Unit.code == VisitOrder.owner_unit)
        .outerjoin(Post, Post.code == VisitOrder.owner_post).outerjoin(Visit, Visit.id == VisitOrder.visit_id)
        .outerjoin(orderer, or_(orderer.code == VisitOrder.ordered_by, orderer.post_code == VisitOrder.ordered_by))
        .outerjoin(caller, or_(caller.code == VisitOrder.called_off_by, caller.post_code == VisitOrder.called_off_by))
        .where(within_area(scope, VisitOrder.place_code), or_(
            VisitOrder.week > week_of(on) - weeks,
            and_(VisitOrder.visit_id.is_(None), VisitOrder.called_off_at.is_(None))))
        .order_by(VisitOrder.due_on, VisitOrder.id)), _READ)
    rows = rows.drop_duplicates("id", ignore_index=True)  # two accounts of one post
    rows["state"] = [state_of(due_on=due, is_done=visit is not pd.NA, is_called_off=off, today=on) for due, visit, off
                     in zip(rows["due_on"].dt.date, rows["visit_id"], rows["is_called_off"], strict=True)]
    rows = _add_last(connection, scope, rows, on)
    waits = rows["state"].isin(["late", "open"])
    # What waits longest comes first; of what is over, the newest.
    day = rows["due_on"].astype("int64")
    days = day.where(waits, -day)
    order = rows["state"].map({state: at for at, state in enumerate(STATES)})
    return rows.assign(_at=order, _days=days).sort_values(["_at", "_days", "id"], ignore_index=True).drop(
        columns=["_at", "_days"]).astype({"state": TEXT})


def _add_last(connection: Connection, scope: Scope, orders: pd.DataFrame, on: date) -> pd.DataFrame:
    visits = list_village_visits(connection, scope, on - timedelta(days=LAST_DAYS), on + timedelta(days=1))
    by_place: dict[str, list[tuple[int, pd.Timestamp, str]]] = {}
    for row in visits.itertuples():
        by_place.setdefault(row.place_code, []).append((row.id, row.visited_on, row.found))
    days, results = [], []
    for code, answered in zip(orders["place_code"], orders["visit_id"], strict=True):
        known = by_place.get(code, [])  # by day; before the visit that answered, else all
        at = next((n for n, one in enumerate(known) if answered is not pd.NA and one[0] == answered), len(known))
        before = known[:at]
        days.append(before[-1][1] if before else pd.NaT)
        results.append(before[-1][2] if before else None)
    return orders.assign(last_on=pd.Series(days, index=orders.index, dtype=DAY),
                         last_found=pd.Series(results, index=orders.index, dtype=TEXT))


@reads("view_visits")
def find_order(connection: Connection, scope: Scope, order_id: int, on: date) -> dict[str, object] | None:
    """Return one order as a row of `list_orders`, or None where there is none that the caller may see."""
    rows = list_orders(connection, scope, on)
    rows = rows[rows["id"] == order_id]
    return None if rows.empty else {str(name): value for name, value in rows.iloc[0].items()}


@reads("view_visits")
def list_order_states(connection: Connection, scope: Scope, week: int, on: date) -> pd.DataFrame:
    """Return how the orders of the list of one week stand: ``place_code``, ``state``, ``due_on``, ``visited_on``."""
    rows = list_orders(connection, scope, on, weeks=week_of(on) - week + 1)
    rows = rows[(rows["week"] == week) & (rows["reason"] == VisitReason.ALERT.value)]
    return rows[["id", "place_code", "state", "due_on", "visited_on", "owner"]].reset_index(drop=True)


@reads("order_visits")
def read_proposal(connection: Connection, scope: Scope, on: date, now: datetime, seed: str) -> Proposal:
    """Return the visits that this week's list and lot ask for; what is ordered of them tells `list_ordered`.

    It looks at no order: whoever orders, calls off or answers one does not wait for the list to be read again.

    Parameters
    ----------
    on : date
        Today.
    now : datetime
        Up to which escalations are known that make a visit more urgent.
    seed : str
        That of the lot (`queries.visits.read_lot`).
    """
    week, monday = week_of(on), monday_of(week_of(on))
    list_of, listed = _read_listed(connection, scope, on, now)
    if list_of != monday:
        listed = []
    drawn = read_lot(connection, scope, on, seed).codes
    owners = find_owners(connection, scope, [one.place_code for one in listed] + list(drawn), on)
    items = propose_orders(listed, drawn, owners, monday, on)
    return Proposal(week, list_of, tuple(items))


@reads("view_visits")
def list_ordered(connection: Connection, scope: Scope, week: int) -> frozenset[tuple[str, str]]:
    """Return the villages and reasons for which visits of a week were ordered, called off or not."""
    return frozenset((row.place_code, row.reason) for row in connection.execute(
        select(VisitOrder.place_code, VisitOrder.reason)
        .where(VisitOrder.week == week, within_area(scope, VisitOrder.place_code))))


def _read_listed(
    connection: Connection, scope: Scope, on: date, now: datetime
) -> tuple[date | None, list[Listed]]:
    """Return the Monday of the list in force and its villages, with all that the next step depends on."""
    week = read_week_list(connection, scope, on)
    if week is None:
        return None, []
    rows = week.rows[week.rows["list"].notna()]
    codes = tuple(rows["place_code"])
    news: dict[str, int] = {}
    for item in list_known(connection, scope, codes, week.run.as_of, now):
        if item.kind == "event":
            news[item.place_code] = news.get(item.place_code, 0) + 1
    visits = list_village_visits(connection, scope, on - timedelta(days=LAST_DAYS), on + timedelta(days=1))
    last = dict(zip(visits["place_code"], visits["visited_on"].dt.date, strict=True))
    return week.run.as_of, [
        Listed(code, band if isinstance(band, str) else None, news.get(code, 0), last.get(code))
        for code, band in zip(codes, rows["band"], strict=True)]


@reads("view_visits")
def find_owners(connection: Connection, scope: Scope, codes: Sequence[str], on: date) -> dict[str, str]:
    """Return the unit that a visit to each village falls to; a village is missing where none is registered."""
    units = connection.execute(select(Unit.code, Unit.kind, Unit.place_code).where(
        Unit.kind.in_(["township", "centre"]), Unit.code.not_in(list_units_off(connection, on))).order_by(
            Unit.code.desc())).all()
    governments = {row.place_code: row.code for row in units if row.kind == "township" and row.place_code}
    centre = next((row.code for row in reversed(units) if row.kind == "centre"), None)
    villages = list_places(connection, scope, Level.VILLAGE, on, codes=list(codes))
    found = {code: choose_owner(parent, governments, centre)
             for code, parent in zip(villages["code"], villages["parent_code"], strict=True)}
    return {code: unit for code, unit in found.items() if unit is not None}


@reads("view_visits")
def list_owner_units(connection: Connection, scope: Scope) -> pd.DataFrame:
    """Return the units that a visit may be given to: centre and townships in use, ``code``, ``name``; no department.

    Who was visited because of an alert says who was on the list, and departments do not see it (the police are one).
    """
    del scope  # names of offices
    rows = connection.execute(select(Unit.code, Unit.name).where(
        Unit.kind.in_(["township", "centre"]), Unit.code.not_in(list_units_off_now(connection))).order_by(
            Unit.kind, Unit.code)).all()
    return make_frame(rows, {"code": TEXT, "name": TEXT})
