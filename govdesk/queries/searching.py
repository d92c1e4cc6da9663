"""The search box of every page: a number, a place's name, its pinyin initials, a code."""

from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Connection, and_, case, or_, select
from sqlalchemy.orm import aliased

from govdesk.queries.frames import TEXT, make_frame
from govdesk.queries.permission import reads
from govdesk.queries.scoping import handled_incidents, within_area
from govdesk.rules.access import Scope
from govdesk.tables import Incident, Place

#: Longer than any name, number or code; the rest of a pasted text is not looked for.
MAX_TEXT = 100
#: What sorts after every character that a number may continue with.
LAST = chr(0x10FFFF)
TYPES = {"kind": TEXT, "code": TEXT, "name": TEXT, "level": TEXT, "parent_name": TEXT}


@reads("view_incidents")
def search(connection: Connection, scope: Scope, text: str, on: date, limit: int = 20) -> pd.DataFrame:
    """Find places and incidents by what somebody typed.

    Returns
    -------
    DataFrame
        ``kind`` ('place' or 'incident'), ``code`` (of an incident: its id), ``name`` (of an incident: its number),
        ``level`` (of an incident: its stream), ``parent_name`` (of an incident: its place). Places come first, exact
        matches before beginnings before parts.
    """
    wanted = text.replace("\x00", "").strip()[:MAX_TEXT]
    if not wanted or limit < 1:
        return make_frame([], TYPES)
    places = _find_places(connection, scope, wanted, on, limit)
    numbers = _find_incidents(connection, scope, wanted, on, limit)
    # A full list of places never hides the one incident whose number was typed.
    keep = max(limit - len(numbers), limit // 2)
    return make_frame([*places[:keep], *numbers][:limit], TYPES)


def _stands(place: Any, on: date) -> ColumnElement[bool]:
    return and_(place.valid_from <= on, or_(place.valid_to.is_(None), place.valid_to > on))


def _find_places(connection: Connection, scope: Scope, wanted: str, on: date, limit: int) -> list[tuple[str, ...]]:
    above = aliased(Place, name="above")
    initials = wanted.upper()
    begins = or_(
        Place.name.startswith(wanted, autoescape=True), Place.code.startswith(wanted, autoescape=True),
        Place.initials.startswith(initials, autoescape=True),
    )
    rank = case(
        (or_(Place.name == wanted, Place.code == wanted), 0), (Place.initials == initials, 1), (begins, 2), else_=3
    )
    rows = connection.execute(
        select(Place.code, Place.name, Place.level, above.name)
        .outerjoin(above, and_(above.code == Place.parent_code, _stands(above, on)))
        .where(
            _stands(Place, on), within_area(scope, Place.code),
            or_(Place.name.contains(wanted, autoescape=True), begins),
        )
        .order_by(rank, Place.code).limit(limit)
    )
    return [("place", *row) for row in rows]


def _find_incidents(connection: Connection, scope: Scope, wanted: str, on: date, limit: int) -> list[tuple[str, ...]]:
    place = aliased(Place, name="place")
    # A range and not LIKE, and no equality beside it: SQLite answers it from the index on the number.
    rows = connection.execute(
        select(Incident.id, Incident.source_ref, Incident.stream, place.name)
        .outerjoin(place, and_(place.code == Incident.place_code, _stands(place, on)))
        .where(
            Incident.source_ref >= wanted, Incident.source_ref <= wanted + LAST,
            handled_incidents(scope), Incident.is_counted != 0,
        )
        .order_by(Incident.source_ref).limit(limit)
    )
    return [("incident", str(row[0]), *row[1:]) for row in rows]
