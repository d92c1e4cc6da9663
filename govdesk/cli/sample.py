"""`make-sample`, `load-sample` and `ensure-database`: an invented county, brought in by the public commands."""

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from govdesk.actions.sample_accounts import add_sample_accounts
from govdesk.cli.reporting import NOTHING, Commit, Report, refuse, write_report
from govdesk.cli.serve import serve
from govdesk.clock import today
from govdesk.rules.access import SYSTEM
from govdesk.settings import ROOT, get_settings
from govdesk.storage.database_check import find_fault
from govdesk.storage.engine import get_engine, read_transaction
from govdesk.storage.properties import Properties, read_properties
from govdesk.storage.schema import create_database, is_initialised
from govdesk.synthetic.files import count_sample, make_sample
from govdesk.terms import DataKind
from govdesk.words import say

ServeThen = Annotated[bool, typer.Option("--serve", help="then serve, as `serve` does: one start instead of two")]

#: The commands that bring the county in, in their order; `{}` is the folder of the files.
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("import-places", "{}/places.csv", "--geometry", "{}/places.geojson", "--code-property", "code"),
    ("import-place-changes", "{}/place_changes.csv"),
    ("import-context", "relief", "{}/relief.geojson"),
    ("import-context", "river", "{}/river.geojson"),
    ("import-context", "road", "{}/road.geojson"),
    ("import-context", "settlement", "{}/settlement.geojson"),
    *(
        (
            f"import-{about.replace('_', '-')}",
            f"{{}}/{about}.csv",
            "--profile",
            str(ROOT / "data" / "profiles" / f"sample_{about}.toml"),
        )
        for about in (
            "units",
            "posts",
            "vacancies",
            "source_changes",
            "works",
            "nil_returns",
            "capacities",
            "incidents",
            "steps",
            "mediations",
            "revisits",
        )
    ),
)

#: What is made of the records once they are in. Few worlds of the placebo: nothing can be claimed from them, but one of
#: them that gains as much as the score says enough.
LEARNING: tuple[tuple[str, ...], ...] = (
    ("find-escalations",),
    ("backtest", "--placebo", "3", "--trials"),
    ("train",),
    ("score",),
)

#: Written when all of it was imported, so that an interrupted first start is taken up again.
DONE = "sample-loaded"

Folder = Annotated[Path | None, typer.Option("--folder", help="folder of the files; default: sample/ in GOVDESK_VAR")]
Until = Annotated[
    datetime | None, typer.Option("--until", formats=["%Y-%m-%d"], help="as known when this day began; default: today")
]
Seed = Annotated[int, typer.Option("--seed", min=0, help="which invented county")]


def _folder(folder: Path | None) -> Path:
    return folder or get_settings().var / "sample"


def _tell(text: str) -> None:
    sys.stderr.write(text + "\n")


def make_sample_command(
    *, until: Until = None, seed: Seed = 1, folder: Folder = None, commit: Commit = False, report: Report = None
) -> None:
    """Write the files of an invented county: same seed and date, same bytes."""
    target, day = _folder(folder), until.date() if until else today()
    try:
        if commit:
            counts = make_sample(target, until=day, seed=seed, told=lambda stage: _tell(say(f"sample.stage_{stage}")))
        else:
            counts = count_sample(until=day, seed=seed)
    except ValueError as error:
        refuse(str(error), report, 2)
    typer.echo(say("sample.written" if commit else "sample.would_write", n=f"{sum(counts.values()):,}", folder=target))
    write_report(
        {"until": day.isoformat(), "seed": seed, "folder": target.name, "committed": commit, "rows": counts}, report
    )


def load_sample_command(*, folder: Folder = None, commit: Commit = False, report: Report = None) -> None:
    """Import the files of the invented county, with the same commands that anybody would type."""
    source = _folder(folder)
    if not (source / "incidents.csv").exists():
        refuse(say("sample.no_files", folder=source), report)
    engine = get_engine()
    where = engine.url.render_as_string(hide_password=True)
    if is_initialised(engine):
        with read_transaction(engine) as connection:
            if read_properties(connection).kind is not DataKind.SAMPLE:
                refuse(say("sample.real_database"), report)
    if not commit:
        typer.echo(say("sample.would_load", folder=source, database=where))
        write_report({"committed": False, "commands": len(COMMANDS)}, report)
        return
    if not is_initialised(engine):
        title, _, title_en = (source / "title.txt").read_text(encoding="utf-8").strip().partition("\t")
        create_database(
            engine, Properties(kind=DataKind.SAMPLE, zone=get_settings().zone, title_zh=title, title_en=title_en)
        )
    for command in COMMANDS:
        words = tuple(word.replace("{}", str(source)) for word in command)
        if _has_rows(Path(words[1])):
            _run(words)
    add_sample_accounts(engine, by=SYSTEM)
    for command in LEARNING:
        _learn(command)
    (get_settings().var / DONE).touch()
    typer.echo(say("sample.loaded", database=where))
    write_report({"committed": True, "commands": len(COMMANDS)}, report)


def _has_rows(path: Path) -> bool:
    """Return whether there is something to import: in a young county some files have only their headers."""
    if path.suffix != ".csv":
        return True
    with path.open(encoding="utf-8") as file:
        return next(file, "") != "" and next(file, "") != ""


def _run(words: tuple[str, ...]) -> None:
    """Import one file; a rejected row of our own county is our mistake and stops."""
    _tell(say("sample.loading", file=Path(words[-1] if words[0] == "import-context" else words[1]).name))
    status = _call((*words, *(() if words[0] == "import-context" else ("--strict",))))
    if status:
        raise typer.Exit(status)


def _learn(words: tuple[str, ...]) -> None:
    """Run one command of the early warning; a county that is too young for it is none the worse."""
    _tell(say(f"sample.learn_{words[0]}"))
    status = _call(words)
    if status == NOTHING:
        _tell(say("sample.learn_nothing"))
    elif status:
        raise typer.Exit(status)


def _call(words: tuple[str, ...]) -> int:
    """Run one public command in this process, and write; return its exit status."""
    from govdesk.cli import app  # noqa: PLC0415 - the commands are listed there, this one among them

    run: Callable[..., object] = app
    status = run([*words, "--commit"], standalone_mode=False)  # so called, the exit status is what it returns
    return int(str(status)) if status else 0


def ensure_database_command(*, commit: Commit = False, serve_then: ServeThen = False) -> None:
    """Make and fill a database with the invented county if there is none; otherwise check that it can be used."""
    _ensure(commit=commit)
    if serve_then:
        serve()


def _ensure(*, commit: bool) -> None:
    engine_url = get_engine().url.render_as_string(hide_password=True)
    unfinished = (get_settings().var / "sample" / "incidents.csv").exists() and not (get_settings().var / DONE).exists()
    fault = find_fault()
    if (fault is not None and fault.key == "no_database") or (fault is None and unfinished):
        if not (get_settings().var / "sample" / "title.txt").exists():
            make_sample_command(commit=commit)
        if commit:
            load_sample_command(commit=True)
        return
    if fault is not None:
        refuse(
            say(
                "frame.serve_fault",
                title=say(f"frame.fault_{fault.key}_title"),
                detail=say(f"frame.fault_{fault.key}", **fault.values),
            )
        )
    typer.echo(say("sample.ready", database=engine_url))
