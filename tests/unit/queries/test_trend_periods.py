"""Periods of weeks and their comparisons, by hand and against plain loops over days."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from govdesk.clock import monday_of, week_of
from govdesk.queries.trend_periods import (
    GRANULARITIES,
    compare_periods,
    compare_span,
    compare_spans,
    find_festivals,
    list_periods,
    name_period,
    sum_periods,
)
from govdesk.rules.lunar_calendar import festival_weeks


def name_by_hand(week, granularity):
    thursday = monday_of(week) + timedelta(days=3)
    return {"week": f"{thursday.isocalendar()[0]}-W{thursday.isocalendar()[1]:02d}", "month": f"{thursday:%Y-%m}",
            "quarter": f"{thursday.year}-Q{(thursday.month + 2) // 3}", "year": str(thursday.year)}[granularity]


def series(first, values):
    return pd.Series(np.asarray(values, dtype=float), index=pd.RangeIndex(first, first + len(values)))


@pytest.mark.parametrize("granularity", GRANULARITIES)
def test_periods_are_those_of_the_thursday_for_sixty_years(granularity):
    for week in range(week_of(date(1975, 1, 1)), week_of(date(2036, 1, 1))):
        assert name_period(week, granularity) == name_by_hand(week, granularity)


@pytest.mark.parametrize("granularity", GRANULARITIES)
def test_sums_and_comparisons_are_those_of_plain_loops(granularity):
    rng = np.random.default_rng(5)
    for first, n_weeks, level in ((2600, 190, 40.0), (2611, 60, 3.0), (2640, 1, 9.0), (-70, 130, 12.0)):
        weekly = series(first, rng.poisson(level, n_weeks))
        festivals = festival_weeks(range(1960, 2040))
        found = compare_periods(weekly, granularity, festivals)
        names = list(dict.fromkeys(name_by_hand(week, granularity) for week in weekly.index))
        assert list(found["period"]) == names
        total = {name: sum(n for week, n in weekly.items() if name_by_hand(week, granularity) == name) for name in names}
        weeks = {name: [w for w in weekly.index if name_by_hand(w, granularity) == name] for name in names}
        whole = {name: all(w in weekly.index for w in range(first - 60, first + n_weeks + 60)
                           if name_by_hand(w, granularity) == name) for name in names}
        for row in found.itertuples():
            assert row.n == total[row.period]
            assert row.is_whole == whole[row.period]
            assert (row.week_from, row.week_to) == (min(weeks[row.period]), max(weeks[row.period]) + 1)
            before = names[names.index(row.period) - 1] if names.index(row.period) else None
            if before is None or not (whole[before] and whole[row.period]):
                assert np.isnan(row.n_previous)
                assert np.isnan(row.ratio_previous)
            else:
                assert row.n_previous == pytest.approx(total[before] / len(weeks[before]) * len(weeks[row.period]))
                assert np.isnan(row.ratio_previous) == (total[before] < 10)
                if total[before] >= 10:
                    now, then = total[row.period] / len(weeks[row.period]), total[before] / len(weeks[before])
                    assert row.ratio_previous == pytest.approx(now / then)


def test_month_of_five_weeks_is_not_a_rise_over_one_of_four():
    found = sum_periods(series(week_of(date(2026, 1, 5)), [10.0] * 26), "month").set_index("period")
    assert (found.loc["2026-04", "n"], found.loc["2026-03", "n"]) == (50, 40)
    assert found.loc["2026-04", "ratio_previous"] == pytest.approx(1)
    assert not found.loc["2026-01", "is_whole"]  # the first of January lies in a week that is not recorded
    assert np.isnan(found.loc["2026-02", "ratio_previous"])


def test_quiet_weeks_of_spring_festival_meet_each_other_a_year_apart():
    festivals = festival_weeks(range(2020, 2030))
    weeks = range(week_of(date(2024, 1, 1)), week_of(date(2026, 12, 1)))
    quiet = {week + ahead for week in festivals.values() for ahead in (-1, 0, 1)}
    weekly = series(weeks.start, [20.0 if week in quiet else 50.0 for week in weeks])
    found = compare_periods(weekly, "week", festivals).dropna(subset="ratio_year")
    assert len(found) > 90
    assert (found["ratio_year"] == 1).all()
    naive = compare_periods(weekly, "week", {}).dropna(subset="ratio_year")
    assert naive["ratio_year"].max() > 2


def test_incomplete_last_period_is_shown_and_not_compared():
    weekly = series(week_of(date(2024, 1, 1)), [30.0] * 150)  # until the middle of November 2026
    last = compare_periods(weekly, "quarter", {}).iloc[-1]
    assert last["period"] == "2026-Q4"
    assert last["n"] > 0
    assert not last["is_whole"]
    assert last[["n_previous", "ratio_previous", "n_year", "ratio_year"]].isna().all()


def test_year_before_that_is_not_wholly_recorded_is_no_comparison():
    weekly = series(week_of(date(2025, 3, 3)), [30.0] * 90)
    found = compare_periods(weekly, "month", {}).set_index("period")
    assert np.isnan(found.loc["2026-02", "n_year"])
    assert found.loc["2026-04", "n_year"] == 150


def test_few_cases_are_counts_without_a_ratio():
    found = compare_span(series(2700, [0.0] * 51 + [9.0] + [0.0] * 51 + [30.0]), range(2752, 2804), {})
    assert (found.n, found.n_then, found.ratio) == (30, 9, None)
    more = compare_span(series(2700, [0.0] * 51 + [10.0] + [0.0] * 51 + [30.0]), range(2752, 2804), {})
    assert more.ratio == 3


def test_span_without_recorded_weeks_has_nothing_to_compare():
    found = compare_span(series(2700, [5.0] * 60), range(2500, 2510), {})
    assert (found.n, found.n_then, found.ratio) == (0, None, None)


def test_spans_of_many_series_are_those_of_each():
    rng = np.random.default_rng(2)
    many = pd.DataFrame(rng.poisson(2.0, (130, 9)), index=pd.RangeIndex(2600, 2730)).astype(float)
    festivals = festival_weeks(range(2015, 2030))
    found = compare_spans(many, range(2690, 2730), festivals)
    for name in many:
        one = compare_span(many[name], range(2690, 2730), festivals)
        assert (one.n, one.n_then) == (found.loc[name, "n"], found.loc[name, "n_then"])


def test_festival_moves_weeks_in_china_only():
    weeks = range(2600, 2700)
    assert find_festivals(weeks, "Asia/Shanghai")[2020] == week_of(date(2020, 1, 25))
    assert find_festivals(weeks, "America/Chicago") == {}
    assert find_festivals(range(0), "Asia/Shanghai") == {}


def test_no_recorded_weeks_have_no_periods():
    assert list_periods(range(2700, 2700), "month").empty
