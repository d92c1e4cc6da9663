"""The six figures of the overview, each with numerator, denominator, window and comparison (`docs/counting.md`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

import numpy as np
import pandas as pd
from sqlalchemy import BigInteger, Connection, func, select, type_coerce, union_all

from govdesk.queries.counts import open_rows, open_series, weekly_series
from govdesk.queries.coverage import WINDOW_WEEKS, count_reporting
from govdesk.queries.filters import IncidentFilter, counted
from govdesk.queries.freshness import recorded_weeks
from govdesk.queries.instants import as_instant, complete_week
from govdesk.queries.known import has_closings
from govdesk.queries.outcomes import read_returns, read_settlings
from govdesk.queries.overdue import count_late_at, count_late_by_week, read_due_lives
from govdesk.queries.permission import reads
from govdesk.rules.access import Scope
from govdesk.tables import Incident
from govdesk.terms import RATE_MINIMUM, Stream
from govdesk.words import say

SPARK_WEEKS = 26
YEAR_WEEKS = 52
#: Weeks that must have passed since the last closing of a cohort: 13 × 7 = 91 days.
RETURN_WEEKS = 13


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the overview.

    Attributes
    ----------
    key : str
        Its words are ``figure.<key>``.
    value : float or None
        A count, or a share in 0–1 (`unit` tells); None when it is not known: `reason` says why, never 0.
    unit : {"incidents", "share", "places"}
    numerator, denominator : int or None
        What `value` is made of; given for a share that is withheld because of its small denominator, too.
    window : (int, int)
        Weeks, the second exclusive.
    comparison : mapping of str to float or None
        By name (words: ``figure.compare_<name>``); in the unit of `value`, ages in days.
    spark : tuple of float or None
        One value for each of the 26 weeks up to the last complete one; None where it is not known.
    reason : str or None
        Why `value` is None: ``no_data``, ``few``, ``no_due_dates``, ``no_closings`` (words: ``figure.reason_…``).
    """

    key: str
    value: float | None
    unit: str
    numerator: int | None
    denominator: int | None
    window: tuple[int, int]
    comparison: Mapping[str, float | None] = field(default_factory=dict)
    spark: tuple[float | None, ...] = ()
    reason: str | None = None

    def written(self, language: str) -> str:
        """Return the value as text: a count without its unit, a share with its %, counts where a share is withheld."""
        if self.value is None and self.reason == "few":
            return f"{self.numerator}/{self.denominator}"
        return _write(self.value, self.unit, language)

    def notes(self, language: str) -> tuple[str, ...]:
        """Return the small lines under the value: denominator, comparison, and why it is missing."""
        lines = []
        if self.denominator is not None:
            lines.append(say(f"figure.of_{self.key}", language, numerator=f"{self.numerator or 0:,}",
                             denominator=f"{self.denominator:,}"))
        if self.reason is not None:
            lines.append(say(f"figure.reason_{self.reason}", language))
        lines.extend(
            say(f"figure.compare_{name}", language, value=_write(value, _unit_of(name, self.unit), language))
            for name, value in self.comparison.items() if value is not None
        )
        return tuple(lines)


def _unit_of(name: str, unit: str) -> str:
    return "days" if name.endswith("_days") else unit


def _write(value: float | None, unit: str, language: str) -> str:
    if value is None:
        return say("figure.missing", language)
    return f"{value * 100:.1f} %" if unit == "share" else f"{value:,.0f}"


@reads("view_overview")
def read_figures(connection: Connection, scope: Scope, as_of: date | datetime) -> list[Figure]:
    """Return the six figures as of a day (its end) or an instant; what cannot be known is None with a reason."""
    week = complete_week(as_of)
    instant = as_instant(as_of)
    if recorded_weeks(connection) is None:
        return [_missing(key, unit, (week, week + 1)) for key, unit in UNITS.items()]
    lives = read_due_lives(connection, scope, _all(week), week - SPARK_WEEKS)
    return [
        _new_disputes(connection, scope, week), _open(connection, scope, week, instant), _overdue(lives, week, instant),
        _settled_locally(connection, scope, week), _returned(connection, scope, week, instant),
        _covered(connection, scope, week, instant),
    ]


UNITS = {
    "new_disputes": "incidents", "open_incidents": "incidents", "overdue_share": "share",
    "settled_locally_share": "share", "returned_share": "share", "covered_places": "places",
}


def _all(week: int, n_weeks: int = SPARK_WEEKS) -> IncidentFilter:
    return IncidentFilter(week + 1 - n_weeks, week + 1)


def _missing(key: str, unit: str, window: tuple[int, int], reason: str = "no_data") -> Figure:
    return Figure(key, None, unit, None, None, window, reason=reason, spark=(None,) * SPARK_WEEKS)


def _at(series: pd.Series, week: int) -> float | None:
    return None if week not in series.index else float(series.loc[week])


def _spark(series: pd.Series, week: int) -> tuple[float | None, ...]:
    values = (_at(series, w) for w in range(week + 1 - SPARK_WEEKS, week + 1))
    return tuple(None if value is None or np.isnan(value) else value for value in values)


def _new_disputes(connection: Connection, scope: Scope, week: int) -> Figure:
    counts = weekly_series(connection, scope, _all(week, YEAR_WEEKS + 1), "stream")
    everything = counts.groupby("week")["n_incidents"].sum()
    disputes = counts[counts["stream"] == Stream.DISPUTE.value].set_index("week")["n_incidents"]
    now = _at(disputes, week)
    if now is None:
        return _missing("new_disputes", "incidents", (week, week + 1))
    return Figure(
        "new_disputes", now, "incidents", int(now), int(everything.loc[week]), (week, week + 1),
        {"last_week": _at(disputes, week - 1), "same_week_last_year": _at(disputes, week - YEAR_WEEKS)},
        _spark(disputes, week),
    )


def _open(connection: Connection, scope: Scope, week: int, as_of: datetime) -> Figure:
    if not has_closings(connection, scope):  # else everything would seem open for ever
        return _missing("open_incidents", "incidents", (week, week + 1), "no_closings")
    reported = type_coerce(Incident.reported_at, BigInteger).label("at")
    both = union_all(*open_rows(scope, _all(week), as_of, reported, Incident.weight.label("n"))).subquery()
    rows = connection.execute(select(both.c.at, func.sum(both.c.n)).group_by(both.c.at).order_by(both.c.at)).all()
    rows = [row for row in rows if row[1] > 0]
    n_open = sum(row[1] for row in rows)
    ages = (int(as_of.timestamp()) - np.array([row[0] for row in rows], dtype="int64")) // 86_400
    middle = int(np.searchsorted(np.cumsum([row[1] for row in rows]), n_open / 2)) if rows else 0
    stock = open_series(connection, scope, _all(week)).set_index("week")["n_open"]
    return Figure(
        "open_incidents", float(n_open), "incidents", int(n_open), _recorded(connection, scope, as_of),
        (week, week + 1),
        {"last_week": _at(stock, week - 1), "median_age_days": float(ages[middle]) if rows else None,
         "oldest_days": float(ages[0]) if rows else None},
        _spark(stock, week),
    )


def _recorded(connection: Connection, scope: Scope, as_of: datetime) -> int:
    """Return how many incidents had been recorded by an instant."""
    seen = select(func.coalesce(func.sum(Incident.weight), 0)).where(
        counted(scope, IncidentFilter(0, 0)), Incident.recorded_at <= as_of)
    return int(connection.scalar(seen) or 0)


def _share(numerator: float, denominator: float) -> float | None:
    return None if denominator < RATE_MINIMUM else numerator / denominator


def _figure_of_share(
    key: str, numerator: int, denominator: int, window: tuple[int, int], comparison: Mapping[str, float | None],
    spark: tuple[float | None, ...], nothing: str,
) -> Figure:
    if denominator == 0:
        return _missing(key, "share", window, nothing)
    value = _share(numerator, denominator)
    return Figure(key, value, "share", numerator, denominator, window, comparison, spark,
                  "few" if value is None else None)


def _overdue(lives: pd.DataFrame, week: int, as_of: datetime) -> Figure:
    late, with_due = count_late_at(lives, as_of)
    weeks = count_late_by_week(lives, range(week + 1 - SPARK_WEEKS, week + 1)).set_index("week")
    shares = (weeks["n_overdue"] / weeks["n_with_due"]).where(weeks["n_with_due"] >= RATE_MINIMUM)
    spark = _spark(shares, week)
    return _figure_of_share(
        "overdue_share", late, with_due, (week, week + 1), {"last_week": spark[-2]}, spark, "no_due_dates")


def _rolling(
    key: str, weekly: pd.DataFrame, numerator: str, denominator: str, window: tuple[int, int]
) -> Figure:
    """Return a share over 13 weeks, that of the 13 weeks before, and the rolling shares of the last 26 weeks."""
    sums = weekly.set_index("week").rolling(WINDOW_WEEKS).sum()
    shares = (sums[numerator] / sums[denominator]).where(sums[denominator] >= RATE_MINIMUM)
    last = window[1] - 1
    spark = _spark(shares, last)
    return _figure_of_share(
        key, int(sums[numerator].iloc[-1]), int(sums[denominator].iloc[-1]), window,
        {"previous": spark[-1 - WINDOW_WEEKS]}, spark, "no_closings",
    )


def _settled_locally(connection: Connection, scope: Scope, week: int) -> Figure:
    weekly = read_settlings(connection, scope, _all(week, SPARK_WEEKS + WINDOW_WEEKS))
    window = (week + 1 - WINDOW_WEEKS, week + 1)
    return _rolling("settled_locally_share", weekly, "n_local", "n_settled", window)


def _returned(connection: Connection, scope: Scope, week: int, as_of: datetime) -> Figure:
    last = week - RETURN_WEEKS
    weekly = read_returns(connection, scope, _all(last, SPARK_WEEKS + WINDOW_WEEKS), as_of)
    window = (last + 1 - WINDOW_WEEKS, last + 1)
    return _rolling("returned_share", weekly, "n_returned", "n_closed", window)


def _covered(connection: Connection, scope: Scope, week: int, as_of: datetime) -> Figure:
    weeks = range(week + 1 - SPARK_WEEKS, week + 1)
    counts, n_places = count_reporting(connection, scope, weeks, as_of)
    window = (week + 1 - WINDOW_WEEKS, week + 1)
    if n_places == 0:
        return _missing("covered_places", "places", window)
    reporting = counts.set_index("week")["n_places"]
    now = int(reporting.loc[week])
    return Figure(
        "covered_places", float(now), "places", now, n_places, window,
        {"previous": _at(reporting, week - WINDOW_WEEKS)}, _spark(reporting, week),
    )
