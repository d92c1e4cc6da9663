"""Turns a caller's scope into a condition: the one place that decides which rows a query may see."""

from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from govdesk.rules.access import Scope
from govdesk.tables import Incident, PlaceAncestor


def within_area(scope: Scope, place_code: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Return the condition that `place_code` lies in the area of `scope`, at any time."""
    if scope.area_code is None:
        return true()
    inside = select(PlaceAncestor.code).where(PlaceAncestor.ancestor_code == scope.area_code)
    return place_code.in_(inside)


def visible_incidents(scope: Scope) -> ColumnElement[bool]:
    """Return the condition that an incident may be seen: in the area, and not about the caller's own unit.

    Merged and withdrawn incidents are left to the caller's `is_counted` condition: a page may show them.
    """
    conditions = [within_area(scope, Incident.place_code)]
    if scope.unit_code is not None:
        about_us = Incident.concerns_unit == scope.unit_code
        conditions.append(or_(Incident.concerns_unit.is_(None), ~about_us))
    return and_(*conditions)
