"""Takes the same step of many incidents: each in a transaction of its own, each refused for its own reason."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Engine

from govdesk.actions.take_step import StepRefusedError, StepTaken, take_step
from govdesk.rules.access import Scope, require
from govdesk.rules.record_checks import Problem
from govdesk.rules.step_needs import Wanted
from govdesk.terms import StepKind

#: Steps that make sense for many at once: nothing that says what was done about one incident.
IN_BATCH = (StepKind.ACCEPT, StepKind.DISPATCH, StepKind.URGE, StepKind.TRIAGE)

#: Incidents of one batch.
MOST = 50


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What became of one incident: the step that was taken, or why it was refused."""

    incident_id: int
    taken: StepTaken | None
    problems: tuple[Problem, ...] = ()


def take_steps(
    engine: Engine, *, by: Scope, seen: Mapping[int, int], wanted: Wanted, form_key: str
) -> tuple[BatchResult, ...]:
    """Take one step of each incident; what is refused of one says nothing about the others.

    Parameters
    ----------
    seen : mapping of int to int
        Number of each incident to how many steps of it the caller saw (`take_step`).
    form_key : str
        Names one instance of the form; each incident has a key of its own below it, so that a batch that is sent
        twice, or was cut off in the middle, takes each step once.

    Raises
    ------
    ValueError
        When there are more than `MOST` incidents, or the step is none of `IN_BATCH`.
    RefusedError
        When the caller may take no step at all.
    """
    require(by, "take_step")
    if len(seen) > MOST or wanted.kind not in IN_BATCH:
        message = f"a batch takes one of {', '.join(IN_BATCH)} of at most {MOST} incidents"
        raise ValueError(message)
    return tuple(_take_one(engine, by, number, wanted, form_key, n_steps) for number, n_steps in seen.items())


def _take_one(
    engine: Engine, by: Scope, incident_id: int, wanted: Wanted, form_key: str, seen: int
) -> BatchResult:
    try:
        taken = take_step(engine, by=by, incident_id=incident_id, wanted=wanted,
                          form_key=f"{form_key}-{incident_id}", seen=seen)
    except StepRefusedError as error:
        return BatchResult(incident_id, None, tuple(error.problems))
    return BatchResult(incident_id, taken)
