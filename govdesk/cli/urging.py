"""`urge-overdue`."""

import typer

from govdesk.actions.urge_overdue import urge_overdue
from govdesk.cli.opening import open_database
from govdesk.cli.reporting import WRONG_USE, Commit, Report, refuse, write_report
from govdesk.rules.access import SYSTEM
from govdesk.rules.case_flow import FlowConfigError
from govdesk.rules.time_limits import TimeLimitsError


def urge_overdue_command(*, commit: Commit = False, report: Report = None) -> None:
    """Urge what is overdue, each level once for each deadline; the server does the same every minute."""
    try:
        done = urge_overdue(open_database(report), by=SYSTEM, commit=commit)
    except (TimeLimitsError, FlowConfigError) as error:
        refuse(str(error), report, WRONG_USE)
    said = "urged" if commit else "dry run, nothing written (--commit writes); to urge"
    levels = done.levels
    typer.echo(f"{said}: {done.n_incidents:,} incidents; unit {levels[1]:,}, centre {levels[2]:,}, "
               f"leader {levels[3]:,}")
    write_report(done.as_json(), report)
