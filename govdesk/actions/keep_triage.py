"""Keeps beside each dispatch what the duty list proposed and what the person decided; neither is altered later."""

import json

from sqlalchemy import insert

from govdesk.actions.acting import Act
from govdesk.clock import now
from govdesk.rules.triage import Suggestion
from govdesk.tables import Triage


def keep_triage(
    act: Act, *, by: str, incident_id: int, step_id: int, chosen_unit: str, suggestion: Suggestion,
) -> None:
    """Write the decision of one dispatch, in its transaction.

    Parameters
    ----------
    act : Act
        The running action; its transaction holds the dispatch already.
    by : str
        Code of the account.
    step_id : int
        The dispatch.
    chosen_unit : str
        Unit that it was sent to.
    suggestion : Suggestion
        What was proposed before it (`queries.triage.propose`).
    """
    act.connection.execute(insert(Triage).values(
        incident_id=incident_id, step_id=step_id, suggested_unit=suggestion.unit_code,
        suggested_why=json.dumps(suggestion.as_kept(), ensure_ascii=False, sort_keys=True), chosen_unit=chosen_unit,
        is_followed=suggestion.unit_code == chosen_unit, by=by, at=now()))
