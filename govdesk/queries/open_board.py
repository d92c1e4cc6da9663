"""What is open, taken apart by age, stream and handling unit: one reading of an index, then arrays."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy import Connection, select

from govdesk.queries.columns import Coded, Integers, read_columns
from govdesk.queries.counts import open_rows
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.known import has_closings
from govdesk.queries.permission import reads
from govdesk.queries.quality_cohort import DAY_SECONDS, NEVER, or_nothing, seconds, seconds_or_never
from govdesk.queries.quality_times import find_age_quantile
from govdesk.rules.access import Scope
from govdesk.tables import Incident, Unit

#: Whole days up to which each age class but the last reaches: a week, 30 and 60 days (Regulations on Petitioning
#: 信访工作条例 2022, article 34: the time limit and once prolonged it), and 90, from which a petition is an old case.
AGE_ENDS = (7, 30, 60, 90)


@dataclass(frozen=True, slots=True)
class UnitStock:
    """What one unit has open; `code` is empty where no unit is recorded."""

    code: str
    name: str
    n_open: int
    n_overdue: int
    n_with_due: int


@dataclass(frozen=True, slots=True)
class OpenBoard:
    """All that is open at an instant, whatever week it occurred in, corrections netted.

    Attributes
    ----------
    n_open, n_with_due, n_overdue : int
        Open; of it with a due date; of that due before the instant. Without a due date it is neither late nor in time.
    median_days, oldest_days : int or None
        Whole days since the report; None where nothing is open.
    ages : tuple of int
        How many are up to each of `AGE_ENDS` days old, and older than the last.
    streams : mapping of str to int
        How many of each stream (terms.Stream).
    units : tuple of UnitStock
        The largest stock first.
    """

    n_open: int
    n_with_due: int
    n_overdue: int
    median_days: int | None
    oldest_days: int | None
    ages: tuple[int, ...]
    streams: dict[str, int]
    units: tuple[UnitStock, ...]


@reads("view_wall")
def read_open_board(connection: Connection, scope: Scope, as_of: datetime) -> OpenBoard | None:
    """Return what was open at `as_of`; None where no source records a closing: all would seem open for ever."""
    if not has_closings(connection, scope):
        return None
    numbers, texts = _read(connection, scope, as_of)
    weight, now = numbers["weight"], int(as_of.timestamp())
    days = np.maximum(now - numbers["reported"], 0) // DAY_SECONDS
    has_due = numbers["due"] < NEVER
    late = numbers["due"] < now
    some = pd.Series(weight)
    held = days[weight > 0]
    unit = texts["unit"]
    sums = [_sum(unit, weight * chosen) for chosen in (np.ones(len(weight), dtype=bool), late, has_due)]
    names = {row.code: row.name for row in connection.execute(select(Unit.code, Unit.name))}
    units = [UnitStock(str(code), names.get(code, str(code)), *(int(one[place]) for one in sums))
             for place, code in enumerate(unit.labels)]
    stream = texts["stream"]
    return OpenBoard(
        int(weight.sum()), int(weight[has_due].sum()), int(weight[late].sum()),
        find_age_quantile(pd.Series(days), some, 0.5), int(held.max()) if len(held) else None,
        tuple(np.bincount(np.searchsorted(AGE_ENDS, days), weights=weight, minlength=len(AGE_ENDS) + 1)
              .round().astype("int64").tolist()),
        dict(zip(stream.labels.tolist(), _sum(stream, weight).tolist(), strict=True)),
        tuple(sorted((one for one in units if one.n_open > 0), key=lambda one: (-one.n_open, one.code))))


def _read(connection: Connection, scope: Scope, as_of: datetime) -> tuple[dict[str, Integers], dict[str, Coded]]:
    """Return the rows of what is open, of both statements of `open_rows`."""
    everything = IncidentFilter(0, 0)
    columns = {"weight": Incident.weight, "reported": seconds(Incident.reported_at),
               "due": seconds_or_never(Incident.due_at)}
    texts = {"unit": or_nothing(Incident.handling_unit), "stream": Incident.stream}
    parts = [read_columns(connection, part, columns, texts) for part in open_rows(scope, everything, as_of)]
    numbers = {name: np.concatenate([part[0][name] for part in parts]) for name in columns}
    return numbers, {name: _join([part[1][name] for part in parts]) for name in texts}


def _join(parts: list[Coded]) -> Coded:
    values = np.concatenate([part.labels[part.codes].astype(object) for part in parts])
    labels, codes = np.unique(values.astype(str), return_inverse=True)
    return Coded(codes.astype("int64"), labels.astype(object))


def _sum(key: Coded, numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    sums: npt.NDArray[np.int64] = np.bincount(key.codes, weights=numbers, minlength=len(key.labels)).round().astype(
        "int64")
    return sums
