"""Imports places and their shapes: one transaction, nothing without `commit`."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import cast

from sqlalchemy import Connection, Engine

from govdesk.actions.acting import acting
from govdesk.actions.place_drawing import read_delivered, redraw
from govdesk.actions.place_records import (
    key_text,
    read_shape_rows,
    read_versions,
    rebuild_closure,
    write_batch,
    write_before_images,
    write_versions,
)
from govdesk.ingest.coordinates import Crs
from govdesk.ingest.drawing import Drawn
from govdesk.ingest.notes import ImportReport, make_writable, note
from govdesk.ingest.outlines import to_text
from govdesk.ingest.place_checks import Candidate, CheckedTree, TreeOptions, check_tree
from govdesk.ingest.place_files import ReadPlaces, convert_points, read_place_files
from govdesk.ingest.place_positions import check_positions
from govdesk.ingest.place_rows import FileRefusedError
from govdesk.ingest.place_tree import Key, PlaceVersion
from govdesk.rules.access import Scope, require
from govdesk.storage.engine import read_transaction
from govdesk.storage.properties import Properties, read_properties
from govdesk.terms import ShapeKind


@dataclass(frozen=True, slots=True)
class PlaceOptions:
    """How a file of places is to be read.

    Attributes
    ----------
    level, parent : str, optional
        Level and parent code of rows that name none.
    crs : {"wgs84", "gcj02", "bd09"}, optional
        System of the file's coordinates; the database's when not given.
    is_converted : bool
        Whether coordinates of another system may be converted into the database's.
    code_property, name_property : str, optional
        Properties of the GeoJSON's features; guessed when not given.
    is_strict : bool
        Whether any row or shape that is refused means that nothing is written.
    """

    level: str | None = None
    parent: str | None = None
    crs: Crs | None = None
    is_converted: bool = False
    code_property: str | None = None
    name_property: str | None = None
    is_strict: bool = False


@dataclass(slots=True)
class _Plan:
    """What an import would change."""

    report: ImportReport
    inserted: list[PlaceVersion] = field(default_factory=list)
    changed: list[PlaceVersion] = field(default_factory=list)
    shapes: dict[Key, Drawn] = field(default_factory=dict)
    versions: dict[Key, PlaceVersion] = field(default_factory=dict)
    before: dict[Key, PlaceVersion] = field(default_factory=dict)
    shapes_before: dict[Key, dict[str, object]] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not (self.inserted or self.changed or self.shapes)


def import_places(engine: Engine, *, by: Scope, csv_path: Path | None = None, geometry_path: Path | None = None,
                  options: PlaceOptions | None = None, commit: bool = False) -> ImportReport:
    """Import a register of places, their shapes, or both.

    Parameters
    ----------
    engine : Engine
        The database.
    by : Scope
        The caller.
    csv_path, geometry_path : Path, optional
        A CSV file, a GeoJSON file, or both; without a CSV the places come from the features.
    options : PlaceOptions, optional
        How the files are to be read.
    commit : bool
        Write; otherwise only say what would be done.

    Returns
    -------
    ImportReport
        Counts of rows with a note for each that is rejected or strange. A file that changes nothing writes
        nothing at all: no batch, no audit row, no new data version.

    Raises
    ------
    FileRefusedError
        When a file as a whole cannot be used, or its coordinate system is not the database's.
    RefusedError
        When the caller may not import.
    """
    require(by, "import_places")
    chosen = options or PlaceOptions()
    with read_transaction(engine) as connection:
        properties = read_properties(connection)
        crs = _choose_crs(properties, chosen)
        files = read_place_files(csv_path, geometry_path, known={code for code, _ in read_versions(connection)},
                                 code_property=chosen.code_property, name_property=chosen.name_property,
                                 source=crs, target=properties.crs)
        plan = _make_plan(connection, files.copy(), properties, chosen)
    if not commit or (chosen.is_strict and plan.report.has_errors):
        return plan.report
    if not plan.is_empty:
        with acting(engine, by=by, action="import_places", changes=("places",)) as act:
            plan = _make_plan(act.connection, files.copy(), properties, chosen)
            path = cast("Path", csv_path or geometry_path)
            _apply(act.connection, plan, by=by, path=path, file_hash=_hash(csv_path, geometry_path))
            act.audit("places", plan.report.batch, file=make_writable(path.name)[:200], inserted=plan.report.inserted,
                      updated=plan.report.updated, rejected=plan.report.rejected, shapes=len(plan.shapes))
    plan.report.committed = True
    return plan.report


def _choose_crs(properties: Properties, options: PlaceOptions) -> Crs:
    crs = options.crs or properties.crs
    if crs != properties.crs and not options.is_converted:
        raise FileRefusedError(note("other_crs", file=crs, database=properties.crs))
    return crs


def _hash(*paths: Path | None) -> str:
    digest = hashlib.sha256()
    for path in paths:
        if path is not None:
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _make_plan(connection: Connection, files: ReadPlaces, properties: Properties, options: PlaceOptions) -> _Plan:
    """Compare the files with the database; nothing is written."""
    known = read_versions(connection)
    tree = TreeOptions(kind=properties.kind, level=options.level, parent=options.parent)
    convert_points(files, options.crs or properties.crs, properties.crs)
    checked = check_tree(files.rows, known, tree)
    stored = read_shape_rows(connection)
    plan = _Plan(ImportReport(read=files.n_read), versions={**known, **checked.closed})
    plan.versions.update({candidate.version.key: candidate.version for candidate in checked.candidates})
    brought = _match_shapes(files, checked, known)
    for candidate in checked.candidates:
        _count(plan, candidate, brought.get(candidate.version.key), stored)
    for key, ended in checked.closed.items():
        plan.changed.append(ended)
        plan.before[key] = known[key]
    delivered = {**read_delivered(stored), **brought}
    files.warnings += check_positions(checked.candidates, plan.versions, delivered)
    _collect_notes(plan, files)
    return plan


def _match_shapes(files: ReadPlaces, checked: CheckedTree, known: Mapping[Key, PlaceVersion]) -> dict[Key, Drawn]:
    """Give each feature to its place: the version of its own date, else every version of its code in the file."""
    by_code: dict[str, list[Candidate]] = {}
    for candidate in checked.candidates:
        by_code.setdefault(candidate.version.code, []).append(candidate)
    rejected = {row.code for row in files.rows if row.errors}
    shapes: dict[Key, Drawn] = {}
    for code, feature in files.features.items():
        keys = [candidate.version.key for candidate in by_code.get(code, ())]
        keys = keys or sorted(key for key in known if key[0] == code)[-1:]
        if not keys and code not in rejected:
            files.warnings.append(note("shape_without_place", feature.number, files.code_property, place=code))
        if feature.shape is None or not keys:
            continue
        kind = ShapeKind.REPAIRED if feature.is_repaired else ShapeKind.DELIVERED
        shapes.update(dict.fromkeys(keys, Drawn(feature.shape, kind)))
    return shapes


def _count(plan: _Plan, candidate: Candidate, shape: Drawn | None, stored: Mapping[Key, dict[str, object]]) -> None:
    version, report = candidate.version, plan.report
    old = stored.get(version.key)
    is_new_shape = shape is not None and (
        old is None or old["kind"] != shape.kind or old["geometry"] != to_text(shape.shape))
    if is_new_shape and shape is not None:
        plan.shapes[version.key] = shape
        if old is not None and old["kind"] in (ShapeKind.DELIVERED, ShapeKind.REPAIRED):
            plan.shapes_before[version.key] = old
    if candidate.before is None:
        plan.inserted.append(version)
        report.inserted += 1
    elif version != candidate.before:
        plan.changed.append(version)
        plan.before[version.key] = candidate.before
        report.updated += 1
    elif is_new_shape:
        report.updated += 1
    else:
        report.unchanged += 1


def _collect_notes(plan: _Plan, files: ReadPlaces) -> None:
    report = plan.report
    report.errors = [*files.errors, *(item for row in files.rows for item in row.errors)]
    report.warnings = [*files.warnings, *(item for row in files.rows for item in row.warnings)]
    report.errors.sort(key=lambda item: item.line or 0)
    report.warnings.sort(key=lambda item: item.line or 0)
    report.rejected = files.n_refused + sum(1 for row in files.rows if row.errors)


def _apply(connection: Connection, plan: _Plan, *, by: Scope, path: Path, file_hash: str) -> None:
    report = plan.report
    report.batch = write_batch(connection, report, about="places", file_name=path.name, file_hash=file_hash, by=by)
    write_before_images(connection, report.batch, "places",
                        {key_text(key): asdict(version) for key, version in plan.before.items()})
    write_before_images(connection, report.batch, "place_shapes",
                        {key_text(key): row for key, row in plan.shapes_before.items()})
    write_versions(connection, plan.inserted, plan.changed)
    rebuild_closure(connection, plan.versions.values())
    redraw(connection, plan.versions, plan.shapes)
