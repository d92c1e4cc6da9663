"""`brief`. What it needs is imported when it runs: every other command would wait seconds for it."""

from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Annotated, Literal

import typer
from sqlalchemy import Engine

from govdesk.actions.audit_trail import note_export
from govdesk.actions.give_file import check_purpose
from govdesk.brief.carried import Carried
from govdesk.cli.opening import open_database
from govdesk.cli.reporting import WRONG_USE, Report, refuse, write_report
from govdesk.cli.risk import tell
from govdesk.clock import now, parse_week_label, week_of
from govdesk.rules.access import SYSTEM
from govdesk.rules.export_purposes import OFFERED, PurposeRefusedError
from govdesk.words import say

Week = Annotated[str | None, typer.Option(
    "--week", help="ISO week (2026-W46) or a day, floored to its Monday; default: the last complete week")]
Internal = Annotated[bool, typer.Option("--internal", help="name villages: for internal use only")]
Language = Annotated[Literal["zh", "en"], typer.Option("--language", help="language of the brief")]
Out = Annotated[Path | None, typer.Option(
    "--out", help="write PDF, DOCX and pictures to this folder; without it the sentences are only printed")]
Purpose = Annotated[str | None, typer.Option(
    "--purpose", help=f"what the files are for, printed on every page; needed with --out: {', '.join(OFFERED)}")]
Base = Annotated[str, typer.Option(
    "--base-url", help="where the program is reached: codes in the files are links then")]


def brief_command(
    *, week: Week = None, internal: Internal = False, language: Language = "zh", out: Out = None,
    purpose: Purpose = None, base_url: Base = "", report: Report = None,
) -> None:
    """Write the weekly brief: PDF, Word, charts and map. The database is only read, but for its audit."""
    from govdesk.brief.make import describe_brief, make_brief  # noqa: PLC0415 - see above
    from govdesk.brief.pdf import BriefFailedError  # noqa: PLC0415
    from govdesk.queries.brief_facts import NoBriefError  # noqa: PLC0415

    asked = _read_week(week, report)
    if out is not None and not purpose:
        refuse(f"--out needs --purpose, one of: {', '.join(OFFERED)}", report, WRONG_USE)
    engine = open_database(report)
    stated = _check_purpose(engine, purpose, report)
    begun = perf_counter()
    try:
        # What is only printed on this screen is set to count its pages, and goes nowhere.
        carried = Carried(SYSTEM.account, now(), stated or OFFERED[0])
        made = make_brief(engine, by=SYSTEM, carried=carried, week=asked, language=language, is_internal=internal,
                          base_url=base_url.rstrip("/"),
                          tell=lambda part, share: tell(say(f"brief.doing_{part}", "en"), share))
    except NoBriefError as error:
        key, values = error.args
        refuse(say(f"brief.refused_{key}", "en", **values), report, WRONG_USE if key == "not_over" else 3)
    except BriefFailedError as error:
        refuse(f"the pages could not be set: {error}", report)
    seconds = perf_counter() - begun
    if out is not None:
        note_export(engine, by=SYSTEM, name="brief", kind="folder", about=made.stem, purpose=stated)
    files = [] if out is None else _write_files(out, made.files())
    for section in made.brief.sections:
        typer.echo(f"{section.title}")
        for sentence in section.sentences:
            typer.echo(f"  {sentence.text}")
    where = "nothing written (--out DIR writes the files)" if out is None else f"{len(files)} files in {out}"
    typer.echo(f"{where}; {made.pdf.n_pages} pages, {seconds:.1f} s")
    write_report({**describe_brief(made.brief), "pages": made.pdf.n_pages, "seconds": round(seconds, 2),
                  "files": files}, report)


def _read_week(text: str | None, report: Path | None) -> int | None:
    if text is None:
        return None
    try:
        return parse_week_label(text) if "-W" in text else week_of(date.fromisoformat(text))
    except ValueError:
        refuse(f"--week {text!r} is no ISO week (2026-W46) and no day (2026-11-09)", report, WRONG_USE)


def _check_purpose(engine: Engine, purpose: str | None, report: Path | None) -> str | None:
    """Return the purpose, None where none was given; one that is refused ends here, and stands in the audit."""
    if purpose is None:
        return None
    try:
        return check_purpose(engine, by=SYSTEM, purpose=purpose, name="brief")
    except PurposeRefusedError as error:
        text = say(f"purpose.refused_{error.purpose}", "en")
        refuse(f"--purpose {purpose}: {text}", report, WRONG_USE if error.purpose == "unknown" else 3)


def _write_files(folder: Path, files: dict[str, bytes]) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return sorted(files)
