"""`remove-photos`: deletes photos past their time."""

import typer

from govdesk.actions.photos import remove_old_photos
from govdesk.cli.opening import open_database
from govdesk.cli.reporting import Commit, Report, write_report
from govdesk.rules.access import SYSTEM


def remove_photos(*, commit: Commit = False, report: Report = None) -> None:
    """Delete photos past their time (GOVDESK_PHOTO_DAYS after they came in), and files that nothing knows."""
    done = remove_old_photos(open_database(report), by=SYSTEM, commit=commit)
    said = "removed" if commit else "would remove (--commit removes)"
    typer.echo(f"{said}: {done.n_old} photos past their time, {done.n_unknown} files that belong to no photo")
    write_report({"committed": commit, "old": done.n_old, "unknown": done.n_unknown}, report)
