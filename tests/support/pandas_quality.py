"""Case quality made by a page that reads the whole table as a frame: what the product is held against."""

import sqlite3
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from tests.support.tiny_county import NOW

#: Columns of `queries.quality_sums.sum_quality` that are compared.
SUMS = ("n", "n_closed", "n_answered", "n_unresolved", "n_quick", "n_closed_90")


def read_table(path: str | Path) -> pd.DataFrame:
    """Return the table of incidents as such a page reads it."""
    with sqlite3.connect(path) as connection:
        return pd.read_sql_query("SELECT * FROM incidents", connection)


def choose(table: pd.DataFrame, week_from: int, week_to: int, streams: tuple[str, ...] = ()) -> pd.DataFrame:
    """Return the rows of a cohort."""
    keep = (table["is_counted"] == 1) & (table["week_occurred"] >= week_from) & (table["week_occurred"] < week_to)
    return table[keep & table["stream"].isin(streams)] if streams else table[keep]


def sum_by_days(rows: pd.DataFrame, as_of: datetime = NOW) -> pd.DataFrame:
    """Return the sums by days until closing, or up to `as_of`."""
    now, n = int(as_of.timestamp()), rows["weight"]
    closed, answered = rows["closed_at"] <= now, rows["first_answered_at"] <= now
    days = (rows["closed_at"].where(closed, now) - rows["reported_at"]) // 86_400
    unresolved = answered & (~closed | rows["outcome"].isin(["not_settled", "referred"]))
    quick = closed & (rows["closed_at"] - rows["reported_at"] <= 3600)
    sums = pd.DataFrame({
        "is_closed": closed, "days": days.astype(np.int64), "n": n, "n_closed": n * closed, "n_answered": n * answered,
        "n_unresolved": n * unresolved, "n_quick": n * quick, "n_closed_90": n * (rows["closed_at"] <= now - 90 * 86_400)})
    return sums.groupby(["is_closed", "days"], as_index=False)[list(SUMS)].sum()


def sum_by(rows: pd.DataFrame, column: str, as_of: datetime = NOW) -> pd.DataFrame:
    """Return the sums by the values of a column."""
    return pd.concat([
        sum_by_days(part, as_of)[list(SUMS)].sum().to_frame().T.assign(**{column: value})
        for value, part in rows.groupby(rows[column].fillna(""))])
