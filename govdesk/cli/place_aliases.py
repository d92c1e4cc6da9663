"""`place-aliases list|add|withdraw`: other spellings of places' names."""

from typing import Annotated

import typer

from govdesk.actions.place_aliases import AliasRefusedError, NewAlias, accept_aliases, check_aliases, withdraw_alias
from govdesk.cli.opening import open_database
from govdesk.cli.reporting import Commit, Report, refuse, write_report
from govdesk.queries.place_aliases import list_aliases
from govdesk.rules.access import SYSTEM
from govdesk.rules.record_checks import Problem
from govdesk.settings import get_settings
from govdesk.storage.engine import read_transaction
from govdesk.words import say

app = typer.Typer(no_args_is_help=True, help="Other spellings of places' names, accepted by somebody.")

Parent = Annotated[str | None, typer.Option("--parent", metavar="CODE",
                                            help="it holds only in rows that name this place above; else everywhere")]
DRY = "dry run, nothing written (--commit writes)"


@app.command("list")
def list_command(*, withdrawn: Annotated[bool, typer.Option("--withdrawn", help="those taken back, too")] = False,
                 report: Report = None) -> None:
    """List the aliases, by whom, since when, and how many rows used each."""
    with read_transaction(open_database(report)) as connection:
        aliases = list_aliases(connection, SYSTEM, with_withdrawn=withdrawn)
    rows = aliases.astype(object).where(aliases.notna(), None).to_dict("records")
    for row in rows:
        row["at"], row["withdrawn_at"] = (None if row[key] is None else row[key].isoformat()
                                          for key in ("at", "withdrawn_at"))
        below = f" below {row['parent_name']}" if row["parent_code"] else ""
        back = f", withdrawn by {row['withdrawn_by']} {row['withdrawn_at']}" if row["withdrawn_at"] else ""
        typer.echo(f"{row['id']}: {row['alias']}{below} = {row['place_name']} ({row['township'] or '-'}, "
                   f"{row['place_code']}), by {row['by']} {row['at']}, {row['n_rows']} rows{back}")
    typer.echo(f"{len(rows)} aliases")
    write_report({"aliases": rows}, report)


@app.command("add")
def add_command(
    alias: Annotated[str, typer.Argument(metavar="ALIAS", help="as it stands in the files")],
    place: Annotated[str, typer.Argument(metavar="PLACE", help="code of the place that is meant")],
    *, parent: Parent = None, commit: Commit = False, report: Report = None,
) -> None:
    """Accept an alias: from now on rows that write it so are imported."""
    engine = open_database(report)
    wanted = [NewAlias(alias, place, parent)]
    problems = check_aliases(engine, by=SYSTEM, aliases=wanted)
    if problems:
        refuse(_say(problems), report)
    if not commit:
        typer.echo(f"{DRY}: {alias} = {place}")
        write_report({"committed": False, "accepted": 1, "repeated": 0, "ids": []}, report)
        return
    try:
        kept = accept_aliases(engine, by=SYSTEM, aliases=wanted)
    except AliasRefusedError as error:
        refuse(_say(error.problems), report)
    typer.echo(f"committed: {len(kept.ids)} accepted, {kept.n_repeated} there already")
    write_report({"committed": True, "accepted": len(kept.ids), "repeated": kept.n_repeated, "ids": list(kept.ids)},
                 report)


@app.command("withdraw")
def withdraw_command(
    number: Annotated[int, typer.Argument(metavar="ID", help="as `place-aliases list` names it")],
    *, commit: Commit = False, report: Report = None,
) -> None:
    """Take an alias back; what was imported by it stays."""
    engine = open_database(report)
    with read_transaction(engine) as connection:
        known = set(list_aliases(connection, SYSTEM)["id"].tolist())
    if number not in known:
        refuse(_say([Problem("unknown", "alias")]), report)
    if commit:
        try:
            withdraw_alias(engine, by=SYSTEM, alias_id=number)
        except AliasRefusedError as error:
            refuse(_say(error.problems), report)
    typer.echo(f"committed: {number} withdrawn" if commit else f"{DRY}: {number}")
    write_report({"committed": commit, "withdrawn": number}, report)


def _say(problems: list[Problem]) -> str:
    language = get_settings().language
    return " ".join(say(f"place_aliases.error_{one.key}", language,
                        field=say(f"place_aliases.field_{one.field}", language), **dict(one.values))
                    for one in problems)
