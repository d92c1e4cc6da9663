"""Reads of calls 乡呼县应: who was called, which hops were taken when, what is still waited for."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, false, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from govdesk.queries.permission import reads
from govdesk.queries.scoping import not_about, visible_incidents, within_area
from govdesk.queries.surroundings import name_place
from govdesk.rules.access import Scope, allows
from govdesk.rules.calls import find_expected
from govdesk.tables import Account, Call, CallStep, Incident, Place, PlaceAncestor, Post, Unit
from govdesk.terms import CallHop, Level, Role

#: Calls listed at once; more than these are never open together.
MOST_CALLS = 200
#: Roles that see the calls of their area (the whole database where they have none).
_SEES_AREA = frozenset({Role.LEADER, Role.CENTRE, Role.TOWNSHIP, Role.ADMIN, Role.WALL})


@dataclass(frozen=True, slots=True)
class Hop:
    """One hop that was taken: `due_at` is until when the next one is expected, `post` the title of who took it."""

    hop: str
    at: datetime
    due_at: datetime | None
    post: str
    note: str | None


@dataclass(frozen=True, slots=True)
class CalledUnit:
    """One unit of a call with its hops, in the order they were taken."""

    code: str
    name: str
    is_lead: bool
    hops: tuple[Hop, ...]

    @property
    def taken(self) -> tuple[str, ...]:
        """The hops taken so far."""
        return tuple(one.hop for one in self.hops)

    @property
    def expected(self) -> CallHop | None:
        """The hop that is waited for; None when it has answered or was released."""
        return find_expected(self.taken)

    @property
    def due_at(self) -> datetime | None:
        """Until when it is expected."""
        return self.hops[-1].due_at if self.expected else None

    def find(self, hop: CallHop) -> Hop | None:
        """Return one hop, or None while it was not taken."""
        return next((one for one in self.hops if one.hop == hop), None)


@dataclass(frozen=True, slots=True)
class CallFacts:
    """One call with its units, the lead first; instants aware UTC; `post` and `ended_by` are titles.

    `is_in_area` says whether its place lies in the reader's area. `category`, `note` and the notes of hops are None
    for a wall, which reads the township instead of the place.
    """

    id: int
    place_code: str
    place_name: str | None
    township_name: str | None
    incident_id: int | None
    incident_ref: str | None
    category: str | None
    severity: int
    note: str | None
    called_at: datetime
    post: str
    ended_at: datetime | None
    outcome: str | None
    ended_by: str | None
    is_in_area: bool
    units: tuple[CalledUnit, ...]

    @property
    def is_joint(self) -> bool:
        """Whether several units handle it together 联合会诊."""
        return len(self.units) > 1


@dataclass(frozen=True, slots=True)
class WaitingHop:
    """One unit that owes a hop, as `list_waiting` gives it.

    Attributes
    ----------
    call_id, severity : int
        Severity 1 (highest) to 4.
    where : str
        Name of the place; of the township for a wall.
    category : str or None
        Category code; None for a wall.
    unit_code, unit_name : str
        Who is waited for.
    is_lead : bool
        It leads the call.
    hop : CallHop
        What is waited for: `REPORT_IN` means that the call is not accepted yet.
    since : datetime
        Time of the hop before.
    due_at : datetime or None
        Until when it was expected.
    is_late : bool
        `due_at` has passed.
    """

    call_id: int
    severity: int
    where: str
    category: str | None
    unit_code: str
    unit_name: str
    is_lead: bool
    hop: CallHop
    since: datetime
    due_at: datetime | None
    is_late: bool


def visible_calls(scope: Scope) -> ColumnElement[bool]:
    """Return the condition that a call may be seen.

    A township, leader, centre, administrator and wall see those of their area; every account with a unit sees those
    that call its unit. A call about an incident that concerns the caller's unit, or one that this belongs to, is
    hidden from it everywhere, as recorded when it was called and as recorded of the incident now.
    """
    if not allows(scope, "view_calls"):
        return false()
    seen: list[ColumnElement[bool]] = [within_area(scope, Call.place_code)] if scope.role in _SEES_AREA else []
    if scope.unit_code is None:
        return seen[0] if seen else false()
    seen.append(Call.id.in_(select(CallStep.call_id).where(CallStep.unit_code == scope.unit_code)))
    about_us = Call.incident_id.in_(select(Incident.id).where(~not_about(scope, Incident.concerns_unit)))
    return and_(or_(*seen), not_about(scope, Call.concerns_unit), or_(Call.incident_id.is_(None), ~about_us))


@reads("view_calls")
def list_calls(
    connection: Connection, scope: Scope, *, is_open: bool, since: datetime | None = None,
    incident_id: int | None = None, limit: int = MOST_CALLS,
) -> tuple[CallFacts, ...]:
    """Return calls that go on, the highest severity and then the oldest first, or that have ended, newest first.

    Parameters
    ----------
    since : datetime, optional
        Keeps what was called then or later.
    incident_id : int, optional
        Keeps the calls about one incident.
    """
    chosen = [visible_calls(scope), Call.ended_at.is_(None) if is_open else Call.ended_at.is_not(None)]
    if since is not None:
        chosen.append(Call.called_at >= since)
    if incident_id is not None:
        chosen.append(Call.incident_id == incident_id)
    order = (Call.severity, Call.called_at, Call.id) if is_open else (Call.ended_at.desc(), Call.id.desc())
    return _read(connection, scope, and_(*chosen), order, limit)


@reads("view_calls")
def get_call(connection: Connection, scope: Scope, call_id: int) -> CallFacts | None:
    """Return one call; None when there is none that the caller may see."""
    found = _read(connection, scope, and_(visible_calls(scope), Call.id == call_id), (Call.id,), 1)
    return found[0] if found else None


@reads("view_calls")
def list_waiting(connection: Connection, scope: Scope, now: datetime) -> tuple[WaitingHop, ...]:
    """Return every unit that owes a hop of a call that goes on: late ones first, then what is due soonest.

    For a wall on which anybody looks, ask with ``replace(scope, role=Role.WALL)``: townships instead of places, no
    category. ``hop == CallHop.REPORT_IN`` is a call that its unit has not accepted yet: it interrupts a wall.

    Parameters
    ----------
    now : datetime
        Aware; decides `WaitingHop.is_late`.
    """
    found = [
        WaitingHop(
            call.id, call.severity, call.place_name or call.place_code, call.category, unit.code, unit.name,
            unit.is_lead, unit.expected, unit.hops[-1].at, unit.due_at, unit.due_at is not None and unit.due_at < now)
        for call in list_calls(connection, scope, is_open=True) for unit in call.units if unit.expected is not None
    ]
    last = now + timedelta(days=36_500)
    return tuple(sorted(found, key=lambda one: (
        not one.is_late, one.due_at or last, one.severity, one.call_id, one.unit_code)))


def name_post(code: InstrumentedAttribute[Any]) -> Any:
    """Return the title of the post, or of the account, that `code` names."""
    post = select(Post.title).where(Post.code == code).scalar_subquery()
    account = select(Account.title).where(Account.code == code).scalar_subquery()
    return func.coalesce(post, account, code)


def name_township(table: Any) -> Any:
    """Return the name of the township that a row's place lies in now, or lay in last."""
    around = (
        select(PlaceAncestor.ancestor_code)
        .where(PlaceAncestor.code == table.place_code, PlaceAncestor.ancestor_level == Level.TOWNSHIP)
        .order_by(PlaceAncestor.week_to.desc()).limit(1).correlate(table).scalar_subquery())
    return (
        select(Place.name).where(Place.code == around).order_by(Place.valid_from.desc()).limit(1).scalar_subquery())


def _read(
    connection: Connection, scope: Scope, condition: ColumnElement[bool], order: tuple[Any, ...], limit: int
) -> tuple[CallFacts, ...]:
    # The number of an incident is named to those who may open it.
    number = and_(Incident.id == Call.incident_id, visible_incidents(scope) if scope.role != Role.WALL else true())
    rows = connection.execute(
        select(
            Call.id, Call.place_code, name_place(Call.place_code).label("place_name"),
            name_township(Call).label("township_name"), Incident.id.label("incident_id"),
            Incident.source_ref.label("incident_ref"), Call.category, Call.severity, Call.note, Call.called_at,
            name_post(Call.by_post).label("post"), Call.ended_at, Call.outcome,
            name_post(Call.ended_by).label("ended_by"), within_area(scope, Call.place_code).label("is_in_area"))
        .select_from(Call).outerjoin(Incident, number).where(condition).order_by(*order).limit(limit)).all()
    units = _read_units(connection, [row.id for row in rows])
    found = tuple(
        CallFacts(**{**row._mapping, "is_in_area": bool(row.is_in_area)}, units=units.get(row.id, ())) for row in rows)
    return tuple(map(_for_wall, found)) if scope.role == Role.WALL else found


def _read_units(connection: Connection, calls: list[int]) -> dict[int, tuple[CalledUnit, ...]]:
    """Return the units of calls, the lead first, then in the order they were called."""
    if not calls:
        return {}
    rows = connection.execute(
        select(CallStep.call_id, CallStep.unit_code, func.coalesce(Unit.name, CallStep.unit_code).label("name"),
               CallStep.is_lead, CallStep.hop, CallStep.at, CallStep.due_at, name_post(CallStep.by_post).label("post"),
               CallStep.note)
        .outerjoin(Unit, Unit.code == CallStep.unit_code)
        .where(CallStep.call_id.in_(calls)).order_by(CallStep.id))
    hops: dict[tuple[int, str, str], list[Hop]] = defaultdict(list)
    leads: set[tuple[int, str]] = set()
    for row in rows:
        hops[row.call_id, row.unit_code, row.name].append(Hop(row.hop, row.at, row.due_at, row.post, row.note))
        if row.is_lead:
            leads.add((row.call_id, row.unit_code))
    found: dict[int, list[CalledUnit]] = defaultdict(list)
    for (call_id, code, name), taken in hops.items():
        found[call_id].append(CalledUnit(code, name, (call_id, code) in leads, tuple(taken)))
    return {call_id: tuple(sorted(units, key=lambda unit: not unit.is_lead)) for call_id, units in found.items()}


def _for_wall(call: CallFacts) -> CallFacts:
    """Return a call as a wall may show it: no texts, no category, no number, the township instead of the place."""
    units = tuple(replace(unit, hops=tuple(replace(hop, note=None) for hop in unit.hops)) for unit in call.units)
    return replace(call, place_name=call.township_name or call.place_name, category=None, note=None,
                   incident_id=None, incident_ref=None, units=units)
