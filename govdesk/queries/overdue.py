"""What was open with a due date, and what of it was late, at the end of each week."""

from datetime import date, datetime

import numpy as np
import pandas as pd
from sqlalchemy import BigInteger, Connection, func, or_, select, type_coerce

from govdesk.clock import day_start, monday_of
from govdesk.queries.filters import IncidentFilter, at_place, counted
from govdesk.queries.frames import COUNT, TEXT, read_frame
from govdesk.queries.instants import as_instant
from govdesk.queries.permission import reads
from govdesk.rules.access import Scope
from govdesk.tables import Incident

#: Seconds that no incident reaches: still open.
NEVER = 2**62


@reads("view_overview", "view_wall")
def read_due_lives(
    connection: Connection, scope: Scope, filters: IncidentFilter, week_from: int
) -> pd.DataFrame:
    """Return the incidents with a due date that were open in `week_from` or later, whatever week they occurred in.

    Returns
    -------
    DataFrame
        ``recorded_at``, ``due_at``, ``closed_at`` (seconds; `NEVER` while open), ``stream``, ``weight``.
    """
    statement = at_place(
        select(
            type_coerce(Incident.recorded_at, BigInteger), type_coerce(Incident.due_at, BigInteger),
            func.coalesce(type_coerce(Incident.closed_at, BigInteger), NEVER), Incident.stream, Incident.weight,
        ).select_from(Incident), filters,
    ).where(
        counted(scope, filters), Incident.due_at.is_not(None),
        or_(Incident.week_closed.is_(None), Incident.week_closed >= week_from),
    )
    return read_frame(
        connection, statement,
        {"recorded_at": COUNT, "due_at": COUNT, "closed_at": COUNT, "stream": TEXT, "weight": COUNT},
    )


def count_late_at(lives: pd.DataFrame, as_of: date | datetime) -> tuple[int, int]:
    """Return how many of `lives` were late, and how many were open, at an instant."""
    return _count(lives, int(as_instant(as_of).timestamp()))


def _count(lives: pd.DataFrame, second: int) -> tuple[int, int]:
    recorded_at, due_at, closed_at, weight = (
        lives[name].to_numpy() for name in ("recorded_at", "due_at", "closed_at", "weight"))
    is_open = (recorded_at <= second) & (closed_at > second)
    late = is_open & (due_at < second)
    return int(weight[late].sum()), int(weight[is_open].sum())


def count_late_by_week(lives: pd.DataFrame, weeks: range) -> pd.DataFrame:
    """Return for the end of each week: ``week``, ``n_overdue``, ``n_with_due`` (stocks, int64)."""
    stocks = [_count(lives, _end(week) - 1) for week in weeks]
    numbers = np.array(stocks, dtype="int64").reshape(len(weeks), 2)
    return pd.DataFrame({
        "week": np.array(weeks, dtype="int64"), "n_overdue": numbers[:, 0], "n_with_due": numbers[:, 1]})


def count_newly_late(lives: pd.DataFrame, weeks: range) -> pd.DataFrame:
    """Return for each week what became late in it: due then, known and not closed by then.

    Returns
    -------
    DataFrame
        ``week``, ``n_incidents`` (a flow, int64).
    """
    became = lives[(lives["closed_at"] > lives["due_at"]) & (lives["recorded_at"] <= lives["due_at"])]
    edges = np.array([_end(week - 1) for week in weeks] + [_end(weeks[-1])] if len(weeks) else [0, 0])
    numbers, _ = np.histogram(became["due_at"], bins=edges, weights=became["weight"])
    return pd.DataFrame({
        "week": np.array(weeks, dtype="int64"), "n_incidents": numbers[: len(weeks)].round().astype("int64")})


def _end(week: int) -> int:
    return int(day_start(monday_of(week + 1)).timestamp())
