"""The inboxes of the dispatch board 事件流转: how many incidents wait in each, and a page of one of them.

Both read one index of what is open (``ix_incidents_inbox``), whatever week it occurred in, and nothing but it: a board
of 50,000 open incidents is counted in one walk along it. Everything is asked at an instant and between the instants at
which the bands of time begin (`rules.clock_bands`): a deadline is never compared with a calendar in SQL.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    and_,
    case,
    func,
    literal_column,
    or_,
    select,
    true,
    tuple_,
    type_coerce,
)
from sqlalchemy.orm import aliased

from govdesk.queries.frames import Query
from govdesk.queries.permission import reads
from govdesk.queries.scoping import visible_incidents, within_reach
from govdesk.rules.access import Scope
from govdesk.rules.clock_bands import Cuts
from govdesk.tables import Incident, PlaceAncestor, Step
from govdesk.terms import Role, Status, StepKind

#: Rows of one page.
PAGE_ROWS = 50
#: Severity of an incident without one, for sorting: after all that have one.
_NO_SEVERITY = 9


class Inbox(StrEnum):
    """What somebody has to do; an incident may lie in several. In the order of the board."""

    LATE = "late"
    TRIAGE = "triage"
    ACCEPT = "accept"
    IN_HAND = "in_hand"
    SOON = "soon"
    PAUSED = "paused"
    EXTENSION = "extension"
    REOPENED = "reopened"
    #: What is closed; `queries.revisits_due` counts and lists it.
    REVISIT = "revisit"


_IN_HAND = (Status.ACCEPTED.value, Status.ANSWERED.value, Status.PAUSED.value)
#: Written out, not bound: the engines take a partial index only for the very condition it was made with.
_OPEN_ONLY = Incident.status != literal_column("'closed'")
_PLACE: ColumnElement[str] = Incident.place_code + ""
_ASK_EXTEND: ColumnElement[str] = literal_column("'ask_extend'")
_OPEN = tuple(status.value for status in Status if status is not Status.CLOSED)
#: Decides about an extension that was asked for, or takes the incident out of the hands of who asked
#: (`queries.standing` reads one incident by the same rule).
_DECIDES = (StepKind.EXTEND.value, StepKind.DENY_EXTEND.value, StepKind.DISPATCH.value, StepKind.RETURN.value,
            StepKind.ANSWER.value, StepKind.CLOSE.value, StepKind.REOPEN.value)


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """What of the open incidents is looked at; None means all.

    Attributes
    ----------
    stream, place_code, unit_code : str or None
        Stream, place (of any level, in the week of the incident), handling unit.
    severity : int or None
        1 highest … 4 lowest.
    """

    stream: str | None = None
    place_code: str | None = None
    unit_code: str | None = None
    severity: int | None = None


@dataclass(frozen=True, slots=True)
class InboxCounts:
    """Sums of weights: what waits in each inbox, all that is open, and of what is due soon how near.

    Attributes
    ----------
    counts : mapping of Inbox to int
        Of what is open: all inboxes but `Inbox.REVISIT`.
    n_open : int
        Everything open that the caller has to do with, corrections netted.
    n_orange, n_yellow : int
        Of `Inbox.SOON`: less than one and less than three working days left (`rules.clock_bands`).
    n_no_due : int
        Open, not paused, and without a deadline: neither late nor in time.
    """

    counts: dict[Inbox, int]
    n_open: int
    n_orange: int
    n_yellow: int
    n_no_due: int


@dataclass(frozen=True, slots=True, order=True)
class PageKey:
    """Where a page ends: band, severity, report (UTC seconds) and number of its last row."""

    band: int
    severity: int
    reported_at: int
    incident_id: int


@dataclass(frozen=True, slots=True)
class InboxPage:
    """Numbers of the incidents of one page, most pressing first; `after` asks for the next one, None at the end."""

    ids: tuple[int, ...]
    after: PageKey | None


@reads("view_board", "view_wall")
def count_inboxes(connection: Connection, scope: Scope, filters: BoardFilter, cuts: Cuts) -> InboxCounts:
    """Return what waits in each inbox of the caller at ``cuts.now``.

    A department counts what it handles, a township its area and what it handles elsewhere, the others everything;
    whoever belongs to a unit has only its own to accept. What concerns the caller's unit is in no count
    (`scoping.visible_incidents`).
    """
    weight, due = Incident.weight, type_coerce(Incident.due_at, BigInteger)
    now, orange, yellow = (int(at.timestamp()) for at in (cuts.now, cuts.orange_until, cuts.yellow_until))
    own = true() if scope.unit_code is None else Incident.handling_unit == scope.unit_code
    rows = connection.execute(
        select(Incident.status, func.sum(weight), func.sum(case((due < now, weight), else_=0)),
               func.sum(case((due < orange, weight), else_=0)), func.sum(case((due < yellow, weight), else_=0)),
               func.sum(case((own, weight), else_=0)), func.sum(case((due.is_(None), weight), else_=0)),
               func.sum(case((Incident.n_reopened > 0, weight), else_=0)))
        .where(_is_open(scope, filters)).group_by(Incident.status)).all()
    found = {row[0]: [int(value or 0) for value in row[1:]] for row in rows}

    def add(column: int, *statuses: str) -> int:
        return sum(found[status][column] for status in statuses if status in found)

    running = tuple(status for status in _OPEN if status != Status.PAUSED)
    late, until_orange, until_yellow = (add(column, *running) for column in (1, 2, 3))
    counts = {
        Inbox.LATE: late, Inbox.TRIAGE: add(0, Status.REPORTED), Inbox.ACCEPT: add(4, Status.DISPATCHED),
        Inbox.IN_HAND: add(0, *_IN_HAND), Inbox.SOON: until_yellow - late, Inbox.PAUSED: add(0, Status.PAUSED),
        Inbox.EXTENSION: _sum_waiting(connection, scope, filters), Inbox.REOPENED: add(6, *_OPEN),
    }
    return InboxCounts(counts, add(0, *_OPEN), until_orange - late, until_yellow - until_orange, add(5, *running))


@reads("view_board", "view_wall")
def list_inbox(
    connection: Connection, scope: Scope, filters: BoardFilter, cuts: Cuts, inbox: Inbox,
    after: PageKey | None = None, limit: int = PAGE_ROWS,
) -> InboxPage:
    """Return one page of an inbox of what is open: the band of time first, then severity, then the oldest report.

    Corrections (weight −1) are in the counts, and no row of the list: nobody has to do anything about them.

    Parameters
    ----------
    after : PageKey, optional
        Of the page before; pages are found by key, never by counting rows off.
    """
    keys = _sort_keys(cuts)
    statement = select(Incident.id, *keys[:3]).where(
        _is_open(scope, filters), _lies_in(inbox, scope, cuts), Incident.weight == 1)
    if after is not None:
        statement = statement.where(
            tuple_(*keys) > tuple_(after.band, after.severity, after.reported_at, after.incident_id))
    rows = connection.execute(statement.order_by(*keys).limit(limit + 1)).all()
    last = rows[limit - 1] if len(rows) > limit else None
    return InboxPage(tuple(row[0] for row in rows[:limit]),
                     None if last is None else PageKey(int(last[1]), int(last[2]), int(last[3]), int(last[0])))


def _sort_keys(cuts: Cuts) -> tuple[Any, ...]:
    due = type_coerce(Incident.due_at, BigInteger)
    now, orange, yellow = (int(at.timestamp()) for at in (cuts.now, cuts.orange_until, cuts.yellow_until))
    band = case((due < now, 0), (due < orange, 1), (due < yellow, 2), else_=3)
    return (band, func.coalesce(Incident.severity, _NO_SEVERITY), type_coerce(Incident.reported_at, BigInteger),
            Incident.id)


def _is_open(scope: Scope, filters: BoardFilter) -> ColumnElement[bool]:
    """Return the condition that an incident is open, counted, the caller's to handle, and what is looked for."""
    # Area and counting are said so that no other index is taken for them: those lead to all that was ever closed, row
    # by row (2 to 10 times the whole time of a page).
    conditions = [_OPEN_ONLY, Incident.is_counted + 0 == 1, visible_incidents(replace(scope, area_code=None)),
                  within_reach(scope, _PLACE)]
    if scope.role is Role.DEPARTMENT:
        conditions.append(Incident.handling_unit == scope.unit_code)
    if filters.stream is not None:
        conditions.append(Incident.stream == filters.stream)
    if filters.unit_code is not None:
        conditions.append(Incident.handling_unit == filters.unit_code)
    if filters.severity is not None:
        conditions.append(Incident.severity == filters.severity)
    if filters.place_code is not None:
        conditions.append(_lay_in(filters.place_code))
    return and_(*conditions)


def _lay_in(place_code: str) -> ColumnElement[bool]:
    """Return the condition that an incident lay in a place in its own week; said twice, the list of codes is quick."""
    inside = aliased(PlaceAncestor, name="inside")
    then = select(inside.code).where(
        inside.ancestor_code == place_code, inside.code == Incident.place_code,
        inside.week_from <= Incident.week_occurred, inside.week_to > Incident.week_occurred)
    codes = select(PlaceAncestor.code).where(PlaceAncestor.ancestor_code == place_code)
    return and_(_PLACE.in_(codes), then.correlate(Incident).exists())


def _lies_in(inbox: Inbox, scope: Scope, cuts: Cuts) -> ColumnElement[bool]:
    due = type_coerce(Incident.due_at, BigInteger)
    now, yellow = int(cuts.now.timestamp()), int(cuts.yellow_until.timestamp())
    running = Incident.status != Status.PAUSED.value
    own = true() if scope.unit_code is None else Incident.handling_unit == scope.unit_code
    conditions: dict[Inbox, ColumnElement[bool]] = {
        Inbox.LATE: and_(running, due < now),
        Inbox.SOON: and_(running, due >= now, due < yellow),
        Inbox.TRIAGE: Incident.status == Status.REPORTED.value,
        Inbox.ACCEPT: and_(Incident.status == Status.DISPATCHED.value, own),
        Inbox.IN_HAND: Incident.status.in_(_IN_HAND),
        Inbox.PAUSED: Incident.status == Status.PAUSED.value,
        Inbox.REOPENED: Incident.n_reopened > 0,
        Inbox.EXTENSION: Incident.id.in_(_waiting()),
    }
    return conditions[inbox]


def _waiting() -> Query:
    """Return the numbers of the incidents whose last word about an extension is that it was asked for."""
    asked, later = aliased(Step, name="asked"), aliased(Step, name="later")
    decided = select(later.id).where(
        later.incident_id == asked.incident_id, later.kind.in_(_DECIDES), later.is_withdrawn.is_(False),
        or_(later.occurred_at > asked.occurred_at,
            and_(later.occurred_at == asked.occurred_at, later.id > asked.id)))
    return select(asked.incident_id).where(
        asked.kind == _ASK_EXTEND, asked.is_withdrawn.is_(False), ~decided.exists())


def _sum_waiting(connection: Connection, scope: Scope, filters: BoardFilter) -> int:
    """Return the sum of the extensions to be decided; apart, for few rows of an index of their own lead to them."""
    statement = select(func.sum(Incident.weight)).where(_is_open(scope, filters), Incident.id.in_(_waiting()))
    return int(connection.scalar(statement) or 0)
