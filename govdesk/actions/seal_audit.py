"""Seals the audit block by block, and looks whether it still is what was sealed."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Connection, Engine, func, insert, select, text, type_coerce

from govdesk.actions.acting import acting
from govdesk.clock import now
from govdesk.rules.access import Scope, require
from govdesk.rules.audit_seal import (
    MOST_EVENTS,
    AnchorLine,
    Block,
    Entry,
    Fault,
    derive_key,
    find_faults,
    make_block,
)
from govdesk.settings import get_settings
from govdesk.storage.audit_anchor import NAME, add_to_anchor, find_last_block, read_anchor
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.storage.secret import read_secret
from govdesk.tables import AuditBlock, AuditEvent

SEAL = "seal_audit"
VERIFY = "verify_audit"

#: Seconds that sealing waits on PostgreSQL for those who write; the next look tries again.
_PATIENCE = "2s"
#: Blocks that are sealed in one transaction.
_BITE = 20

log = logging.getLogger("govdesk.audit")

_ENTRY = (AuditEvent.id, type_coerce(AuditEvent.at, BigInteger), AuditEvent.by, AuditEvent.action, AuditEvent.subject,
          AuditEvent.subject_key, AuditEvent.detail, AuditEvent.address, AuditEvent.is_refused)
_BLOCK: tuple[Any, ...] = (
    AuditBlock.id, AuditBlock.first_event, AuditBlock.last_event, AuditBlock.n_events, AuditBlock.previous,
    AuditBlock.seal, AuditBlock.marks, AuditBlock.key_id, type_coerce(AuditBlock.sealed_at, BigInteger),
    type_coerce(AuditBlock.removed_at, BigInteger))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a look at the whole chain found.

    Attributes
    ----------
    kept_from : datetime or None
        When the oldest block whose events are still there was sealed; None where nothing was removed yet.
    n_open : int
        Events that no block holds yet.
    faults : tuple of Fault
        Empty when every event is as it was sealed.
    """

    n_blocks: int
    n_removed: int
    n_events: int
    n_open: int
    last_seal: str
    sealed_at: datetime | None
    kept_from: datetime | None
    faults: tuple[Fault, ...]

    def as_json(self) -> dict[str, object]:
        """Return the report of the command."""
        times = {name: None if at is None else at.isoformat() for name, at in (
            ("sealed_at", self.sealed_at), ("kept_from", self.kept_from))}
        return {**asdict(self), **times, "faults": [asdict(fault) for fault in self.faults]}


def anchor_path() -> Path:
    """Return where the newest seals are written beside the database."""
    return get_settings().var / NAME


def read_key() -> bytes:
    """Return the key of the seals, made of the work folder's secret."""
    return derive_key(read_secret(get_settings().var))


def count_open(connection: Connection) -> int:
    """Return how many events no block holds yet."""
    last = select(func.coalesce(func.max(AuditBlock.last_event), 0)).scalar_subquery()
    return connection.scalar(select(func.count()).select_from(AuditEvent).where(AuditEvent.id > last)) or 0


def seal_events(engine: Engine, *, by: Scope) -> int:
    """Seal what is not sealed yet, and add the seals to the anchor; return how many events.

    Sealing itself leaves no event: each seal would call for another one.

    Raises
    ------
    RefusedError
        When the caller may not do this.
    """
    require(by, SEAL)
    with read_transaction(engine) as connection:
        n_open, newest = count_open(connection), connection.scalar(select(func.max(AuditBlock.id))) or 0
    if not n_open and newest <= find_last_block(anchor_path()):
        return 0  # nobody is kept waiting for nothing
    key, n, full = read_key(), 0, n_open > 0
    while full:  # in bites, so that nobody waits for a million of them
        with write_transaction(engine) as connection:
            found = _seal(connection, key)
        n, full = n + found, found == MOST_EVENTS * _BITE
    _write_anchor(engine)
    return n


def _seal(connection: Connection, key: bytes) -> int:
    if connection.dialect.name != "sqlite":
        # Numbers are given before they are seen: whoever holds one ends first, so that none comes in behind a seal.
        connection.execute(text(f"SET LOCAL lock_timeout = '{_PATIENCE}'"))
        connection.execute(text("LOCK TABLE audit_events IN SHARE ROW EXCLUSIVE MODE"))
    before = next(_read_blocks(connection, newest_first=True), None)
    n = 0
    for _ in range(_BITE):
        entries = read_entries(connection, before.last_event if before else 0, None, MOST_EVENTS)
        if not entries:
            break
        before = make_block(key, before, entries, int(now().timestamp()))
        row = {**asdict(before), "sealed_at": datetime.fromtimestamp(before.sealed_at, UTC)}
        connection.execute(insert(AuditBlock).values(row))
        n += len(entries)
    return n


def _write_anchor(engine: Engine) -> None:
    path = anchor_path()
    last = find_last_block(path)
    with read_transaction(engine) as connection:
        add_to_anchor(path, list(_read_blocks(connection, after=last)))


def read_entries(connection: Connection, after: int, upto: int | None, limit: int | None = None) -> Sequence[Entry]:
    """Return the events with a number above `after`, up to `upto`, in order."""
    statement = select(*_ENTRY).where(AuditEvent.id > after).order_by(AuditEvent.id).limit(limit)
    if upto is not None:
        statement = statement.where(AuditEvent.id <= upto)
    return [Entry(*row) for row in connection.execute(statement)]


def _read_blocks(connection: Connection, *, after: int = 0, newest_first: bool = False) -> Iterator[Block]:
    order = AuditBlock.id.desc() if newest_first else AuditBlock.id
    statement = select(*_BLOCK).where(AuditBlock.id > after).order_by(order)
    if newest_first:
        statement = statement.limit(1)
    for row in connection.execute(statement):
        yield Block(*row)


def check_audit(engine: Engine, *, by: Scope, anchor: Path | None = None) -> Verdict:
    """Compare every event with its mark, every block with its seal and the chain with the anchor; writes nothing.

    Parameters
    ----------
    anchor : Path, optional
        A copy of the anchor that was kept elsewhere.

    Raises
    ------
    RefusedError
        When the caller may not do this.
    """
    require(by, VERIFY)
    lines, damaged = _read_lines(anchor or anchor_path())
    with read_transaction(engine) as connection:
        blocks = list(_read_blocks(connection))
        found = find_faults(read_key(), blocks, lambda after, upto: read_entries(connection, after, upto), lines,
                            int(now().timestamp()))
        n_open = count_open(connection)
    removed = [block for block in blocks if block.removed_at is not None]
    kept = [block for block in blocks if block.removed_at is None]
    return Verdict(
        n_blocks=len(blocks), n_removed=len(removed), n_events=sum(block.n_events for block in kept), n_open=n_open,
        last_seal=blocks[-1].seal if blocks else "",
        sealed_at=datetime.fromtimestamp(blocks[-1].sealed_at, UTC) if blocks else None,
        kept_from=datetime.fromtimestamp(kept[0].sealed_at, UTC) if removed and kept else None,
        faults=(*found, *damaged))


def _read_lines(path: Path) -> tuple[list[AnchorLine] | None, list[Fault]]:
    try:
        return read_anchor(path), []
    except (ValueError, UnicodeDecodeError):
        log.warning("the anchor of the audit cannot be read")
        return [], [Fault("anchor_damaged")]


def verify_audit(engine: Engine, *, by: Scope) -> Verdict:
    """Seal what is open, look at the whole chain, and keep in the audit that somebody looked and what was found.

    Raises
    ------
    RefusedError
        When the caller may not do this.
    """
    require(by, VERIFY)
    seal_events(engine, by=by)
    found = check_audit(engine, by=by)
    with acting(engine, by=by, action=VERIFY) as act:
        act.audit("audit_blocks", None, n_blocks=found.n_blocks, n_events=found.n_events, n_faults=len(found.faults),
                  faults=[asdict(fault) for fault in found.faults[:20]])
    return found
