"""What a step brings to the clock of its incident: the deadline of the stage that it enters, and why it may not."""

from datetime import datetime

from sqlalchemy import Connection, select

from govdesk.queries.stage_clocks import read_clock_steps
from govdesk.rules.record_checks import Problem, problem
from govdesk.rules.stage_clock import (
    ClockMark,
    ClockStep,
    find_extension_obstacle,
    mark_step,
    read_clock,
)
from govdesk.rules.step_cache import StepFact
from govdesk.rules.time_limits import Limit, Term
from govdesk.storage.case_flow import read_flow_in_force
from govdesk.storage.time_limits import read_calendar, read_limits_in_force
from govdesk.tables import Incident
from govdesk.terms import StepKind

#: Number of the step that is about to be written: greater than any.
_NEXT = 2**62


def due_of_step(
    connection: Connection, incident_id: int, kind: StepKind, at: datetime, *,
    unit_code: str | None = None, severity: int | None = None, time_limit: str | None = None,
) -> ClockMark:
    """Return the deadline that a step of the product brings, and the term that it is reckoned by.

    Parameters
    ----------
    kind : StepKind
    at : datetime
        When the step happens.
    unit_code : str or None
        Of a dispatch: to whom.
    severity : int or None
        That the step gives.
    time_limit : str or None
        Of an extension that is asked for: how much.
    """
    row = connection.execute(select(Incident.stream, Incident.severity).where(Incident.id == incident_id)).one()
    fact = StepFact(kind.value, int(at.timestamp()), unit=unit_code, taken=_NEXT)
    return mark_step(
        read_clock_steps(connection, incident_id), ClockStep(_NEXT, fact, time_limit, severity), stream=row.stream,
        severity=row.severity, stages=read_flow_in_force().stages, limits=read_limits_in_force(),
        calendar=read_calendar())


def find_asked(connection: Connection, incident_id: int, amount: int | None) -> tuple[Term | None, list[Problem]]:
    """Return the extension that is asked for, in the unit of the table, and what forbids it.

    Parameters
    ----------
    amount : int or None
        How much, in the unit of the limit's extension; None asks for as much as the table allows.
    """
    clock = read_clock(read_clock_steps(connection, incident_id), read_flow_in_force().stages)
    row = connection.execute(select(Incident.stream, Incident.severity).where(Incident.id == incident_id)).one()
    limit: Limit | None = None
    if clock.stage is not None:
        severity = row.severity if clock.severity is None else clock.severity
        limit = read_limits_in_force().find(clock.stage, row.stream, severity)
    most = None if limit is None else limit.extension
    asked = most if most is None or amount is None else Term(amount, most.unit)
    obstacle = find_extension_obstacle(clock, limit, asked)
    if obstacle is None and asked is not None and asked.amount < 1:
        obstacle = "too_much"
    if obstacle is not None:
        return None, [problem(obstacle, "extension", most="" if most is None else most.amount)]
    return asked, []
