"""Which village reported in which week, said that nothing happened, or was silent: what every zero leans on."""

from datetime import datetime

import numpy as np
import pandas as pd
from sqlalchemy import Connection, select

from govdesk.queries.columns import Coded, read_columns, sum_cells
from govdesk.queries.coverage import nil_return_weeks, reporting_level
from govdesk.queries.filters import IncidentFilter, at_place, counted, in_window
from govdesk.queries.frames import COUNT
from govdesk.queries.instants import as_day
from govdesk.queries.permission import reads
from govdesk.queries.place_columns import find_ancestors
from govdesk.queries.places import list_places
from govdesk.queries.quality_cohort import FACTS
from govdesk.rules.access import Scope
from govdesk.tables import Incident

REPORTED, NIL, SILENT = "reported", "nil", "silent"


@reads("view_overview")
def read_completeness(
    connection: Connection, scope: Scope, place_code: str | None, week_from: int, week_to: int, as_of: datetime
) -> pd.DataFrame:
    """Return for each village that stands on the day of `as_of`, and each week, what came from it.

    Parameters
    ----------
    place_code : str or None
        Keeps the villages inside one place.
    week_from, week_to : int
        Weeks, `week_to` exclusive. Incidents by week of occurrence, of all streams and channels; a nil return counts
        for every week that its period touches.

    Returns
    -------
    DataFrame
        ``place_code``, ``name``, ``week``, ``n_incidents`` (int64), ``state`` (``reported``, ``nil``, ``silent``);
        places by code, weeks ascending. Weeks before a village began are missing.
    """
    level = reporting_level(connection)
    places = list_places(connection, scope, level, as_day(as_of), place_code) if level else pd.DataFrame()
    weeks = np.arange(week_from, week_to)
    if places.empty or not len(weeks):
        return pd.DataFrame({"place_code": pd.Series(dtype="str"), "name": pd.Series(dtype="str"),
                             "week": pd.Series(dtype="int64"), "n_incidents": pd.Series(dtype="int64"),
                             "state": pd.Series(dtype="str")})
    reports = _count_weeks(connection, scope, IncidentFilter(week_from, week_to, place_code=place_code), level or "")
    nil = nil_return_weeks(connection, scope, week_from, week_to, level or "", as_of)
    row_of = pd.Series(np.arange(len(places)), index=places["code"])
    numbers, said = (np.zeros((len(places), len(weeks)), dtype="int64") for _ in range(2))
    for table, rows, values in ((numbers, reports, reports["n_incidents"]), (said, nil, pd.Series(1, nil.index))):
        known = rows["place_code"].isin(row_of.index)
        np.add.at(table, (row_of[rows.loc[known, "place_code"]].to_numpy(), rows.loc[known, "week"] - week_from),
                  values[known])
    state = np.where(numbers > 0, REPORTED, np.where(said > 0, NIL, SILENT))
    began = pd.to_datetime(places["valid_from"]).to_numpy().astype("datetime64[D]").astype("int64")
    first = (began - 4) // 7  # day 4 since the epoch is a Monday (`clock.EPOCH_MONDAY`)
    frame = pd.DataFrame({
        "place_code": np.repeat(places["code"].to_numpy(), len(weeks)),
        "name": np.repeat(places["name"].to_numpy(), len(weeks)), "week": np.tile(weeks, len(places)),
        "n_incidents": numbers.ravel(), "state": state.ravel()})
    return frame[frame["week"].to_numpy() >= np.repeat(first, len(weeks))].reset_index(drop=True)


def _count_weeks(connection: Connection, scope: Scope, filters: IncidentFilter, level: str) -> pd.DataFrame:
    """Return ``place_code`` of `level`, ``week``, ``n_incidents`` of the window; sparse."""
    rows = at_place(select().select_from(Incident), filters).where(counted(scope, filters), in_window(filters))
    found, texts = read_columns(
        connection, rows, {"week": FACTS["week"], "weight": FACTS["weight"]}, {"place": Incident.place_code})
    weeks = Coded(found["week"] - filters.week_from, np.arange(filters.week_from, filters.week_to))
    places = find_ancestors(connection, level, texts["place"], found["week"])
    return sum_cells({"place_code": places, "week": weeks}, {"n_incidents": found["weight"]}, {"week": COUNT})
