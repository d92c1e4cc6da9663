"""The clock of one incident, read from its steps, and the incidents whose clock may have to be urged."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Connection, exists, select, type_coerce
from sqlalchemy.orm import aliased

from govdesk.queries.permission import reads
from govdesk.queries.scoping import handled_incidents
from govdesk.rules.access import Scope
from govdesk.rules.stage_clock import LEADER, ClockStep, StageClock, list_pauses, read_clock, reckon
from govdesk.rules.step_cache import LOOP_SOURCE, StepFact
from govdesk.rules.time_limits import count_paused_days
from govdesk.rules.working_calendar import WorkingCalendar
from govdesk.storage.case_flow import read_flow_in_force
from govdesk.tables import Incident, Step
from govdesk.terms import Status, StepKind, TimeUnit


@dataclass(frozen=True, slots=True)
class ClockFacts:
    """What a screen says about the clock of one incident.

    Attributes
    ----------
    clock : StageClock
    due_at : datetime or None
        Deadline of the stage (UTC); None while it is paused, when closed, or without a limit.
    is_provisional : bool
        It rests on a year whose holidays were not announced yet.
    n_paused_days : int
        Days on which the clock of this stage stood still, up to now.
    """

    clock: StageClock
    due_at: datetime | None
    is_provisional: bool
    n_paused_days: int


def read_clock_steps(connection: Connection, incident_id: int) -> list[ClockStep]:
    """Return all steps of an incident that count, as the clock reads them; for who may see the incident already."""
    rows = connection.execute(select(
        Step.id, Step.kind, type_coerce(Step.occurred_at, BigInteger).label("at"), Step.source, Step.unit_code,
        type_coerce(Step.due_at, BigInteger).label("due_at"), Step.time_limit, Step.severity, Step.urge_level,
        Step.of_step,
    ).where(Step.incident_id == incident_id, Step.is_withdrawn.is_(False)))
    return [ClockStep(
        row.id, StepFact(row.kind, row.at, due_at=row.due_at, unit=row.unit_code,
                         taken=row.id if row.source == LOOP_SOURCE else 0),
        row.time_limit, row.severity, row.urge_level, row.of_step) for row in rows]


@reads("view_incidents")
def read_clock_facts(
    connection: Connection, scope: Scope, incident_id: int, now: datetime, calendar: WorkingCalendar,
) -> ClockFacts | None:
    """Return the clock of one incident as of `now`; None when the caller may not see it."""
    row = connection.execute(
        select(Incident.due_at, Incident.status).where(Incident.id == incident_id, handled_incidents(scope))).first()
    if row is None:
        return None
    clock = read_clock(read_clock_steps(connection, incident_id), read_flow_in_force().stages)
    unit = TimeUnit.DAYS if clock.term is None else clock.term.unit
    deadline = None if clock.paused_at is not None else reckon(clock, calendar, now)
    due_at = None if row.status == Status.CLOSED else row.due_at
    return ClockFacts(
        clock, due_at, is_provisional=deadline is not None and deadline.is_provisional and due_at is not None,
        n_paused_days=count_paused_days(list_pauses(clock, now), calendar, unit))


def list_urgeable(connection: Connection, now: datetime) -> list[int]:
    """Return the incidents, in order, whose deadline is over and of whose clock some level is not urged yet.

    Only clocks that a step of the product started: what was overdue when it was imported is not urged. For the system
    only: no scope, for nothing of them is shown.
    """
    limit = aliased(Step)
    is_ours = exists(select(limit.id).where(
        limit.incident_id == Incident.id, limit.source == LOOP_SOURCE, limit.time_limit.is_not(None),
        limit.due_at == Incident.due_at, limit.is_withdrawn.is_(False)))
    done = aliased(Step)
    is_done = exists(select(done.id).where(
        done.incident_id == Incident.id, done.kind == StepKind.URGE.value, done.urge_level == LEADER,
        done.due_at == Incident.due_at, done.is_withdrawn.is_(False)))
    statement = select(Incident.id).where(
        Incident.week_closed.is_(None), Incident.due_at < now, Incident.status.not_in([Status.PAUSED, Status.CLOSED]),
        Incident.is_counted == 1, Incident.weight > 0, is_ours, ~is_done)
    return sorted(connection.scalars(statement))
