"""A label's backtest: rolling origin over a panel, the classifier and every baseline beside it.

At each refit everything is what a clerk could have had then: features from facts known before each as-of week, labels
from facts known before the refit and only where horizon and settling were over, the label's count and the penalty from
the time before the first test date. Changing a fact known on or after an as-of date changes no score of that date.
Source: method.md, "Backtest protocol and formulas".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter, process_time
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # comes with scikit-learn

from models.baselines import eb52, fit_recalibration, points
from models.escalation import LEAST_HISTORY_WEEKS, Classifier, fit_classifier, tune_penalty
from models.evaluation import RESAMPLES, compare
from models.features import FeatureBlock, build_features, join_blocks
from models.labels import LabelName, min_counts_of, outcomes, quiet_scope, scope_of
from models.panel import Panel
from models.time_splits import Split, rolling_origin

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Score columns and the reference of their Brier skill (None: a count, no probability).
COLUMNS: Mapping[str, str | None] = {
    "classifier": "eb52_recalibrated", "eb52": "eb52_recalibrated", "eb52_recalibrated": "eb52_recalibrated",
    "last_52_weeks": None, "last_4_weeks": None, "points": None,
}
#: Training rows beyond this are thinned by taking every 2nd, 3rd … as-of week (their labels overlap anyway).
MOST_ROWS = 150_000
#: Training starts when a year has been seen.
WARM_UP_WEEKS = 52


@dataclass(frozen=True)
class Backtest:
    """Result: rows of the contract's predictions file, figures, the classifiers (one a refit), notes."""

    label: LabelName
    predictions: pd.DataFrame
    report: dict[str, Any]
    classifiers: tuple[Classifier, ...]
    splits: tuple[Split, ...]
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class _Inputs:
    """What does not change from refit to refit."""

    panel: Panel
    label: LabelName
    horizon: int
    min_counts: Floats
    scope: Bools
    features: FeatureBlock
    eb: Floats


def run_backtest(
    panel: Panel, label: LabelName, *, test_from_week: int, test_to_week: int | None = None, horizon: int = 4,
    roles: Mapping[str, Panel] | None = None, every: int = 4, refit_every: int = 12, resamples: int = RESAMPLES,
    most_rows: int = MOST_ROWS, extra: Sequence[FeatureBlock] = (),
) -> Backtest:
    """Backtest one label on as-of weeks test_from_week … whose horizon is over by test_to_week.

    Parameters
    ----------
    panel : escalation events.
    test_from_week, test_to_week : weeks since the epoch Monday; the end is exclusive, by default the panel's.
    roles : panels of the same places by role for `points`; by default the events alone.
    resamples : of the bootstrap; 0 gives no intervals.
    extra : features beside the eleven (`models.candidate_features`), at all positions of the panel.

    Raises
    ------
    ValueError
        No test date fits, or no training row is known at the first one.
    """
    started = perf_counter(), process_time()
    first = test_from_week - panel.first_week
    until = (test_to_week if test_to_week is not None else panel.end_week) - panel.first_week
    settling = panel.settling_weeks(first)
    splits = rolling_origin(
        test_from=first, test_until=min(until, panel.n_weeks), horizon=horizon, settling=settling, every=every,
        refit_every=refit_every, train_from=WARM_UP_WEEKS, train_every=_stride(panel, until, most_rows),
    )
    inputs = _prepare(panel, label, horizon, splits, extra)
    truth = outcomes(panel.future_counts(horizon), inputs.min_counts)
    counts = {"last_52_weeks": panel.counts(52), "last_4_weeks": panel.counts(4)}
    counts["points"] = points(roles or {"escalation": panel})
    with threadpool_limits(limits=1):  # small matrices: more threads only wait for each other
        penalty = _tune(inputs, splits[0])
        fitted = [_score_split(inputs, split, penalty) for split in splits]
    frames = [_rows(inputs, s.test, truth, scored, counts) for s, (scored, _) in zip(splits, fitted, strict=True)]
    classifiers = [classifier for _, classifier in fitted if classifier]
    predictions = pd.concat(frames, ignore_index=True)
    report = _report(predictions, label, resamples)
    report.update(
        seconds=perf_counter() - started[0], processor_seconds=process_time() - started[1], settling_weeks=settling,
        penalty=penalty,
    )
    notes = () if len(classifiers) == len(splits) else ("under 104 weeks of history some dates are ranked by eb52",)
    return Backtest(label, predictions, report, tuple(classifiers), tuple(splits), notes)


def _stride(panel: Panel, until: int, most_rows: int) -> int:
    return max(1, -(-panel.n_places * max(1, until - WARM_UP_WEEKS) // most_rows))


def _prepare(
    panel: Panel, label: LabelName, horizon: int, splits: list[Split], extra: Sequence[FeatureBlock],
) -> _Inputs:
    first = splits[0]
    past = panel.future_counts(horizon, known_before=first.refit)
    train = past[:, first.train] if len(first.train) else past[:, : max(1, first.refit - horizon + 1)]
    min_counts = min_counts_of(panel, label, horizon, train)
    at = np.unique(np.concatenate([np.concatenate([s.train, s.test]) for s in splits]))
    features = join_blocks(build_features(panel, min_counts, horizon, at), extra)
    return _Inputs(
        panel=panel, label=label, horizon=horizon, min_counts=min_counts, scope=scope_of(panel, label),
        features=features, eb=eb52(panel, min_counts, horizon),
    )


def _training_rows(inputs: _Inputs, at: Ints, labels: Floats) -> tuple[Floats, Floats, Floats]:
    """Feature values, outcomes and eb52 of the in-scope rows with a known label."""
    outcome = labels[:, at]
    use = inputs.scope[:, at] & ~np.isnan(outcome)
    return inputs.features.rows(at)[use], outcome[use], inputs.eb[:, at][use]


def _labels_known(inputs: _Inputs, refit: int) -> Floats:
    return outcomes(inputs.panel.future_counts(inputs.horizon, known_before=refit), inputs.min_counts)


def _tune(inputs: _Inputs, split: Split) -> float:
    labels = _labels_known(inputs, split.refit)
    year_before = split.refit - 52
    early = split.train[split.train + split.horizon + split.settling <= year_before]
    late = split.train[split.train >= year_before]
    return tune_penalty(_training_rows(inputs, early, labels)[:2], _training_rows(inputs, late, labels)[:2])


def _score_split(inputs: _Inputs, split: Split, penalty: float) -> tuple[dict[str, Floats], Classifier | None]:
    values, outcome, eb = _training_rows(inputs, split.train, _labels_known(inputs, split.refit))
    line = fit_recalibration(eb, outcome)
    tail = inputs.eb[:, split.test]
    scored = {"eb52": tail, "eb52_recalibrated": line.apply(tail)}
    if split.refit < LEAST_HISTORY_WEEKS or len(np.unique(outcome)) < 2:
        return {"classifier": scored["eb52_recalibrated"], **scored}, None
    start = inputs.panel.first_week
    classifier = fit_classifier(
        values, outcome, features=inputs.features.names, label=inputs.label, horizon=inputs.horizon, penalty=penalty,
        window=(int(split.train[0]) + start, int(split.train[-1]) + start),
        min_count=None if inputs.label == "surge" else int(inputs.min_counts[0, 0]),
    )
    return {"classifier": classifier.probabilities(inputs.features.rows(split.test)), **scored}, classifier


def _rows(
    inputs: _Inputs, test: Ints, truth: Floats, scored: Mapping[str, Floats], counts: Mapping[str, Floats],
) -> pd.DataFrame:
    """Rows date by date: as_of (week), place_code, label, in_scope, outcome, min_count, then the scores."""
    panel = inputs.panel
    columns: dict[str, Any] = {
        "as_of": np.repeat(test + panel.first_week, panel.n_places),
        "place_code": np.tile(np.array(panel.places, dtype=object), len(test)),
        "label": inputs.label,
        "in_scope": inputs.scope[:, test].T.ravel(),
        "outcome": truth[:, test].T.ravel(),
        "min_count": inputs.min_counts[:, test].T.ravel().astype(np.int64),
    }
    for name in COLUMNS:
        block = scored[name] if name in scored else counts[name][:, test]
        columns[name] = block.T.ravel()
    columns["quiet"] = quiet_scope(panel)[:, test].T.ravel()
    return pd.DataFrame(columns)


def _report(predictions: pd.DataFrame, label: LabelName, resamples: int) -> dict[str, Any]:
    judged = predictions[predictions["in_scope"] & predictions["outcome"].notna()]
    report: dict[str, Any] = {
        "label": label, "rows": len(judged), "dates": int(judged["as_of"].nunique()),
        "base_rate": float(judged["outcome"].mean()), "min_count": int(judged["min_count"].min()),
        **compare(predictions, COLUMNS, resamples=resamples),
    }
    if label == "surge":
        report["quiet"] = compare(predictions.assign(in_scope=predictions["quiet"]), COLUMNS, resamples=resamples)
    return report
