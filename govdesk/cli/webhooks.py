"""Commands about the webhooks: which other systems are told each step, and what became of it."""

from typing import Annotated

import typer

from govdesk.actions.deliver_webhooks import count_due, deliver_webhooks
from govdesk.actions.tidy_deliveries import KEEP_DAYS, remove_old_deliveries
from govdesk.actions.webhooks import WebhookRefusedError, add_webhook, retire_webhook
from govdesk.cli.opening import open_database
from govdesk.cli.reporting import WRONG_USE, Commit, refuse
from govdesk.queries.webhooks import list_webhooks
from govdesk.rules.access import SYSTEM
from govdesk.storage.engine import read_transaction


def add_webhook_command(
    address: Annotated[str, typer.Argument(help="http:// or https:// address that is told each step")], *,
    source: Annotated[str | None, typer.Option("--source", help="Only incidents of this source.")] = None,
    unit: Annotated[str | None, typer.Option("--unit", help="What concerns this unit is not told.")] = None,
    commit: Commit = False,
) -> None:
    """Tell an address each step from now on; the key of the signatures is printed once."""
    try:
        done = add_webhook(open_database(), by=SYSTEM, address=address, source=source, unit_code=unit, commit=commit)
    except WebhookRefusedError as error:
        refuse(str(error), None, WRONG_USE)
    if done is None:
        typer.echo("would add the webhook (--commit adds it and prints its secret)")
        return
    typer.echo(f"added webhook {done.webhook_id}; its secret is shown now and never again:\nsecret: {done.secret}")


def list_webhooks_command() -> None:
    """List the webhooks and what became of their deliveries, without secrets."""
    with read_transaction(open_database()) as connection:
        found = list_webhooks(connection)
    for one in found:
        state = "active" if one.is_active else "retired"
        typer.echo(f"{one.id}\t{state}\t{one.n_delivered} told, {one.n_waiting} waiting, {one.n_given_up} given up\t"
                   f"{one.source or '-'}\t{one.unit_code or '-'}\t{one.address}")
    if not found:
        typer.echo("no webhooks yet: add-webhook ADDRESS --commit")


def retire_webhook_command(
    number: Annotated[int, typer.Argument(help="number of the webhook, as list-webhooks names it")], *,
    commit: Commit = False,
) -> None:
    """Tell an address nothing more; what waits for it is dropped."""
    try:
        n = retire_webhook(open_database(), by=SYSTEM, webhook_id=number, commit=commit)
    except WebhookRefusedError as error:
        refuse(str(error), None, WRONG_USE)
    done = "retired" if commit else "would retire (--commit does)"
    typer.echo(f"{done}: webhook {number}, {n} waiting deliveries dropped")


def deliver_webhooks_command(*, commit: Commit = False) -> None:
    """Send now what is due; a running server does so by itself every few seconds."""
    engine = open_database()
    if not commit:
        with read_transaction(engine) as connection:
            typer.echo(f"{count_due(connection)} deliveries are due (--commit sends them)")
        return
    done = deliver_webhooks(engine, by=SYSTEM)
    typer.echo(f"told: {done.n_delivered}, to be tried again: {done.n_again}, given up: {done.n_given_up}")


def remove_deliveries_command(
    *, days: Annotated[int, typer.Option("--days", help="Days since the step.", min=1, max=36_500)] = KEEP_DAYS,
    commit: Commit = False,
) -> None:
    """Remove deliveries told or given up some days ago; a running server does so once a day."""
    n = remove_old_deliveries(open_database(), by=SYSTEM, days=days, commit=commit)
    typer.echo(f"{'removed' if commit else 'would remove (--commit removes)'}: {n} deliveries older than {days} days")
