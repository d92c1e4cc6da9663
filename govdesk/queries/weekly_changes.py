"""What changed in the last complete week: at most five findings, each with its numbers and the rows behind it.

The statistics are in `models.weekly_changes`; here the series are read, and what was found is put into words without
ever claiming a cause. Places and units are named, never persons.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from govdesk.clock import week_label, week_of
from govdesk.queries.change_series import (
    SILENT_WEEKS,
    WeeklySeries,
    build_series,
    read_history,
    read_silence,
)
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.freshness import recorded_weeks
from govdesk.queries.instants import as_day, as_instant, complete_week
from govdesk.queries.overdue import count_late_at, count_late_by_week, count_newly_late, read_due_lives
from govdesk.queries.permission import reads
from govdesk.queries.places import list_places
from govdesk.queries.surroundings import list_categories, list_source_changes
from govdesk.rules.access import Scope
from govdesk.terms import SMALL_COUNT, Level, Stream
from govdesk.words import say
from models.weekly_changes import MIN_PAST_WEEKS, PAST_WEEKS, compare_weeks, find_notable

MOST = 5
#: Townships that hold at least this share of a rise are named, if there are no more than three.
CONCENTRATED = 0.5
MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Change:
    """One sentence of the overview.

    Attributes
    ----------
    key : str
        ``rise``, ``fall``, ``rise_in``, ``fall_in`` (of one township), ``overdue``, ``silence``, or, alone,
        ``nothing`` (nothing notable) or ``too_short`` (too few weeks to compare).
    values : mapping
        Numbers and names of the sentence. A value that differs by language is a mapping ``{"zh": …, "en": …}``.
    link : mapping of str to str
        Address parameters of the rows behind it: ``weeks``, ``to`` (ISO week), ``streams``, ``categories``,
        ``place``, ``only``.
    direction : {1, 0, -1}
    p_value : float or None
        Of the comparison, before the correction for looking at many.
    filters : IncidentFilter or None
        The rows behind it; None where there are none to show.
    """

    key: str
    values: Mapping[str, Any]
    link: Mapping[str, str] = field(default_factory=dict)
    direction: int = 0
    p_value: float | None = None
    filters: IncidentFilter | None = None

    def sentence(self, language: str) -> str:
        """Return the finding in words: numbers, comparison, and where it is concentrated."""
        values = {name: _in_language(value, language) for name, value in self.values.items()}
        text = say(f"change.{self.key}", language, **values)
        if "places" in self.values:
            text += say("change.concentrated", language, **values)
        if "source_change" in self.values:
            text += say("change.source_changed", language, **values)
        return text


def _in_language(value: Any, language: str) -> Any:
    if isinstance(value, Mapping):
        return value[language]
    if isinstance(value, list | tuple):
        return say("change.comma", language).join(str(one) for one in value)
    return f"{value:,}" if isinstance(value, int) else value


@reads("view_overview", "view_wall")
def find_weekly_changes(connection: Connection, scope: Scope, as_of: date | datetime) -> list[Change]:
    """Return what stands out in the last complete week before `as_of`, at most `MOST`, the most certain first.

    One finding with key ``nothing`` says that nothing does, and how many series were looked at; an empty list means
    that there are no records at all.
    """
    week, instant = complete_week(as_of), as_instant(as_of)
    recorded = recorded_weeks(connection)
    if recorded is None:
        return []
    past = read_history(connection, scope, week, instant)
    weeks = past.weeks
    if len(weeks) < MIN_PAST_WEEKS + 1:
        return [Change("too_short", {"n_weeks": max(len(weeks) - 1, 0), "needed": MIN_PAST_WEEKS})]
    series = build_series(past)
    lives = read_due_lives(connection, scope, IncidentFilter(week, week + 1), week - PAST_WEEKS)
    extra = _extra_series(connection, scope, lives, weeks)
    tests = _test(series, extra, falls=past.is_fair)
    found = find_notable(tests)
    names = _Names(connection, scope, as_day(as_of))
    changes: list[Change] = []
    for row in _without_echoes(found, series):
        if row.kind == "overdue":
            changes.append(_overdue(row, lives, week, instant))
        elif row.kind == "silence":
            changes.append(_silence(row, week))
        else:
            changes.append(_change(row, series, past.local, week, names))
    if changes:
        return _say_sources(changes[:MOST], list_source_changes(connection, scope), week)
    return [Change("nothing", {"n_series": _n_series(tests), "n_weeks": PAST_WEEKS})]


def _say_sources(changes: list[Change], source_changes: pd.DataFrame, week: int) -> list[Change]:
    """Add to a comparison the last change of a source within the weeks compared: it may be all that changed."""
    weeks = np.array([week_of(day.date()) for day in source_changes["on"]], dtype="int64")
    recent = source_changes[(weeks > week - PAST_WEEKS) & (weeks <= week)]
    said = []
    for change in changes:
        asked = change.filters
        if asked is None or change.key not in ("rise", "fall", "rise_in", "fall_in"):
            said.append(change)
            continue
        touches = recent["stream"].isna() | recent["stream"].isin(asked.streams)
        if asked.place_code is not None:
            touches &= recent["place_code"].isna() | (recent["place_code"] == asked.place_code)
        found = recent[touches]
        if len(found):
            last = found.iloc[-1]
            kind = {language: say(f"term.source_{last['kind']}", language) for language in ("zh", "en")}
            values = {**change.values, "source_change": kind, "source_day": last["on"].date().isoformat()}
            said.append(replace(change, values=values))
        else:
            said.append(change)
    return said


def _n_series(tests: pd.DataFrame) -> int:
    return len(tests[["kind", "series"]].drop_duplicates())


def _extra_series(
    connection: Connection, scope: Scope, lives: pd.DataFrame, weeks: range
) -> dict[str, np.ndarray[Any, np.dtype[np.float64]]]:
    """Return the two series that are no counts of incidents by week: newly overdue, and silent villages."""
    recent = weeks[-(PAST_WEEKS + 1):]
    found = {"overdue": count_newly_late(lives, recent)["n_incidents"].to_numpy(dtype="float64")}
    silent = read_silence(connection, scope, weeks[-1], len(recent) - SILENT_WEEKS + 1)
    found["silence"] = silent.to_numpy(dtype="float64")
    return {kind: counts for kind, counts in found.items() if counts.any()}


def _test(series: WeeklySeries, extra: Mapping[str, Any], *, falls: bool) -> pd.DataFrame:
    parts = [compare_weeks(series.counts, series.parents, series.kinds, n_recent=n, falls=falls) for n in (1, 4)]
    alone = np.zeros(1, dtype="int64")
    parts += [compare_weeks(counts[None, :], alone, [kind]) for kind, counts in extra.items()]
    parts = [part for part in parts if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else compare_weeks(np.zeros((0, 0)), alone[:0], [])


def _without_echoes(found: pd.DataFrame, series: WeeklySeries) -> list[Any]:
    """Return the findings without those that only repeat a stronger one: same stream and direction, wider or narrower.

    A category in one township explains its stream, and the stream its township: one sentence is enough.
    """
    kept: list[Any] = []
    seen: set[tuple[Any, ...]] = set()
    for row in found.itertuples(index=False):
        if row.kind in ("overdue", "silence"):
            kept.append(row)
            continue
        stream, category, township = series.names[int(row.series)]
        echo = any(
            s == stream and d == row.direction and (c == category or c is None or category is None)
            and (t == township or t is None or township is None)
            for s, c, t, d in seen
        )
        if not echo:
            kept.append(row)
            seen.add((stream, category, township, row.direction))
    return kept


class _Names:
    """Words of categories and townships, read once."""

    def __init__(self, connection: Connection, scope: Scope, on: date) -> None:
        categories = list_categories(connection)
        self._categories = {
            code: {"zh": zh, "en": en}
            for code, zh, en in zip(categories["code"], categories["name_zh"], categories["name_en"], strict=True)
        }
        townships = list_places(connection, scope, Level.TOWNSHIP.value, on)
        self._townships = dict(zip(townships["code"], townships["name"], strict=True))

    def what(self, stream: str, category: str | None) -> Any:
        """Return the words of a category, or of a stream."""
        if category is not None:
            return self._categories.get(category, category)
        if stream in set(Stream):
            return {language: say(f"term.stream_{stream}", language) for language in ("zh", "en")}
        return stream

    def township(self, code: str) -> str:
        """Return the name of a township, or its code where it is gone."""
        return str(self._townships.get(code, code))


def _number(value: float) -> str:
    return f"{value:.1f}" if value < 10 else f"{value:,.0f}"


def _change(row: Any, series: WeeklySeries, local: pd.DataFrame, week: int, names: _Names) -> Change:
    stream, category, township = series.names[int(row.series)]
    assert stream is not None  # noqa: S101 - every name has one
    n_weeks = int(row.weeks)
    counts = series.counts[int(row.series)]
    values: dict[str, Any] = {
        "what": names.what(stream, category), "n": int(row.observed), "expected": _number(row.expected),
        "previous": int(counts[-2 * n_weeks: len(counts) - n_weeks].sum()),
        "period": _both("period", n_weeks), "before": _both("before", n_weeks),
    }
    key = "rise" if row.direction > 0 else "fall"
    if township is not None:
        key += "_in"
        values["place"] = names.township(township)
    elif row.direction > 0:
        values |= _concentration(local, stream, category, range(week - n_weeks + 1, week + 1), int(row.observed), names)
    link = {"weeks": str(n_weeks), "to": week_label(week), "streams": stream}
    link |= {"categories": category} if category else {}
    link |= {"place": township} if township else {}
    filters = IncidentFilter(
        week - n_weeks + 1, week + 1, (stream,), (category,) if category else (), township)
    return Change(key, values, link, int(row.direction), float(row.p_value), filters)


def _both(key: str, n_weeks: int) -> dict[str, str]:
    return {language: say(f"change.{key}_{n_weeks}", language) for language in ("zh", "en")}


def _concentration(
    local: pd.DataFrame, stream: str, category: str | None, weeks: range, n: int, names: _Names
) -> dict[str, Any]:
    """Return the few townships that hold most of it, if they do; none with fewer than `SMALL_COUNT`."""
    rows = local[(local["stream"] == stream) & local["week"].between(weeks[0], weeks[-1])]
    rows = rows if category is None else rows[rows["category"] == category]
    by_township = rows.groupby("township")["n_incidents"].sum()
    largest = by_township.sort_values(ascending=False, kind="stable").head(MOST_NAMED)
    largest = largest[largest >= SMALL_COUNT]
    n_townships = local["township"].nunique()
    even = 1.5 * len(largest) / max(n_townships, 1)  # what they would hold anyway is not worth a word
    if n_townships <= MOST_NAMED or largest.sum() < max(CONCENTRATED, even) * n:
        return {}
    return {"places": [names.township(code) for code in largest.index], "n_there": int(largest.sum())}


def _overdue(row: Any, lives: pd.DataFrame, week: int, as_of: datetime) -> Change:
    late, with_due = count_late_at(lives, as_of)
    before = count_late_by_week(lives, range(week - 1, week))["n_overdue"].iloc[0]
    values = {"n": int(row.observed), "expected": _number(row.expected), "late": late, "with_due": with_due,
              "late_before": int(before)}
    return Change("overdue", values, {"weeks": "all", "only": "overdue"}, 1, float(row.p_value), None)


def _silence(row: Any, week: int) -> Change:
    values = {"n": int(row.observed), "expected": _number(row.expected), "n_weeks": SILENT_WEEKS}
    filters = IncidentFilter(week - SILENT_WEEKS + 1, week + 1)
    return Change("silence", values, {"weeks": "13", "to": week_label(week)}, 1, float(row.p_value), filters)
