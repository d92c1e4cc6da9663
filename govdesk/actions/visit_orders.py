"""Orders visits to villages, changes and calls them off, and ties a recorded visit to what was ordered.

An order is written once for a village, a week and a reason: two people who confirm the same proposal write one set of
orders, and the second is told whose it is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Engine, insert, select, update

from govdesk.actions.acting import Act, acting
from govdesk.actions.turns import take_turn
from govdesk.actions.visit_order_checks import (
    Item,
    OrderRefusedError,
    check_items,
    check_owner,
    latest_day,
    name_post,
    read_open,
)
from govdesk.clock import monday_of, now, today, week_of
from govdesk.ingest.masking import mask, strip_hidden
from govdesk.queries.standing import find_post
from govdesk.rules.access import Scope, require
from govdesk.rules.record_checks import LONGEST_SUMMARY, problem
from govdesk.rules.visit_orders import answers
from govdesk.storage.versions import LOOP, bump
from govdesk.tables import PlaceAncestor, RiskScore, Visit, VisitOrder
from govdesk.terms import Level, VisitReason

ACTION = "order_visits"


@dataclass(frozen=True, slots=True)
class VisitsOrdered:
    """What was written: new orders, and those that existed already, with who ordered the last of them (title)."""

    n_new: int
    n_existing: int = 0
    existing_by: str | None = None


def order_visits(engine: Engine, *, by: Scope, week: int, items: Sequence[Item]) -> VisitsOrdered:
    """Order visits of this week's list and lot, each once.

    Parameters
    ----------
    week : int
        The present week (`clock.week_of`): nothing is ordered for a week that is over or has not begun.
    items : sequence of Item
        Villages of the list in force with the reason ``alert``; villages of the lot with ``sample``: all of those that
        are not ordered yet, or none, for nobody chooses among them.

    Raises
    ------
    OrderRefusedError
        When something is to be corrected; nothing is ordered then.
    RefusedError
        When the caller may not do this.
    """
    require(by, ACTION)
    with acting(engine, by=by, action=ACTION, changes=(LOOP,)) as act:
        connection = act.connection
        take_turn(connection)
        existing = {(row.place_code, row.reason): row for row in connection.execute(
            select(VisitOrder.place_code, VisitOrder.reason, VisitOrder.ordered_by)
            .where(VisitOrder.week == week).order_by(VisitOrder.id))}
        new = [one for one in dict.fromkeys(items) if (one.place_code, one.reason) not in existing]
        sampled = {code for code, reason in existing if reason == VisitReason.SAMPLE}
        problems = check_items(connection, by, week, new, sampled)
        if problems:
            raise OrderRefusedError(problems)
        post = find_post(connection, by)
        n_new = _insert(connection, week, new, post)
        _tie_earlier(act, week)
        known = [existing[key] for one in items if (key := (one.place_code, one.reason)) in existing]
        act.audit("visit_orders", week, n_new=n_new, n_existing=len(known),
                  places=[f"{one.place_code} {one.reason} {one.owner_unit} {one.due_on}" for one in new])
        return VisitsOrdered(n_new, len(known), name_post(connection, known[-1].ordered_by) if known else None)


def call_off(engine: Engine, *, by: Scope, order_id: int, why: str) -> bool:
    """Call an order off with a reason; a village of the lot stays among those drawn and not visited.

    Returns
    -------
    bool
        Whether numbers of persons were masked in the reason.

    Raises
    ------
    OrderRefusedError
        Without a reason, or when the order was answered or called off already (by whom is told).
    RefusedError
        When the caller may not do this.
    """
    require(by, ACTION)
    reason = why.strip()
    if not reason or len(reason) > LONGEST_SUMMARY:
        key = "too_long" if reason else "missing"
        raise OrderRefusedError([problem(key, "why", most=LONGEST_SUMMARY, n=len(reason))])
    with acting(engine, by=by, action=ACTION, changes=(LOOP,)) as act:
        read_open(act.connection, by, order_id)
        kept, is_masked = mask(strip_hidden(reason))
        act.connection.execute(update(VisitOrder).where(VisitOrder.id == order_id).values(
            called_off_by=find_post(act.connection, by), called_off_at=now(), called_off_why=kept))
        act.audit("visit_orders", order_id, called_off=True)
        return bool(is_masked)


def change_order(
    engine: Engine, *, by: Scope, order_id: int, owner_unit: str | None, owner_post: str | None, due_on: date | None
) -> None:
    """Give an open order to another unit or post, or another day; the audit keeps what it was.

    Raises
    ------
    OrderRefusedError
        When unit, post or day cannot be, or the order was answered or called off already.
    RefusedError
        When the caller may not do this.
    """
    require(by, ACTION)
    with acting(engine, by=by, action=ACTION, changes=(LOOP,)) as act:
        order = read_open(act.connection, by, order_id)
        problems = check_owner(act.connection, owner_unit, owner_post, "")
        if due_on is None or not today() <= due_on <= latest_day(week_of(today())):
            problems.append(problem("order_day", "due_on", day=due_on or "", today=today(),
                                    latest=latest_day(week_of(today()))))
        if problems:
            raise OrderRefusedError(problems)
        act.connection.execute(update(VisitOrder).where(VisitOrder.id == order_id).values(
            owner_unit=owner_unit, owner_post=owner_post, due_on=due_on))
        act.audit("visit_orders", order_id, was=f"{order.owner_unit} {order.owner_post or ''} {order.due_on}",
                  now=f"{owner_unit} {owner_post or ''} {due_on}")


def tie_visit(act: Act, visit_id: int, *, place_code: str, reason: str, visited_on: date) -> int:
    """Let a visit that is being recorded answer the open orders of its village and reason; return how many."""
    codes = [place_code, *act.connection.scalars(select(PlaceAncestor.ancestor_code).where(
        PlaceAncestor.code == place_code, PlaceAncestor.ancestor_level == Level.VILLAGE.value,
        PlaceAncestor.week_from <= week_of(visited_on), PlaceAncestor.week_to > week_of(visited_on)))]
    waiting = act.connection.execute(
        select(VisitOrder.id, VisitOrder.week, VisitOrder.reason)
        .where(VisitOrder.place_code.in_(codes), VisitOrder.visit_id.is_(None), VisitOrder.called_off_at.is_(None))
    ).all()
    tied = [row.id for row in waiting
            if answers(week=row.week, reason=row.reason, visited_on=visited_on, visit_reason=reason)]
    if tied:
        act.connection.execute(update(VisitOrder).where(
            VisitOrder.id.in_(tied), VisitOrder.visit_id.is_(None)).values(visit_id=visit_id))
        act.audit("visit_orders", visit_id, answered=tied)
        bump(act.connection, LOOP)
    return len(tied)


def _insert(connection: Connection, week: int, items: Iterable[Item], post: str) -> int:
    """Write orders; nobody else can have written them in between (`actions.turns`). Return how many."""
    at = now()
    rows = [{"place_code": one.place_code, "week": week, "reason": one.reason, "owner_unit": one.owner_unit,
             "owner_post": one.owner_post, "due_on": one.due_on, "ordered_by": post, "ordered_at": at,
             "risk_score_id": _find_score(connection, one)} for one in items]
    if rows:
        connection.execute(insert(VisitOrder), rows)
    return len(rows)


def _find_score(connection: Connection, item: Item) -> int | None:
    if item.reason != VisitReason.ALERT:
        return None
    return connection.scalar(select(RiskScore.id).where(RiskScore.place_code == item.place_code)
                             .order_by(RiskScore.id.desc()).limit(1))


def _tie_earlier(act: Act, week: int) -> None:
    """Let visits that were recorded since Monday, before they were ordered, answer the orders of the week."""
    visits = act.connection.execute(
        select(Visit.id, Visit.place_code, Visit.reason, Visit.visited_on)
        .where(Visit.visited_on >= monday_of(week), Visit.reason.in_([VisitReason.ALERT, VisitReason.SAMPLE]))
        .order_by(Visit.visited_on, Visit.id)).all()
    for one in visits:
        tie_visit(act, one.id, place_code=one.place_code, reason=one.reason, visited_on=one.visited_on)
