"""`backtest`: the contract's report and file, kept once by data version, the figures those of the file."""

import json
from datetime import date

import numpy as np
import pandas as pd
import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import func, select
from typer.testing import CliRunner

from govdesk.actions import backtesting
from govdesk.actions.backtest_parts import FILE_COLUMNS
from govdesk.actions.backtesting import BacktestRequest, backtest_labels
from govdesk.actions.training import TooLittleDataError
from govdesk.cli import app
from govdesk.queries.risk_backtests import read_newest_backtest, read_newest_report
from govdesk.rules.access import SYSTEM, RefusedError, Scope
from govdesk.settings import ROOT
from govdesk.storage.engine import read_transaction, write_transaction
from govdesk.storage.versions import bump, read_versions
from govdesk.tables import AuditEvent, RiskBacktest
from govdesk.terms import Role
from models.evaluation import auc
from tests.support import escalating_county, tiny_county
from tests.support.more_townships import add_townships

FIGURES = ("auc", "average_precision", "precision_at_5", "precision_at_10", "capture_at_5", "capture_at_10")
PROBABILITY_FIGURES = ("brier", "brier_skill", "ece", "slope")


@pytest.fixture
def engine(empty_engine):
    escalating_county.build(empty_engine, 1200, every=4)
    return empty_engine


def run(engine, *, commit: bool, **more):
    asked = BacktestRequest(**({"n_placebos": 0, "first": date(2026, 3, 2)} | more))
    return backtest_labels(engine, by=SYSTEM, asked=asked, commit=commit)


def count_rows(engine) -> tuple[int, int]:
    with read_transaction(engine) as connection:
        return tuple(connection.scalar(select(func.count()).select_from(table)) for table in (RiskBacktest, AuditEvent))


def test_command_writes_report_and_predictions_after_the_contract(engine, tmp_path):
    report, file = tmp_path / "r.json", tmp_path / "p.csv"
    done = CliRunner().invoke(app, ["backtest", "--from", "2026-03-04", "--to", "2026-11-01", "--placebo", "1",
                                    "--report", str(report), "--predictions", str(file)])
    assert done.exit_code == 0, done.output
    told, rows = json.loads(report.read_text()), pd.read_csv(file)
    Draft202012Validator(json.loads((ROOT / "docs" / "schemas" / "backtest-report.json").read_text())).validate(told)
    assert tuple(rows.columns) == FILE_COLUMNS
    assert (told["from"], told["to"]) == ("2026-03-02", "2026-10-26")
    assert set(told["labels"]) == set(told["placebo"]) == {"elevated", "onset", "surge"}
    assert all(date.fromisoformat(day).weekday() == 0 for day in rows["as_of"].unique())
    for label, figures in told["labels"].items():
        assert {"base_rate", "rows", "dates", "seconds", "min_count", "scores", "differences"} <= set(figures)
        assert set(figures["scores"]) == set(FILE_COLUMNS[6:])
        assert {*FIGURES, *PROBABILITY_FIGURES} <= set(figures["scores"]["classifier"])
        assert figures["scores"]["classifier"]["auc"]["low"] is None  # under 28 dates no interval
        judged = rows[(rows["label"] == label) & rows["in_scope"]]
        assert (len(judged), judged["as_of"].nunique()) == (figures["rows"], figures["dates"])
        by_date = [auc(one["outcome"].to_numpy(float), one["classifier"].to_numpy()) for _, one in judged.groupby("as_of")]
        assert np.nanmean(by_date) == pytest.approx(figures["scores"]["classifier"]["auc"]["value"], abs=1e-12)
        assert judged["outcome"].mean() == pytest.approx(figures["base_rate"])
    assert count_rows(engine) == (0, 0)


def test_kept_once_with_weekly_predictions(engine):
    first = run(engine, commit=True)
    rows = count_rows(engine)
    again = run(engine, commit=True)
    assert (first.is_new, again.is_new, again.id) == (True, False, first.id)
    assert count_rows(engine) == rows == (1, 1)
    pd.testing.assert_frame_equal(again.predictions, first.predictions, check_dtype=False)
    with read_transaction(engine) as connection:
        stored = read_newest_backtest(connection, SYSTEM)
        assert read_newest_report(connection) == stored.report == json.loads(json.dumps(first.report))
        assert read_versions(connection)["risk"] == 2
    weeks = stored.predictions["as_of"].unique()
    assert (np.diff(np.sort(weeks)) == 1).all()
    assert {"quiet", "records_52", *FILE_COLUMNS} <= set(stored.predictions)
    assert (stored.level, stored.to_week - stored.from_week > 13) == ("village", True)
    with write_transaction(engine) as connection:
        bump(connection, "incidents")
    assert run(engine, commit=True).id != first.id


def test_figures_do_not_depend_on_keeping_weekly_predictions(engine):
    dry, kept = run(engine, commit=False), run(engine, commit=True)
    for label, figures in kept.report["labels"].items():
        assert figures["scores"] == dry.report["labels"][label]["scores"]
    pd.testing.assert_frame_equal(dry.predictions, kept.predictions)


def test_placebo_and_trials_are_taken_from_the_same_data(engine, monkeypatch):
    tried = []
    monkeypatch.setattr(backtesting, "try_groups", lambda facts, label, window: tried.append(label) or [])
    monkeypatch.setattr(backtesting, "try_horizon", lambda panel, label, window, h, extra: tried.append((label, h)) or {})
    window = {"first": date(2026, 7, 6), "n_placebos": 1}
    first = run(engine, commit=True, with_trials=True, **window)
    assert set(first.report["ablation"]) == {"elevated", "onset", "surge"}
    assert set(first.report["horizons"]) == {"2", "4", "8"}
    assert set(first.report["placebo"]) == {"elevated", "onset", "surge"}
    assert len(tried) == 9
    monkeypatch.setattr(backtesting, "try_placebo", lambda *_: pytest.fail("the placebo is kept by data version"))
    later = run(engine, commit=False, with_trials=True, **window)
    assert later.report["placebo"] == first.report["placebo"]
    assert later.report["ablation"] == first.report["ablation"]
    assert len(tried) == 9


def test_area_sees_predictions_of_its_places_only(engine):
    run(engine, commit=True)
    scope = Scope("t", Role.CENTRE, f"{tiny_county.COUNTY}002")
    with read_transaction(engine) as connection:
        assert read_newest_backtest(connection, scope) is None, "its report is of all: less its own, of two townships"
    add_townships(engine)
    with read_transaction(engine) as connection:
        stored = read_newest_backtest(connection, scope)
    assert stored.predictions["place_code"].nunique() == 4
    assert stored.predictions["place_code"].str.startswith(f"{tiny_county.COUNTY}002").all()


def test_other_level_and_one_label(engine):
    done = run(engine, commit=False, level="township", labels=("onset",))
    assert set(done.report["labels"]) == {"onset"}
    assert sorted(done.predictions["place_code"].unique()) == [f"{tiny_county.COUNTY}{t:03d}" for t in (1, 2, 3)]
    alone = run(engine, commit=False, level="county", first=date(2026, 7, 6))  # one place: nothing to rank, no fault
    assert alone.report["labels"]["surge"]["scores"]["classifier"]["auc"]["value"] is None
    with pytest.raises(ValueError, match="leave --label away"):
        run(engine, commit=True, labels=("onset",))


def test_too_little_history_says_from_when(empty_engine):
    escalating_county.build(empty_engine, 300, weeks=13)
    with pytest.raises(TooLittleDataError, match=r"from 20.* on the classifier can be judged"):
        run(empty_engine, commit=True, first=None)
    assert CliRunner().invoke(app, ["backtest"]).exit_code == 3


def test_cancelled_leaves_nothing_and_leader_is_refused(engine):
    def cancel(what, share):
        if what == "stored":
            raise KeyboardInterrupt
    with pytest.raises(KeyboardInterrupt):
        backtest_labels(engine, by=SYSTEM, asked=BacktestRequest(n_placebos=0, first=date(2026, 8, 3)), commit=True,
                        progress=cancel)
    assert count_rows(engine) == (0, 0)
    with pytest.raises(RefusedError):
        backtest_labels(engine, by=Scope("l", Role.LEADER), asked=BacktestRequest(), commit=False)
