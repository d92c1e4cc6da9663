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

from models.baselines import points
from models.escalation import Classifier
from models.evaluation import PROBABILITY_FIGURES, RANK_FIGURES, RESAMPLES, compare, ece_by_chance
from models.features import FeatureBlock
from models.fitting import MOST_ROWS, WARM_UP_WEEKS, Inputs, fit_split, prepare, training_stride, tune
from models.labels import LabelName, outcomes, quiet_scope
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


@dataclass(frozen=True)
class Backtest:
    """Result: rows of the contract's predictions file, figures, the classifiers (one a refit), notes."""

    label: LabelName
    predictions: pd.DataFrame
    report: dict[str, Any]
    classifiers: tuple[Classifier, ...]
    splits: tuple[Split, ...]
    notes: tuple[str, ...] = field(default=())


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
        refit_every=refit_every, train_from=WARM_UP_WEEKS, train_every=training_stride(panel, until, most_rows),
    )
    inputs = prepare(panel, label, horizon, splits, extra)
    truth = outcomes(panel.future_counts(horizon), inputs.min_counts)
    counts = {"last_52_weeks": panel.counts(52), "last_4_weeks": panel.counts(4)}
    counts["points"] = points(roles or {"escalation": panel})
    with threadpool_limits(limits=1):  # small matrices: more threads only wait for each other
        penalty = tune(inputs, splits[0])
        fitted = [_score_split(inputs, split, penalty) for split in splits]
    frames = [_rows(inputs, s.test, truth, scored, counts) for s, (scored, _) in zip(splits, fitted, strict=True)]
    classifiers = [classifier for _, classifier in fitted if classifier]
    predictions = pd.concat(frames, ignore_index=True)
    report = report_figures(predictions, label, resamples)
    report.update(
        seconds=perf_counter() - started[0], processor_seconds=process_time() - started[1], settling_weeks=settling,
        penalty=penalty,
    )
    whole = len(classifiers) == len(splits)
    notes = () if whole else ("too little history, or one kind of outcome only: some dates are ranked by eb52",)
    return Backtest(label, predictions, report, tuple(classifiers), tuple(splits), notes)


def _score_split(inputs: Inputs, split: Split, penalty: float) -> tuple[dict[str, Floats], Classifier | None]:
    classifier, line, _ = fit_split(inputs, split, penalty)
    tail = inputs.eb[:, split.test]
    scored = {"eb52": tail, "eb52_recalibrated": line.apply(tail)}
    if classifier is None:
        return {"classifier": scored["eb52_recalibrated"], **scored}, None
    return {"classifier": classifier.probabilities(inputs.features.rows(split.test)), **scored}, classifier


def _rows(
    inputs: Inputs, test: Ints, truth: Floats, scored: Mapping[str, Floats], counts: Mapping[str, Floats],
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


def report_figures(predictions: pd.DataFrame, label: LabelName, resamples: int = RESAMPLES) -> dict[str, Any]:
    """Figures of a label's predictions, in scope and with a known outcome; `resamples` 0: without intervals.

    Where no row can be judged (no place is in scope), every figure is None.
    """
    judged = predictions[predictions["in_scope"] & predictions["outcome"].notna()]
    if judged.empty:
        return {"label": label, "rows": 0, "dates": 0, "base_rate": None, "min_count": None, "ece_by_chance": None,
                **_no_figures()}
    report: dict[str, Any] = {
        "label": label, "rows": len(judged), "dates": int(judged["as_of"].nunique()),
        "base_rate": float(judged["outcome"].mean()), "min_count": int(judged["min_count"].min()),
        "ece_by_chance": ece_by_chance(predictions, "classifier"), **compare(predictions, COLUMNS, resamples=resamples),
    }
    if label == "surge":
        quiet = judged["quiet"].any()  # among very few places none lies below the median
        report["quiet"] = (compare(predictions.assign(in_scope=predictions["quiet"]), COLUMNS, resamples=resamples)
                           if quiet else _no_figures())
    return report


def _no_figures() -> dict[str, Any]:
    nothing = {"value": None, "low": None, "high": None}
    scores = {column: dict.fromkeys((*RANK_FIGURES, *(PROBABILITY_FIGURES if base else ())), nothing)
              for column, base in COLUMNS.items()}
    return {"scores": scores, "differences": {column: scores[column] for column in scores if column != "eb52"}}
