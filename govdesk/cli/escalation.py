"""`find-escalations`."""

import typer

from govdesk.actions.find_escalations import find_escalations
from govdesk.cli.opening import open_database
from govdesk.cli.reporting import Commit, Report, refuse, write_report
from govdesk.rules.access import SYSTEM
from govdesk.rules.escalation_parts import EscalationConfigError
from govdesk.storage.engine import read_transaction
from govdesk.storage.escalation_parts import read_parts_in_force


def find_escalations_command(*, commit: Commit = False, report: Report = None) -> None:
    """Derive the escalation events from the records, by the parts that are configured."""
    try:
        engine = open_database(report)
        with read_transaction(engine) as connection:
            parts = read_parts_in_force(connection)
        done = find_escalations(engine, by=SYSTEM, parts=parts, commit=commit)
    except EscalationConfigError as error:
        refuse(str(error), report, 2)
    for name, part in done.parts.items():
        typer.echo(f"{name}: {part.n_events:,} events, {part.n_new:,} new or changed, {part.n_gone:,} no longer hold")
    said = "dry run, nothing written (--commit writes)"
    if commit:
        said = "written" if done.is_changed else "nothing changed"
    typer.echo(f"{said}; rules {done.rule_version}")
    write_report(done.as_json(), report)
