"""What keeps an order of a visit, or a change of one, from being written; and the visit that an order asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from govdesk.clock import monday_of, today, week_of
from govdesk.queries.risk_list import list_in_force
from govdesk.queries.visits import lot_seed, read_lot
from govdesk.rules.access import Scope
from govdesk.rules.record_checks import FormRefusedError, Problem, problem
from govdesk.rules.visit_orders import LATEST_DAYS
from govdesk.storage.properties import read_properties
from govdesk.storage.units_off import is_off
from govdesk.tables import Account, Place, PlaceAncestor, Post, Unit, Visit, VisitOrder
from govdesk.terms import VisitReason

#: Kinds of unit that a visit may be given to; never a department (`queries.visit_orders.list_owner_units`).
OWNER_KINDS = ("township", "centre")


class OrderRefusedError(FormRefusedError):
    """Nothing was ordered or changed; `problems` say what to correct."""


@dataclass(frozen=True, slots=True)
class Item:
    """One visit to order; `owner_post` may be left open."""

    place_code: str
    reason: str
    owner_unit: str | None
    owner_post: str | None
    due_on: date


def latest_day(week: int) -> date:
    """Return the last day that an order of a week may fall due."""
    return monday_of(week) + timedelta(days=LATEST_DAYS)


def check_items(
    connection: Connection, by: Scope, week: int, items: Sequence[Item], sampled: set[str]
) -> list[Problem]:
    """Return what is wrong with new orders; `sampled` are the villages of the lot that are ordered already."""
    if week != week_of(today()):
        return [problem("order_week", "week")]
    on, seed = today(), lot_seed(read_properties(connection))
    allowed = {VisitReason.ALERT.value: set(list_in_force(connection, by, on)),
               VisitReason.SAMPLE.value: set(read_lot(connection, by, on, seed).codes) - sampled}
    names = dict(connection.execute(select(Place.code, Place.name).where(
        Place.code.in_([one.place_code for one in items])).order_by(Place.valid_from)).all())
    found: list[Problem] = []
    for one in items:
        name = names.get(one.place_code, one.place_code)
        if one.place_code not in allowed.get(one.reason, ()):
            found.append(problem("order_not_listed", "place", called=name))
        found += check_owner(connection, one.owner_unit, one.owner_post, name)
        if not on <= one.due_on <= latest_day(week):
            found.append(problem("order_day", "due_on", day=one.due_on, today=on, latest=latest_day(week)))
    drawn = {one.place_code for one in items if one.reason == VisitReason.SAMPLE}
    if drawn and drawn != allowed[VisitReason.SAMPLE]:
        found.append(problem("order_lot_whole", "reason", n=len(allowed[VisitReason.SAMPLE])))
    return found


def check_owner(connection: Connection, unit: str | None, post: str | None, called: str) -> list[Problem]:
    """Return what is wrong with whom a visit is given to."""
    if not unit:
        return [problem("order_no_owner", "owner", called=called)]
    if connection.scalar(select(Unit.kind).where(Unit.code == unit)) not in OWNER_KINDS:
        return [problem("order_owner", "owner", called=called)]
    if is_off(connection, unit, today()):
        return [problem("order_owner_off", "owner", called=called)]
    if post and connection.scalar(select(Post.unit_code).where(Post.code == post)) != unit:
        return [problem("order_post", "owner", called=called)]
    return []


def check_order(
    connection: Connection, by: Scope, order_id: int, place_code: str | None, reason: str | None,
    visited_on: date | None,
) -> list[Problem]:
    """Return what keeps a visit from being the one that an order asks for."""
    order = connection.execute(select(VisitOrder.__table__).where(VisitOrder.id == order_id)).first()
    if order is None or not _is_seen(connection, by, order.place_code):
        return [problem("order_gone", "order")]
    if order.visit_id is not None or order.called_off_at is not None:
        return [_tell_taken(connection, order)]
    found = []
    if reason and reason != order.reason:
        found.append(problem("order_reason", "reason"))
    if place_code and order.place_code != place_code and connection.scalar(select(PlaceAncestor.code).where(
            PlaceAncestor.code == place_code, PlaceAncestor.ancestor_code == order.place_code).limit(1)) is None:
        found.append(problem("order_place", "place"))
    if visited_on and visited_on < monday_of(order.week):
        found.append(problem("order_before", "visited_on", day=visited_on, monday=monday_of(order.week)))
    return found


def read_open(connection: Connection, by: Scope, order_id: int) -> Row[Any]:
    """Return an order that waits, held until the end of the transaction.

    Raises
    ------
    OrderRefusedError
        When there is none, or somebody was there before.
    """
    order = connection.execute(
        select(VisitOrder.__table__).where(VisitOrder.id == order_id).with_for_update()).first()
    if order is None or not _is_seen(connection, by, order.place_code):
        raise OrderRefusedError([problem("order_gone", "order")])
    if order.visit_id is not None or order.called_off_at is not None:
        raise OrderRefusedError([_tell_taken(connection, order)])
    return order


def _is_seen(connection: Connection, by: Scope, place_code: str) -> bool:
    return by.area_code is None or connection.scalar(select(PlaceAncestor.code).where(
        PlaceAncestor.code == place_code, PlaceAncestor.ancestor_code == by.area_code).limit(1)) is not None


def _tell_taken(connection: Connection, order: Row[Any]) -> Problem:
    """Say what an order was closed by: a visit on a day, or somebody who called it off."""
    visit = connection.execute(select(Visit.visited_on, Visit.by_post).where(Visit.id == order.visit_id)).first()
    if visit is not None:
        return problem("order_done", "order", day=visit.visited_on, by=name_post(connection, visit.by_post))
    return problem("order_called_off", "order", by=name_post(connection, order.called_off_by))


def name_post(connection: Connection, post: str | None) -> str:
    """Return the title of what an act was signed with."""
    return (connection.scalar(select(Post.title).where(Post.code == post))
            or connection.scalar(select(Account.title).where(Account.code == post)) or post or "")
