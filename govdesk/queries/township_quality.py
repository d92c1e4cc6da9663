"""How what was reported in half a year was closed, by township: the few numbers that a wall has room for."""

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from govdesk.clock import local_day
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.instants import complete_week
from govdesk.queries.known import has_closings
from govdesk.queries.permission import reads
from govdesk.queries.places import list_places
from govdesk.queries.quality_returns import sum_reopenings
from govdesk.queries.quality_sums import sum_quality_by_days
from govdesk.rules.access import Scope
from govdesk.storage.weekly_counts import find_district_level
from models.survival import estimate_survival, find_median

#: Half a year: closings are then at least 90 days old for about half of it.
N_WEEKS = 26


@dataclass(frozen=True, slots=True)
class QualityRow:
    """Numbers of one district, or of all.

    Attributes
    ----------
    n, n_closed : int
        What occurred in the window and was known at the instant; of it closed.
    median_days : float or None
        Days from the report until half are closed, with what is open counted as open (Kaplan and Meier); None while
        fewer than half are.
    n_back, n_returned : int
        Closings at least 90 days old; of them re-opened within 90 days.
    oldest_days : int or None
        Age of the oldest that is open.
    """

    code: str
    name: str
    n: int
    n_closed: int
    median_days: float | None
    n_back: int
    n_returned: int
    oldest_days: int | None

    @property
    def n_open(self) -> int:
        """How many are open."""
        return self.n - self.n_closed


@dataclass(frozen=True, slots=True)
class TownshipQuality:
    """All districts by code, and their sum; `level` is theirs, `week_from` the first week of the window."""

    level: str
    week_from: int
    week_to: int
    on: date
    whole: QualityRow
    rows: tuple[QualityRow, ...]


@reads("view_overview", "view_wall")
def read_township_quality(connection: Connection, scope: Scope, as_of: datetime) -> TownshipQuality | None:
    """Return the numbers of the last `N_WEEKS` complete weeks; None where closings or districts are not recorded."""
    level = find_district_level(connection)
    if level is None or not has_closings(connection, scope):
        return None
    week = complete_week(as_of)
    filters = IncidentFilter(week + 1 - N_WEEKS, week + 1)
    by_days = sum_quality_by_days(connection, scope, filters, as_of, "district")
    undone = sum_reopenings(connection, scope, filters, as_of, "district").set_index("district")
    day = local_day(as_of)
    places = list_places(connection, scope, level, day)
    parts = dict(tuple(by_days.groupby("district")))
    rows = tuple(_sum(code, name, parts.get(code, by_days.iloc[:0]), undone[undone.index == code])
                 for code, name in zip(places["code"], places["name"], strict=True))
    return TownshipQuality(level, filters.week_from, filters.week_to, day, _sum("", "", by_days, undone), rows)


def _sum(code: str, name: str, by_days: pd.DataFrame, undone: pd.DataFrame) -> QualityRow:
    sums = by_days[["n", "n_closed", "n_closed_90"]].sum()
    waiting = by_days.loc[~by_days["is_closed"] & (by_days["n"] > 0), "days"]
    return QualityRow(
        code, name, int(sums["n"]), int(sums["n_closed"]), _median(by_days),
        int(sums["n_closed_90"] + undone["n_undone_90"].sum()), int(undone["n_reopened_90"].sum()),
        None if waiting.empty else int(waiting.max()))


def _median(by_days: pd.DataFrame) -> float | None:
    numbers = by_days["n"].clip(lower=0).to_numpy()
    if numbers.sum() <= 0:
        return None
    closed = by_days["is_closed"].to_numpy()
    curve = estimate_survival(
        by_days["days"].to_numpy(), np.where(closed, numbers, 0), np.where(closed, 0, numbers))
    return find_median(curve).value
