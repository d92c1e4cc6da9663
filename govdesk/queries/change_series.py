"""The weekly series that are compared with their own past, each week with what was known as early as the last one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import BigInteger, Connection, case, func, select, type_coerce
from sqlalchemy.orm import aliased

from govdesk.clock import day_start, monday_of
from govdesk.queries.coverage import reporting_level
from govdesk.queries.filters import IncidentFilter, at_level, counted, in_window
from govdesk.queries.frames import COUNT, TEXT, read_frame
from govdesk.queries.freshness import recorded_weeks
from govdesk.queries.permission import reads
from govdesk.rules.access import Scope
from govdesk.tables import Incident, PlaceAncestor
from govdesk.terms import Channel, Level, Stream

WEEK_SECONDS = 7 * 86_400
#: Share of the past year's records that must have come in time for weeks to be compared at equal delay.
IN_TIME = 0.8
#: Weeks read by township: a year, and the four weeks under test.
LOCAL_WEEKS = 56
#: Weeks of history that the season is learnt from.
HISTORY_WEEKS = 6 * 52
#: Channels by which a village speaks for itself; over the others somebody else speaks about it.
OWN_CHANNELS = (Channel.GRID_WORKER.value, Channel.APP.value)
#: A village that said nothing itself for as long, while the hotline took calls from it, is counted as silent.
SILENT_WEEKS = 9


@dataclass(frozen=True, slots=True)
class WeeklySeries:
    """Series in the rows of `counts`, oldest week first; `names` tells what each is.

    A name is (stream, category, township code), with None where all are meant; `parents` holds the row whose season
    a series is drawn towards; `kinds` the family (`models.weekly_changes.FAMILY_SHARES`).
    """

    counts: np.ndarray[Any, np.dtype[np.float64]]
    parents: np.ndarray[Any, np.dtype[np.int64]]
    kinds: Sequence[str]
    names: Sequence[tuple[str | None, str | None, str | None]]


@dataclass(frozen=True, slots=True)
class History:
    """Counts of the weeks that are compared.

    Attributes
    ----------
    county : DataFrame
        ``week``, ``stream``, ``category``, ``n_incidents`` of all `weeks`.
    local : DataFrame
        The same by ``township`` (code), of the last `LOCAL_WEEKS` weeks; without what is known only at a coarser level.
    is_fair : bool
        Whether each week holds only what was recorded as soon after it as the last week's records were. If not (files
        that arrive by the month, old files loaded later), a fall of the last week may be nothing but a late entry.
    weeks : range
        All weeks, up to the last complete one.
    """

    county: pd.DataFrame
    local: pd.DataFrame
    is_fair: bool
    weeks: range


@reads("view_overview", "view_wall")
def read_history(connection: Connection, scope: Scope, week: int, as_of: datetime) -> History:
    """Return counts by week, stream and category up to `week`, for all and by township.

    Of each week only what was recorded as soon after it as `as_of` is after `week` is counted: late entries would
    make every last week look quiet. Where less than `IN_TIME` of the past year was recorded that soon, all is.
    """
    recorded = recorded_weeks(connection)
    first = week + 1 if recorded is None else max(recorded[0], week - HISTORY_WEEKS + 1)
    weeks = range(min(first, week + 1), week + 1)
    county, local = (
        _read_rows(connection, scope, IncidentFilter(begin, week + 1), as_of, is_local=is_local)
        for begin, is_local in ((weeks.start, False), (max(weeks.start, week - LOCAL_WEEKS + 1), True))
    )
    past = county[(county["week"] < week) & (county["week"] >= week - 52)]
    is_fair = bool(past["n_in_time"].sum() >= IN_TIME * past["n_incidents"].sum())
    if is_fair:
        county, local = (rows.assign(n_incidents=rows["n_in_time"]) for rows in (county, local))
    return History(county, local.dropna(subset=["township"]), is_fair, weeks)


def _read_rows(
    connection: Connection, scope: Scope, filters: IncidentFilter, as_of: datetime, *, is_local: bool
) -> pd.DataFrame:
    """Return counts of a window, and of it what was recorded as soon after its week as `as_of` is after the last."""
    start = int(day_start(monday_of(0)).timestamp())
    delay = int(as_of.timestamp()) - int(day_start(monday_of(filters.week_to - 1)).timestamp())
    recorded_at = type_coerce(Incident.recorded_at, BigInteger)
    in_time = recorded_at - WEEK_SECONDS * Incident.week_occurred <= start + delay
    up = aliased(PlaceAncestor, name="up")
    township = (
        select(up.ancestor_code).where(
            up.code == Incident.place_code, up.ancestor_level == Level.TOWNSHIP.value,
            up.week_from <= Incident.week_occurred, up.week_to > Incident.week_occurred)
        .limit(1).correlate(Incident).scalar_subquery()
    )
    rows = (
        select(
            Incident.week_occurred.label("week"), Incident.stream.label("stream"), Incident.category.label("category"),
            *([township.label("township")] if is_local else []), Incident.weight.label("n"),
            case((in_time, Incident.weight), else_=0).label("n_in_time"))
        .where(counted(scope, filters), in_window(filters))
    ).subquery()
    types = {"week": COUNT, "stream": TEXT, "category": TEXT, **({"township": TEXT} if is_local else {})}
    keys = [rows.c[name] for name in types]
    return read_frame(
        connection, select(*keys, func.sum(rows.c.n), func.sum(rows.c.n_in_time)).group_by(*keys),
        {**types, "n_incidents": COUNT, "n_in_time": COUNT},
    )


def build_series(past: History) -> WeeklySeries:
    """Return the series of streams, categories, townships × streams, and townships × categories of disputes."""
    stream = _matrix(past.county, ["stream"], past.weeks)
    category = _matrix(past.county, ["stream", "category"], past.weeks)
    town = _matrix(past.local, ["stream", "township"], past.weeks)
    disputes = past.local[past.local["stream"] == Stream.DISPUTE.value]
    town_category = _matrix(disputes, ["stream", "category", "township"], past.weeks)
    names: list[tuple[str | None, str | None, str | None]] = [
        *((s, None, None) for s in stream.index), *((s, c, None) for s, c in category.index),
        *((s, None, t) for s, t in town.index), *((s, c, t) for s, c, t in town_category.index),
    ]
    row_of = {name: row for row, name in enumerate(names)}
    parents = [row_of[(s, c if t is not None else None, None)] for s, c, t in names]
    sizes = (len(stream), len(category), len(town), len(town_category))
    kinds = np.repeat(["stream", "category", "township_stream", "township_category"], sizes)
    tables = [table.to_numpy(dtype="float64") for table in (stream, category, town, town_category) if len(table)]
    counts = np.vstack(tables) if tables else np.zeros((0, len(past.weeks)))
    return WeeklySeries(counts, np.array(parents, dtype="int64"), kinds.tolist(), names)


def _matrix(history: pd.DataFrame, keys: list[str], weeks: range) -> pd.DataFrame:
    """Return one row for each combination of `keys`, one column a week."""
    if history.empty:
        return pd.DataFrame(np.zeros((0, len(weeks))))
    table = history.pivot_table(index=keys, columns="week", values="n_incidents", aggfunc="sum", fill_value=0)
    return table.reindex(columns=list(weeks), fill_value=0).sort_index()


@reads("view_overview", "view_wall")
def read_silence(connection: Connection, scope: Scope, week: int, n_weeks: int) -> pd.Series:
    """Return how many villages were silent at the end of each of the last `n_weeks` weeks.

    Silent: nothing through their own channels (`OWN_CHANNELS`) in `SILENT_WEEKS` weeks, while the hotline took at
    least one call from there. Empty where no record names such a channel: then silence means nothing.

    Returns
    -------
    Series
        Counts (int64) by week.
    """
    weeks = range(week - n_weeks - SILENT_WEEKS + 2, week + 1)
    found = read_voices(connection, scope, weeks)
    if found["n_own"].sum() == 0 or found["n_calls"].sum() == 0:
        return pd.Series(dtype="int64")
    spoke, called = (
        found.pivot_table(index="week", columns="place_code", values=column, aggfunc="sum", fill_value=0)
        .reindex(list(weeks), fill_value=0).rolling(SILENT_WEEKS).sum().iloc[SILENT_WEEKS - 1:]
        for column in ("n_own", "n_calls")
    )
    return ((spoke <= 0) & (called > 0)).sum(axis=1).astype("int64")


@reads("view_overview", "view_wall")
def read_voices(connection: Connection, scope: Scope, weeks: range) -> pd.DataFrame:
    """Count what villages said themselves, and what the hotline heard from there.

    Returns
    -------
    DataFrame
        ``week``, ``place_code``, ``n_own`` (through `OWN_CHANNELS`), ``n_calls`` (hotline); sparse.
    """
    filters = IncidentFilter(weeks.start, weeks.stop)
    up = aliased(PlaceAncestor, name="up")
    own = func.sum(case((Incident.channel.in_(OWN_CHANNELS), Incident.weight), else_=0))
    calls = func.sum(case((Incident.channel == Channel.HOTLINE.value, Incident.weight), else_=0))
    statement = at_level(
        select(Incident.week_occurred, up.ancestor_code, own, calls).select_from(Incident),
        reporting_level(connection) or "", up,
    ).where(counted(scope, filters), in_window(filters)).group_by(Incident.week_occurred, up.ancestor_code)
    return read_frame(
        connection, statement, {"week": COUNT, "place_code": TEXT, "n_own": COUNT, "n_calls": COUNT})
