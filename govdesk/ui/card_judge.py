"""What may be said of each label: one reading of a stored report for words, pictures and tables alike. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite, nan
from typing import Any

from models.admission import Foresight, baseline_ranks, beats_baselines, figures_for_foresight, judge_foresight
from models.escalation import LEAST_HISTORY_WEEKS
from models.evaluation import LEAST_DATES

LABELS = ("elevated", "onset", "surge")
CLASSIFIER = "classifier"
#: What stands beside every score; the recalibrated one ranks like `eb52` and is a reference of probabilities.
BASELINES = ("eb52", "eb52_recalibrated", "last_52_weeks", "last_4_weeks", "points")
_RANKING = ("eb52", "last_52_weeks", "last_4_weeks", "points")
#: Weeks between test dates.
EVERY = 4


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its 95 % interval; NaN where there is none."""

    value: float = nan
    low: float = nan
    high: float = nan

    @property
    def has_interval(self) -> bool:
        """Whether both ends are known."""
        return isfinite(self.low) and isfinite(self.high)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a backtest says of one label.

    Attributes
    ----------
    foresight : Foresight
        As `models.admission.judge_foresight` says.
    gain : Figure
        Paired ΔAUC of the classifier over `eb52`; without the groups of features that were let in, for a placebo has
        escalations alone.
    placebos : tuple of float
        The same gain on each placebo seed; `placebo_on` is the day they were computed.
    best : str
        The baseline with the greatest AUC; `best_auc` is it, `auc` the classifier's.
    skill : float
        Brier skill of the classifier against the recalibrated `eb52`.
    beats_best : bool
        As `models.admission.beats_baselines` says.
    is_replaced : bool
        As `models.admission.baseline_ranks` says: `eb52` ranks instead.
    has_groups : bool
        Whether groups of candidate features are in the classifier.
    """

    label: str
    foresight: Foresight
    gain: Figure
    placebos: tuple[float, ...]
    placebo_on: str
    best: str
    best_auc: float
    auc: float
    skill: float
    beats_best: bool
    is_replaced: bool
    has_groups: bool


def read_figure(found: Any) -> Figure:
    """Return a figure of a report: a mapping with value, low and high, a bare number, or nothing."""
    if isinstance(found, Mapping):
        return Figure(*(_number(found.get(key)) for key in ("value", "low", "high")))
    return Figure(_number(found))


def _number(value: Any) -> float:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else nan


def find_score(report: Mapping[str, Any], label: str, scorer: str, name: str) -> Figure:
    """Return a figure of a score; nothing known where the report has none."""
    return read_figure(report.get("labels", {}).get(label, {}).get("scores", {}).get(scorer, {}).get(name))


def find_difference(report: Mapping[str, Any], label: str, scorer: str, name: str) -> Figure:
    """Return the paired difference of a score to `eb52`."""
    return read_figure(report.get("labels", {}).get(label, {}).get("differences", {}).get(scorer, {}).get(name))


def judge_label(report: Mapping[str, Any], label: str) -> Verdict:
    """Return what may be said of a label."""
    found = report.get("labels", {}).get(label, {})
    gain = find_difference({"labels": {label: figures_for_foresight(found)}}, label, CLASSIFIER, "auc")
    placebo = report.get("placebo", {}).get(label) or {}
    seeds = tuple(float(one) for one in placebo.get("gains", ()) if isinstance(one, (int, float)))
    areas = {name: find_score(report, label, name, "auc").value for name in _RANKING}
    known = {name: area for name, area in areas.items() if isfinite(area)}
    best = max(known, key=lambda name: known[name]) if known else _RANKING[0]
    return Verdict(
        label, judge_foresight(gain.value, gain.low, seeds), gain, seeds, str(placebo.get("on") or ""), best,
        known.get(best, nan), find_score(report, label, CLASSIFIER, "auc").value,
        find_score(report, label, CLASSIFIER, "brier_skill").value, *_beats(found), "without_groups" in found)


def _beats(found: Any) -> tuple[bool, bool]:
    try:
        return beats_baselines(found), baseline_ranks(found)
    except (KeyError, TypeError):
        return False, True  # a report without the figures never speaks for the classifier


def list_labels(report: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the labels that were judged, in their order."""
    return tuple(label for label in LABELS if label in report.get("labels", {}))


def find_judging_weeks(first_week: int, horizon: int) -> tuple[int, int]:
    """Return the weeks from which on a classifier has its first figure, and its first interval.

    A classifier needs 104 weeks before its refit; its first test date can be judged when its horizon is over; an
    interval, and with it a verdict, needs 28 dates, one every 4 weeks.
    """
    first = first_week + LEAST_HISTORY_WEEKS + horizon
    return first, first + EVERY * (LEAST_DATES - 1)
