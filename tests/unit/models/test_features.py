import numpy as np
import pandas as pd
import pytest

from models.baselines import eb52, log_odds
from models.features import FEATURE_NAMES, RefusedFeatureError, build_features, refuse_features
from models.panel import build_panel


@pytest.fixture
def panel():
    rng = np.random.default_rng(2)
    rows = [(i, 2000 + w, 2000 + w + int(rng.integers(0, 4)), 1) for i in range(8) for w in range(200) if rng.random() < 0.05 + 0.03 * i]
    facts = pd.DataFrame(rows, columns=["place", "week_occurred", "week_known", "weight"])
    return build_panel(facts, places=list(range(8)), first_week=2000, end_week=2200)


def test_eleven_features_by_name_and_by_value(panel):
    at = np.array([60, 120, 200])
    block = build_features(panel, np.full((8, 201), 2.0), 4, at)
    assert block.names == FEATURE_NAMES
    assert block.values.shape == (8, 3, 11)
    assert np.isfinite(block.values).all()
    named = dict(zip(block.names, np.moveaxis(block.values, -1, 0), strict=True))
    assert named["eb_tail_last_52"] == pytest.approx(log_odds(eb52(panel, 2.0, 4))[:, at])
    assert named["log_min_count"] == pytest.approx(np.full((8, 3), np.log(2)))
    county = panel.counts(4).sum(axis=0), panel.counts(52).sum(axis=0)
    assert named["county_last_4"][0] == pytest.approx(np.log(((county[0] + 0.5) / 4 / ((county[1] + 0.5) / 52))[at]))
    assert named["season_sin_1"][3] == pytest.approx(np.sin(2 * np.pi * (2000 + at) / 52.1775))
    assert named["season_cos_2"][3] == pytest.approx(np.cos(4 * np.pi * (2000 + at) / 52.1775))
    assert block.rows(np.array([120]))[:, 0] == pytest.approx(block.values[:, 1])


def test_longer_memory_forgets_more_slowly(panel):
    values = build_features(panel, np.full((8, 201), 1.0), 4, np.array([200])).values[:, 0]
    assert (np.abs(np.diff(values[:, :3], axis=1)) > 0).all()


@pytest.mark.parametrize("name", [
    "share_minority", "ethnicity_of_household", "religion", "n_mosques", "rate_by_complainant", "petitioner_age", "民族",
    "complainants_known", "who_complained", "信访人年龄",
])
def test_features_about_persons_and_groups_are_refused_by_name(name):
    with pytest.raises(RefusedFeatureError, match="refused"):
        refuse_features(["eb_tail_last_52", name])


def test_complaints_conflicts_and_works_are_not_refused():
    refuse_features(["complaints_last_13", "conflicts_last_13", "works_projects_open", "neighbours_trace", "backlog", "信访人数"])
    refuse_features(FEATURE_NAMES)


def test_more_than_fifteen_features_are_refused():
    with pytest.raises(ValueError, match="15"):
        refuse_features([f"feature_{i}" for i in range(16)])
