"""Backtests all labels on the database's own past, and keeps figures and weekly predictions for the screens."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from time import perf_counter
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Engine, insert, select

from govdesk.actions.acting import acting
from govdesk.actions.backtest_parts import (
    EVERY,
    OTHER_HORIZONS,
    REFIT_EVERY,
    Decided,
    Window,
    backtest_decided,
    describe_placebo,
    pick_dates,
    shorten,
    try_groups,
    try_horizon,
    try_placebo,
)
from govdesk.actions.training import HORIZON_WEEKS, Progress, TooLittleDataError, say_nothing
from govdesk.clock import floor_monday, monday_of, now, today, week_of
from govdesk.queries.candidate_groups import Groups, groups_in_report, read_decided_groups, read_group_facts
from govdesk.queries.risk_backtests import pack_predictions, unpack_predictions
from govdesk.queries.risk_panel import RiskPanel, read_last_as_of, read_risk_panel
from govdesk.rules.access import SYSTEM, Scope, require
from govdesk.storage.engine import read_transaction
from govdesk.storage.versions import read_data_version
from govdesk.tables import RiskBacktest
from govdesk.terms import Level
from models.admission import MIN_PLACEBOS, figures_for_foresight
from models.candidate_features import CandidateFacts, build_candidates
from models.escalation import LEAST_HISTORY_WEEKS
from models.evaluation import LEAST_DATES
from models.labels import LABELS, LabelName

#: Weeks of the default test window.
TEST_WEEKS = 156
#: A backtest looks at all there is.
_ALL_WEEKS = 10_000


@dataclass(frozen=True, slots=True)
class BacktestRequest:
    """What is asked for.

    Attributes
    ----------
    as_of : date or None
        Only what was known before the Monday of this day is used; None: this week, or the week after the last record.
    first, last : date or None
        Test window [first, last), floored to Mondays; None: the last 156 weeks whose labels have settled, after 104
        weeks of history.
    labels : sequence of str
        Which labels; only a backtest of all of them can be kept.
    level : str
        Level of the places.
    n_placebos : int
        Seeds of the placebo; 0: none.
    with_trials : bool
        Also try the candidate groups and the other horizons.
    """

    as_of: date | None = None
    first: date | None = None
    last: date | None = None
    horizon_weeks: int = HORIZON_WEEKS
    labels: Sequence[LabelName] = LABELS
    level: str = Level.VILLAGE
    n_placebos: int = MIN_PLACEBOS
    with_trials: bool = False


@dataclass(frozen=True, slots=True)
class BacktestDone:
    """What a backtest found; `predictions` at the dates of the figures; `is_new` when it was written."""

    id: int | None
    report: dict[str, Any]
    predictions: pd.DataFrame
    is_new: bool


def backtest_labels(
    engine: Engine, *, by: Scope, asked: BacktestRequest, commit: bool, progress: Progress = say_nothing
) -> BacktestDone:
    """Backtest the labels, with every baseline and the placebo beside them.

    The placebo, the trials of candidate groups and of other horizons are taken from the newest stored backtest of the
    same data, level and window where it has them; they carry the date on which they were made. With `commit` the
    weekly predictions are kept for the screens. A second one of the same data and request writes nothing.

    Raises
    ------
    TooLittleDataError
        When there is nothing to test on: no places, no records, or too few weeks.
    ValueError
        When a backtest of some labels only is to be kept.
    RefusedError
        When the caller may not do this.
    """
    require(by, "backtest_labels")
    if commit and set(asked.labels) != set(LABELS):
        message = "only a backtest of all labels can be kept (leave --label away)"
        raise ValueError(message)
    started = perf_counter()
    with read_transaction(engine) as connection:
        progress("read", 0.0)
        version = read_data_version(connection)
        panel = _read(connection, asked)
        window = choose_window(panel, asked)
        groups = read_decided_groups(connection) if asked.level == Level.VILLAGE else {}
        kept = _read_kept(connection, asked, panel, window, version)
        if commit and kept and _has_all(kept["report"], asked, groups):
            rows = unpack_predictions(connection.execute(
                select(RiskBacktest.predictions).where(RiskBacktest.id == kept["id"])).scalar_one())
            return BacktestDone(kept["id"], kept["report"], pick_dates(rows, window.first), is_new=False)
        needs_trials = asked.with_trials and asked.level == Level.VILLAGE and "ablation" not in kept.get("report", {})
        facts = read_group_facts(connection, panel) if needs_trials or any(groups.values()) else None
    decided = Decided(groups, facts, build_candidates(facts) if facts is not None and any(groups.values()) else {})
    report, predictions = _backtest(panel, window, asked, decided, weekly=commit, progress=progress)
    report["data_version"] = version
    _add_placebo(report, panel, window, asked, kept, progress)
    _add_ablation(report, window, asked, kept, facts if needs_trials else None, progress)
    _add_horizons(report, panel, window, asked, kept, decided, progress)
    report["seconds"] = round(perf_counter() - started, 2)
    shown = pick_dates(predictions, window.first)
    if not commit:
        return BacktestDone(None, report, shown, is_new=False)
    key = _store(engine, by, report, predictions, window, version, progress)
    return BacktestDone(key, report, shown, is_new=True)


def _read(connection: Connection, asked: BacktestRequest) -> RiskPanel:
    monday = read_last_as_of(connection, today()) if asked.as_of is None else floor_monday(asked.as_of)
    panel = read_risk_panel(connection, SYSTEM, monday, asked.level, asked.horizon_weeks, _ALL_WEEKS)
    if panel is None:
        message = f"there are no places of level {asked.level}, or no records known before {monday}"
        raise TooLittleDataError(message)
    return panel


def choose_window(panel: RiskPanel, asked: BacktestRequest) -> Window:
    """Return the test window.

    Raises
    ------
    TooLittleDataError
        When not one test date fits; says from when on the classifier can be judged.
    """
    settled = panel.end_week - panel.events.settling_weeks(panel.events.n_weeks)
    last = settled if asked.last is None else min(week_of(floor_monday(asked.last)), panel.end_week)
    learnt = panel.first_week + LEAST_HISTORY_WEEKS
    first = max(last - TEST_WEEKS, learnt) if asked.first is None else week_of(floor_monday(asked.first))
    if first <= panel.first_week:
        message = f"records begin in the week of {monday_of(panel.first_week)}: test dates must lie after it"
        raise TooLittleDataError(message)
    if first > last - asked.horizon_weeks:
        judged = monday_of(learnt + asked.horizon_weeks + (LEAST_DATES - 1) * EVERY)
        message = (f"records begin in the week of {monday_of(panel.first_week)} and end before "
                   f"{monday_of(panel.end_week)}: no test date fits; from {judged} on the classifier can be judged")
        raise TooLittleDataError(message)
    return Window(first, last, asked.horizon_weeks)


def _backtest(
    panel: RiskPanel, window: Window, asked: BacktestRequest, decided: Decided, *, weekly: bool, progress: Progress
) -> tuple[dict[str, Any], pd.DataFrame]:
    labels, frames = {}, []
    for at, label in enumerate(asked.labels):
        progress(label, (at + 1) / (len(asked.labels) + 1))
        labels[label], rows = backtest_decided(panel, label, window, decided, weekly=weekly)
        frames.append(rows)
    report: dict[str, Any] = {
        "as_of": monday_of(panel.end_week).isoformat(), "from": monday_of(window.first).isoformat(),
        "to": monday_of(window.last).isoformat(), "level": asked.level, "horizon_weeks": window.horizon,
        "every_weeks": EVERY, "refit_every_weeks": REFIT_EVERY, "places": panel.events.n_places,
        "first_week_of_records": monday_of(panel.first_week).isoformat(), "labels": labels,
        "notes": [f"{label}: {note}" for label in labels for note in labels[label]["notes"]],
    }
    return report, pd.concat(frames, ignore_index=True)


def _add_placebo(
    report: dict[str, Any], panel: RiskPanel, window: Window, asked: BacktestRequest, kept: Mapping[str, Any],
    progress: Progress,
) -> None:
    before = kept.get("report", {}).get("placebo", {})
    report["placebo"] = {}
    for label in asked.labels:
        gains, on = before.get(label, {}).get("gains", []), before.get(label, {}).get("on", "")
        if len(gains) < asked.n_placebos:
            gains, on = try_placebo(panel, label, window, asked.n_placebos, progress), today().isoformat()
        if gains:
            # A placebo has escalations alone: it is held against the classifier without any group.
            figures = report["labels"][label]
            report["placebo"][label] = describe_placebo(figures_for_foresight(figures), gains, on)


def _add_ablation(
    report: dict[str, Any], window: Window, asked: BacktestRequest, kept: Mapping[str, Any],
    facts: CandidateFacts | None, progress: Progress,
) -> None:
    """Add the trials of the groups, each against the score without any: those kept from before, or new ones."""
    if "ablation" in kept.get("report", {}):
        report["ablation"] = kept["report"]["ablation"]
    elif facts is not None:
        report["ablation"] = {}
        for label in asked.labels:
            progress(f"candidates {label}", 1.0)
            report["ablation"][label] = try_groups(facts, label, window)


def _add_horizons(
    report: dict[str, Any], panel: RiskPanel, window: Window, asked: BacktestRequest, kept: Mapping[str, Any],
    decided: Decided, progress: Progress,
) -> None:
    """Add the figures of other horizons: those kept from before if they are of the same groups, or new ones."""
    before = kept.get("report", {})
    if "horizons" in before and all(
            groups_in_report(before, label) == groups_in_report(report, label) for label in asked.labels):
        report["horizons"] = before["horizons"]
    elif asked.with_trials:
        report["horizons"] = {}
        for horizon in sorted({*OTHER_HORIZONS, window.horizon}):
            progress(f"horizon of {horizon} weeks", 1.0)
            report["horizons"][str(horizon)] = _try_labels(report, panel, window, asked, decided, horizon)


def _try_labels(
    report: Mapping[str, Any], panel: RiskPanel, window: Window, asked: BacktestRequest, decided: Decided, horizon: int
) -> dict[str, Any]:
    if horizon == window.horizon:
        return {label: shorten(report["labels"][label]) for label in asked.labels}
    if window.first > window.last - horizon:
        return {}
    return {label: try_horizon(panel, label, window, horizon, decided.features(groups_in_report(report, label)))
            for label in asked.labels}


def _read_kept(
    connection: Connection, asked: BacktestRequest, panel: RiskPanel, window: Window, version: int
) -> dict[str, Any]:
    """Return id and report of the newest stored backtest of the same data and window; empty without one."""
    table = RiskBacktest
    row = connection.execute(
        select(table.id, table.report).where(
            table.data_version == version, table.level == asked.level, table.from_week == window.first,
            table.to_week == window.last, table.horizon_weeks == window.horizon,
            table.as_of == monday_of(panel.end_week)).order_by(table.id.desc()).limit(1)).first()
    return {} if row is None else {"id": row.id, "report": json.loads(row.report)}


def _has_all(kept: Mapping[str, Any], asked: BacktestRequest, groups: Groups) -> bool:
    """Whether a stored report holds everything that is asked for, of the groups of features decided for."""
    if any(kept["labels"][label].get("together", {}).get("groups", []) != list(chosen)
           for label, chosen in groups.items()):
        return False
    has_placebo = all(kept["placebo"].get(label, {}).get("n_seeds", 0) >= asked.n_placebos for label in asked.labels)
    names = {"horizons"} | ({"ablation"} if asked.level == Level.VILLAGE else set())
    return has_placebo and (not asked.with_trials or names <= set(kept))


def _store(
    engine: Engine, by: Scope, report: Mapping[str, Any], predictions: pd.DataFrame, window: Window, version: int,
    progress: Progress,
) -> int:
    with acting(engine, by=by, action="backtest_labels", changes=("risk",)) as act:
        done = act.connection.execute(insert(RiskBacktest).values(
            as_of=date.fromisoformat(report["as_of"]), level=report["level"], from_week=window.first,
            to_week=window.last, horizon_weeks=window.horizon, data_version=version,
            report=json.dumps(report, ensure_ascii=False), predictions=pack_predictions(predictions), by=by.account,
            at=now()))
        key = done.inserted_primary_key
        assert key is not None  # noqa: S101 - for the type checker: one row was inserted
        act.audit("risk_backtests", int(key[0]), data_version=version, n_rows=len(predictions),
                  window=[report["from"], report["to"]])
        progress("stored", 1.0)
    return int(key[0])
