"""Planted silence is found as well as the method says: 41 / 64 / 85 % at 30 / 50 / 100 % of the records missing.

324 places, five years, rates of their own that drift (spread 0.25 on the log scale), a county and a season; in the last
78 weeks three places in ten fall silent for 26 weeks. The rule is fitted on the weeks before that. A spell is found when
the tail is under the cut in one of its weeks. Places with under 20 expected reports per half-year are left out, as on
the screen. Found at 0.25 false alarms per place and year (seeds 100–102, some 215 spells; an oracle that knows the true
rates 72 / 93 / 100 %): 55 / 83 / 100 % when one stream falls silent, 50 / 78 / 100 % when all do.
"""

from functools import cache

import numpy as np
import pytest
from scipy import stats

from models.silence import (
    ALARMS_PER_YEAR,
    MIN_EXPECTED,
    WINDOWS,
    expected_reports,
    fit_silence,
    lower_tails,
    new_alarms,
    window_sum,
)
from tests.support.silent_places import LENGTH, SPLIT, simulate

SEEDS = range(100, 103)


@cache
def rule_before(seed):
    """Return the rule fitted on the weeks before any silence; they are the same whatever is planted later."""
    return fit_silence(simulate(seed).until(SPLIT))


def judge(planted, rule):
    """Return the tails of all weeks."""
    reports = planted.reports
    return lower_tails(reports.counts, expected_reports(reports, rule.coefficients), rule.dispersions)


def count_found(planted, tails, cut):
    """Return spells found and spells that could be judged."""
    spans = [tails[place, start: start + LENGTH] for place, start in enumerate(planted.start) if start >= 0]
    told = [span for span in spans if np.isfinite(span).all()]
    return sum(bool((span < cut).any()) for span in told), len(told)


def count_false(planted, tails, cut):
    """Return alarms and years of the places that never fell silent."""
    honest = planted.start < 0
    return new_alarms(tails, cut)[honest, SPLIT:].sum(), np.isfinite(tails[honest, SPLIT:]).sum() / 52.18


def oracle_tails(planted):
    """Return the Poisson tails under the true rates: nobody can know more."""
    tails = [stats.poisson.cdf(window_sum(planted.reports.counts, window), window_sum(planted.rates, window)) for window in WINDOWS]
    told = window_sum(planted.rates, 26) >= MIN_EXPECTED
    told[:, :26] = False
    return np.where(told, np.minimum(*tails), np.nan)


@cache
def oracle_cut(seed):
    """Return the cut with which the oracle has the allowed false alarms where nothing is planted."""
    planted = simulate(seed)
    tails = oracle_tails(planted)
    for cut in np.geomspace(0.3, 1e-3, 30):
        alarms, years = count_false(planted, tails, cut)
        if alarms / years <= ALARMS_PER_YEAR:
            return cut
    raise AssertionError("no cut")


@pytest.mark.parametrize(("missing", "least"), [(0.3, 0.41), (0.5, 0.64), (1.0, 0.85)])
@pytest.mark.parametrize("everywhere", [False, True])
def test_planted_silence_is_found(missing, least, everywhere, record_property):
    found, spells, alarms, years, best = 0, 0, 0, 0.0, 0
    for seed in SEEDS:
        planted = simulate(seed, missing=missing, everywhere=everywhere)
        rule = rule_before(seed)
        tails = judge(planted, rule)
        here, told = count_found(planted, tails, rule.cut)
        false, time = count_false(planted, tails, rule.cut)
        found, spells, alarms, years = found + here, spells + told, alarms + false, years + time
        of_oracle, n_oracle = count_found(planted, oracle_tails(planted), oracle_cut(seed))
        best += of_oracle / n_oracle / len(SEEDS)
    assert spells > 200
    told = f"found {found} of {spells} ({found / spells:.0%}; oracle {best:.0%}), {alarms / years:.2f} false alarms"
    assert found / spells >= least, told
    # Some 180 alarms are counted: 15 % is two standard errors.
    assert alarms / years <= 1.15 * ALARMS_PER_YEAR, told
    record_property("silence", told)
    assert found / spells <= best + 0.05


def test_false_alarms_hold_where_nothing_is_planted():
    alarms, years = 0, 0.0
    for seed in SEEDS:
        planted = simulate(seed)
        rule = rule_before(seed)
        tails = judge(planted, rule)
        false, time = count_false(planted, tails, rule.cut)
        alarms, years = alarms + false, years + time
    assert 0.1 <= alarms / years <= 1.2 * ALARMS_PER_YEAR


def test_silence_does_not_teach_itself():
    """A place all silent for 26 weeks is still expected to report as before; a lag of nothing would expect less."""
    planted = simulate(100, missing=1.0)
    expected = expected_reports(planted.reports, rule_before(100).coefficients)
    silent = np.flatnonzero(planted.start >= 0)
    ratio = [expected[place, planted.start[place] + LENGTH - 1] / planted.rates[place, planted.start[place] + LENGTH - 1]
             for place in silent]
    assert 0.9 < np.exp(np.mean(np.log(ratio))) < 1.12
