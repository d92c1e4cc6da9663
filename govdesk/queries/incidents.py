"""Reads of single incidents 事件 and of what happened to them."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import pandas as pd
from sqlalchemy import BigInteger, ColumnElement, Connection, and_, func, or_, select, true, type_coerce, union_all
from sqlalchemy.orm import InstrumentedAttribute

from govdesk.queries.counts import IS_REPEAT, open_rows
from govdesk.queries.filters import IncidentFilter, at_place, counted, in_window, week_key
from govdesk.queries.frames import COUNT, DAY, FLAG, INSTANT, MAYBE_COUNT, NUMBER, TEXT, Query, read_frame
from govdesk.queries.instants import as_instant
from govdesk.queries.permission import reads
from govdesk.queries.scoping import handled_incidents, not_merged_into_hidden, visible_incidents, within_reach
from govdesk.queries.weekly import can_use_rollup, read_weekly
from govdesk.rules.access import Scope
from govdesk.rules.step_cache import LOOP_SOURCE
from govdesk.tables import Incident, Mediation, Place, PlaceAncestor, Revisit, Step, Unit
from govdesk.terms import Level

#: Largest number that both engines can be asked for.
MAX_ID = 2**63 - 1
#: Weeks between the week of occurrence and that of knowing from which on a record is late.
LATE_WEEKS = 2


def _place_name(code: Any, on: Any) -> Any:
    """Return the name a place had on a day, or has had since."""
    named = select(Place.name).where(Place.code == code).order_by(Place.valid_from.desc()).limit(1)
    then = named.where(Place.valid_from <= on, or_(Place.valid_to.is_(None), Place.valid_to > on))
    return func.coalesce(
        *(name.correlate(Incident, PlaceAncestor).scalar_subquery() for name in (then, named))
    )


def _ancestor_name(level: str) -> Any:
    """Return the name of the place of `level` around an incident, in the incident's own week."""
    inside = and_(
        PlaceAncestor.code == Incident.place_code, PlaceAncestor.ancestor_level == level,
        PlaceAncestor.week_from <= Incident.week_occurred, PlaceAncestor.week_to > Incident.week_occurred,
    )
    return (
        select(_place_name(PlaceAncestor.ancestor_code, Incident.occurred_on)).where(inside).limit(1)
        .correlate(Incident).scalar_subquery()
    )


def _unit_name(code: InstrumentedAttribute[Any]) -> Any:
    return select(Unit.name).where(Unit.code == code).scalar_subquery()


def name_parts() -> tuple[Any, Any, Any]:
    """Return the columns that name an incident's place, the township around it, and its handling unit."""
    return (_place_name(Incident.place_code, Incident.occurred_on), _ancestor_name(Level.TOWNSHIP),
            _unit_name(Incident.handling_unit))


def _is_open(as_of: datetime) -> ColumnElement[bool]:
    return and_(Incident.recorded_at <= as_of, or_(Incident.closed_at.is_(None), Incident.closed_at > as_of))


def _selected(
    statement: Query, scope: Scope, filters: IncidentFilter, *, only_open: bool, only_overdue: bool,
    only_repeat: bool, only_late: bool, as_of: datetime,
) -> Query:
    statement = at_place(statement, filters).where(counted(scope, filters), in_window(filters))
    if only_open or only_overdue:
        statement = statement.where(_is_open(as_of))
    if only_overdue:
        statement = statement.where(Incident.due_at < as_of)
    if only_repeat:
        statement = statement.where(IS_REPEAT)
    if only_late:
        statement = statement.where(
            Incident.week_known - Incident.week_occurred >= LATE_WEEKS, Incident.is_recorded_assumed.is_(False))
    return statement


@reads("view_incidents", "view_wall")
def list_incidents(
    connection: Connection, scope: Scope, filters: IncidentFilter, *, only_open: bool = False,
    only_overdue: bool = False, only_repeat: bool = False, only_late: bool = False, as_of: date | datetime,
    limit: int = 200, offset: int = 0,
) -> pd.DataFrame:
    """Return incidents of the window, newest first.

    Parameters
    ----------
    only_open, only_overdue, only_repeat, only_late : bool
        Keep what was open at `as_of`, what of it was due before `as_of`, what repeats an earlier one, what became
        known `LATE_WEEKS` weeks or later after the week it occurred in.

    Returns
    -------
    DataFrame
        ``id``, ``source_ref``, ``stream``, ``category``, ``place_code``, ``place_name``, ``township_name``,
        ``occurred_on``, ``reported_at``, ``status``, ``due_at``, ``closed_at``, ``age_days`` (whole days from the
        report to closing or to `as_of`), ``handling_unit``, ``petition_kind``, ``severity``, ``is_overdue``,
        ``handling_unit_name``, ``weight``. Correction rows are listed with weight −1.
    """
    instant = as_instant(as_of)
    order = (week_key(scope, filters).desc(), Incident.occurred_on.desc(), Incident.id.desc())
    # The page is chosen by numbers alone: names are looked up for what is shown, not for all that is sorted.
    chosen = _selected(
        select(Incident.id).select_from(Incident), scope, filters, only_open=only_open, only_overdue=only_overdue,
        only_repeat=only_repeat, only_late=only_late, as_of=instant,
    ).order_by(*order).limit(max(limit, 0)).offset(max(offset, 0)).subquery("chosen")
    return _describe(connection, chosen, order, instant)


@reads("view_incidents", "view_wall")
def list_oldest_open(
    connection: Connection, scope: Scope, filters: IncidentFilter, as_of: date | datetime, limit: int = 10,
    reported_by: datetime | None = None,
) -> pd.DataFrame:
    """Return what has been open longest, whatever week it occurred in; corrections are left out.

    Parameters
    ----------
    reported_by : datetime, optional
        Keeps what was reported by then.

    Returns
    -------
    DataFrame
        The columns of `list_incidents`, the oldest report first.
    """
    instant = as_instant(as_of)
    at = type_coerce(Incident.reported_at, BigInteger).label("at")
    old = true() if reported_by is None else Incident.reported_at <= reported_by
    parts = (part.where(Incident.weight == 1, old)
             for part in open_rows(scope, filters, instant, Incident.id.label("id"), at))
    both = union_all(*parts).subquery()
    chosen = select(both.c.id).order_by(both.c.at, both.c.id).limit(max(limit, 0)).subquery("chosen")
    return _describe(connection, chosen, (Incident.reported_at, Incident.id), instant)


@reads("view_incidents", "view_wall")
def list_newest(connection: Connection, scope: Scope, as_of: date | datetime, limit: int = 12) -> pd.DataFrame:
    """Return what became known last, the newest report first; corrections are left out.

    Returns
    -------
    DataFrame
        The columns of `list_incidents`.
    """
    instant = as_instant(as_of)
    chosen = (
        select(Incident.id).where(counted(scope, IncidentFilter(0, 0)), Incident.weight == 1,
                                  Incident.recorded_at <= instant)
        .order_by(Incident.recorded_at.desc(), Incident.id.desc()).limit(max(limit, 0)).subquery("chosen"))
    return _describe(connection, chosen, (Incident.reported_at.desc(), Incident.id.desc()), instant)


@reads("view_incidents", "view_wall")
def describe_incidents(
    connection: Connection, scope: Scope, ids: tuple[int, ...], as_of: date | datetime
) -> pd.DataFrame:
    """Return incidents by their numbers, in the order of these, with the columns of `list_incidents`.

    What the caller may not see, and what counts no more, is left out.
    """
    # Said so that the engine goes by the few numbers, and not by an index of all that counts or lies in an area.
    chosen = select(Incident.id).where(
        Incident.id.in_(ids), Incident.is_counted + 0 == 1, visible_incidents(replace(scope, area_code=None)),
        within_reach(scope, Incident.place_code + "")).subquery("chosen")
    return _describe(connection, chosen, (Incident.id,), as_instant(as_of))


def _describe(connection: Connection, chosen: Any, order: tuple[Any, ...], as_of: datetime) -> pd.DataFrame:
    """Return the chosen incidents with their names."""
    statement = select(
        Incident.id, Incident.source_ref, Incident.stream, Incident.category, Incident.place_code,
        _place_name(Incident.place_code, Incident.occurred_on), _ancestor_name(Level.TOWNSHIP),
        Incident.occurred_on, Incident.reported_at, Incident.status, Incident.due_at, Incident.closed_at,
        Incident.handling_unit, Incident.petition_kind, Incident.severity, _unit_name(Incident.handling_unit),
        Incident.weight,
    ).select_from(chosen).join(Incident, Incident.id == chosen.c.id).order_by(*order)
    found = read_frame(connection, statement, {
        "id": COUNT, "source_ref": TEXT, "stream": TEXT, "category": TEXT, "place_code": TEXT, "place_name": TEXT,
        "township_name": TEXT, "occurred_on": DAY, "reported_at": INSTANT, "status": TEXT, "due_at": INSTANT,
        "closed_at": INSTANT, "handling_unit": TEXT, "petition_kind": TEXT, "severity": MAYBE_COUNT,
        "handling_unit_name": TEXT, "weight": COUNT,
    })
    return _with_age(found, pd.Timestamp(as_of))


def _with_age(found: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    is_open = found["closed_at"].isna() | (found["closed_at"] > as_of)
    ended = found["closed_at"].where(~is_open, as_of)
    age = ((ended - found["reported_at"]) // pd.Timedelta(days=1)).clip(lower=0).astype("int64")
    found.insert(12, "age_days", age)
    found.insert(16, "is_overdue", is_open & (found["due_at"] < as_of))
    return found


@reads("view_incidents", "view_wall")
def count_incidents(
    connection: Connection, scope: Scope, filters: IncidentFilter, *, only_open: bool = False,
    only_overdue: bool = False, only_repeat: bool = False, only_late: bool = False, as_of: date | datetime,
) -> int:
    """Return how many incidents `list_incidents` is about: the sum of weights, corrections netted."""
    if not (only_open or only_overdue or only_repeat or only_late) and can_use_rollup(connection, scope, filters):
        return int(read_weekly(connection, scope, filters)["n_incidents"].sum())
    statement = _selected(
        select(func.coalesce(func.sum(Incident.weight), 0)).select_from(Incident), scope, filters,
        only_open=only_open, only_overdue=only_overdue, only_repeat=only_repeat, only_late=only_late,
        as_of=as_instant(as_of),
    )
    return int(connection.scalar(statement) or 0)


@dataclass(frozen=True, slots=True)
class IncidentFacts:
    """One incident with the words of its place and unit; instants aware UTC.

    `is_counted` is False when it was merged (`merged_into`) or its batch withdrawn: the page says so.
    """

    id: int
    source: str
    source_ref: str
    stream: str
    category: str
    channel: str | None
    petition_kind: str | None
    lodged_level: str | None
    n_people: int | None
    severity: int | None
    summary: str | None
    weight: int
    place_code: str
    place_name: str | None
    village_name: str | None
    township_name: str | None
    lon: float | None
    lat: float | None
    point_kind: str | None
    occurred_on: date
    reported_at: datetime
    recorded_at: datetime
    is_recorded_assumed: bool
    handling_unit: str | None
    handling_unit_name: str | None
    repeat_of: int | None
    merged_into: int | None
    is_counted: bool
    status: str
    first_answered_at: datetime | None
    due_at: datetime | None
    closed_at: datetime | None
    resolution_level: str | None
    outcome: str | None
    n_reopened: int
    n_steps: int


@reads("view_incidents", "view_wall")
def get_incident(connection: Connection, scope: Scope, incident_id: int) -> IncidentFacts | None:
    """Return one incident; None when there is none, it lies outside the area, or is about the caller's own unit."""
    if not 0 < incident_id <= MAX_ID:
        return None
    named: dict[str, Any] = {
        "place_name": _place_name(Incident.place_code, Incident.occurred_on),
        "village_name": _ancestor_name(Level.VILLAGE), "township_name": _ancestor_name(Level.TOWNSHIP),
        "handling_unit_name": _unit_name(Incident.handling_unit),
    }
    names = list(IncidentFacts.__dataclass_fields__)
    columns = [named[name].label(name) if name in named else getattr(Incident, name) for name in names]
    row = connection.execute(select(*columns).where(
        Incident.id == incident_id, handled_incidents(scope), not_merged_into_hidden(scope))).first()
    if row is None:
        return None
    values = dict(zip(names, row, strict=True))
    return IncidentFacts(**{**values, "is_counted": bool(values["is_counted"])})


def _of_incident(scope: Scope, table: Any, incident_id: int) -> ColumnElement[bool]:
    """Return the condition that a row belongs to an incident that the caller may see."""
    if not 0 < incident_id <= MAX_ID:
        return table.incident_id.is_(None)  # type: ignore[no-any-return]
    seen = select(Incident.id).where(
        Incident.id == incident_id, handled_incidents(scope), not_merged_into_hidden(scope))
    return table.incident_id.in_(seen)  # type: ignore[no-any-return]


@reads("view_incidents")
def list_steps(connection: Connection, scope: Scope, incident_id: int) -> pd.DataFrame:
    """Return the steps 流转 of an incident in the order they occurred; withdrawn ones are left out.

    Returns
    -------
    DataFrame
        ``id``, ``kind``, ``occurred_at``, ``recorded_at``, ``is_recorded_assumed``, ``by_post``, ``unit_code``,
        ``unit_name``, ``level``, ``outcome``, ``due_at``, ``severity``, ``note``, ``reason``, ``promised_on``,
        ``urge_level``, ``time_limit``, ``of_step``.
    """
    statement = select(
        Step.id, Step.kind, Step.occurred_at, Step.recorded_at, Step.is_recorded_assumed, Step.by_post,
        Step.unit_code, _unit_name(Step.unit_code), Step.level, Step.outcome, Step.due_at, Step.severity, Step.note,
        Step.reason, Step.promised_on, Step.urge_level, Step.time_limit, Step.of_step,
    ).where(_of_incident(scope, Step, incident_id), Step.is_withdrawn.is_(False))
    return read_frame(connection, statement.order_by(Step.occurred_at, Step.id), {
        "id": COUNT, "kind": TEXT, "occurred_at": INSTANT, "recorded_at": INSTANT, "is_recorded_assumed": FLAG,
        "by_post": TEXT, "unit_code": TEXT, "unit_name": TEXT, "level": TEXT, "outcome": TEXT, "due_at": INSTANT,
        "severity": MAYBE_COUNT, "note": TEXT, "reason": TEXT, "promised_on": DAY, "urge_level": MAYBE_COUNT,
        "time_limit": TEXT, "of_step": MAYBE_COUNT,
    })


@reads("view_incidents")
def list_mediations(connection: Connection, scope: Scope, incident_id: int) -> pd.DataFrame:
    """Return the mediations 调解 of an incident, oldest first.

    Returns
    -------
    DataFrame
        ``channel``, ``method``, ``level``, ``unit_code``, ``unit_name``, ``by_post``, ``started_on``, ``ended_on``,
        ``n_sessions``, ``is_settled`` (boolean, missing while it goes on), ``agreed_on``, ``performance_due_on``,
        ``performed_on``, ``confirmed_on``.
    """
    statement = select(
        Mediation.channel, Mediation.method, Mediation.level, Mediation.unit_code, _unit_name(Mediation.unit_code),
        Mediation.by_post, Mediation.started_on, Mediation.ended_on, Mediation.n_sessions, Mediation.is_settled,
        Mediation.agreed_on, Mediation.performance_due_on, Mediation.performed_on, Mediation.confirmed_on,
    ).where(_of_incident(scope, Mediation, incident_id))
    return read_frame(connection, statement.order_by(Mediation.started_on, Mediation.id), {
        "channel": TEXT, "method": TEXT, "level": TEXT, "unit_code": TEXT, "unit_name": TEXT, "by_post": TEXT,
        "started_on": DAY, "ended_on": DAY, "n_sessions": MAYBE_COUNT, "is_settled": "boolean", "agreed_on": DAY,
        "performance_due_on": DAY, "performed_on": DAY, "confirmed_on": DAY,
    })


@reads("view_incidents")
def list_revisits(connection: Connection, scope: Scope, incident_id: int) -> pd.DataFrame:
    """Return the revisits 回访 of an incident, oldest first.

    Returns
    -------
    DataFrame
        ``revisited_on``, ``by_post``, ``result``, ``satisfaction``, ``step_id`` (of the step by which it was recorded
        in the product; missing where it came by a file).
    """
    step = select(Step.id).where(
        Step.source == Revisit.source, Step.source_ref == Revisit.source_ref, Revisit.source == LOOP_SOURCE,
        Step.is_withdrawn.is_(False)).scalar_subquery()
    statement = select(
        Revisit.revisited_on, Revisit.by_post, Revisit.result, Revisit.satisfaction, step,
    ).where(_of_incident(scope, Revisit, incident_id))
    return read_frame(
        connection, statement.order_by(Revisit.revisited_on, Revisit.id),
        {"revisited_on": DAY, "by_post": TEXT, "result": TEXT, "satisfaction": MAYBE_COUNT, "step_id": MAYBE_COUNT},
    )


@reads("view_incidents")
def list_points(connection: Connection, scope: Scope, filters: IncidentFilter, limit: int = 2000) -> pd.DataFrame:
    """Return the points of incidents of the window, newest first; those without a point are not in it.

    Returns
    -------
    DataFrame
        ``id``, ``lon``, ``lat``, ``point_kind``, ``stream``, ``category``, ``place_code``, ``occurred_on``,
        ``status``, ``severity``.
    """
    statement = at_place(select(
        Incident.id, Incident.lon, Incident.lat, Incident.point_kind, Incident.stream, Incident.category,
        Incident.place_code, Incident.occurred_on, Incident.status, Incident.severity,
    ).select_from(Incident), filters).where(
        counted(scope, filters), in_window(filters), Incident.lon.is_not(None), Incident.lat.is_not(None),
        Incident.weight == 1,
    ).order_by(week_key(scope, filters).desc(), Incident.id.desc())
    return read_frame(connection, statement.limit(max(limit, 0)), {
        "id": COUNT, "lon": NUMBER, "lat": NUMBER, "point_kind": TEXT, "stream": TEXT, "category": TEXT,
        "place_code": TEXT, "occurred_on": DAY, "status": TEXT, "severity": MAYBE_COUNT,
    })
