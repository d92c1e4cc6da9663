"""What a screen asks for: weeks, streams, categories and a place; and the conditions that follow from it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_
from sqlalchemy.orm import aliased

from govdesk.queries.frames import Query
from govdesk.queries.scoping import visible_incidents
from govdesk.rules.access import Scope
from govdesk.tables import Incident, PlaceAncestor


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
    """

    week_from: int
    week_to: int
    streams: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    place_code: str | None = None


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
    return and_(*conditions)


def lay_in(closure: Any) -> ColumnElement[bool]:
    """Return the join of an incident with a row of the closure: the places of the week it occurred in."""
    return and_(
        Incident.place_code == closure.code,
        Incident.week_occurred >= closure.week_from,
        Incident.week_occurred < closure.week_to,
    )


def at_place(statement: Query, filters: IncidentFilter) -> Query:
    """Restrict `statement` (over incidents) to the place of `filters`.

    The windows of one place under one ancestor never overlap, so that the join doubles no row.
    """
    if filters.place_code is None:
        return statement
    inside = aliased(PlaceAncestor, name="inside")
    return statement.join(inside, and_(inside.ancestor_code == filters.place_code, lay_in(inside)))


def at_level(statement: Query, level: str, closure: Any) -> Query:
    """Join `closure` (an alias of the closure table) so that `closure.ancestor_code` is the place at `level`.

    An incident known only at a coarser level than `level` has no such place and drops out.
    """
    return statement.join(closure, and_(closure.ancestor_level == level, lay_in(closure)))
