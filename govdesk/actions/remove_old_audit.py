"""Removes what of the audit is past its time: whole blocks from the beginning on; their seals stay.

SOURCE: Cybersecurity Law of the PRC, art. 21(3) as of 2016 (at least six months; its number since
2026-01-01 is to be looked up, docs/audit.md); Personal Information Protection Law, art. 19 (no longer than the
purpose needs).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Connection, Engine, delete, func, select, type_coerce, update

from govdesk.actions.acting import acting
from govdesk.actions.seal_audit import check_audit
from govdesk.clock import now
from govdesk.rules.access import Scope, require
from govdesk.settings import get_settings
from govdesk.storage.engine import read_transaction
from govdesk.tables import AuditBlock, AuditEvent

ACTION = "remove_old_audit"


class AuditFaultyError(ValueError):
    """The chain is not what was sealed: nothing is removed before somebody has looked."""


@dataclass(frozen=True, slots=True)
class OldAudit:
    """What is past its time, or was removed: events, blocks, and the instant before which these were sealed."""

    n_events: int
    n_blocks: int
    before: datetime


def remove_old_audit(engine: Engine, *, by: Scope, commit: bool = True) -> OldAudit:
    """Remove the events of all blocks that are past their time, oldest first, and mark the blocks.

    The newest block always stays: numbers of events are never given a second time.

    Raises
    ------
    AuditFaultyError
        When the chain is not as it was sealed; whoever removes would remove the proof.
    RefusedError
        When the caller may not do this.
    """
    require(by, ACTION)
    before = now() - timedelta(days=get_settings().audit_days)
    with read_transaction(engine) as connection:
        old = _find_old(connection, before)
    done = OldAudit(sum(n for _, _, n in old), len(old), before)
    if not old or not commit:
        return done
    if faults := check_audit(engine, by=by).faults:
        message = f"{len(faults)} faults in the audit, nothing was removed"
        raise AuditFaultyError(message)
    with acting(engine, by=by, action=ACTION) as act:
        old = _find_old(act.connection, before)
        first, last = old[0][0], old[-1][1]
        # First the blocks: the database lets events go only under a block that is marked.
        act.connection.execute(update(AuditBlock).where(
            AuditBlock.last_event <= last, AuditBlock.removed_at.is_(None)).values(removed_at=now()))
        act.connection.execute(delete(AuditEvent).where(AuditEvent.id >= first, AuditEvent.id <= last))
        act.audit("audit_blocks", None, n_events=done.n_events, n_blocks=done.n_blocks, until=before.date().isoformat())
    return done


def _find_old(connection: Connection, before: datetime) -> list[tuple[int, int, int]]:
    """Return first event, last event and number of events of the blocks past their time, from the oldest on."""
    newest = select(func.max(AuditBlock.id)).scalar_subquery()
    at = type_coerce(AuditBlock.sealed_at, BigInteger)
    found = connection.execute(
        select(AuditBlock.first_event, AuditBlock.last_event, AuditBlock.n_events, at)
        .where(AuditBlock.removed_at.is_(None), AuditBlock.id < newest).order_by(AuditBlock.id))
    old = []
    for first, last, n, sealed_at in found:
        late = select(func.max(type_coerce(AuditEvent.at, BigInteger))).where(AuditEvent.id.between(first, last))
        limit = int(before.timestamp())
        if sealed_at >= limit or (connection.scalar(late) or 0) >= limit:
            break  # a clock that jumped: what follows waits with it
        old.append((first, last, n))
    return old
