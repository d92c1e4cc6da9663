"""Judges two incidents that look alike 疑似重复: one is merged into the other, or they are different; both undone.

Nothing is deleted and nothing is copied: the merged incident keeps its row, its number and its steps, points to the one
that stays (`merged_into`) and counts no more (`is_counted` = 0). Each judgement is a row of `duplicate_verdicts`, and
undoing one is a mark on it. The weekly counts follow inside the same transaction.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, insert, or_, select, update

from govdesk.actions.acting import Act, acting
from govdesk.clock import local_day, now
from govdesk.ingest.masking import mask, strip_hidden
from govdesk.queries.scoping import visible_incidents
from govdesk.rules.access import Scope, require
from govdesk.rules.record_checks import LONGEST_SUMMARY, FormRefusedError, Problem, problem
from govdesk.storage.weekly_counts import recounting
from govdesk.tables import Account, DuplicateVerdict, ImportBatch, Incident
from govdesk.terms import DuplicateAnswer

ACTION = "merge_incidents"


class MergeRefusedError(FormRefusedError):
    """Nothing was written; `problems` say why, and by whom where somebody was there first."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What was written: the verdict's key, and whether numbers of persons were masked in the reason."""

    verdict_id: int
    is_masked: bool = False


def merge_incidents(engine: Engine, *, by: Scope, incident_id: int, into_id: int, reason: str = "") -> Judged:
    """Merge one incident into another.

    Parameters
    ----------
    engine : Engine
        The database.
    by : Scope
        The caller; must see both.
    incident_id, into_id : int
        The one that counts no more, and the one that stays. What had been merged into the first stays merged into it.
    reason : str
        Needed where the streams differ; masked, at most `LONGEST_SUMMARY` characters.

    Raises
    ------
    MergeRefusedError
        When one is not there (for this caller), is merged or withdrawn already, is a correction, when one is declared
        to repeat the other, or somebody judged the pair before.
    RefusedError
        When the caller may not do this.
    """
    require(by, ACTION)
    with acting(engine, by=by, action=ACTION, changes=("incidents",)) as act:
        rows = _lock(act.connection, by, incident_id, into_id)
        problems = _check_merge(act.connection, rows, incident_id, into_id, reason)
        if problems:
            raise MergeRefusedError(problems)
        with recounting(act.connection, [incident_id]):
            act.connection.execute(update(Incident).where(Incident.id == incident_id).values(
                merged_into=into_id, is_counted=0))
        return _keep(act, by, incident_id, into_id, DuplicateAnswer.MERGED, reason)


def keep_apart(engine: Engine, *, by: Scope, incident_id: int, other_id: int, reason: str = "") -> Judged:
    """Say that two incidents are different: the pair is not proposed again.

    Raises
    ------
    MergeRefusedError
        When one is not there (for this caller), or somebody judged the pair before.
    RefusedError
        When the caller may not do this.
    """
    require(by, ACTION)
    first, second = sorted((incident_id, other_id))
    with acting(engine, by=by, action=ACTION, changes=("incidents",)) as act:
        rows = _lock(act.connection, by, first, second)
        problems = [*_check_pair(act.connection, rows, first, second), *_check_reason(reason)]
        if problems:
            raise MergeRefusedError(problems)
        return _keep(act, by, first, second, DuplicateAnswer.DIFFERENT, reason)


def undo_verdict(engine: Engine, *, by: Scope, verdict_id: int) -> Judged:
    """Take a judgement back: a merged incident counts again as it did, a pair kept apart may be proposed again.

    An incident whose batch was withdrawn meanwhile becomes unmerged, and goes on counting nothing.

    Raises
    ------
    MergeRefusedError
        When there is no such judgement (for this caller), or somebody took it back before.
    RefusedError
        When the caller may not do this.
    """
    require(by, ACTION)
    with acting(engine, by=by, action=ACTION, changes=("incidents",)) as act:
        connection = act.connection
        verdict = connection.execute(select(DuplicateVerdict.__table__).where(
            DuplicateVerdict.id == verdict_id).with_for_update()).mappings().first()
        if verdict is None or len(_lock(connection, by, verdict["incident_id"], verdict["other_id"])) < 2:
            raise MergeRefusedError([problem("no_verdict", "verdict")])
        if verdict["undone_at"] is not None:
            raise MergeRefusedError([problem("undone", "verdict", by=name_account(connection, verdict["undone_by"]),
                                             day=local_day(verdict["undone_at"]))])
        connection.execute(update(DuplicateVerdict).where(DuplicateVerdict.id == verdict_id).values(
            undone_by=by.account, undone_at=now()))
        if verdict["verdict"] == DuplicateAnswer.MERGED:
            _unmerge(connection, verdict["incident_id"], verdict["other_id"])
        act.audit("duplicate_verdicts", verdict_id, undone=verdict["verdict"], incident=verdict["incident_id"],
                  other=verdict["other_id"])
        return Judged(verdict_id)


def _unmerge(connection: Connection, incident_id: int, into_id: int) -> None:
    batch = select(ImportBatch.withdrawn_at).join(Incident, Incident.batch_id == ImportBatch.id).where(
        Incident.id == incident_id)
    is_withdrawn = connection.scalar(batch) is not None
    with recounting(connection, [incident_id]):
        connection.execute(
            update(Incident).where(Incident.id == incident_id, Incident.merged_into == into_id)
            .values(merged_into=None, is_counted=0 if is_withdrawn else 1))


def _lock(connection: Connection, by: Scope, *ids: int) -> dict[int, Any]:
    """Return what the caller may see of some incidents, held until the end where the engine holds single rows."""
    columns = (Incident.id, Incident.stream, Incident.weight, Incident.is_counted, Incident.merged_into,
               Incident.repeat_of)
    rows = connection.execute(
        select(*columns).where(Incident.id.in_(ids), visible_incidents(by)).order_by(Incident.id)
        .with_for_update(of=Incident, key_share=True))
    return {row.id: row for row in rows}


def _check_merge(
    connection: Connection, rows: dict[int, Any], incident_id: int, into_id: int, reason: str
) -> list[Problem]:
    found = [*_check_pair(connection, rows, incident_id, into_id), *_check_reason(reason)]
    if found:
        return found
    one, other = rows[incident_id], rows[into_id]
    if one.weight < 0 or other.weight < 0:
        return [problem("correction", "incident")]
    if other.id == one.repeat_of or one.id == other.repeat_of:
        return [problem("declared_repeat", "incident")]
    if one.stream != other.stream and not reason.strip():
        return [problem("reason_needed", "reason")]
    return []


def _check_pair(connection: Connection, rows: dict[int, Any], one: int, other: int) -> list[Problem]:
    """Return what forbids any judgement: not there, the same, not counted any more, judged before."""
    if one == other:
        return [problem("itself", "incident")]
    if not {one, other} <= set(rows):
        return [problem("not_found", "incident", id=next(number for number in (one, other) if number not in rows))]
    for row in (rows[one], rows[other]):
        if row.merged_into is not None:
            return [_tell_merged(connection, row.id, row.merged_into)]
        if not row.is_counted:
            return [problem("withdrawn", "incident", id=row.id)]
    known = connection.execute(select(DuplicateVerdict.by, DuplicateVerdict.at).where(
        or_(*((DuplicateVerdict.incident_id == left) & (DuplicateVerdict.other_id == right)
              for left, right in ((one, other), (other, one)))), DuplicateVerdict.undone_at.is_(None))).first()
    if known is not None:
        return [problem("judged", "incident", by=name_account(connection, known.by), day=local_day(known.at))]
    return []


def _tell_merged(connection: Connection, incident_id: int, into_id: int) -> Problem:
    """Say into what an incident was merged, and by whom."""
    done = connection.execute(
        select(DuplicateVerdict.by, DuplicateVerdict.at).where(
            DuplicateVerdict.incident_id == incident_id, DuplicateVerdict.other_id == into_id,
            DuplicateVerdict.undone_at.is_(None))).first()
    who, day = ("?", "?") if done is None else (name_account(connection, done.by), local_day(done.at))
    return problem("merged", "incident", id=incident_id, into=into_id, by=who, day=day)


def _check_reason(reason: str) -> list[Problem]:
    if len(reason) > LONGEST_SUMMARY:
        return [problem("too_long", "reason", most=LONGEST_SUMMARY, n=len(reason))]
    return []


def name_account(connection: Connection, code: str) -> str:
    """Return the post that an account is, or its code where it is gone."""
    return str(connection.scalar(select(Account.title).where(Account.code == code)) or code)


def _keep(
    act: Act, by: Scope, incident_id: int, other_id: int, verdict: DuplicateAnswer, reason: str
) -> Judged:
    kept, is_masked = mask(strip_hidden(reason.strip()))
    done = act.connection.execute(insert(DuplicateVerdict).values(
        incident_id=incident_id, other_id=other_id, verdict=verdict.value, reason=kept, by=by.account, at=now()))
    key = done.inserted_primary_key
    assert key is not None  # noqa: S101 - one row was inserted
    act.audit("duplicate_verdicts", int(key[0]), verdict=verdict.value, incident=incident_id, other=other_id)
    return Judged(int(key[0]), is_masked)
