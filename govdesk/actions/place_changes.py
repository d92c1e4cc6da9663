"""Imports what became of places on a date: splits, merges, renamings, moves."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, Engine, delete, insert, select

from govdesk.actions.acting import acting
from govdesk.actions.place_drawing import redraw
from govdesk.actions.place_records import (
    key_text,
    read_versions,
    rebuild_closure,
    write_batch,
    write_before_images,
    write_versions,
)
from govdesk.ingest.notes import ImportReport, make_writable
from govdesk.ingest.place_change_checks import CheckedChanges, PlaceChangeRow, check_changes
from govdesk.ingest.place_rows import PlaceFile, read_changes_csv
from govdesk.ingest.place_tree import Key, PlaceVersion
from govdesk.rules.access import Scope, require
from govdesk.storage.engine import read_transaction
from govdesk.tables import PlaceChange

_ChangeKey = tuple[str, str, date]


@dataclass(slots=True)
class ChangePlan:
    """What the rows of a file of changes would do to the tree."""

    report: ImportReport
    inserted: list[PlaceChangeRow] = field(default_factory=list)
    changed: list[PlaceChangeRow] = field(default_factory=list)
    ended: dict[Key, PlaceVersion] = field(default_factory=dict)
    before: dict[_ChangeKey, PlaceChangeRow] = field(default_factory=dict)
    known: dict[Key, PlaceVersion] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing would be written."""
        return not (self.inserted or self.changed or self.ended)


def import_place_changes(engine: Engine, *, by: Scope, path: Path, commit: bool = False,
                         is_strict: bool = False) -> ImportReport:
    """Import a file ``from_code,to_code,on,kind,share``.

    A place that is still open ends on the day of its change; its successors must be valid from that day, so they
    are imported before. Dated closure and shapes are brought up to date in the same transaction.

    Parameters
    ----------
    engine : Engine
        The database.
    by : Scope
        The caller.
    path : Path
        CSV file.
    commit : bool
        Write; otherwise only say what would be done.
    is_strict : bool
        Whether any rejected row means that nothing is written.

    Raises
    ------
    FileRefusedError
        When the file as a whole cannot be used.
    RefusedError
        When the caller may not import.
    """
    require(by, "import_places")
    file = read_changes_csv(path)
    with read_transaction(engine) as connection:
        plan = plan_changes(connection, file, read_versions(connection))
    if not commit or (is_strict and plan.report.rejected):
        return plan.report
    if not plan.is_empty:
        with acting(engine, by=by, action="import_places", changes=("places",)) as act:
            plan = plan_changes(act.connection, read_changes_csv(path), read_versions(act.connection))
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            apply_changes(act.connection, plan, by=by, file_name=path.name, file_hash=digest)
            if plan.ended:
                versions = {**plan.known, **plan.ended}
                rebuild_closure(act.connection, versions.values())
                redraw(act.connection, versions, {})
            act.audit("place_changes", plan.report.batch, file=make_writable(path.name)[:200],
                      inserted=plan.report.inserted, updated=plan.report.updated, ended=len(plan.ended),
                      rejected=plan.report.rejected)
    plan.report.committed = True
    return plan.report


def plan_changes(connection: Connection, file: PlaceFile, known: Mapping[Key, PlaceVersion]) -> ChangePlan:
    """Compare changes with the tree as it is known; nothing is written, errors are added to the rows."""
    checked: CheckedChanges = check_changes(file.rows, known)
    columns = (PlaceChange.from_code, PlaceChange.to_code, PlaceChange.on, PlaceChange.kind, PlaceChange.share)
    stored = {row.key: row for row in (PlaceChangeRow(*found) for found in connection.execute(select(*columns)))}
    report = ImportReport(read=len(file.rows), rejected=sum(1 for row in file.rows if row.errors))
    plan = ChangePlan(report, ended=checked.ended, known=dict(known))
    for change in checked.changes:
        before = stored.get(change.key)
        if before is None:
            plan.inserted.append(change)
        elif before != change:
            plan.changed.append(change)
            plan.before[change.key] = before
        else:
            report.unchanged += 1
    report.inserted, report.updated = len(plan.inserted), len(plan.changed)
    report.errors = sorted((item for row in file.rows for item in row.errors), key=lambda item: item.line or 0)
    report.warnings = [*file.warnings, *checked.warnings, *(item for row in file.rows for item in row.warnings)]
    return plan


def apply_changes(connection: Connection, plan: ChangePlan, *, by: Scope, file_name: str, file_hash: str) -> None:
    """Write what `plan_changes` found, with its batch and what was before; within the caller's transaction.

    Dated closure and shapes are brought up to date by the caller, once for all that it writes.
    """
    batch = write_batch(
        connection, plan.report, about="place_changes", file_name=file_name, file_hash=file_hash, by=by)
    plan.report.batch = batch
    write_before_images(connection, batch, "place_changes", {
        f"{key[0]}|{key[1]}|{key[2]}": asdict(row) for key, row in plan.before.items()})
    write_before_images(connection, batch, "places", {
        key_text(key): asdict(plan.known[key]) for key in plan.ended})
    for change in plan.changed:
        connection.execute(delete(PlaceChange).where(
            PlaceChange.from_code == change.from_code, PlaceChange.to_code == change.to_code,
            PlaceChange.on == change.on))
    rows = [asdict(change) for change in (*plan.inserted, *plan.changed)]
    if rows:
        connection.execute(insert(PlaceChange), rows)
    if plan.ended:
        write_versions(connection, [], list(plan.ended.values()))
