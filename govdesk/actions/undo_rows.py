"""Takes what a batch brought out of the tables and puts back what it changed, in the caller's transaction."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Table, delete, select, update

from govdesk.actions.import_context import as_json
from govdesk.actions.record_storing import NO_ROW, table_of
from govdesk.actions.step_cache import refresh_cache
from govdesk.queries.batch_dependants import brought_by
from govdesk.storage.bulk import Row, insert_rows, update_rows
from govdesk.storage.weekly_counts import hold_incidents, recounting
from govdesk.storage.withdrawn import read_withdrawn
from govdesk.tables import BeforeImage, EscalationEvent, Incident, Step, WithdrawnRow
from govdesk.tables.base import UtcSeconds

#: Columns of an incident that other acts than an import set; they are no part of what is put back.
_OTHERS = frozenset({
    "is_counted", "merged_into", "status", "first_answered_at", "due_at", "closed_at", "week_closed",
    "resolution_level", "outcome", "n_reopened", "n_steps", "answer_due_at",
})
#: Keys a statement.
_PART = 500

#: How many rows were taken out, and how many put back.
Undone = tuple[int, int]


def hold_batch(connection: Connection, batch_id: int, about: str) -> None:
    """Hold the incidents that undoing a batch touches: no step is taken of them between the look and the undoing."""
    ids = _step_incidents(connection, batch_id)
    if about == "incidents":
        incidents = table_of("incidents")
        ids += [int(key) for key in _read_changed(connection, batch_id, incidents)]
        ids += connection.scalars(select(incidents.c.id).where(brought_by(batch_id, incidents)))
    hold_incidents(connection, ids)


def undo_incidents(connection: Connection, batch_id: int) -> Undone:
    """Mark the incidents that a batch brought, put back those it changed, and withdraw the steps its columns told."""
    incidents = table_of("incidents")
    changed = [int(key) for key in _read_changed(connection, batch_id, incidents)]
    brought = list(connection.scalars(select(incidents.c.id).where(brought_by(batch_id, incidents))))
    stepped = _step_incidents(connection, batch_id)
    with recounting(connection, [*changed, *brought, *stepped]):
        # What a rule found is derived from the records: find-escalations finds it anew when they come back.
        connection.execute(delete(EscalationEvent).where(EscalationEvent.incident_id.in_(
            select(incidents.c.id).where(brought_by(batch_id, incidents)))))
        connection.execute(update(Incident).where(brought_by(batch_id, incidents)).values(is_counted=0))
        connection.execute(update(Step).where(Step.batch_id == batch_id).values(is_withdrawn=True))
        _put_back(connection, batch_id, incidents)
        _unlink_withdrawn(connection, changed)
        refresh_cache(connection, {*changed, *stepped} - set(brought))
    return len(brought), len(changed)


def undo_steps(connection: Connection, batch_id: int) -> Undone:
    """Mark the steps that a batch brought; what follows from them for their incidents is derived anew."""
    touched = _step_incidents(connection, batch_id)
    with recounting(connection, touched):
        done = connection.execute(update(Step).where(Step.batch_id == batch_id).values(is_withdrawn=True))
        refresh_cache(connection, touched)
    return done.rowcount, 0


def undo_others(connection: Connection, batch_id: int, table: Table) -> Undone:
    """Move the rows that a batch brought out of their table, and put back those it changed."""
    key = next(iter(table.primary_key))
    if "batch_id" in table.c:
        keys = list(connection.scalars(select(key).where(brought_by(batch_id, table))))
    else:
        keys = [row[0] for row in _read_images(connection, batch_id, table) if row[1] == NO_ROW]
    for start in range(0, len(keys), _PART):
        part = keys[start:start + _PART]
        rows = connection.execute(table.select().where(key.in_(part))).mappings().all()
        insert_rows(connection, table_of(WithdrawnRow.__tablename__), ["batch_id", "table_name", "row_key", "image"],
                    [(batch_id, table.name, str(row[key.name]), as_json(dict(row))) for row in rows])
        connection.execute(delete(table).where(key.in_(part)))
    return len(keys), _put_back(connection, batch_id, table)


def _step_incidents(connection: Connection, batch_id: int) -> list[int]:
    return list(connection.scalars(select(Step.incident_id).where(Step.batch_id == batch_id).distinct()))


def _read_images(connection: Connection, batch_id: int, table: Table) -> Iterator[tuple[str, str]]:
    for row in connection.execute(
            select(BeforeImage.row_key, BeforeImage.image).where(
                BeforeImage.batch_id == batch_id, BeforeImage.table_name == table.name).order_by(BeforeImage.id)):
        yield row.row_key, row.image


def _read_changed(connection: Connection, batch_id: int, table: Table) -> list[str]:
    return [key for key, image in _read_images(connection, batch_id, table) if image != NO_ROW]


def _put_back(connection: Connection, batch_id: int, table: Table) -> int:
    """Set the changed rows to what they were; return how many."""
    key = next(iter(table.primary_key)).name
    left = {key, *(_OTHERS if table.name == "incidents" else ())}
    columns = [column for column in table.c if column.name not in left]
    images = [json.loads(image) for _, image in _read_images(connection, batch_id, table) if image != NO_ROW]
    rows: Iterator[Row] = (
        (*(_as_stored(column, image.get(column.name)) for column in columns), image[key]) for image in images)
    return update_rows(connection, table, key, [column.name for column in columns], rows)


def _as_stored(column: Column[Any], value: Any) -> Any:
    """Return a value of an image as both engines take it; days stay ISO text."""
    if value is None or not isinstance(column.type, UtcSeconds):
        return value
    return int(datetime.fromisoformat(value).timestamp())


def _unlink_withdrawn(connection: Connection, changed: list[int]) -> None:
    """Leave out the repeats of incidents that were undone meanwhile: nobody may follow them."""
    withdrawn = read_withdrawn(connection)
    gone = select(Incident.id).where(Incident.batch_id.in_(withdrawn), Incident.is_counted == 0)
    for start in range(0, len(changed), _PART):
        connection.execute(update(Incident).where(
            Incident.id.in_(changed[start:start + _PART]), Incident.repeat_of.in_(gone)).values(repeat_of=None))
