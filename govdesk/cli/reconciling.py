"""`reconcile-places`: a list of places against the register."""

from pathlib import Path
from typing import Annotated

import typer

from govdesk.actions.reconciling import reconcile_places
from govdesk.cli.opening import open_database, refuse_file
from govdesk.cli.reporting import SHOWN_NOTES, WRONG_USE, Report, refuse, write_report
from govdesk.ingest.place_lists import ListColumns
from govdesk.ingest.place_naming import describe
from govdesk.ingest.profiles import ProfileError, read_profile
from govdesk.ingest.readers import FileRefusedError
from govdesk.ingest.reconciliation import Found, Known, Reconciliation
from govdesk.rules.access import SYSTEM
from govdesk.terms import Level

File = Annotated[Path, typer.Argument(metavar="FILE", help="list of places; with --profile any file of records",
                                      exists=True, dir_okay=False, readable=True)]
ProfileFile = Annotated[Path | None, typer.Option("--profile", help="import profile of a file of records", exists=True,
                                                  dir_okay=False, readable=True)]


def reconcile_places_command(
    file: File,
    *,
    level: Annotated[Level, typer.Option("--level", help="level of the places")] = Level.VILLAGE,
    profile: ProfileFile = None,
    code_column: Annotated[str | None, typer.Option("--code-column", help="header of the codes")] = None,
    name_column: Annotated[str | None, typer.Option("--name-column", help="header of the names")] = None,
    parent_column: Annotated[str | None, typer.Option("--parent-column", help="header of the township")] = None,
    report: Report = None,
) -> None:
    """Compare a list of places with the register: missing, unknown, doubled, under another township. Reads only."""
    try:
        found = reconcile_places(
            open_database(report), by=SYSTEM, path=file, level=level.value,
            profile=None if profile is None else read_profile(profile),
            columns=ListColumns(code_column, name_column, parent_column))
    except ProfileError as error:
        refuse(str(error), report, WRONG_USE)
    except FileRefusedError as error:
        refuse_file(error.note, report)
    _tell(found)
    write_report(found.as_json(), report)


def _tell(found: Reconciliation) -> None:
    ways = ", ".join(f"{n} {way}" for way, n in sorted(found.ways.items())) or "none"
    _list("in the register, not in the file", [_known(one) for one in found.missing])
    _list("in the file, not in the register", [
        f"{_row(one)} [{one.way}]" + (f": {describe(one.candidates)}?" if one.candidates else "")
        for one in found.unknown])
    _list("under another township than the file says", [
        f"{_row(one)}: {_known(one.place)}" for one in found.elsewhere if one.place])
    _list("doubled", [f"{_row(one)}: first in row {one.first_line}" for one in found.doubled])
    _list("no more", [_row(one) for one in found.ended])
    _list("called otherwise in the register", [
        f"{_row(one)}: {_known(one.place)}" for one in found.renamed if one.place])
    typer.echo(f"{found.n_rows} rows = {len(found.matched)} matched ({ways}) + {len(found.elsewhere)} elsewhere + "
               f"{len(found.doubled)} doubled + {len(found.ended)} no more + {len(found.unknown)} unknown + "
               f"{found.n_blank} blank")
    typer.echo(f"{found.n_known} places of the register = {len(found.matched)} matched + {len(found.elsewhere)} "
               f"elsewhere + {len(found.missing)} missing")


def _list(title: str, lines: list[str]) -> None:
    if not lines:
        return
    typer.echo(f"{title} ({len(lines)}):")
    for line in lines[:SHOWN_NOTES]:
        typer.echo(f"  {line}")
    if len(lines) > SHOWN_NOTES:
        typer.echo(f"  … and {len(lines) - SHOWN_NOTES} more (see --report)")


def _known(place: Known) -> str:
    return f"{place.name} ({place.township or '-'}, {place.code})"


def _row(one: Found) -> str:
    where = f"{one.sheet}!{one.line}" if one.sheet else f"row {one.line}"
    return f"{where}: " + " ".join(part for part in (one.parent, one.code, one.name) if part)
