"""Fits the classifiers of all labels with what was known before a Monday, and keeps them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Engine, insert, select

from govdesk.actions.acting import acting
from govdesk.clock import floor_monday, monday_of, now
from govdesk.queries.candidate_groups import Groups, MissingGroupError, read_group_features, read_groups_in_use
from govdesk.queries.risk_panel import RiskPanel, read_risk_panel
from govdesk.rules.access import SYSTEM, Scope, require
from govdesk.storage.engine import read_transaction
from govdesk.storage.versions import read_data_version
from govdesk.tables import RiskClassifier
from models.candidate_features import groups_of
from models.escalation import Classifier
from models.features import FeatureBlock
from models.labels import LABELS, LabelName
from models.weekly_scores import FittedLabel, fit_label

#: Called with what is being done and the share of it that is done; what it raises ends the action without a trace.
Progress = Callable[[str, float], None]


def say_nothing(what: str, share: float) -> None:
    """Take progress and keep it: for callers that do not ask."""
    del what, share


#: Weeks ahead that a label looks at.
HORIZON_WEEKS = 4


class TooLittleDataError(ValueError):
    """There is nothing to learn from; `args[0]` says what is missing."""


@dataclass(frozen=True, slots=True)
class TrainedLabel:
    """One label: the classifier, or None where the baseline has to rank; `id` once it is stored."""

    label: LabelName
    classifier: Classifier | None
    id: int | None

    def uses(self, groups: Sequence[str]) -> bool:
        """Whether its features are the default ones and those of just these groups."""
        return self.classifier is not None and set(groups_of(self.classifier.features)) == set(groups)


@dataclass(frozen=True, slots=True)
class Training:
    """What a training did; `is_new` when it wrote something."""

    as_of: date
    horizon_weeks: int
    data_version: int
    labels: Mapping[str, TrainedLabel]
    is_committed: bool
    is_new: bool

    def as_json(self) -> dict[str, Any]:
        """Return the report of the command; the first level tells of *elevated*."""
        labels = {name: {"run_id": one.id, **describe_classifier(one.classifier)} for name, one in self.labels.items()}
        return {"committed": self.is_committed, "as_of": self.as_of.isoformat(), "horizon_weeks": self.horizon_weeks,
                "data_version": self.data_version, **labels["elevated"], "labels": labels}


def describe_classifier(classifier: Classifier | None) -> dict[str, Any]:
    """Return rows, window (Mondays, the last one inclusive), base rate and the label's count for a report."""
    if classifier is None:
        return {"rows": 0, "window": None, "base_rate": None, "min_count": None, "ranked_by": "eb52", "groups": []}
    window = [monday_of(week).isoformat() for week in (classifier.train_from_week, classifier.train_to_week)]
    return {"rows": classifier.n_rows, "window": window, "base_rate": classifier.base_rate,
            "min_count": classifier.min_count, "ranked_by": "classifier",
            "groups": list(groups_of(classifier.features))}


def train_classifiers(
    engine: Engine, *, by: Scope, as_of: date, commit: bool, horizon_weeks: int = HORIZON_WEEKS,
    progress: Progress = say_nothing,
) -> Training:
    """Fit every label with what was known before the Monday of `as_of`.

    The same date, horizon, data and groups of features in use give the same classifiers; a second training writes
    nothing. Under 104 weeks of history a label has no classifier.

    Parameters
    ----------
    by : Scope
        The caller. What is learnt from is the whole database; no row is shown.

    Raises
    ------
    TooLittleDataError
        When there are no villages or too few weeks of records before the date.
    RefusedError
        When the caller may not do this.
    """
    require(by, "train_classifiers")
    monday = floor_monday(as_of)
    with read_transaction(engine) as connection:
        version = read_data_version(connection)
        groups = read_groups_in_use(connection)
        kept = find_classifiers(connection, monday, horizon_weeks, version, groups)
        progress("read", 0.0)
        panel = None if set(kept) == set(LABELS) else read_panel(connection, monday, horizon_weeks)
        extra = {} if panel is None else read_features(connection, panel, groups)
    labels = dict(kept)
    for at, label in enumerate(LABELS):
        if panel is not None and label not in kept:
            progress(label, (at + 1) / (len(LABELS) + 1))
            labels[label] = TrainedLabel(label, fit(panel, label, horizon_weeks, extra[label]).classifier, None)
    fresh = [one for one in labels.values() if one.id is None and one.classifier is not None]
    if commit and fresh:
        with acting(engine, by=by, action="train_classifiers", changes=("risk",)) as act:
            stored = find_classifiers(act.connection, monday, horizon_weeks, version, groups)
            for one in fresh:
                labels[one.label] = stored.get(one.label) or store_classifier(
                    act.connection, one, by=by, as_of=monday, data_version=version)
            act.audit("risk_classifiers", monday.isoformat(), data_version=version,
                      ids={name: one.id for name, one in labels.items()})
            progress("stored", 1.0)
    return Training(monday, horizon_weeks, version, {label: labels[label] for label in LABELS}, commit,
                    commit and bool(fresh))


def read_panel(connection: Connection, monday: date, horizon_weeks: int) -> RiskPanel:
    """Return what the villages are scored from.

    Raises
    ------
    TooLittleDataError
        When there is nothing to learn from.
    """
    panel = read_risk_panel(connection, SYSTEM, monday, horizon_weeks=horizon_weeks)
    if panel is None:
        message = f"there are no villages, or no records known before {monday}: import places and incidents first"
        raise TooLittleDataError(message)
    return panel


def read_features(connection: Connection, panel: RiskPanel, groups: Groups) -> dict[str, list[FeatureBlock]]:
    """Return the features of the groups in use, by label.

    Raises
    ------
    TooLittleDataError
        When there are no facts for one of them any more.
    """
    try:
        return read_group_features(connection, panel, groups)
    except MissingGroupError as error:
        raise TooLittleDataError(str(error)) from error


def fit(
    panel: RiskPanel, label: LabelName, horizon_weeks: int, extra: Sequence[FeatureBlock] = ()
) -> FittedLabel:
    """Fit a label.

    Raises
    ------
    TooLittleDataError
        When not one horizon is over.
    """
    try:
        return fit_label(panel.events, label, horizon_weeks, extra=extra)
    except ValueError as error:
        message = f"{panel.end_week - panel.first_week} weeks of records are too few for a horizon of {horizon_weeks}"
        raise TooLittleDataError(message) from error


def find_classifiers(
    connection: Connection, monday: date, horizon_weeks: int, data_version: int, groups: Groups
) -> dict[str, TrainedLabel]:
    """Return the classifiers of this very date, horizon, data and groups of features."""
    table = RiskClassifier
    rows = connection.execute(
        select(table.id, table.label, table.content).where(
            table.as_of == monday, table.horizon_weeks == horizon_weeks, table.data_version == data_version)
        .order_by(table.id.desc()))
    found = [TrainedLabel(row.label, Classifier.from_json(row.content), row.id) for row in rows]
    return {one.label: one for one in found if one.uses(groups[one.label])}


def store_classifier(
    connection: Connection, one: TrainedLabel, *, by: Scope, as_of: date, data_version: int
) -> TrainedLabel:
    """Insert a classifier; return it with its id."""
    assert one.classifier is not None  # noqa: S101 - for the type checker: only fitted ones come here
    done = connection.execute(insert(RiskClassifier).values(
        as_of=as_of, label=one.label, horizon_weeks=one.classifier.horizon, content=one.classifier.to_json(),
        n_rows=one.classifier.n_rows, base_rate=one.classifier.base_rate, data_version=data_version, by=by.account,
        at=now()))
    key = done.inserted_primary_key
    assert key is not None  # noqa: S101 - for the type checker: one row was inserted
    return TrainedLabel(one.label, one.classifier, int(key[0]))
