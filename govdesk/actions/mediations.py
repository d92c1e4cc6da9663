"""Keeps the mediation record 调解 of an incident: opened, its sittings, result, agreement, performance, confirmation.

A correction overwrites; what stood there before is kept in the audit (days, flags and codes: nothing of a person). What
a file brought may be carried on here; the next file of its source wins over it, and the import keeps what it replaced.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select, update

from govdesk.actions.acting import Act, acting
from govdesk.clock import now, today
from govdesk.ingest.masking import mask, strip_hidden
from govdesk.queries.mediation_records import list_mediators
from govdesk.queries.standing import HeldIncident, find_taker, read_standing
from govdesk.rules.access import Scope, require
from govdesk.rules.mediation_checks import EDITABLE, check_mediation, check_session, mark_record
from govdesk.rules.record_checks import FormRefusedError, problem
from govdesk.rules.step_cache import LOOP_SOURCE
from govdesk.tables import Mediation, MediationSession

ACTION = "record_mediation"
_CHANGES = ("incidents", "loop")
_FORM_KEY = re.compile(r"[A-Za-z0-9-]{8,60}")


class MediationRefusedError(FormRefusedError):
    """Nothing was written; `problems` say what to correct."""


@dataclass(frozen=True, slots=True)
class MediationKept:
    """What was written: key of the mediation, whether numbers of persons were masked, whether it was there already."""

    mediation_id: int
    is_masked: bool = False
    is_repeated: bool = False


def open_mediation(
    engine: Engine, *, by: Scope, incident_id: int, channel: str | None, method: str | None, level: str | None,
    started_on: date | None, form_key: str,
) -> MediationKept:
    """Begin a mediation of an incident, once for each form.

    Raises
    ------
    MediationRefusedError
        When the incident is not the caller's to handle, or something is to be corrected.
    RefusedError
        When the caller may not do this.
    """
    reference = _reference(by, form_key)
    values = {**dict.fromkeys(EDITABLE), "channel": channel, "method": method, "level": level, "started_on": started_on}
    with acting(engine, by=by, action=ACTION, changes=_CHANGES) as act:
        held = _hold(act.connection, by, incident_id)
        known = act.connection.scalar(select(Mediation.id).where(
            Mediation.source == LOOP_SOURCE, Mediation.source_ref == reference))
        if known is not None:
            act.audit("mediations", known, repeated=True)
            return MediationKept(known, is_repeated=True)
        problems = check_mediation(values, today())
        if problems:
            raise MediationRefusedError(problems)
        digest = sha256(repr(sorted((name, str(value)) for name, value in values.items())).encode()).hexdigest()[:32]
        key = act.connection.execute(insert(Mediation).values(
            **values, source=LOOP_SOURCE, source_ref=reference, content_hash=digest, recorded_at=now(),
            incident_id=incident_id, unit_code=by.unit_code, by_post=find_taker(act.connection, by, held).post,
        )).inserted_primary_key
        assert key is not None  # noqa: S101 - one row was inserted
        act.audit("mediations", int(key[0]), incident=incident_id, channel=channel, method=method, level=level)
        return MediationKept(int(key[0]))


def add_session(
    engine: Engine, *, by: Scope, mediation_id: int, held_on: date | None, method: str | None,
    mediators: Sequence[str], note: str, form_key: str,
) -> MediationKept:
    """Write one sitting, once for each form.

    Parameters
    ----------
    mediators : sequence of str
        Codes of posts; none of the unit that the incident concerns.
    note : str
        Masked before it is kept.

    Raises
    ------
    MediationRefusedError, RefusedError
        As `open_mediation`.
    """
    reference = _reference(by, form_key)
    kept, is_masked = mask(strip_hidden(note.strip()))
    with acting(engine, by=by, action=ACTION, changes=_CHANGES) as act:
        row = _read(act.connection, by, mediation_id)
        known = act.connection.scalar(select(MediationSession.id).where(MediationSession.source_ref == reference))
        if known is not None:
            act.audit("mediation_sessions", known, repeated=True)
            return MediationKept(mediation_id, is_repeated=True)
        problems = check_session(held_on=held_on, method=method, mediators=mediators, note=note,
                                 started_on=row["started_on"], today=today())
        if not problems and held_on is not None:
            posts = {code for code, *_ in list_mediators(act.connection, by, row["incident_id"], held_on)}
            problems = [problem("unknown", "mediators")] if set(mediators) - posts else []
        if problems:
            raise MediationRefusedError(problems)
        key = act.connection.execute(insert(MediationSession).values(
            mediation_id=mediation_id, source_ref=reference, held_on=held_on, method=method,
            mediator_posts=",".join(dict.fromkeys(mediators)), note=kept or None, by=by.account, at=now(),
        )).inserted_primary_key
        assert key is not None  # noqa: S101 - one row was inserted
        act.connection.execute(update(Mediation).where(Mediation.id == mediation_id).values(
            n_sessions=func.coalesce(Mediation.n_sessions, 0) + 1))
        act.audit("mediation_sessions", int(key[0]), mediation=mediation_id, held_on=held_on, method=method)
        return MediationKept(mediation_id, bool(is_masked))


def record_course(
    engine: Engine, *, by: Scope, mediation_id: int, values: Mapping[str, object], mark: str
) -> MediationKept:
    """Write what became of a mediation: result, agreement, performance, confirmation, or a correction.

    Parameters
    ----------
    values : mapping
        Of `EDITABLE`, those to be set; None takes one back.
    mark : str
        State that the caller saw (`MediationRecord.mark`): where somebody changed it meanwhile, nothing is written.

    Raises
    ------
    MediationRefusedError, RefusedError
        As `open_mediation`.
    """
    require(by, ACTION)
    if set(values) - set(EDITABLE):
        message = f"cannot be set: {sorted(set(values) - set(EDITABLE))}"
        raise ValueError(message)
    with acting(engine, by=by, action=ACTION, changes=_CHANGES) as act:
        row = _read(act.connection, by, mediation_id)
        changed = {name: value for name, value in values.items() if row[name] != value}
        if not changed:
            act.audit("mediations", mediation_id, repeated=True)
            return MediationKept(mediation_id, is_repeated=True)
        if mark_record(row) != mark:
            raise MediationRefusedError([problem("moved_on", "mediation")])
        problems = check_mediation({name: {**row, **values}[name] for name in EDITABLE}, today())
        if problems:
            raise MediationRefusedError(problems)
        act.connection.execute(update(Mediation).where(Mediation.id == mediation_id).values(**changed))
        _keep_history(act, row, changed)
        return MediationKept(mediation_id)


def _keep_history(act: Act, row: Mapping[str, object], changed: Mapping[str, object]) -> None:
    act.audit("mediations", str(row["id"]), incident=row["incident_id"],
              changed={name: [row[name], value] for name, value in changed.items()})


def _reference(by: Scope, form_key: str) -> str:
    require(by, ACTION)
    if not _FORM_KEY.fullmatch(form_key):
        message = "a form key has 8 to 60 letters, digits and hyphens"
        raise ValueError(message)
    return f"M{form_key}"


def _hold(connection: Connection, by: Scope, incident_id: int) -> HeldIncident:
    """Return the incident, locked, or refuse: not found, merged away, or not the caller's to handle."""
    held = read_standing(connection, by, incident_id, is_locked=True)
    if held is None:
        raise MediationRefusedError([problem("not_found", "incident")])
    if not held.standing.is_live:
        raise MediationRefusedError([problem("not_live", "incident")])
    if not find_taker(connection, by, held).actors:
        raise MediationRefusedError([problem("not_yours", "incident")])
    return held


def _read(connection: Connection, by: Scope, mediation_id: int) -> dict[str, Any]:
    row = connection.execute(select(Mediation.__table__).where(Mediation.id == mediation_id)).mappings().first()
    if row is None:
        raise MediationRefusedError([problem("not_found", "incident")])
    _hold(connection, by, row["incident_id"])
    # Read again: somebody may have written while the incident was waited for.
    return dict(connection.execute(select(Mediation.__table__).where(Mediation.id == mediation_id)).mappings().one())
