"""Records an objection to a score, and its answer: an office or a village committee, never a person."""

from dataclasses import dataclass

from sqlalchemy import Connection, Engine, insert, select, update

from govdesk.actions.acting import acting
from govdesk.clock import now, today
from govdesk.ingest.masking import mask, strip_hidden
from govdesk.queries.places import get_place
from govdesk.rules.access import Scope, require
from govdesk.rules.record_checks import LONGEST_SUMMARY, FormRefusedError, Problem, problem
from govdesk.storage.engine import read_transaction
from govdesk.tables import Account, RiskObjection, RiskRun
from govdesk.terms import Level


class ObjectionRefusedError(FormRefusedError):
    """Nothing was written; `problems` say what to correct."""


@dataclass(frozen=True, slots=True)
class ObjectionKept:
    """What was written: key, whether numbers of persons were masked, whether it was there already."""

    objection_id: int
    is_masked: bool = False
    is_repeated: bool = False


def object_to_score(
    engine: Engine, *, by: Scope, place_code: str | None, text: str, run_id: int | None = None
) -> ObjectionKept:
    """Write one objection; the same words of the same post on the same village, while unanswered, are one objection.

    Parameters
    ----------
    engine : Engine
        The database.
    by : Scope
        The caller; the village must lie in its area. The objection is signed with its post.
    place_code : str or None
        A village; None objects to the method as such.
    text : str
        1 to `LONGEST_SUMMARY` characters; numbers of persons are masked before it is kept.
    run_id : int, optional
        The scoring that is meant.

    Raises
    ------
    ObjectionRefusedError
        When something is to be corrected.
    RefusedError
        When the caller may not do this.
    """
    require(by, "object_to_score")
    with read_transaction(engine) as connection:
        problems = [*_check_text("text", text), *_check_place(connection, by, place_code, run_id)]
    if problems:
        raise ObjectionRefusedError(problems)
    kept, is_masked = mask(strip_hidden(text).strip())
    with acting(engine, by=by, action="object_to_score", changes=("risk",)) as act:
        post = _find_post(act.connection, by)
        same = act.connection.scalar(select(RiskObjection.id).where(
            RiskObjection.by == post, RiskObjection.text == kept, RiskObjection.answer.is_(None),
            RiskObjection.place_code.is_(None) if place_code is None else RiskObjection.place_code == place_code))
        if same is not None:
            act.audit("risk_objections", same, repeated=True)
            return ObjectionKept(same, is_masked, is_repeated=True)
        done = act.connection.execute(insert(RiskObjection).values(
            at=now(), by=post, place_code=place_code, run_id=run_id, text=kept))
        key = done.inserted_primary_key
        assert key is not None  # noqa: S101 - one row was inserted
        act.audit("risk_objections", int(key[0]), place=place_code, run=run_id)
    return ObjectionKept(int(key[0]), is_masked)


def answer_objection(engine: Engine, *, by: Scope, objection_id: int, answer: str) -> ObjectionKept:
    """Write the answer to an objection; an answer that was given is never replaced.

    Raises
    ------
    ObjectionRefusedError
        Without an answer, for an objection that is not there (or not in the caller's area), or was answered already.
    RefusedError
        When the caller may not do this.
    """
    require(by, "answer_objection")
    problems = _check_text("answer", answer)
    if problems:
        raise ObjectionRefusedError(problems)
    kept, is_masked = mask(strip_hidden(answer).strip())
    with acting(engine, by=by, action="answer_objection", changes=("risk",)) as act:
        row = act.connection.execute(
            select(RiskObjection.place_code, RiskObjection.answer).where(RiskObjection.id == objection_id)).first()
        if row is None or (row.place_code and get_place(act.connection, by, row.place_code, today()) is None):
            raise ObjectionRefusedError([problem("unknown", "objection")])
        # The condition again in the statement: of two answers at once only the first is kept.
        done = act.connection.execute(
            update(RiskObjection).where(RiskObjection.id == objection_id, RiskObjection.answer.is_(None))
            .values(answer=kept, answered_by=_find_post(act.connection, by), answered_at=now()))
        if done.rowcount != 1:
            raise ObjectionRefusedError([problem("answered", "objection")])
        act.audit("risk_objections", objection_id, answered=True)
    return ObjectionKept(objection_id, is_masked)


def _check_text(field: str, text: str) -> list[Problem]:
    if not strip_hidden(text).strip():
        return [problem("missing", field)]
    return [problem("too_long", field, most=LONGEST_SUMMARY, n=len(text))] if len(text) > LONGEST_SUMMARY else []


def _check_place(connection: Connection, by: Scope, place_code: str | None, run_id: int | None) -> list[Problem]:
    problems = []
    if place_code is not None:
        place = get_place(connection, by, place_code, today())
        if place is None:
            problems.append(problem("place_outside", "place"))
        elif place.level != Level.VILLAGE:
            problems.append(problem("place_level", "place", called=place.name))
    if run_id is not None and connection.scalar(select(RiskRun.id).where(RiskRun.id == run_id)) is None:
        problems.append(problem("unknown", "run"))
    return problems


def _find_post(connection: Connection, by: Scope) -> str:
    return connection.scalar(select(Account.post_code).where(Account.code == by.account)) or by.account
