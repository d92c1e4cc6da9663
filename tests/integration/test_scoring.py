"""Training and scoring: idempotent, exact from what is stored, blind to what was not known, all or nothing."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import delete, func, insert, select
from typer.testing import CliRunner

from govdesk.actions.scoring import score_villages
from govdesk.actions.training import TooLittleDataError, train_classifiers
from govdesk.cli import app
from govdesk.clock import day_start, week_of
from govdesk.queries.risk_runs import read_listings, read_run, read_runs, read_scores
from govdesk.rules.access import SYSTEM, RefusedError, Scope
from govdesk.settings import ROOT
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.storage.versions import bump, read_versions
from govdesk.tables import (
    AuditEvent,
    EscalationEvent,
    Incident,
    RiskBacktest,
    RiskClassifier,
    RiskListing,
    RiskRun,
    RiskScore,
    ThresholdAdoption,
    Visit,
)
from govdesk.terms import Role
from models.escalation import Classifier
from tests.support import escalating_county, tiny_county
from tests.support.escalating_county import AS_OF
from tests.support.more_townships import add_townships

TABLES = (RiskClassifier, RiskRun, RiskScore, RiskListing, AuditEvent)


@pytest.fixture
def engine(empty_engine):
    escalating_county.build(empty_engine)
    return empty_engine


def score(engine, as_of=AS_OF, **more):
    return score_villages(engine, by=SYSTEM, as_of=as_of, commit=True, **more)


def count_rows(engine) -> list[int]:
    with read_transaction(engine) as connection:
        return [connection.scalar(select(func.count()).select_from(table)) for table in TABLES]


def scores_of(engine, run_id: int, scope=SYSTEM) -> pd.DataFrame:
    with read_transaction(engine) as connection:
        return read_scores(connection, scope, run_id)


def test_scoring_twice_writes_once(engine):
    first = score(engine, AS_OF + timedelta(days=3))
    rows = count_rows(engine)
    assert first.is_new
    assert rows == [3, 3, 36, len(first.listed), 1]
    second = score(engine)
    assert not second.is_new
    assert count_rows(engine) == rows
    assert second.as_json(with_scores=True) == first.as_json(with_scores=True)
    with read_transaction(engine) as connection:
        assert read_versions(connection)["risk"] == 2


def test_new_data_makes_a_new_run_and_keeps_the_old(engine):
    first = score(engine)
    kept = scores_of(engine, first.labels["elevated"].run_id)
    with write_transaction(engine) as connection:
        bump(connection, "incidents")
    second = score(engine)
    assert second.labels["elevated"].run_id > first.labels["elevated"].run_id
    assert second.labels["elevated"].classifier_id == first.labels["elevated"].classifier_id
    pd.testing.assert_frame_equal(scores_of(engine, first.labels["elevated"].run_id), kept)
    with read_transaction(engine) as connection:
        assert read_run(connection, SYSTEM, "elevated", AS_OF).id == second.labels["elevated"].run_id
        assert len(read_runs(connection, SYSTEM, "elevated", 5)) == 1


def test_dry_run_writes_nothing(engine):
    before = count_rows(engine)
    done = score_villages(engine, by=SYSTEM, as_of=AS_OF, commit=False)
    trained = train_classifiers(engine, by=SYSTEM, as_of=AS_OF, commit=False)
    assert done.labels["elevated"].run_id is None
    assert trained.labels["elevated"].id is None
    assert count_rows(engine) == before


@pytest.mark.parametrize("label", ["elevated", "onset", "surge"])
def test_stored_score_comes_back_exactly(engine, label):
    run_id = score(engine).labels[label].run_id
    rows = scores_of(engine, run_id)
    with read_transaction(engine) as connection:
        classifier = Classifier.from_json(read_run(connection, SYSTEM, label, AS_OF).classifier)
    values = np.array([[features[name] for name in classifier.features] for features in rows["features"]])
    told = rows["probability"].notna().to_numpy()
    assert told.any()
    assert np.array_equal(classifier.probabilities(values)[told], rows["probability"].to_numpy()[told])
    total = np.array([sum(parts.values()) for parts in rows["contributions"]])
    assert np.abs(total - classifier.scores(values)).max() < 1e-9
    assert sorted(rows["rank"].dropna()) == list(range(1, told.sum() + 1))


def test_what_became_known_later_changes_nothing(engine):
    first = score(engine)
    with write_transaction(engine) as connection:
        # In the past by its day, yet known since the very Monday; and one more incident of the same kind.
        escalating_county.add_events(connection, [(7, AS_OF - timedelta(days=1), 1), (13, AS_OF - timedelta(days=20), 20)])
        row = dict(connection.execute(select(Incident.__table__).where(Incident.id == 7)).one()._mapping)
        fresh = {"id": 90_001, "source_ref": "LATE", "occurred_on": AS_OF - timedelta(days=10),
                 "week_occurred": week_of(AS_OF) - 2, "week_known": week_of(AS_OF), "recorded_at": day_start(AS_OF),
                 "reported_at": day_start(AS_OF)}
        connection.execute(insert(Incident), [row | fresh])
    second = score(engine)
    assert second.is_new
    for label in ("elevated", "onset", "surge"):
        old, new = (scores_of(engine, run.labels[label].run_id) for run in (first, second))
        pd.testing.assert_frame_equal(new.drop(columns="reasons"), old.drop(columns="reasons"))
    trained = train_classifiers(engine, by=SYSTEM, as_of=AS_OF, commit=True)
    assert trained.labels["elevated"].classifier == first.labels["elevated"].classifier


def test_what_was_known_before_changes_scores(engine):
    first = score(engine)
    with write_transaction(engine) as connection:
        escalating_county.add_events(connection, [(7, AS_OF - timedelta(days=9), 1), (13, AS_OF - timedelta(days=20), 2)])
    second = score(engine)
    old, new = (scores_of(engine, run.labels["elevated"].run_id) for run in (first, second))
    assert (old["probability"] != new["probability"]).any()


def test_adopted_thresholds_make_a_list_of_their_own(engine):
    first = score(engine)
    assert len(first.listed) == 12  # no more villages than there are
    with write_transaction(engine) as connection:
        connection.execute(insert(ThresholdAdoption).values(
            at=datetime(2026, 11, 1, tzinfo=UTC), by="t", visits_per_week=4, share_quiet=0.25, band_edges="[0.5,0.3,0.1]",
            reason="t", backtest="{}"))
    second = score(engine)
    assert second.is_new
    assert second.thresholds.id == 1
    assert second.listed.groupby("list")["position"].max().to_dict() == {"quiet": 1, "usual": 3}
    assert {one["band"] for one in second.as_json(with_scores=True)["scores"]} <= {"red", "orange", "yellow", "blue"}
    with read_transaction(engine) as connection:
        listed = read_listings(connection, SYSTEM, second.labels["elevated"].run_id)
        assert listed["list"].tolist() == ["usual"] * 3 + ["quiet"]
        assert connection.scalar(select(func.count()).select_from(RiskListing).where(
            RiskListing.adoption_id == 1)) == 4


def test_listed_and_visited_villages_rest(engine):
    with write_transaction(engine) as connection:
        connection.execute(insert(ThresholdAdoption).values(
            at=datetime(2026, 10, 1, tzinfo=UTC), by="t", visits_per_week=3, share_quiet=0.0, band_edges="[0.5,0.3,0.1]",
            reason="t", backtest="{}"))
        # No event for a while, so that nothing wakes a village.
        connection.execute(delete(EscalationEvent).where(EscalationEvent.occurred_on >= AS_OF - timedelta(weeks=5)))
    first = score(engine, AS_OF - timedelta(weeks=1))
    with write_transaction(engine) as connection:
        top = scores_of(engine, first.labels["elevated"].run_id).sort_values("rank")["place_code"]
        visited = next(code for code in top if code not in set(first.listed["place_code"]))
        connection.execute(insert(Visit).values(
            visited_on=AS_OF - timedelta(days=3), place_code=visited, reason="alert", found="nothing", by_post="t",
            source="t", source_ref="v1", content_hash="0", recorded_at=day_start(AS_OF)))
    second = score(engine)
    assert len(second.listed) == 3
    assert not set(second.listed["place_code"]) & {*first.listed["place_code"], visited}


def test_cancelled_between_steps_leaves_nothing(engine):
    before = count_rows(engine)
    for stop_at in ("onset", "stored"):
        def cancel(what, share, stop_at=stop_at):
            if what == stop_at:
                raise KeyboardInterrupt
        with pytest.raises(KeyboardInterrupt):
            score(engine, progress=cancel)
        with pytest.raises(KeyboardInterrupt):
            train_classifiers(engine, by=SYSTEM, as_of=AS_OF, commit=True, progress=cancel)
    assert count_rows(engine) == before


def test_two_at_once_keep_one_run(engine):
    """Another desk scores the same week while this one computes."""
    other = []

    def meanwhile(what, share):
        if what == "surge" and not other:
            other.append(None)
            other[0] = score(engine)
    ours = score(engine, progress=meanwhile)
    assert (other[0].is_new, ours.is_new) == (True, False)
    assert {name: one.run_id for name, one in ours.labels.items()} == {
        name: one.run_id for name, one in other[0].labels.items()}
    assert count_rows(engine)[1] == 3
    assert count_rows(engine)[0] == 3


def test_leader_may_neither_train_nor_score(engine):
    leader = Scope("l", Role.LEADER)
    for action in (score_villages, train_classifiers):
        with pytest.raises(RefusedError):
            action(engine, by=leader, as_of=AS_OF, commit=True)


def test_young_register_is_ranked_by_the_baseline(empty_engine):
    escalating_county.build(empty_engine, weeks=60)
    done = score(empty_engine)
    assert {one.ranked_by for one in done.labels.values()} == {"eb52"}
    rows = scores_of(empty_engine, done.labels["elevated"].run_id)
    order = rows.sort_values("rank")["usual_level"].to_numpy()
    assert (np.diff(order) <= 1e-12).all()
    assert not score(empty_engine).is_new


def test_beaten_classifier_does_not_rank(engine):
    report = {"labels": {"elevated": {"scores": {
        "classifier": {"auc": {"value": 0.70}, "brier_skill": {"value": 0.01}}, "eb52": {"auc": {"value": 0.71}}}}}}
    with write_transaction(engine) as connection:
        connection.execute(insert(RiskBacktest).values(
            as_of=AS_OF, level="village", from_week=0, to_week=1, horizon_weeks=4, data_version=1,
            report=json.dumps(report), predictions=b"", by="t", at=datetime(2026, 11, 1, tzinfo=UTC)))
    done = score(engine)
    assert {name: one.ranked_by for name, one in done.labels.items()} == {
        "elevated": "eb52", "onset": "classifier", "surge": "classifier"}
    assert not score(engine).is_new


def test_nothing_to_learn_from_is_said(empty_engine):
    tiny_county.build(empty_engine, 0)
    with pytest.raises(TooLittleDataError, match="import places and incidents first"):
        score(empty_engine)


def test_too_few_records_no_probability(engine):
    quiet = f"{tiny_county.COUNTY}002003"
    with write_transaction(engine) as connection:
        few = connection.execute(select(Incident.id).where(
            Incident.place_code.startswith(quiet), Incident.week_occurred >= week_of(AS_OF) - 52).offset(4)).scalars().all()
        connection.execute(delete(EscalationEvent).where(EscalationEvent.incident_id.in_(few)))
        connection.execute(Incident.__table__.update().where(Incident.id.in_(few)).values(is_counted=0))
    rows = scores_of(engine, score(engine).labels["elevated"].run_id).set_index("place_code")
    assert rows["probability"].isna().sum() == 1
    assert pd.isna(rows.loc[quiet, "probability"])
    assert pd.isna(rows.loc[quiet, "rank"])
    assert pd.isna(rows.loc[quiet, "baseline_rank"])


def test_area_sees_its_own_scores_with_ranks_of_all(engine):
    """Where enough townships lie outside; what it sees otherwise is in test_area_scores."""
    add_townships(engine)
    done = score(engine)
    area = replace(SYSTEM, area_code=f"{tiny_county.COUNTY}002")
    seen = scores_of(engine, done.labels["elevated"].run_id, area)
    everything = scores_of(engine, done.labels["elevated"].run_id)
    inside = everything[everything["place_code"].str.startswith(area.area_code)].reset_index(drop=True)
    assert len(seen) == 4
    pd.testing.assert_frame_equal(seen, inside)
    with read_transaction(engine) as connection:
        listed = read_listings(connection, area, done.labels["elevated"].run_id)
    assert set(listed["place_code"]) == {code for code in done.listed["place_code"] if code.startswith(area.area_code)}


def test_commands_report_after_the_contract(engine, tmp_path):
    train, scored = tmp_path / "t.json", tmp_path / "s.json"
    run = CliRunner().invoke
    assert run(app, ["train", "--as-of", "2026-11-18", "--commit", "--report", str(train)]).exit_code == 0
    assert run(app, ["score", "--as-of", "2026-11-18", "--scores", "--commit", "--report", str(scored)]).exit_code == 0
    schema = Draft202012Validator(json.loads((ROOT / "docs" / "schemas" / "risk-report.json").read_text()))
    told = json.loads(train.read_text())
    schema.validate(told)
    assert {"run_id", "rows", "window", "base_rate"} <= set(told)
    assert told["as_of"] == date(2026, 11, 16).isoformat()
    told = json.loads(scored.read_text())
    schema.validate(told)
    assert {"run_id", "rows", "window", "base_rate", "scores"} <= set(told)
    assert {"place_code", "probability", "low", "high", "band", "rank", "baseline_rank", "reasons"} <= set(
        told["scores"][0])
    assert [one["rank"] for one in told["scores"]] == list(range(1, 13))
    assert run(app, ["score", "--as-of", "2027-11-18"]).exit_code == 2
