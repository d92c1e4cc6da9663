"""Which steps of an incident an account may take now: what the board and the incident's page offer."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from govdesk.queries.permission import reads
from govdesk.queries.standing import HeldIncident, find_taker, read_standing
from govdesk.rules.access import Scope, allows
from govdesk.rules.case_flow import find_obstacle, list_allowed
from govdesk.storage.case_flow import read_flow_in_force
from govdesk.terms import StepKind

#: Incidents that are looked at for one batch.
MOST = 50


@dataclass(frozen=True, slots=True)
class StepOptions:
    """One incident and the steps that the caller may take of it now, in the order of the flow.

    Attributes
    ----------
    obstacles : mapping of str to str
        Kind of step to why it cannot be taken (`rules.case_flow.find_obstacle`); all kinds of the flow that are not
        in `allowed`.
    """

    held: HeldIncident
    allowed: tuple[StepKind, ...]
    obstacles: dict[StepKind, str]


@reads("view_board")
def read_options(connection: Connection, scope: Scope, incident_id: int) -> StepOptions | None:
    """Return what the caller may do with an incident; None where there is none, or the caller may not see it."""
    held = read_standing(connection, scope, incident_id)
    if held is None:
        return None
    flow, taker = read_flow_in_force(), find_taker(connection, scope, held)
    if not allows(scope, "take_step"):
        return StepOptions(held, (), {step.kind: "not_yours" for step in flow.step})
    allowed = list_allowed(flow, held.standing, taker)
    obstacles = {step.kind: find_obstacle(flow, held.standing, taker, step.kind) for step in flow.step}
    return StepOptions(held, allowed, {kind: why for kind, why in obstacles.items() if why is not None})


@reads("view_board")
def read_options_of(connection: Connection, scope: Scope, incident_ids: Sequence[int]) -> dict[int, StepOptions]:
    """Return `read_options` of up to `MOST` incidents, by number; those that cannot be seen are left out."""
    found = {number: read_options(connection, scope, number) for number in incident_ids[:MOST]}
    return {number: options for number, options in found.items() if options is not None}
