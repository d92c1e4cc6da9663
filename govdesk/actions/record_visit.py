"""Records a visit to a village 走访: a place, a day, what was met; never a person."""

import re
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from sqlalchemy import Connection, Engine, insert, select

from govdesk.actions.acting import acting
from govdesk.actions.visit_order_checks import check_order
from govdesk.actions.visit_orders import tie_visit
from govdesk.clock import now, today
from govdesk.ingest.masking import mask, strip_hidden
from govdesk.queries.places import get_place
from govdesk.rules.access import Scope, require
from govdesk.rules.record_checks import EARLIEST, LONGEST_SUMMARY, FormRefusedError, Problem, problem
from govdesk.storage.engine import read_transaction
from govdesk.tables import Account, RiskScore, Visit
from govdesk.terms import Level, VisitFinding, VisitReason

SOURCE = "register"
_FORM_KEY = re.compile(r"[A-Za-z0-9-]{8,60}")


class VisitRefusedError(FormRefusedError):
    """The visit was not written; `problems` say what to correct."""


@dataclass(frozen=True, slots=True)
class VisitRecorded:
    """What was written: key, whether numbers of persons were masked in the note, whether it was there already."""

    visit_id: int
    is_masked: bool = False
    is_repeated: bool = False


def record_visit(
    engine: Engine, *, by: Scope, place_code: str | None, reason: str | None, visited_on: date | None,
    found: str | None, note: str, form_key: str, order: int | None = None,
) -> VisitRecorded:
    """Write one visit, once.

    Parameters
    ----------
    engine : Engine
        The database.
    by : Scope
        The caller; the village must lie in its area. The visit is signed with its post.
    place_code : str
        A village (or a grid in it).
    reason, found : str
        `terms.VisitReason`, `terms.VisitFinding`.
    visited_on : date
        Not in the future.
    note : str
        At most `LONGEST_SUMMARY` characters; numbers of persons are masked before it is kept.
    form_key : str
        Names one instance of the form: sent twice, the visit is written once.
    order : int, optional
        The order that the form was opened from: refused where the visit cannot be the one ordered. Without it, the open
        orders of that village and reason are answered all the same (`actions.visit_orders.tie_visit`).

    Raises
    ------
    VisitRefusedError
        When something is to be corrected.
    RefusedError
        When the caller may not do this.
    """
    require(by, "record_visit")
    if not _FORM_KEY.fullmatch(form_key):
        message = "a form key has 8 to 60 letters, digits and hyphens"
        raise ValueError(message)
    with read_transaction(engine) as connection:
        problems = _check(connection, by, place_code, reason, visited_on, found, note)
        known = _find(connection, form_key)
        if order is not None and known is None:
            problems += check_order(connection, by, order, place_code, reason, visited_on)
    if known is not None:
        return VisitRecorded(known, is_repeated=True)
    if problems:
        raise VisitRefusedError(problems)
    kept, is_masked = mask(strip_hidden(note.strip()))
    with acting(engine, by=by, action="record_visit", changes=("risk",)) as act:
        known = _find(act.connection, form_key)
        if known is None:
            values: dict[str, object] = {
                "place_code": place_code, "reason": reason, "visited_on": visited_on, "found": found,
                "note": kept or None}
            number = _insert(act.connection, by, form_key, values)
            act.audit("visits", number, place=place_code, reason=reason, found=found, visited_on=visited_on)
            if place_code and reason and visited_on:
                tie_visit(act, number, place_code=place_code, reason=reason, visited_on=visited_on)
            return VisitRecorded(number, is_masked)
        act.audit("visits", known, repeated=True)  # two clicks at once: the second finds the first
    return VisitRecorded(known, is_repeated=True)


def _check(
    connection: Connection, by: Scope, place_code: str | None, reason: str | None, visited_on: date | None,
    found: str | None, note: str,
) -> list[Problem]:
    fields = {"place": place_code, "reason": reason, "visited_on": visited_on, "found": found}
    problems = [problem("missing", name) for name, value in fields.items() if not value]
    if reason and reason not in list(VisitReason):
        problems.append(problem("unknown", "reason"))
    if found and found not in list(VisitFinding):
        problems.append(problem("unknown", "found"))
    if visited_on and not EARLIEST <= visited_on <= today():
        problems.append(problem("day", "visited_on", day=visited_on, today=today()))
    if len(note) > LONGEST_SUMMARY:
        problems.append(problem("too_long", "note", most=LONGEST_SUMMARY, n=len(note)))
    if place_code and visited_on:
        place = get_place(connection, by, place_code, visited_on)
        if place is None:
            problems.append(problem("place_outside", "place"))
        elif place.level not in (Level.VILLAGE, Level.GRID):
            problems.append(problem("place_level", "place", called=place.name))
    return problems


def _find(connection: Connection, form_key: str) -> int | None:
    return connection.scalar(select(Visit.id).where(Visit.source == SOURCE, Visit.source_ref == f"V{form_key}"))


def _insert(connection: Connection, by: Scope, form_key: str, values: dict[str, object]) -> int:
    post = connection.scalar(select(Account.post_code).where(Account.code == by.account))
    score = None
    if values["reason"] == VisitReason.ALERT:
        score = connection.scalar(select(RiskScore.id).where(RiskScore.place_code == values["place_code"])
                                  .order_by(RiskScore.id.desc()).limit(1))
    digest = sha256(repr(sorted(values.items())).encode()).hexdigest()[:32]
    done = connection.execute(insert(Visit).values(
        source=SOURCE, source_ref=f"V{form_key}", content_hash=digest, recorded_at=now(), by_post=post or by.account,
        risk_score_id=score, **values))
    key = done.inserted_primary_key
    assert key is not None  # noqa: S101 - one row was inserted
    return int(key[0])
