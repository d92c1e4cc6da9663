"""`reset-password`: a one-time password for an account, printed once, for whoever stands at the server."""

from typing import Annotated

import typer

from govdesk.actions.change_password import make_one_time_password
from govdesk.cli.opening import open_database
from govdesk.cli.reporting import refuse
from govdesk.clock import real_now
from govdesk.rules.access import SYSTEM


def reset_password(
    account: Annotated[str, typer.Argument(help="Code of the account.")],
    *,
    commit: Annotated[bool, typer.Option("--commit", help="Without it nothing is written.")] = False,
) -> None:
    """Give an account a one-time password and end its sign-ins; it must be changed at the first use."""
    engine = open_database()
    if not commit:
        typer.echo(f"dry run: {account} would get a one-time password, and its sign-ins would end; --commit does it")
        return
    try:
        password = make_one_time_password(engine, by=SYSTEM, account=account, now=real_now())
    except LookupError:
        refuse(f"there is no active account {account!r} that signs in")
    typer.echo(f"one-time password of {account}: {password}")
