"""The filter change of the map made by a page that holds the whole table as a frame: what the product is held against."""

import pandas as pd
from sqlalchemy import Connection

from govdesk.clock import week_of
from govdesk.queries.counts import count_by_place, count_open_by_place, weekly_series
from govdesk.queries.filters import IncidentFilter
from govdesk.rules.access import SYSTEM
from tests.support.tiny_county import NOW, UNTIL

WEEK = week_of(UNTIL)
#: Filter changes: a quarter and a year of everything, of one stream, of two categories.
CHANGES = [
    IncidentFilter(WEEK - weeks + 1, WEEK + 1, streams, categories)
    for weeks in (13, 52)
    for streams, categories in (((), ()), (("dispute",), ()), ((), ("neighbour", "hazard_fire")))
]


def read_table(connection: Connection) -> pd.DataFrame:
    """Return the table as such a page reads it."""
    return pd.read_sql_query("SELECT * FROM incidents", connection.connection.driver_connection)


def read_closure(connection: Connection) -> pd.DataFrame:
    """Return which village each place belongs to, and when."""
    return pd.read_sql_query(
        "SELECT code, ancestor_code, week_from, week_to FROM place_ancestors WHERE ancestor_level = 'village'",
        connection.connection.driver_connection)


def by_pandas(table: pd.DataFrame, closure: pd.DataFrame, asked: IncidentFilter) -> list[pd.DataFrame]:
    """Return counts by village, what is open by village, and the weekly series by stream."""
    keep = table["is_counted"] == 1
    if asked.streams:
        keep &= table["stream"].isin(asked.streams)
    if asked.categories:
        keep &= table["category"].isin(asked.categories)
    window = table[keep & (table["week_occurred"] >= asked.week_from) & (table["week_occurred"] < asked.week_to)]
    now = int(NOW.timestamp())
    alive = table[keep & (table["recorded_at"] <= now) & ~(table["closed_at"] <= now)]
    placed = _placed(window, closure)
    placed["n_repeat"] = placed["weight"].where(placed["repeat_of"].notna() | (placed["petition_kind"] == "repeat"), 0)
    stock = _placed(alive, closure)
    stock["n_overdue"] = stock["weight"].where(stock["due_at"] < now, 0)
    counts = placed.groupby("ancestor_code")[["weight", "n_repeat"]].sum()
    stocks = stock.groupby("ancestor_code")[["weight", "n_overdue"]].sum()
    series = window.groupby(["week_occurred", "stream"])["weight"].sum()
    return [counts, stocks, series.to_frame()]


def _placed(rows: pd.DataFrame, closure: pd.DataFrame) -> pd.DataFrame:
    joined = rows.merge(closure, left_on="place_code", right_on="code")
    return joined[
        (joined["week_occurred"] >= joined["week_from"]) & (joined["week_occurred"] < joined["week_to"])].copy()


def by_product(connection: Connection, asked: IncidentFilter) -> list[pd.DataFrame]:
    """Return the same from the product's queries."""
    return [
        count_by_place(connection, SYSTEM, asked, "village").set_index("place_code"),
        count_open_by_place(connection, SYSTEM, asked, "village", NOW).set_index("place_code")[["n_open", "n_overdue"]],
        weekly_series(connection, SYSTEM, asked, "stream").set_index(["week", "stream"]),
    ]


def as_plain(frames: list[pd.DataFrame]) -> list[dict]:
    """Return frames as plain values to compare; a row of nothing but zeros says nothing."""
    return [{key: row for key, row in zip(frame.index, frame.to_numpy().tolist(), strict=True) if any(row)}
            for frame in frames]
