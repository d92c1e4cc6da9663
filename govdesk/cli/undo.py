"""`undo-import`: takes back what one batch brought, as long as nothing later rests on it."""

from typing import Annotated

import typer

from govdesk.actions.undo_import import AlreadyUndoneError, BatchHeldError, ImportUndone, undo_import
from govdesk.cli.opening import open_database
from govdesk.cli.reporting import Commit, Report, refuse, write_report
from govdesk.queries.batch_dependants import Dependant
from govdesk.rules.access import SYSTEM
from govdesk.rules.record_checks import FormRefusedError
from govdesk.settings import get_settings
from govdesk.words import say

Number = Annotated[int, typer.Argument(metavar="BATCH", help="number of the batch, as the import's report names it")]
Reason = Annotated[str, typer.Option("--reason", help="why; kept with the act", show_default=False)]


def undo_import_command(batch: Number, *, commit: Commit = False, report: Report = None,
                        reason: Reason = "") -> None:
    """Undo one import: what it brought counts no more, what it changed is as before."""
    why = reason or say("import_batches.reason_command", get_settings().language)
    try:
        done = undo_import(open_database(report), by=SYSTEM, batch_id=batch, reason=why, commit=commit)
    except LookupError as error:
        refuse(str(error.args[0]), report, 2)
    except FormRefusedError:
        refuse("--reason takes 1 to 200 characters", report, 2)
    except AlreadyUndoneError as error:
        refuse(str(error), report)
    except BatchHeldError as error:
        for held in error.dependants:
            typer.echo(f"error: {_describe(held)}", err=True)
        write_report({"error": str(error), "dependants": [
            {"kind": held.kind, "batch": held.batch_id, "file": held.file_name, "rows": held.n}
            for held in error.dependants]}, report)
        refuse(f"batch {batch} cannot be undone: later work rests on it")
    else:
        _tell(done)
        write_report(done.as_json(), report)


def _describe(held: Dependant) -> str:
    if held.kind == "places":
        return "a batch of places is not undone: import a corrected register, or the change of places, instead"
    whose = f" of batch {held.batch_id} ({held.file_name})" if held.batch_id is not None else ""
    return f"{held.n} {_WORDS[held.kind]}{whose}"


_WORDS = {
    "changed": "rows were changed by a later import: undo first that", "steps": "steps point at its incidents:",
    "mediations": "mediations point at its incidents:", "revisits": "revisits point at its incidents:",
    "repeats": "incidents repeat its incidents:", "merged": "incidents were merged with others: un-merge them first",
    "calls": "calls are about its incidents", "photos": "photos belong to its incidents",
    "sessions": "sessions belong to its mediations",
    "vacancies": "vacancies of its posts:", "accounts": "accounts rest on its posts or units",
    "posts": "posts rest on its units",
}


def _tell(done: ImportUndone) -> None:
    state = "undone" if done.is_committed else "dry run, nothing written (--commit writes)"
    typer.echo(f"{state}: batch {done.batch.id} ({done.batch.file_name}), {done.n_withdrawn} rows taken out, "
               f"{done.n_restored} put back as they were")
    if done.n_said_again:
        typer.echo(f"note: later files of this source repeated {done.n_said_again} rows; import the newest of them "
                   "again if they told the same rows", err=True)
    if done.is_committed and done.batch.about in ("incidents", "steps", "mediations", "revisits"):
        typer.echo("note: run find-escalations, so that events follow the records", err=True)
