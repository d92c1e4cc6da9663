"""What a sender may add to its own request: a further note, and its withdrawal as long as nobody has accepted it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, Row, select

from govdesk.actions.acting import acting
from govdesk.actions.append_step import NewStep, append_step
from govdesk.actions.send_incident import is_recent, names_of
from govdesk.ingest.masking import mask, strip_hidden
from govdesk.queries.service_requests import is_own_request
from govdesk.queries.standing import HeldIncident, read_standing
from govdesk.rules.access import Scope, require
from govdesk.rules.service_request import Change, refuse
from govdesk.rules.step_cache import LOOP_SOURCE
from govdesk.tables import Step
from govdesk.terms import Outcome, Status, StepKind
from govdesk.words import say

_ACTION = "send_incident"
#: Nobody has begun to work on it: its sender may still take it back.
_NOT_ACCEPTED = frozenset({Status.REPORTED, Status.DISPATCHED})


@dataclass(frozen=True, slots=True)
class Changed:
    """What was written: the step; whether it came before; whether something personal was masked."""

    step_id: int | None
    is_repeated: bool = False
    is_masked: bool = False


def change_request(
    engine: Engine, *, by: Scope, source: str, incident_id: int, change: Change, key: str | None = None,
) -> Changed:
    """Append what a sender says to its own request, once.

    Parameters
    ----------
    engine : Engine
        The database.
    by : Scope
        The caller, ``intake:<source>``.
    source : str
        Code of the intake source.
    incident_id : int
        A request of this source.
    change : Change
        A further note becomes one more step ``report``; a withdrawal the step ``close`` with the outcome withdrawn.
    key : str, optional
        The sender's own key of this update, see `send_incident`.

    Raises
    ------
    RequestRefusedError
        When there is no such request of this source, it is too late, or the key was used for another update.
    RefusedError
        When the caller may not send.
    """
    require(by, _ACTION)
    names = [f"open311-{incident_id}-{name}" for name in names_of(key, repr((change.note, change.withdraws)))]
    kept, is_masked = mask(strip_hidden(change.note))
    with acting(engine, by=by, action=_ACTION, changes=("incidents", "loop")) as act:
        if not is_own_request(act.connection, by, source, incident_id):
            raise refuse(404, "request_unknown")
        held = read_standing(act.connection, by, incident_id, is_locked=True)
        if held is None:
            raise refuse(404, "request_unknown")
        kind = StepKind.CLOSE if change.withdraws else StepKind.REPORT
        known = _find(act.connection, names)
        if known is not None and (known.kind, known.note) != (kind, kept or None):
            raise refuse(409, "key_used")
        is_withdrawn = held.cache.status == Status.CLOSED and held.cache.outcome == Outcome.WITHDRAWN
        # Withdrawn before, by whatever words: nothing is left to do, unless a note would be lost.
        if known is not None or (change.withdraws and is_withdrawn and not kept):
            number = None if known is None else int(known.id)
            act.audit("steps", number, incident=incident_id, repeated=True)
            return Changed(number, is_repeated=True)
        _check(held, change)
        step_id = append_step(act, incident_id, NewStep(
            kind=kind, source_ref=names[0], by_post=by.account,
            outcome=Outcome.WITHDRAWN.value if change.withdraws else None, note=kept or None))
    return Changed(step_id, is_masked=bool(is_masked))


def _check(held: HeldIncident, change: Change) -> None:
    status = held.standing.status
    if status is Status.CLOSED or not held.standing.is_live:
        raise refuse(409, "update_closed")
    if change.withdraws and status not in _NOT_ACCEPTED:
        raise refuse(409, "update_late", state=say(f"term.status_{status}"))


def _find(connection: Connection, names: list[str]) -> Row[int, datetime, str, str | None] | None:
    """Return the step that was written under the same key, or of the same words within the window."""
    for place, name in enumerate(names):
        row = connection.execute(select(Step.id, Step.recorded_at, Step.kind, Step.note).where(
            Step.source == LOOP_SOURCE, Step.source_ref == name)).first()
        if row is not None and (place == 0 or is_recent(row.recorded_at)):
            return row
    return None
