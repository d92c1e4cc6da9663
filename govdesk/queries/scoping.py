"""Turns a caller's scope into a condition: the one place that decides which rows a query may see."""

from functools import lru_cache

from sqlalchemy import ColumnElement, Select, and_, literal, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, aliased

from govdesk.rules.access import Scope
from govdesk.tables import Incident, PlaceAncestor, Unit


def within_area(scope: Scope, place_code: InstrumentedAttribute[str] | ColumnElement[str]) -> ColumnElement[bool]:
    """Return the condition that `place_code` lies in the area of `scope`, at any time."""
    if scope.area_code is None:
        return true()
    inside = select(PlaceAncestor.code).where(PlaceAncestor.ancestor_code == scope.area_code)
    return place_code.in_(inside)


def visible_incidents(scope: Scope) -> ColumnElement[bool]:
    """Return the condition that an incident may be seen: in the area, and not about the caller's own unit or one above.

    Merged and withdrawn incidents are left to the caller's `is_counted` condition: a page may show them.
    """
    return and_(within_area(scope, Incident.place_code), not_about(scope, Incident.concerns_unit))


def within_reach(scope: Scope, place_code: InstrumentedAttribute[str] | ColumnElement[str]) -> ColumnElement[bool]:
    """Return the condition that an incident lies in the area of `scope`, or is in the hands of the caller's own unit.

    What lies next door and was dispatched to a township's government is that government's to handle. For what somebody
    does or opens; figures of places are of an area, and ask with `visible_incidents`.
    """
    inside = within_area(scope, place_code)
    if scope.area_code is None or scope.unit_code is None:
        return inside
    return or_(inside, Incident.handling_unit == scope.unit_code)


def handled_incidents(scope: Scope) -> ColumnElement[bool]:
    """Return the condition that a single incident may be seen: as `visible_incidents`, and what the caller handles."""
    return and_(within_reach(scope, Incident.place_code), not_about(scope, Incident.concerns_unit))


def not_about(scope: Scope, concerns_unit: InstrumentedAttribute[str | None]) -> ColumnElement[bool]:
    """Return the condition that something is not about the caller's unit, nor about one that this unit belongs to.

    An office of the unit concerned is not independent of it; the unit above it is who looks into the matter.
    """
    if scope.unit_code is None:
        return true()
    return or_(concerns_unit.is_(None), concerns_unit.not_in(_unit_and_above(scope.unit_code)))


def not_merged_into_hidden(scope: Scope) -> ColumnElement[bool]:
    """Return the condition that an incident was not merged into one that is about the caller's unit.

    For single incidents: what is counted is never merged, and the condition would cost a list its index.
    """
    if scope.unit_code is None:
        return true()
    staying = aliased(Incident, name="staying")
    about_us = select(staying.id).where(
        staying.id == Incident.merged_into, staying.concerns_unit.in_(_unit_and_above(scope.unit_code)))
    return ~about_us.correlate(Incident).exists()


@lru_cache(maxsize=1024)
def _unit_and_above(unit_code: str) -> Select[tuple[str]]:
    """Return the SELECT of a unit and of all it belongs to: one object, for it may stand twice in a statement."""
    chain = select(literal(unit_code).label("code")).cte("own_units", recursive=True)
    above = select(Unit.parent_code).join(chain, Unit.code == chain.c.code).where(Unit.parent_code.is_not(None))
    return select(chain.union(above).c.code)
