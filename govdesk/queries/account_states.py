"""All accounts as those who administer them see them: what each is, how it signs in, when it was last used."""

from datetime import date, datetime

import pandas as pd
from sqlalchemy import Connection, and_, func, or_, select

from govdesk.queries.permission import reads
from govdesk.queries.sign_ins import usual_limits
from govdesk.rules.access import Scope
from govdesk.rules.sign_in import limits_of
from govdesk.tables import Account, Password, Place, Post, SignIn, Unit
from govdesk.terms import Role


@reads("manage_accounts")
def list_account_states(connection: Connection, scope: Scope, now: datetime) -> pd.DataFrame:
    """Return one row an account, the active ones first, in the order of the roles; intakes are left out.

    Columns: code, title, role, area_code, area_name, unit_code, unit_name, post_code, address_range, is_active, key
    (``own``: a password of its own, ``one_time``: one that is still to be changed, or a wall's key, ``none``), seen_at
    (last use, UTC or None), method (of the last sign-in), n_open (sign-ins that hold at `now`).
    """
    del scope  # who may read this sees all of it
    usual, wall = limits_of(Role.ADMIN, usual_limits()), limits_of(Role.WALL, usual_limits())
    holds = and_(
        SignIn.account_code == Account.code, SignIn.ended_at.is_(None), SignIn.ends_at > now,
        or_(SignIn.seen_at > now - usual.idle, and_(Account.role == Role.WALL, SignIn.seen_at > now - wall.idle)))
    n_open = select(func.count()).where(holds).correlate(Account).scalar_subquery()
    last = select(func.max(SignIn.id)).where(SignIn.account_code == Account.code).correlate(Account).scalar_subquery()
    seen = select(func.max(SignIn.seen_at)).where(SignIn.account_code == Account.code).correlate(
        Account).scalar_subquery()
    area = select(func.max(Place.name)).where(Place.code == Account.area_code, Place.valid_to.is_(None)).correlate(
        Account).scalar_subquery()
    rows = connection.execute(
        select(Account.code, Account.title, Account.role, Account.area_code, area.label("area_name"),
               Account.unit_code, Unit.name.label("unit_name"), Account.post_code, Account.address_range,
               Account.is_active, Password.is_one_time, seen.label("seen_at"),
               select(SignIn.method).where(SignIn.id == last).scalar_subquery().label("method"),
               n_open.label("n_open"))
        .outerjoin(Unit, Unit.code == Account.unit_code)
        .outerjoin(Password, Password.account_code == Account.code)
        .where(Account.role != Role.INTAKE)).mappings()
    found = [dict(row) | {"key": _key(row["is_one_time"])} for row in rows]
    order = list(Role)
    found.sort(key=lambda row: (not row["is_active"], order.index(Role(row["role"])), row["code"]))
    columns = ("code", "title", "role", "area_code", "area_name", "unit_code", "unit_name", "post_code",
               "address_range", "is_active", "key", "seen_at", "method", "n_open")
    return pd.DataFrame([{name: row[name] for name in columns} for row in found], columns=list(columns), dtype=object)


def _key(is_one_time: object) -> str:
    return "none" if is_one_time is None else "one_time" if is_one_time else "own"


@reads("manage_accounts")
def list_areas(connection: Connection, scope: Scope, day: date) -> list[tuple[str, str]]:
    """Return code and name of every township and village that is there on a day; a village names its township."""
    del scope
    valid = and_(Place.valid_from <= day, or_(Place.valid_to.is_(None), Place.valid_to > day))
    rows = connection.execute(
        select(Place.code, Place.name, Place.level, Place.parent_code)
        .where(valid, Place.level.in_(("township", "village"))).order_by(Place.code)).all()
    names = {row.code: row.name for row in rows}
    return [(row.code, f"{names[row.parent_code]} · {row.name}" if row.level == "village" and row.parent_code in names
             else row.name) for row in rows]


@reads("manage_accounts")
def list_posts(connection: Connection, scope: Scope, unit_code: str | None, day: date) -> list[tuple[str, str]]:
    """Return code and title of the posts of a unit on a day; none without a unit."""
    del scope
    if unit_code is None:
        return []
    rows = connection.execute(
        select(Post.code, Post.title)
        .where(Post.unit_code == unit_code, or_(Post.valid_from.is_(None), Post.valid_from <= day),
               or_(Post.valid_to.is_(None), Post.valid_to > day)).order_by(Post.title, Post.code).limit(500))
    return [(row.code, row.title) for row in rows]
