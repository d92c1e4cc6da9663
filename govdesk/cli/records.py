"""`import-incidents`, `import-steps` and the other imports of records: one command a kind, all alike."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from govdesk.actions.importing import PlacesChangedError, import_records
from govdesk.cli.opening import open_database, refuse_file
from govdesk.cli.progress import ImportProgress
from govdesk.cli.reporting import Commit, Report, Strict, finish_import, refuse
from govdesk.clock import now, zone
from govdesk.ingest.notes import ImportReport
from govdesk.ingest.profiles import Profile, ProfileError, read_profile
from govdesk.ingest.readers import FileRefusedError
from govdesk.ingest.record_fields import About
from govdesk.ingest.returned_workbook import ReturnOptions, write_returned_workbook
from govdesk.ingest.wanted_headers import label_headers
from govdesk.rules.access import SYSTEM
from govdesk.settings import get_settings
from govdesk.storage.properties import WrongDatabaseError

File = Annotated[Path, typer.Argument(metavar="FILE", help="CSV, TSV, XLSX, XLS or Parquet, also inside gzip",
                                      exists=True, dir_okay=False, readable=True)]
ProfileFile = Annotated[Path, typer.Option("--profile", help="import profile (docs/import-profiles.md)", exists=True,
                                           dir_okay=False, readable=True)]
Returned = Annotated[Path | None, typer.Option("--return", help="write the file back as an XLSX in which what is wrong "
                                               "is marked", dir_okay=False)]


def run_import(about: About, file: Path, profile_path: Path, *, commit: bool, report: Path | None,
               strict: bool, returned: Path | None = None) -> None:
    """Import one file and leave with the right status.

    Parameters
    ----------
    about : str
        What the command imports; the profile must be about the same.
    file, profile_path : Path
        The file and its profile.
    commit, report, strict
        As for every command.
    returned : Path, optional
        Where the file goes back as a workbook in which what is wrong is marked.
    """
    try:
        profile = read_profile(profile_path)
        if profile.about != about:
            refuse(f"{profile_path.name} is about {profile.about}, this command imports {about}", report, 2)
        with ImportProgress() as told:
            done = import_records(open_database(report), by=SYSTEM, path=file, profile=profile, commit=commit,
                                  strict=strict, told=told)
    except ProfileError as error:
        refuse(str(error), report, 2)
    except FileRefusedError as error:
        refuse_file(error.note, report)
    except (PlacesChangedError, WrongDatabaseError) as error:
        refuse(str(error), report)
    else:
        if returned is not None:
            _return(file, done, returned, profile)
        finish_import(done, report, strict=strict)


def _return(file: Path, done: ImportReport, returned: Path, profile: Profile) -> None:
    """Write the workbook that goes back; what was imported stays whatever becomes of it."""
    options = ReturnOptions(profile.file, file.name, profile.name, now().astimezone(zone()),
                            label_headers(profile))
    try:
        write_returned_workbook(file, done, returned, get_settings().language, options)
    except Exception as error:
        typer.echo(f"warning: the workbook could not be written back ({type(error).__name__}); see --report", err=True)


def command(about: About) -> Callable[..., None]:
    """Return the command that imports one kind of record."""

    def run(file: File, *, profile: ProfileFile, commit: Commit = False, report: Report = None,
            strict: Strict = False, returned: Returned = None) -> None:
        run_import(about, file, profile, commit=commit, report=report, strict=strict, returned=returned)

    run.__doc__ = f"Import {about.replace('_', ' ')} from any table, by a profile."
    return run


#: Commands by their name.
COMMANDS: dict[str, Callable[..., None]] = {
    f"import-{about.replace('_', '-')}": command(about)
    for about in ("incidents", "steps", "mediations", "revisits", "works", "nil_returns", "source_changes", "units",
                  "posts", "vacancies", "capacities")
}
