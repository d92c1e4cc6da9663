"""`backup`, `verify` and `restore`."""

from pathlib import Path
from typing import Annotated

import typer

from govdesk.actions.backups import make_backup, restore_backup
from govdesk.cli.opening import open_database
from govdesk.cli.reporting import Commit, Report, refuse, write_report
from govdesk.clock import zone
from govdesk.rules.access import SYSTEM
from govdesk.settings import get_settings
from govdesk.storage.backup import backup_folder, list_backups, list_files, verify_backup
from govdesk.storage.backup_archive import BackupError, Manifest
from govdesk.storage.engine import get_engine

To = Annotated[Path | None, typer.Option(
    "--to", help="Folder; default: GOVDESK_BACKUP_FOLDER, or backups/ in GOVDESK_VAR.")]
File = Annotated[Path, typer.Argument(metavar="FILE", help="a backup: govdesk-….zip")]


def backup_command(*, to: To = None, commit: Commit = False, report: Report = None) -> None:
    """Write everything the product needs into one file, while it runs; old backups are left alone."""
    engine = open_database(report)
    folder = to.expanduser().resolve() if to else backup_folder()
    if not commit:
        n = len(list_files(get_settings().var))
        typer.echo(f"would back up the database and {n} files to {folder} (--commit writes); "
                   f"{len(list_backups(folder))} backups are there")
        write_report({"committed": False, "folder": str(folder), "files": n}, report)
        return
    try:
        done = make_backup(engine, by=SYSTEM, folder=folder)
    except BackupError as error:
        refuse(str(error), report)
    typer.echo(f"backed up: {done.path} ({done.path.stat().st_size / 2**20:,.1f} MB), {_describe(done.manifest)}")
    write_report({"committed": True, "file": str(done.path), **done.manifest.as_json()}, report)


def verify_command(file: File, *, report: Report = None) -> None:
    """Check a backup through: every SHA-256, the database's integrity, its schema, the rows of each table."""
    try:
        manifest = verify_backup(file)
    except BackupError as error:
        refuse(str(error), report)
    typer.echo(f"good: {file.name}, {_describe(manifest)}")
    for name, n in manifest.counts.items():
        typer.echo(f"{name}\t{n:,}")
    write_report({"good": True, **manifest.as_json()}, report)


def restore_command(file: File, *, commit: Commit = False, report: Report = None) -> None:
    """Restore a backup into an empty GOVDESK_VAR and an empty database; an existing one is never touched."""
    try:
        done = restore_backup(get_engine(), by=SYSTEM, path=file, commit=commit)
    except BackupError as error:
        refuse(str(error), report)
    said = "restored" if commit else "good, would restore (--commit writes)"
    typer.echo(f"{said}: {get_engine().url.render_as_string(hide_password=True)}, {_describe(done.manifest)}")
    if done.manifest.zone != get_settings().zone:
        typer.echo(f"note: its days are of {done.manifest.zone}: set GOVDESK_ZONE={done.manifest.zone}", err=True)
    if done.is_older:
        typer.echo("note: its tables are of an earlier program: run 'python manage.py upgrade-db --commit'", err=True)
    write_report({"committed": commit, "is_older": done.is_older, **done.manifest.as_json()}, report)


def _describe(manifest: Manifest) -> str:
    made = manifest.made_at.astimezone(zone())
    return (f"made {made:%Y-%m-%d %H:%M:%S %z}, {manifest.kind} data, schema {manifest.schema}, "
            f"{sum(manifest.counts.values()):,} rows in {len(manifest.counts)} tables, "
            f"{len(manifest.files) - 1} other files")
