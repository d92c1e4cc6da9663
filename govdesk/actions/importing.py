"""Imports a file of records: all of its good rows in one transaction, or nothing."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection, Engine, insert, select

from govdesk.actions.acting import Act, acting
from govdesk.actions.import_context import read_surroundings
from govdesk.actions.incident_links import warn_about_links, write_links
from govdesk.actions.record_columns import Stamp
from govdesk.actions.record_storing import Comparison, Plan, Told, Writer, silent, table_of
from govdesk.actions.step_cache import refresh_cache
from govdesk.clock import now
from govdesk.ingest.drafts import NoteBook
from govdesk.ingest.duplicates import drop_duplicates
from govdesk.ingest.mapping_profile import write_profile
from govdesk.ingest.masking import shown_name
from govdesk.ingest.notes import ImportReport, note
from govdesk.ingest.profiles import Profile
from govdesk.ingest.readers import FileRefusedError, open_table
from govdesk.ingest.records import RecordReader, Surroundings
from govdesk.ingest.row_store import RowStore
from govdesk.ingest.wanted_headers import wanted_headers
from govdesk.rules.access import Scope, require
from govdesk.storage.bulk import insert_rows
from govdesk.storage.engine import read_transaction
from govdesk.storage.index_rebuild import without_indexes
from govdesk.storage.versions import read_versions
from govdesk.storage.weekly_counts import recounting
from govdesk.tables import Category, ImportBatch

_ACTION = "import_records"
_NOTE_COLUMNS = ("batch_id", "sheet", "line", "column", "value", "level", "code", "message", "detail")


class PlacesChangedError(RuntimeError):
    """Somebody changed the places while the file was read; the import is to be started again."""


class DataChangedError(RuntimeError):
    """What the dry run compared the file with has changed since; it is to be run again."""


class _NothingToWrite(Exception):  # noqa: N818 - ends a transaction, is no error
    """Leaves the transaction without a trace."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A file as read and checked, before it meets the table."""

    parts: RowStore
    headers: dict[str, str]
    around: Surroundings
    places_version: int


def import_records(engine: Engine, *, by: Scope, path: Path, profile: Profile, commit: bool, strict: bool = False,
                   told: Told = silent, file_name: str | None = None,
                   expected: Mapping[str, int] | None = None) -> ImportReport:
    """Import a file.

    Parameters
    ----------
    engine : Engine
        The database.
    by : Scope
        The caller.
    path : Path
        CSV, TSV, XLSX, XLS or Parquet, each also inside gzip.
    profile : Profile
        Its columns.
    commit : bool
        Write. Otherwise only say what would be written.
    strict : bool
        Write nothing when any row is rejected.
    told : callable
        Called with a stage (``read``, ``compared``, ``written``, ``indexed``), rows done, and rows in all (0: unknown).
    file_name : str, optional
        What the file is called; by default the name it has here.
    expected : mapping of str to int, optional
        Versions of subjects that a dry run has seen.

    Returns
    -------
    ImportReport
        Counts and notes. Without any difference to what is stored nothing is written, and no batch is kept.

    Raises
    ------
    FileRefusedError, ProfileError
        When the file cannot be used at all; when the profile does not fit the database.
    PlacesChangedError, DataChangedError
        When the places changed meanwhile; when a version is not the expected one. Nothing is written.
    RefusedError
        When the caller may not import.
    """
    require(by, _ACTION)
    report = ImportReport()
    notes = NoteBook(report)
    read = _read_file(engine, path, profile, notes, told)
    if not commit:
        with read_transaction(engine) as connection:
            _compare(connection, read, profile, notes, told)
        notes.finish()
        return report
    changes, table = (profile.kind.subject,), table_of(profile.kind.table)
    try:
        with without_indexes(engine, table, len(read.parts)), \
                acting(engine, by=by, action=_ACTION, changes=changes, is_import=True) as act:
            _check_expected(act.connection, expected)
            _store(act, read, path, profile, notes, strict=strict, by=by, told=told, file_name=file_name or path.name)
        report.committed = True
    except _NothingToWrite:
        notes.finish()
        report.committed = bool(report.accepted) and not (strict and report.rejected)
    return report


def _read_file(engine: Engine, path: Path, profile: Profile, notes: NoteBook, told: Told) -> _Read:
    with read_transaction(engine) as connection:
        around = read_surroundings(connection, profile)
        version = read_versions(connection)["places"]
    table = open_table(path, profile.file, wanted=wanted_headers(profile))
    notes.sheets = table.sheets
    around = around.titled(table.facts.titles)
    reader = RecordReader(profile, table.headers, around, notes, table.lower)
    parts = RowStore()
    for piece in table.pieces:
        parts.append(reader.read(piece))
        told("read", notes.report.read, 0)
    notes.tell_file(table.facts)
    if not notes.report.read:
        raise FileRefusedError(note("file_without_rows"))
    notes.report.places = reader.see_places()
    key = "source_ref" if profile.kind.is_sourced else "code"
    parts = drop_duplicates(parts, key, notes, reader.headers.get(key))
    return _Read(parts, reader.headers, around, version)


def _stamp(read: _Read, profile: Profile, *, is_first_load: bool) -> Stamp:
    return Stamp(profile.source, read.around.now, read.around.meanings.county, is_first_load)


def _compare(connection: Connection, read: _Read, profile: Profile, notes: NoteBook, told: Told) -> tuple[Plan, Stamp]:
    comparison = Comparison(connection, profile, notes, read.headers)
    plan = comparison.compare(read.parts, told)
    if profile.about == "incidents":
        warn_about_links(connection, plan, profile.source, notes, read.headers)
    return plan, _stamp(read, profile, is_first_load=comparison.is_first_load)


def _check_expected(connection: Connection, expected: Mapping[str, int] | None) -> None:
    now_known = read_versions(connection)
    changed = [subject for subject, version in (expected or {}).items() if now_known[subject] != version]
    if changed:
        message = f"changed since the dry run: {', '.join(changed)}"
        raise DataChangedError(message)


def _store(act: Act, read: _Read, path: Path, profile: Profile, notes: NoteBook, *, strict: bool, by: Scope,
           told: Told, file_name: str) -> None:
    connection, report = act.connection, notes.report
    if read_versions(connection)["places"] != read.places_version:
        message = "the places were changed while the file was read: start the import again"
        raise PlacesChangedError(message)
    plan, stamp = _compare(connection, read, profile, notes, told)
    if not (plan.n_new or plan.n_changed) or (strict and report.rejected):
        raise _NothingToWrite
    notes.finish()
    _add_categories(connection, profile)
    report.batch = _write_batch(connection, path, profile, report, by, file_name)
    writer = Writer(connection, profile.kind, stamp, report.batch, told)
    if profile.about == "incidents":
        changed = [int(key) for rows in (*plan.changed, *plan.revived) for key in rows.values["row_key"].tolist()]
        with recounting(connection, changed, report.batch, plan.n_new):
            writer.insert(plan)
            writer.revive(plan)
            writer.update(plan)
            write_links(connection, plan, stamp, report.batch)
    elif profile.about == "steps":
        touched = {int(number) for rows in (*plan.new, *plan.revived) for number in rows.values["incident_id"].tolist()}
        with recounting(connection, list(touched)):  # first of all: it holds the incidents
            writer.insert(plan)
            writer.revive(plan)
            refresh_cache(connection, touched)
    else:
        writer.insert(plan)
        writer.revive(plan)
        writer.update(plan)
    _write_notes(connection, report)
    act.audit(profile.kind.table, report.batch, about=profile.about, profile=profile.name, read=report.read,
              inserted=report.inserted, updated=report.updated, rejected=report.rejected)


def _add_categories(connection: Connection, profile: Profile) -> None:
    known = set(connection.scalars(select(Category.code)))
    added = [item.model_dump(mode="json") for item in profile.category if item.code not in known]
    if added:
        connection.execute(insert(Category), added)


def _write_batch(connection: Connection, path: Path, profile: Profile, report: ImportReport, by: Scope,
                 file_name: str) -> int:
    with path.open("rb") as file:
        digest = sha256()
        while block := file.read(2**20):
            digest.update(block)
    done = connection.execute(insert(ImportBatch).values(
        about=profile.about, profile=profile.name, file_name=shown_name(file_name)[:200],
        file_hash=digest.hexdigest(), by=by.account, at=now(), n_read=report.read, n_inserted=report.inserted,
        n_updated=report.updated, n_unchanged=report.unchanged, n_rejected=report.rejected, n_masked=report.masked,
        n_duplicates=report.duplicates, n_aside=report.aside, source=profile.source,
        profile_text=write_profile(profile)))
    key = done.inserted_primary_key
    if key is None:
        message = "the batch got no number"
        raise RuntimeError(message)
    return int(key[0])


def _write_notes(connection: Connection, report: ImportReport) -> None:
    rows = [
        (report.batch, item.sheet and item.sheet[:80], item.line, item.column and item.column[:80],
         item.value and item.value[:80], level, item.code, item.message(),
         json.dumps(dict(item.values), ensure_ascii=False))
        for level, items in (("error", report.errors), ("warning", report.warnings)) for item in items
    ]
    insert_rows(connection, table_of("row_notes"), _NOTE_COLUMNS, rows)


