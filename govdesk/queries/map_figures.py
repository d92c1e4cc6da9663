"""The numbers behind the colours of the map: one figure a place, and what kind of figure it is."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from govdesk.clock import monday_of
from govdesk.queries.capacity import count_by_place as count_capacity
from govdesk.queries.counts import count_by_place, count_open_by_place
from govdesk.queries.map_request import CAPACITIES, STOCKS, MapRequest, Measure
from govdesk.queries.permission import reads
from govdesk.queries.places import descends_from, valid_on
from govdesk.queries.recorded import read_recorded
from govdesk.queries.scoping import within_area
from govdesk.queries.turns import list_beginnings
from govdesk.rules.access import Scope
from govdesk.tables import Place
from govdesk.terms import RATE_MINIMUM
from models.quantile_classes import find_breaks

#: A figure; nothing happened; too few for a rate; what it would be divided by is not known; the place is of later.
State = Literal["figure", "zero", "few", "unknown", "later"]

N_CLASSES = 5


@reads("view_overview", "view_wall")
def read_map_figures(connection: Connection, scope: Scope, request: MapRequest) -> pd.DataFrame:
    """Return one row for every place that is drawn.

    Returns
    -------
    DataFrame
        ``code``, ``name``, ``n`` (numerator), ``denominator`` (NaN where the measure has none or it is not known),
        ``value`` (what is coloured; NaN unless state is ``figure`` or ``zero``), ``state`` (see `State`),
        ``since`` (day; missing unless the place began within or after the window). A rate from fewer than
        `terms.RATE_MINIMUM` incidents is no figure but ``few``; a place that began after the window (earlier frames
        of a playback show the places of the last one) has no figure, not zero.
    """
    return _mark_later(_read_figures(connection, scope, request), connection, scope, request)


def _read_figures(connection: Connection, scope: Scope, request: MapRequest) -> pd.DataFrame:
    rows = _read_places(connection, scope, request)
    if request.measure in CAPACITIES:
        return _capacity(connection, scope, request, rows)
    # Where nothing was recorded, not known is not zero.
    if request.week_to <= request.week_from or not _is_recorded(connection, scope, request.measure):
        return _unknown(rows)
    if request.measure in ("open", "overdue"):
        return _stock(connection, scope, request, rows)
    counts = count_by_place(connection, scope, request.filters, request.level)
    rows = rows.merge(counts, left_on="code", right_on="place_code", how="left")
    for column in ("n_incidents", "n_repeat"):
        rows[column] = rows[column].fillna(0).astype("int64")
    if request.measure == "per_1000":
        return _rate(rows, rows["n_incidents"], rows["population"], 1000, rows["n_incidents"])
    if request.measure == "repeat_share":
        return _rate(rows, rows["n_repeat"], rows["n_incidents"].astype("float64"), 100, rows["n_incidents"])
    return _finish(rows, rows["n_incidents"], np.nan, rows["n_incidents"].astype("float64"))


def _mark_later(figures: pd.DataFrame, connection: Connection, scope: Scope, request: MapRequest) -> pd.DataFrame:
    """Say which places began within the window, and take the figure from those that began after it."""
    since = list_beginnings(connection, scope, request.level).set_index("code")["since"]
    figures["since"] = since.reindex(figures["code"]).to_numpy()
    if request.measure in STOCKS:  # one day, not a window
        first, last = request.stock_day, request.stock_day
    else:
        first, last = monday_of(request.week_from), monday_of(request.week_to) - timedelta(days=1)
    figures["since"] = figures["since"].where(figures["since"] > pd.Timestamp(first))
    later = figures["since"] > pd.Timestamp(last)
    figures.loc[later, "state"] = "later"
    figures.loc[later, "value"] = np.nan
    return figures


def _read_places(connection: Connection, scope: Scope, request: MapRequest) -> pd.DataFrame:
    statement = select(Place.code, Place.name, Place.population).where(
        Place.level == request.level, valid_on(request.day), within_area(scope, Place.code))
    if request.within is not None:
        statement = statement.where(descends_from(request.within, request.day))
    found = connection.execute(statement.order_by(Place.code)).all()
    return pd.DataFrame({
        "code": pd.Series([row.code for row in found], dtype="str"),
        "name": pd.Series([row.name for row in found], dtype="str"),
        "population": np.array([row.population for row in found], dtype="float64"),
    })


def _unknown(rows: pd.DataFrame) -> pd.DataFrame:
    return _finish(rows, pd.Series(0, index=rows.index), np.nan, pd.Series(np.nan, index=rows.index))


def _is_recorded(connection: Connection, scope: Scope, measure: Measure) -> bool:
    """Return whether the sources say anything about a measure: where nothing is ever closed, open means nothing."""
    if measure in ("open", "overdue"):
        return read_recorded(connection, scope).closings
    return measure != "repeat_share" or read_recorded(connection, scope).repeats


def _stock(connection: Connection, scope: Scope, request: MapRequest, rows: pd.DataFrame) -> pd.DataFrame:
    counts = count_open_by_place(connection, scope, request.filters, request.level, request.instant)
    rows = rows.merge(counts, left_on="code", right_on="place_code", how="left")
    for column in ("n_open", "n_overdue", "n_with_due"):
        rows[column] = rows[column].fillna(0).astype("int64")
    if request.measure == "open":
        return _finish(rows, rows["n_open"], np.nan, rows["n_open"].astype("float64"))
    has_due = (rows["n_with_due"] > 0) | (rows["n_open"] == 0)  # open without a due date: late or not, nobody knows
    value = rows["n_overdue"].astype("float64").where(has_due)
    return _finish(rows, rows["n_overdue"], rows["n_with_due"].astype("float64"), value)


def _capacity(connection: Connection, scope: Scope, request: MapRequest, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the latest counts; a place without a record is not known. The denominator is the villages with one."""
    counts = count_capacity(connection, scope, request.measure, request.level, request.day, request.instant)
    rows = rows.merge(counts, left_on="code", right_on="place_code", how="left")
    n = rows["n"].astype("float64")
    return _finish(rows, n.fillna(0).astype("int64"), rows["n_known"].astype("float64"), n)


def _rate(
    rows: pd.DataFrame, numerator: pd.Series, denominator: pd.Series, per: int, n_incidents: pd.Series
) -> pd.DataFrame:
    known = denominator > 0
    value = (numerator / denominator.where(known) * per).where(n_incidents >= RATE_MINIMUM)
    found = _finish(rows, numerator, denominator, value)
    found.loc[known & (n_incidents < RATE_MINIMUM), "state"] = "few"
    found.loc[n_incidents <= 0, "state"] = "zero"
    return found


def _finish(rows: pd.DataFrame, n: pd.Series, denominator: pd.Series | float, value: pd.Series) -> pd.DataFrame:
    state = np.where(value.isna(), "unknown", np.where(value <= 0, "zero", "figure"))
    return pd.DataFrame({
        "code": rows["code"], "name": rows["name"], "n": n, "denominator": denominator, "value": value,
        "state": state,
    }).reset_index(drop=True)


def find_map_breaks(figures: pd.DataFrame) -> tuple[float, ...]:
    """Return the upper ends of the colour classes but the last, from what is a figure: quantiles, distinct."""
    values = figures.loc[figures["state"] == "figure", "value"].to_numpy(dtype="float64")
    return tuple(round(float(edge), 4) for edge in find_breaks(values, N_CLASSES))


def classify(values: pd.Series, breaks: Sequence[float]) -> NDArray[np.int64]:
    """Return the class (0 = lowest) of each value: the first break that it does not exceed."""
    edges = np.asarray(breaks, dtype="float64")
    found: NDArray[np.int64] = np.searchsorted(edges, values.to_numpy(dtype="float64"), side="left")
    return found
