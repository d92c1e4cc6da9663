"""Call and answer 乡呼县应: a township calls units, each reports in, arrives, answers; whoever called ends it.

Every hop is a row that is never altered. What may follow and who may take it is said by `rules.calls`; two people at
once take turns, and the second is told by whom and when the hop was taken. The same form sent twice writes once: a
call by its form key, a hop by call, unit and hop when post and words are the same.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, insert, select, update

from govdesk.actions.acting import Act, acting
from govdesk.actions.call_checks import check_end, check_form, check_named, find_subject, list_concerned
from govdesk.actions.turns import take_turn
from govdesk.clock import now, zone
from govdesk.ingest.masking import mask, strip_hidden
from govdesk.queries.calls import CalledUnit, CallFacts, get_call
from govdesk.queries.standing import find_post
from govdesk.rules.access import Scope, require
from govdesk.rules.calls import check_hop, find_due, find_side, may_call, may_take, needs_note
from govdesk.rules.record_checks import LONGEST_SUMMARY, FormRefusedError, problem
from govdesk.storage.call_limits import read_call_limits
from govdesk.tables import Call, CallStep
from govdesk.terms import CallHop

_FORM_KEY = re.compile(r"[A-Za-z0-9-]{8,60}")


class CallRefusedError(FormRefusedError):
    """Nothing was written; `problems` say why: what to correct, or who was first, and when."""


@dataclass(frozen=True, slots=True)
class CallDone:
    """What was written, or was there already; whether numbers of persons were masked in the note."""

    call_id: int
    is_masked: bool = False
    is_repeated: bool = False


def place_call(
    engine: Engine, *, by: Scope, place_code: str | None, category: str | None, severity: int | None,
    units: Sequence[str], lead: str | None, incident_id: int | None = None, note: str = "", form_key: str,
) -> CallDone:
    """Call one or several units to a place; several are a joint handling 联合会诊 with one lead.

    Parameters
    ----------
    by : Scope
        A township calls for places of its own area and never its own unit; the centre for any.
    place_code : str
        Where they are needed; for a call about an incident the incident's own place is taken.
    severity : int
        1 (highest) to 4: decides until when each hop is expected.
    units, lead : sequence of str, str
        Codes of the called units; the lead is one of them and stays it.
    incident_id : int, optional
        An incident that the caller may see. The unit it concerns, and units below it, are not called and never see it.
    note : str
        At most `LONGEST_SUMMARY` characters; numbers of persons are masked before it is kept.
    form_key : str
        Names one instance of the form: sent twice, the call is written once.

    Raises
    ------
    CallRefusedError
        When something is to be corrected.
    RefusedError
        When the caller may not do this.
    """
    require(by, "call_units")
    if not _FORM_KEY.fullmatch(form_key):
        message = "a form key has 8 to 60 letters, digits and hyphens"
        raise ValueError(message)
    named = list(units)
    kept, is_masked = mask(strip_hidden(note[:LONGEST_SUMMARY].strip()))  # what is longer is refused
    with acting(engine, by=by, action="call_units", changes=("loop",)) as act:
        take_turn(act.connection)
        known = act.connection.scalar(select(Call.id).where(Call.source_ref == f"C{form_key}"))
        if known is not None:
            act.audit("calls", known, repeated=True)
            return CallDone(known, is_repeated=True)
        about = find_subject(act.connection, by, incident_id)
        place_code = place_code if about is None else about.place_code
        problems = check_form(
            act.connection, by, place_code, category, severity, note, is_place_known=about is not None)
        if incident_id is not None and about is None:
            problems.append(problem("incident_unknown", "incident"))
        problems += check_named(act.connection, by, named, lead, None if about is None else about.concerns_unit)
        if problems or severity is None:
            raise CallRefusedError(problems)
        number = _write_call(act, by, named, lead, {
            "source_ref": f"C{form_key}", "place_code": place_code, "incident_id": incident_id,
            "concerns_unit": None if about is None else about.concerns_unit, "category": category,
            "severity": severity, "note": kept or None})
        act.audit("calls", number, place=place_code, category=category, severity=severity, units=named, lead=lead,
                  incident=incident_id)
        return CallDone(number, is_masked)


def add_unit(engine: Engine, *, by: Scope, call_id: int, unit_code: str, note: str = "") -> CallDone:
    """Call one unit more to a call that goes on; whoever called, or the centre. The lead stays who it is.

    Raises
    ------
    CallRefusedError
        When there is no such call, it has ended, the unit was called already, or may not be.
    RefusedError
        When the caller may not do this.
    """
    with acting(engine, by=by, action="call_units", changes=("loop",)) as act:
        call = _hold(act, by, call_id)
        _require_caller(by, call)
        kept, is_masked = _keep_note(note)
        at, post = now(), find_post(act.connection, by)
        known = next((unit for unit in call.units if unit.code == unit_code), None)
        if known is not None:
            return _repeat(act, call_id, known, CallHop.SUMMON, post, kept)
        _refuse_ended(call)
        lead = next(unit.code for unit in call.units if unit.is_lead)
        named = [*(unit.code for unit in call.units), unit_code]
        for concerned in list_concerned(act.connection, call_id):
            problems = check_named(act.connection, by, named, lead, concerned, new=unit_code)
            if problems:
                raise CallRefusedError(problems)
        _write_hop(act, call_id, unit_code, CallHop.SUMMON, call.severity, at, post, kept)
        act.audit("calls", call_id, added=unit_code)
        return CallDone(call_id, is_masked)


def take_hop(engine: Engine, *, by: Scope, call_id: int, unit_code: str, hop: CallHop, note: str = "") -> CallDone:
    """Take the next hop of one called unit: it reports in, arrives, answers; whoever called releases it.

    Parameters
    ----------
    by : Scope
        An account of the called unit, or the centre for it, with a note that says how it knows.
    note : str
        Needed for an answer, for what the centre does for a unit, and for calling a unit off before it has answered.

    Raises
    ------
    CallRefusedError
        When the hop does not follow, or somebody took it first: ``error_taken`` says who and when.
    RefusedError
        When the caller may not do this.
    """
    action = "call_units" if hop == CallHop.RELEASE else "answer_call"
    with acting(engine, by=by, action=action, changes=("loop",)) as act:
        call = _hold(act, by, call_id)
        unit = next((one for one in call.units if one.code == unit_code), None)
        called = [one.code for one in call.units]
        side = find_side(by, unit_code, called, is_caller_area=call.is_in_area)
        if unit is None or not may_take(side, hop, by):
            raise CallRefusedError([problem("not_yours", "hop")])
        kept, is_masked = _keep_note(note)
        post = find_post(act.connection, by)
        if unit.find(hop) is not None:
            return _repeat(act, call_id, unit, hop, post, kept)
        _refuse_ended(call)
        why = check_hop(unit.taken, hop, call.severity, read_call_limits(), is_lead=unit.is_lead)
        if why is not None:
            raise CallRefusedError([problem(why, "hop")])
        if needs_note(side, hop, unit.taken) and not kept:
            raise CallRefusedError([problem("missing", "hop_note")])
        _write_hop(act, call_id, unit_code, hop, call.severity, now(), post, kept, is_lead=False)
        act.audit("calls", call_id, unit=unit_code, hop=hop, side=side)
        return CallDone(call_id, is_masked)


def end_call(engine: Engine, *, by: Scope, call_id: int, outcome: str | None, note: str = "") -> CallDone:
    """End a call: whoever called, or the centre, judges the outcome; units that still stand by are released.

    Parameters
    ----------
    outcome : str
        `terms.CallOutcome`; settled and partly settled only after the lead has answered.
    note : str
        Kept with the release of the lead; needed for everything but ``settled``.

    Raises
    ------
    CallRefusedError
        When the outcome does not stand, or somebody ended it first.
    RefusedError
        When the caller may not do this.
    """
    with acting(engine, by=by, action="call_units", changes=("loop",)) as act:
        call = _hold(act, by, call_id)
        _require_caller(by, call)
        kept, is_masked = _keep_note(note)
        at, post = now(), find_post(act.connection, by)
        lead = next(unit for unit in call.units if unit.is_lead)
        if call.ended_at is not None:
            ended_by = act.connection.scalar(select(Call.ended_by).where(Call.id == call_id))
            last = lead.find(CallHop.RELEASE)
            if (ended_by, call.outcome, last and last.note) != (post, outcome, kept):
                _refuse_ended(call)
            act.audit("calls", call_id, repeated=True)
            return CallDone(call_id, is_repeated=True)
        problems = check_end(lead, outcome, kept)
        if problems:
            raise CallRefusedError(problems)
        for unit in call.units:
            if unit.find(CallHop.RELEASE) is None:
                _write_hop(act, call_id, unit.code, CallHop.RELEASE, call.severity, at, post,
                           kept if unit.is_lead else None)
        act.connection.execute(
            update(Call).where(Call.id == call_id).values(ended_at=at, outcome=outcome, ended_by=post))
        act.audit("calls", call_id, outcome=outcome)
        return CallDone(call_id, is_masked)


def _write_call(act: Act, by: Scope, units: list[str], lead: str | None, values: dict[str, Any]) -> int:
    """Write a call and the summons of each unit, the lead's first."""
    at, post = now(), find_post(act.connection, by)
    done = act.connection.execute(insert(Call).values(called_at=at, by_post=post, **values))
    key = done.inserted_primary_key
    assert key is not None  # noqa: S101 - one row was inserted
    for code in sorted(units, key=lambda code: code != lead):
        _write_hop(act, int(key[0]), code, CallHop.SUMMON, values["severity"], at, post, None, is_lead=code == lead)
    return int(key[0])


def _hold(act: Act, by: Scope, call_id: int) -> CallFacts:
    """Return the call as it is and stays until the action is done."""
    take_turn(act.connection)
    call = get_call(act.connection, by, call_id)
    if call is None:
        raise CallRefusedError([problem("unknown", "call")])
    return call


def _require_caller(by: Scope, call: CallFacts) -> None:
    called = [unit.code for unit in call.units]
    if not may_call(by, called, is_caller_area=call.is_in_area):
        raise CallRefusedError([problem("not_caller", "call")])


def _refuse_ended(call: CallFacts) -> None:
    if call.ended_at is not None:
        raise CallRefusedError([problem("ended", "call", by=call.ended_by, at=_write(call.ended_at))])


def _write(at: datetime) -> str:
    return at.astimezone(zone()).strftime("%Y-%m-%d %H:%M")


def _repeat(act: Act, call_id: int, unit: CalledUnit, hop: CallHop, post: str, note: str | None) -> CallDone:
    """Return what was done when it is the same form again; else tell who was first."""
    first = unit.find(hop)
    by_post = act.connection.scalar(select(CallStep.by_post).where(
        CallStep.call_id == call_id, CallStep.unit_code == unit.code, CallStep.hop == hop))
    if first is None or (by_post, first.note) != (post, note):
        who, at = (first.post, _write(first.at)) if first else (by_post, "")
        raise CallRefusedError([problem("taken", "hop", unit=unit.name, by=who, at=at)])
    act.audit("calls", call_id, unit=unit.code, hop=hop, repeated=True)
    return CallDone(call_id, is_repeated=True)


def _write_hop(
    act: Act, call_id: int, unit_code: str, hop: CallHop, severity: int, at: datetime, post: str, note: str | None,
    *, is_lead: bool = False,
) -> None:
    act.connection.execute(insert(CallStep).values(
        call_id=call_id, unit_code=unit_code, hop=hop, is_lead=is_lead, at=at,
        due_at=find_due(hop, at, severity, read_call_limits()), by_post=post, note=note))


def _keep_note(note: str) -> tuple[str | None, bool]:
    if len(note) > LONGEST_SUMMARY:
        raise CallRefusedError([problem("too_long", "hop_note", most=LONGEST_SUMMARY, n=len(note))])
    kept, is_masked = mask(strip_hidden(note.strip()))
    return kept or None, is_masked
