import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from models.funnel import (
    funnel_limits,
    funnel_limits_of_rates,
    measure_overdispersion,
    place_in_funnel,
    place_rates_in_funnel,
    rank_intervals,
)

shares = st.floats(0.01, 0.99)


@settings(max_examples=200, deadline=None)
@given(shares, st.integers(10, 3000), st.sampled_from([1.0, 2.5]))
def test_outside_the_line_is_exactly_a_tail_below_the_line_s(target, n, phi):
    hits = np.arange(n + 1)
    limits = funnel_limits(target, [n], phi=phi).iloc[0]
    for level, name in ((0.95, "95"), (0.998, "998")):
        tail = stats.norm.sf(stats.norm.isf((1 - level) / 2) * np.sqrt(phi))
        below, above = stats.binom.cdf(hits, n, target), stats.binom.sf(hits - 1, n, target)
        clear = (abs(below / tail - 1) > 1e-6) & (abs(above / tail - 1) > 1e-6)
        assert ((hits / n < limits[f"low_{name}"] - 1e-12) == (below < tail))[clear].all()
        assert ((hits / n > limits[f"high_{name}"] + 1e-12) == (above < tail))[clear].all()


@settings(max_examples=60, deadline=None)
@given(shares, st.integers(10, 400))
def test_place_and_lines_agree(target, n):
    hits = np.arange(n + 1)
    placed = place_in_funnel(hits, np.full(n + 1, n), target=target)
    limits = funnel_limits(target, [n]).iloc[0]
    slack = 1e-9
    assert (placed.loc[hits / n > limits["high_95"] + slack, "where"] != "inside").all()
    assert (placed.loc[hits / n < limits["low_998"] - slack, "where"] == "outside_998").all()
    inside = (hits / n > limits["low_95"] + slack) & (hits / n < limits["high_95"] - slack)
    assert (placed.loc[inside, "where"] == "inside").all()


def test_lower_limit_is_the_formula_of_the_paper():
    """Spiegelhalter 2005, A.1.1, written out for one case."""
    n, theta, p = 200, 0.3, 0.025
    r = min(k for k in range(n + 1) if stats.binom.cdf(k, n, theta) >= p)
    alpha = (stats.binom.cdf(r, n, theta) - p) / (stats.binom.cdf(r, n, theta) - stats.binom.cdf(r - 1, n, theta))
    limits = funnel_limits(theta, [n])
    assert limits["low_95"][0] == pytest.approx((r - alpha) / n, abs=1e-12)
    assert funnel_limits(1 - theta, [n])["high_95"][0] == pytest.approx(1 - (r - alpha) / n, abs=1e-12)


def test_limits_narrow_with_size_and_approach_the_normal_ones():
    limits = funnel_limits(0.9, [10, 100, 1000, 100_000])
    assert (np.diff(limits["high_95"] - limits["low_95"]) < 0).all()
    spread = 1.959964 * np.sqrt(0.09 / 100_000)
    assert limits["low_95"].iloc[-1] == pytest.approx(0.9 - spread, abs=2e-5)
    assert limits["high_95"].iloc[-1] == pytest.approx(0.9 + spread, abs=2e-5)
    assert (limits["high_998"] <= 1).all()
    assert (limits["low_998"] >= 0).all()


def test_limits_of_nothing_are_not_known():
    assert funnel_limits(0.5, [0]).iloc[0, 1:].isna().all()


def test_chance_puts_at_most_5_in_100_outside():
    rng = np.random.default_rng(8)
    n = rng.integers(10, 400, 20_000)
    placed = place_in_funnel(rng.binomial(n, 0.85), n)
    assert 0.02 <= (placed["where"] != "inside").mean() <= 0.05
    assert (placed["where"] == "outside_998").mean() <= 0.002


def test_small_place_is_not_shamed_and_a_large_one_is():
    placed = place_in_funnel(pd.Series([9, 700, 9300, 5]), pd.Series([12, 1000, 10_000, 9], index=list("abcd")))
    assert placed["where"].tolist() == ["inside", "outside_998", "outside_998", "too_few"]
    assert placed["direction"].tolist() == ["", "below", "above", ""]
    assert placed.index.tolist() == list("abcd")
    assert placed["share"].isna().tolist() == [False, False, False, True]
    assert placed["target"].iloc[0] == pytest.approx(10_014 / 11_021)  # those of the small count, too


def test_unknown_is_too_few_and_not_zero():
    placed = place_in_funnel([np.nan, 50], [100, 100])
    assert placed["where"].tolist() == ["too_few", "inside"]
    assert placed["target"].tolist() == [0.5, 0.5]


def test_part_greater_than_its_whole_is_refused():
    with pytest.raises(ValueError, match="whole"):
        place_in_funnel([11], [10])


def test_overdispersion_is_one_under_chance_and_does_not_follow_few_outliers():
    rng = np.random.default_rng(2)
    n = rng.integers(200, 900, 24)
    chance = rng.binomial(n, 0.8)
    assert measure_overdispersion(chance, n) == 1.0
    chance[:2] = n[:2] * 0.2
    assert measure_overdispersion(chance, n, target=0.8) < 3.0
    varied = rng.binomial(n, rng.beta(40, 10, 24))
    assert measure_overdispersion(varied, n) > 2.0


def test_overdispersed_limits_let_usual_differences_be():
    rng = np.random.default_rng(3)
    n = np.full(24, 600)
    hits = rng.binomial(n, rng.beta(80, 20, 24))
    hits[5] = 180
    plain, wide = place_in_funnel(hits, n), place_in_funnel(hits, n, overdispersed=True)
    assert (plain["where"] != "inside").sum() > 5
    assert wide.loc[5, "where"] == "outside_998"
    assert (wide["where"] != "inside").sum() <= 3
    assert wide["phi"].iloc[0] > 1


@settings(max_examples=100, deadline=None)
@given(st.floats(10, 500))
def test_rates_outside_the_line_have_a_tail_below_the_line_s(expected):
    counts = np.arange(int(expected * 3))
    limits = funnel_limits_of_rates([expected]).iloc[0]
    for tail, name in ((0.025, "95"), (0.001, "998")):
        below, above = stats.poisson.cdf(counts, expected), stats.poisson.sf(counts - 1, expected)
        clear = (abs(below / tail - 1) > 1e-6) & (abs(above / tail - 1) > 1e-6)
        assert ((counts / expected < limits[f"low_{name}"] - 1e-12) == (below < tail))[clear].all()
        assert ((counts / expected > limits[f"high_{name}"] + 1e-12) == (above < tail))[clear].all()


def test_rates_are_placed_by_exact_poisson_tails():
    placed = place_rates_in_funnel([30, 12, 3, 5], [12.0, 12.0, 12.0, 4.0])
    assert placed["where"].tolist() == ["outside_998", "inside", "outside_95", "too_few"]
    assert placed["direction"].tolist() == ["above", "", "below", ""]
    assert placed["p_value"][2] == pytest.approx(2 * stats.poisson.cdf(3, 12))


def test_ranks_of_equal_places_are_wide_and_of_distant_ones_narrow():
    wide = rank_intervals([50] * 5, [100] * 5, seed=1)
    assert (wide["rank_low"] == 1).all()
    assert (wide["rank_high"] == 5).all()
    narrow = rank_intervals([900, 500, 100], [1000] * 3, seed=1)
    assert narrow[["rank_low", "rank_median", "rank_high"]].to_numpy().tolist() == [[1, 1, 1], [2, 2, 2], [3, 3, 3]]


def test_ranks_leave_out_the_small_and_repeat_by_seed():
    numerators, denominators = [4, 40, 60], pd.Series([9, 100, 100], index=list("xyz"))
    one = rank_intervals(numerators, denominators, seed=7)
    assert one.loc["x", ["rank_low", "rank_high"]].isna().all()
    assert (one["n_ranked"] == 2).all()
    assert one.equals(rank_intervals(numerators, denominators, seed=7))


def test_interval_of_a_rank_holds_the_true_rank():
    rng, hits = np.random.default_rng(4), []
    truth = np.linspace(0.9, 0.6, 12)
    for seed in range(60):
        n = rng.integers(40, 400, 12)
        found = rank_intervals(rng.binomial(n, truth), n, draws=800, seed=seed)
        hits.append(((found["rank_low"] <= np.arange(1, 13)) & (np.arange(1, 13) <= found["rank_high"])).mean())
    assert np.mean(hits) >= 0.93
