"""Which candidate features enter the score, and when "foresight" may be claimed: one rule each, in one place.

A group of features (petitions, works projects, …) is tried by adding it to the default classifier on the same dates and
rows. It enters only if it does no harm that could be shown and does some good that can be seen:

- the lower bound of the paired ΔAUC (95 % moving-block bootstrap over dates) is above −0.002, **and**
- Brier skill or ΔAUC against the classifier without it is above 0 in the point estimate,

and only while there are at most 15 features in use. A label has *demonstrated foresight* only if its ΔAUC against the
empirical-Bayes rate has its lower bound above 0 **and** exceeds that of every placebo (a world with constant rates and
no dynamics), of which there are at least 20.

Source: the project's method (docs/method.md, "The default classifier" and "Honesty gates").
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

#: The rule's numbers.
LEAST_DELTA_AUC_LOW, MOST_FEATURES, MIN_PLACEBOS = -0.002, 15, 20
#: A gain below this is rounding: a feature that never moves changes the last digits of a fit.
LEAST_GAIN = 1e-6


@dataclass(frozen=True)
class GroupTrial:
    """What adding one group of features did, paired with the classifier without it.

    Attributes
    ----------
    group
        Code of the group.
    n_features
        Features it would add.
    delta_auc, delta_auc_low
        Difference of the mean AUC over dates, and the lower bound of its 95 % interval (NaN: too few dates).
    brier_skill
        1 − Σ squared error / Σ that of the classifier without it.
    """

    group: str
    n_features: int
    delta_auc: float
    delta_auc_low: float
    brier_skill: float


class Verdict(StrEnum):
    """What became of a group."""

    ENTERS = "enters"
    MAY_HARM = "may_harm"
    NO_GAIN = "no_gain"
    NO_ROOM = "no_room"
    CANNOT_TELL = "cannot_tell"


def judge_group(trial: GroupTrial) -> Verdict:
    """Return whether a group passes the rule, room for it apart; a figure that is missing never lets it in."""
    if not np.isfinite([trial.delta_auc, trial.delta_auc_low, trial.brier_skill]).all():
        return Verdict.CANNOT_TELL
    if not trial.delta_auc_low > LEAST_DELTA_AUC_LOW:
        return Verdict.MAY_HARM
    if not (trial.brier_skill > LEAST_GAIN or trial.delta_auc > LEAST_GAIN):
        return Verdict.NO_GAIN
    return Verdict.ENTERS


def admit_groups(trials: Sequence[GroupTrial], n_in_use: int) -> dict[str, Verdict]:
    """Return the verdict on each group; the greatest gain in AUC goes first while there is room.

    Each group is judged alone: two that pass need not add up, so the classifier with all that entered is backtested
    again before it is used.

    Parameters
    ----------
    n_in_use
        Features of the default classifier.

    Raises
    ------
    ValueError
        If a group was tried twice or brings no feature.
    """
    if len({trial.group for trial in trials}) != len(trials) or any(trial.n_features < 1 for trial in trials):
        raise ValueError("each group is tried once and has a feature")
    verdicts = {trial.group: judge_group(trial) for trial in trials}
    passed = [trial for trial in trials if verdicts[trial.group] is Verdict.ENTERS]
    for trial in sorted(passed, key=lambda trial: (-trial.delta_auc, -trial.brier_skill, trial.group)):
        if n_in_use + trial.n_features > MOST_FEATURES:
            verdicts[trial.group] = Verdict.NO_ROOM
        else:
            n_in_use += trial.n_features
    return verdicts


class Foresight(StrEnum):
    """What may be said about a label."""

    DEMONSTRATED = "demonstrated"
    BETTER_RATES_ONLY = "better_rates_only"
    NOT_BETTER = "not_better"
    CANNOT_TELL = "cannot_tell"


def judge_foresight(delta_auc: float, delta_auc_low: float, placebo_delta_aucs: Sequence[float]) -> Foresight:
    """Return what may be claimed for a label.

    Parameters
    ----------
    delta_auc, delta_auc_low
        Gain over the empirical-Bayes rate on the real data, and its lower bound.
    placebo_delta_aucs
        The same gain on each placebo seed.

    Returns
    -------
    Foresight
        `CANNOT_TELL` without an interval, or with under 20 usable placebos none of which gains as much: then nothing is
        claimed.
    """
    placebos = np.asarray(placebo_delta_aucs, dtype=float)
    if not np.isfinite([delta_auc, delta_auc_low]).all():
        return Foresight.CANNOT_TELL
    if not delta_auc_low > 0:
        return Foresight.NOT_BETTER
    if (placebos[np.isfinite(placebos)] >= delta_auc).any():  # one world without dynamics gains as much: no more needed
        return Foresight.BETTER_RATES_ONLY
    if len(placebos) < MIN_PLACEBOS or not np.isfinite(placebos).all():
        return Foresight.CANNOT_TELL
    return Foresight.DEMONSTRATED


def figures_for_foresight(figures: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the scores and differences by which foresight is judged: those of the classifier without any group.

    A placebo has escalations alone; a gain that other records bring cannot be held against it.

    Parameters
    ----------
    figures : of one label in a stored report; ``without_groups`` where groups of features are in its classifier.
    """
    without: Mapping[str, Any] = figures.get("without_groups") or figures
    return without


#: Baselines that are made of the escalations alone, as the one that would rank instead is.
RATES = ("eb52", "eb52_recalibrated", "last_52_weeks", "last_4_weeks")


def baseline_ranks(report: Mapping[str, Any]) -> bool:
    """Whether `eb52` has to rank a label instead of its classifier, by the backtest on these very data.

    It does unless the classifier's AUC is at least that of every rate and its Brier skill against the recalibrated
    `eb52` is above 0. The office's `points` are left out: they also count other records, and where they do better than
    the classifier, while it does better than `eb52`, a ranking by `eb52` would be the worst of the three. That they do
    better is told all the same (`beats_baselines`).
    """
    scores = report["scores"]
    return not beats_baselines({"scores": {name: scores[name] for name in ("classifier", *RATES) if name in scores}})


def beats_baselines(report: Mapping[str, Any]) -> bool:
    """Whether a label's classifier does better than the best baseline in its backtest on these very data.

    Its AUC is at least that of every baseline, and its Brier skill against the recalibrated `eb52` is above 0. A figure
    that is missing never speaks for the classifier.

    Parameters
    ----------
    report : of `models.backtest.run_backtest`.
    """
    scores = report["scores"]
    aucs = {name: figures["auc"]["value"] for name, figures in scores.items()}
    own, skill = aucs.pop("classifier"), scores["classifier"]["brier_skill"]["value"]
    if own is None or skill is None:
        return False
    return bool(skill > 0 and all(auc is None or own >= auc for auc in aucs.values()))
