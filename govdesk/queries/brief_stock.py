"""What is open by handling unit, and how old it is: the backlog 存量 of the weekly brief."""

from datetime import datetime

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from govdesk.queries.columns import read_columns
from govdesk.queries.counts import open_rows
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.permission import reads
from govdesk.queries.quality_cohort import DAY_SECONDS, FACTS, or_nothing
from govdesk.queries.surroundings import list_units
from govdesk.rules.access import Scope
from govdesk.tables import Incident

#: Open for so many days it is called old, whatever stream it is of.
OLD_DAYS = 90


@reads("view_brief")
def count_open_by_office(connection: Connection, scope: Scope, as_of: datetime) -> pd.DataFrame:
    """Return what is open by handling unit, those with most of it overdue first.

    Returns
    -------
    DataFrame
        ``unit`` (code; empty: none is registered), ``name``, ``n_open``, ``n_due`` (with a due date), ``n_late`` (due
        before `as_of`), ``n_old`` (reported `OLD_DAYS` days ago or longer), ``oldest_days`` (int64).
    """
    wanted = {name: FACTS[name] for name in ("weight", "reported", "due")}
    now = int(as_of.timestamp())
    parts = []
    for rows in open_rows(scope, IncidentFilter(0, 0), as_of):
        facts, texts = read_columns(connection, rows, wanted, {"unit": or_nothing(Incident.handling_unit)})
        parts.append(pd.DataFrame({"unit": texts["unit"].labels[texts["unit"].codes].astype("str"), **facts}))
    every = pd.concat(parts, ignore_index=True)
    days = np.maximum(now - every["reported"], 0) // DAY_SECONDS
    is_due = every["due"] < FAR
    every = every.assign(
        n_open=every["weight"], n_due=every["weight"] * is_due, n_late=every["weight"] * (every["due"] < now),
        n_old=every["weight"] * (days >= OLD_DAYS), days=days.where(every["weight"] > 0, 0))
    found = every.groupby("unit", as_index=False).agg(
        n_open=("n_open", "sum"), n_due=("n_due", "sum"), n_late=("n_late", "sum"), n_old=("n_old", "sum"),
        oldest_days=("days", "max"))
    units = list_units(connection)
    names = dict(zip(units["code"], units["name"], strict=True))
    found = found[found["n_open"] > 0].assign(name=[names.get(code, code) for code in found.loc[
        found["n_open"] > 0, "unit"]])
    order = ["n_late", "n_old", "n_open"]
    return found.sort_values([*order, "unit"], ascending=[False] * len(order) + [True], ignore_index=True)


#: Later than every due date.
FAR = 99_000_000_000
