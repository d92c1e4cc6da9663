"""Seals of the audit: what a mark and a seal are made of, and how a fault is found and named. Pure.

Each event has a mark, an HMAC of everything it says. A block holds the number and the mark of each of its events, and
a seal over these and over the seal of the block before: whoever changes, takes out, puts in or swaps anything without
the secret is found, and the marks tell which event it was.

SOURCE: RFC 2104 (HMAC; section 5: a tag of half the hash's length), FIPS 198-1; the chain of seals after S. Haber,
W. S. Stornetta, "How to time-stamp a digital document", J. Cryptology 3 (1991), and B. Schneier, J. Kelsey, "Secure
audit logs to support computer forensics", ACM TISSEC 2 (1999). Time of keeping: Cybersecurity Law of the PRC, art.
21(3) as of 2016 (its number since 2026-01-01 is to be looked up, docs/audit.md): logs are kept for six months at
least.
"""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

#: Events are kept at least so long: six months.
SHORTEST_DAYS = 183
#: Most events under one seal.
MOST_EVENTS = 500

_DAY = 86_400
_MARK_BYTES = 16


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of the audit as it stands in the table; `at` in seconds since 1970-01-01T00:00Z."""

    id: int
    at: int
    by: str
    action: str
    subject: str
    subject_key: str | None
    detail: str
    address: str | None
    is_refused: bool


@dataclass(frozen=True, slots=True)
class Block:
    """Events `first_event` to `last_event` under one seal; instants in seconds since 1970-01-01T00:00Z."""

    id: int
    first_event: int
    last_event: int
    n_events: int
    previous: str
    seal: str
    marks: str
    key_id: str
    sealed_at: int
    removed_at: int | None = None


@dataclass(frozen=True, slots=True)
class AnchorLine:
    """What was written beside the database when a block was sealed."""

    block: int
    last_event: int
    seal: str


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it was sealed.

    Attributes
    ----------
    kind : str
        ``event_removed``, ``event_changed``, ``event_moved``, ``event_inserted``, ``block_removed``,
        ``block_changed``, ``removed_early``, ``tail_cut``, ``other_key``, ``anchor_missing``, ``anchor_damaged``.
    block : int or None
        Number of the block.
    event : int or None
        Number of the event.
    """

    kind: str
    block: int | None = None
    event: int | None = None


def derive_key(secret: bytes) -> bytes:
    """Return the key of the seals: another one than what signs addresses with the same secret."""
    return hmac.digest(secret, b"govdesk audit seal 1", "sha256")


def name_key(key: bytes) -> str:
    """Return what tells one key from another and gives none away: 16 characters."""
    return hmac.digest(key, b"name", "sha256").hex()[:16]


def write_entry(entry: Entry) -> bytes:
    """Return the one form in which an event is marked; its number is sealed beside it, so that a swap is found.

    A JSON list: no two events have the same form unless they say the same.
    """
    said = [entry.at, entry.by, entry.action, entry.subject, entry.subject_key, entry.detail, entry.address,
            bool(entry.is_refused)]
    return json.dumps(said, ensure_ascii=True, separators=(",", ":")).encode("ascii")


def mark(key: bytes, entry: Entry) -> str:
    """Return the mark of an event: 22 characters, 128 bits."""
    found = hmac.digest(key, b"event\n" + write_entry(entry), "sha256")[:_MARK_BYTES]
    return urlsafe_b64encode(found).decode("ascii").rstrip("=")


def seal(key: bytes, block: Block) -> str:
    """Return the seal of a block: 64 characters, over the seal before it and the marks of its events."""
    head = [block.first_event, block.last_event, block.n_events, block.previous, block.marks, block.key_id,
            block.sealed_at]
    return hmac.digest(key, b"block\n" + json.dumps(head, separators=(",", ":")).encode("ascii"), "sha256").hex()


def make_block(key: bytes, before: Block | None, entries: Sequence[Entry], sealed_at: int) -> Block:
    """Return the next block, numbered after `before`; `entries` in the order of their numbers, at least one."""
    marks = " ".join(f"{entry.id}:{mark(key, entry)}" for entry in entries)
    block = Block(
        id=before.id + 1 if before else 1, first_event=entries[0].id, last_event=entries[-1].id,
        n_events=len(entries), previous=before.seal if before else "", seal="", marks=marks, key_id=name_key(key),
        sealed_at=sealed_at)
    return with_seal(key, block)


def with_seal(key: bytes, block: Block) -> Block:
    """Return the block with the seal that belongs to what it says."""
    return Block(block.id, block.first_event, block.last_event, block.n_events, block.previous, seal(key, block),
                 block.marks, block.key_id, block.sealed_at, block.removed_at)


#: Returns the events with a number above the first and up to the second, in order.
ReadEntries = Callable[[int, int], Sequence[Entry]]


def find_faults(
    key: bytes, blocks: Iterable[Block], read: ReadEntries, anchor: Sequence[AnchorLine] | None, now: int
) -> list[Fault]:
    """Return what is not as it was sealed, in order; empty when all is.

    Parameters
    ----------
    blocks : iterable of Block
        All blocks in the order of their numbers, those whose events were removed in time among them.
    read : callable
        Reads events.
    anchor : sequence of AnchorLine, or None
        What stands beside the database; None where there is no such file.
    now : int
        The present, in seconds since 1970-01-01T00:00Z.
    """
    faults: list[Fault] = []
    seals: dict[int, str] = {}
    before: Block | None = None
    for block in blocks:
        lost = _find_lost_blocks(before, block)
        faults += lost
        covered = before.last_event if before else 0
        if lost:  # what the lost block held is no insertion
            covered = max(covered, block.first_event - 1)
        faults += _check_block(key, block, read(covered, block.last_event), now)
        if block.removed_at is not None and before is not None and before.removed_at is None:
            faults.append(Fault("removed_early", block.id))
        seals[block.id] = block.seal
        before = block
    return faults + _check_anchor(anchor, seals, {fault.block for fault in faults if fault.kind == "block_removed"})


def _find_lost_blocks(before: Block | None, block: Block) -> list[Fault]:
    if block.previous == (before.seal if before else ""):
        return []
    first = before.id + 1 if before else 1
    numbers = range(first, block.id)
    return [Fault("block_removed", number) for number in numbers] or [Fault("block_changed", block.id)]


def _check_block(key: bytes, block: Block, entries: Sequence[Entry], now: int) -> list[Fault]:
    if block.key_id != name_key(key):
        return [Fault("other_key", block.id)]
    if not hmac.compare_digest(seal(key, block), block.seal):
        return [Fault("block_changed", block.id), *_compare_marks(key, block, entries)]
    if block.removed_at is None:
        return _compare_marks(key, block, entries)
    faults = [Fault("event_inserted", block.id, entry.id) for entry in entries]
    if block.sealed_at + SHORTEST_DAYS * _DAY > min(block.removed_at, now):
        faults.append(Fault("removed_early", block.id))
    return faults


def _compare_marks(key: bytes, block: Block, entries: Sequence[Entry]) -> list[Fault]:
    """Return which events of a block are not what was sealed."""
    sealed = _read_marks(block.marks)
    found = {entry.id: mark(key, entry) for entry in entries}
    away = {sealed[number] for number in sealed if found.get(number) != sealed[number]}
    faults = []
    for number in sorted(sealed.keys() | found.keys()):
        if sealed.get(number) == found.get(number):
            continue
        if number not in found:
            kind = "event_removed"
        elif found[number] in away:
            kind = "event_moved"
        else:
            kind = "event_changed" if number in sealed else "event_inserted"
        faults.append(Fault(kind, block.id, number))
    return faults


def _read_marks(text: str) -> dict[int, str]:
    pairs = (part.partition(":") for part in text.split())
    return {int(number): found for number, _, found in pairs if number.isascii() and number.isdigit()}


def _check_anchor(anchor: Sequence[AnchorLine] | None, seals: dict[int, str], known: set[int | None]) -> list[Fault]:
    """Return what the lines beside the database know and the database does not."""
    if anchor is None:
        return [Fault("anchor_missing")] if seals else []
    newest = max(seals, default=0)
    faults = []
    for line in anchor:
        if line.block > newest:
            faults.append(Fault("tail_cut", line.block))
        elif line.block not in seals:
            faults += [] if line.block in known else [Fault("block_removed", line.block)]
        elif not hmac.compare_digest(seals[line.block], line.seal):
            faults.append(Fault("block_changed", line.block))
    numbers = [line.block for line in anchor]
    if numbers != list(range(1, len(numbers) + 1)):
        faults.append(Fault("anchor_damaged"))
    return faults
