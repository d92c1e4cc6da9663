"""Who saw or changed what, when, from where: entries by filter, newest first, and the state of the chain."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, func, or_, select, type_coerce

from govdesk.queries.permission import reads
from govdesk.rules.access import Scope
from govdesk.tables import Account, AuditBlock, AuditEvent

#: Entries of one page.
PAGE = 50
#: More is counted as "more than".
MOST_COUNTED = 10_000
#: Entries that an export holds at most.
MOST_EXPORTED = 50_000
#: A filter that keeps fewer entries than this is looked up first.
_FEW = 5_000

_at = type_coerce(AuditEvent.at, BigInteger)


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What of the audit is looked at; None keeps all. Instants in seconds since 1970-01-01T00:00Z, `until` excluded."""

    since: int | None = None
    until: int | None = None
    by: str | None = None
    action: str | None = None
    subject: str | None = None
    subject_key: str | None = None
    only_refused: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """The entry before or behind which a page begins."""

    at: int
    id: int
    is_newer: bool = False


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One entry as it is shown; `title` is that of the account's post, None where there is no such account."""

    id: int
    at: datetime
    seconds: int
    by: str
    title: str | None
    action: str
    subject: str
    subject_key: str | None
    detail: str
    address: str | None
    is_refused: bool


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Entries, newest first, and whether there are others on either side."""

    lines: tuple[AuditLine, ...]
    has_newer: bool
    has_older: bool


@dataclass(frozen=True, slots=True)
class ChainState:
    """The seals: how many, the newest, what waits for one, when somebody last looked and what was found.

    Attributes
    ----------
    n_faults : int or None
        None where nobody has looked yet.
    kept_from : datetime or None
        Since when the entries are whole; None where none was removed yet.
    """

    n_blocks: int
    last_block: int
    last_seal: str
    sealed_at: datetime | None
    n_open: int
    checked_at: datetime | None
    checked_by: str | None
    n_faults: int | None
    kept_from: datetime | None


@reads("view_audit")
def list_audit_events(
    connection: Connection, scope: Scope, wanted: AuditFilter, edge: Edge | None = None, limit: int = PAGE,
) -> AuditPage:
    """Return a page of entries.

    Raises
    ------
    RefusedError
        When the scope may not see the audit.
    """
    del scope  # whoever may see the audit sees all of it
    is_newer = edge is not None and edge.is_newer
    order = (_at.asc(), AuditEvent.id.asc()) if is_newer else (_at.desc(), AuditEvent.id.desc())
    statement = select(
        AuditEvent.id, AuditEvent.at, _at.label("seconds"), AuditEvent.by, AuditEvent.action, AuditEvent.subject,
        AuditEvent.subject_key, AuditEvent.detail, AuditEvent.address, AuditEvent.is_refused,
    ).where(*_conditions(connection, wanted)).order_by(*order).limit(limit + 1)
    if edge is not None:
        statement = statement.where(*_beyond(edge))
    rows = list(connection.execute(statement))
    has_more, rows = len(rows) > limit, rows[:limit]
    if is_newer:
        rows.reverse()
    titles = _read_titles(connection, {row.by for row in rows})
    lines = tuple(AuditLine(
        row.id, row.at, row.seconds, row.by, titles.get(row.by), row.action, row.subject, row.subject_key, row.detail,
        row.address, row.is_refused) for row in rows)
    return AuditPage(lines, has_newer=has_more if is_newer else edge is not None,
                     has_older=True if is_newer else has_more)


def _beyond(edge: Edge) -> tuple[ColumnElement[bool], ...]:
    if edge.is_newer:
        return _at >= edge.at, or_(_at > edge.at, AuditEvent.id > edge.id)
    return _at <= edge.at, or_(_at < edge.at, AuditEvent.id < edge.id)


@reads("view_audit")
def count_audit_events(connection: Connection, scope: Scope, wanted: AuditFilter) -> int:
    """Return how many entries the filter keeps, counted up to `MOST_COUNTED` + 1.

    Raises
    ------
    RefusedError
        When the scope may not see the audit.
    """
    del scope  # whoever may see the audit sees all of it
    return _count(connection, _conditions(connection, wanted), MOST_COUNTED + 1)


def _count(connection: Connection, conditions: list[ColumnElement[bool]], most: int) -> int:
    few = select(AuditEvent.id).where(*conditions).limit(most).subquery()
    return connection.scalar(select(func.count()).select_from(few)) or 0


def _conditions(connection: Connection, wanted: AuditFilter) -> list[ColumnElement[bool]]:
    """Return the conditions of a filter, written so that the rarest one is looked up and the others compared.

    An engine without statistics would take any of their indexes, also one that keeps half of a million entries.
    """
    times = [condition for condition in (
        None if wanted.since is None else _at >= wanted.since, None if wanted.until is None else _at < wanted.until,
    ) if condition is not None]
    equal: list[tuple[Any, str]] = [(column, value) for column, value in (
        (AuditEvent.subject_key, wanted.subject_key), (AuditEvent.by, wanted.by), (AuditEvent.action, wanted.action),
        (AuditEvent.subject, wanted.subject)) if value is not None]
    refused: list[Any] = [AuditEvent.is_refused] if wanted.only_refused else []
    if len(equal) + len(refused) < 2:
        return [*times, *(column == value for column, value in equal), *refused]
    sizes = {column.key: _count(connection, [*times, column == value], _FEW) for column, value in equal}
    if refused:
        sizes["is_refused"] = _count(connection, [*times, *refused], _FEW)
    rarest = min(sizes, key=lambda name: sizes[name])
    return [*times,
            *(column == value if column.key == rarest else func.coalesce(column, "") == value
              for column, value in equal),
            *(flag if rarest == "is_refused" else func.coalesce(flag, False) for flag in refused)]


def _read_titles(connection: Connection, codes: set[str]) -> dict[str, str]:
    return {row.code: row.title for row in connection.execute(
        select(Account.code, Account.title).where(Account.code.in_(codes)))}


@reads("view_audit")
def list_audit_accounts(connection: Connection, scope: Scope) -> tuple[tuple[str, str], ...]:
    """Return code and title of all accounts, those that are no longer in use among them.

    Raises
    ------
    RefusedError
        When the scope may not see the audit.
    """
    del scope  # whoever may see the audit sees all of it
    return tuple((row.code, row.title) for row in connection.execute(
        select(Account.code, Account.title).order_by(Account.code)))


@reads("view_audit")
def read_chain_state(connection: Connection, scope: Scope) -> ChainState:
    """Return how the chain of seals stands.

    Raises
    ------
    RefusedError
        When the scope may not see the audit.
    """
    del scope  # whoever may see the audit sees all of it
    last = connection.execute(select(
        AuditBlock.id, AuditBlock.last_event, AuditBlock.seal, AuditBlock.sealed_at,
    ).order_by(AuditBlock.id.desc()).limit(1)).first()
    n_open = connection.scalar(select(func.count()).select_from(AuditEvent).where(
        AuditEvent.id > (last.last_event if last else 0))) or 0
    checked = connection.execute(select(AuditEvent.at, AuditEvent.by, AuditEvent.detail).where(
        AuditEvent.action == "verify_audit", ~AuditEvent.is_refused).order_by(
        _at.desc(), AuditEvent.id.desc()).limit(1)).first()
    n_removed = connection.scalar(select(func.count(AuditBlock.removed_at))) or 0
    kept_from = connection.scalar(select(func.min(type_coerce(AuditBlock.sealed_at, BigInteger))).where(
        AuditBlock.removed_at.is_(None))) if n_removed else None
    title = _read_titles(connection, {checked.by}).get(checked.by, checked.by) if checked else None
    return ChainState(
        n_blocks=connection.scalar(select(func.count()).select_from(AuditBlock)) or 0,
        last_block=last.id if last else 0, last_seal=last.seal if last else "",
        sealed_at=last.sealed_at if last else None, n_open=n_open, checked_at=checked.at if checked else None,
        checked_by=title, n_faults=json.loads(checked.detail).get("n_faults") if checked else None,
        kept_from=None if kept_from is None else datetime.fromtimestamp(kept_from, UTC))
