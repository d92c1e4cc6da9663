"""Whether the features of the classifier in force still look as they did when it was fitted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from govdesk.queries.candidate_groups import read_group_facts
from govdesk.queries.comparing import may_see_county
from govdesk.queries.permission import reads
from govdesk.queries.risk_panel import RiskPanel, read_risk_panel
from govdesk.queries.risk_runs import StoredRun, read_run
from govdesk.rules.access import SYSTEM, Scope
from govdesk.tables import RiskClassifier
from models.candidate_features import build_candidates, groups_of
from models.drift import PERIOD, find_drift
from models.escalation import Classifier
from models.features import FeatureBlock, build_features, join_blocks
from models.labels import scope_of, surge_min_counts

Ints = NDArray[np.int64]

#: Places (evenly drawn from the list) and weeks between reference dates: more rows change the index by less than 0.01.
MOST_PLACES, EVERY = 2000, 4


@dataclass(frozen=True, slots=True)
class DriftFigures:
    """Drift of each feature.

    Attributes
    ----------
    as_of : date
        Of the run in force.
    reference, recent : (int, int)
        Weeks compared, [from, to).
    n_places, n_reference, n_recent : int
        Places looked at, and their rows.
    rows : DataFrame
        `models.drift.find_drift`.
    """

    as_of: date
    reference: tuple[int, int]
    recent: tuple[int, int]
    n_places: int
    n_reference: int
    n_recent: int
    rows: pd.DataFrame


@reads("view_model_card")
def read_drift(connection: Connection, scope: Scope, label: str, on: date) -> DriftFigures | None:
    """Return how the features of the newest classifier wandered, or None without one or without a run.

    The reference is what it was fitted on, without the last quarter; recent are the 13 weeks up to the run's date. Of
    all places of the database, whoever asks; not told where fewer than three townships lie outside of the area.
    """
    run, fitted = read_run(connection, scope, label, on), read_fitted(connection, scope, label, on)
    if run is None or fitted is None or not may_see_county(connection, scope, on):
        return None
    panel = read_risk_panel(connection, SYSTEM, run.as_of, horizon_weeks=run.horizon_weeks)
    if panel is None:
        return None
    classifier = Classifier.from_json(fitted.content)
    groups = groups_of(classifier.features)
    blocks = build_candidates(read_group_facts(connection, panel)) if groups else {}
    return measure_drift(panel, run, classifier, [blocks[group] for group in groups if group in blocks])


@dataclass(frozen=True, slots=True)
class Fitted:
    """A classifier as it was fitted: the one in force, or, where the baseline ranks, the newest that is not."""

    as_of: date
    content: str
    is_in_force: bool


@reads("view_model_card")
def read_fitted(connection: Connection, scope: Scope, label: str, on: date) -> Fitted | None:
    """Return the newest classifier of a label that was fitted up to a day, or None."""
    run = read_run(connection, scope, label, on)
    if run is not None and run.ranked_by == "classifier" and run.classifier is not None:
        return Fitted(run.as_of, run.classifier, is_in_force=True)
    row = connection.execute(
        select(RiskClassifier.as_of, RiskClassifier.content)
        .where(RiskClassifier.label == label, RiskClassifier.as_of <= on)
        .order_by(RiskClassifier.as_of.desc(), RiskClassifier.id.desc()).limit(1)).first()
    return None if row is None else Fitted(row.as_of, row.content, is_in_force=False)


def measure_drift(
    panel: RiskPanel, run: StoredRun, classifier: Classifier, extra: Sequence[FeatureBlock] = ()
) -> DriftFigures | None:
    """Return the drift of the features of a classifier in a panel; None where one of the two sides is empty.

    Parameters
    ----------
    extra : features of the groups that it uses beside the eleven, at all positions of the panel.
    """
    first, end = panel.first_week, panel.end_week
    begin = max(end - PERIOD + 1, first)
    old = np.arange(max(classifier.train_from_week, first), min(classifier.train_to_week + 1, begin), EVERY)
    new = np.arange(end, begin - 1, -EVERY)[::-1]  # as many dates as an equally long stretch of the reference
    if not len(old):
        return None
    values, built, scope = _build(panel, run, np.concatenate([old, new]) - first, extra)
    names = [name for name in classifier.features if name in built]
    values = values[:, :, [built.index(name) for name in names]]
    weeks = np.broadcast_to(np.concatenate([old, new]), scope.shape)
    is_new = (weeks >= begin) & scope
    is_old = (weeks < begin) & scope
    rows = find_drift(values[is_old], weeks[is_old], values[is_new], weeks[is_new], names)
    return DriftFigures(
        run.as_of, (int(old[0]), int(old[-1]) + 1), (begin, end), scope.shape[0], int(is_old.sum()),
        int(is_new.sum()), rows)


def _build(
    panel: RiskPanel, run: StoredRun, at: Ints, extra: Sequence[FeatureBlock]
) -> tuple[NDArray[np.float64], tuple[str, ...], NDArray[np.bool_]]:
    """Return features (P, D, F), their names and the scope (P, D) of some places at positions of the panel."""
    events, label = panel.events, run.label
    shape = (events.n_places, events.n_weeks + 1)
    if label == "surge":
        counts = surge_min_counts(events, run.horizon_weeks)
    else:
        counts = np.full(shape, float(run.min_count or 1))
    block = join_blocks(build_features(events, counts, run.horizon_weeks, at), extra)
    inside = scope_of(events, label)[:, at]  # type: ignore[arg-type]  # a run's label is one of the three
    chosen = np.arange(0, events.n_places, max(1, -(-events.n_places // MOST_PLACES)))
    return block.values[chosen], block.names, inside[chosen]
