"""What the numbers of case quality 办结质量 are sums over: a cohort, what holds of each incident, and what to group by.

A cohort is what occurred in the weeks of a filter and was known at the as-of instant. Later steps count up to that
instant, whenever they were made, so that numerator and denominator are about the same incidents.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import BigInteger, ColumnElement, and_, case, func, literal, literal_column, or_, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute

from govdesk.clock import day_start, local_day, monday_of
from govdesk.queries.filters import IncidentFilter, at_place, counted, in_window
from govdesk.queries.frames import COUNT, TEXT, Query
from govdesk.rules.access import Scope
from govdesk.tables import Incident, PlaceWeek
from govdesk.terms import Outcome

#: Township (`tables.weekly`), handling unit, channel, category, month of reporting (as year × 100 + month).
By = Literal["district", "unit", "channel", "category", "month"]
BYS: tuple[By, ...] = ("district", "unit", "channel", "category", "month")

DAY_SECONDS = 86_400
#: Closed so soon after the report that somebody should look how it was settled.
QUICK_MINUTES = 60
#: The last days of a month, in which a closing counts as one of its end.
LAST_DAYS = 3
#: Closed, but not settled between the two sides.
UNRESOLVED = (Outcome.NOT_SETTLED.value, Outcome.REFERRED.value)
#: Months before it are not told apart.
FIRST_MONTH = date(2000, 1, 1)


def is_closed(as_of: datetime) -> ColumnElement[bool]:
    """Return the condition that an incident was closed at `as_of`, and not re-opened since."""
    return Incident.closed_at <= as_of


def is_open(as_of: datetime) -> ColumnElement[bool]:
    """Return the condition that an incident was not closed at `as_of`."""
    return or_(Incident.closed_at.is_(None), Incident.closed_at > as_of)


def is_answered(as_of: datetime) -> ColumnElement[bool]:
    """Return the condition that there was a first answer (`rules.step_cache`) at `as_of`."""
    return Incident.first_answered_at <= as_of


def is_unresolved(as_of: datetime) -> ColumnElement[bool]:
    """Return the condition that it was replied to, and is open, referred or closed as not settled."""
    return and_(is_answered(as_of), is_open(as_of) | Incident.outcome.in_(UNRESOLVED))


def is_quick(as_of: datetime) -> ColumnElement[bool]:
    """Return the condition that it was closed within `QUICK_MINUTES` of its report."""
    took = seconds(Incident.closed_at) - seconds(Incident.reported_at)
    return and_(is_closed(as_of), took >= 0, took <= QUICK_MINUTES * 60)


def is_month_end(as_of: datetime, week_from: int) -> ColumnElement[bool]:
    """Return the condition that it was closed on one of the last `LAST_DAYS` days of a month."""
    leaves = [(start, int(end)) for start, _, end in list_month_parts(week_from, as_of)]
    return and_(is_closed(as_of), _choose(Incident.closed_at, leaves) == 1)


def seconds(column: InstrumentedAttribute[Any]) -> ColumnElement[int]:
    """Return an instant as seconds."""
    return type_coerce(column, BigInteger)


def whole_days(begin: ColumnElement[int], end: ColumnElement[int]) -> ColumnElement[int]:
    """Return the whole days from one instant to another; what ends before it begins took 0 days."""
    took = end - begin
    return case((took < 0, 0), else_=took // DAY_SECONDS)


def end_of(as_of: datetime) -> ColumnElement[int]:
    """Return the second at which an incident was closed, or `as_of` while it is open."""
    return case((is_closed(as_of), seconds(Incident.closed_at)), else_=literal(int(as_of.timestamp()), BigInteger))


def total(condition: ColumnElement[bool] | None = None) -> ColumnElement[int]:
    """Return the sum of weights, of what meets `condition` where one is given."""
    what = Incident.weight if condition is None else case((condition, Incident.weight), else_=0)
    return func.coalesce(func.sum(what), 0)


def over_cohort(
    columns: Sequence[Any], scope: Scope, filters: IncidentFilter, as_of: datetime, by: By | None = None
) -> Query:
    """Return a SELECT of `columns` over the cohort; with `by`, its key stands first and is grouped by."""
    key = [] if by is None else [group_key(by, filters, as_of)]
    statement = at_place(select(*key, *columns).select_from(Incident), filters)
    if by == "district":
        statement = statement.outerjoin(PlaceWeek, and_(
            PlaceWeek.code == Incident.place_code, PlaceWeek.week_from <= Incident.week_occurred,
            PlaceWeek.week_to > Incident.week_occurred))
    statement = statement.where(in_cohort(scope, filters, as_of))
    return statement.group_by(*key) if key else statement


def in_cohort(scope: Scope, filters: IncidentFilter, as_of: datetime) -> ColumnElement[bool]:
    """Return the condition of the cohort; its place is left to `at_place`."""
    return and_(counted(scope, filters), in_window(filters), Incident.recorded_at <= as_of)


def key_types(by: By | None) -> dict[str, str]:
    """Return the type of the column that `over_cohort` puts first."""
    return {} if by is None else {by: COUNT if by == "month" else TEXT}


def group_key(by: By, filters: IncidentFilter, as_of: datetime) -> ColumnElement[Any]:
    """Return what to group by; an empty text (month: 0) where it is not known."""
    if by == "month":
        parts = list_month_parts(filters.week_from, as_of)
        return _choose(Incident.reported_at, [(start, month) for start, month, end in parts if not end]).label("month")
    columns: dict[By, InstrumentedAttribute[Any]] = {
        "district": PlaceWeek.district_code, "unit": Incident.handling_unit, "channel": Incident.channel,
        "category": Incident.category,
    }
    return func.coalesce(columns[by], literal_column("''")).label(by)


def part_of_month(
    column: InstrumentedAttribute[Any], week_from: int, as_of: datetime
) -> ColumnElement[int]:
    """Return the part of a month that an instant lies in: 10 × (year × 100 + month), and 1 more at its end."""
    parts = list_month_parts(week_from, as_of)
    return _choose(column, [(start, month * 10 + int(end)) for start, month, end in parts])


def list_month_parts(week_from: int, as_of: datetime) -> list[tuple[int, int, bool]]:
    """Return the parts of the months of a window up to `as_of`, ascending: first second, year × 100 + month, is end."""
    last = local_day(as_of)
    # From a January on: windows of one year share one statement, which is compiled once.
    month = max(monday_of(max(week_from, -10_000)), FIRST_MONTH).replace(month=1, day=1)
    parts = []
    while month <= last:
        following = (month + timedelta(days=31)).replace(day=1)
        number = month.year * 100 + month.month
        end = following - timedelta(days=LAST_DAYS)
        parts += [(int(day_start(month).timestamp()), number, False), (int(day_start(end).timestamp()), number, True)]
        month = following
    return parts


def _choose(column: InstrumentedAttribute[Any], leaves: Sequence[tuple[int, int]]) -> ColumnElement[int]:
    """Return the value of the last leaf that begins at or before an instant; 0 before the first.

    Written as a tree of comparisons, made of whole numbers only: engines differ in their date functions, and none
    knows the county's zone.
    """
    return literal_column(_tree(f"incidents.{column.key}", [(-2**62, 0), *leaves]), BigInteger)


def _tree(column: str, leaves: Sequence[tuple[int, int]]) -> str:
    if len(leaves) == 1:
        return str(leaves[0][1])
    half = len(leaves) // 2
    return (f"CASE WHEN {column} < {leaves[half][0]} THEN {_tree(column, leaves[:half])} "
            f"ELSE {_tree(column, leaves[half:])} END")
