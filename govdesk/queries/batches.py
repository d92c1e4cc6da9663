"""Batches 批次: every file that was imported, who by and when, what came of it, and what was said about its rows."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Connection, func, select, true

from govdesk.queries.frames import COUNT, INSTANT, MAYBE_COUNT, TEXT, read_frame
from govdesk.queries.permission import reads
from govdesk.rules.access import Scope
from govdesk.tables import Account, AuditEvent, ImportBatch, RowNote
from govdesk.words import placeholders, read_words, say_again

#: Batches, and notes of one batch, a page.
PAGE = 50
#: Kinds of batch that change the tree of places; they are not undone but corrected by another import.
ABOUT_PLACES = frozenset({"places", "place_changes", "context"})
#: Profile of what was entered by hand.
REGISTERED = "register"

_COUNTS = ("n_read", "n_inserted", "n_updated", "n_unchanged", "n_rejected", "n_duplicates", "n_masked", "n_aside")
_TYPES = {"id": COUNT, "about": TEXT, "profile": TEXT, "source": TEXT, "file_name": TEXT, "file_hash": TEXT,
          "by": TEXT, "by_title": TEXT, "at": INSTANT, **dict.fromkeys(_COUNTS, COUNT), "withdrawn_at": INSTANT,
          "withdrawn_by": TEXT}


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch.

    Attributes
    ----------
    by, withdrawn_by : str
        Accounts; `by_title` is the title of the first.
    at, withdrawn_at : datetime
        Aware, UTC.
    file_hash : str
        SHA-256 of the file's bytes.
    n_read, n_inserted, n_updated, n_unchanged, n_rejected, n_duplicates, n_masked, n_aside : int
        Rows of the file; `n_masked` counts cells.
    reason : str
        Why it was undone; empty while it was not.
    """

    id: int
    about: str
    profile: str
    source: str | None
    file_name: str
    file_hash: str
    by: str
    by_title: str
    at: datetime
    n_read: int
    n_inserted: int
    n_updated: int
    n_unchanged: int
    n_rejected: int
    n_duplicates: int
    n_masked: int
    n_aside: int
    withdrawn_at: datetime | None
    withdrawn_by: str | None
    reason: str = ""


def _seen(scope: Scope) -> ColumnElement[bool]:
    """Return the condition that a batch may be seen: a file covers the county, so an area sees what it brought."""
    return true() if scope.area_code is None else ImportBatch.by == scope.account


def _columns() -> list[Any]:
    title = func.coalesce(Account.title, ImportBatch.by)
    return [title if name == "by_title" else getattr(ImportBatch, name) for name in _TYPES]


@reads("view_imports")
def list_batches(
    connection: Connection, scope: Scope, about: str | None = None, source: str | None = None, page: int = 0, *,
    with_single: bool = False,
) -> pd.DataFrame:
    """Return batches, newest first, `PAGE` at a time.

    Parameters
    ----------
    about, source : str, optional
        Only batches of this kind, of this source.
    page : int
        0 is the newest.
    with_single : bool
        Also the batches of one that a form registered.

    Returns
    -------
    DataFrame
        ``id``, ``about``, ``profile``, ``source``, ``file_name``, ``file_hash``, ``by``, ``by_title``, ``at``, the
        counts (int64), ``withdrawn_at``, ``withdrawn_by``.
    """
    query = (select(*_columns()).outerjoin(Account, Account.code == ImportBatch.by)
             .where(*_wanted(scope, about, source, with_single=with_single))
             .order_by(ImportBatch.id.desc()).limit(PAGE).offset(page * PAGE))
    return read_frame(connection, query, _TYPES)


def _wanted(
    scope: Scope, about: str | None, source: str | None, *, with_single: bool
) -> list[ColumnElement[bool]]:
    conditions = [_seen(scope)]
    if not with_single:
        conditions.append(ImportBatch.profile != REGISTERED)
    if about is not None:
        conditions.append(ImportBatch.about == about)
    if source is not None:
        conditions.append(ImportBatch.source == source)
    return conditions


@reads("view_imports")
def count_batches(
    connection: Connection, scope: Scope, about: str | None = None, source: str | None = None, *,
    with_single: bool = False,
) -> int:
    """Return how many batches `list_batches` has in all."""
    query = select(func.count()).select_from(ImportBatch).where(
        *_wanted(scope, about, source, with_single=with_single))
    return int(connection.scalar(query) or 0)


@reads("view_imports")
def list_batch_kinds(connection: Connection, scope: Scope) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the kinds and the sources that batches have, in order of the alphabet."""
    kinds, sources = (
        tuple(sorted({value for value in connection.scalars(select(column).where(_seen(scope)).distinct()) if value}))
        for column in (ImportBatch.about, ImportBatch.source))
    return kinds, sources


@reads("view_imports")
def get_batch(connection: Connection, scope: Scope, batch_id: int) -> Batch | None:
    """Return one batch; None where there is none that the caller may see."""
    row = connection.execute(
        select(*_columns()).outerjoin(Account, Account.code == ImportBatch.by)
        .where(ImportBatch.id == batch_id, _seen(scope))).first()
    if row is None:
        return None
    values = dict(zip(_TYPES, row, strict=True))
    return Batch(**values, reason=_read_reason(connection, batch_id) if values["withdrawn_at"] else "")


def _read_reason(connection: Connection, batch_id: int) -> str:
    detail = connection.scalar(
        select(AuditEvent.detail).where(AuditEvent.action == "undo_import", AuditEvent.subject == "import_batches",
                                        AuditEvent.subject_key == str(batch_id))
        .order_by(AuditEvent.id.desc()).limit(1))
    return str(json.loads(detail).get("reason", "")) if detail else ""


@reads("view_imports")
def count_notes(connection: Connection, scope: Scope, batch_id: int) -> dict[tuple[str, str], int]:
    """Return how many notes of each level and code a batch has, errors first, most first."""
    query = (select(RowNote.level, RowNote.code, func.count())
             .join(ImportBatch, ImportBatch.id == RowNote.batch_id).where(RowNote.batch_id == batch_id, _seen(scope))
             .group_by(RowNote.level, RowNote.code).order_by(RowNote.level, func.count().desc(), RowNote.code))
    return {(level, code): n for level, code, n in connection.execute(query)}


@reads("view_imports")
def list_notes(
    connection: Connection, scope: Scope, batch_id: int, language: str, level: str | None = "error",
    page: int | None = 0,
) -> pd.DataFrame:
    """Return what was said about a batch's rows, in the order of the file.

    Parameters
    ----------
    language : {"zh", "en"}
        Language of the sentences, whatever the language of the import was.
    level : {"error", "warning"} or None
        None: both.
    page : int or None
        `PAGE` notes at a time; None: all.

    Returns
    -------
    DataFrame
        ``level``, ``sheet``, ``line`` (int64 or NA), ``column``, ``value`` (masked), ``code``, ``reason``, ``fix``.
    """
    query = (select(RowNote).join(ImportBatch, ImportBatch.id == RowNote.batch_id)
             .where(RowNote.batch_id == batch_id, _seen(scope)).order_by(RowNote.id))
    if level is not None:
        query = query.where(RowNote.level == level)
    if page is not None:
        query = query.limit(PAGE).offset(page * PAGE)
    rows = [_as_row(row, language) for row in connection.execute(query.with_only_columns(*RowNote.__table__.columns))]
    names = ["level", "sheet", "line", "column", "value", "code", "reason", "fix"]
    return pd.DataFrame(rows, columns=names).astype({"line": MAYBE_COUNT})


def _as_row(row: Any, language: str) -> dict[str, object]:
    held = dict(row._mapping)
    values = {str(key): str(value) for key, value in json.loads(held.pop("detail") or "{}").items()}
    if values.get("hint"):
        values["hint"] = say_again("note.hint", values["hint"], language)
    reason = _fill(f"note.{held['code']}", values, language)
    return {**held, "reason": held["message"] if reason is None else reason,
            "fix": _fill(f"fix.{held['code']}", values, language) or ""}


def _fill(key: str, values: dict[str, str], language: str) -> str | None:
    """Return a sentence; None where there is none, or where an older batch did not keep what fills it in."""
    template = read_words(language).get(key)
    if template is None or not placeholders(template) <= values.keys():
        return None
    return template.format(**values)
