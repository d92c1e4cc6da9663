"""What stands around the incidents: works, nil returns, changes of sources, categories, units, accounts."""

from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Connection, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from govdesk.queries.frames import DAY, FLAG, INSTANT, TEXT, read_frame
from govdesk.queries.permission import reads
from govdesk.queries.scoping import within_area
from govdesk.rules.access import Scope
from govdesk.tables import Account, Category, NilReturn, Place, PlaceAncestor, SourceChange, Unit, WorksProject


def _inside(place_code: InstrumentedAttribute[Any], code: str) -> ColumnElement[bool]:
    """Return the condition that `place_code` is `code` or lay in it at any time."""
    return place_code.in_(select(PlaceAncestor.code).where(PlaceAncestor.ancestor_code == code))


def _touches(place_code: InstrumentedAttribute[Any], code: str) -> ColumnElement[bool]:
    """Return the condition that `place_code` lies in `code` or contains it."""
    around = select(PlaceAncestor.ancestor_code).where(PlaceAncestor.code == code)
    return or_(_inside(place_code, code), place_code.in_(around))


def _visible(scope: Scope, place_code: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """Return the condition that something about a place concerns the caller: inside the area, or around it."""
    if scope.area_code is None:
        return within_area(scope, place_code)
    around = select(PlaceAncestor.ancestor_code).where(PlaceAncestor.code == scope.area_code)
    return or_(within_area(scope, place_code), place_code.in_(around))


def name_place(place_code: InstrumentedAttribute[Any]) -> Any:
    """Return the newest name of a place."""
    return (
        select(Place.name).where(Place.code == place_code).order_by(Place.valid_from.desc()).limit(1)
        .scalar_subquery()
    )


def is_visible_change(scope: Scope) -> ColumnElement[bool]:
    """Return the condition that a change of a source, of some place, concerns the caller."""
    return _visible(scope, SourceChange.place_code)


@reads("view_overview", "view_wall")
def list_works(connection: Connection, scope: Scope, place_code: str | None, on: date) -> pd.DataFrame:
    """Return the works projects begun by a day, in a place, in what it contains and in what contains it.

    Returns
    -------
    DataFrame
        ``name``, ``kind``, ``place_code``, ``place_name``, ``started_on``, ``ended_on`` (missing while they go on),
        ``unit_code``, ``is_active`` (going on that day), newest first.
    """
    active = or_(WorksProject.ended_on.is_(None), WorksProject.ended_on > on)
    statement = select(
        WorksProject.name, WorksProject.kind, WorksProject.place_code, name_place(WorksProject.place_code),
        WorksProject.started_on, WorksProject.ended_on, WorksProject.unit_code, active,
    ).where(WorksProject.started_on <= on, _visible(scope, WorksProject.place_code))
    if place_code is not None:
        statement = statement.where(_touches(WorksProject.place_code, place_code))
    return read_frame(
        connection, statement.order_by(WorksProject.started_on.desc(), WorksProject.id),
        {"name": TEXT, "kind": TEXT, "place_code": TEXT, "place_name": TEXT, "started_on": DAY, "ended_on": DAY,
         "unit_code": TEXT, "is_active": FLAG},
    )


@reads("view_overview", "view_wall")
def list_nil_returns(
    connection: Connection, scope: Scope, place_code: str | None, limit: int = 50
) -> pd.DataFrame:
    """Return the nil returns 零报告 of a place and what it contains, newest period first.

    Returns
    -------
    DataFrame
        ``place_code``, ``place_name``, ``stream`` (missing: all), ``period_from``, ``period_to`` (exclusive),
        ``by_post``, ``recorded_at``.
    """
    statement = select(
        NilReturn.place_code, name_place(NilReturn.place_code), NilReturn.stream, NilReturn.period_from,
        NilReturn.period_to, NilReturn.by_post, NilReturn.recorded_at,
    ).where(within_area(scope, NilReturn.place_code))
    if place_code is not None:
        statement = statement.where(_inside(NilReturn.place_code, place_code))
    return read_frame(
        connection, statement.order_by(NilReturn.period_from.desc(), NilReturn.id.desc()).limit(limit),
        {"place_code": TEXT, "place_name": TEXT, "stream": TEXT, "period_from": DAY, "period_to": DAY,
         "by_post": TEXT, "recorded_at": INSTANT},
    )


@reads("view_overview", "view_wall")
def list_source_changes(connection: Connection, scope: Scope, place_code: str | None = None) -> pd.DataFrame:
    """Return the changes of sources that hold in a place (everywhere, around it or in it), oldest first.

    Returns
    -------
    DataFrame
        ``on``, ``kind``, ``place_code`` (missing: everywhere), ``stream``, ``channel``, ``unit_code``, ``note``.
    """
    everywhere = SourceChange.place_code.is_(None)
    conditions = [or_(everywhere, _visible(scope, SourceChange.place_code))]
    if place_code is not None:
        conditions.append(or_(everywhere, _touches(SourceChange.place_code, place_code)))
    statement = select(
        SourceChange.on, SourceChange.kind, SourceChange.place_code, SourceChange.stream, SourceChange.channel,
        SourceChange.unit_code, SourceChange.note,
    ).where(and_(*conditions)).order_by(SourceChange.on, SourceChange.id)
    return read_frame(
        connection, statement,
        {"on": DAY, "kind": TEXT, "place_code": TEXT, "stream": TEXT, "channel": TEXT, "unit_code": TEXT,
         "note": TEXT},
    )


def list_categories(connection: Connection) -> pd.DataFrame:
    """Return all categories: ``code``, ``stream``, ``name_zh``, ``name_en``."""
    statement = select(Category.code, Category.stream, Category.name_zh, Category.name_en)
    return read_frame(
        connection, statement.order_by(Category.stream, Category.code),
        {"code": TEXT, "stream": TEXT, "name_zh": TEXT, "name_en": TEXT},
    )


def list_units(connection: Connection) -> pd.DataFrame:
    """Return all units: ``code``, ``name``, ``kind``, ``place_code``, ``parent_code``."""
    statement = select(Unit.code, Unit.name, Unit.kind, Unit.place_code, Unit.parent_code).order_by(Unit.code)
    return read_frame(
        connection, statement, {"code": TEXT, "name": TEXT, "kind": TEXT, "place_code": TEXT, "parent_code": TEXT}
    )


def list_accounts(connection: Connection) -> pd.DataFrame:
    """Return the active accounts: ``code``, ``title``, ``post_code``, ``role``, ``area_code``, ``unit_code``."""
    statement = select(
        Account.code, Account.title, Account.post_code, Account.role, Account.area_code, Account.unit_code
    ).where(Account.is_active.is_(True)).order_by(Account.code)
    return read_frame(
        connection, statement,
        {"code": TEXT, "title": TEXT, "post_code": TEXT, "role": TEXT, "area_code": TEXT, "unit_code": TEXT},
    )
