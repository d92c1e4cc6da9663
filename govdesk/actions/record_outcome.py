"""Records what the 90 days after a visit came to, over what the records alone say; the audit keeps who and what was."""

from sqlalchemy import Engine, select, update

from govdesk.actions.acting import acting
from govdesk.actions.visit_order_checks import name_post
from govdesk.clock import now, today
from govdesk.queries.places import get_place
from govdesk.rules.access import Scope
from govdesk.rules.record_checks import FormRefusedError, problem
from govdesk.rules.visit_orders import OUTCOME_DAYS, OUTCOMES, is_over
from govdesk.tables import AuditEvent, Visit

ACTION = "record_outcome"


class OutcomeRefusedError(FormRefusedError):
    """The outcome was not written; `problems` say why."""


def record_outcome(
    engine: Engine, *, by: Scope, visit_id: int, outcome: str | None, was: str | None = None
) -> bool:
    """Write the outcome of a visit; sent twice it is written once. Return whether it was new.

    Parameters
    ----------
    outcome : str
        ``escalated`` at any time, ``quiet`` only when the 90 days are over.
    was : str or None
        What stood recorded when the form was drawn: somebody else's word since then is not written over.

    Raises
    ------
    OutcomeRefusedError
        When something is to be corrected.
    RefusedError
        When the caller may not do this.
    """
    with acting(engine, by=by, action=ACTION, changes=("risk",)) as act:
        row = act.connection.execute(
            select(Visit.place_code, Visit.visited_on, Visit.outcome_90_days)
            .where(Visit.id == visit_id).with_for_update()).first()
        if row is None or get_place(act.connection, by, row.place_code, row.visited_on) is None:
            raise OutcomeRefusedError([problem("visit_gone", "visit")])
        if outcome not in OUTCOMES:
            raise OutcomeRefusedError([problem("missing" if not outcome else "unknown", "outcome")])
        if outcome == "quiet" and not is_over(row.visited_on, today()):
            raise OutcomeRefusedError([problem("not_over", "outcome", days=OUTCOME_DAYS, day=row.visited_on)])
        if row.outcome_90_days not in (was, outcome):
            actor = act.connection.scalar(
                select(AuditEvent.by).where(AuditEvent.action == ACTION, AuditEvent.subject_key == str(visit_id))
                .order_by(AuditEvent.id.desc()).limit(1))
            raise OutcomeRefusedError([problem("outcome_taken", "outcome", by=name_post(act.connection, actor))])
        is_new = bool(row.outcome_90_days != outcome)
        if is_new:
            act.connection.execute(update(Visit).where(Visit.id == visit_id).values(
                outcome_90_days=outcome, outcome_recorded_at=now()))
        act.audit("visits", visit_id, outcome=outcome, was=row.outcome_90_days, repeated=not is_new)
        return is_new
