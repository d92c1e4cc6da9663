"""`train` and `score`. What they need is imported when they run: every other command would wait seconds for it."""

from datetime import date, datetime
from typing import Annotated

import typer
from sqlalchemy import Engine

from govdesk.cli.opening import open_database
from govdesk.cli.reporting import WRONG_USE, Commit, Report, refuse, write_report
from govdesk.clock import today
from govdesk.rules.access import SYSTEM
from govdesk.storage.engine import read_transaction

AsOf = Annotated[datetime | None, typer.Option(
    "--as-of", formats=["%Y-%m-%d"],
    help="only what was known before the Monday of this day is used; default: this week, or the week after the last "
         "record when records end earlier")]
Horizon = Annotated[int, typer.Option("--horizon-weeks", min=1, max=26, help="weeks ahead that a label looks at")]
Scores = Annotated[bool, typer.Option("--scores", help="put every village's score into the report")]


def tell(what: str, share: float) -> None:
    """Say what is being done, with the share of it that is done."""
    typer.echo(f"  {share:4.0%} {what}", err=True)


def day_of(engine: Engine, given: datetime | None, report: Report) -> date:
    """Return the day that was asked for, or the last one of which records can tell; a day to come is wrong use."""
    from govdesk.queries.risk_panel import read_last_as_of  # noqa: PLC0415 - see above

    if given is None:
        with read_transaction(engine) as connection:
            return read_last_as_of(connection, today())
    if given.date() > today():
        refuse(f"{given.date()} has not come yet: nothing is known of it", report, WRONG_USE)
    return given.date()


def train_command(
    *, as_of: AsOf = None, horizon_weeks: Horizon = 4, commit: Commit = False, report: Report = None
) -> None:
    """Fit the classifiers of all labels with what was known before a Monday."""
    from govdesk.actions.training import TooLittleDataError, train_classifiers  # noqa: PLC0415 - see above

    engine = open_database(report)
    try:
        done = train_classifiers(engine, by=SYSTEM, as_of=day_of(engine, as_of, report), horizon_weeks=horizon_weeks,
                                 commit=commit, progress=tell)
    except TooLittleDataError as error:
        refuse(str(error), report)
    for name, one in done.labels.items():
        if one.classifier is None:
            typer.echo(f"{name}: under 104 weeks of history, the baseline eb52 ranks")
        else:
            typer.echo(f"{name}: {one.classifier.n_rows:,} rows, base rate {one.classifier.base_rate:.4f}, "
                       f"classifier {one.id or '(not stored)'}")
    typer.echo(f"{_say(commit=commit, is_new=done.is_new)}; as of {done.as_of}")
    write_report(done.as_json(), report)


def score_command(
    *, as_of: AsOf = None, horizon_weeks: Horizon = 4, scores: Scores = False, commit: Commit = False,
    report: Report = None,
) -> None:
    """Score every village for the week that begins on a Monday, and make the list of that week."""
    from govdesk.actions.scoring import score_villages  # noqa: PLC0415 - see above
    from govdesk.actions.training import TooLittleDataError  # noqa: PLC0415

    engine = open_database(report)
    try:
        done = score_villages(engine, by=SYSTEM, as_of=day_of(engine, as_of, report), horizon_weeks=horizon_weeks,
                              commit=commit, progress=tell)
    except TooLittleDataError as error:
        refuse(str(error), report)
    for name, one in done.labels.items():
        told = int(one.rows["probability"].notna().sum())
        by = "the classifier" if one.ranked_by == "classifier" else "the baseline eb52"
        typer.echo(f"{name}: {told:,} of {len(one.rows):,} villages scored, ranked by {by}, run "
                   f"{one.run_id or '(not stored)'}")
    typer.echo(f"{_say(commit=commit, is_new=done.is_new)}; as of {done.as_of}, {len(done.listed)} villages listed")
    write_report(done.as_json(with_scores=scores), report)


def _say(*, commit: bool, is_new: bool) -> str:
    if not commit:
        return "dry run, nothing written (--commit writes)"
    return "written" if is_new else "nothing changed"
