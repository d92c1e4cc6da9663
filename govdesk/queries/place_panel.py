"""Everything the panel beside the map says of the chosen place, in one read."""

from dataclasses import dataclass, replace
from datetime import datetime

import pandas as pd
from sqlalchemy import Connection

from govdesk.queries.counts import fill_weeks, read_weeks
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.incidents import count_incidents, list_incidents
from govdesk.queries.permission import reads
from govdesk.queries.stock import Stock, count_open
from govdesk.rules.access import Scope

#: Weeks of the curve, and incidents listed.
CURVE_WEEKS = 26
LATEST = 6


@dataclass(frozen=True, slots=True)
class PlacePanel:
    """Figures of one place in one window.

    Attributes
    ----------
    n_incidents, n_repeat : int
    n_before : int or None
        Of the equally long window before; None where that is not wholly inside the recorded period.
    stock : Stock
        What was open at `as_of`.
    curve : DataFrame
        ``week``, ``n_incidents`` of the last `CURVE_WEEKS` weeks of the window.
    latest : DataFrame
        The last `LATEST` incidents of the window (`list_incidents`).
    """

    n_incidents: int
    n_repeat: int
    n_before: int | None
    stock: Stock
    curve: pd.DataFrame
    latest: pd.DataFrame


@reads("view_overview")
def read_place_panel(
    connection: Connection, scope: Scope, filters: IncidentFilter, as_of: datetime,
    first_week: int | None, last_week: int | None,
) -> PlacePanel:
    """Return the panel of the place of `filters`; `first_week` and `last_week` are those of the recorded period."""
    weeks = filters.week_to - filters.week_from
    before = filters.week_from - weeks
    curve_from = filters.week_to - CURVE_WEEKS
    # One read for the window, the one before it and the curve.
    found = read_weeks(connection, scope, replace(filters, week_from=min(before, curve_from)))
    known = first_week is not None and before >= first_week and weeks > 0
    recorded = range(0) if first_week is None or last_week is None else range(
        max(curve_from, first_week), min(filters.week_to, last_week + 1))
    return PlacePanel(
        n_incidents=_sum(found, filters.week_from, filters.week_to),
        n_repeat=count_incidents(connection, scope, filters, only_repeat=True, as_of=as_of),
        n_before=_sum(found, before, filters.week_from) if known else None,
        stock=count_open(connection, scope, filters, as_of),
        curve=fill_weeks(found, recorded, None),
        latest=list_incidents(connection, scope, filters, as_of=as_of, limit=LATEST),
    )


def _sum(found: pd.DataFrame, week_from: int, week_to: int) -> int:
    return int(found.loc[(found["week"] >= week_from) & (found["week"] < week_to), "n_incidents"].sum())
