"""`import-places`, `import-place-changes` and `import-context`."""

from pathlib import Path
from typing import Annotated

import typer

from govdesk.actions.context_layers import import_context
from govdesk.actions.place_changes import import_place_changes
from govdesk.actions.places import PlaceOptions, import_places
from govdesk.cli.opening import open_database, refuse_file
from govdesk.cli.reporting import Commit, Report, Strict, finish_import, refuse
from govdesk.ingest.coordinates import Crs, read_system
from govdesk.ingest.place_rows import FileRefusedError
from govdesk.rules.access import SYSTEM
from govdesk.terms import Level

CsvFile = Annotated[Path | None, typer.Argument(metavar="[FILE.csv]", help="register of places", exists=True,
                                                dir_okay=False, readable=True)]
Geometry = Annotated[Path | None, typer.Option("--geometry", help="GeoJSON file of their shapes", exists=True,
                                               dir_okay=False, readable=True)]
LevelOption = Annotated[Level | None, typer.Option("--level", help="level of rows that name none")]
Parent = Annotated[str | None, typer.Option("--parent", help="code of the parent of rows that name none")]
CrsOption = Annotated[str | None, typer.Option("--crs", help="system of the file's coordinates: wgs84, gcj02 or bd09; "
                                               "the database's when not given")]
Convert = Annotated[bool, typer.Option("--convert", help="convert coordinates into the database's system")]
CodeProperty = Annotated[str | None, typer.Option("--code-property", help="property of the features with the code")]
NameProperty = Annotated[str | None, typer.Option("--name-property", help="property of the features with the name")]


def _system(text: str | None, report: Path | None) -> Crs | None:
    try:
        return None if text is None else read_system(text)
    except ValueError as error:
        refuse(f"--crs {error}", report, 2)


def import_places_command(
    file: CsvFile = None,
    *,
    geometry: Geometry = None,
    level: LevelOption = None,
    parent: Parent = None,
    crs: CrsOption = None,
    convert: Convert = False,
    code_property: CodeProperty = None,
    name_property: NameProperty = None,
    commit: Commit = False,
    report: Report = None,
    strict: Strict = False,
) -> None:
    """Import places from a CSV register, from shapes in GeoJSON, or both."""
    if file is None and geometry is None:
        refuse("name a CSV file, a GeoJSON file with --geometry, or both", report, 2)
    options = PlaceOptions(level=level.value if level else None, parent=parent, crs=_system(crs, report),
                           is_converted=convert, code_property=code_property, name_property=name_property,
                           is_strict=strict)
    try:
        done = import_places(open_database(report), by=SYSTEM, csv_path=file, geometry_path=geometry, options=options,
                             commit=commit)
    except FileRefusedError as error:
        refuse_file(error.note, report)
    finish_import(done, report, strict=strict)


def import_place_changes_command(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="from_code,to_code,on,kind,share", exists=True,
                                         dir_okay=False, readable=True)],
    *,
    commit: Commit = False,
    report: Report = None,
    strict: Strict = False,
) -> None:
    """Import what became of places on a date: splits, merges, renamings, moves."""
    try:
        done = import_place_changes(open_database(report), by=SYSTEM, path=file, commit=commit, is_strict=strict)
    except FileRefusedError as error:
        refuse_file(error.note, report)
    finish_import(done, report, strict=strict)


def import_context_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="river, road, settlement, relief, …")],
    file: Annotated[Path, typer.Argument(metavar="FILE.geojson", exists=True, dir_okay=False, readable=True)],
    *,
    crs: CrsOption = None,
    convert: Convert = False,
    commit: Commit = False,
    report: Report = None,
) -> None:
    """Import a layer of landscape that is drawn behind the places."""
    try:
        done = import_context(open_database(report), by=SYSTEM, name=name, path=file, crs=_system(crs, report),
                              is_converted=convert, commit=commit)
    except FileRefusedError as error:
        refuse_file(error.note, report)
    finish_import(done, report, strict=False)
