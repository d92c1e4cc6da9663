"""What follows from a revisit 回访 in the product: its result as a row, and where it was not settled, a re-opening."""

from hashlib import sha256

from sqlalchemy import insert

from govdesk.actions.acting import Act
from govdesk.actions.append_step import NewStep, append_step
from govdesk.clock import now, today
from govdesk.rules.step_cache import LOOP_SOURCE
from govdesk.rules.step_needs import Wanted
from govdesk.tables import Revisit
from govdesk.terms import RevisitResult, StepKind

#: Behind the reference of a revisit's step: the re-opening that follows from it.
REOPENED = "-R"


def follow_revisit(act: Act, incident_id: int, wanted: Wanted, revisit: NewStep, step_id: int) -> int | None:
    """Write the row of a revisit that was just taken as a step, in the same transaction.

    Found unsettled, the incident is opened again: to the unit that handled it, whose clock of accepting begins anew.
    That follows from what was found and needs nobody's leave, so a township's revisit re-opens too.

    Parameters
    ----------
    revisit : NewStep
        The step, as written.

    Returns
    -------
    int or None
        Number of the step that re-opened it.
    """
    values = {"incident_id": incident_id, "revisited_on": today(), "by_post": revisit.by_post,
              "result": wanted.reason, "satisfaction": wanted.satisfaction}
    digest = sha256(repr(sorted((name, str(value)) for name, value in values.items())).encode()).hexdigest()[:32]
    act.connection.execute(insert(Revisit).values(
        source=LOOP_SOURCE, source_ref=revisit.source_ref, content_hash=digest, recorded_at=now(), **values))
    if wanted.reason != RevisitResult.NOT_SETTLED:
        return None
    return append_step(act, incident_id, NewStep(
        kind=StepKind.REOPEN, source_ref=f"{revisit.source_ref}{REOPENED}", by_post=revisit.by_post,
        unit_code=revisit.unit_code, of_step=step_id, note=revisit.note))
