"""The score on real records of the repository: St. Louis, 88 areas, test dates 2012–2015 (see benchmarks/escalation.py)."""

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.backtest import run_backtest
from models.panel import build_panel

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def bench():
    spec = importlib.util.spec_from_file_location("escalation_benchmark", ROOT / "benchmarks" / "escalation.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def areas(bench):
    facts = bench.read_facts(ROOT / "data" / "sample" / "stlouis" / "incidents.parquet")
    return bench.panels_of(facts, "area", list(range(1, 89)))


def test_88_areas_reach_the_figures_of_the_method(bench, areas):
    done = run_backtest(areas["escalation"], "elevated", test_from_week=bench.TEST, roles=areas)
    assert done.report["scores"]["eb52"]["auc"]["value"] == pytest.approx(0.921, abs=0.003)
    assert done.report["base_rate"] == pytest.approx(0.158, abs=0.002)
    assert all(bench.check_areas(done))


def test_thinned_to_the_sparsity_of_villages_it_beats_the_baseline(bench, areas):
    done = [run_backtest(bench.thin(areas["escalation"], 0.03, seed), "elevated", test_from_week=bench.TEST, resamples=0)
            for seed in range(3)]
    assert np.mean([bench.gain(d) for d in done]) >= 0.03
    assert np.mean([bench.skill(d) for d in done]) >= 0.01


def test_record_on_an_edge_belongs_to_the_cell_to_its_upper_right(bench, tmp_path):
    path = tmp_path / "edge.parquet"
    pd.DataFrame({
        "coded_month": ["2009-03"] * 3, "occurred": pd.to_datetime(["2009-03-02", "2009-03-01", "1990-01-01"]),
        "count": [1, 1, -1], "suggested_role": ["escalation"] * 3, "area_code": [1, 1, 2],
        "lon": [-90.255, -90.256, np.nan], "lat": [38.605, 38.604, 38.6]}).to_parquet(path)
    facts = bench.read_facts(path)
    assert facts["cell"].tolist() == ["-18051_7721", "-18052_7720", ""]
    monday = (pd.Timestamp("2009-03-30") - pd.Timestamp("1970-01-05")).days // 7
    assert facts["week_known"].tolist() == [monday] * 3
    panel = build_panel(facts.rename(columns={"area": "place"}), places=[1], first_week=monday - 10, end_week=monday + 5)
    assert panel.counts(52)[0, 10] == 0
    assert panel.counts(52)[0, 11] == 2


def test_cells_are_those_with_thirty_records_in_the_first_three_years(bench):
    cells = pd.read_csv(bench.CELL_LIST)
    assert len(cells) == 589
    assert cells["n_records_2008_2010"].min() >= 30
    assert (cells["lon_thousandths"] % 5 == 0).all()


def test_cells_are_chosen_on_the_years_before_the_test_only(bench):
    facts = pd.DataFrame({
        "cell": ["1_2"] * 30 + ["3_4"] * 29 + ["3_4"] * 500 + ["5_6"] * 31, "weight": [1] * 589 + [-1],
        "coded_month": ["2010-12"] * 59 + ["2011-01"] * 500 + ["2009-05"] * 31})
    assert bench.choose_cells(facts)["cell"].tolist() == ["1_2"]
