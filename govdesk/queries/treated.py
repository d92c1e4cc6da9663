"""Visits by village: one to a grid is one to the village that it lay in then. And which villages are treated."""

from datetime import date

import pandas as pd
from sqlalchemy import Connection, and_, select

from govdesk.clock import week_of
from govdesk.queries.frames import COUNT, DAY, TEXT, make_frame
from govdesk.queries.permission import reads
from govdesk.queries.scoping import within_area
from govdesk.rules.access import Scope
from govdesk.rules.visit_orders import treated_weeks
from govdesk.tables import PlaceAncestor, Visit
from govdesk.terms import Level, VisitReason

VISIT_TYPES = {"id": COUNT, "place_code": TEXT, "visited_on": DAY, "reason": TEXT, "found": TEXT}
TREATED_TYPES = {"place_code": TEXT, "visited_on": DAY, "found": TEXT, "week_from": COUNT, "week_to": COUNT}


@reads("view_visits")
def list_village_visits(
    connection: Connection, scope: Scope, day_from: date, day_to: date, reason: str | None = None
) -> pd.DataFrame:
    """Return the visits of [day_from, day_to), by day: `VISIT_TYPES`; `place_code` is that of the village.

    Parameters
    ----------
    reason : str, optional
        Only visits of this `terms.VisitReason`.
    """
    above = and_(PlaceAncestor.code == Visit.place_code, PlaceAncestor.ancestor_level == Level.VILLAGE.value)
    asked = [Visit.reason == reason] if reason is not None else []
    rows = connection.execute(
        select(Visit.id, Visit.place_code, Visit.visited_on, Visit.reason, Visit.found, PlaceAncestor.ancestor_code,
               PlaceAncestor.week_from, PlaceAncestor.week_to)
        .outerjoin(PlaceAncestor, above)
        .where(Visit.visited_on >= day_from, Visit.visited_on < day_to, within_area(scope, Visit.place_code), *asked)
        .order_by(Visit.visited_on, Visit.id)).all()
    found: dict[int, tuple[object, ...]] = {}
    for row in rows:
        held = row.week_from is not None and row.week_from <= week_of(row.visited_on) < row.week_to
        if held or row.id not in found:  # a place of no village then keeps its own code
            code = row.ancestor_code if held else row.place_code
            found[row.id] = (row.id, code, row.visited_on, row.reason, row.found)
    return make_frame(list(found.values()), VISIT_TYPES)


@reads("view_visits")
def list_treated(connection: Connection, scope: Scope, day_from: date, day_to: date) -> pd.DataFrame:
    """Return the villages visited for an alert in [day_from, day_to), with the weeks for which they are treated.

    Returns
    -------
    DataFrame
        A row per visit, by day: ``place_code``, ``visited_on``, ``found``; ``week_from``, ``week_to`` (exclusive;
        `rules.visit_orders.treated_weeks`).
    """
    visits = list_village_visits(connection, scope, day_from, day_to, VisitReason.ALERT.value)
    rows = [(row.place_code, row.visited_on, row.found, *treated_weeks(row.visited_on.date()))
            for row in visits.itertuples()]
    return make_frame(rows, TREATED_TYPES)


def group_treated(treated: pd.DataFrame) -> dict[str, list[tuple[int, int]]]:
    """Return the treated weeks [from, to) of each village."""
    found: dict[str, list[tuple[int, int]]] = {}
    for row in treated.itertuples():
        found.setdefault(row.place_code, []).append((row.week_from, row.week_to))
    return found
