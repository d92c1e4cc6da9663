"""From the trial of a group to its use: decided by the office, judged by the next backtest, told in every score."""

import json
import shutil
from contextlib import contextmanager
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import func, insert, select

from govdesk import settings
from govdesk.actions import backtest_parts, backtesting
from govdesk.actions.adopt_groups import adopt_groups
from govdesk.actions.adopting import AdoptionRefusedError
from govdesk.actions.backtest_parts import try_groups
from govdesk.actions.backtesting import BacktestRequest, backtest_labels
from govdesk.actions.scoring import score_villages
from govdesk.actions.training import TooLittleDataError, train_classifiers
from govdesk.clock import day_start, week_of
from govdesk.queries.candidate_groups import list_group_decisions, read_decided_groups, read_groups_in_use
from govdesk.queries.card_drift import read_drift
from govdesk.queries.risk_changes import read_changes
from govdesk.queries.risk_runs import read_run, read_scores
from govdesk.rules.access import SYSTEM, RefusedError, Scope
from govdesk.storage.engine import get_engine, read_transaction, write_transaction
from govdesk.storage.versions import bump
from govdesk.tables import AuditEvent, GroupAdoption, Incident, RiskClassifier
from govdesk.terms import Role
from models.candidate_features import CANDIDATE_GROUPS
from models.escalation import Classifier
from tests.support import driven_county, tiny_county
from tests.support.driven_county import AS_OF

ANALYST = Scope(account="local_analyst", role=Role.ANALYST)
WEEK_AGO = AS_OF - timedelta(weeks=1)
NAMES = CANDIDATE_GROUPS["conflicts"]


def backtest(engine, **more):
    asked = BacktestRequest(n_placebos=0, **({"with_trials": False} | more))
    return backtest_labels(engine, by=SYSTEM, asked=asked, commit=True).report


def decide(engine, groups=("conflicts",), *, by=ANALYST, label="elevated", reason="纠纷多的村近来更急", seen_id=None):
    return adopt_groups(engine, by=by, label=label, groups=groups, reason=reason, seen_id=seen_id)


def score(engine, as_of=AS_OF):
    return score_villages(engine, by=SYSTEM, as_of=as_of, commit=True)


@contextmanager
def work_in(folder):
    """Use a database of a module's fixture, which the fixtures of a test do not reach."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GOVDESK_VAR", str(folder))
        patch.setenv("GOVDESK_NOW", tiny_county.NOW.isoformat())
        patch.setattr(backtesting, "OTHER_HORIZONS", (4,))  # one label and one horizon are enough here
        patch.setattr(backtesting, "try_groups", lambda facts, label, window: try_groups(
            facts, label, window) if label == "elevated" else [])
        settings.get_settings.cache_clear()
        get_engine.cache_clear()
        engine = get_engine()
        yield engine
        engine.dispose()
        settings.get_settings.cache_clear()
        get_engine.cache_clear()


@pytest.fixture(scope="module")
def tried(tmp_path_factory):
    """Return a database file with a county whose groups were tried once, and the report."""
    folder = tmp_path_factory.mktemp("driven")
    with work_in(folder) as engine:
        driven_county.build(engine)
        report = backtest(engine, with_trials=True)
    return folder, report


@pytest.fixture(scope="module")
def used(tried, tmp_path_factory):
    """Return one in which a group is in use since this week."""
    folder = tmp_path_factory.mktemp("used")
    shutil.copytree(tried[0], folder, dirs_exist_ok=True)
    with work_in(folder) as engine:
        score(engine, WEEK_AGO)
        decide(engine)
        backtest(engine)
        score(engine)
    return folder


@pytest.fixture
def engine(tried):
    shutil.copytree(tried[0], settings.get_settings().var, dirs_exist_ok=True)
    return get_engine()


@pytest.fixture
def used_engine(used):
    shutil.copytree(used, settings.get_settings().var, dirs_exist_ok=True)
    return get_engine()


def test_decided_group_enters_with_the_next_backtest_and_leaves_with_the_one_after(engine, tried):
    verdicts = {trial["group"]: trial["verdict"] for trial in tried[1]["ablation"]["elevated"]}
    assert verdicts["conflicts"] == "enters"
    plain = score(engine, WEEK_AGO).labels["elevated"]
    done = decide(engine)
    with read_transaction(engine) as connection:
        assert read_decided_groups(connection) == {"elevated": ("conflicts",), "onset": (), "surge": ()}
        assert read_groups_in_use(connection) == {"elevated": (), "onset": (), "surge": ()}
    # Not yet judged: nothing changes but that it is written down.
    assert score(engine, WEEK_AGO).labels["elevated"].run_id == plain.run_id

    report = backtest(engine)
    figures = report["labels"]["elevated"]
    assert figures["groups"] == figures["together"]["groups"] == ["conflicts"]
    assert figures["together"]["verdict"] == "enters"
    gain = figures["scores"]["classifier"]["auc"]["value"] - figures["without_groups"]["scores"]["classifier"]["auc"]["value"]
    assert gain > 0.1
    assert tried[1]["labels"]["elevated"]["scores"] == figures["without_groups"]["scores"]
    assert backtest(engine) == report  # kept, not made again

    used = score(engine, AS_OF).labels["elevated"]
    assert used.classifier.features[-2:] == NAMES
    assert (score(engine, AS_OF).is_new, score(engine, AS_OF).labels["elevated"].run_id) == (False, used.run_id)
    trained = train_classifiers(engine, by=SYSTEM, as_of=AS_OF, commit=True).labels["elevated"]
    assert trained.classifier == used.classifier

    decide(engine, (), reason="先不用", seen_id=done.id)
    assert backtest(engine)["labels"]["elevated"]["groups"] == []
    assert score(engine, AS_OF).labels["elevated"].classifier.features[-2:] != NAMES


def test_score_with_a_group_comes_back_exactly_and_says_why(used_engine):
    engine = used_engine
    run_id = score(engine).labels["elevated"].run_id
    with read_transaction(engine) as connection:
        rows = read_scores(connection, SYSTEM, run_id)
        run = read_run(connection, SYSTEM, "elevated", AS_OF)
        changes = read_changes(connection, SYSTEM, "elevated", AS_OF).rows
        drift = read_drift(connection, SYSTEM, "elevated", AS_OF)
        disputes = {row.source_ref: row.stream for row in connection.execute(select(Incident.source_ref, Incident.stream))}
    classifier = Classifier.from_json(run.classifier)
    values = np.array([[features[name] for name in classifier.features] for features in rows["features"]])
    assert np.array_equal(classifier.probabilities(values), rows["probability"].to_numpy())
    total = np.array([sum(parts.values()) for parts in rows["contributions"]])
    assert np.abs(total - classifier.scores(values)).max() < 1e-9
    assert set(NAMES) <= set(drift.rows["feature"])
    parts = changes[["before", "data", "classifier", "place", "after"]].to_numpy(float)
    assert np.abs(parts[:, :4].sum(axis=1) - parts[:, 4]).max() < 1e-9
    assert np.abs(parts[:, 2]).max() > 0.1  # last week's classifier had no group
    told = 0
    for row in rows.to_dict("records"):
        part = sum(row["contributions"][name] for name in NAMES)
        reasons = [reason for reason in row["reasons"] if reason["kind"] == "group"]
        assert len(reasons) == (part >= 0.1)
        for reason in reasons:
            told += 1
            assert np.log1p(reason["n"]) == pytest.approx(row["features"][NAMES[0]])
            assert disputes[reason["facts"][0]["ref"]] == "dispute"
            assert date.fromisoformat(reason["facts"][0]["on"]) < AS_OF
            assert row["reasons"][1]["kind"] == "group"
    assert told >= 3


def test_what_became_known_later_changes_no_feature_of_a_group(used_engine):
    engine = used_engine
    first = score(engine).labels["elevated"]
    with write_transaction(engine) as connection:
        row = dict(connection.execute(select(Incident.__table__).where(Incident.stream == "dispute").limit(1)).one()._mapping)
        late = {"occurred_on": AS_OF - timedelta(days=10), "week_occurred": week_of(AS_OF) - 2,
                "week_known": week_of(AS_OF), "recorded_at": day_start(AS_OF), "reported_at": day_start(AS_OF)}
        early = late | {"week_known": week_of(AS_OF) - 1, "recorded_at": day_start(AS_OF - timedelta(days=2))}
        connection.execute(insert(Incident), [row | late | {"id": 90_001, "source_ref": "LATE"}])
        bump(connection, "incidents")
    second = score(engine).labels["elevated"]
    with write_transaction(engine) as connection:
        connection.execute(insert(Incident), [row | early | {"id": 90_002, "source_ref": "EARLY"}])
        bump(connection, "incidents")
    third = score(engine).labels["elevated"]
    with read_transaction(engine) as connection:
        rows = [read_scores(connection, SYSTEM, run.run_id) for run in (first, second, third)]
    assert first.run_id < second.run_id < third.run_id
    pd.testing.assert_frame_equal(rows[0], rows[1])
    changed = rows[2]["features"].map(lambda one: one[NAMES[0]]) != rows[0]["features"].map(lambda one: one[NAMES[0]])
    assert list(rows[2]["place_code"][changed]) == [row["place_code"][:12]]


def test_group_that_was_not_let_in_is_refused(engine):
    for groups, key in ((("petitions",), "not_let_in"), (("conflicts", "petitions"), "not_let_in"), (("astrology",), "not_let_in")):
        with pytest.raises(AdoptionRefusedError) as refused:
            decide(engine, groups)
        assert [one.key for one in refused.value.problems] == [key]
    with pytest.raises(AdoptionRefusedError, match="unknown"):
        decide(engine, label="anything")
    with pytest.raises(AdoptionRefusedError, match="missing"):
        decide(engine, reason=" \u200b ")
    for by in (Scope(account="local_leader", role=Role.LEADER),
               Scope(account="a", role=Role.ANALYST, area_code=f"{tiny_county.COUNTY}001")):
        with pytest.raises(RefusedError):
            decide(engine, by=by)
    with read_transaction(engine) as connection:
        assert connection.scalar(select(func.count()).select_from(GroupAdoption)) == 0


def test_without_a_trial_nothing_can_be_chosen(empty_engine):
    tiny_county.build(empty_engine, 20)
    with pytest.raises(AdoptionRefusedError, match="not_tried"):
        decide(empty_engine)


def test_two_at_once_are_both_kept_and_the_second_is_told(engine):
    first = decide(engine, reason="张某某 13800138000 反映")
    second = decide(engine, ())
    assert first.is_masked
    assert [(one.id, one.groups) for one in second.firsts] == [(first.id, ("conflicts",))]
    with read_transaction(engine) as connection:
        kept = list_group_decisions(connection, SYSTEM, "elevated")
        audit = connection.execute(select(AuditEvent).where(AuditEvent.action == "adopt_groups")).all()
    assert [(one.groups, bool(one.trial)) for one in kept] == [((), False), (("conflicts",), True)]
    assert "13800138000" not in kept[1].reason
    assert json.loads(json.dumps(kept[1].trial))["conflicts"]["verdict"] == "enters"
    assert len(audit) == 2


def test_groups_that_together_do_no_good_stay_out(engine, monkeypatch):
    decide(engine)
    monkeypatch.setattr(backtest_parts, "try_together", lambda facts, label, window, groups, blocks: {
        "groups": list(groups), "delta_auc": -0.01, "delta_auc_low": -0.02, "brier_skill": -0.01, "verdict": "may_harm"})
    figures = backtest(engine)["labels"]["elevated"]
    assert (figures["groups"], figures["together"]["verdict"]) == ([], "may_harm")
    assert score(engine).labels["elevated"].classifier.features[-2:] != NAMES


def test_group_whose_facts_are_gone_stops_the_scoring_with_what_to_do(used_engine):
    engine = used_engine
    with write_transaction(engine) as connection:
        connection.execute(Incident.__table__.delete().where(Incident.stream == "dispute"))
        bump(connection, "incidents")
    with pytest.raises(TooLittleDataError, match="backtest"):
        score(engine)
    assert backtest(engine)["labels"]["elevated"]["together"]["verdict"] == "cannot_tell"
    assert score(engine).labels["elevated"].classifier.features[-2:] != NAMES
    with read_transaction(engine) as connection:
        assert connection.scalar(select(func.count()).select_from(RiskClassifier)) >= 3
