"""Accounts by which one tries the sample county: township, village, departments, the centre's second post, wall."""

from sqlalchemy import Connection, Engine, func, insert, select

from govdesk.actions.acting import acting
from govdesk.rules.access import Scope
from govdesk.storage.properties import WrongDatabaseError, read_properties
from govdesk.tables import Account, Incident, Place, Post, RiskScore, Unit
from govdesk.terms import DataKind, Level, Role
from govdesk.words import say

ACTION = "manage_accounts"
#: Kinds of unit that get an account each, and how many of them: those with most to do.
_WANTED = ((Role.TOWNSHIP, "township", 1), (Role.DEPARTMENT, "department", 2))


def add_sample_accounts(engine: Engine, *, by: Scope) -> int:
    """Add the accounts that are not there yet; return how many.

    Raises
    ------
    WrongDatabaseError
        In a database of real data: accounts there are somebody's.
    RefusedError
        When the caller may not do this.
    """
    with acting(engine, by=by, action=ACTION, changes=("accounts",)) as act:
        connection = act.connection
        if read_properties(connection).kind is not DataKind.SAMPLE:
            message = "sample accounts belong to a sample county"
            raise WrongDatabaseError(message)
        known = set(connection.scalars(select(Account.code)))
        wanted = (_deputy(), _wall(), *_list_units(connection), *_find_village(connection))
        rows = [row for row in wanted if row["code"] not in known]
        if rows:
            connection.execute(insert(Account), rows)
        act.audit("accounts", None, added=[row["code"] for row in rows])
    return len(rows)


def _deputy() -> dict[str, object]:
    """Return the second post of the centre: what another post must decide needs one."""
    return {"code": "local_centre_2", "title": say("sample.deputy"), "role": Role.CENTRE.value, "post_code": None,
            "area_code": None, "unit_code": None, "is_active": True}


def _wall() -> dict[str, object]:
    """Return the account of a wall screen, that its narrow door can be tried too."""
    return {"code": "sample_wall", "title": say("sample.wall"), "role": Role.WALL.value, "post_code": None,
            "area_code": None, "unit_code": None, "is_active": True}


def _find_village(connection: Connection) -> list[dict[str, object]]:
    """Return the account of one village, that it may see its score and object: the one scored highest, else the first.

    It has no unit: a village handles nothing, it reads and answers for its own data.
    """
    found = connection.execute(
        select(Place.code, Place.name).outerjoin(RiskScore, RiskScore.place_code == Place.code)
        .where(Place.level == Level.VILLAGE, Place.valid_to.is_(None)).group_by(Place.code, Place.name)
        .order_by(func.coalesce(func.max(RiskScore.probability), -1).desc(), Place.code).limit(1)).first()
    return [] if found is None else [{
        "code": "sample_village", "title": say("sample.village", place=found.name), "role": Role.TOWNSHIP.value,
        "post_code": None, "area_code": found.code, "unit_code": None, "is_active": True}]


def _list_units(connection: Connection) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for role, kind, n in _WANTED:
        busy = (
            select(Unit.code, Unit.name, Unit.place_code, func.coalesce(func.sum(Incident.weight), 0).label("n"))
            .outerjoin(Incident, (Incident.handling_unit == Unit.code) & Incident.week_closed.is_(None)
                       & (Incident.is_counted == 1))
            .where(Unit.kind == kind).group_by(Unit.code, Unit.name, Unit.place_code))
        units = sorted(connection.execute(busy), key=lambda row: (-row.n, row.code))[:n]
        for place, unit in enumerate(units):
            post = connection.execute(select(Post.code, Post.title).where(Post.unit_code == unit.code,
                                                                          Post.place_code == unit.place_code)
                                      .order_by(Post.code).limit(1)).first()
            found.append({
                "code": f"sample_{role}" + (f"_{place + 1}" if place else ""), "role": role.value,
                "title": unit.name if post is None else post.title, "post_code": None if post is None else post.code,
                "area_code": unit.place_code if role is Role.TOWNSHIP else None, "unit_code": unit.code,
                "is_active": True})
    return found
