"""`remove-uploads`: deletes uploaded files that have served."""

import typer

from govdesk.actions.uploads import remove_old_uploads
from govdesk.cli.opening import open_database
from govdesk.cli.reporting import Commit, Report, write_report
from govdesk.rules.access import SYSTEM


def remove_uploads(*, commit: Commit = False, report: Report = None) -> None:
    """Delete uploaded files a day after their commit, a week after the last touch, and those that nothing knows."""
    done = remove_old_uploads(open_database(report), by=SYSTEM, commit=commit)
    said = "removed" if commit else "would remove (--commit removes)"
    typer.echo(f"{said}: {done.n_old} uploaded files past their time, {done.n_unknown} that belong to no upload")
    write_report({"committed": commit, "old": done.n_old, "unknown": done.n_unknown}, report)
