"""Undoes a batch: what it brought counts no more, what it changed is as before; nothing is thrown away."""

from dataclasses import dataclass

from sqlalchemy import Connection, Engine, func, select, update

from govdesk.actions.acting import acting
from govdesk.actions.undo_rows import hold_batch, undo_incidents, undo_others, undo_steps
from govdesk.clock import now
from govdesk.ingest.masking import mask, strip_hidden
from govdesk.ingest.record_fields import RECORD_KINDS
from govdesk.queries.batch_dependants import Dependant, list_dependants, table_of_batch
from govdesk.queries.batches import Batch, get_batch
from govdesk.rules.access import Scope, require
from govdesk.rules.record_checks import FormRefusedError, problem
from govdesk.storage.engine import read_transaction
from govdesk.tables import ImportBatch

_ACTION = "undo_import"
#: Longest reason.
LONGEST_REASON = 200


class BatchHeldError(ValueError):
    """Later work rests on the batch; `dependants` name it."""

    def __init__(self, dependants: list[Dependant]) -> None:
        super().__init__(", ".join(f"{item.kind} ({item.n})" for item in dependants))
        self.dependants = dependants


class AlreadyUndoneError(ValueError):
    """The batch was undone before."""


@dataclass(frozen=True, slots=True)
class ImportUndone:
    """What undoing a batch did, or would do.

    Attributes
    ----------
    batch : Batch
        The batch as it was before.
    n_withdrawn, n_restored : int
        Rows taken out, rows put back to what they were; for a dry run the batch's own figures.
    n_said_again : int
        Rows that later files of the same source only repeated: they go with the batch, until such a file is
        imported again.
    is_committed : bool
        False for a dry run.
    """

    batch: Batch
    n_withdrawn: int
    n_restored: int
    n_said_again: int
    is_committed: bool

    def as_json(self) -> dict[str, object]:
        """Return the report of the command."""
        return {"batch": self.batch.id, "about": self.batch.about, "file": self.batch.file_name,
                "withdrawn": self.n_withdrawn, "restored": self.n_restored, "said_again": self.n_said_again,
                "committed": self.is_committed}


def undo_import(engine: Engine, *, by: Scope, batch_id: int, reason: str, commit: bool) -> ImportUndone:
    """Undo one batch, in one transaction.

    Incidents and steps stay in their tables, marked; rows of other kinds are kept in ``withdrawn_rows``. Rows that the
    batch changed become what they were. An import of the same file brings everything back.

    Parameters
    ----------
    engine : Engine
        The database.
    by : Scope
        The caller.
    batch_id : int
        Number of the batch.
    reason : str
        Why, for the audit; numbers of persons are masked in it.
    commit : bool
        Write. Otherwise only say whether it could be undone.

    Raises
    ------
    LookupError
        When there is no such batch, or the caller may not see it.
    AlreadyUndoneError
        When it was undone before.
    BatchHeldError
        When later work rests on it.
    FormRefusedError
        When there is no reason, or a very long one.
    RefusedError
        When the caller may not do this.
    """
    require(by, _ACTION)
    kept = _check_reason(reason)
    with read_transaction(engine) as connection:
        batch = _check(connection, by, batch_id)
        if not commit:
            return ImportUndone(batch, batch.n_inserted, batch.n_updated, _count_said_again(connection, batch), False)
    kind = RECORD_KINDS[batch.about]
    with acting(engine, by=by, action=_ACTION, changes=(kind.subject,), is_import=True) as act:
        connection = act.connection
        hold_batch(connection, batch_id, batch.about)
        batch = _check(connection, by, batch_id)
        withdrawn, restored = _undo(connection, batch)
        connection.execute(update(ImportBatch).where(ImportBatch.id == batch_id).values(
            withdrawn_at=now(), withdrawn_by=by.account))
        act.audit("import_batches", batch_id, about=batch.about, withdrawn=withdrawn, restored=restored, reason=kept)
        return ImportUndone(batch, withdrawn, restored, _count_said_again(connection, batch), True)


def _check_reason(reason: str) -> str:
    plain = mask(strip_hidden(" ".join(reason.split())))[0]
    if not plain:
        raise FormRefusedError([problem("missing", "reason")])
    if len(plain) > LONGEST_REASON:
        raise FormRefusedError([problem("too_long", "reason", most=LONGEST_REASON, n=len(plain))])
    return plain


def _check(connection: Connection, by: Scope, batch_id: int) -> Batch:
    batch = get_batch(connection, by, batch_id)
    if batch is None:
        message = f"no batch {batch_id}"
        raise LookupError(message)
    if batch.withdrawn_at is not None:
        message = f"batch {batch_id} was undone before"
        raise AlreadyUndoneError(message)
    held = list_dependants(connection, by, batch_id)
    if held:
        raise BatchHeldError(held)
    return batch


def _undo(connection: Connection, batch: Batch) -> tuple[int, int]:
    if batch.about == "incidents":
        return undo_incidents(connection, batch.id)
    if batch.about == "steps":
        return undo_steps(connection, batch.id)
    return undo_others(connection, batch.id, table_of_batch(batch.about))


def _count_said_again(connection: Connection, batch: Batch) -> int:
    """Return how many rows later files of the same kind and source said without a change."""
    query = select(func.coalesce(func.sum(ImportBatch.n_unchanged), 0)).where(
        ImportBatch.id > batch.id, ImportBatch.about == batch.about, ImportBatch.withdrawn_at.is_(None),
        ImportBatch.source.is_not_distinct_from(batch.source))
    return int(connection.scalar(query) or 0)
