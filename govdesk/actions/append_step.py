"""Appends a step 流转 and keeps what is derived from the steps: the one way by which the product writes one."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from hashlib import sha256

from sqlalchemy import Connection, func, insert, select

from govdesk.actions.acting import Act
from govdesk.actions.stage_clock import due_of_step
from govdesk.actions.step_cache import refresh_cache
from govdesk.actions.webhooks import queue_deliveries
from govdesk.clock import now
from govdesk.rules.step_cache import LOOP_SOURCE
from govdesk.storage.weekly_counts import recounting
from govdesk.tables import Step
from govdesk.terms import StepKind

#: After these a closing week changes, and with it the weekly counts.
_COUNTED = frozenset({StepKind.CLOSE, StepKind.REOPEN})


@dataclass(frozen=True, slots=True)
class NewStep:
    """One step to be written.

    Attributes
    ----------
    kind : StepKind
    source_ref : str
        Unique among the steps of the product: what is sent twice is written once.
    by_post : str
        Post that takes it.
    due_at : datetime or None
        Deadline of the stage that it enters; reckoned here unless it is given.
    time_limit : str or None
        Of an extension that is asked for: how much (`rules.time_limits`); else reckoned here.
    of_step : int or None
        The step that it answers.
    note : str or None
        Masked already.
    """

    kind: StepKind
    source_ref: str
    by_post: str
    unit_code: str | None = None
    level: str | None = None
    outcome: str | None = None
    due_at: datetime | None = None
    severity: int | None = None
    promised_on: date | None = None
    time_limit: str | None = None
    reason: str | None = None
    urge_level: int | None = None
    of_step: int | None = None
    note: str | None = None
    batch_id: int | None = None


def find_step_id(connection: Connection, incident_id: int, source_ref: str) -> int | None:
    """Return the step of an incident that was written under a reference.

    Raises
    ------
    ValueError
        When it was written for another incident: nobody may be told that his step was taken.
    """
    row = connection.execute(select(Step.id, Step.incident_id).where(
        Step.source == LOOP_SOURCE, Step.source_ref == source_ref)).first()
    if row is not None and row.incident_id != incident_id:
        message = f"the form was sent for another incident: {source_ref}"
        raise ValueError(message)
    return None if row is None else row.id


def next_moment(connection: Connection, incident_id: int) -> datetime:
    """Return the instant of the next step: now, but never before the step that it follows.

    A computer's clock that is put back must not turn the order of what happened.
    """
    last = connection.scalar(select(func.max(Step.occurred_at)).where(
        Step.incident_id == incident_id, Step.is_withdrawn.is_(False)))
    present = now().replace(microsecond=0)
    return max(present, last.astimezone(UTC)) if last is not None else present


def append_step(act: Act, incident_id: int, step: NewStep) -> int:
    """Write a step in the caller's transaction, and what follows from it; return its number.

    The caller holds the incident (`queries.standing.read_standing` with ``is_locked``), so that nobody else appends
    to it meanwhile.
    """
    connection = act.connection
    at = next_moment(connection, incident_id)
    if step.due_at is None:
        mark = due_of_step(connection, incident_id, step.kind, at, unit_code=step.unit_code, severity=step.severity,
                           time_limit=step.time_limit)
        step = replace(step, due_at=mark.due_at, time_limit=mark.time_limit)
    values = {name: getattr(step, name) for name in NewStep.__dataclass_fields__}
    values |= {"kind": step.kind.value, "incident_id": incident_id, "source": LOOP_SOURCE, "occurred_at": at,
               "recorded_at": now()}
    digest = sha256(repr(sorted((name, str(value)) for name, value in values.items())).encode()).hexdigest()[:32]
    key = connection.execute(insert(Step).values(**values, content_hash=digest)).inserted_primary_key
    assert key is not None  # noqa: S101 - one row was inserted
    if step.kind in _COUNTED:
        with recounting(connection, [incident_id]):
            refresh_cache(connection, [incident_id])
    else:
        refresh_cache(connection, [incident_id])
    queue_deliveries(connection, int(key[0]))
    act.audit("steps", int(key[0]), incident=incident_id, kind=step.kind.value, unit=step.unit_code,
              outcome=step.outcome, reason=step.reason)
    return int(key[0])
