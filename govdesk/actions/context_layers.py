"""Imports a layer of landscape that is drawn behind the places."""

import hashlib
import re
from pathlib import Path

from sqlalchemy import Connection, Engine, delete, insert, select

from govdesk.actions.acting import acting
from govdesk.actions.place_records import write_batch, write_before_images
from govdesk.ingest.context_features import ContextFile, read_context
from govdesk.ingest.coordinates import Crs
from govdesk.ingest.notes import ImportReport, note
from govdesk.ingest.place_rows import FileRefusedError
from govdesk.rules.access import Scope, require
from govdesk.storage.engine import read_transaction
from govdesk.storage.properties import read_properties
from govdesk.tables import ContextLayer

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def import_context(engine: Engine, *, by: Scope, name: str, path: Path, crs: Crs | None = None,
                   is_converted: bool = False, commit: bool = False) -> ImportReport:
    """Import one layer; a layer of the same name is replaced, its before-image kept.

    Parameters
    ----------
    engine : Engine
        The database.
    by : Scope
        The caller.
    name : str
        ``river``, ``road``, ``settlement``, ``relief`` or another ASCII name.
    path : Path
        GeoJSON file.
    crs : {"wgs84", "gcj02", "bd09"}, optional
        System of the file; the database's when not given.
    is_converted : bool
        Whether another system may be converted into the database's.
    commit : bool
        Write; otherwise only say what would be done.

    Raises
    ------
    FileRefusedError
        When name or file cannot be used, or the coordinate system is not the database's.
    RefusedError
        When the caller may not import.
    """
    require(by, "import_places")
    if not _NAME.fullmatch(name):
        raise FileRefusedError(note("context_name", text=name[:40]))
    with read_transaction(engine) as connection:
        target = read_properties(connection).crs
        source = crs or target
        if source != target and not is_converted:
            raise FileRefusedError(note("other_crs", file=source, database=target))
        file = read_context(path, source=source, target=target)
        before = _read_layer(connection, name)
    report = _make_report(file, before)
    if not commit:
        return report
    if before != file.geojson:
        with acting(engine, by=by, action="import_places", changes=("places",)) as act:
            before = _read_layer(act.connection, name)
            report.batch = write_batch(act.connection, report, about="context", file_name=path.name,
                                       file_hash=hashlib.sha256(path.read_bytes()).hexdigest(), by=by)
            if before is not None:
                write_before_images(act.connection, report.batch, "context_layers",
                                    {name: {"name": name, "geojson": before}})
            act.connection.execute(delete(ContextLayer).where(ContextLayer.name == name))
            act.connection.execute(insert(ContextLayer).values(name=name, geojson=file.geojson))
            act.audit("context_layers", name, features=file.n_kept, rejected=report.rejected)
    report.committed = True
    return report


def _read_layer(connection: Connection, name: str) -> str | None:
    return connection.scalar(select(ContextLayer.geojson).where(ContextLayer.name == name))


def _make_report(file: ContextFile, before: str | None) -> ImportReport:
    """Count the layer as a whole: all its features are new, changed or unchanged together."""
    report = ImportReport(read=file.n_read, rejected=len(file.errors), errors=file.errors)
    if before is None:
        report.inserted = file.n_kept
    elif before == file.geojson:
        report.unchanged = file.n_kept
    else:
        report.updated = file.n_kept
    return report
