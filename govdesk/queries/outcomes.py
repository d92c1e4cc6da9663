"""What became of what was closed: settled where, and whether it came back."""

from datetime import datetime, timedelta

import pandas as pd
from sqlalchemy import BigInteger, Connection, case, func, or_, select, type_coerce

from govdesk.clock import day_start, local_day, monday_of, week_of
from govdesk.queries.counts import fill_weeks
from govdesk.queries.filters import IncidentFilter, at_place, counted
from govdesk.queries.frames import COUNT, TEXT, read_frame
from govdesk.queries.permission import reads
from govdesk.rules.access import Scope
from govdesk.tables import Incident, Step
from govdesk.terms import Outcome, ResolutionLevel, StepKind

#: Outcomes in which the two sides came to an end; a referral is closed, not settled.
SETTLED = (Outcome.SETTLED.value, Outcome.AGREEMENT.value, Outcome.CONFIRMED.value)
#: 小事不出组、大事不出村: settled at one of these.
LOCAL = (ResolutionLevel.GROUP.value, ResolutionLevel.VILLAGE.value)
#: 90 days, as the reports of the field count it (seed document 003).
RETURN_DAYS = 90


@reads("view_overview")
def read_settlings(connection: Connection, scope: Scope, filters: IncidentFilter) -> pd.DataFrame:
    """Count by week of closing what was settled and, of it, what was settled in the village or below.

    The window of `filters` is one of closing here. What was settled at an unknown level is left out of both.

    Returns
    -------
    DataFrame
        ``week`` (every week of the window), ``n_settled``, ``n_local`` (int64).
    """
    local = case((Incident.resolution_level.in_(LOCAL), Incident.weight), else_=0)
    statement = at_place(
        select(Incident.week_closed, func.sum(Incident.weight), func.sum(local)).select_from(Incident), filters
    ).where(
        counted(scope, filters), Incident.week_closed >= filters.week_from, Incident.week_closed < filters.week_to,
        Incident.outcome.in_(SETTLED), Incident.resolution_level.is_not(None),
    ).group_by(Incident.week_closed)
    found = read_frame(connection, statement, {"week": COUNT, "n_settled": COUNT, "n_local": COUNT})
    weeks = list(range(filters.week_from, filters.week_to))
    return found.set_index("week").reindex(weeks, fill_value=0).rename_axis("week").reset_index()


@reads("view_overview")
def read_returns(connection: Connection, scope: Scope, filters: IncidentFilter, as_of: datetime) -> pd.DataFrame:
    """Count closings by week, and those that came back within `RETURN_DAYS`: re-opened, or repeated by a new incident.

    The window of `filters` is one of closing. A closing is a step; the incident's own `closed_at` would forget every
    closing that was undone. A closing younger than `RETURN_DAYS` at `as_of` is left out: its time is not over.

    Returns
    -------
    DataFrame
        ``week`` (every week of the window), ``n_closed``, ``n_returned`` (int64).
    """
    start, end = day_start(monday_of(filters.week_from)), day_start(monday_of(filters.week_to))
    end = min(end, as_of - timedelta(days=RETURN_DAYS))
    steps = _read_steps(connection, scope, filters, start, as_of)
    is_closing = (steps["kind"] == StepKind.CLOSE.value) & (steps["at"] < end.timestamp())
    returns = pd.concat([
        steps.loc[steps["kind"] == StepKind.REOPEN.value, ["incident_id", "at"]],
        _read_repeats(connection, scope, start, as_of),
    ]).sort_values("at").assign(returned_at=lambda rows: rows["at"])
    closings = pd.merge_asof(
        steps.loc[is_closing, ["incident_id", "at"]].sort_values("at"), returns, on="at", by="incident_id",
        direction="forward", tolerance=RETURN_DAYS * 86_400,
    )
    days = pd.to_datetime(closings["at"], unit="s", utc=True)
    closings["week"] = [week_of(local_day(at.to_pydatetime())) for at in days]
    weeks = range(filters.week_from, filters.week_to)
    closed = closings[["week"]].astype("int64").assign(n_incidents=1)
    n_closed = fill_weeks(closed, weeks, None)["n_incidents"]
    n_returned = fill_weeks(closed[closings["returned_at"].notna()], weeks, None)["n_incidents"]
    return pd.DataFrame({"week": pd.Series(weeks, dtype="int64"), "n_closed": n_closed, "n_returned": n_returned})


def _read_steps(
    connection: Connection, scope: Scope, filters: IncidentFilter, start: datetime, as_of: datetime
) -> pd.DataFrame:
    """Return closings and re-openings since `start`, of incidents that were open then or later."""
    statement = at_place(
        select(Step.incident_id, Step.kind, type_coerce(Step.occurred_at, BigInteger)).select_from(Incident), filters
    ).join(Step, Step.incident_id == Incident.id).where(
        counted(scope, filters), Incident.weight == 1,
        or_(Incident.week_closed.is_(None), Incident.week_closed >= filters.week_from),
        Step.kind.in_((StepKind.CLOSE.value, StepKind.REOPEN.value)), Step.is_withdrawn.is_(False),
        Step.occurred_at >= start, Step.recorded_at <= as_of,
    )
    return read_frame(connection, statement, {"incident_id": COUNT, "kind": TEXT, "at": COUNT})


def _read_repeats(connection: Connection, scope: Scope, start: datetime, as_of: datetime) -> pd.DataFrame:
    """Return which incidents were repeated by a new one, and when that was reported."""
    everything = counted(scope, IncidentFilter(0, 0))
    statement = select(Incident.repeat_of, type_coerce(Incident.reported_at, BigInteger)).where(
        everything, Incident.weight == 1, Incident.repeat_of.is_not(None), Incident.reported_at >= start,
        Incident.recorded_at <= as_of,
    )
    return read_frame(connection, statement, {"incident_id": COUNT, "at": COUNT})
