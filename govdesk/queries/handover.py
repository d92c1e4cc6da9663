"""Reads what a shift hands over 交接班: what it is now, and what was handed over before, as it was."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Connection,
    and_,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
    type_coerce,
    union_all,
)

from govdesk.clock import local_day
from govdesk.queries.calls import list_waiting, name_post, name_township, visible_calls
from govdesk.queries.freshness import read_data_as_of
from govdesk.queries.permission import reads
from govdesk.queries.scoping import handled_incidents, not_about, visible_incidents, within_area, within_reach
from govdesk.queries.surroundings import name_place
from govdesk.rules.access import Scope, allows
from govdesk.rules.handover import (
    FIRST_SPAN,
    LISTS,
    MOST_ROWS,
    SOON,
    HandoverFacts,
    Listed,
    Named,
    hide_units,
    read_facts,
)
from govdesk.tables import Call, Handover, HandoverNote, ImportBatch, Incident, Unit, VisitOrder
from govdesk.terms import Status

#: Earlier handovers shown.
MOST_HANDOVERS = 14


@dataclass(frozen=True, slots=True)
class Note:
    """A remark on one thing; `post` is the title of who left it."""

    id: int
    subject: str
    subject_id: int | None
    note: str
    post: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Signed:
    """One handover: frozen facts, titles of the posts; `in_post` None while nobody signed for it.

    `out_by` is the post (or account) itself, to be compared with.
    """

    id: int
    from_at: datetime
    to_at: datetime
    out_by: str
    out_post: str
    out_at: datetime
    in_post: str | None
    in_at: datetime | None
    remark: str | None
    facts: HandoverFacts
    notes: tuple[Note, ...]


def of_area(scope: Scope, area_code: Any) -> ColumnElement[bool]:
    """Return the condition that a handover, or a note, belongs to the caller's own area: each has its own."""
    condition: ColumnElement[bool] = (
        area_code.is_(None) if scope.area_code is None else area_code == scope.area_code)
    return condition


@reads("view_handover")
def find_last(connection: Connection, scope: Scope) -> tuple[int | None, datetime | None]:
    """Return number and time of the last handover of the area; (None, None) before the first."""
    row = connection.execute(
        select(Handover.id, Handover.to_at).where(of_area(scope, Handover.area_code))
        .order_by(Handover.id.desc()).limit(1)).first()
    return (None, None) if row is None else (row.id, row.to_at)


@reads("view_handover")
def find_from(connection: Connection, scope: Scope, now: datetime) -> datetime:
    """Return since when the next handover looks back: the last one, or `FIRST_SPAN` before now."""
    return find_last(connection, scope)[1] or now - FIRST_SPAN


@reads("view_handover")
def read_handover_facts(connection: Connection, scope: Scope, from_at: datetime, now: datetime) -> HandoverFacts:
    """Return what the next shift must know.

    Parameters
    ----------
    from_at, now : datetime
        Aware; what came in is counted from `from_at` to before `now`.

    Notes
    -----
    Counts are sums of weights of counted incidents. Overdue and due are those whose clock runs: a paused incident is
    in its own list. Imports are listed for those who may see them.
    """
    counts, chosen = _count_open(connection, scope, from_at, now), _choose_open(connection, scope, from_at, now)
    streams = _count_came_in(connection, scope, from_at, now)
    came = Counter[str | None]()
    for _, unit, n in streams:
        came[unit] += n
    counts["came_in"] = tuple(came.items())
    chosen["came_in"] = list(connection.scalars(
        select(Incident.id).where(_seen(scope), Incident.weight == 1, _came_in(from_at, now))
        .order_by(Incident.recorded_at.desc(), Incident.id.desc()).limit(MOST_ROWS)))
    named = _name_incidents(connection, scope, {number for ids in chosen.values() for number in ids})
    lists = {name: Listed(name, counts[name], tuple(named[number] for number in ids)) for name, ids in chosen.items()}
    lists["calls"] = _list_calls(connection, scope, now)
    lists["visits"] = _list_visits(connection, scope, now)
    lists["imports"] = _list_imports(connection, scope, from_at, now)
    return HandoverFacts(from_at, now, read_data_as_of(connection, scope), streams,
                         tuple(lists[name] for name in LISTS))


@reads("view_handover")
def list_handovers(connection: Connection, scope: Scope, limit: int = MOST_HANDOVERS) -> tuple[Signed, ...]:
    """Return the handovers of the area, newest first, each as it was; what concerns the reader's unit is taken out."""
    if not allows(scope, "view_handover"):
        return ()
    rows = connection.execute(
        select(Handover.id, Handover.from_at, Handover.to_at, Handover.out_by, name_post(Handover.out_by).label("out"),
               Handover.out_at, name_post(Handover.in_by).label("in_post"), Handover.in_at, Handover.remark,
               Handover.facts)
        .where(of_area(scope, Handover.area_code)).order_by(Handover.id.desc()).limit(limit)).all()
    ours = _list_own_units(connection, scope)
    found = []
    for row in rows:
        facts = read_facts(row.facts)
        hidden = _find_hidden(connection, scope, facts)
        facts = hide_units(facts, ours, hidden, _read_streams(connection, hidden))
        found.append(Signed(row.id, row.from_at, row.to_at, row.out_by, row.out, row.out_at, row.in_post, row.in_at,
                            row.remark, facts, list_notes(connection, scope, row.id)))
    return tuple(found)


@reads("view_handover")
def list_notes(connection: Connection, scope: Scope, handover_id: int | None = None) -> tuple[Note, ...]:
    """Return the notes of a handover, or of the shift that goes on, oldest first."""
    if not allows(scope, "view_handover"):
        return ()
    of = HandoverNote.handover_id.is_(None) if handover_id is None else HandoverNote.handover_id == handover_id
    conditions = [of, of_area(scope, HandoverNote.area_code)]
    if scope.unit_code is not None:
        incidents = select(Incident.id).where(handled_incidents(scope))
        calls = select(Call.id).where(visible_calls(scope))
        conditions += [or_(HandoverNote.subject != "incident", HandoverNote.subject_id.in_(incidents)),
                       or_(HandoverNote.subject != "call", HandoverNote.subject_id.in_(calls))]
    rows = connection.execute(
        select(HandoverNote.id, HandoverNote.subject, HandoverNote.subject_id, HandoverNote.note,
               name_post(HandoverNote.by).label("post"), HandoverNote.at).where(*conditions).order_by(HandoverNote.id))
    return tuple(Note(**row._mapping) for row in rows)


def _open_conditions(alive: Any, from_at: datetime, now: datetime) -> dict[str, ColumnElement[bool]]:
    """Return what makes an open incident part of each list."""
    runs = alive.status != Status.PAUSED
    return {
        "urgent": alive.severity == 1,
        "overdue": and_(runs, alive.due_at < now),
        "newly_overdue": and_(runs, alive.due_at < now, alive.due_at >= from_at),
        "due_soon": and_(runs, alive.due_at >= now, alive.due_at < now + SOON),
        "to_triage": alive.status == Status.REPORTED,
        "paused": alive.status == Status.PAUSED,
    }


def _seen(scope: Scope) -> ColumnElement[bool]:
    return and_(Incident.is_counted == 1, visible_incidents(scope))


def _alive(scope: Scope) -> CTE:
    """Return what is open, read once for all lists: of one index alone (``ix_incidents_inbox``).

    Counting and area are said so that no other index is taken for them, as in `queries.inboxes`.
    """
    seen = and_(Incident.status != literal_column("'closed'"), Incident.is_counted + 0 == 1,
                visible_incidents(replace(scope, area_code=None)), within_reach(scope, Incident.place_code + ""))
    return (
        select(Incident.id, Incident.status, Incident.severity, Incident.due_at, Incident.weight,
               Incident.concerns_unit)
        .where(seen).cte("alive"))


def _is_reopened(scope: Scope) -> ColumnElement[bool]:
    """Return what was re-opened and is open; by `closed_at`, so that the index of the few re-opened ones is taken."""
    return and_(Incident.is_counted == 1, handled_incidents(scope), Incident.n_reopened > 0,
                Incident.closed_at.is_(None))


def _count_open(
    connection: Connection, scope: Scope, from_at: datetime, now: datetime
) -> dict[str, tuple[tuple[str | None, int], ...]]:
    """Return the counts of all lists of open incidents, by the unit concerned."""
    alive = _alive(scope)
    conditions = _open_conditions(alive.c, from_at, now)
    sums = [func.coalesce(func.sum(case((one, alive.c.weight), else_=0)), 0) for one in conditions.values()]
    rows = connection.execute(
        select(alive.c.concerns_unit, *sums).group_by(alive.c.concerns_unit).order_by(alive.c.concerns_unit)).all()
    found = {name: tuple((row[0], int(row[n])) for row in rows if row[n]) for n, name in enumerate(conditions, 1)}
    again = connection.execute(
        select(Incident.concerns_unit, func.sum(Incident.weight)).where(_is_reopened(scope))
        .group_by(Incident.concerns_unit).order_by(Incident.concerns_unit))
    return {**found, "reopened": tuple((row[0], int(row[1])) for row in again)}


def _choose_open(connection: Connection, scope: Scope, from_at: datetime, now: datetime) -> dict[str, list[int]]:
    """Return the keys of the first `MOST_ROWS` of each list, the earliest due first; corrections are left out."""
    alive = _alive(scope)
    parts = [
        select(alive.c.id, alive.c.due_at).where(alive.c.weight == 1, one)
        .order_by(alive.c.due_at.asc().nulls_last(), alive.c.id).limit(MOST_ROWS).subquery(name)
        for name, one in _open_conditions(alive.c, from_at, now).items()]
    parts.append(
        select(Incident.id, Incident.due_at).where(Incident.weight == 1, _is_reopened(scope))
        .order_by(Incident.due_at.asc().nulls_last(), Incident.id).limit(MOST_ROWS).subquery("reopened"))
    all_of = union_all(*(select(literal(str(part.name)).label("name"), part.c.id, part.c.due_at) for part in parts))
    rows = all_of.subquery()
    found: dict[str, list[int]] = {str(part.name): [] for part in parts}
    for row in connection.execute(
            select(rows.c.name, rows.c.id).order_by(rows.c.due_at.asc().nulls_last(), rows.c.id)):
        found[row.name].append(row.id)
    return found


def _came_in(from_at: datetime, now: datetime) -> ColumnElement[bool]:
    return and_(Incident.recorded_at >= from_at, Incident.recorded_at < now)


def _count_came_in(
    connection: Connection, scope: Scope, from_at: datetime, now: datetime
) -> tuple[tuple[str, str | None, int], ...]:
    rows = connection.execute(
        select(Incident.stream, Incident.concerns_unit, func.sum(Incident.weight))
        .where(_seen(scope), _came_in(from_at, now)).group_by(Incident.stream, Incident.concerns_unit)
        .order_by(Incident.stream, Incident.concerns_unit))
    return tuple((row[0], row[1], int(row[2])) for row in rows)


def _name_incidents(connection: Connection, scope: Scope, ids: set[int]) -> dict[int, Named]:
    """Return incidents by their keys."""
    rows = connection.execute(
        select(Incident.id, Incident.source_ref, Incident.category, name_place(Incident.place_code).label("place"),
               name_township(Incident).label("township"),
               select(Unit.name).where(Unit.code == Incident.handling_unit).scalar_subquery().label("unit"),
               type_coerce(Incident.due_at, BigInteger).label("due"), Incident.concerns_unit)
        .where(Incident.id.in_(ids), handled_incidents(scope)))
    return {
        row.id: Named("incident", row.id, row.source_ref, row.category, _join(row.township, row.place),
                      row.unit or "", row.due, row.concerns_unit) for row in rows}


def _join(*parts: str | None) -> str:
    return " ".join(dict.fromkeys(part for part in parts if part))


def _list_calls(connection: Connection, scope: Scope, now: datetime) -> Listed:
    """Return the called units that owe a hop; a call is named once a unit."""
    waiting = list_waiting(connection, scope, now)
    about: dict[int, str | None] = {row.id: row.concerns_unit for row in connection.execute(
        select(Call.id, Call.concerns_unit).where(Call.id.in_({one.call_id for one in waiting})))}
    counts = Counter(about.get(one.call_id) for one in waiting)
    rows = tuple(
        Named("call", one.call_id, "", one.category, one.where, one.unit_name,
              None if one.due_at is None else int(one.due_at.timestamp()), about.get(one.call_id))
        for one in waiting[:MOST_ROWS])
    return Listed("calls", tuple(counts.items()), rows)


def _list_visits(connection: Connection, scope: Scope, now: datetime) -> Listed:
    """Return the visit orders that are due by tomorrow and neither done nor called off."""
    due = and_(VisitOrder.visit_id.is_(None), VisitOrder.called_off_at.is_(None),
               VisitOrder.due_on <= local_day(now) + timedelta(days=1), within_area(scope, VisitOrder.place_code))
    if not allows(scope, "view_visits"):
        return Listed("visits")
    n = connection.scalar(select(func.count()).where(due)) or 0
    rows = connection.execute(
        select(VisitOrder.id, name_place(VisitOrder.place_code).label("place"),
               name_township(VisitOrder).label("township"), VisitOrder.due_on,
               select(Unit.name).where(Unit.code == VisitOrder.owner_unit).scalar_subquery().label("unit"))
        .where(due).order_by(VisitOrder.due_on, VisitOrder.id).limit(MOST_ROWS))
    return Listed("visits", ((None, n),) if n else (), tuple(
        Named("visit_order", row.id, row.due_on.isoformat(), None, _join(row.township, row.place), row.unit or "")
        for row in rows))


def _list_imports(connection: Connection, scope: Scope, from_at: datetime, now: datetime) -> Listed:
    """Return the files of the shift of which rows were refused, or which were withdrawn."""
    if not allows(scope, "view_imports"):
        return Listed("imports")
    wrong = and_(ImportBatch.at >= from_at, ImportBatch.at < now,
                 or_(ImportBatch.n_rejected > 0, ImportBatch.withdrawn_at.is_not(None)))
    n = connection.scalar(select(func.count()).where(wrong)) or 0
    rows = connection.execute(
        select(ImportBatch.id, ImportBatch.file_name, ImportBatch.n_rejected).where(wrong)
        .order_by(ImportBatch.id.desc()).limit(MOST_ROWS))
    return Listed("imports", ((None, n),) if n else (), tuple(
        Named("batch", row.id, row.file_name, None, str(row.n_rejected)) for row in rows))


def _find_hidden(connection: Connection, scope: Scope, facts: HandoverFacts) -> set[tuple[str, int]]:
    """Return the subjects of frozen facts that the reader may not see now."""
    if scope.unit_code is None:
        return set()
    named = {(row.subject, row.id) for one in facts.lists for row in one.rows}
    ids = {subject: [number for kind, number in named if kind == subject] for subject in ("incident", "call")}
    about_us = select(Incident.id).where(
        Incident.id.in_(ids["incident"]), ~not_about(scope, Incident.concerns_unit))
    hidden = {("incident", number) for number in connection.scalars(about_us)}
    seen = set(connection.scalars(select(Call.id).where(Call.id.in_(ids["call"]), visible_calls(scope))))
    return hidden | {("call", number) for number in ids["call"] if number not in seen}


def _read_streams(connection: Connection, subjects: set[tuple[str, int]]) -> dict[int, str]:
    numbers = [number for subject, number in subjects if subject == "incident"]
    return {row.id: row.stream for row in connection.execute(
        select(Incident.id, Incident.stream).where(Incident.id.in_(numbers)))}


def _list_own_units(connection: Connection, scope: Scope) -> frozenset[str]:
    """Return the caller's unit and those it belongs to: what concerns one of them is hidden from it."""
    above = {row.code: row.parent_code for row in connection.execute(select(Unit.code, Unit.parent_code))}
    found: set[str] = set()
    here = scope.unit_code
    while here is not None and here not in found:
        found.add(here)
        here = above.get(here)
    return frozenset(found)
