"""`audit-seal`, `audit-verify` and `remove-old-audit`."""

from pathlib import Path
from typing import Annotated

import typer

from govdesk.actions.remove_old_audit import AuditFaultyError, remove_old_audit
from govdesk.actions.seal_audit import check_audit, seal_events, verify_audit
from govdesk.cli.opening import open_database
from govdesk.cli.reporting import NOTHING, SHOWN_NOTES, Commit, Report, refuse, write_report
from govdesk.rules.access import SYSTEM
from govdesk.rules.audit_seal import Fault

Anchor = Annotated[Path | None, typer.Option(
    "--anchor", exists=True, dir_okay=False, help="A copy of var/audit_anchor that was kept elsewhere.")]

_SENTENCES = {
    "event_removed": "event {event} of block {block} was removed",
    "event_changed": "event {event} of block {block} was changed",
    "event_moved": "event {event} of block {block} stands where another one was",
    "event_inserted": "event {event} was put in, at block {block}",
    "block_removed": "block {block} was removed",
    "block_changed": "block {block} is not what was sealed",
    "removed_early": "the events of block {block} were removed before their time",
    "tail_cut": "block {block} was sealed and is gone: the end was cut off",
    "other_key": "block {block} was sealed with another secret: it cannot be checked",
    "anchor_missing": "the anchor beside the database is gone",
    "anchor_damaged": "the anchor beside the database was changed",
}


def describe_fault(fault: Fault) -> str:
    """Return a fault as a sentence."""
    return _SENTENCES[fault.kind].format(event=fault.event, block=fault.block)


def seal_audit_command(*, commit: Commit = False, report: Report = None) -> None:
    """Seal the events of the audit that are not sealed yet; the server does the same every minute."""
    engine = open_database(report)
    n = seal_events(engine, by=SYSTEM) if commit else check_audit(engine, by=SYSTEM).n_open
    typer.echo(f"sealed: {n:,} events" if commit else f"dry run, nothing written (--commit writes); to seal: {n:,}")
    write_report({"committed": commit, "events": n}, report)


def audit_verify(*, anchor: Anchor = None, commit: Commit = False, report: Report = None) -> None:
    """Compare the whole audit with its seals, exit status 3 when it was touched; --commit keeps what was found."""
    engine = open_database(report)
    if commit:
        verify_audit(engine, by=SYSTEM)
    found = check_audit(engine, by=SYSTEM, anchor=anchor)
    for fault in found.faults[:SHOWN_NOTES]:
        typer.echo(f"fault: {describe_fault(fault)}", err=True)
    if len(found.faults) > SHOWN_NOTES:
        typer.echo(f"fault: … and {len(found.faults) - SHOWN_NOTES} more (see --report)", err=True)
    since = "" if found.kept_from is None else f" (kept from {found.kept_from:%Y-%m-%d} on)"
    typer.echo(f"{'touched' if found.faults else 'untouched'}: {found.n_events:,} events in "
               f"{found.n_blocks - found.n_removed:,} blocks{since}; {found.n_open:,} not sealed yet; "
               f"last seal {found.last_seal[:16] or 'none'}")
    write_report(found.as_json(), report)
    if found.faults:
        raise typer.Exit(NOTHING)


def remove_old_audit_command(*, commit: Commit = False, report: Report = None) -> None:
    """Remove what is past its time (GOVDESK_AUDIT_DAYS), block by block; the seals stay."""
    try:
        done = remove_old_audit(open_database(report), by=SYSTEM, commit=commit)
    except AuditFaultyError as error:
        refuse(f"{error}: run 'python manage.py audit-verify' first", report)
    said = "removed" if commit else "would remove (--commit removes)"
    typer.echo(f"{said}: {done.n_events:,} events in {done.n_blocks:,} blocks sealed before {done.before:%Y-%m-%d}")
    write_report({"committed": commit, "events": done.n_events, "blocks": done.n_blocks,
                  "before": done.before.isoformat()}, report)
