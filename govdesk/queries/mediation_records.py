"""The mediation record 调解 of one incident: its course, its sittings, and which posts may mediate."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, and_, exists, or_, select

from govdesk.queries.permission import reads
from govdesk.queries.scoping import handled_incidents
from govdesk.queries.standing import find_taker, read_standing
from govdesk.queries.triage import read_units
from govdesk.rules.access import Scope, allows
from govdesk.rules.mediation_checks import EDITABLE, mark_record
from govdesk.tables import Incident, Mediation, MediationSession, PlaceAncestor, Post, Unit


@dataclass(frozen=True, slots=True)
class Sitting:
    """One sitting; `mediators` are titles of posts."""

    held_on: date
    method: str
    mediators: tuple[str, ...]
    note: str | None


@dataclass(frozen=True, slots=True)
class MediationRecord:
    """One mediation of one incident with its sittings, oldest first.

    `mark` names the state that was read (`rules.mediation_checks.mark_record`); `n_sessions` is at least the number of
    `sittings`: a file says how many there were, not what they were.
    """

    id: int
    channel: str
    method: str
    level: str
    started_on: date
    ended_on: date | None
    is_settled: bool | None
    agreed_on: date | None
    performance_due_on: date | None
    performed_on: date | None
    confirmed_on: date | None
    n_sessions: int | None
    by_post: str | None
    unit_code: str | None
    mark: str
    sittings: tuple[Sitting, ...]


@reads("view_incidents")
def read_mediation_records(connection: Connection, scope: Scope, incident_id: int) -> tuple[MediationRecord, ...]:
    """Return the mediations of an incident that the caller may see, oldest first."""
    seen = select(Incident.id).where(Incident.id == incident_id, handled_incidents(scope))
    names = [name for name in MediationRecord.__dataclass_fields__ if name not in ("mark", "sittings")]
    rows = connection.execute(select(*(getattr(Mediation, name) for name in names)).where(
        Mediation.incident_id.in_(seen)).order_by(Mediation.started_on, Mediation.id)).mappings().all()
    sittings = _read_sittings(connection, [row["id"] for row in rows])
    return tuple(MediationRecord(
        **row, mark=mark_record({name: row[name] for name in EDITABLE}), sittings=tuple(sittings.get(row["id"], ())))
        for row in rows)


def _read_sittings(connection: Connection, mediation_ids: list[int]) -> dict[int, list[Sitting]]:
    if not mediation_ids:
        return {}
    rows = connection.execute(select(MediationSession.__table__).where(
        MediationSession.mediation_id.in_(mediation_ids)).order_by(
        MediationSession.held_on, MediationSession.id)).mappings().all()
    codes = {code for row in rows for code in row["mediator_posts"].split(",")}
    titles: dict[str, str] = {row[0]: row[1] for row in connection.execute(
        select(Post.code, Post.title).where(Post.code.in_(sorted(codes))))}
    found: dict[int, list[Sitting]] = {}
    for row in rows:
        posts = tuple(titles.get(code, code) for code in row["mediator_posts"].split(","))
        found.setdefault(row["mediation_id"], []).append(Sitting(row["held_on"], row["method"], posts, row["note"]))
    return found


@reads("view_incidents")
def may_record(connection: Connection, scope: Scope, incident_id: int) -> bool:
    """Return whether the caller may write the record: the centre, who handles it, the township around it."""
    if not allows(scope, "record_mediation"):
        return False
    held = read_standing(connection, scope, incident_id)
    return held is not None and held.standing.is_live and bool(find_taker(connection, scope, held).actors)


@reads("view_incidents")
def list_mediators(connection: Connection, scope: Scope, incident_id: int, on: date) -> list[tuple[str, str, str]]:
    """Return the posts that may mediate an incident on a day: code, title, name of the unit; never of whom it concerns.

    An office below the unit concerned is left out with it. Posts of a place are offered where the incident lies in it.
    """
    row = connection.execute(select(Incident.concerns_unit, Incident.place_code).where(
        Incident.id == incident_id, handled_incidents(scope))).first()
    if row is None:
        return []
    around = select(PlaceAncestor.ancestor_code).where(PlaceAncestor.code == row.place_code)
    conditions: list[Any] = [or_(Post.valid_from.is_(None), Post.valid_from <= on),
                             or_(Post.valid_to.is_(None), Post.valid_to > on),
                             or_(Post.place_code.is_(None), Post.place_code.in_(around))]
    if row.concerns_unit is not None:
        units = read_units(connection)  # an office of the unit concerned is not independent of it
        barred = {row.concerns_unit, *(code for code in units.by_code if units.is_inside(code, row.concerns_unit))}
        conditions.append(or_(Post.unit_code.is_(None), Post.unit_code.not_in(sorted(barred))))
    rows = connection.execute(select(Post.code, Post.title, Unit.name).outerjoin(
        Unit, Unit.code == Post.unit_code).where(and_(*conditions)).order_by(Unit.name, Post.title, Post.code))
    return [(one[0], one[1], one[2] or "") for one in rows]


@reads("view_incidents")
def is_confirmed(connection: Connection, scope: Scope, incident_id: int) -> bool:
    """Return whether a mediation of the incident says on which day a court confirmed its agreement."""
    found = connection.scalar(select(Incident.id).where(
        Incident.id == incident_id, handled_incidents(scope),
        exists().where(Mediation.incident_id == Incident.id, Mediation.confirmed_on.is_not(None))))
    return found is not None
