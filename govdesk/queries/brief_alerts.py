"""Early warning in the weekly brief: the list to act on, what last week's list came to, and how sure all of it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import isfinite, nan
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection, select

from govdesk.clock import monday_of, week_of
from govdesk.queries.frames import TEXT, make_frame
from govdesk.queries.live_results import read_begun, read_lists, read_live_results
from govdesk.queries.panel_facts import ESCALATION, read_panel_facts
from govdesk.queries.permission import reads
from govdesk.queries.risk_backtests import read_newest_report
from govdesk.queries.risk_caught import Caught, read_caught
from govdesk.queries.risk_list import WeekList, read_week_list
from govdesk.queries.risk_owners import read_owners
from govdesk.queries.scoping import within_area
from govdesk.rules.access import Scope
from govdesk.tables import Place, Visit
from govdesk.terms import Level, VisitReason
from models.admission import Foresight, baseline_ranks, figures_for_foresight, judge_foresight

#: Labels by which lists are made.
LABELS = ("elevated", "onset")


@dataclass(frozen=True, slots=True)
class LastList:
    """The list that was in force in the week of the brief, and the lists whose horizon is over.

    Attributes
    ----------
    as_of : date
        Its Monday.
    n_listed, n_visited, n_met : int
        Villages on it; visited because of it up to the week's end; with an escalation known by then.
    ends_on : date
        First day after its horizon: only then is it judged.
    n_over : int
        Lists whose horizon is over; the sums below are over these: villages listed, those with an escalation in the
        horizon, and of all villages (times lists) how many had one.
    """

    as_of: date
    n_listed: int
    n_visited: int
    n_met: int
    ends_on: date
    n_over: int
    n_over_listed: int
    n_over_met: int
    n_over_villages: int
    n_over_positive: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the newest backtest allows to be said of one label (`models.admission`).

    Attributes
    ----------
    gain, low, high : float
        Paired ΔAUC of the classifier over `eb52`, without groups of features; NaN where unknown.
    n_placebos, n_as_good : int
        Worlds without dynamics it was tried on, and in how many of them the gain was as large.
    is_replaced : bool
        The baseline ranks instead.
    """

    label: str
    foresight: Foresight
    gain: float
    low: float
    high: float
    n_placebos: int
    n_as_good: int
    placebos: tuple[float, ...]
    is_replaced: bool


@dataclass(frozen=True, slots=True)
class AlertFacts:
    """The list for the week after the brief's (None: that week was not scored), and what is known of its worth.

    Attributes
    ----------
    baseline : frozenset of str
        As many villages as are listed, by the rank of the baseline.
    owners : mapping
        Village → post that answers for visits.
    tested_from, tested_to : str
        Days of the backtest; empty without one.
    """

    week: WeekList | None
    baseline: frozenset[str]
    caught: Caught | None
    last: LastList | None
    verdicts: tuple[Verdict, ...]
    owners: Mapping[str, str]
    tested_from: str = ""
    tested_to: str = ""


@reads("view_brief")
def read_alert_facts(connection: Connection, scope: Scope, week: int, seed: str) -> AlertFacts:
    """Return what the brief of `week` says of early warning.

    Parameters
    ----------
    seed : str
        That of the weekly lot (`queries.visits.read_lot`).
    """
    found = read_week_list(connection, scope, monday_of(week + 1))
    if found is not None and found.run.as_of != monday_of(week + 1):
        found = None  # a list of an earlier week is not the one to act on
    caught = None if found is None else read_caught(
        connection, scope, found.made_with.visits_per_week, found.made_with.share_quiet)
    report = read_newest_report(connection) or {}
    return AlertFacts(
        found, frozenset() if found is None else find_by_baseline(found.rows), caught,
        _read_last(connection, scope, week, seed), tuple(judge(report, label) for label in LABELS
                                                         if label in report.get("labels", {})),
        read_owners(connection, scope, monday_of(week + 1)), str(report.get("from") or ""),
        tell_last_day(str(report.get("to") or "")))


def count_listed(week: WeekList) -> int:
    """Return how many villages of the list the reader of the brief may see."""
    return int(week.rows["list"].notna().sum())


def tell_last_day(end: str) -> str:
    """Return the last day of a window that ends before a day, as the model card tells it; empty without one.

    Examples
    --------
    >>> tell_last_day("2026-11-02")
    '2026-11-01'
    """
    return (date.fromisoformat(end) - timedelta(days=1)).isoformat() if end else ""


def find_by_baseline(rows: pd.DataFrame) -> frozenset[str]:
    """Return as many villages as are listed, the first by the baseline's rank."""
    n = int(rows["list"].notna().sum())
    ranked = rows.dropna(subset="baseline_rank").sort_values("baseline_rank", kind="stable")
    return frozenset(ranked["place_code"].head(n))


def judge(report: Mapping[str, Any], label: str) -> Verdict:
    """Return what a report allows to be said of a label; a figure that is missing never speaks for the classifier."""
    found = report["labels"][label]
    gain = figures_for_foresight(found).get("differences", {}).get("classifier", {}).get("auc") or {}
    value, low, high = (_number(gain.get(name)) for name in ("value", "low", "high"))
    seeds = [_number(one) for one in (report.get("placebo", {}).get(label) or {}).get("gains", ())]
    try:
        is_replaced = baseline_ranks(found)
    except (KeyError, TypeError):
        is_replaced = True
    known = np.array([one for one in seeds if isfinite(one)])
    return Verdict(label, judge_foresight(value, low, seeds), value, low, high, len(known),
                   int((known >= value).sum()) if isfinite(value) else 0, tuple(known.tolist()), is_replaced)


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else nan


def _read_last(connection: Connection, scope: Scope, week: int, seed: str) -> LastList | None:
    runs = [run for run in read_begun(connection, scope, week + 1) if week_of(run.as_of) <= week]
    if not runs:
        return None
    run = runs[0]
    codes = _see(connection, scope, list(read_lists(connection, [run])[run.id]))
    over = read_live_results(connection, scope, week + 1, seed)
    sums = {} if over is None else over.runs.drop(columns="as_of").sum().to_dict()
    ends = monday_of(week_of(run.as_of) + run.horizon_weeks)
    return LastList(
        run.as_of, len(codes), len(_list_visited(connection, codes, run.as_of, monday_of(week + 1))),
        len(_list_met(connection, scope, codes, week_of(run.as_of), week + 1)), ends,
        0 if over is None else len(over.runs),
        *(int(sums.get(name, 0)) for name in ("n_listed", "n_found", "n_villages", "n_positive")))


def _see(connection: Connection, scope: Scope, codes: Sequence[str]) -> list[str]:
    return sorted(set(connection.scalars(
        select(Place.code).where(Place.level == Level.VILLAGE, Place.code.in_(codes), within_area(scope, Place.code)))))


def _list_visited(connection: Connection, codes: Sequence[str], first: date, end: date) -> set[str]:
    return set(connection.scalars(select(Visit.place_code).where(
        Visit.place_code.in_(codes), Visit.reason == VisitReason.ALERT.value, Visit.visited_on >= first,
        Visit.visited_on < end)))


def _list_met(connection: Connection, scope: Scope, codes: Sequence[str], first: int, end: int) -> set[str]:
    """Return the villages with an escalation that occurred in the weeks and became known by their end."""
    facts = read_panel_facts(connection, scope, first, end)
    known = facts[(facts["role"] == ESCALATION).to_numpy() & (facts["week_known"] < end).to_numpy()]
    sums = known.assign(place=known["place_code"].astype("str")).groupby("place")["weight"].sum()
    return set(sums.index[sums > 0]) & set(codes)


def list_towns(week: WeekList, baseline: frozenset[str]) -> pd.DataFrame:
    """Return the listed villages by township, those with most first.

    Returns
    -------
    DataFrame
        ``code``, ``name``; ``n_listed``; ``n_red``, ``n_orange``, ``n_yellow``, ``n_blue``, ``n_few`` (of these, by
        band); ``n_recent`` (escalations known of these villages in 26 weeks), ``n_both`` (the baseline names them,
        too), ``n_baseline`` (villages of the township that the baseline would name) (int64).
    """
    listed = week.rows[week.rows["list"].notna()]
    by_baseline = week.rows[week.rows["place_code"].isin(baseline)]["parent_code"].value_counts()
    rows = []
    for code, group in listed.groupby("parent_code"):
        bands = group["band"].value_counts()
        rows.append((str(code), str(group["parent"].iloc[0]), len(group),
                     *(int(bands.get(one, 0)) for one in ("red", "orange", "yellow", "blue")),
                     int(group["band"].isna().sum()), sum(count_recent(reasons) for reasons in group["reasons"]),
                     int(group["place_code"].isin(baseline).sum()), int(by_baseline.get(code, 0))))
    names = ("n_listed", "n_red", "n_orange", "n_yellow", "n_blue", "n_few", "n_recent", "n_both", "n_baseline")
    found = make_frame(rows, {"code": TEXT, "name": TEXT} | dict.fromkeys(names, "int64"))
    return found.sort_values(["n_listed", "n_red", "code"], ascending=[False, False, True], ignore_index=True)


def count_recent(reasons: Any) -> int:
    """Return the escalations of the last 26 weeks that a village's reasons tell of."""
    return sum(int(reason["n"]) for reason in reasons if reason["kind"] == "recent") if isinstance(reasons, list) else 0


def find_deadline(as_of: date, days: int) -> date:
    """Return the day so many days after the Monday of a list."""
    return as_of + timedelta(days=days)
