"""`backtest`. What it needs is imported when it runs: every other command would wait seconds for it."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from govdesk.cli.opening import open_database
from govdesk.cli.reporting import WRONG_USE, Commit, Report, refuse, write_report
from govdesk.cli.risk import AsOf, Horizon, tell
from govdesk.clock import monday_of
from govdesk.rules.access import SYSTEM
from models.admission import MIN_PLACEBOS

if TYPE_CHECKING:
    import pandas as pd

_DAY = ["%Y-%m-%d"]
From = Annotated[datetime | None, typer.Option(
    "--from", formats=_DAY, help="first test week, floored to its Monday; default: the last 156 weeks")]
To = Annotated[datetime | None, typer.Option(
    "--to", formats=_DAY, help="end of the test weeks, exclusive; default: until labels have settled")]
Label = Annotated[Literal["elevated", "onset", "surge"] | None, typer.Option(
    "--label", help="only this label; default: all")]
PlaceLevel = Annotated[str, typer.Option("--level", help="level of the places that are scored")]
Predictions = Annotated[Path | None, typer.Option(
    "--predictions", help="write every score at the test dates as CSV to this file")]
Placebo = Annotated[int, typer.Option(
    "--placebo", min=0, help="seeds of the placebo; under 20 nothing is claimed, 0 leaves it away")]
Trials = Annotated[bool, typer.Option(
    "--trials", help="also try the groups of candidate features, and horizons of 2 and 8 weeks")]


def backtest_command(
    *, first: From = None, to: To = None, horizon_weeks: Horizon = 4, label: Label = None,
    level: PlaceLevel = "village", predictions: Predictions = None, placebo: Placebo = MIN_PLACEBOS,
    trials: Trials = False, as_of: AsOf = None, commit: Commit = False, report: Report = None,
) -> None:
    """Judge the scores on the database's own past: classifier, every baseline and the placebo, date by date."""
    from govdesk.actions.backtesting import BacktestRequest, backtest_labels  # noqa: PLC0415 - see above
    from govdesk.actions.training import TooLittleDataError  # noqa: PLC0415
    from models.labels import LABELS  # noqa: PLC0415

    asked = BacktestRequest(
        as_of=None if as_of is None else as_of.date(), first=None if first is None else first.date(),
        last=None if to is None else to.date(), horizon_weeks=horizon_weeks,
        labels=LABELS if label is None else (label,), level=level, n_placebos=placebo, with_trials=trials)
    engine = open_database(report)
    try:
        done = backtest_labels(engine, by=SYSTEM, asked=asked, commit=commit, progress=tell)
    except TooLittleDataError as error:
        refuse(str(error), report)
    except ValueError as error:
        refuse(str(error), report, WRONG_USE)
    for name, figures in done.report["labels"].items():
        _say(name, figures, done.report["placebo"].get(name))
    for note in done.report["notes"]:
        typer.echo(f"note: {note}")
    if predictions is not None:
        predictions.parent.mkdir(parents=True, exist_ok=True)
        write_predictions(done.predictions, predictions)
    said = "dry run, nothing kept (--commit keeps it for the screens)"
    if commit:
        said = f"kept as backtest {done.id}" if done.is_new else f"nothing changed: backtest {done.id} has all of it"
    typer.echo(f"{said}; test dates {done.report['from']} to {done.report['to']}, {done.report['places']:,} places")
    write_report({"committed": commit, "backtest": done.id, **done.report}, report)


def write_predictions(rows: "pd.DataFrame", path: Path) -> None:
    """Write the contract's predictions file: Mondays, counts as whole numbers, an unknown outcome empty."""
    from govdesk.actions.backtest_parts import FILE_COLUMNS  # noqa: PLC0415 - see above

    whole = dict.fromkeys(("outcome", "min_count", "last_52_weeks", "last_4_weeks"), "Int64")
    mondays = {week: monday_of(int(week)).isoformat() for week in rows["as_of"].unique()}
    rows.assign(as_of=rows["as_of"].map(mondays)).astype(whole)[list(FILE_COLUMNS)].to_csv(path, index=False)


def _say(name: str, figures: dict[str, Any], placebo: dict[str, Any] | None) -> None:
    own, gain = figures["scores"]["classifier"], figures["differences"]["classifier"]["auc"]
    typer.echo(
        f"{name}: base rate {_number({'value': figures['base_rate'], 'low': None, 'high': None})}, "
        f"{figures['rows']:,} rows, {figures['dates']} dates, "
        f"AUC {_number(own['auc'])}, over eb52 {_number(gain, '+.4f')}, "
        f"Brier skill {_number(own['brier_skill'], '+.4f')}, {figures['seconds']:.1f} s")
    if placebo is not None and placebo["lowest"] is not None:
        typer.echo(f"  placebo of {placebo['on']}: {placebo['n_seeds']} seeds, over eb52 {placebo['lowest']:+.4f} to "
                   f"{placebo['highest']:+.4f} → {placebo['verdict']}")


def _number(figure: dict[str, float | None], form: str = ".4f") -> str:
    """Return a figure with its interval, where there is one."""
    value, low, high = (figure[end] for end in ("value", "low", "high"))
    if value is None:
        return "not known"
    return f"{value:{form}}" + ("" if low is None or high is None else f" [{low:{form}}, {high:{form}}]")
