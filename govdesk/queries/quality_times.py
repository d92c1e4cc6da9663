"""How long until the first answer and until closing, and how old what is open is: counts by day."""

from datetime import datetime
from typing import Literal

import numpy as np
import pandas as pd
from sqlalchemy import Connection

from govdesk.queries.columns import Coded, read_columns, sum_cells
from govdesk.queries.counts import open_rows
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.frames import COUNT, FLAG
from govdesk.queries.permission import reads
from govdesk.queries.quality_cohort import DAY_SECONDS, FACTS, By, Cohort, key_types, read_cohort
from govdesk.rules.access import Scope


@reads("view_overview")
def count_times(
    connection: Connection, scope: Scope, filters: IncidentFilter, as_of: datetime,
    until: Literal["answered", "closed"], by: By | None = None,
) -> pd.DataFrame:
    """Return how many days it took, as `models.survival.estimate_survival` wants it.

    Time runs from the report. Closing is that of the steps' cache: an incident that was re-opened is open, or took
    until its last closing. What was closed without an answer (withdrawn) is censored at its closing.

    Returns
    -------
    DataFrame
        (`by`,) ``days``, ``n_events``, ``n_censored`` (int64, ≥ 0: a correction takes one back, never below none).
    """
    return count_days(
        read_cohort(connection, scope, filters, as_of, ("reported", "closed", "answered"), by=by), until, by)


def count_days(cohort: Cohort, until: Literal["answered", "closed"], by: By | None) -> pd.DataFrame:
    """Return the days of `count_times` from the facts ``reported``, ``closed`` and ``answered``."""
    happened, end = cohort.is_closed, cohort.end
    if until == "answered":
        happened = cohort.is_answered
        end = np.where(happened, cohort.facts["answered"], end)
    keys: dict[str, Coded] = {} if by is None else {by: cohort.key}
    keys["days"] = Coded.of_numbers(cohort.days_to(end))
    found = sum_cells(keys, {"n_events": cohort.weight * happened, "n_censored": cohort.weight * ~happened},
                      {**key_types(by), "days": COUNT})
    return found.assign(n_events=found["n_events"].clip(lower=0), n_censored=found["n_censored"].clip(lower=0))


def split_times(counted: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return counts by ``is_event`` and ``days`` as ``days``, ``n_events``, ``n_censored``, none below 0."""
    numbers = counted["n"].clip(lower=0)
    return counted.assign(
        n_events=numbers.where(counted["is_event"], 0), n_censored=numbers.where(~counted["is_event"], 0),
    ).groupby([*keys, "days"], as_index=False, sort=True)[["n_events", "n_censored"]].sum()


@reads("view_overview")
def count_open_days(
    connection: Connection, scope: Scope, filters: IncidentFilter, as_of: datetime
) -> pd.DataFrame:
    """Return the ages of all that is open at `as_of`, whatever week it occurred in.

    Returns
    -------
    DataFrame
        ``is_in_window`` (occurred in the weeks of `filters`), ``days`` (whole days since the report), ``n``.
    """
    wanted = {name: FACTS[name] for name in ("weight", "week", "reported")}
    parts = [read_columns(connection, part, wanted)[0] for part in open_rows(scope, filters, as_of)]
    weight, week, reported = (np.concatenate([part[name] for part in parts]) for name in wanted)
    inside = (week >= filters.week_from) & (week < filters.week_to)
    days = np.maximum(int(as_of.timestamp()) - reported, 0) // DAY_SECONDS
    return sum_cells({"is_in_window": Coded.of_numbers(inside.astype(COUNT)), "days": Coded.of_numbers(days)},
                     {"n": weight}, {"is_in_window": FLAG, "days": COUNT})


def find_age_quantile(days: pd.Series, numbers: pd.Series, share: float) -> int | None:
    """Return the smallest age with at least `share` of what is open at it or below; None where nothing is open.

    Parameters
    ----------
    days : Series of int64
        Ages, in any order.
    numbers : Series of int64
        How many are of each age; what is below 0 counts as none.
    share : float
        0.5 for the median.
    """
    ages = days.to_numpy()
    order = np.argsort(ages, kind="stable")
    running = np.maximum(numbers.to_numpy(), 0)[order].cumsum()
    if not len(running) or running[-1] <= 0:
        return None
    return int(ages[order][(running >= share * running[-1] - 1e-9).argmax()])
