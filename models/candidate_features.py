"""Candidate features, group by group, and their trial: what each would add to the default score.

Groups: petitions, complaints, conflicts (disputes), works projects, backlog (open cases with their age), neighbours,
repeats. Each is one or two numbers of a place and an as-of week, from what was known before that week. They are
computed, backtested and shown; a group enters the score only by the rule of `models.admission`.

- counts of a role: log(1 + net count), over the last 13 weeks, and with exponential memory of half-life 52
- works: projects *begun* in the last 13 and 52 weeks. Their end is not used: a record holds the end as it is known
  today, and nothing says since when
- backlog: log(1 + cases open), log(1 + cases open for more than 8 weeks), from spells of being open as they were known
- neighbours: log ratio of the neighbours' escalations to the county's, last 13 and 52 weeks, half an event added to
  both; 0 where a place has no neighbour

Source: the project's method ("Candidates"); spread to neighbours: Mohler et al., JASA 106 (2011) 100–108.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.admission import GroupTrial, admit_groups
from models.backtest import run_backtest
from models.evaluation import RESAMPLES, compare
from models.features import FEATURE_NAMES, FeatureBlock, refuse_features
from models.labels import LabelName
from models.panel import Panel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Role of the events, and the roles that the groups of counts read; St. Louis calls disputes "conflict".
ESCALATION, WORKS, REPEATS = "escalation", "works", "repeat"
GROUP_ROLES: Mapping[str, tuple[str, ...]] = {
    "petitions": ("petition",), "complaints": ("complaint",), "conflicts": ("dispute", "conflict"),
}
#: The groups and the names of their features.
CANDIDATE_GROUPS: Mapping[str, tuple[str, ...]] = {
    **{group: (f"{group}_last_13", f"{group}_memory_52") for group in GROUP_ROLES},
    "works": ("works_begun_last_13", "works_begun_last_52"),
    "backlog": ("open_cases", "open_cases_over_8_weeks"),
    "neighbours": ("neighbours_last_13", "neighbours_last_52"),
    "repeats": ("repeats_last_26",),
}
#: Weeks after which an open case is an old one.
OLD_WEEKS = 8
#: Training rows in a trial: thinner than in the backtest, with and without the group alike.
TRIAL_ROWS = 60_000


@dataclass(frozen=True)
class OpenSpells:
    """Spells in which a case was open, as it was known; weeks since the epoch Monday, int64 (n,).

    Attributes
    ----------
    place : code of each spell's place, object (n,).
    reported : week in which the case was reported, from which its age counts.
    opened_known, closed_known : weeks in which the record (or re-opening) and the closing became known;
        a week far ahead while it is open.
    weight : float64 (n,), −1 for a correction.
    """

    place: NDArray[np.object_]
    reported: Ints
    opened_known: Ints
    closed_known: Ints
    weight: Floats


@dataclass(frozen=True)
class CandidateFacts:
    """What the candidates are made from; all panels have the same places and weeks.

    Attributes
    ----------
    panels : by role; must hold `ESCALATION`. A group whose role is missing is not tried.
    neighbours : for each place, in the order of the panels, the codes of those it borders on.
    spells : open cases; None where closings are not recorded (everything would be open for ever).
    """

    panels: Mapping[str, Panel]
    neighbours: Sequence[Sequence[str]] = ()
    spells: OpenSpells | None = field(default=None)


def build_candidates(facts: CandidateFacts, at: Ints | None = None) -> dict[str, FeatureBlock]:
    """Make the features of every group there are facts for.

    Parameters
    ----------
    at : as-of positions (sorted); by default all of the panel, as a backtest needs them.

    Returns
    -------
    dict of group to FeatureBlock
        values float64 (P, D, F).
    """
    events = facts.panels[ESCALATION]
    chosen = np.arange(events.n_weeks + 1) if at is None else at
    columns: dict[str, list[Floats]] = {}
    for group, roles in GROUP_ROLES.items():
        panels = [facts.panels[role] for role in roles if role in facts.panels]
        if panels:
            columns[group] = [_log_count(sum_of) for sum_of in (
                np.sum([panel.counts(13) for panel in panels], axis=0),
                np.sum([panel.discounted_counts(52) for panel in panels], axis=0))]
    if WORKS in facts.panels:
        columns["works"] = [_log_count(facts.panels[WORKS].counts(weeks)) for weeks in (13, 52)]
    if REPEATS in facts.panels:
        columns["repeats"] = [_log_count(facts.panels[REPEATS].counts(26))]
    if facts.spells is not None:
        columns["backlog"] = [_log_count(count_open(events, facts.spells, weeks)) for weeks in (0, OLD_WEEKS)]
    if any(len(near) for near in facts.neighbours):
        columns["neighbours"] = [_neighbour_ratio(events, facts.neighbours, weeks) for weeks in (13, 52)]
    return {group: _block(group, columns[group], chosen) for group in CANDIDATE_GROUPS if group in columns}


def _block(group: str, columns: list[Floats], at: Ints) -> FeatureBlock:
    names = CANDIDATE_GROUPS[group]
    refuse_features(names)
    return FeatureBlock(np.stack([column[:, at] for column in columns], axis=-1), names, at)


def _log_count(counts: Floats) -> Floats:
    """log(1 + count); a net count below zero (corrections) is read as zero."""
    return np.asarray(np.log1p(np.maximum(counts, 0.0)), dtype=np.float64)


def count_open(panel: Panel, spells: OpenSpells, older_than: int = 0) -> Floats:
    """Cases known to be open before each as-of week, reported more than `older_than` weeks before; (P, T + 1).

    A case is open at j exactly for max(opened_known, reported + older_than) < j ≤ closed_known.
    """
    row = _rows_of(panel, spells.place)
    width = panel.n_weeks + 2
    begin = np.maximum(spells.opened_known, spells.reported + older_than) + 1 - panel.first_week
    end = np.minimum(spells.closed_known + 1 - panel.first_week, width - 1)
    begin = np.maximum(begin, 0)
    use = (row >= 0) & (begin < end)
    cells = np.concatenate([row[use] * width + begin[use], row[use] * width + end[use]])
    up_and_down = np.concatenate([spells.weight[use], -spells.weight[use]])
    steps = np.bincount(cells, up_and_down, minlength=panel.n_places * width).reshape(panel.n_places, width)
    return np.asarray(np.cumsum(steps, axis=1)[:, :-1], dtype=np.float64)


def _rows_of(panel: Panel, codes: NDArray[np.object_]) -> Ints:
    number = {code: row for row, code in enumerate(panel.places)}
    return np.array([number.get(code, -1) for code in codes], dtype=np.int64)


def _neighbour_ratio(panel: Panel, neighbours: Sequence[Sequence[str]], weeks: int) -> Floats:
    counts = np.maximum(panel.counts(weeks), 0.0)
    number = {code: row for row, code in enumerate(panel.places)}
    pairs = [(row, number[code]) for row, near in enumerate(neighbours) for code in near if code in number]
    one, other = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    around = np.zeros_like(counts)
    np.add.at(around, one, counts[other])
    expected = np.bincount(one, minlength=panel.n_places)[:, None] * counts.mean(axis=0)
    return np.asarray(np.log((around + 0.5) / (expected + 0.5)), dtype=np.float64)


def groups_of(features: Iterable[str]) -> tuple[str, ...]:
    """Return the groups that a classifier of these features uses, in the order of `CANDIDATE_GROUPS`."""
    used = set(features)
    return tuple(group for group, names in CANDIDATE_GROUPS.items() if used & set(names))


def join_groups(blocks: Sequence[FeatureBlock]) -> FeatureBlock:
    """Put the features of several groups into one block, to try them together; all at the same positions."""
    names = tuple(name for one in blocks for name in one.names)
    return FeatureBlock(np.concatenate([one.values for one in blocks], axis=-1), names, blocks[0].at)


def run_ablation(
    label: LabelName, facts: CandidateFacts, *, test_from_week: int, test_to_week: int | None = None, horizon: int = 4,
    groups: Mapping[str, FeatureBlock] | None = None, resamples: int = RESAMPLES, most_rows: int = TRIAL_ROWS,
) -> list[GroupTrial]:
    """Try each group: the backtest with it against the backtest without it, on the same dates and rows.

    Parameters
    ----------
    groups : features by group, at all positions of the panel; by default `build_candidates(facts)`.
    resamples : of the moving-block bootstrap over dates; the difference is paired.

    Raises
    ------
    RefusedFeatureError
        A feature is about persons or groups of persons.
    ValueError
        No test date fits.
    """
    panel = facts.panels[ESCALATION]
    tried = build_candidates(facts) if groups is None else groups

    def scores(extra: Sequence[FeatureBlock]) -> Any:
        return run_backtest(
            panel, label, test_from_week=test_from_week, test_to_week=test_to_week, horizon=horizon, resamples=0,
            most_rows=most_rows, extra=extra).predictions

    without = scores(())
    return [_compare_group(group, block, without.assign(with_group=scores((block,))["classifier"]), resamples)
            for group, block in tried.items()]


def _compare_group(group: str, block: FeatureBlock, predictions: Any, resamples: int) -> GroupTrial:
    columns = {"classifier": "classifier", "with_group": "classifier"}
    figures = compare(predictions, columns, against="classifier", resamples=resamples)
    gain = figures["differences"]["with_group"]["auc"]
    skill = figures["scores"]["with_group"]["brier_skill"]["value"]
    return GroupTrial(group, len(block.names), _number(gain["value"]), _number(gain["low"]), _number(skill))


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def ablation_rows(trials: Sequence[GroupTrial], n_in_use: int = len(FEATURE_NAMES)) -> list[dict[str, Any]]:
    """Return the trials as plain rows for a report, with the verdict; a figure that is missing is None.

    Returns
    -------
    list of dict
        ``group``, ``features`` (names), ``delta_auc``, ``delta_auc_low``, ``brier_skill``, ``verdict``
        (`models.admission.Verdict`).
    """
    verdicts = admit_groups(trials, n_in_use)
    return [
        {"group": trial.group, "features": list(CANDIDATE_GROUPS.get(trial.group, ())),
         **{name: _plain(getattr(trial, name)) for name in ("delta_auc", "delta_auc_low", "brier_skill")},
         "verdict": verdicts[trial.group].value}
        for trial in trials
    ]


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
