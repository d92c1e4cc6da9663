"""False flags on counties in which nothing changes, and power where a level doubles; seeds that were not looked at."""

import time
from functools import cache

import numpy as np
import pandas as pd
import pytest

from models.trend import find_changes, find_changes_in_many, reasons_for_silence
from tests.support import quiet_county

SEEDS = (301, 302)
FIRST = 2600
KINDS_OF_QUIET = {
    "even": {}, "large": {"per_week": 900.0, "shock": 0.1}, "overdispersed": {"shock": 0.15}, "seasonal": {"season": 0.4},
    "both": {"shock": 0.2, "season": 0.3}, "lasting": {"shock": 0.15, "persistence": 0.5},
    "contagious": {"shock": 0.2, "persistence": 0.7, "season": 0.3}, "young": {"n_weeks": 140, "shock": 0.1, "season": 0.2},
    # Levels that wander by a fifth for half a year.
    "slow": {"shock": 0.2, "persistence": 0.95},
}


@cache
def draw(seed, **kind):
    """Return 24 townships × 10 categories of a quiet county, week × series; callers do not change it."""
    counts = quiet_county.draw(seed, **kind)[:, :10]
    rows = counts.reshape(-1, counts.shape[2]).T
    return pd.DataFrame(rows, index=np.arange(FIRST, FIRST + len(rows)), columns=[f"{t}-{k}" for t in range(24) for k in range(10)])


def panel(seed, **kind):
    """Return a copy of a quiet county's series."""
    return draw(seed, **kind).copy()


def families(frame):
    """Return the stream of each series: the first six categories are disputes, the others petitions."""
    return {name: int(name.split("-")[1]) // 6 for name in frame}


@pytest.mark.parametrize("kind", KINDS_OF_QUIET)
def test_at_most_5_of_100_quiet_series_are_flagged_when_many_are_looked_at(kind):
    flagged = heard = sure = 0
    for seed in SEEDS:
        frame = panel(seed, **KINDS_OF_QUIET[kind])
        found = find_changes_in_many(frame, families=families(frame))
        heard += int((reasons_for_silence(frame) == "").sum())
        flagged += found["series"].nunique()
        sure += found.loc[found["sureness"] == "very_likely", "series"].nunique()
    assert heard > 100
    assert flagged <= 0.05 * heard
    assert sure <= 0.02 * heard


@pytest.mark.parametrize("kind", ["even", "both", "lasting"])
def test_at_most_5_of_100_quiet_series_are_flagged_when_each_is_looked_at_alone(kind):
    flags = []
    for seed in SEEDS:
        frame = panel(seed, **KINDS_OF_QUIET[kind])
        loud = frame.loc[:, reasons_for_silence(frame) == ""].iloc[:, ::2]
        flags += [bool(find_changes(loud[name])) for name in loud]
    assert len(flags) > 80
    assert np.mean(flags) <= 0.05


@pytest.mark.parametrize("size", [0.5, 1.0, 2.0, 8.0])
def test_negative_binomial_series_are_quiet(size):
    """Gamma-mixed counts, week by week: the textbook's over-dispersion."""
    rng, flags = np.random.default_rng(303), []
    for mean in (1.0, 4.0, 15.0):
        counts = rng.poisson(mean * rng.gamma(size, 1 / size, (364, 60))).astype(float)
        flags.append(find_changes_in_many(pd.DataFrame(counts, index=np.arange(364)))["series"].nunique() / 60)
    assert np.mean(flags) <= 0.05


def doubled(seed, at_end, **kind):
    """Return a series of mean 2 that doubles for 26 weeks, and the week."""
    rng, n = np.random.default_rng(seed + 1), 364
    shocks = quiet_county._shocks(rng, (1, n), kind.get("shock", 0.0), kind.get("persistence", 0.0))[0]
    level = 2 * shocks * (1 + kind.get("season", 0.0) * np.sin(2 * np.pi * np.arange(n) / 52.18 + rng.uniform(0, 6)))
    start = n - 26 if at_end else int(rng.integers(60, 280))
    level[start:start + 26] *= 2
    return pd.Series(rng.poisson(level).astype(float), index=np.arange(FIRST, FIRST + n)), FIRST + start


def hits(found, start):
    return any(row.direction == "rise" and abs(row.week_from - start) <= 10 for row in found)


@pytest.mark.parametrize(("kind", "least"), [
    ({}, 0.8), ({"shock": 0.15, "season": 0.3}, 0.75),
    # Levels that wander by a fifth for weeks hide more.
    ({"shock": 0.2, "season": 0.3, "persistence": 0.5}, 0.6),
], ids=["even", "both", "lasting"])
def test_doubling_of_two_a_week_for_half_a_year_is_found(kind, least):
    among_many, alone = [], []
    for seed in range(310, 350):
        series, start = doubled(seed, seed % 2, **kind)
        alone.append(hits(find_changes(series), start))
        if seed < 330:
            frame = panel(seed, **kind)
            kinds = families(frame) | {"0-0x": 0}
            found = find_changes_in_many(frame.assign(**{"0-0x": series}), families=kinds).query("series == '0-0x'")
            among_many.append(hits(list(found.itertuples()), start))
    assert np.mean(alone) >= least
    assert np.mean(among_many) >= least


def test_240_series_of_7_years_take_less_than_two_seconds():
    frame = panel(SEEDS[0], per_week=900.0, shock=0.15, season=0.3)
    start = time.process_time()
    find_changes_in_many(frame, families=families(frame))
    assert time.process_time() - start < 2
