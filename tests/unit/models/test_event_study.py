"""Rates over clusters: against the formula written out, against resampling, and silent where too little is known."""

import numpy as np
import pytest

from models.event_study import cluster_rates


def test_interval_agrees_with_resampling_of_projects():
    rng = np.random.default_rng(7)
    exposures = rng.integers(20, 60, (60, 1)).astype(float)
    counts = rng.poisson(exposures * rng.gamma(2, 0.1, (60, 1)))
    found = cluster_rates(counts, exposures).iloc[0]
    picks = rng.integers(0, 60, (4000, 60))
    resampled = counts[picks, 0].sum(axis=1) / exposures[picks, 0].sum(axis=1)
    assert found["rate"] == pytest.approx(counts.sum() / exposures.sum())
    assert found["low"] == pytest.approx(np.quantile(resampled, 0.025), abs=0.015)
    assert found["high"] == pytest.approx(np.quantile(resampled, 0.975), abs=0.015)


def test_interval_covers_the_true_rate_about_as_often_as_it_says():
    rng = np.random.default_rng(11)
    hits = 0
    for _ in range(400):
        exposures = rng.integers(20, 60, (12, 1)).astype(float)
        counts = rng.poisson(exposures * 0.2 * rng.gamma(5, 0.2, (12, 1)))
        found = cluster_rates(counts, exposures).iloc[0]
        hits += found["low"] <= 0.2 <= found["high"]
    assert 0.89 <= hits / 400 <= 0.98


def test_few_projects_have_a_rate_and_no_interval():
    found = cluster_rates([[1.0], [2.0], [3.0], [2.0]], [[10.0]] * 4).iloc[0]
    assert found["rate"] == pytest.approx(0.2)
    assert np.isnan(found["low"])
    assert np.isnan(found["high"])


def test_project_without_exposure_is_no_zero():
    counts, exposures = [[1.0, 0.0]] * 5 + [[0.0, 0.0]], [[10.0, 0.0]] * 5 + [[0.0, 0.0]]
    found = cluster_rates(counts, exposures)
    assert found["n_clusters"].tolist() == [5, 0]
    assert found["rate"].iloc[0] == pytest.approx(0.1)
    assert np.isnan(found["rate"].iloc[1])
