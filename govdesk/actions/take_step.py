"""Takes one step of one incident: checked against the case flow, appended, told to whoever waits for it."""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, select

from govdesk.actions.acting import Act, acting
from govdesk.actions.append_step import NewStep, append_step, find_step_id
from govdesk.actions.keep_triage import keep_triage
from govdesk.actions.merge_incidents import name_account
from govdesk.actions.revisit_rows import follow_revisit
from govdesk.actions.stage_clock import find_asked
from govdesk.clock import now, today, zone
from govdesk.ingest.masking import mask, strip_hidden
from govdesk.queries.mediation_records import is_confirmed
from govdesk.queries.standing import HeldIncident, find_taker, read_standing
from govdesk.queries.triage import propose, read_units
from govdesk.rules.access import Scope, require
from govdesk.rules.case_flow import Taken, find_answered, find_obstacle
from govdesk.rules.record_checks import FormRefusedError, Problem, problem
from govdesk.rules.step_needs import Wanted, check_needs
from govdesk.rules.triage import check_route
from govdesk.storage.case_flow import read_flow_in_force
from govdesk.storage.units_off import is_off
from govdesk.tables import Post, Unit
from govdesk.terms import Outcome, StepKind

ACTION = "take_step"
_FORM_KEY = re.compile(r"[A-Za-z0-9-]{8,60}")


class StepRefusedError(FormRefusedError):
    """Nothing was written; `problems` say why, and by whom where somebody was there first."""


@dataclass(frozen=True, slots=True)
class StepTaken:
    """What was written: the step, where the incident stands now, whether numbers of persons were masked."""

    step_id: int
    status: str
    is_masked: bool = False
    is_repeated: bool = False


def take_step(
    engine: Engine, *, by: Scope, incident_id: int, wanted: Wanted, form_key: str, seen: int | None = None
) -> StepTaken:
    """Take one step, once.

    Parameters
    ----------
    engine : Engine
        The database.
    by : Scope
        The caller; the step is signed with its post.
    incident_id : int
        The caller must see it.
    wanted : Wanted
        The step.
    form_key : str
        Names one instance of the form: sent twice, the step is taken once.
    seen : int, optional
        How many steps the caller saw: where another came in between, nothing is written and the caller is told whose.

    Raises
    ------
    StepRefusedError
        When the flow does not allow it now or to this caller, something is missing, or somebody was there first.
    RefusedError
        When the caller may take no step at all.
    """
    require(by, ACTION)
    if not _FORM_KEY.fullmatch(form_key):
        message = "a form key has 8 to 60 letters, digits and hyphens"
        raise ValueError(message)
    reference = f"L{form_key}"
    with acting(engine, by=by, action=ACTION, changes=("incidents", "loop")) as act:
        held = read_standing(act.connection, by, incident_id, is_locked=True)
        if held is None:
            raise StepRefusedError([problem("not_found", "incident", id=incident_id)])
        known = find_step_id(act.connection, incident_id, reference)
        if known is not None:  # two clicks at once: the second finds the first
            act.audit("steps", known, repeated=True)
            return StepTaken(known, held.standing.status.value, is_repeated=True)
        _check(act.connection, by, held, wanted, seen)
        return _write(act, by, held, wanted, reference)


def _check(connection: Connection, by: Scope, held: HeldIncident, wanted: Wanted, seen: int | None) -> None:
    """Refuse what the flow, the caller's part in it, or what is missing forbids."""
    flow, standing = read_flow_in_force(), held.standing
    taker = find_taker(connection, by, held)
    obstacle = find_obstacle(flow, standing, taker, wanted.kind)
    if seen is not None and _has_moved(held, seen) and standing.last is not None:
        raise StepRefusedError([_tell_last(connection, "moved_on", standing.last)])
    if obstacle == "not_now" and standing.last is not None:
        raise StepRefusedError([_tell_last(connection, f"stands_{standing.status}", standing.last)])
    if obstacle is not None:
        raise StepRefusedError([problem(obstacle, "incident")])
    allowed = flow.find_step(wanted.kind)
    assert allowed is not None  # noqa: S101 - a step without obstacle is one of the flow
    problems = check_needs(allowed, wanted, standing, int(now().timestamp()), today())
    if wanted.unit_code:
        problems += _check_unit(connection, held, wanted)
    if wanted.outcome == Outcome.CONFIRMED and not is_confirmed(connection, by, held.id):
        problems.append(problem("no_confirmation", "outcome"))
    if wanted.kind is StepKind.ASK_EXTEND:
        problems += find_asked(connection, held.id, wanted.extension)[1]
    if problems:
        raise StepRefusedError(problems)


def _has_moved(held: HeldIncident, seen: int) -> bool:
    """Return whether a step was taken after the first `seen`; an urging moves nothing, whoever reads may go on."""
    return seen > len(held.steps) or any(fact.kind != StepKind.URGE for fact in held.steps[seen:])


def _tell_last(connection: Connection, key: str, last: Taken) -> Problem:
    """Say who took the last step, and when: somebody was there first."""
    at = datetime.fromtimestamp(last.at, zone())
    return problem(key, "incident", by=name_post(connection, last.by_post), at=f"{at:%m-%d %H:%M}", did=last.kind)


def name_post(connection: Connection, post: str | None) -> str:
    """Return the title of a post, of an account without one, or an empty text."""
    if post is None:
        return ""
    return str(connection.scalar(select(Post.title).where(Post.code == post)) or name_account(connection, post))


def _check_unit(connection: Connection, held: HeldIncident, wanted: Wanted) -> list[Problem]:
    if wanted.kind is not StepKind.DISPATCH:
        return [problem("unknown", "unit")]
    if connection.scalar(select(Unit.code).where(Unit.code == wanted.unit_code)) is None:
        return [problem("unknown", "unit")]
    if is_off(connection, wanted.unit_code, today()):
        return [problem("unit_off", "unit")]
    concerns = held.standing.concerns_unit
    refused = None if concerns is None else check_route(concerns, wanted.unit_code, read_units(connection))
    return [] if refused is None else [refused]


def _write(act: Act, by: Scope, held: HeldIncident, wanted: Wanted, reference: str) -> StepTaken:
    post = find_taker(act.connection, by, held).post
    kept, is_masked = mask(strip_hidden(wanted.note.strip()))
    answered = find_answered(wanted.kind, held.standing)
    proposed = propose(act.connection, [held.id]).get(held.id) if wanted.kind is StepKind.DISPATCH else None
    asked = None
    if wanted.kind is StepKind.ASK_EXTEND:
        asked, _ = find_asked(act.connection, held.id, wanted.extension)
    step = NewStep(
        kind=wanted.kind, source_ref=reference, by_post=post, unit_code=wanted.unit_code or by.unit_code,
        level=wanted.level, outcome=wanted.outcome, severity=wanted.severity, promised_on=wanted.promised_on,
        time_limit=None if asked is None else str(asked),
        reason=wanted.reason, of_step=None if answered is None else answered.step_id, note=kept or None)
    step_id = append_step(act, held.id, step)
    if wanted.kind is StepKind.REVISIT:
        follow_revisit(act, held.id, wanted, step, step_id)
    if proposed is not None and wanted.unit_code:
        keep_triage(act, by=by.account, incident_id=held.id, step_id=step_id, chosen_unit=wanted.unit_code,
                    suggestion=proposed)
    after = read_standing(act.connection, by, held.id)
    status = held.standing.status if after is None else after.standing.status
    return StepTaken(step_id, status.value, bool(is_masked))
