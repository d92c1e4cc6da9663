"""From checked rows to the columns of a table, in values that both engines take."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Boolean, Date, Table

from govdesk.ingest.dates import NULL, days_of, iso_days, starts_of, weeks_of
from govdesk.ingest.drafts import Array
from govdesk.ingest.record_fields import RecordKind
from govdesk.ingest.records import Rows
from govdesk.storage.bulk import Row
from govdesk.terms import Status

Objects = NDArray[np.object_]

#: Fields of a profile that are no column of the table.
NO_COLUMN = {
    "incidents": frozenset({"repeat_of", "first_answered_at", "closed_at", "resolution_level", "outcome", "due_at"}),
    "steps": frozenset({"incident_ref"}), "mediations": frozenset({"incident_ref"}),
    "revisits": frozenset({"incident_ref"}),
}
#: Kinds of record that say whether `recorded_at` was assumed.
_ASSUMES = frozenset({"incidents", "steps"})


@dataclass(frozen=True, slots=True)
class Stamp:
    """What is the same for all rows of one import.

    Attributes
    ----------
    source : str
        Source of the rows.
    now : int
        Instant of the import.
    county : ZoneInfo
        Zone of days and weeks.
    is_first_load : bool
        Nothing of this source was known before.
    """

    source: str
    now: int
    county: ZoneInfo
    is_first_load: bool


@dataclass(slots=True)
class Columns:
    """Columns of a table, each as a list of plain values of equal length."""

    count: int
    lists: dict[str, list[object]] = field(default_factory=dict)

    def rows(self, names: Sequence[str]) -> Iterator[Row]:
        """Give the rows as tuples."""
        return zip(*(self.lists[name] for name in names), strict=True)

    def set(self, name: str, value: object) -> None:
        """Give all rows the same value."""
        self.lists[name] = [value] * self.count


def plain(values: Array, *, is_date: bool = False, is_yes_no: bool = False) -> list[object]:
    """Return a column as plain values, None where missing."""
    result: Objects
    if values.dtype == object:
        result = values
    elif values.dtype == np.float64:
        result = values.astype(object)
        result[np.isnan(values)] = None
    elif is_date:
        result = iso_days(values)
    else:
        result = (values == 1).astype(object) if is_yes_no else values.astype(object)
        result[values == NULL] = None
    found: list[object] = result.tolist()
    return found


def fill_recorded(rows: Rows, kind: RecordKind, stamp: Stamp) -> None:
    """Fill `recorded_at` where the source does not say when it knew (shared design, Data).

    On the first load of a source the row's own time stands in, marked as assumed; later the time of the import.
    """
    recorded = rows.values["recorded_at"]
    unknown = recorded == NULL
    rows.values["is_recorded_assumed"] = np.where(unknown & stamp.is_first_load, 1, 0)
    basis = np.full(len(rows), stamp.now, dtype=np.int64)
    if stamp.is_first_load:
        for name in reversed(kind.dated_by):
            column = rows.values[name]
            instants = column if kind.field(name).kind == "instant" else starts_of(column, stamp.county)
            basis = np.where(column == NULL, basis, instants)
    rows.values["recorded_at"] = np.where(unknown, np.minimum(basis, stamp.now), recorded)


def to_columns(rows: Rows, kind: RecordKind, table: Table, stamp: Stamp) -> Columns:
    """Return what the table keeps of checked rows; without `id` and `batch_id`."""
    values = rows.values
    columns = Columns(len(rows))
    left_out = NO_COLUMN.get(kind.about, frozenset())
    names = [name for name in kind.names if name not in left_out] + ["content_hash"]
    names += ["place_code"] if kind.has_place else []
    names += ["is_recorded_assumed"] if kind.about in _ASSUMES else []
    if kind.about == "incidents":
        values["week_known"] = weeks_of(days_of(values["recorded_at"], stamp.county))
        names += ["lon", "lat", "point_kind", "cell_county", "cell_township", "week_occurred", "week_known"]
        columns.lists["due_given_at"] = plain(values["due_at"])
    if "incident_id" in values:
        names.append("incident_id")
    for name in names:
        column_type = table.c[name].type
        columns.lists[name] = plain(values[name], is_date=isinstance(column_type, Date),
                                    is_yes_no=isinstance(column_type, Boolean))
    if kind.is_sourced:
        columns.set("source", stamp.source)
    return columns


def add_first_values(columns: Columns, about: str) -> None:
    """Give new rows the values that only their life here changes later."""
    if about == "incidents":
        columns.set("is_counted", 1)
        columns.set("status", Status.REPORTED.value)
        columns.set("n_reopened", 0)
        columns.set("n_steps", 0)
        columns.lists["due_at"] = columns.lists["due_given_at"]
    if about == "steps":
        columns.set("is_withdrawn", value=False)
