"""Which unit the duty list proposes for incidents, and what one incident looks like: duplicates, repeats 分流.

A proposal tells whom an incident concerns, by whom it passes over: only those who send incidents on are told
(`may_be_told`); `propose` itself is for actions, which ask for everybody.
"""

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, and_, func, or_, select, true
from sqlalchemy.orm import aliased

from govdesk.clock import today
from govdesk.queries.coverage import reporting_level
from govdesk.queries.frames import COUNT, DAY, TEXT, read_frame
from govdesk.queries.incidents import MAX_ID
from govdesk.queries.likely_duplicates import Proposal, list_likely_of
from govdesk.queries.permission import reads
from govdesk.queries.scoping import visible_incidents
from govdesk.rules.access import Scope
from govdesk.rules.duty_list import DutyListError
from govdesk.rules.triage import PlaceOf, Suggestion, UnitFacts, Units, suggest_unit
from govdesk.storage.duty_list import read_duty_list
from govdesk.storage.units_off import read_off_days
from govdesk.tables import Incident, Place, PlaceAncestor, Step, Triage, Unit
from govdesk.tables.places import OPEN_WEEK
from govdesk.terms import Role, StepKind

log = logging.getLogger("govdesk.triage")

#: Incidents that are asked about at once.
MOST = 50
#: Days back in which the same category in the same village is shown as a likely repeat (recurrence within 90 days).
REPEAT_DAYS = 90
#: Who sends incidents on to others and may read why a unit was passed over.
TOLD = frozenset({Role.CENTRE, Role.ADMIN})


def may_be_told(scope: Scope) -> bool:
    """Return whether `scope` may read proposals: whom an incident concerns is told to nobody else."""
    return scope.role in TOLD


def read_units(connection: Connection) -> Units:
    """Return all units with the places they work for, as the places lie now."""
    areas: dict[str, list[tuple[int, str]]] = defaultdict(list)
    statement = (
        select(Unit.code, PlaceAncestor.depth, PlaceAncestor.ancestor_code)
        .join(PlaceAncestor, PlaceAncestor.code == Unit.place_code).where(PlaceAncestor.week_to == OPEN_WEEK))
    for code, depth, ancestor in connection.execute(statement):
        areas[code].append((depth, ancestor))
    rows = connection.execute(select(Unit.code, Unit.name, Unit.kind, Unit.parent_code, Unit.place_code)).all()
    off, on = read_off_days(connection), today()
    return Units.of(
        UnitFacts(row.code, row.name, row.kind, row.parent_code or None,
                  tuple(ancestor for _, ancestor in sorted(areas[row.code]))
                  or ((row.place_code,) if row.place_code else ()), off.get(row.code, date.max) <= on)
        for row in rows)


def propose(connection: Connection, incident_ids: Sequence[int]) -> dict[int, Suggestion]:
    """Return the proposal of the duty list for incidents, whoever may see them; for actions.

    A duty list that cannot be read proposes nothing and stops nobody: the person decides anyway.
    """
    asked = sorted({number for number in incident_ids if 0 < number <= MAX_ID})
    rows = connection.execute(select(
        Incident.id, Incident.category, Incident.stream, Incident.severity, Incident.place_code,
        Incident.concerns_unit).where(Incident.id.in_(asked))).all()
    if not rows:
        return {}
    try:
        duty_list = read_duty_list(connection)
    except (DutyListError, OSError) as error:
        log.warning("no proposals: %s", error)
        return {row.id: Suggestion(None, "no_list") for row in rows}
    units, places, returned = read_units(connection), _read_places(connection, asked), _read_returned(connection, asked)
    return {
        row.id: suggest_unit(
            category=row.category, stream=row.stream, severity=row.severity, units=units, duty_list=duty_list,
            place=places.get(row.id, PlaceOf((row.place_code,), "")), concerns_unit=row.concerns_unit,
            returned=frozenset(returned[row.id]))
        for row in rows}


def _read_places(connection: Connection, asked: Sequence[int]) -> dict[int, PlaceOf]:
    """Return where incidents lay in their own week; the village type is that of the nearest place that has one."""
    statement = (
        select(Incident.id, PlaceAncestor.ancestor_code, PlaceAncestor.ancestor_level, Place.kind)
        .join(PlaceAncestor, and_(
            PlaceAncestor.code == Incident.place_code, PlaceAncestor.week_from <= Incident.week_occurred,
            PlaceAncestor.week_to > Incident.week_occurred))
        .outerjoin(Place, and_(
            Place.code == PlaceAncestor.ancestor_code, Place.valid_from <= Incident.occurred_on,
            or_(Place.valid_to.is_(None), Place.valid_to > Incident.occurred_on)))
        .where(Incident.id.in_(asked)).order_by(Incident.id, PlaceAncestor.depth))
    found: dict[int, list[Any]] = defaultdict(list)
    for row in connection.execute(statement):
        found[row.id].append(row)
    return {
        number: PlaceOf(tuple(row.ancestor_code for row in rows), rows[0].ancestor_level,
                        next((row.kind for row in rows if row.kind), None))
        for number, rows in found.items()}


def _read_returned(connection: Connection, asked: Sequence[int]) -> dict[int, set[str]]:
    """Return which units sent incidents back."""
    found: dict[int, set[str]] = defaultdict(set)
    for number, unit in connection.execute(select(Step.incident_id, Step.unit_code).where(
            Step.incident_id.in_(asked), Step.kind == StepKind.RETURN.value, Step.is_withdrawn.is_(False),
            Step.unit_code.is_not(None))):
        found[number].add(str(unit))
    return found


@reads("view_incidents")
def list_suggestions(connection: Connection, scope: Scope, incident_ids: Sequence[int]) -> dict[int, Suggestion]:
    """Return the proposals for up to `MOST` incidents that the caller may see; empty for who is not told.

    Raises
    ------
    ValueError
        When more are asked about.
    """
    if len(incident_ids) > MOST:
        message = f"at most {MOST} incidents at once"
        raise ValueError(message)
    if not may_be_told(scope):
        return {}
    seen = connection.scalars(select(Incident.id).where(
        Incident.id.in_([number for number in incident_ids if 0 < number <= MAX_ID]), visible_incidents(scope))).all()
    return propose(connection, seen)


@dataclass(frozen=True, slots=True)
class TriageFacts:
    """What helps to decide where one incident goes.

    Attributes
    ----------
    status : str
        Where it stands (`terms.Status`).
    suggestion : Suggestion or None
        None for who is not told.
    units : dict of str to str
        Names of the units in it.
    duplicates : tuple of Proposal
        Pairs with this incident, the most alike first.
    n_duplicates : int
        How many there are, those left out among them.
    refs : dict of int to str
        Numbers of the other incidents as their sources wrote them.
    recent : DataFrame
        Counted incidents of the same category in the same village up to `REPEAT_DAYS` days before, newest first:
        ``id``, ``source_ref``, ``occurred_on``, ``status``; at most `limit`.
    n_recent : int
        How many there are, corrections netted.
    declared : DataFrame
        The same columns: what this incident is said to repeat, and what is said to repeat it.
    """

    status: str
    suggestion: Suggestion | None
    units: dict[str, str]
    duplicates: tuple[Proposal, ...]
    n_duplicates: int
    refs: dict[int, str]
    recent: pd.DataFrame
    n_recent: int
    declared: pd.DataFrame


@reads("view_incidents")
def read_triage(connection: Connection, scope: Scope, incident_id: int, limit: int = 5) -> TriageFacts | None:
    """Return what helps to decide where one incident goes; None when the caller may not see it."""
    if not 0 < incident_id <= MAX_ID:
        return None
    row = connection.execute(select(
        Incident.id, Incident.category, Incident.place_code, Incident.occurred_on, Incident.week_occurred,
        Incident.repeat_of, Incident.status).where(Incident.id == incident_id, visible_incidents(scope))).first()
    if row is None:
        return None
    suggestion = list_suggestions(connection, scope, [incident_id]).get(incident_id)
    named = [] if suggestion is None else [suggestion.unit_code, *(code for code, _ in suggestion.passed_over)]
    names = connection.execute(select(Unit.code, Unit.name).where(
        Unit.code.in_([code for code in named if code is not None]))).all()
    pairs = list_likely_of(connection, scope, incident_id)
    shown = pairs[:max(limit, 0)]
    others = [pair.other if pair.one == incident_id else pair.one for pair in shown]
    refs = connection.execute(select(Incident.id, Incident.source_ref).where(Incident.id.in_(others))).all()
    recent, n_recent = _list_recent(connection, scope, row, limit)
    return TriageFacts(row.status, suggestion, {unit.code: unit.name for unit in names}, shown, len(pairs),
                       {other.id: other.source_ref for other in refs}, recent, n_recent,
                       _list_declared(connection, scope, row, limit))


@dataclass(frozen=True, slots=True)
class Decision:
    """One dispatch: what was decided, what the duty list had proposed; names of units, codes where they are gone."""

    at: datetime
    chosen: str
    suggested: str | None
    is_followed: bool


@reads("view_incidents")
def list_decisions(connection: Connection, scope: Scope, incident_id: int) -> tuple[Decision, ...]:
    """Return the decisions about one incident, the oldest first; none for who is not told."""
    if not may_be_told(scope) or not 0 < incident_id <= MAX_ID:
        return ()
    chosen, suggested = aliased(Unit), aliased(Unit)
    rows = connection.execute(
        select(Triage.at, func.coalesce(chosen.name, Triage.chosen_unit),
               func.coalesce(suggested.name, Triage.suggested_unit), Triage.is_followed)
        .select_from(Triage).join(Incident, Incident.id == Triage.incident_id)
        .outerjoin(chosen, chosen.code == Triage.chosen_unit)
        .outerjoin(suggested, suggested.code == Triage.suggested_unit)
        .where(Triage.incident_id == incident_id, visible_incidents(scope)).order_by(Triage.id)).all()
    return tuple(Decision(*row) for row in rows)


_LISTED = {"id": COUNT, "source_ref": TEXT, "occurred_on": DAY, "status": TEXT}


def _list_recent(connection: Connection, scope: Scope, row: Any, limit: int) -> tuple[pd.DataFrame, int]:
    inside, around = aliased(PlaceAncestor), aliased(PlaceAncestor)
    level = reporting_level(connection) or ""
    village = connection.scalar(select(around.ancestor_code).where(
        around.code == row.place_code, around.ancestor_level == level, around.week_from <= row.week_occurred,
        around.week_to > row.week_occurred)) or row.place_code
    here = select(inside.code).where(inside.ancestor_code == village)
    first = row.occurred_on.toordinal() - REPEAT_DAYS
    conditions = (
        Incident.place_code.in_(here), Incident.is_counted == 1,
        Incident.week_occurred.between(row.week_occurred - REPEAT_DAYS // 7 - 1, row.week_occurred),
        Incident.category == row.category, Incident.occurred_on >= type(row.occurred_on).fromordinal(first),
        Incident.occurred_on <= row.occurred_on, Incident.id != row.id, visible_incidents(scope))
    n = connection.scalar(select(func.coalesce(func.sum(Incident.weight), 0)).where(*conditions))
    found = read_frame(connection, _select_listed().where(*conditions, Incident.weight > 0).order_by(
        Incident.occurred_on.desc(), Incident.id.desc()).limit(max(limit, 0)), _LISTED)
    return found, int(n or 0)


def _list_declared(connection: Connection, scope: Scope, row: Any, limit: int) -> pd.DataFrame:
    mine = Incident.repeat_of == row.id
    wanted = mine if row.repeat_of is None else or_(mine, Incident.id == row.repeat_of)
    return read_frame(connection, _select_listed().where(wanted, visible_incidents(scope)).order_by(
        Incident.occurred_on.desc(), Incident.id.desc()).limit(max(limit, 0)), _LISTED)


def _select_listed() -> Any:
    return select(Incident.id, Incident.source_ref, Incident.occurred_on, Incident.status).where(true())
