"""Fit one label's classifier at a refit, from what was known then; the same steps in backtest and live.

Training rows are (place, as-of week) with a known label in the label's scope. The label's count and the penalty come
from the time before the first refit. Under 104 weeks of history no classifier is fitted: then the baseline's line
(`eb52`, recalibrated on the past) ranks.
Source: method.md, "The default classifier", "Backtest protocol and formulas".
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.baselines import Recalibration, eb52, fit_recalibration
from models.escalation import LEAST_HISTORY_WEEKS, Classifier, fit_classifier, tune_penalty
from models.features import FeatureBlock, build_features, join_blocks
from models.labels import LabelName, min_counts_of, outcomes, scope_of
from models.panel import Panel
from models.time_splits import Split

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Training rows beyond this are thinned by taking every 2nd, 3rd … as-of week (their labels overlap anyway).
MOST_ROWS = 150_000
#: Training starts when a year has been seen.
WARM_UP_WEEKS = 52
#: The spread of the scores is set on the training rows of so many weeks before the refit: two whole years, every season
#: twice. In older rows the long memories were still short, and coefficients fitted on them are too small for now.
SPREAD_WEEKS = 104


@dataclass(frozen=True)
class Inputs:
    """What does not change from refit to refit: arrays are (P, T + 1), features at the positions in use."""

    panel: Panel
    label: LabelName
    horizon: int
    min_counts: Floats
    scope: Bools
    features: FeatureBlock
    eb: Floats


def training_stride(panel: Panel, until: int, most_rows: int = MOST_ROWS) -> int:
    """Weeks between training dates that keep the rows up to position `until` under `most_rows`."""
    return max(1, -(-panel.n_places * max(1, until - WARM_UP_WEEKS) // most_rows))


def prepare(
    panel: Panel, label: LabelName, horizon: int, splits: Sequence[Split], extra: Sequence[FeatureBlock] = (),
) -> Inputs:
    """Make features, scope and baseline; the label's count from what was known at the first refit."""
    first = splits[0]
    past = panel.future_counts(horizon, known_before=first.refit)
    train = past[:, first.train] if len(first.train) else past[:, : max(1, first.refit - horizon + 1)]
    min_counts = min_counts_of(panel, label, horizon, train)
    at = np.unique(np.concatenate([np.concatenate([s.train, s.test]) for s in splits]))
    features = join_blocks(build_features(panel, min_counts, horizon, at), extra)
    return Inputs(
        panel=panel, label=label, horizon=horizon, min_counts=min_counts, scope=scope_of(panel, label),
        features=features, eb=eb52(panel, min_counts, horizon),
    )


def training_rows(inputs: Inputs, at: Ints, labels: Floats) -> tuple[Floats, Floats, Floats]:
    """Feature values (n, F), outcomes (n,) and eb52 (n,) of the in-scope rows with a known label."""
    outcome = labels[:, at]
    use = inputs.scope[:, at] & ~np.isnan(outcome)
    return inputs.features.rows(at)[use], outcome[use], inputs.eb[:, at][use]


def labels_known(inputs: Inputs, refit: int) -> Floats:
    """Outcomes as a training at position `refit` saw them, float64 (P, T + 1), NaN: unknown."""
    return outcomes(inputs.panel.future_counts(inputs.horizon, known_before=refit), inputs.min_counts)


def tune(inputs: Inputs, split: Split) -> float:
    """The penalty with the least log loss on the year before a refit, fitted on what came before that year."""
    labels = labels_known(inputs, split.refit)
    year_before = split.refit - 52
    early = split.train[split.train + split.horizon + split.settling <= year_before]
    late = split.train[split.train >= year_before]
    return tune_penalty(training_rows(inputs, early, labels)[:2], training_rows(inputs, late, labels)[:2])


def fit_split(inputs: Inputs, split: Split, penalty: float) -> tuple[Classifier | None, Recalibration, Floats]:
    """Return the classifier (None: too little history), the baseline's line, and the outcomes it was fitted on (n,)."""
    labels = labels_known(inputs, split.refit)
    values, outcome, eb = training_rows(inputs, split.train, labels)
    line = fit_recalibration(eb, outcome)
    if split.refit < LEAST_HISTORY_WEEKS or len(np.unique(outcome)) < 2:
        return None, line, outcome
    start = inputs.panel.first_week
    classifier = fit_classifier(
        values, outcome, features=inputs.features.names, label=inputs.label, horizon=inputs.horizon, penalty=penalty,
        window=(int(split.train[0]) + start, int(split.train[-1]) + start),
        min_count=None if inputs.label == "surge" else int(inputs.min_counts[0, 0]),
        recent=_recent_rows(inputs, split, labels),
    )
    return classifier, line, outcome


def _recent_rows(inputs: Inputs, split: Split, labels: Floats) -> Bools:
    """Which of the split's training rows lie in the weeks that set the spread, bool (n,) in their order."""
    known = inputs.scope[:, split.train] & ~np.isnan(labels[:, split.train])
    late = np.broadcast_to(split.train >= split.refit - SPREAD_WEEKS, known.shape)
    return late[known]
