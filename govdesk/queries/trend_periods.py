"""Weeks summed to months, quarters and years, and compared with what came before: the only place that says how.

A week belongs to the month, quarter and year of its Thursday, as ISO 8601 has it for years: a month has four or five
weeks. Outside the recorded period nothing is known, and nothing is a zero.

- 环比, on the period before: cases a week now against cases a week then, since two months differ in weeks.
- 同比, on the year before: the same number of weeks, each against its counterpart (`models.week_alignment`, Spring
  Festival against Spring Festival).

Either is said of a period that is wholly recorded, against one that is, and as a ratio only from `RATE_MINIMUM` cases.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from govdesk.clock import monday_of, week_label
from govdesk.rules.lunar_calendar import FIRST_YEAR, LAST_YEAR, festival_weeks
from govdesk.terms import RATE_MINIMUM
from models.week_alignment import align_weeks

Granularity = Literal["week", "month", "quarter", "year"]
GRANULARITIES: tuple[Granularity, ...] = ("week", "month", "quarter", "year")

#: Zones of counties whose year turns on Spring Festival; elsewhere a week is compared with the same one of the season.
_FESTIVAL_ZONES = frozenset({
    "Asia/Shanghai", "Asia/Urumqi", "Asia/Chongqing", "Asia/Chungking", "Asia/Harbin", "Asia/Kashgar", "PRC",
    "Asia/Hong_Kong", "Asia/Macau", "Asia/Taipei"})
#: Thursday of week 0.
_FIRST_THURSDAY = np.datetime64("1970-01-08")


@dataclass(frozen=True, slots=True)
class Comparison:
    """Cases of a span and of what it is compared with.

    Attributes
    ----------
    n : int
        Cases now.
    n_then : float or None
        Cases then, in as many weeks; None where they are not wholly recorded.
    ratio : float or None
        n over n_then; None where that is not known or under `RATE_MINIMUM`, and for too few to tell.
    """

    n: int
    n_then: float | None
    ratio: float | None


def find_festivals(weeks: range, zone: str) -> dict[int, int]:
    """Return the week of Spring Festival by year, for `weeks` and ten years before; empty where it is not kept."""
    if zone not in _FESTIVAL_ZONES or not len(weeks):
        return {}
    first, last = monday_of(weeks.start).year - 10, monday_of(weeks.stop).year + 1
    return festival_weeks(range(max(first, FIRST_YEAR), min(last, LAST_YEAR) + 1))


@lru_cache(maxsize=8192)
def name_period(week: int, granularity: Granularity) -> str:
    """Return the name of the period a week belongs to.

    Examples
    --------
    >>> from datetime import date
    >>> from govdesk.clock import week_of
    >>> [name_period(week_of(date(2025, 12, 29)), one) for one in GRANULARITIES]
    ['2026-W01', '2026-01', '2026-Q1', '2026']
    """
    if granularity == "week":
        return week_label(week)
    number = int(_number(np.array([week]), granularity)[0])
    if granularity == "month":
        return f"{number // 12}-{number % 12 + 1:02d}"
    return f"{number // 4}-Q{number % 4 + 1}" if granularity == "quarter" else str(number)


def _number(weeks: NDArray[np.int64], granularity: Granularity) -> NDArray[np.int64]:
    """Return a number of the period of each week: the same within one, rising by one from each to the next."""
    if granularity == "week":
        return weeks
    thursday = _FIRST_THURSDAY + 7 * weeks.astype("timedelta64[D]")
    months: NDArray[np.int64] = thursday.astype("datetime64[M]").astype("int64") + 1970 * 12
    return months // {"month": 1, "quarter": 3, "year": 12}[granularity]


def list_periods(recorded: range, granularity: Granularity) -> pd.DataFrame:
    """Return the periods that recorded weeks belong to.

    Returns
    -------
    DataFrame
        ``period`` (its name), ``week_from``, ``week_to`` (exclusive; of the weeks that are recorded), ``n_weeks``,
        ``is_whole`` (all of its weeks are recorded; the last one mostly is not yet).
    """
    weeks = np.arange(recorded.start, recorded.stop, dtype="int64")
    if not len(weeks):
        return pd.DataFrame({"period": [], "week_from": [], "week_to": [], "n_weeks": [], "is_whole": []})
    numbers = _number(weeks, granularity)
    first = np.flatnonzero(np.diff(numbers, prepend=numbers[0] - 1))
    starts, ends = weeks[first], np.append(weeks[first[1:]], recorded.stop)
    outside = _number(np.array([recorded.start - 1, recorded.stop]), granularity)
    return pd.DataFrame({
        "period": [name_period(int(week), granularity) for week in starts], "week_from": starts, "week_to": ends,
        "n_weeks": ends - starts,
        "is_whole": (numbers[first] != outside[0]) & (numbers[first] != outside[1])})


def sum_periods(weekly: pd.Series, granularity: Granularity) -> pd.DataFrame:
    """Return the periods of a weekly series, with their sums and what they are compared with on the period before.

    Parameters
    ----------
    weekly : Series of number
        Indexed by the recorded weeks, without gaps.

    Returns
    -------
    DataFrame
        As `list_periods`, ``n``; ``n_previous`` (cases of the period before, scaled to as many weeks; NaN where one of
        the two is not whole) and ``ratio_previous`` (NaN too where either count is under `RATE_MINIMUM`).
    """
    periods = list_periods(range(int(weekly.index[0]), int(weekly.index[-1]) + 1), granularity)
    sums = np.add.reduceat(weekly.to_numpy(dtype=float), periods["week_from"].to_numpy() - int(weekly.index[0]))
    before, weeks_before = pd.Series(sums).shift(1), periods["n_weeks"].shift(1)
    comparable = periods["is_whole"] & periods["is_whole"].shift(1, fill_value=False)
    then = (before * periods["n_weeks"] / weeks_before).where(comparable)
    told = comparable & (before >= RATE_MINIMUM)
    return periods.assign(n=sums, n_previous=then, ratio_previous=(pd.Series(sums) / then).where(told))


def compare_periods(weekly: pd.Series, granularity: Granularity, festivals: Mapping[int, int]) -> pd.DataFrame:
    """Return `sum_periods` with the year before: ``n_year`` and ``ratio_year``, NaN under the same conditions."""
    periods = sum_periods(weekly, granularity)
    then = match_earlier(weekly, festivals)
    first = periods["week_from"].to_numpy() - int(weekly.index[0])
    known = pd.Series(np.add.reduceat(then, first)).where(periods["is_whole"])  # one unknown week: unknown
    told = known >= RATE_MINIMUM
    return periods.assign(n_year=known, ratio_year=(periods["n"] / known.where(told)))


def find_earlier(weekly: pd.Series, festivals: Mapping[int, int], years_back: int = 1) -> NDArray[np.int64]:
    """Return for each week its counterpart of an earlier year, recorded or not."""
    return _align(int(weekly.index[0]), len(weekly), tuple(sorted(festivals.items())), years_back)


def match_earlier(weekly: pd.Series, festivals: Mapping[int, int], years_back: int = 1) -> NDArray[np.float64]:
    """Return for each week the count of its counterpart of an earlier year; NaN where that is not recorded."""
    first, values = int(weekly.index[0]), weekly.to_numpy(dtype=float)
    earlier = find_earlier(weekly, festivals, years_back) - first
    known = (earlier >= 0) & (earlier < len(values))
    found: NDArray[np.float64] = np.where(known, values[np.clip(earlier, 0, len(values) - 1)], np.nan)
    return found


@lru_cache(maxsize=64)
def _align(first: int, n_weeks: int, festivals: tuple[tuple[int, int], ...], years_back: int) -> NDArray[np.int64]:
    """Return the counterparts of weeks that follow one another; the same for every series of a county."""
    weeks = np.arange(first, first + n_weeks)
    found: NDArray[np.int64] = align_weeks(weeks, dict(festivals), years_back=years_back)["earlier"].to_numpy("int64")
    return found


def compare_spans(weekly_by_series: pd.DataFrame, span: range, festivals: Mapping[int, int]) -> pd.DataFrame:
    """Compare a span of weeks of many series with its counterpart of the year before.

    Parameters
    ----------
    weekly_by_series : DataFrame
        Rows are the recorded weeks without gaps, columns are series; NaN before a place began.
    span : range
        Weeks; those that are not recorded are left out.

    Returns
    -------
    DataFrame
        Indexed by series: ``n``, ``n_then`` (NaN where not wholly recorded), ``ratio`` (NaN too where n_then is under
        `RATE_MINIMUM`).
    """
    first, last = int(weekly_by_series.index[0]), int(weekly_by_series.index[-1]) + 1
    weeks = np.arange(max(span.start, first), min(span.stop, last))
    values = weekly_by_series.to_numpy(dtype=float)
    shown = values[weeks - first]
    now = np.nansum(shown, axis=0)
    earlier = _align(int(weeks[0]), len(weeks), tuple(sorted(festivals.items())), 1) if len(weeks) else weeks
    is_known = bool(len(weeks)) and bool(((earlier >= first) & (earlier < last)).all())
    then = values[earlier - first].sum(axis=0) if is_known else np.full(len(now), np.nan)
    then[np.isnan(shown).any(axis=0)] = np.nan
    ratio = np.divide(now, then, out=np.full(len(now), np.nan), where=then >= RATE_MINIMUM)
    return pd.DataFrame({"n": now, "n_then": then, "ratio": ratio}, index=weekly_by_series.columns)


def compare_span(weekly: pd.Series, span: range, festivals: Mapping[int, int]) -> Comparison:
    """Compare a span of weeks of one series with its counterpart of the year before."""
    found = compare_spans(weekly.to_frame("one"), span, festivals).iloc[0]
    return Comparison(int(found["n"]), None if np.isnan(found["n_then"]) else float(found["n_then"]),
                      None if np.isnan(found["ratio"]) else float(found["ratio"]))
