"""The accepted aliases of places: by whom, since when, and how many rows of committed files used each."""

import json
from collections import Counter

import pandas as pd
from sqlalchemy import Connection, select

from govdesk.queries.frames import COUNT, INSTANT, TEXT, make_frame
from govdesk.queries.permission import reads
from govdesk.queries.scoping import within_area
from govdesk.rules.access import Scope, require
from govdesk.tables import Account, ImportBatch, Place, PlaceAlias, RowNote

_TYPES = {
    "id": COUNT, "alias": TEXT, "place_code": TEXT, "place_name": TEXT, "township": TEXT, "level": TEXT,
    "parent_code": TEXT, "parent_name": TEXT, "by": TEXT, "post": TEXT, "at": INSTANT, "withdrawn_by": TEXT,
    "withdrawn_at": INSTANT, "n_rows": COUNT,
}


@reads("view_imports")
def list_aliases(connection: Connection, scope: Scope, *, with_withdrawn: bool = False) -> pd.DataFrame:
    """Return the aliases of places in the caller's area, the newest first.

    Returns
    -------
    DataFrame
        ``id``; ``alias``; the place's ``place_code``, ``place_name``, ``township`` (what it lies in) and ``level``;
        ``parent_code`` and ``parent_name`` where it holds under one place only; ``by``, its title
        ``post``, ``at``; ``withdrawn_by``,
        ``withdrawn_at``; ``n_rows``: rows of committed files that named the place so, those of undone batches not.

    Raises
    ------
    RefusedError
        When the caller's role may not see imports.
    """
    require(scope, "view_imports")
    statement = select(PlaceAlias.__table__).where(within_area(scope, PlaceAlias.place_code))
    if not with_withdrawn:
        statement = statement.where(PlaceAlias.withdrawn_at.is_(None))
    rows = connection.execute(statement.order_by(PlaceAlias.id.desc())).all()
    places = {row.code: row for row in connection.execute(
        select(Place.code, Place.name, Place.level, Place.parent_code).order_by(Place.valid_from))}
    posts: dict[str, str] = {row.code: row.title for row in connection.execute(select(Account.code, Account.title))}
    used = _count_uses(connection) if rows else Counter()

    def name(code: str | None) -> str | None:
        return places[code].name if code in places else None

    return make_frame([
        (row.id, row.alias, row.place_code, name(row.place_code),
         name(places[row.place_code].parent_code) if row.place_code in places else None,
         places[row.place_code].level if row.place_code in places else None, row.parent_code, name(row.parent_code),
         row.by, posts.get(row.by, row.by), row.at, row.withdrawn_by, row.withdrawn_at, used[row.alias, row.place_code])
        for row in rows
    ], _TYPES)


def _count_uses(connection: Connection) -> Counter[tuple[str, str]]:
    """Return how many rows were placed by each alias and place, as the batches noted it."""
    used: Counter[tuple[str, str]] = Counter()
    notes = select(RowNote.detail).join(ImportBatch, ImportBatch.id == RowNote.batch_id).where(
        RowNote.code == "place_by_alias", ImportBatch.withdrawn_at.is_(None))
    for text in connection.scalars(notes):
        detail = json.loads(text or "{}")
        used[detail.get("alias", ""), detail.get("place_code", "")] += int(detail.get("n", 0))
    return used
