"""False alarms and power of the weekly findings, on invented counties with and without a change."""

import numpy as np
import pandas as pd
import pytest

from models.weekly_changes import ALPHA, MIN_PAST_WEEKS, compare_weeks, find_notable, predict, tails
from tests.support import quiet_county

WEEKS = 50
KINDS_OF_QUIET = {
    "even": {}, "small": {"per_week": 40.0}, "large": {"per_week": 900.0, "shock": 0.1},
    "overdispersed": {"shock": 0.15}, "seasonal": {"season": 0.4}, "both": {"shock": 0.2, "season": 0.3},
    "lasting": {"shock": 0.15, "persistence": 0.5}, "young": {"n_weeks": 140, "shock": 0.1, "season": 0.2},
}


def find(counts, parents, kinds):
    tests = pd.concat([compare_weeks(counts, parents, kinds, n_recent=n) for n in (1, 4)], ignore_index=True)
    return find_notable(tests)


@pytest.mark.parametrize("seed", [101, 102])
@pytest.mark.parametrize("kind", KINDS_OF_QUIET)
def test_nothing_notable_in_at_least_45_of_50_quiet_weeks(kind, seed):
    counts, parents, kinds, _ = quiet_county.as_series(quiet_county.draw(seed, **KINDS_OF_QUIET[kind]))
    loud = sum(len(find(counts[:, :counts.shape[1] - back], parents, kinds)) > 0 for back in range(WEEKS))
    assert loud <= 5


def plant(seed, weeks, *, exact=False, factor=2.5):
    """Return series in which one category of mean 8 is `factor` times as frequent in the last `weeks` weeks."""
    counts = quiet_county.draw(seed, shock=0.1, season=0.2)
    rng = np.random.default_rng(seed + 1000)
    even = np.full(quiet_county.N_TOWNSHIPS, 1 / quiet_county.N_TOWNSHIPS)
    counts[:, 2] = rng.poisson(8 * even[:, None], (len(even), counts.shape[2]))
    if exact:
        counts[:, 2, -weeks:] = rng.multinomial(round(8 * factor), even, weeks).T
    else:
        counts[:, 2, -weeks:] = rng.poisson(8 * factor * even[:, None], (len(even), weeks))
    series, parents, kinds, names = quiet_county.as_series(counts)
    return series, parents, kinds, names.index(("category", 2))


def test_jump_of_a_category_that_lasts_is_found_within_its_four_weeks():
    for seed in range(20):
        series, parents, kinds, row = plant(seed, 4)
        assert any(row in set(find(series[:, :series.shape[1] - back], parents, kinds)["series"]) for back in range(4))


def test_single_week_of_2_5_times_8_is_found_more_often_than_not_and_3_times_8_nearly_always():
    found = {}
    for factor in (2.5, 3.0):
        hits = [row in set(find(series, parents, kinds)["series"])
                for series, parents, kinds, row in (plant(seed, 1, exact=True, factor=factor) for seed in range(30))]
        found[factor] = np.mean(hits)
    assert found[2.5] > 0.5
    assert found[3.0] > 0.9


def test_expectation_follows_the_season():
    weeks = np.arange(312)
    wave = 40 * (1 + 0.5 * np.cos(2 * np.pi * weeks / 52))
    rng = np.random.default_rng(3)
    series = rng.poisson(wave).astype(float)[None, :]
    alone = np.zeros(1, dtype="int64")
    high = predict(series[:, :312 - 51], alone, ["stream"]).mean[0]  # last column: week 260, a peak
    low = predict(series[:, :312 - 25], alone, ["stream"]).mean[0]  # last column: week 286, a trough
    assert high == pytest.approx(60, rel=0.15)
    assert low == pytest.approx(20, rel=0.25)


def test_overdispersion_widens_the_prediction():
    rng = np.random.default_rng(4)
    alone = np.zeros(1, dtype="int64")
    calm = rng.poisson(30, (1, 200)).astype(float)
    wild = rng.poisson(30 * rng.gamma(5, 0.2, (1, 200))).astype(float)
    assert predict(wild, alone, ["stream"]).phi[0] > 5 * predict(calm, alone, ["stream"]).phi[0]


def test_tails_are_those_of_the_negative_binomial():
    prediction = predict(np.full((1, 60), 8.0), np.zeros(1, dtype="int64"), ["category"])
    at_least, at_most = tails(np.array([8.0]), prediction)
    assert at_least[0] + at_most[0] > 1  # both hold the observed value
    assert tails(np.array([0.0]), prediction)[0][0] == 1
    assert tails(np.array([40.0]), prediction)[0][0] < 1e-9


def test_too_short_a_past_is_not_compared():
    alone = np.zeros(1, dtype="int64")
    assert compare_weeks(np.ones((1, MIN_PAST_WEEKS)), alone, ["stream"]).empty
    assert find_notable(compare_weeks(np.ones((1, MIN_PAST_WEEKS)), alone, ["stream"])).empty
    assert len(compare_weeks(np.ones((1, MIN_PAST_WEEKS + 1)), alone, ["stream"])) == 1


def test_fall_is_left_out_where_late_entries_could_explain_it():
    counts = np.full((1, 120), 50.0)
    counts[0, -1] = 5
    alone = np.zeros(1, dtype="int64")
    assert find_notable(compare_weeks(counts, alone, ["stream"]))["direction"].tolist() == [-1]
    assert find_notable(compare_weeks(counts, alone, ["stream"], falls=False)).empty
    assert find_notable(compare_weeks(counts, alone, ["overdue"])).empty


def test_one_of_many_needs_stronger_evidence_than_one_alone():
    one = pd.DataFrame({"series": [0], "weeks": [1], "p_value": [ALPHA * 0.9], "kind": ["stream"], "is_large": [True]})
    many = pd.concat([one] + [one.assign(series=i, p_value=0.5) for i in range(1, 20)], ignore_index=True)
    assert len(find_notable(one)) == 1
    assert find_notable(many).empty


def test_certain_but_small_is_not_written_about():
    tests = pd.DataFrame({"series": [0, 1], "weeks": [1, 1], "p_value": [1e-9, 1e-9], "kind": ["stream"] * 2,
                          "is_large": [False, True]})
    assert find_notable(tests)["series"].tolist() == [1]
