"""`remove-expired`: carries out the retention of docs/privacy.md."""

import typer

from govdesk.actions.retention import remove_expired
from govdesk.cli.opening import open_database
from govdesk.cli.reporting import Commit, Report, refuse, write_report
from govdesk.rules.access import SYSTEM


def remove_expired_command(*, commit: Commit = False, report: Report = None) -> None:
    """Remove all that is past its time: photos, uploads, deliveries, sign-ins, failures, audit (docs/privacy.md)."""
    done = remove_expired(open_database(report), by=SYSTEM, commit=commit)
    for table, n in done.by_table.items():
        typer.echo(f"{'removed' if commit else 'would remove'}: {n:,} of {table}")
    if not commit:
        typer.echo("dry run, nothing removed (--commit removes)")
    write_report({"committed": commit, "removed": done.by_table, "audit_fault": done.audit_fault}, report)
    if done.audit_fault is not None:
        refuse(f"{done.audit_fault}: run 'python manage.py audit-verify' first", None)
