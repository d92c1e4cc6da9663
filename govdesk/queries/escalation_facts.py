"""The records that the parts of an escalation are read from (`rules.escalation_parts`).

What became known later (closing, level) is read from steps with their own time of recording, never from the incident.
Days and instants come as they are stored; `actions.find_escalations` turns them into events.
"""

from collections.abc import Sequence, Set
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from govdesk.queries.permission import reads
from govdesk.queries.scoping import visible_incidents, within_area
from govdesk.rules.access import Scope
from govdesk.rules.step_cache import LOOP_SOURCE
from govdesk.tables import Incident, Mediation, PlaceAncestor, Step, Unit, Visit
from govdesk.terms import StepKind, Stream, VisitReason

Rows = Sequence[Any]


def _counted(scope: Scope, streams: Sequence[str]) -> ColumnElement[bool]:
    return and_(Incident.is_counted == 1, visible_incidents(scope), Incident.stream.in_(streams))


@reads("find_escalations")
def list_steps_to_units(connection: Connection, scope: Scope, streams: Sequence[str], kinds: Sequence[str]) -> Rows:
    """Return ``incident_id, occurred_at, recorded_at`` of dispatches and referrals to units of some kinds."""
    units = select(Unit.code).where(Unit.kind.in_(kinds))
    return connection.execute(
        select(Step.incident_id, Step.occurred_at, Step.recorded_at).join(Incident, Incident.id == Step.incident_id)
        .where(_counted(scope, streams), Step.is_withdrawn.is_(False), Step.unit_code.in_(units),
               Step.kind.in_([StepKind.DISPATCH, StepKind.REFER_UP]))).all()


@reads("find_escalations")
def list_mediations(connection: Connection, scope: Scope, streams: Sequence[str], channels: Sequence[str]) -> Rows:
    """Return ``incident_id, started_on, recorded_at`` of mediations through some channels."""
    return connection.execute(
        select(Mediation.incident_id, Mediation.started_on, Mediation.recorded_at)
        .join(Incident, Incident.id == Mediation.incident_id)
        .where(_counted(scope, streams), Mediation.channel.in_(channels))).all()


@reads("find_escalations")
def list_followers(connection: Connection, scope: Scope, streams: Sequence[str], later: Sequence[str]) -> Rows:
    """Return ``id, occurred_on, recorded_at`` of incidents of streams `later` that repeat one of `streams`."""
    first = aliased(Incident, name="first")
    return connection.execute(
        select(Incident.id, Incident.occurred_on, Incident.recorded_at).join(first, first.id == Incident.repeat_of)
        .where(_counted(scope, later), first.stream.in_(streams), first.is_counted == 1)).all()


@reads("find_escalations")
def list_loop_steps(connection: Connection, scope: Scope, streams: Sequence[str], times: int) -> Rows:
    """Return ``incident_id, kind, occurred_at, recorded_at`` of closings and re-openings, by incident.

    Only of incidents with at least `times` re-openings.
    """
    often = (
        select(Step.incident_id).where(Step.kind == StepKind.REOPEN, Step.is_withdrawn.is_(False))
        .group_by(Step.incident_id).having(func.count() >= times)
    )
    return connection.execute(
        select(Step.incident_id, Step.kind, Step.occurred_at, Step.recorded_at)
        .join(Incident, Incident.id == Step.incident_id)
        .where(Step.incident_id.in_(often), Step.is_withdrawn.is_(False), _counted(scope, streams),
               Step.kind.in_([StepKind.CLOSE, StepKind.REOPEN]))
        .order_by(Step.incident_id, Step.occurred_at)).all()


@reads("find_escalations")
def list_agreements(connection: Connection, scope: Scope, streams: Sequence[str], before: date) -> Rows:
    """Return ``incident_id, performance_due_on, performed_on, recorded_at`` of agreements due before a day."""
    return connection.execute(
        select(Mediation.incident_id, Mediation.performance_due_on, Mediation.performed_on, Mediation.recorded_at)
        .join(Incident, Incident.id == Mediation.incident_id)
        .where(_counted(scope, streams), Mediation.performance_due_on < before)).all()


@reads("find_escalations")
def list_of_categories(connection: Connection, scope: Scope, categories: Sequence[str]) -> Rows:
    """Return ``id, occurred_on, recorded_at`` of incidents of some categories."""
    return connection.execute(
        select(Incident.id, Incident.occurred_on, Incident.recorded_at)
        .where(Incident.is_counted == 1, visible_incidents(scope), Incident.category.in_(categories))).all()


@reads("find_escalations")
def list_steps_at_levels(connection: Connection, scope: Scope, streams: Sequence[str], levels: Sequence[str]) -> Rows:
    """Return ``incident_id, occurred_at, recorded_at, place_code, week_occurred`` of steps at some levels.

    Referrals to such a level, and closings there.
    """
    return connection.execute(
        select(Step.incident_id, Step.occurred_at, Step.recorded_at, Incident.place_code, Incident.week_occurred)
        .join(Incident, Incident.id == Step.incident_id)
        .where(_counted(scope, streams), Step.is_withdrawn.is_(False), Step.level.in_(levels),
               Step.kind.in_([StepKind.REFER_UP, StepKind.CLOSE]))).all()


@reads("find_escalations")
def list_alert_visits(connection: Connection, scope: Scope) -> Rows:
    """Return ``code, week_from, week_to, visited_on`` of visits for an alert, for every place in what was visited."""
    return connection.execute(
        select(PlaceAncestor.code, PlaceAncestor.week_from, PlaceAncestor.week_to, Visit.visited_on)
        .join(Visit, Visit.place_code == PlaceAncestor.ancestor_code)
        .where(Visit.reason == VisitReason.ALERT, within_area(scope, Visit.place_code)).order_by(Visit.visited_on)
    ).all()


@reads("find_escalations")
def find_bare_sources(
    connection: Connection, scope: Scope, streams: Sequence[str], categories: Set[str]
) -> tuple[str, ...]:
    """Return the sources that bring no steps, and in `streams` none of the delivered `categories`."""
    found = connection.execute(
        select(Incident.source, Incident.category).where(_counted(scope, streams)).distinct()).all()
    delivered = {row.source for row in found if row.category in categories}
    candidates = sorted({row.source for row in found} - delivered)
    return tuple(source for source in candidates if connection.scalar(
        select(Step.id).join(Incident, Incident.id == Step.incident_id).where(Incident.source == source).limit(1)
    ) is None)


@reads("find_escalations")
def list_of_sources(connection: Connection, scope: Scope, streams: Sequence[str], sources: Sequence[str]) -> Rows:
    """Return ``id, occurred_on, recorded_at`` of incidents of some streams from some sources."""
    return connection.execute(
        select(Incident.id, Incident.occurred_on, Incident.recorded_at)
        .where(_counted(scope, streams), Incident.source.in_(sources))).all()


@reads("find_escalations")
def list_following_petitions(connection: Connection, scope: Scope, kind: str) -> Rows:
    """Return ``first_id, occurred_on, recorded_at, reported_at`` of petitions of a kind that repeat another incident.

    With that incident's ``first_reported_at`` and ``due_given_at``.
    """
    first = aliased(Incident, name="first")
    return connection.execute(
        select(first.id.label("first_id"), Incident.occurred_on, Incident.recorded_at, Incident.reported_at,
               first.reported_at.label("first_reported_at"), first.due_given_at)
        .join(first, first.id == Incident.repeat_of)
        .where(_counted(scope, [Stream.PETITION]), Incident.petition_kind == kind, first.is_counted == 1)).all()


#: Steps of the product whose deadline is that of handling.
_HANDLING = (StepKind.ACCEPT.value, StepKind.RESUME.value, StepKind.EXTEND.value)


@reads("find_escalations")
def list_steps_of_followed(connection: Connection, scope: Scope, kind: str) -> Rows:
    """Return ``incident_id, kind, occurred_at, outcome, level, due_at, is_withdrawn`` of what such petitions repeat.

    A step of the product carries the deadline of the stage that it enters. Only those of handling are a date by which
    somebody was promised something; that a desk accepted a day late leaves nobody waiting.
    """
    followed = select(Incident.repeat_of).where(
        _counted(scope, [Stream.PETITION]), Incident.petition_kind == kind, Incident.repeat_of.is_not(None))
    return connection.execute(
        select(Step.incident_id, Step.kind, Step.occurred_at, Step.outcome, Step.level,
               case((or_(Step.source != LOOP_SOURCE, Step.kind.in_(_HANDLING)), Step.due_at)).label("due_at"),
               Step.is_withdrawn)
        .where(Step.incident_id.in_(followed))).all()
