"""Everything the panel beside the map says of the chosen place, in one read."""

from dataclasses import dataclass, replace
from datetime import datetime

import pandas as pd
from sqlalchemy import Connection

from govdesk.queries.counts import weekly_series
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.incidents import count_incidents, list_incidents
from govdesk.queries.recorded import Recorded, read_recorded
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
    recorded : Recorded
        What the sources say anything about.
    curve : DataFrame
        ``week``, ``n_incidents`` of the last `CURVE_WEEKS` weeks of the window.
    latest : DataFrame
        The last `LATEST` incidents of the window (`list_incidents`).
    """

    n_incidents: int
    n_repeat: int
    n_before: int | None
    stock: Stock
    recorded: Recorded
    curve: pd.DataFrame
    latest: pd.DataFrame


def read_place_panel(
    connection: Connection, scope: Scope, filters: IncidentFilter, as_of: datetime, first_week: int | None
) -> PlacePanel:
    """Return the panel of the place of `filters`; `first_week` is that of the recorded period."""
    weeks = filters.week_to - filters.week_from
    before = replace(filters, week_from=filters.week_from - weeks, week_to=filters.week_from)
    known = first_week is not None and before.week_from >= first_week and weeks > 0
    return PlacePanel(
        n_incidents=count_incidents(connection, scope, filters, as_of=as_of),
        n_repeat=count_incidents(connection, scope, filters, only_repeat=True, as_of=as_of),
        n_before=count_incidents(connection, scope, before, as_of=as_of) if known else None,
        stock=count_open(connection, scope, filters, as_of),
        recorded=read_recorded(connection, scope),
        curve=weekly_series(connection, scope, replace(filters, week_from=filters.week_to - CURVE_WEEKS)),
        latest=list_incidents(connection, scope, filters, as_of=as_of, limit=LATEST),
    )
