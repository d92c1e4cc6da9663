"""Handover 交接班: remarks are left, the going shift signs what it hands over, the coming shift signs for it once."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, update

from govdesk.actions.acting import Act, acting
from govdesk.actions.turns import take_turn
from govdesk.clock import now, zone
from govdesk.ingest.masking import mask, strip_hidden
from govdesk.queries.calls import name_post, visible_calls
from govdesk.queries.handover import find_from, find_last, of_area, read_handover_facts
from govdesk.queries.scoping import handled_incidents, within_area
from govdesk.queries.standing import find_post
from govdesk.rules.access import Scope, require
from govdesk.rules.handover import SUBJECTS, write_facts
from govdesk.rules.record_checks import LONGEST_SUMMARY, FormRefusedError, Problem, problem
from govdesk.storage.engine import read_transaction
from govdesk.tables import Call, Handover, HandoverNote, Incident, VisitOrder

_FORM_KEY = re.compile(r"[A-Za-z0-9-]{8,60}")


class HandoverRefusedError(FormRefusedError):
    """Nothing was written; `problems` say why, and who was first."""


@dataclass(frozen=True, slots=True)
class HandoverDone:
    """What was written, or was there already: number of the handover or the note; whether a remark was masked."""

    id: int
    is_masked: bool = False
    is_repeated: bool = False


def leave_note(
    engine: Engine, *, by: Scope, subject: str = "shift", subject_id: int | None = None, note: str
) -> HandoverDone:
    """Leave a remark for the next shift; it goes with the next handover that is signed.

    Parameters
    ----------
    subject : str
        shift, incident, call or visit_order.
    subject_id : int, optional
        Which one, of those the caller may see; None for the shift.
    note : str
        1 to `LONGEST_SUMMARY` characters; numbers of persons are masked. The same words of the same post about the
        same thing are one note.

    Raises
    ------
    HandoverRefusedError
        When there is nothing to keep, or nothing of the kind to see.
    RefusedError
        When the caller may not do this.
    """
    require(by, "sign_handover")
    kept, is_masked = _keep(note, "note")
    if kept is None:
        raise HandoverRefusedError([problem("missing", "note")])
    with acting(engine, by=by, action="sign_handover", changes=("loop",)) as act:
        take_turn(act.connection)
        if not _is_there(act.connection, by, subject, subject_id):
            raise HandoverRefusedError([problem("unknown", "subject")])
        values = {"subject": subject, "subject_id": subject_id, "area_code": by.area_code, "note": kept,
                  "by": find_post(act.connection, by)}
        known = act.connection.scalar(select(HandoverNote.id).where(
            HandoverNote.handover_id.is_(None),
            *(getattr(HandoverNote, name).is_not_distinct_from(value) for name, value in values.items())))
        if known is not None:
            act.audit("handover_notes", known, repeated=True)
            return HandoverDone(known, is_repeated=True)
        done = act.connection.execute(insert(HandoverNote).values(at=now(), **values))
        number = _key_of(done.inserted_primary_key)
        act.audit("handover_notes", number, about=subject, about_id=subject_id)
        return HandoverDone(number, is_masked)


def sign_out(engine: Engine, *, by: Scope, seen_id: int | None, remark: str = "", form_key: str) -> HandoverDone:
    """Sign what the going shift hands over: the facts are frozen, and never computed again.

    Parameters
    ----------
    by : Scope
        Its area is what is handed over; each township has a handover of its own.
    seen_id : int or None
        Number of the last handover that the caller knew of: when another one was signed meanwhile, this one is not.
    remark : str
        At most `LONGEST_SUMMARY` characters; numbers of persons are masked.
    form_key : str
        Names one instance of the form: sent twice, the handover is written once.

    Raises
    ------
    HandoverRefusedError
        When somebody signed meanwhile; says who and when.
    RefusedError
        When the caller may not do this.
    """
    require(by, "sign_handover")
    if not _FORM_KEY.fullmatch(form_key):
        message = "a form key has 8 to 60 letters, digits and hyphens"
        raise ValueError(message)
    kept, is_masked = _keep(remark, "remark")
    at = now()
    with read_transaction(engine) as connection:  # not while others wait to write
        facts = read_handover_facts(connection, by, find_from(connection, by, at), at)
    with acting(engine, by=by, action="sign_handover", changes=("loop",)) as act:
        take_turn(act.connection)
        known = act.connection.scalar(select(Handover.id).where(Handover.source_ref == f"H{form_key}"))
        if known is not None:
            act.audit("handovers", known, repeated=True)
            return HandoverDone(known, is_repeated=True)
        last, _ = find_last(act.connection, by)
        if last != seen_id:
            raise HandoverRefusedError([_tell(act.connection, last, "signed_meanwhile")])
        done = act.connection.execute(insert(Handover).values(
            source_ref=f"H{form_key}", area_code=by.area_code, from_at=facts.from_at, to_at=at,
            facts=write_facts(facts), remark=kept, out_by=find_post(act.connection, by), out_at=at))
        number = _key_of(done.inserted_primary_key)
        act.connection.execute(
            update(HandoverNote).where(HandoverNote.handover_id.is_(None), of_area(by, HandoverNote.area_code))
            .values(handover_id=number))
        act.audit("handovers", number, area=by.area_code, counts={one.name: one.n for one in facts.lists})
        return HandoverDone(number, is_masked)


def sign_in(engine: Engine, *, by: Scope, handover_id: int) -> HandoverDone:
    """Sign for a handover: the coming shift, by another post than the going one's, exactly once.

    Raises
    ------
    HandoverRefusedError
        When there is none in the caller's area, it is the caller's own, or somebody signed for it: says who and when.
    RefusedError
        When the caller may not do this.
    """
    with acting(engine, by=by, action="sign_handover", changes=("loop",)) as act:
        take_turn(act.connection)
        row = act.connection.execute(
            select(Handover.out_by, Handover.in_by)
            .where(Handover.id == handover_id, of_area(by, Handover.area_code))).first()
        if row is None:
            raise HandoverRefusedError([problem("unknown", "handover")])
        post = find_post(act.connection, by)
        if row.out_by in (post, by.account):
            raise HandoverRefusedError([problem("same_post", "handover")])
        if row.in_by is not None:
            if row.in_by != post:
                raise HandoverRefusedError([_tell(act.connection, handover_id, "taken", is_in=True)])
            act.audit("handovers", handover_id, repeated=True)
            return HandoverDone(handover_id, is_repeated=True)
        _write_in(act, handover_id, post)
        return HandoverDone(handover_id)


def _write_in(act: Act, handover_id: int, post: str) -> None:
    act.connection.execute(
        update(Handover).where(Handover.id == handover_id, Handover.in_by.is_(None)).values(in_by=post, in_at=now()))
    act.audit("handovers", handover_id, signed_in=True)


def _tell(connection: Connection, handover_id: int | None, key: str, *, is_in: bool = False) -> Problem:
    signed, when = (Handover.in_by, Handover.in_at) if is_in else (Handover.out_by, Handover.out_at)
    row = connection.execute(select(name_post(signed), when).where(Handover.id == handover_id)).first()
    return problem(key, "handover", by=row[0] if row else "", at=_write(row[1]) if row else "")


def _write(at: datetime) -> str:
    return at.astimezone(zone()).strftime("%Y-%m-%d %H:%M")


def _keep(text: str, field: str) -> tuple[str | None, bool]:
    if len(text) > LONGEST_SUMMARY:
        raise HandoverRefusedError([problem("too_long", field, most=LONGEST_SUMMARY, n=len(text))])
    kept, is_masked = mask(strip_hidden(text.strip()))
    return kept or None, is_masked


def _key_of(key: Any) -> int:
    assert key is not None  # noqa: S101 - one row was inserted
    return int(key[0])


def _is_there(connection: Connection, by: Scope, subject: str, subject_id: int | None) -> bool:
    """Return whether a note may be about this: the shift, or something that the caller may see."""
    if subject not in SUBJECTS or (subject == "shift") != (subject_id is None):
        return False
    seen = {
        "incident": select(Incident.id).where(Incident.id == subject_id, handled_incidents(by)),
        "call": select(Call.id).where(Call.id == subject_id, visible_calls(by)),
        "visit_order": select(VisitOrder.id).where(
            VisitOrder.id == subject_id, within_area(by, VisitOrder.place_code)),
    }.get(subject)
    return seen is None or connection.scalar(seen) is not None
