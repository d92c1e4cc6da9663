"""Units and their posts as the settings page shows them: what they are, who set them, what a change would meet."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, select

from govdesk.queries.permission import reads
from govdesk.queries.post_titles import read_post_titles
from govdesk.rules.access import Scope
from govdesk.storage.setting_changes import LastChange, read_last_changes
from govdesk.storage.units_off import POSTS, UNITS, read_off_days
from govdesk.tables import Incident, Place, Post, Unit


@dataclass(frozen=True, slots=True)
class UnitLine:
    """A unit: what it is, from when it takes nothing more, incidents with it that are open, its posts, who set it."""

    code: str
    name: str
    kind: str
    place_code: str | None
    place: str
    parent_code: str | None
    off_on: date | None
    n_open: int
    n_posts: int
    change: LastChange | None
    by: str


@dataclass(frozen=True, slots=True)
class PostLine:
    """A post of a unit, from when it stands no more, and who set it."""

    code: str
    title: str
    unit_code: str
    off_on: date | None
    change: LastChange | None
    by: str


@dataclass(frozen=True, slots=True)
class OrganisationSettings:
    """All units, and the posts that belong to one, those in grids among them."""

    units: tuple[UnitLine, ...]
    posts: tuple[PostLine, ...]


@reads("change_settings")
def read_organisation(connection: Connection, scope: Scope) -> OrganisationSettings:
    """Return units and posts, by code."""
    del scope  # who may change settings sees the whole
    titles = read_post_titles(connection)
    changed = {subject: read_last_changes(connection, subject) for subject in (UNITS, POSTS)}
    off = read_off_days(connection)
    n_open = _count(connection, select(Incident.handling_unit, func.sum(Incident.weight)).where(
        Incident.week_closed.is_(None), Incident.is_counted == 1).group_by(Incident.handling_unit))
    n_posts = _count(connection, select(Post.unit_code, func.count()).where(
        Post.valid_to.is_(None)).group_by(Post.unit_code))
    places = {row.code: row.name for row in connection.execute(select(Place.code, Place.name).where(
        Place.code.in_(select(Unit.place_code))).order_by(Place.valid_from))}
    units = []
    for row in connection.execute(select(Unit.code, Unit.name, Unit.kind, Unit.place_code, Unit.parent_code).order_by(
            Unit.code)):
        change = changed[UNITS].get(row.code)
        units.append(UnitLine(
            row.code, row.name, row.kind, row.place_code or None, places.get(row.place_code, ""),
            row.parent_code or None, off.get(row.code), n_open.get(row.code, 0), n_posts.get(row.code, 0), change,
            titles.get(change.by, change.by) if change else ""))
    posts = []
    for post in connection.execute(select(Post.code, Post.title, Post.unit_code, Post.valid_to).where(
            Post.unit_code.is_not(None), Post.unit_code != "").order_by(Post.code)):
        change = changed[POSTS].get(post.code)
        posts.append(PostLine(post.code, post.title, post.unit_code, post.valid_to, change,
                              titles.get(change.by, change.by) if change else ""))
    return OrganisationSettings(tuple(units), tuple(posts))


def _count(connection: Connection, statement: object) -> dict[str, int]:
    return {code: int(n or 0) for code, n in connection.execute(statement)}  # type: ignore[call-overload]
