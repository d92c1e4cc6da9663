"""`add-intake-source`, `list-intake-sources`, `retire-intake-source`: which other systems may send and read."""

from typing import Annotated

import typer

from govdesk.actions.intake_sources import PER_MINUTE, SourceRefusedError, add_source, retire_source
from govdesk.cli.opening import open_database
from govdesk.cli.reporting import WRONG_USE, Commit, refuse
from govdesk.queries.intake_sources import list_known_sources
from govdesk.rules.access import SYSTEM
from govdesk.storage.engine import read_transaction

Code = Annotated[str, typer.Argument(help="source of the incidents that it sends, for instance city-app")]


def add_intake_source(
    code: Code, title: Annotated[str, typer.Argument(help="what people call it")], *,
    write: Annotated[bool, typer.Option("--write", help="It may send incidents.")] = False,
    read: Annotated[bool, typer.Option("--read", help="It may read its own incidents.")] = False,
    unit: Annotated[str | None, typer.Option("--unit", help="What concerns this unit is hidden from it.")] = None,
    per_minute: Annotated[int, typer.Option("--per-minute", help="Requests a minute.")] = PER_MINUTE,
    commit: Commit = False,
) -> None:
    """Let another system send incidents or read its own; each token is printed once and kept nowhere."""
    try:
        done = add_source(open_database(), by=SYSTEM, code=code, title=title, may_write=write, may_read=read,
                          unit_code=unit, per_minute=per_minute, commit=commit)
    except SourceRefusedError as error:
        refuse(str(error), None, WRONG_USE)
    if not commit:
        typer.echo(f"would add {code} (--commit adds it and prints its tokens)")
        return
    typer.echo(f"added {done.code}; the tokens are shown now and never again:")
    for what, token in (("write", done.write_token), ("read", done.read_token)):
        if token is not None:
            typer.echo(f"{what}: {token}")


def list_intake_sources() -> None:
    """List the sources, without tokens."""
    with read_transaction(open_database()) as connection:
        found = list_known_sources(connection)
    for one in found:
        rights = "+".join(word for word, has in (("write", one.may_write), ("read", one.may_read)) if has) or "-"
        state = "active" if one.is_active else "retired"
        typer.echo(f"{one.code}\t{state}\t{rights}\t{one.per_minute}/min\t{one.unit_code or '-'}\t{one.title}")
    if not found:
        typer.echo("no sources yet: add-intake-source CODE TITLE --write --read --commit")


def retire_intake_source(code: Code, *, commit: Commit = False) -> None:
    """End what a source may do; its incidents stay."""
    try:
        retire_source(open_database(), by=SYSTEM, code=code, commit=commit)
    except SourceRefusedError as error:
        refuse(str(error), None, WRONG_USE)
    typer.echo(f"retired {code}: its tokens are worth nothing" if commit else f"would retire {code} (--commit does)")
