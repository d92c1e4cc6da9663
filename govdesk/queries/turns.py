"""When places of a level began, and on which days they changed: before its first day nothing is known of a place."""

from datetime import date

import pandas as pd
from sqlalchemy import Connection, func, select, union

from govdesk.queries.frames import COUNT, DAY, TEXT, read_frame
from govdesk.queries.permission import reads
from govdesk.queries.scoping import within_area
from govdesk.rules.access import Scope
from govdesk.tables import Place, PlaceAncestor
from govdesk.tables.places import ALWAYS


@reads("view_overview", "view_wall")
def list_beginnings(connection: Connection, scope: Scope, level: str) -> pd.DataFrame:
    """Return the places of a level whose first day is known; the others have stood as long as anything is recorded.

    A later version of the same code (renamed, moved, re-drawn) is no beginning: its counts run on.

    Returns
    -------
    DataFrame
        ``code``, ``since`` (day), by code.
    """
    first = func.min(Place.valid_from)
    statement = (
        select(Place.code, first).where(Place.level == level, within_area(scope, Place.code))
        .group_by(Place.code).having(first > ALWAYS).order_by(Place.code)
    )
    return read_frame(connection, statement, {"code": TEXT, "since": DAY})


@reads("view_overview", "view_wall")
def count_turns(
    connection: Connection, scope: Scope, level: str, within: str | None, day_from: date, day_to: date
) -> pd.DataFrame:
    """Count by day the places of a level that began, ended or were re-drawn after `day_from` up to `day_to`.

    Parameters
    ----------
    within : str or None
        Only places that ever lay in this one.

    Returns
    -------
    DataFrame
        ``on`` (day), ``n_places`` (int64), oldest first; a place that ended and began on one day counts once.
    """
    parts = []
    for day in (Place.valid_from, Place.valid_to):
        part = select(day.label("on"), Place.code).where(
            Place.level == level, day > day_from, day <= day_to, within_area(scope, Place.code))
        if within is not None:
            inside = select(PlaceAncestor.code).where(PlaceAncestor.ancestor_code == within)
            part = part.where(Place.code.in_(inside))
        parts.append(part)
    turned = union(*parts).subquery()  # UNION drops the second of the same place on the same day
    statement = select(turned.c.on, func.count()).group_by(turned.c.on).order_by(turned.c.on)
    return read_frame(connection, statement, {"on": DAY, "n_places": COUNT})
