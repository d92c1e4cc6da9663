"""Where incidents were settled, with the denominator: 小事不出组、较大问题在村镇、大矛盾不上交县.

Source: seed documents 000 and 004; 004 reports 20,688 of 24,926 disputes settled inside the village.
What "settled" means: `outcomes.SETTLED`.
"""

from collections.abc import Sequence
from datetime import timedelta

import pandas as pd
from sqlalchemy import Connection, func, select

from govdesk.clock import monday_of
from govdesk.queries.filters import IncidentFilter, at_place, counted
from govdesk.queries.frames import COUNT, TEXT, read_frame
from govdesk.queries.outcomes import SETTLED
from govdesk.queries.permission import reads
from govdesk.rules.access import Scope
from govdesk.tables import Incident
from govdesk.terms import ResolutionLevel

#: From nearest to the people to farthest.
LEVELS: tuple[str, ...] = tuple(level.value for level in ResolutionLevel)
#: In the columns: settled, and the source does not say where.
UNKNOWN = "unknown"


@reads("view_overview")
def count_settled(connection: Connection, scope: Scope, filters: IncidentFilter) -> pd.DataFrame:
    """Count what was settled by week of closing, category and level.

    The window of `filters` is one of closing here, as in `outcomes.read_settlings`. Closed by referral, as not settled
    or as withdrawn is not settled and is not in it.

    Returns
    -------
    DataFrame
        ``week`` (int64), ``category``, ``level`` (`LEVELS`, or `UNKNOWN` where the source does not say), ``n_settled``
        (int64); sparse.
    """
    level = func.coalesce(Incident.resolution_level, UNKNOWN)
    statement = at_place(
        select(Incident.week_closed, Incident.category, level, func.sum(Incident.weight)).select_from(Incident), filters
    ).where(
        counted(scope, filters), Incident.week_closed >= filters.week_from, Incident.week_closed < filters.week_to,
        Incident.outcome.in_(SETTLED),
    ).group_by(Incident.week_closed, Incident.category, level)
    return read_frame(
        connection, statement, {"week": COUNT, "category": TEXT, "level": TEXT, "n_settled": COUNT})


def sum_levels(settled: pd.DataFrame, by: str | Sequence[str] = ()) -> pd.DataFrame:
    """Return one row a group (one in all, without `by`) with a column for each level.

    Parameters
    ----------
    settled : DataFrame
        As `count_settled` gives, with the columns of `by`.

    Returns
    -------
    DataFrame
        `by`, the columns of `LEVELS`, `UNKNOWN`, and ``n_known`` (all but the unknown: the denominator), int64.
    """
    names = [by] if isinstance(by, str) else list(by)
    columns = [*LEVELS, UNKNOWN]
    keyed = settled.assign(_all=0)
    table = keyed.pivot_table(index=names or ["_all"], columns="level", values="n_settled", aggfunc="sum", fill_value=0)
    table = table.reindex(columns=columns, fill_value=0).astype("int64")
    if table.empty and not names:
        table = pd.DataFrame([[0] * len(columns)], columns=columns)
    table.columns.name = None
    found = table.assign(n_known=table[list(LEVELS)].sum(axis=1)).reset_index()
    return found[[*names, *columns, "n_known"]]


def quarter_of(week: int) -> int:
    """Return the quarter a week belongs to, as year × 10 + quarter: that of its Thursday (ISO 8601, 3.1.23).

    Examples
    --------
    >>> quarter_of(2963), quarter_of(2970)
    (20264, 20264)
    """
    thursday = monday_of(week) + timedelta(days=3)
    return thursday.year * 10 + (thursday.month + 2) // 3


def sum_quarters(settled: pd.DataFrame, week_from: int, week_to: int) -> pd.DataFrame:
    """Return the sums of `sum_levels` for each quarter of the window, ascending.

    Returns
    -------
    DataFrame
        ``quarter`` (`quarter_of`), the columns of `sum_levels`, ``n_weeks`` (weeks of the window in the quarter) and
        ``is_whole`` (the window holds all weeks of the quarter).
    """
    weeks = pd.Series(range(week_from, week_to), dtype="int64")
    inside = weeks.map(quarter_of).value_counts().sort_index()
    around = pd.Series(range(week_from - 14, week_to + 14), dtype="int64").map(quarter_of).value_counts()
    sums = sum_levels(settled.assign(quarter=settled["week"].map(quarter_of).astype("int64")), "quarter")
    dense = sums.set_index("quarter").reindex(inside.index, fill_value=0).rename_axis("quarter").reset_index()
    return dense.assign(
        n_weeks=inside.to_numpy(), is_whole=(inside == around.reindex(inside.index)).to_numpy())
