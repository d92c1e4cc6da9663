"""Reads of the place tree 地区 as it was on a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import ColumnElement, Connection, and_, or_, select
from sqlalchemy.orm import aliased

from govdesk.queries.frames import DAY, MAYBE_COUNT, NUMBER, TEXT, Query, read_frame
from govdesk.queries.permission import reads
from govdesk.queries.scoping import within_area
from govdesk.queries.searching import search
from govdesk.rules.access import Scope
from govdesk.tables import Place, PlaceChange, PlaceShape
from govdesk.terms import LEVELS

__all__ = [
    "PlaceFacts", "find_breadcrumb", "find_roots", "get_place", "list_changes", "list_children", "list_levels",
    "list_neighbours", "list_places", "search",
]

#: A tree is never deeper; the walk up stops here even in a broken register.
MAX_DEPTH = 12


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    """One place as it was on a day; `valid_to` is exclusive, None while it stands; `shape_kind` None without shape."""

    code: str
    name: str
    level: str
    parent_code: str | None
    kind: str | None
    population: int | None
    households: int | None
    lon: float | None
    lat: float | None
    valid_from: date
    valid_to: date | None
    shape_kind: str | None


COLUMNS = (
    Place.code, Place.name, Place.level, Place.parent_code, Place.kind, Place.population, Place.households,
    Place.lon, Place.lat, Place.valid_from, Place.valid_to, PlaceShape.kind.label("shape_kind"),
)
TYPES = {
    "code": TEXT, "name": TEXT, "level": TEXT, "parent_code": TEXT, "kind": TEXT, "population": MAYBE_COUNT,
    "households": MAYBE_COUNT, "lon": NUMBER, "lat": NUMBER, "valid_from": DAY, "valid_to": DAY, "shape_kind": TEXT,
}


def valid_on(on: date, place: Any = Place) -> ColumnElement[bool]:
    """Return the condition that a place stood on a day."""
    return and_(place.valid_from <= on, or_(place.valid_to.is_(None), place.valid_to > on))


def descends_from(code: str, on: date) -> ColumnElement[bool]:
    """Return the condition that a place lay in `code` on a day, or is it.

    Goes down the parents of that very day, since the closure counts in whole weeks.
    """
    tree = select(Place.code).where(Place.code == code, valid_on(on)).cte("tree", recursive=True)
    child = aliased(Place, name="child")
    tree = tree.union(select(child.code).join(tree, child.parent_code == tree.c.code).where(valid_on(on, child)))
    return Place.code.in_(select(tree.c.code))


def _standing(scope: Scope, on: date) -> Query:
    shape = and_(PlaceShape.code == Place.code, PlaceShape.valid_from == Place.valid_from)
    return (
        select(*COLUMNS).select_from(Place).outerjoin(PlaceShape, shape)
        .where(valid_on(on), within_area(scope, Place.code))
    )


@reads("view_overview", "view_wall")
def get_place(connection: Connection, scope: Scope, code: str, on: date) -> PlaceFacts | None:
    """Return a place as it was on a day; None when there is none, or it lies outside the caller's area."""
    row = connection.execute(_standing(scope, on).where(Place.code == code)).first()
    return None if row is None else PlaceFacts(**row._mapping)


@reads("view_overview", "view_wall")
def list_places(
    connection: Connection, scope: Scope, level: str, on: date, within: str | None = None,
    codes: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Return the places of a level on a day, by code; `within` keeps those inside one place, `codes` only these.

    Returns
    -------
    DataFrame
        The fields of `PlaceFacts`.
    """
    statement = _standing(scope, on).where(Place.level == level)
    if within is not None:
        statement = statement.where(descends_from(within, on))
    if codes is not None:
        statement = statement.where(Place.code.in_(codes))
    return read_frame(connection, statement.order_by(Place.code), TYPES)


@reads("view_overview", "view_wall")
def list_children(connection: Connection, scope: Scope, code: str, on: date) -> pd.DataFrame:
    """Return the places directly below `code` on a day: the fields of `PlaceFacts`, by code."""
    statement = _standing(scope, on).where(Place.parent_code == code)
    return read_frame(connection, statement.order_by(Place.code), TYPES)


@reads("view_overview", "view_wall")
def find_breadcrumb(connection: Connection, scope: Scope, code: str, on: date) -> list[PlaceFacts]:
    """Return the way from the root, or from the caller's area, down to a place; empty when there is no such place."""
    way: list[PlaceFacts] = []
    above: str | None = code
    while above is not None and len(way) < MAX_DEPTH:
        place = get_place(connection, scope, above, on)
        if place is None:
            break
        way.append(place)
        above = place.parent_code
    return way[::-1]


@reads("view_overview", "view_wall")
def find_roots(connection: Connection, scope: Scope, on: date) -> list[PlaceFacts]:
    """Return where the caller's tree begins: the places without a parent, or the caller's area."""
    if scope.area_code is not None:
        area = get_place(connection, scope, scope.area_code, on)
        return [] if area is None else [area]
    rows = connection.execute(_standing(scope, on).where(Place.parent_code.is_(None)).order_by(Place.code))
    return [PlaceFacts(**row._mapping) for row in rows]


def list_levels(connection: Connection) -> tuple[str, ...]:
    """Return the levels this tree has, from the widest to the finest."""
    found = set(connection.scalars(select(Place.level).distinct()))
    known = [level.value for level in LEVELS if level.value in found]
    return (*known, *sorted(found - set(known)))


@reads("view_overview", "view_wall")
def list_changes(connection: Connection, scope: Scope, code: str) -> pd.DataFrame:
    """Return what happened to a place: the changes it came from or went into, oldest first.

    Returns
    -------
    DataFrame
        ``on``, ``kind``, ``from_code``, ``to_code``, ``share`` (0–1 of the people of `from_code`).
    """
    statement = select(
        PlaceChange.on, PlaceChange.kind, PlaceChange.from_code, PlaceChange.to_code, PlaceChange.share
    ).where(
        or_(PlaceChange.from_code == code, PlaceChange.to_code == code),
        within_area(scope, PlaceChange.from_code), within_area(scope, PlaceChange.to_code),
    ).order_by(PlaceChange.on, PlaceChange.from_code, PlaceChange.to_code)
    return read_frame(
        connection, statement, {"on": DAY, "kind": TEXT, "from_code": TEXT, "to_code": TEXT, "share": NUMBER}
    )


@reads("view_overview", "view_wall")
def list_neighbours(connection: Connection, scope: Scope, code: str, on: date, n: int = 6) -> pd.DataFrame:
    """Return the `n` nearest places of the same level by distance of label points, nearest first.

    Returns
    -------
    DataFrame
        The fields of `PlaceFacts` and ``distance_km`` (equirectangular; good to 0.1 % inside a county).
    """
    place = get_place(connection, scope, code, on)
    others = list_places(connection, scope, place.level if place else "", on)
    points = read_frame(
        connection,
        select(PlaceShape.code, PlaceShape.valid_from, PlaceShape.label_lon, PlaceShape.label_lat)
        .where(within_area(scope, PlaceShape.code)),
        {"code": TEXT, "valid_from": DAY, "label_lon": NUMBER, "label_lat": NUMBER},
    )
    others = others.merge(points, on=["code", "valid_from"], how="left")
    lon = others.pop("label_lon").fillna(others["lon"])
    lat = others.pop("label_lat").fillna(others["lat"])
    here = (others["code"] == code).to_numpy()
    if not here.any():
        return others.assign(distance_km=pd.Series(dtype="float64")).head(0)
    lon_0, lat_0 = lon[here].iloc[0], lat[here].iloc[0]
    east = (lon - lon_0) * np.cos(np.radians(lat_0)) * 111.195
    others["distance_km"] = np.hypot(east, (lat - lat_0) * 111.195)
    others = others[~here].dropna(subset=["distance_km"])
    return others.sort_values(["distance_km", "code"]).head(n).reset_index(drop=True)
