"""How fast and how completely records come in: by township, by channel, by source, as of an instant.

Two windows, both in weeks of occurrence:

- *recent*, the last `RECENT_WEEKS` weeks: which fields are there;
- *arrived*, as many weeks ending `ARRIVAL_WEEKS` weeks earlier: how many days passed until a record was made. What
  occurred last week and is entered next month is not known yet, so that the last weeks would always look quick.

A record whose time of recording is assumed says nothing of promptness: it is left out there, and counted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy import ColumnElement, Connection, Text, and_, case, cast, func, literal_column, or_, select

from govdesk.clock import day_start, local_day
from govdesk.queries.columns import Coded, Integers, read_columns, sum_cells
from govdesk.queries.coverage import reporting_level
from govdesk.queries.filters import IncidentFilter, at_place, counted, in_window
from govdesk.queries.instants import complete_week
from govdesk.queries.permission import reads
from govdesk.queries.place_columns import find_ancestors, find_districts
from govdesk.queries.quality_cohort import FACTS, seconds
from govdesk.rules.access import Scope
from govdesk.rules.likely_duplicates import UNCLASSIFIED
from govdesk.tables import Incident
from govdesk.terms import PointKind

#: Weeks whose records are looked at, and weeks they are given to arrive (`brief_quality` gives as many).
RECENT_WEEKS, ARRIVAL_WEEKS = 13, 4
#: Days from the occurrence to the record within which a record is prompt, and within which it is in time.
PROMPT_DAYS, TIMELY_DAYS = 3, 7

By = Literal["all", "district", "channel", "source"]

#: Fields whose presence is counted, in the order they are shown: sum, what it is of.
FIELDS: Mapping[str, str] = {
    "n_classified": "n", "n_village": "n", "n_point": "n", "n_channel": "n", "n_unit": "n", "n_own_time": "n",
    "n_level": "n_closed",
}


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What came in, by one key.

    Attributes
    ----------
    rows : DataFrame
        The key (str; empty where there is none), then int64 sums of weights over the recent window: ``n``,
        ``n_classified`` (a category was given), ``n_village`` (the place is known to the village or finer),
        ``n_point`` (a point of its own, not that of its village), ``n_channel``, ``n_unit`` (who handles),
        ``n_own_time`` (the source told when it was recorded), ``n_closed``, ``n_level`` (of those closed, where it
        was settled); over the arrived window ``n_timed`` (with a recording time of its own), ``n_prompt``,
        ``n_timely`` (within `PROMPT_DAYS`, `TIMELY_DAYS` days), ``median_days`` (float64; missing without any);
        ``last_days`` (float64): days since the last record that became known, missing where none did in both windows.
    recent, arrived : (int, int)
        Windows, the end exclusive.
    """

    rows: pd.DataFrame
    recent: tuple[int, int]
    arrived: tuple[int, int]


@reads("view_data_quality")
def read_arrivals(
    connection: Connection, scope: Scope, as_of: datetime, by: By = "district", place_code: str | None = None
) -> Arrivals:
    """Return what came in up to `as_of`, ascending by key; keys without a record in either window are left out."""
    end = complete_week(as_of) + 1
    recent, arrived = (end - RECENT_WEEKS, end), (end - ARRIVAL_WEEKS - RECENT_WEEKS, end - ARRIVAL_WEEKS)
    filters = IncidentFilter(arrived[0], end, place_code=place_code)
    keys = {"channel": func.coalesce(Incident.channel, ""), "source": Incident.source}
    rows = at_place(select().select_from(Incident), filters).where(
        counted(scope, filters), in_window(filters), Incident.recorded_at <= as_of)
    found, texts = read_columns(connection, rows, _NUMBERS, {
        "place": Incident.place_code, "day": cast(Incident.occurred_on, Text),
        **({by: keys[by]} if by in keys else {})})
    week, weight = found["week"], found["weight"]
    key = texts[by] if by in keys else find_districts(connection, texts["place"], week)
    if by == "all":
        key = Coded(np.zeros(len(week), dtype="int64"), np.array([""], dtype=object))
    villages = find_ancestors(connection, reporting_level(connection) or "", texts["place"], week)
    is_recent = (week >= recent[0]) * weight
    sums: dict[str, npt.NDArray[Any]] = {"n": is_recent, **{
        name: is_recent * found[name] for name in ("n_classified", "n_point", "n_channel", "n_unit", "n_own_time",
                                                   "n_closed", "n_level")}}
    sums["n_village"] = is_recent * (villages.labels != "")[villages.codes]
    days = _count_days(texts["day"], found["recorded"], as_of)
    is_timed = (week < arrived[1]) & (found["n_own_time"] == 1)
    sums |= {"n_timed": weight * is_timed, "n_prompt": weight * is_timed * (days <= PROMPT_DAYS),
             "n_timely": weight * is_timed * (days <= TIMELY_DAYS)}
    table = sum_cells({by: key}, sums)
    single = _summarise(key, days, is_timed & (weight > 0), found["recorded"], as_of)
    return Arrivals(table.merge(single.rename(columns={"key": by}), on=by, how="left"), recent, arrived)


def _yes(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, literal_column("1")), else_=literal_column("0"))


_NUMBERS: dict[str, ColumnElement[int]] = {
    "week": FACTS["week"], "weight": FACTS["weight"], "recorded": seconds(Incident.recorded_at),
    "n_classified": _yes(~Incident.category.startswith(UNCLASSIFIED, autoescape=True)),
    "n_point": _yes(and_(Incident.lon.is_not(None), or_(
        Incident.point_kind.is_(None), Incident.point_kind != PointKind.PLACE.value))),
    "n_channel": _yes(Incident.channel.is_not(None)), "n_unit": _yes(Incident.handling_unit.is_not(None)),
    "n_own_time": _yes(Incident.is_recorded_assumed.is_(False)), "n_closed": _yes(Incident.closed_at.is_not(None)),
    "n_level": _yes(and_(Incident.closed_at.is_not(None), Incident.resolution_level.is_not(None))),
}


def _count_days(occurred: Coded, recorded: Integers, as_of: datetime) -> Integers:
    """Return the county's calendar days from each occurrence to its record; 0 where it was recorded before."""
    if not len(recorded):
        return np.zeros(0, dtype="int64")
    ordinals = np.array([date.fromisoformat(str(label)).toordinal() for label in occurred.labels], dtype="int64")
    first = int(ordinals.min())
    n_days = local_day(as_of).toordinal() - first + 1
    starts = np.array([int(day_start(date.fromordinal(first) + timedelta(days=n)).timestamp())
                       for n in range(max(n_days, 1))], dtype="int64")
    known = first + np.searchsorted(starts, recorded, side="right") - 1
    days: Integers = np.maximum(known - ordinals[occurred.codes], 0)
    return days


def _summarise(
    key: Coded, days: Integers, is_timed: npt.NDArray[np.bool_], recorded: Integers, as_of: datetime
) -> pd.DataFrame:
    """Return ``key``, ``median_days``, ``last_days`` of each value of a key."""
    frame = pd.DataFrame({"key": key.codes, "days": np.where(is_timed, days, np.nan), "recorded": recorded})
    grouped = frame.groupby("key").agg(median_days=("days", "median"), last=("recorded", "max"))
    today = local_day(as_of).toordinal()
    last = [float(max(today - local_day(datetime.fromtimestamp(int(second), as_of.tzinfo)).toordinal(), 0))
            for second in grouped["last"]]
    return pd.DataFrame({
        "key": pd.array([str(key.labels[code]) for code in grouped.index], dtype=_TEXT),
        "median_days": grouped["median_days"].to_numpy(dtype="float64"), "last_days": np.array(last, dtype="float64")})


_TEXT = pd.StringDtype(na_value=np.nan)
