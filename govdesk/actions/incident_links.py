"""What follows from an incident's row beyond the row itself: repeats, and steps that a file tells in columns."""

from collections.abc import Iterable, Iterator
from hashlib import blake2b
from itertools import chain

import numpy as np
from sqlalchemy import Connection

from govdesk.actions.record_columns import Stamp, fill_recorded
from govdesk.actions.record_storing import Plan, table_of
from govdesk.actions.step_cache import refresh_cache
from govdesk.ingest.dates import NULL
from govdesk.ingest.drafts import NoteBook
from govdesk.ingest.record_fields import INCIDENTS
from govdesk.ingest.records import Rows
from govdesk.storage.bulk import Row, find_by_key, insert_rows, update_rows
from govdesk.storage.withdrawn import read_withdrawn
from govdesk.terms import StepKind

_STEP_COLUMNS = ("incident_id", "source", "source_ref", "batch_id", "content_hash", "kind", "occurred_at",
                 "recorded_at", "is_recorded_assumed", "level", "outcome", "is_withdrawn")
_REFERENCE = 80


def warn_about_links(connection: Connection, plan: Plan, source: str, notes: NoteBook, headers: dict[str, str]) -> None:
    """Warn about repeats of unknown incidents and about closings that cannot be right."""
    wanted = {ref for rows in _written(plan) for ref in rows.values["repeat_of"].tolist() if ref is not None}
    known: set[str] = set()
    if wanted:
        for rows in _written(plan):
            known |= wanted.intersection(rows.values["source_ref"].tolist())
        known |= set(_ids(connection, wanted - known, source))
    for rows in _written(plan):
        lost = [row for row, (ref, own) in enumerate(
            zip(rows.values["repeat_of"].tolist(), rows.values["source_ref"].tolist(), strict=True))
            if ref is not None and (ref not in known or ref == own)]
        notes.group("repeat_unknown", rows.lines[lost].tolist(), headers.get("repeat_of"))
        closed, reported = rows.values["closed_at"], rows.values["reported_at"]
        notes.group("closed_before_reported", rows.lines[(closed != NULL) & (closed < reported)].tolist(),
                    headers.get("closed_at"))
        says = np.fromiter((item is not None for item in rows.values["outcome"]), bool, len(rows))
        notes.group("outcome_without_closing", rows.lines[says & (closed == NULL)].tolist(), headers.get("outcome"))


def _written(plan: Plan) -> Iterator[Rows]:
    return chain(plan.new, plan.revived, plan.changed)


def write_links(connection: Connection, plan: Plan, stamp: Stamp, batch_id: int) -> None:
    """Write repeats and the steps told in columns, and refresh the caches that depend on them."""
    touched: list[int] = []
    for rows in plan.changed:
        touched += [int(key) for key in rows.values["row_key"].tolist()]
    for rows in _written(plan):
        fill_recorded(rows, INCIDENTS, stamp)  # each look at the store gives rows as they were read
        _write_repeats(connection, rows, stamp.source)
        touched += _write_steps(connection, rows, stamp, batch_id)
    refresh_cache(connection, touched)


def _ids(connection: Connection, refs: Iterable[str], source: str) -> dict[str, int]:
    """Return the keys of the incidents of some numbers, but for those of undone batches."""
    found = find_by_key(connection, table_of("incidents"), ["id", "batch_id"], refs, key="source_ref", source=source)
    withdrawn = read_withdrawn(connection)
    return {ref: int(str(row[0])) for ref, row in found.items() if row[1] not in withdrawn}


def _write_repeats(connection: Connection, rows: Rows, source: str) -> None:
    pairs = [(ref, own) for ref, own in zip(rows.values["repeat_of"].tolist(), rows.values["source_ref"].tolist(),
                                            strict=True) if ref is not None and ref != own]
    if not pairs:
        return
    ids = _ids(connection, [ref for pair in pairs for ref in pair], source)
    update_rows(connection, table_of("incidents"), "id", ["repeat_of"],
                [(ids[ref], ids[own]) for ref, own in pairs if ref in ids])


def _write_steps(connection: Connection, rows: Rows, stamp: Stamp, batch_id: int) -> list[int]:
    told = (rows.values["first_answered_at"] != NULL) | (rows.values["closed_at"] != NULL)
    if not told.any():
        return []
    telling = rows.take(told)
    ids = _ids(connection, telling.values["source_ref"].tolist(), stamp.source)
    steps = {str(step[2]): step for step in _steps(telling, ids, stamp, batch_id)}
    stored = find_by_key(connection, table_of("steps"), ["id", "batch_id"], steps, key="source_ref",
                         source=stamp.source)
    added = [step for ref, step in steps.items() if ref not in stored]
    insert_rows(connection, table_of("steps"), _STEP_COLUMNS, added)
    withdrawn = read_withdrawn(connection)
    back = [(*step, stored[ref][0]) for ref, step in steps.items() if ref in stored and stored[ref][1] in withdrawn]
    update_rows(connection, table_of("steps"), "id", _STEP_COLUMNS, back)
    return list(ids.values())


def _steps(rows: Rows, ids: dict[str, int], stamp: Stamp, batch_id: int) -> Iterator[Row]:
    """Give the steps that the columns tell; the instant is part of the reference: a corrected one is a new step."""
    columns = [rows.values[name].tolist() for name in
               ("source_ref", "first_answered_at", "closed_at", "resolution_level", "outcome", "recorded_at")]
    for ref, answered, closed, level, outcome, recorded in zip(*columns, strict=True):
        for kind, at in ((StepKind.ANSWER.value, answered), (StepKind.CLOSE.value, closed)):
            if at == NULL:
                continue
            is_close = kind == StepKind.CLOSE.value
            facts = (level, outcome) if is_close else (None, None)
            known_at = max(at, recorded) if recorded != NULL else at
            yield (ids[ref], stamp.source, _reference(ref, kind, at, facts), batch_id, _digest(ref, kind, at, facts),
                   kind, at, min(known_at, stamp.now), True, *facts, False)


def _digest(*parts: object) -> str:
    return blake2b("\x1f".join(map(str, parts)).encode(), digest_size=16).hexdigest()


def _reference(ref: str, kind: str, at: int, facts: tuple[object, object]) -> str:
    plain = f"{ref}#{kind}@{at}"
    if any(facts):
        plain += f"#{_digest(*facts)[:6]}"
    return plain if len(plain) <= _REFERENCE else f"#{kind}#{_digest(ref, kind, at, facts)}"
