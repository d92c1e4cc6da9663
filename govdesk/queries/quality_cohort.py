"""What the numbers of case quality 办结质量 are sums over: a cohort, what holds of each incident, and what to group by.

A cohort is what occurred in the weeks of a filter and was known at the as-of instant. Later steps count up to that
instant, whenever they were made, so that numerator and denominator are about the same incidents.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    and_,
    case,
    func,
    literal_column,
    select,
    type_coerce,
)
from sqlalchemy.orm import InstrumentedAttribute

from govdesk.clock import day_start, local_day, monday_of
from govdesk.queries.columns import Coded, Integers, read_columns, sum_cells
from govdesk.queries.filters import IncidentFilter, at_place, counted, in_window
from govdesk.queries.frames import COUNT, TEXT, Query
from govdesk.queries.permission import reads
from govdesk.queries.place_columns import find_districts
from govdesk.rules.access import Scope
from govdesk.tables import Incident
from govdesk.terms import Outcome

#: Township (`tables.weekly`), handling unit, channel, category, month of reporting (as year × 100 + month).
By = Literal["district", "unit", "channel", "category", "month"]
BYS: tuple[By, ...] = ("district", "unit", "channel", "category", "month")

Flags = npt.NDArray[np.bool_]

DAY_SECONDS = 86_400
#: The last days of a month, in which a closing counts as one of its end.
LAST_DAYS = 3
#: Closed, but not settled between the two sides.
UNRESOLVED = (Outcome.NOT_SETTLED.value, Outcome.REFERRED.value)
#: Months before it are not told apart.
FIRST_MONTH = date(2000, 1, 1)
#: Second of what has not happened: after every instant.
NEVER = 99_999_999_999

_NOTHING: ColumnElement[str] = literal_column("''")


def seconds(column: InstrumentedAttribute[Any]) -> ColumnElement[int]:
    """Return an instant as seconds."""
    return type_coerce(column, BigInteger)


def seconds_or_never(column: InstrumentedAttribute[Any]) -> ColumnElement[int]:
    """Return an instant as seconds, `NEVER` where there is none."""
    return func.coalesce(seconds(column), literal_column(str(NEVER)))


def _flag(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, literal_column("1")), else_=literal_column("0"))


#: What can be read of each incident of a cohort, as whole numbers.
FACTS: dict[str, ColumnElement[int]] = {
    "weight": type_coerce(Incident.weight, BigInteger), "week": type_coerce(Incident.week_occurred, BigInteger),
    "reported": seconds(Incident.reported_at), "closed": seconds_or_never(Incident.closed_at),
    "answered": seconds_or_never(Incident.first_answered_at),
    "due": func.coalesce(seconds(Incident.answer_due_at), seconds_or_never(Incident.due_at)),
    "is_unresolved": _flag(Incident.outcome.in_([literal_column(f"'{one}'") for one in UNRESOLVED])),
}


@dataclass(frozen=True, slots=True)
class Cohort:
    """Facts of each incident of a cohort (`FACTS` and what else was asked for), and what to group it by.

    Attributes
    ----------
    as_of : int
        Second up to which steps count.
    facts : mapping of str to array of int64
        By name.
    key : Coded
        The group of each incident; all are of one where nothing was asked for.
    texts : mapping of str to Coded
        Further keys that were asked for.
    """

    as_of: int
    facts: Mapping[str, Integers]
    key: Coded
    texts: Mapping[str, Coded]

    @property
    def weight(self) -> Integers:
        """What each counts: 1, or −1 for a correction."""
        return self.facts["weight"]

    @property
    def is_closed(self) -> Flags:
        """Closed at the instant, and not re-opened since."""
        closed: Flags = self.facts["closed"] <= self.as_of
        return closed

    @property
    def is_answered(self) -> Flags:
        """There was a first answer (`rules.step_cache`)."""
        return self.facts["answered"] <= self.as_of

    @property
    def seconds_to_closing(self) -> Integers:
        """Seconds from report to closing; means nothing while open."""
        return self.facts["closed"] - self.facts["reported"]

    def take(self, rows: Integers) -> "Cohort":
        """Return some of the incidents, by their place."""
        return replace(
            self, facts={name: values[rows] for name, values in self.facts.items()},
            key=Coded(self.key.codes[rows], self.key.labels),
            texts={name: Coded(text.codes[rows], text.labels) for name, text in self.texts.items()})

    def days_to(self, end: Integers) -> Integers:
        """Return whole days from the report; what ends before it begins took 0 days."""
        days: Integers = np.maximum(end - self.facts["reported"], 0) // DAY_SECONDS
        return days

    @property
    def end(self) -> Integers:
        """Second of closing, or of the instant while open."""
        return np.where(self.is_closed, self.facts["closed"], self.as_of)


@reads("view_overview", "view_wall")
def read_cohort(
    connection: Connection, scope: Scope, filters: IncidentFilter, as_of: datetime, facts: tuple[str, ...],
    *, by: By | None = None, texts: Mapping[str, Any] | None = None, numbers: Mapping[str, Any] | None = None,
    rows: Query | None = None,
) -> Cohort:
    """Return the facts of a cohort in one reading.

    Parameters
    ----------
    facts : tuple of str
        Names of `FACTS`; the weight is always among them.
    texts, numbers : mapping of str to SQL expression
        What else is to be read, never null.
    rows : SELECT without columns
        Other rows than those of `over_cohort`.
    """
    wanted = dict.fromkeys(("weight", *facts, *{"district": ("week",), "month": ("reported",)}.get(by or "", ())))
    coded = dict(texts or {}) | ({} if by is None or by == "month" else {"by": _column_of(by)})
    found, codes = read_columns(
        connection, over_cohort(scope, filters, as_of) if rows is None else rows,
        {name: FACTS[name] for name in wanted} | dict(numbers or {}), coded)
    if by is None:
        key = nothing_to_group_by(len(found["weight"]))
    elif by == "month":
        key = find_months(found["reported"], filters.week_from, as_of)
    else:
        key = codes.pop("by")
    if by == "district":
        key = find_districts(connection, key, found["week"])
    return Cohort(int(as_of.timestamp()), found, key, codes)


def nothing_to_group_by(size: int) -> Coded:
    """Return one group for all of `size` incidents."""
    return Coded(np.zeros(size, dtype="int64"), np.array([""], dtype=object))


def _column_of(by: By) -> Any:
    columns: dict[str, InstrumentedAttribute[Any]] = {
        "district": Incident.place_code, "unit": Incident.handling_unit, "channel": Incident.channel,
        "category": Incident.category}
    return or_nothing(columns[by])


def or_nothing(column: InstrumentedAttribute[Any]) -> ColumnElement[str]:
    """Return a text, empty where it is not known."""
    return func.coalesce(column, _NOTHING)


def over_cohort(scope: Scope, filters: IncidentFilter, as_of: datetime) -> Query:
    """Return a SELECT without columns over the cohort."""
    return at_place(select().select_from(Incident), filters).where(in_cohort(scope, filters, as_of))


def from_cohort() -> ColumnElement[int]:
    """Return what joins other tables to a cohort: an expression, so that SQLite starts from the cohort's index.

    Starting from all steps, revisits or mediations it would look up each one's incident in the table.
    """
    return Incident.id + literal_column("0")


def in_cohort(scope: Scope, filters: IncidentFilter, as_of: datetime) -> ColumnElement[bool]:
    """Return the condition of the cohort; its place is left to `at_place`."""
    return and_(counted(scope, filters), in_window(filters), Incident.recorded_at <= as_of)


def sum_groups(cohort: Cohort, by: By | None, sums: Mapping[str, npt.NDArray[Any]]) -> pd.DataFrame:
    """Return the sums of each group of a cohort, ascending; without `by` one row, even of nothing.

    Parameters
    ----------
    sums : mapping of str to array
        What is summed: a number for each incident, or whether its weight is.
    """
    numbers = {name: cohort.weight * values if values.dtype == bool else values for name, values in sums.items()}
    if by is None:
        return pd.DataFrame({name: [int(values.sum())] for name, values in numbers.items()}, dtype=COUNT)
    return sum_cells({by: cohort.key}, numbers, key_types(by))


def key_types(by: By | None) -> dict[str, str]:
    """Return the type of the column that groups."""
    return {} if by is None else {by: COUNT if by == "month" else TEXT}


def find_months(at: Integers, week_from: int, as_of: datetime) -> Coded:
    """Return the month of each instant as year × 100 + month; 0 before `FIRST_MONTH`."""
    parts = list_month_parts(week_from, as_of)
    starts = np.array([start for start, _, is_end in parts if not is_end], dtype="int64")
    labels = np.array([0, *(month for _, month, is_end in parts if not is_end)], dtype="int64")
    return Coded(np.searchsorted(starts, at, side="right"), labels)


def is_at_month_end(at: Integers, week_from: int, as_of: datetime) -> Flags:
    """Return whether each instant up to `as_of` lies on one of the last `LAST_DAYS` days of a month."""
    starts = np.array([start for start, _, _ in list_month_parts(week_from, as_of)], dtype="int64")
    part = np.searchsorted(starts, at, side="right")
    is_end: Flags = (part > 0) & (part % 2 == 0)
    return is_end


def list_month_parts(week_from: int, as_of: datetime) -> list[tuple[int, int, bool]]:
    """Return the parts of the months of a window up to `as_of`, ascending: first second, year × 100 + month, is end."""
    last = local_day(as_of)
    month = max(monday_of(max(week_from, -10_000)), FIRST_MONTH).replace(month=1, day=1)
    parts = []
    while month <= last:
        following = (month + timedelta(days=31)).replace(day=1)
        number = month.year * 100 + month.month
        end = following - timedelta(days=LAST_DAYS)
        parts += [(int(day_start(month).timestamp()), number, False), (int(day_start(end).timestamp()), number, True)]
        month = following
    return parts
