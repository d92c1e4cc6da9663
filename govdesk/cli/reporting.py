"""What every command shares: --commit, --report, exit status and how a refusal is said."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from govdesk.ingest.notes import ImportReport

Commit = Annotated[bool, typer.Option("--commit", help="Write. Without it the command only says what it would do.")]
Report = Annotated[Path | None, typer.Option("--report", help="Write what happened as JSON to this file.")]
Strict = Annotated[bool, typer.Option("--strict", help="Any rejected row or shape is a failure; nothing is written.")]

#: Notes printed to the terminal; the report file holds all of them.
SHOWN_NOTES = 20

#: Exit status: 0 committed (or dry-ran) what could be, 2 wrong use, 3 nothing could.
NOTHING = 3
WRONG_USE = 2


def write_report(report: Mapping[str, object], path: Path | None) -> None:
    """Write the report file, if one was asked for."""
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def refuse(message: str, path: Path | None = None, status: int = NOTHING) -> NoReturn:
    """Say in one clear line why nothing was done, and stop."""
    typer.echo(f"error: {message}", err=True)
    write_report({"error": message}, path)
    raise typer.Exit(status)


def _tell_places(report: ImportReport) -> None:
    """Say how much of the county the file speaks of, and how many names wait for somebody's decision."""
    if report.places is not None:
        without = [name for _, name in report.places.townships_without]
        more = " …" if len(without) > SHOWN_NOTES else ""
        rest = f"; none in {', '.join(without[:SHOWN_NOTES])}{more}" if without else ""
        typer.echo(f"places: {report.places.n_in_file} of {report.places.n_known} ({report.places.level}) occur{rest}")
    if report.place_proposals:
        rows = sum(one.n_rows for one in report.place_proposals)
        typer.echo(f"place names to decide: {len(report.place_proposals)} ({rows} rows; 'place-aliases add', or see "
                   "place_proposals of --report)")


def finish_import(report: ImportReport, path: Path | None, *, strict: bool) -> None:
    """Print the report, write its file, and leave with the right status."""
    for level, notes in (("error", report.errors), ("warning", report.warnings)):
        for item in notes[:SHOWN_NOTES]:
            where = f"line {item.line}" if item.line is not None else "file"
            column = f", {item.column}" if item.column else ""
            typer.echo(f"{level}: {where}{column}: {item.message()} [{item.code}]", err=True)
        if len(notes) > SHOWN_NOTES:
            typer.echo(f"{level}: … and {len(notes) - SHOWN_NOTES} more (see --report)", err=True)
    done = "committed" if report.committed else "dry run, nothing written (--commit writes)"
    typer.echo(
        f"{done}: {report.read} read, {report.inserted} new, {report.updated} changed, {report.unchanged} unchanged, "
        f"{report.rejected} rejected, {report.duplicates} duplicates, {report.masked} masked, "
        f"{len(report.warnings)} warnings"
    )
    _tell_places(report)
    write_report(report.as_json(), path)
    if (strict and report.has_errors) or (report.read and not report.accepted):
        raise typer.Exit(NOTHING)
