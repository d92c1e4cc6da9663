"""What a screen asks for: weeks, streams, categories and a place; and the conditions that follow from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, case, literal, literal_column, select, true
from sqlalchemy.orm import aliased

from govdesk.queries.frames import Query
from govdesk.queries.scoping import visible_incidents, within_area
from govdesk.rules.access import Scope
from govdesk.tables import Incident, PlaceAncestor, PlaceWeek
from govdesk.tables.places import FIRST_WEEK, OPEN_WEEK


@dataclass(frozen=True, slots=True)
class IncidentFilter:
    """Which incidents are counted.

    Attributes
    ----------
    week_from, week_to : int
        Weeks of occurrence, `week_to` exclusive (`clock.week_of`).
    streams, categories : tuple of str
        Codes; empty means all.
    place_code : str or None
        Place (of any level) that the incident's place lay in, in the week of the incident; None means everywhere.
    channels, kinds, units : tuple of str
        Channels; kinds of the village it lay in, in its week (`terms.PlaceKind`); handling units. Empty means all.
    """

    week_from: int
    week_to: int
    streams: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    place_code: str | None = None
    channels: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    units: tuple[str, ...] = ()


def in_window(filters: IncidentFilter) -> ColumnElement[bool]:
    """Return the condition that an incident occurred in the weeks of `filters`."""
    return and_(Incident.week_occurred >= filters.week_from, Incident.week_occurred < filters.week_to)


def counted(scope: Scope, filters: IncidentFilter) -> ColumnElement[bool]:
    """Return the condition of everything in `filters` but its weeks and its place, for what `scope` may see."""
    conditions: list[ColumnElement[bool]] = [Incident.is_counted == 1, visible_incidents(scope)]
    if filters.streams:
        conditions.append(Incident.stream.in_(filters.streams))
    if filters.categories:
        conditions.append(Incident.category.in_(filters.categories))
    if filters.channels:
        conditions.append(Incident.channel.in_(filters.channels))
    if filters.units:
        conditions.append(Incident.handling_unit.in_(filters.units))
    if filters.kinds:
        conditions.append(_of_kind(filters.kinds))
    return and_(*conditions)


def _of_kind(kinds: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition that an incident lay in a village of one of `kinds`, in its own week."""
    then = select(PlaceWeek.code).where(
        PlaceWeek.code == Incident.place_code, PlaceWeek.week_from <= Incident.week_occurred,
        PlaceWeek.week_to > Incident.week_occurred, PlaceWeek.kind.in_(kinds))
    return then.correlate(Incident).exists()


def lay_in(closure: Any) -> ColumnElement[bool]:
    """Return the join of an incident with a row of the closure: the places of the week it occurred in."""
    return and_(
        Incident.place_code == closure.code,
        Incident.week_occurred >= closure.week_from,
        Incident.week_occurred < closure.week_to,
    )


def inside_place(filters: IncidentFilter) -> ColumnElement[bool]:
    """Return the condition that an incident lay in the place of `filters` in its own week.

    Said twice: the list of codes lets the engine go by the index on places, the second part looks at the weeks.
    """
    if filters.place_code is None:
        return true()
    return and_(Incident.place_code.in_(_codes_in(filters.place_code)), inside_then(filters))


def inside_then(filters: IncidentFilter) -> ColumnElement[bool]:
    """Return `inside_place` without the list of codes: for rows that another index finds, where they are few."""
    if filters.place_code is None:
        return true()
    inside = aliased(PlaceAncestor, name="inside")
    then = select(inside.code).where(inside.ancestor_code == filters.place_code, lay_in(inside))
    return then.correlate(Incident).exists()


def _codes_in(place_code: str) -> Query:
    """Return the codes of everything that ever lay in a place."""
    return select(PlaceAncestor.code).where(PlaceAncestor.ancestor_code == place_code)


def at_place(statement: Query, filters: IncidentFilter) -> Query:
    """Restrict `statement` (over incidents) to the place of `filters`."""
    return statement if filters.place_code is None else statement.where(inside_place(filters))


def at_level(statement: Query, level: str, closure: Any) -> Query:
    """Join `closure` (an alias of the closure table) so that `closure.ancestor_code` is the place at `level`.

    An incident known only at a coarser level than `level` has no such place and drops out.
    """
    return statement.join(closure, and_(closure.ancestor_level == level, lay_in(closure)))


def from_places(
    columns: Sequence[Any], scope: Scope, filters: IncidentFilter, closure: Any, level: str | None = None
) -> Query:
    """Return a SELECT of `columns` over places and the incidents of the window that lay in them (`places_with`)."""
    window = IncidentSpan(filters.week_from, filters.week_to)
    return places_with(columns, scope, filters, closure, level, counted(scope, filters), window)


@dataclass(frozen=True, slots=True)
class IncidentSpan:
    """Weeks of occurrence, `week_to` exclusive."""

    week_from: int = FIRST_WEEK
    week_to: int = OPEN_WEEK


def places_with(
    columns: Sequence[Any], scope: Scope, filters: IncidentFilter, closure: Any, level: str | None,
    condition: ColumnElement[bool], window: IncidentSpan | None = None,
) -> Query:
    """Return a SELECT of `columns` over places and the incidents that lay in them and meet `condition`.

    An outer join, so that SQLite starts from the places and reads one stretch of an index for each, in order; from
    the incidents, it would look up and sort every one (six times slower at a million). Rows of places without an
    incident have null in all columns of the incident.

    Parameters
    ----------
    closure : alias of PlaceAncestor
        With `level`, `closure.ancestor_code` is the place of that level; without, that of `filters`.
    window : IncidentSpan, optional
        Weeks the incident must have occurred in; default: any.
    """
    wanted = and_(
        closure.ancestor_code == filters.place_code if level is None else closure.ancestor_level == level,
        within_area(scope, closure.code),
    )
    places = select(*columns).select_from(closure)
    spans = [(closure.week_from, closure.week_to)]
    if level is not None and filters.place_code is not None:
        inside = aliased(PlaceAncestor, name="inside")
        places = places.join(inside, and_(inside.code == closure.code, inside.ancestor_code == filters.place_code))
        spans.append((inside.week_from, inside.week_to))
    window = window or IncidentSpan()
    begin: Any = literal(window.week_from)
    end: Any = literal(window.week_to)
    for week_from, week_to in spans:
        begin, end = case((week_from > begin, week_from), else_=begin), case((week_to < end, week_to), else_=end)
    met = and_(
        Incident.place_code == closure.code, Incident.week_occurred >= begin, Incident.week_occurred < end, condition
    )
    return places.outerjoin(Incident, met).where(wanted)


def week_key(scope: Scope, filters: IncidentFilter) -> Any:
    """Return the week of an incident to group or sort by.

    Inside a place it is an expression that no index is sorted by: the engine then goes by the place, instead of
    through the whole county's weeks for the sake of their order.
    """
    narrow = filters.place_code is not None or scope.area_code is not None
    return Incident.week_occurred + literal_column("0") if narrow else Incident.week_occurred
