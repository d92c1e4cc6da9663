"""Scores all villages for a week, for every label, and makes the week's list; a run never overwrites another."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Engine, func, select

from govdesk.actions.acting import acting
from govdesk.actions.risk_storing import ScoredLabel, store_listings, store_run
from govdesk.actions.training import (
    HORIZON_WEEKS,
    Progress,
    TrainedLabel,
    describe_classifier,
    fit,
    read_features,
    read_panel,
    say_nothing,
    store_classifier,
)
from govdesk.clock import floor_monday, today, week_of
from govdesk.queries.adopted_thresholds import Thresholds, band_of_probability, read_thresholds_in_force
from govdesk.queries.candidate_groups import Groups, groups_in_report
from govdesk.queries.group_reasons import build_group_reasons, put_beside
from govdesk.queries.risk_backtests import read_newest_report
from govdesk.queries.risk_panel import RiskPanel
from govdesk.queries.risk_reasons import build_reasons
from govdesk.queries.risk_runs import read_listings, read_scores
from govdesk.rules.access import SYSTEM, Scope, require
from govdesk.storage.engine import read_transaction
from govdesk.storage.escalation_definition import read_definition
from govdesk.storage.versions import read_data_version
from govdesk.tables import RiskClassifier, RiskListing, RiskRun, Visit
from models.admission import baseline_ranks
from models.escalation import Classifier
from models.features import FeatureBlock
from models.labels import LABELS, LabelName
from models.weekly_lists import ListRules
from models.weekly_scores import LabelScores, last_weeks, list_week, score_label

#: A classifier ranks for so many weeks; then the next scoring fits a new one.
REFIT_WEEKS = 12
#: Listings and visits so many weeks back can still make a village rest.
_LOOK_BACK_WEEKS = 12
CLASSIFIER, BASELINE = "classifier", "eb52"


@dataclass(frozen=True, slots=True)
class Scoring:
    """What a scoring did; `is_new` when it wrote something."""

    as_of: date
    horizon_weeks: int
    data_version: int
    thresholds: Thresholds
    labels: Mapping[str, ScoredLabel]
    listed: pd.DataFrame
    is_committed: bool
    is_new: bool

    def as_json(self, *, with_scores: bool = False) -> dict[str, Any]:
        """Return the report of the command; the first level tells of *elevated*."""
        labels = {name: self._describe(one, with_scores) for name, one in self.labels.items()}
        listed = [{"place_code": code, "list": name, "position": int(position)} for code, name, position in zip(
            self.listed["place_code"], self.listed["list"], self.listed["position"], strict=True)]
        return {"committed": self.is_committed, "as_of": self.as_of.isoformat(), "horizon_weeks": self.horizon_weeks,
                "data_version": self.data_version, "adoption_id": self.thresholds.id, **labels["elevated"],
                "labels": labels, "listed": listed}

    def _describe(self, one: ScoredLabel, with_scores: bool) -> dict[str, Any]:
        told = {"run_id": one.run_id, **describe_classifier(one.classifier), "ranked_by": one.ranked_by}
        return told | ({"scores": list_scores(one.rows, self.thresholds)} if with_scores else {})


def list_scores(rows: pd.DataFrame, thresholds: Thresholds) -> list[dict[str, Any]]:
    """Return the scores of a label for a report, the most urgent first, those without a rank last."""
    order = rows.sort_values(["rank", "place_code"], na_position="last")
    names = ("probability", "low", "high", "rank", "baseline_rank", "usual_level")
    return [
        {"place_code": row["place_code"], **{name: _plain(row[name]) for name in names},
         "band": band_of_probability(_plain(row["probability"]), thresholds.band_edges),
         "in_scope": bool(row["in_scope"]), "reasons": row["reasons"]}
        for row in order.to_dict("records")
    ]


def _plain(value: Any) -> Any:
    return None if pd.isna(value) else value


class _AlreadyDone(Exception):  # noqa: N818 - ends a transaction, is no error
    """Another caller stored the same scoring meanwhile."""


def score_villages(
    engine: Engine, *, by: Scope, as_of: date, commit: bool, horizon_weeks: int = HORIZON_WEEKS,
    progress: Progress = say_nothing,
) -> Scoring:
    """Score every village for the week that begins on the Monday of `as_of`, with what was known before it.

    The newest classifier of the last `REFIT_WEEKS` weeks with the groups of features in use ranks; without one a new
    one is fitted and kept. Under 104 weeks of history, or where the newest backtest says that it does not beat that
    baseline here, `eb52` ranks. The same date, data, thresholds and classifiers give the same run: a second scoring
    writes nothing.

    Raises
    ------
    TooLittleDataError
        When there are no villages or too few weeks of records before the date.
    RefusedError
        When the caller may not do this.
    """
    require(by, "score_villages")
    monday = floor_monday(as_of)
    with read_transaction(engine) as connection:
        progress("read", 0.0)
        version = read_data_version(connection)
        thresholds = read_thresholds_in_force(connection, min(today(), monday + timedelta(days=6)))
        plan = _Plan(monday, horizon_weeks, version, thresholds, _choose_rankers(connection, monday, horizon_weeks))
        done = _find_done(connection, plan)
        if done is not None:
            return replace(done, is_committed=commit)
        panel = read_panel(connection, monday, horizon_weeks)
        extra = read_features(connection, panel, plan.groups)
        labels, fitted, listed = _score(connection, plan, panel, extra, progress)
    scoring = Scoring(monday, horizon_weeks, version, thresholds, labels, listed, commit, is_new=False)
    return _store(engine, by, plan, scoring, fitted, progress) if commit else scoring


@dataclass(frozen=True, slots=True)
class _Ranker:
    """What ranks a label: a stored classifier, or None: one has to be fitted; `is_beaten`: the baseline ranks.

    `groups` of candidate features are in use, as the newest backtest judged (`queries.candidate_groups`).
    """

    trained: TrainedLabel | None
    is_beaten: bool
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Plan:
    """All that a scoring depends on."""

    monday: date
    horizon_weeks: int
    data_version: int
    thresholds: Thresholds
    rankers: Mapping[LabelName, _Ranker]

    @property
    def groups(self) -> Groups:
        """Groups of candidate features in use, by label."""
        return {label: ranker.groups for label, ranker in self.rankers.items()}


def _choose_rankers(connection: Connection, monday: date, horizon_weeks: int) -> dict[LabelName, _Ranker]:
    report = read_newest_report(connection) or {}
    definition = read_definition(connection)
    # A classifier that learnt another definition of an escalation never ranks beside what is counted by this one.
    since = definition.data_version if definition else 0
    figures = report.get("labels", {})
    rankers: dict[LabelName, _Ranker] = {}
    for label in LABELS:
        rows = connection.execute(
            select(RiskClassifier.id, RiskClassifier.content).where(
                RiskClassifier.label == label, RiskClassifier.horizon_weeks == horizon_weeks,
                RiskClassifier.data_version >= since, RiskClassifier.as_of <= monday,
                RiskClassifier.as_of > monday - timedelta(weeks=REFIT_WEEKS))
            .order_by(RiskClassifier.as_of.desc(), RiskClassifier.id.desc()))
        groups = groups_in_report(report, label)
        fitted = (TrainedLabel(label, Classifier.from_json(row.content), row.id) for row in rows)
        trained = next((one for one in fitted if one.uses(groups)), None)
        rankers[label] = _Ranker(trained, label in figures and baseline_ranks(figures[label]), groups)
    return rankers


def _find_done(connection: Connection, plan: _Plan) -> Scoring | None:
    """Return the stored scoring of the very same plan, if there is one."""
    labels: dict[str, ScoredLabel] = {}
    for label, ranker in plan.rankers.items():
        row = connection.execute(
            select(RiskRun.id, RiskRun.classifier, RiskRun.classifier_id, RiskRun.ranked_by).where(
                RiskRun.as_of == plan.monday, RiskRun.label == label, RiskRun.horizon_weeks == plan.horizon_weeks,
                RiskRun.data_version == plan.data_version,
                RiskRun.adoption_id.is_not_distinct_from(plan.thresholds.id))
            .order_by(RiskRun.id.desc()).limit(1)).first()
        if row is None or not _is_same(row, ranker):
            return None
        labels[label] = ScoredLabel(label, Classifier.from_json(row.classifier), row.classifier_id, row.ranked_by,
                                    read_scores(connection, SYSTEM, row.id), row.id)
    run_id = labels["elevated"].run_id
    assert run_id is not None  # noqa: S101 - for the type checker: it was read with its id
    return Scoring(plan.monday, plan.horizon_weeks, plan.data_version, plan.thresholds, labels,
                   read_listings(connection, SYSTEM, run_id), is_committed=True, is_new=False)


def _is_same(row: Any, ranker: _Ranker) -> bool:
    if row.ranked_by == BASELINE:  # by the gate, or because no classifier can be fitted from so little
        return ranker.is_beaten or ranker.trained is None
    return not ranker.is_beaten and ranker.trained is not None and row.classifier_id == ranker.trained.id


def _score(
    connection: Connection, plan: _Plan, panel: RiskPanel, extra: Mapping[str, list[FeatureBlock]], progress: Progress
) -> tuple[dict[str, ScoredLabel], dict[str, TrainedLabel], pd.DataFrame]:
    """Return the scored labels, the classifiers that had to be fitted, and the list of the week."""
    records = panel.everything.counts(52)[:, -1]
    labels: dict[str, ScoredLabel] = {}
    fitted: dict[str, TrainedLabel] = {}
    scores: dict[str, LabelScores] = {}
    for at, label in enumerate(LABELS):
        progress(label, (at + 1) / (len(LABELS) + 2))
        ranker = plan.rankers[label]
        trained = ranker.trained
        needs_fit = trained is None or ranker.is_beaten
        found = fit(panel, label, plan.horizon_weeks, extra[label]) if needs_fit else None
        if trained is None and found is not None and found.classifier is not None:
            trained = fitted[label] = TrainedLabel(label, found.classifier, None)
        if found is not None and (ranker.is_beaten or trained is None):
            classifier, number, ranked_by = found.baseline, None, BASELINE
        else:
            assert trained is not None  # noqa: S101 - for the type checker: see the condition above
            assert trained.classifier is not None  # noqa: S101
            classifier, number, ranked_by = trained.classifier, trained.id, CLASSIFIER
        scores[label] = score_label(panel.events, classifier, records, extra=extra[label])
        rows = _to_rows(scores[label])
        reasons = put_beside(build_reasons(connection, SYSTEM, plan.monday, rows),
                             build_group_reasons(connection, SYSTEM, plan.monday, rows))
        rows["reasons"] = pd.Series(reasons, dtype="object")
        labels[label] = ScoredLabel(label, classifier, number, ranked_by, rows)
    listed = list_week(
        panel.events, scores["elevated"], scores["onset"], visits=plan.thresholds.visits_per_week,
        rules=ListRules(share_quiet=plan.thresholds.share_quiet),
        last_listed=last_weeks(panel.events.places, _read_last_listed(connection, plan.monday)))
    return labels, fitted, listed


def _to_rows(scored: LabelScores) -> pd.DataFrame:
    """Return the scores as `queries.risk_runs.read_scores` does, but for the reasons."""
    names, rows = scored.classifier.features, scored.rows.copy()
    for column in ("rank", "baseline_rank"):
        rows[column] = rows[column].astype("Int64").mask(rows[column] == 0)
    base = {"base": scored.classifier.intercept}
    rows["features"] = [dict(zip(names, line, strict=True)) for line in scored.features.tolist()]
    rows["contributions"] = [base | dict(zip(names, line, strict=True)) for line in scored.contributions.tolist()]
    return rows


def _read_last_listed(connection: Connection, monday: date) -> pd.DataFrame:
    """Return weeks in which villages were listed (by the newest run of each week) or visited, before a Monday."""
    since = monday - timedelta(weeks=_LOOK_BACK_WEEKS)
    newest = (select(func.max(RiskRun.id)).where(RiskRun.label == "elevated", RiskRun.as_of >= since,
                                                 RiskRun.as_of < monday).group_by(RiskRun.as_of))
    listed = connection.execute(
        select(RiskListing.place_code, RiskListing.as_of).where(RiskListing.run_id.in_(newest.scalar_subquery()))).all()
    visited = connection.execute(
        select(Visit.place_code, Visit.visited_on).where(Visit.visited_on >= since, Visit.visited_on < monday)).all()
    return pd.DataFrame([(code, week_of(on)) for code, on in (*listed, *visited)], columns=["place_code", "week"])


def _store(
    engine: Engine, by: Scope, plan: _Plan, scoring: Scoring, fitted: Mapping[str, TrainedLabel], progress: Progress
) -> Scoring:
    labels, adoption = dict(scoring.labels), plan.thresholds.id
    try:
        with acting(engine, by=by, action="score_villages", changes=("risk",)) as act:
            now_plan = replace(plan, rankers=_choose_rankers(act.connection, plan.monday, plan.horizon_weeks))
            if _find_done(act.connection, now_plan) is not None:
                raise _AlreadyDone
            for label, one in labels.items():
                number = one.classifier_id
                if label in fitted:
                    kept = store_classifier(act.connection, fitted[label], by=by, as_of=plan.monday,
                                            data_version=plan.data_version)
                    number = kept.id if one.ranked_by == CLASSIFIER else None
                run_id = store_run(act.connection, replace(one, classifier_id=number), by=by, as_of=plan.monday,
                                   data_version=plan.data_version, adoption_id=adoption)
                labels[label] = replace(one, classifier_id=number, run_id=run_id)
            main = labels["elevated"].run_id
            assert main is not None  # noqa: S101 - for the type checker: it was just stored
            store_listings(act.connection, scoring.listed, run_id=main, as_of=plan.monday, adoption_id=adoption)
            act.audit("risk_runs", plan.monday.isoformat(), data_version=plan.data_version, adoption_id=adoption,
                      ids={name: one.run_id for name, one in labels.items()}, n_listed=len(scoring.listed))
            progress("stored", 1.0)
    except _AlreadyDone:
        with read_transaction(engine) as connection:
            rankers = _choose_rankers(connection, plan.monday, plan.horizon_weeks)
            done = _find_done(connection, replace(plan, rankers=rankers))
        assert done is not None  # noqa: S101 - it was there a moment ago, and runs are never removed
        return done
    return replace(scoring, labels=labels, is_new=True)
