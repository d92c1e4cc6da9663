"""Derives the escalation events from the records: one row a fact, the same rows however often it runs."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches

from sqlalchemy import Connection, Engine, Table, bindparam, delete, select

from govdesk.actions.acting import acting
from govdesk.actions.escalation_rows import read_facts
from govdesk.rules.access import Scope, require
from govdesk.rules.escalation_parts import PARTS, EscalationConfigError, EscalationParts
from govdesk.storage.bulk import insert_rows
from govdesk.storage.engine import read_transaction
from govdesk.storage.escalation_definition import note_definition
from govdesk.tables import Category, EscalationEvent

_Key = tuple[int, str, date]
_Rows = dict[_Key, tuple[datetime, str]]


@dataclass(frozen=True, slots=True)
class PartFound:
    """Events of one part: how many hold now, how many of them are new or changed, how many of before no longer hold."""

    n_events: int
    n_new: int
    n_gone: int


@dataclass(frozen=True, slots=True)
class EscalationsFound:
    """What a run found, by part; `is_committed` also when there was nothing to write."""

    rule_version: str
    parts: Mapping[str, PartFound]
    is_committed: bool

    @property
    def is_changed(self) -> bool:
        """Whether the table differed from what the records say."""
        return any(part.n_new or part.n_gone for part in self.parts.values())

    def as_json(self) -> dict[str, object]:
        """Return the report of the command."""
        return {
            "committed": self.is_committed, "rule_version": self.rule_version,
            "events": sum(part.n_events for part in self.parts.values()),
            "parts": {name: {"events": part.n_events, "new": part.n_new, "gone": part.n_gone}
                      for name, part in self.parts.items()},
        }


class _NothingToWrite(Exception):  # noqa: N818 - ends a transaction, is no error
    """Leaves the transaction without a trace."""


def find_escalations(engine: Engine, *, by: Scope, parts: EscalationParts, commit: bool) -> EscalationsFound:
    """Derive the events of all parts that are on, for the whole database, and write what differs.

    A second run on the same records and configuration writes nothing. Another configuration puts every event under its
    own version, and from then on what was fitted, scored or judged before is of an older definition
    (`storage.escalation_definition`). Events whose fact no longer holds (a step was withdrawn, an incident merged, an
    agreement's performance was entered later) leave the table; the records themselves stay as they are.

    Parameters
    ----------
    engine : Engine
        The database.
    by : Scope
        The caller. What is derived is that of the whole database; no row is shown.
    parts : EscalationParts
        The configuration in force (`storage.escalation_parts`).
    commit : bool
        Write. Otherwise only say what would be written.

    Raises
    ------
    EscalationConfigError
        When the configuration names a category that this database does not have.
    RefusedError
        When the caller may not do this.
    """
    require(by, "find_escalations")
    if not commit:
        with read_transaction(engine) as connection:
            return _compare(connection, parts, is_committed=False)[0]
    found: EscalationsFound | None = None
    try:
        with acting(engine, by=by, action="find_escalations", changes=("incidents",)) as act:
            found, before, after = _compare(act.connection, parts, is_committed=True)
            if not found.is_changed:
                raise _NothingToWrite
            _write(act.connection, before, after)
            note_definition(act.connection, parts.version, by=by.account)
            act.audit("escalation_events", parts.version, parts=json.loads(parts.model_dump_json()),
                      **{key: value for key, value in found.as_json().items() if key in ("events", "rule_version")})
    except _NothingToWrite:
        pass
    assert found is not None  # noqa: S101 - set in the transaction, or an error was raised
    return found


def _compare(
    connection: Connection, parts: EscalationParts, *, is_committed: bool
) -> tuple[EscalationsFound, _Rows, _Rows]:
    _check_categories(connection, parts)
    before, after = _read_stored(connection), _derive(connection, parts)
    counts = {name: [0, 0, 0] for name in PARTS if getattr(parts, name).is_on}
    for key, value in after.items():
        counts[key[1]][0] += 1
        counts[key[1]][1] += before.get(key) != value
    for key in before.keys() - after.keys():
        counts.setdefault(key[1], [0, 0, 0])[2] += 1
    found = {name: PartFound(*numbers) for name, numbers in counts.items()}
    return EscalationsFound(parts.version, found, is_committed), before, after


def _check_categories(connection: Connection, parts: EscalationParts) -> None:
    known = list(connection.scalars(select(Category.code).order_by(Category.code)))
    wrong = [code for code in parts.violence.categories if code not in known] if parts.violence.is_on else []
    if wrong:
        near = get_close_matches(wrong[0], known, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        message = f"violence.categories: {wrong[0]!r} is no category of this database{hint}"
        raise EscalationConfigError(message)


def _read_stored(connection: Connection) -> _Rows:
    event = EscalationEvent
    rows = connection.execute(
        select(event.incident_id, event.part, event.occurred_on, event.recorded_at, event.rule_version))
    return {(row[0], row[1], row[2]): (row[3], row[4]) for row in rows}


def _derive(connection: Connection, parts: EscalationParts) -> _Rows:
    rows: _Rows = {}
    for name, facts in read_facts(connection, parts).items():
        for incident, day, known in facts:
            key = (incident, name, day)
            # Told twice (two mediations with the same date), it is one fact, known since the first.
            if key not in rows or known < rows[key][0]:
                rows[key] = (known, parts.version)
    return rows


def _write(connection: Connection, before: _Rows, after: _Rows) -> None:
    table = EscalationEvent.__table__
    assert isinstance(table, Table)  # noqa: S101 - for the type checker: a mapped class has a Table
    stale = [key for key, value in before.items() if after.get(key) != value]
    if stale:
        connection.execute(
            delete(table).where(table.c.incident_id == bindparam("i"), table.c.part == bindparam("p"),
                                table.c.occurred_on == bindparam("d")),
            [{"i": key[0], "p": key[1], "d": key[2]} for key in stale])
    fresh = ((*key[:2], key[2].isoformat(), int(value[0].timestamp()), value[1])
             for key, value in sorted(after.items()) if before.get(key) != value)
    insert_rows(connection, table, ["incident_id", "part", "occurred_on", "recorded_at", "rule_version"], fresh)
