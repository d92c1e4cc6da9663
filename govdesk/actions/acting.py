"""How every action writes: permission, one transaction, the audit row inside it, the version bumped."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine, insert

from govdesk.actions.audit_trail import note_refused
from govdesk.clock import now
from govdesk.rules.access import RefusedError, Scope, require
from govdesk.rules.record_checks import FormRefusedError
from govdesk.storage.engine import import_transaction, write_transaction
from govdesk.storage.versions import bump
from govdesk.tables import AuditEvent

#: Seconds that a refusal waits for its row, at most.
REFUSAL_WAITS = 1.0
#: Problems of a form that are no slips of the pen: somebody reached for what is not theirs.
_NOT_THEIRS = frozenset({"not_found", "not_yours", "not_caller", "same_post"})


@dataclass(slots=True)
class Act:
    """One running action: its connection, and what it has to tell the audit."""

    connection: Connection
    notes: list[dict[str, object]] = field(default_factory=list)

    def audit(self, subject: str, key: object = None, **detail: object) -> None:
        """Say what was done to which subject; `detail` must be free of personal data."""
        self.notes.append({"subject": subject, "subject_key": None if key is None else str(key), "detail": detail})


@contextmanager
def acting(engine: Engine, *, by: Scope, action: str, changes: tuple[str, ...] = (),
           is_import: bool = False) -> Iterator[Act]:
    """Run one action: all of it is kept, with its audit rows, or nothing.

    Parameters
    ----------
    engine : Engine
        The database.
    by : Scope
        The caller; refused unless `rules.access` allows `action`.
    action : str
        Name of the action, as in `rules.access.ALLOWED`.
    changes : tuple of str
        Subjects of `storage.versions` to bump.
    is_import : bool
        Many rows come at once: imports take turns, see `storage.engine.import_transaction`.

    Raises
    ------
    RefusedError
        When the caller may not do this.
    RuntimeError
        When the action said nothing to the audit: an act without a trace is a mistake of ours.
    """
    try:
        with _running(engine, by, action, changes, is_import=is_import) as act:
            yield act
    except RefusedError as error:  # nothing was kept; that it was tried is, in a transaction of its own
        if not error.is_noted:
            reason = "role" if error.action else str(error)
            note_refused(engine, by=by, action=action, reason=reason, waits=REFUSAL_WAITS)
            error.is_noted = True
        raise
    except FormRefusedError as error:
        denied = next((one.key for one in error.problems if one.key in _NOT_THEIRS), None)
        if denied is not None:
            note_refused(engine, by=by, action=action, reason=denied, waits=REFUSAL_WAITS)
        raise


@contextmanager
def _running(engine: Engine, by: Scope, action: str, changes: tuple[str, ...], *, is_import: bool) -> Iterator[Act]:
    require(by, action)
    with import_transaction(engine) if is_import else write_transaction(engine) as connection:
        act = Act(connection)
        yield act
        if not act.notes:
            message = f"{action} wrote without an audit row"
            raise RuntimeError(message)
        rows = [
            {"at": now(), "by": by.account, "action": action, "subject": note["subject"],
             "subject_key": note["subject_key"], "address": by.address, "is_refused": False,
             "detail": json.dumps(note["detail"], ensure_ascii=False, sort_keys=True, default=str)}
            for note in act.notes
        ]
        connection.execute(insert(AuditEvent), rows)
        for subject in changes:
            bump(connection, subject)
