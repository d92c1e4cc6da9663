"""The calibration curve: equal counts, by hand; no interval on few dates."""

import numpy as np
import pandas as pd
import pytest

from models.calibration_curve import calibration_curve
from models.evaluation import figures_of, sum_over_dates


def _rows(n_dates, n_places=50, seed=1):
    rng = np.random.default_rng(seed)
    said = rng.uniform(0.01, 0.6, n_dates * n_places)
    return pd.DataFrame({
        "as_of": np.repeat(np.arange(n_dates) * 4, n_places), "place_code": np.tile(np.arange(n_places), n_dates),
        "in_scope": True, "outcome": (rng.random(len(said)) < said).astype(float), "classifier": said})


def test_bins_hold_the_same_number_of_rows_and_agree_with_ece():
    rows = _rows(30)
    curve = calibration_curve(rows)
    assert curve["n"].tolist() == [150] * 10
    assert curve["n_positive"].sum() == rows["outcome"].sum()
    assert np.all(np.diff(curve["predicted"]) > 0)
    ece = figures_of(sum_over_dates(rows, "classifier", "classifier"))["ece"][0]
    assert (curve["observed"] - curve["predicted"]).abs().mean() == pytest.approx(ece)


def test_interval_holds_the_share_and_needs_28_dates():
    curve = calibration_curve(_rows(28))
    assert np.all((curve["low"] <= curve["observed"]) & (curve["observed"] <= curve["high"]))
    assert calibration_curve(_rows(27))[["low", "high"]].isna().all(axis=None)


def test_unknown_outcomes_and_rows_out_of_scope_are_left_out():
    rows = _rows(4)
    rows.loc[:49, "outcome"] = np.nan
    rows.loc[50:59, "in_scope"] = False
    rows.loc[60:69, "classifier"] = np.nan
    assert calibration_curve(rows)["n"].sum() == 200 - 70


def test_fewer_rows_than_bins_have_no_curve():
    assert calibration_curve(_rows(1, 9)).empty
