"""What must hold on the invented county: calibration, silent villages found, a list that is alive."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from benchmarks.support.county_files import CountyFiles
from models.backtest import Backtest, run_backtest
from models.escalation import LEAST_RECORDS
from models.panel import Panel
from models.silence import Reports, expected_reports, fit_silence, lower_tails, new_alarms
from models.weekly_lists import Events, ListRules, build_lists

#: Years of test dates, and weeks of a silent spell in which it must be found (as long as the method's planted ones).
TEST_WEEKS, SPELL_WEEKS = 208, 26
#: Visits a week and weeks over which the list is watched; the first weeks are left to settle.
VISITS, LIST_WEEKS, SETTLE = 18, 26, 12
#: The silence rule is fitted anew each year, on what was known then, from this week of the county on.
SILENCE_FROM = 104


def calibrate(county: CountyFiles, first_week: int, end_week: int, label: str = "elevated") -> Backtest:
    """Backtest a label over the last four years."""
    return run_backtest(county.panel("escalation", first_week, end_week), label, resamples=0,
                        test_from_week=max(end_week - TEST_WEEKS, first_week + 104))


@dataclass(frozen=True)
class Silences:
    """Planted spells that could be judged: share missing and whether each was found; false alarms and their years."""

    missing: np.ndarray
    found: np.ndarray
    alarms: int
    years: float


def judge_silences(county: CountyFiles, planted: pd.DataFrame, first_week: int, end_week: int) -> Silences:
    """Look for planted silences (place_code, week_from, week_to, share_reported) as `models.silence` does."""
    reports = _reports(county, first_week, end_week)
    tails, cuts = np.full(reports.counts.shape, np.nan), np.full(reports.counts.shape[1], np.nan)
    for bound in range(SILENCE_FROM, reports.counts.shape[1], 52):
        until = min(bound + 52, reports.counts.shape[1])
        rule = fit_silence(_until(reports, bound))
        known = _until(reports, until)
        judged = lower_tails(known.counts, expected_reports(known, rule.coefficients), rule.dispersions)
        tails[:, bound:until], cuts[bound:until] = judged[:, bound:until], rule.cut
    row = {code: at for at, code in enumerate(county.villages)}
    missing, found = [], []
    for spell in planted.itertuples():
        start = spell.week_from - first_week
        if spell.place_code not in row or start + SPELL_WEEKS > tails.shape[1]:
            continue
        window = slice(start, start + SPELL_WEEKS)
        told = tails[row[spell.place_code], window]
        if np.isfinite(told[-1]):  # at least 20 reports are expected of the half-year of the spell
            missing.append(1.0 - spell.share_reported)
            found.append(bool((told < cuts[window]).any()))
    honest = ~np.isin(county.villages, planted["place_code"])
    under = np.where(np.isfinite(tails), tails / cuts, np.nan)
    alarms = int(new_alarms(under, 1.0)[honest].sum())
    years = float(np.isfinite(tails[honest]).sum() / 52.18)
    return Silences(np.array(missing), np.array(found, dtype=bool), alarms, years)


def _reports(county: CountyFiles, first_week: int, end_week: int) -> Reports:
    """Weekly records as they became known: all but the police's, and the police's beside; unknown before the first."""
    shape = (len(county.villages), end_week - first_week)
    within = county.facts["week_known"].between(first_week, end_week - 1)
    plain = county.facts[(county.facts["role"] != "escalation") & within]
    row = pd.Index(county.villages).get_indexer(plain["place"])
    police, known = (plain["role"] == "public_order").to_numpy(), row >= 0
    week = plain["week_known"].to_numpy() - first_week
    own, other = (np.zeros(shape) for _ in range(2))
    for sums, chosen in ((own, known & ~police), (other, known & police)):
        np.add.at(sums, (row[chosen], week[chosen]), 1.0)
    before = np.cumsum(own + other, axis=1) == 0
    number = {code: at for at, code in enumerate(county.villages)}
    pairs = [(one, number[code]) for one, near in enumerate(county.neighbours) for code in near if code in number]
    ends = tuple(np.array(pairs, dtype=np.int64).reshape(-1, 2).T)
    near = sparse.csr_array((np.ones(len(pairs)), ends), shape=(shape[0], shape[0]))
    own, other = (np.where(before, np.nan, sums) for sums in (own, other))
    return Reports(own, other, near, np.arange(first_week, end_week))


def _until(reports: Reports, week: int) -> Reports:
    return Reports(reports.counts[:, :week], reports.other[:, :week], reports.neighbours, reports.weeks[:week])


@dataclass(frozen=True)
class Liveliness:
    """Shares of the listed places that were not listed one week, and five weeks (the rest is over), before."""

    week_before: float
    after_rest: float
    n_places: int


def watch_lists(county: CountyFiles, first_week: int, end_week: int) -> Liveliness:
    """Make the weekly lists of the last weeks with the delivered workload and rest, and say how much they change."""
    events = county.panel("escalation", first_week, end_week)
    start = end_week - 4 - LIST_WEEKS - SETTLE
    scores = {label: _weekly_scores(events, label, start) for label in ("elevated", "onset")}
    weeks = np.arange(start, start + len(scores["elevated"]))
    plain = county.facts[county.facts["role"] != "escalation"]
    records = CountyFiles(plain.assign(role="any"), county.villages, []).panel("any", first_week, end_week).counts(52)
    thin = records[:, weeks - first_week].T < LEAST_RECORDS
    rules = ListRules(share_quiet=0.5, rest_weeks=4)
    lists = build_lists(
        np.where(thin, np.nan, scores["elevated"]), np.where(thin, np.nan, scores["onset"]), weeks=weeks, rules=rules,
        events=Events(events.place, events.occurred + first_week, events.known + first_week), visits=np.array([VISITS]))
    listed = lists[0] > 0
    watched = range(len(weeks) - LIST_WEEKS, len(weeks))

    def changed(back: int) -> float:
        return float(np.mean([(listed[w] & ~listed[w - back]).sum() / listed[w].sum() for w in watched]))

    return Liveliness(changed(1), changed(rules.rest_weeks + 1), int(listed[list(watched)].any(axis=0).sum()))


def _weekly_scores(events: Panel, label: str, start: int) -> np.ndarray:
    """Scores by week (rows) and place; NaN out of scope."""
    found = run_backtest(events, label, test_from_week=start, every=1, resamples=0).predictions
    shape = (found["as_of"].nunique(), events.n_places)
    return np.where(found["in_scope"], found["classifier"], np.nan).reshape(shape)
