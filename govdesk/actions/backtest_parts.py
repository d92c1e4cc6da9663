"""What a backtest command computes: figures and predictions by label, placebo, candidate groups, other horizons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd

from govdesk.actions.training import Progress
from govdesk.queries.panel_facts import ESCALATION
from govdesk.queries.risk_panel import RiskPanel
from models.admission import Verdict, judge_foresight
from models.backtest import report_figures, run_backtest
from models.candidate_features import TRIAL_ROWS, CandidateFacts, ablation_rows, join_groups, run_ablation
from models.features import FeatureBlock
from models.labels import LabelName
from models.panel import Panel
from models.placebo import placebo_gains

#: Figures use every 4th weekly date; a refit every 12 weeks.
EVERY, REFIT_EVERY = 4, 12
#: Horizons whose short figures stand beside the main ones.
OTHER_HORIZONS = (2, 4, 8)
#: Columns of the contract's predictions file, in order.
FILE_COLUMNS = ("as_of", "place_code", "label", "in_scope", "outcome", "min_count", "classifier", "eb52",
                "eb52_recalibrated", "last_52_weeks", "last_4_weeks", "points")
#: What the points call conflicts and complaints, and the roles that are meant.
_POINT_ROLES = {"conflict": ("dispute",), "complaint": ("complaint", "petition")}


@dataclass(frozen=True, slots=True)
class Window:
    """Test weeks [first, last) since the epoch Monday, and the weeks ahead that a label looks at."""

    first: int
    last: int
    horizon: int


def point_panels(panel: RiskPanel) -> dict[str, Panel]:
    """Return the panels that the office's points are counted from."""
    found = {ESCALATION: panel.events}
    for name, roles in _POINT_ROLES.items():
        panels = [panel.roles[role] for role in roles if role in panel.roles]
        if panels:
            found[name] = join_panels(panels)
    return found


def join_panels(panels: Sequence[Panel]) -> Panel:
    """Return the facts of several panels of the same places and weeks in one."""
    first = panels[0]
    return Panel(
        first.places, first.first_week, first.end_week, np.concatenate([one.place for one in panels]),
        np.concatenate([one.occurred for one in panels]), np.concatenate([one.known for one in panels]),
        np.concatenate([one.weight for one in panels]))


def backtest_label(
    panel: RiskPanel, label: LabelName, window: Window, *, weekly: bool, extra: Sequence[FeatureBlock] = (),
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Return a label's figures and predictions (every week, or only the dates of the figures).

    Parameters
    ----------
    extra : features of the groups that are in use beside the eleven.
    """
    started = perf_counter()
    done = run_backtest(
        panel.events, label, test_from_week=window.first, test_to_week=window.last, horizon=window.horizon,
        roles=point_panels(panel), every=1 if weekly else EVERY, refit_every=REFIT_EVERY, resamples=0, extra=extra)
    figures = report_figures(pick_dates(done.predictions, window.first), label)
    report = {**done.report, **figures, "seconds": round(perf_counter() - started, 2), "notes": list(done.notes)}
    records = panel.everything.counts(52)[:, np.unique(done.predictions["as_of"]) - panel.first_week]
    return report, done.predictions.assign(records_52=records.T.ravel())


@dataclass(frozen=True)
class Decided:
    """Groups of candidate features that the office decided for.

    Attributes
    ----------
    groups : mapping
        By label; a label that is missing has none.
    facts : CandidateFacts or None
        What they are made from; None where nothing was decided.
    blocks : mapping of group to FeatureBlock
        Their features at all positions; a group without facts is missing.
    """

    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    facts: CandidateFacts | None = None
    blocks: Mapping[str, FeatureBlock] = field(default_factory=dict)

    def features(self, groups: Sequence[str]) -> list[FeatureBlock]:
        """Return the features of those groups that there are facts for."""
        return [self.blocks[group] for group in groups if group in self.blocks]


def backtest_decided(
    panel: RiskPanel, label: LabelName, window: Window, decided: Decided, *, weekly: bool
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Return a label's figures and predictions, with the groups decided for where together they pass the rule.

    The figures say which ``groups`` are in the classifier; ``together`` is the trial of all that were decided for;
    ``without_groups`` holds scores and differences of the classifier without them.
    """
    groups = decided.groups.get(label, ())
    plain: dict[str, Any] = {"groups": []}
    if groups and decided.facts is not None:
        extra = decided.features(groups)
        plain["together"] = try_together(decided.facts, label, window, groups, extra)
        if plain["together"]["verdict"] == Verdict.ENTERS:
            without, _ = backtest_label(panel, label, window, weekly=False)
            figures, rows = backtest_label(panel, label, window, weekly=weekly, extra=extra)
            kept = {name: without[name] for name in ("scores", "differences")}
            return figures | plain | {"groups": list(groups), "without_groups": kept}, rows
    figures, rows = backtest_label(panel, label, window, weekly=weekly)
    return figures | plain, rows


def pick_dates(predictions: pd.DataFrame, first: int) -> pd.DataFrame:
    """Return the rows of every 4th week: those the figures are made of."""
    return predictions[(predictions["as_of"] - first) % EVERY == 0].reset_index(drop=True)


def try_placebo(
    panel: RiskPanel, label: LabelName, window: Window, n_seeds: int, progress: Progress
) -> list[float | None]:
    """Return ΔAUC over eb52 in worlds without dynamics, one a seed; None where a world has only one kind of outcome."""
    gains: list[float | None] = []
    for seed in range(1, n_seeds + 1):
        progress(f"placebo {label} {seed}/{n_seeds}", seed / n_seeds)
        [gain] = placebo_gains(panel.events, label, [seed], test_from_week=window.first, test_to_week=window.last,
                               horizon=window.horizon)
        gains.append(gain if isfinite(gain) else None)
    return gains


def describe_placebo(report: Mapping[str, Any], gains: Sequence[float | None], on: str) -> dict[str, Any]:
    """Return a placebo for the report, with what may be claimed of the label."""
    gain = report["differences"]["classifier"]["auc"]
    told = [float("nan") if gain[end] is None else gain[end] for end in ("value", "low")]
    known = [one for one in gains if one is not None]
    verdict = judge_foresight(told[0], told[1], [float("nan") if one is None else one for one in gains])
    return {"gains": list(gains), "n_seeds": len(gains), "on": on, "lowest": min(known, default=None),
            "highest": max(known, default=None), "verdict": verdict.value}


def try_groups(facts: CandidateFacts, label: LabelName, window: Window) -> list[dict[str, Any]]:
    """Return each candidate group's trial with its verdict."""
    return ablation_rows(run_ablation(
        label, facts, test_from_week=window.first, test_to_week=window.last, horizon=window.horizon))


def try_together(
    facts: CandidateFacts, label: LabelName, window: Window, groups: Sequence[str], blocks: Sequence[FeatureBlock]
) -> dict[str, Any]:
    """Return the trial of all the groups that were decided for, together; groups that pass alone need not add up.

    `blocks` are their features; fewer than there are groups: there are no facts for one of them.
    """
    if len(blocks) < len(groups):
        return {"groups": list(groups), "delta_auc": None, "delta_auc_low": None, "brier_skill": None,
                "verdict": Verdict.CANNOT_TELL.value}
    [row] = ablation_rows(run_ablation(
        label, facts, test_from_week=window.first, test_to_week=window.last, horizon=window.horizon,
        groups={"together": join_groups(blocks)}))
    return {"groups": list(groups), **{name: row[name] for name in (
        "delta_auc", "delta_auc_low", "brier_skill", "verdict")}}


def try_horizon(
    panel: RiskPanel, label: LabelName, window: Window, horizon: int, extra: Sequence[FeatureBlock] = ()
) -> dict[str, Any]:
    """Return a label's short figures for another horizon, on the same test dates."""
    done = run_backtest(panel.events, label, test_from_week=window.first, test_to_week=window.last, horizon=horizon,
                        every=EVERY, refit_every=REFIT_EVERY, most_rows=TRIAL_ROWS, extra=extra)
    return shorten(done.report)


def shorten(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return the few figures by which horizons are compared."""
    own, gain = report["scores"]["classifier"], report["differences"]["classifier"]
    return {"base_rate": report["base_rate"], "dates": report["dates"], "min_count": report["min_count"],
            **{name: own[name] for name in ("auc", "capture_at_10", "brier_skill", "slope")}, "delta_auc": gain["auc"]}
