"""Figures within strata: what a list of all places caught in each, counts where there are too few."""

import numpy as np
import pandas as pd
import pytest

from models.strata import figures_by_stratum


def _rows(n_dates=30, n_places=40, seed=3):
    rng = np.random.default_rng(seed)
    rate = np.where(np.arange(n_places) % 2, 0.35, 0.05)
    outcome = (rng.random((n_dates, n_places)) < rate).astype(float)
    return pd.DataFrame({
        "as_of": np.repeat(np.arange(n_dates) * 4, n_places), "place_code": np.tile(np.arange(n_places), n_dates),
        "in_scope": True, "outcome": outcome.ravel(), "classifier": np.tile(rate, n_dates) + rng.normal(0, 0.01, outcome.size),
        "eb52": rng.random(outcome.size)})


def _strata(rows):
    odd = rows["place_code"].to_numpy() % 2 == 1
    return {"often": odd, "seldom": ~odd, "all": np.ones(len(rows), dtype=bool)}


def test_list_of_all_places_is_charged_to_the_strata():
    rows = _rows()
    found = figures_by_stratum(rows, _strata(rows)).set_index("stratum")
    # The first tenth are four places of forty, all of them "often".
    assert found.loc["seldom", "n_caught"] == 0
    assert found.loc["often", "n_caught"] == found.loc["all", "n_caught"] > 0
    assert found.loc["often", "caught"] == pytest.approx(found.loc["often", "n_caught"] / found.loc["often", "n_positive"])
    assert found["n_positive"].loc[["often", "seldom"]].sum() == found.loc["all", "n_positive"] == rows["outcome"].sum()
    assert found.loc["often", "caught_low"] <= found.loc["often", "caught"] <= found.loc["often", "caught_high"]


def test_ranking_is_judged_within_the_stratum():
    rows = _rows()
    found = figures_by_stratum(rows, _strata(rows)).set_index("stratum")
    assert found.loc["all", "auc"] > 0.7
    # Inside a stratum all rates are the same: nothing is left to rank by.
    assert found.loc["often", "auc"] == pytest.approx(0.5, abs=0.06)
    assert found.loc["all", "delta"] == pytest.approx(found.loc["all", "auc"] - found.loc["all", "auc_baseline"])
    assert found.loc["all", "delta_low"] < found.loc["all", "delta"] < found.loc["all", "delta_high"]


def test_under_ten_positives_are_counts_only():
    rows = _rows()
    few = np.zeros(len(rows), dtype=bool)
    few[np.flatnonzero(rows["outcome"])[:9]] = True
    few[np.flatnonzero(rows["outcome"] == 0)[:60]] = True
    found = figures_by_stratum(rows, {"few": few}).iloc[0]
    assert (found["n_positive"], found["n_rows"]) == (9, 69)
    assert np.isnan([found["auc"], found["delta"], found["caught"]]).all()


def test_under_28_dates_no_interval():
    rows = _rows(27)
    found = figures_by_stratum(rows, _strata(rows))
    assert found[["delta_low", "delta_high", "caught_low", "caught_high"]].isna().all(axis=None)
    assert found["delta"].notna().any()


def test_unknown_outcome_is_no_calm_place():
    rows = _rows()
    rows.loc[rows["as_of"] == 0, "outcome"] = np.nan
    assert figures_by_stratum(rows, _strata(rows)).set_index("stratum").loc["all", "n_rows"] == 29 * 40
