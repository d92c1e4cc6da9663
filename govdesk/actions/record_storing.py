"""Compares checked rows with what is stored, and writes the difference in the caller's transaction."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
from sqlalchemy import Connection, Table

from govdesk.actions.import_context import as_json
from govdesk.actions.record_columns import Columns, Stamp, add_first_values, fill_recorded, to_columns
from govdesk.ingest.dates import NULL
from govdesk.ingest.drafts import NoteBook
from govdesk.ingest.masking import shown
from govdesk.ingest.notes import note
from govdesk.ingest.profiles import Profile
from govdesk.ingest.record_fields import RecordKind
from govdesk.ingest.records import Rows
from govdesk.ingest.row_store import RowStore
from govdesk.storage.bulk import Row, find_by_key, insert_rows, update_rows
from govdesk.storage.index_rebuild import REBUILD_FROM, many_new_rows
from govdesk.storage.withdrawn import holds_rows, read_withdrawn
from govdesk.tables import Base, BeforeImage

Told = Callable[[str, int, int], None]


def silent(stage: str, done: int, total: int) -> None:
    """Listen to the stages of an import and say nothing."""
    del stage, done, total


#: Rows a query when the state before a change is read.
_PART = 500
#: Before-image of a row that was not there.
NO_ROW = "null"
#: What an incident knew from its steps, and what it repeated, is not known of one that comes back.
_FORGOTTEN = ("repeat_of", "merged_into", "first_answered_at", "closed_at", "week_closed", "resolution_level",
              "outcome")


def table_of(name: str) -> Table:
    """Return a table by its name."""
    return Base.metadata.tables[name]


@dataclass(slots=True)
class Plan:
    """What an import will write.

    Attributes
    ----------
    new, changed, revived : RowStore
        Rows to insert, rows to update, and rows of an undone batch that come back; the latter two with their key in
        the table as column ``row_key``.
    """

    new: RowStore = field(default_factory=RowStore)
    changed: RowStore = field(default_factory=RowStore)
    revived: RowStore = field(default_factory=RowStore)

    @property
    def n_new(self) -> int:
        """Rows to insert or to bring back."""
        return len(self.new) + len(self.revived)

    @property
    def n_changed(self) -> int:
        """Rows to update."""
        return len(self.changed)


class Comparison:
    """Compares rows with the table, part by part."""

    def __init__(self, connection: Connection, profile: Profile, notes: NoteBook, headers: dict[str, str]) -> None:
        self.connection = connection
        self.profile = profile
        self.kind: RecordKind = profile.kind
        self.notes = notes
        self.headers = headers
        self.table = table_of(self.kind.table)
        self.key = "source_ref" if self.kind.is_sourced else "code"
        self.withdrawn = read_withdrawn(connection)
        source = profile.source if self.kind.is_sourced else None
        self.is_first_load = not holds_rows(connection, self.table, source, with_withdrawn=False)
        self._is_untouched = self.is_first_load and not holds_rows(connection, self.table, source, with_withdrawn=True)

    def compare(self, parts: RowStore, told: Told) -> Plan:
        """Return what is to be written; count it in the report."""
        if self._is_untouched and "incident_ref" not in self.kind.names:
            self.notes.report.inserted, self.notes.report.updated = len(parts), 0
            told("compared", len(parts), len(parts))
            return Plan(new=parts)  # nothing to compare with: the rows need not be gone through
        plan = Plan()
        total, done = len(parts), 0
        for part in parts:
            rows = self._with_incidents(part)
            self._sort_in(plan, rows)
            done += len(part)
            told("compared", done, total)
        report = self.notes.report
        report.inserted, report.updated = plan.n_new, plan.n_changed
        return plan

    def _with_incidents(self, rows: Rows) -> Rows:
        """Resolve `incident_ref`; reject rows of incidents that are not here."""
        if "incident_ref" not in rows.values or not len(rows):
            return rows
        refs = rows.values["incident_ref"].tolist()
        found = find_by_key(self.connection, table_of("incidents"), ["id", "reported_at", "batch_id"], refs,
                            key="source_ref", source=self.profile.incident_source or self.profile.source)
        found = {ref: row for ref, row in found.items() if row[2] not in self.withdrawn}
        known = np.fromiter((ref in found for ref in refs), bool, len(rows))
        for row in np.flatnonzero(~known).tolist():
            self._reject(rows, row, "incident_unknown", "incident_ref", value=shown(refs[row]))
        kept = rows.take(known)
        facts = [found[ref] for ref in kept.values["incident_ref"].tolist()]
        kept.values["incident_id"] = np.array([fact[0] for fact in facts], dtype=np.int64)
        if self.kind.about == "steps":
            reported = np.array([fact[1] for fact in facts], dtype=np.int64)
            early = kept.values["occurred_at"] < reported
            self.notes.group("step_before_report", kept.lines[early].tolist(), self.headers.get("occurred_at"))
        return kept

    def _reject(self, rows: Rows, row: int, code: str, name: str, **values: object) -> None:
        self.notes.report.rejected += 1
        self.notes.error(note(code, int(rows.lines[row]), self.headers.get(name, name), **values))

    def _sort_in(self, plan: Plan, rows: Rows) -> None:
        if self._is_untouched:
            plan.new.append(rows)
            return
        wanted = [next(iter(self.table.primary_key)).name, "content_hash"]
        if self.kind.is_sourced:
            wanted += ["batch_id", "recorded_at"]
            wanted += ["is_recorded_assumed"] if "is_recorded_assumed" in self.table.c else []
        found = find_by_key(self.connection, self.table, wanted, rows.values[self.key].tolist(), key=self.key,
                            source=self.profile.source if self.kind.is_sourced else None)
        before = [found.get(key) for key in rows.values[self.key].tolist()]
        is_new = np.fromiter((item is None for item in before), bool, len(rows))
        is_back = np.fromiter((self._is_withdrawn(item) for item in before), bool, len(rows))
        differs = np.fromiter(
            (item is not None and item[1] != content for item, content in
             zip(before, rows.values["content_hash"].tolist(), strict=True)), bool, len(rows)) & ~is_back
        self.notes.report.unchanged += int((~is_new & ~is_back & ~differs).sum())
        if is_new.any():
            plan.new.append(rows.take(is_new))
        if is_back.any():
            plan.revived.append(_with_keys(rows.take(is_back), [before[row] for row in np.flatnonzero(is_back)]))
        if not differs.any():
            return
        if self.kind.about == "steps":
            for row in np.flatnonzero(differs).tolist():
                self._reject(rows, row, "step_edited", "source_ref", value=shown(rows.values["source_ref"][row]))
            return
        plan.changed.append(self._changed(rows.take(differs), [before[row] for row in np.flatnonzero(differs)]))

    def _is_withdrawn(self, before: Row | None) -> bool:
        return before is not None and self.kind.is_sourced and before[2] in self.withdrawn

    def _changed(self, rows: Rows, before: list[Row | None]) -> Rows:
        """Give rows that differ the key of the stored row, and what it knew of when it was recorded."""
        known = [item for item in before if item is not None]
        _with_keys(rows, before)
        if "recorded_at" in rows.values:
            unsaid = rows.values["recorded_at"] == NULL
            rows.values["recorded_at"] = np.where(unsaid, np.array([item[3] for item in known], dtype=np.int64),
                                                  rows.values["recorded_at"])
            assumed = np.array([bool(item[4]) if len(item) > 4 else False for item in known])
            rows.values["is_recorded_assumed"] = np.where(unsaid, assumed, False).astype(np.int64)
        return rows


def _with_keys(rows: Rows, before: list[Row | None]) -> Rows:
    keys = np.empty(len(rows), dtype=object)
    keys[:] = [item[0] for item in before if item is not None]
    rows.values["row_key"] = keys
    return rows


class Writer:
    """Writes a plan."""

    def __init__(self, connection: Connection, kind: RecordKind, stamp: Stamp, batch_id: int, told: Told) -> None:
        self.connection = connection
        self.kind = kind
        self.stamp = stamp
        self.batch_id = batch_id
        self.told = told
        self.table = table_of(kind.table)

    def insert(self, plan: Plan) -> None:
        """Insert the new rows."""
        if not self.kind.is_sourced:
            self._note_new_codes(plan)
        parts = (self._new_columns(rows) for rows in plan.new if len(rows))
        first = next(parts, None)
        if first is None:
            return
        names = list(first.lists)
        rows = chain.from_iterable(columns.rows(names) for columns in chain([first], parts))
        total = plan.n_new
        with many_new_rows(self.connection, self.table, total):
            insert_rows(self.connection, self.table, names, rows, lambda done: self.told("written", done, total))
            if total >= REBUILD_FROM:
                self.told("indexed", 0, total)

    def revive(self, plan: Plan) -> None:
        """Give rows of undone batches a new beginning: what the file says now, and nothing of before."""
        key = next(iter(self.table.primary_key)).name
        for rows in plan.revived:
            columns = self._new_columns(rows)
            if self.kind.about == "incidents":
                for name in _FORGOTTEN:
                    columns.set(name, None)
            columns.lists["row_key"] = rows.values["row_key"].tolist()
            names = [name for name in columns.lists if name not in ("source", "source_ref", "row_key")]
            update_rows(self.connection, self.table, key, names, columns.rows([*names, "row_key"]))

    def _new_columns(self, rows: Rows) -> Columns:
        if self.kind.is_sourced:
            fill_recorded(rows, self.kind, self.stamp)
        columns = to_columns(rows, self.kind, self.table, self.stamp)
        add_first_values(columns, self.kind.about)
        if self.kind.is_sourced:
            columns.set("batch_id", self.batch_id)
        return columns

    def _note_new_codes(self, plan: Plan) -> None:
        """Keep with the batch which rows were not there before, where a row does not say which batch brought it."""
        codes = (code for rows in plan.new for code in rows.values["code"].tolist())
        insert_rows(self.connection, table_of(BeforeImage.__tablename__),
                    ["batch_id", "table_name", "row_key", "image"],
                    ((self.batch_id, self.table.name, code, NO_ROW) for code in codes))

    def update(self, plan: Plan) -> None:
        """Update the changed rows; what they were before is kept with the batch."""
        key = next(iter(self.table.primary_key)).name
        for rows in plan.changed:
            keys = rows.values["row_key"].tolist()
            insert_rows(self.connection, table_of(BeforeImage.__tablename__),
                        ["batch_id", "table_name", "row_key", "image"], self._images(key, keys))
            columns = to_columns(rows, self.kind, self.table, self.stamp)
            if self.kind.is_sourced:
                columns.set("batch_id", self.batch_id)
            if self.kind.about == "incidents":
                columns.set("repeat_of", None)
            columns.lists["row_key"] = keys
            names = [name for name in columns.lists if name not in ("source", "source_ref", "code", "row_key")]
            update_rows(self.connection, self.table, key, names, columns.rows([*names, "row_key"]))

    def _images(self, key: str, keys: list[object]) -> Iterator[Row]:
        column = self.table.c[key]
        for start in range(0, len(keys), _PART):
            part = keys[start:start + _PART]
            for row in self.connection.execute(self.table.select().where(column.in_(part))).mappings():
                yield self.batch_id, self.table.name, str(row[key]), as_json({name: row[name] for name in row})
