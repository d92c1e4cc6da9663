"""What else could explain that few reports came from a village: nil returns, empty posts, changes of recording."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, and_, or_, select
from sqlalchemy.orm import aliased

from govdesk.clock import monday_of
from govdesk.queries.coverage import nil_return_weeks
from govdesk.queries.permission import reads
from govdesk.queries.scoping import within_area
from govdesk.rules.access import Scope
from govdesk.tables import GridVacancy, PlaceAncestor, PlaceChange, Post, SourceChange
from govdesk.terms import Stream

#: Weeks before the end in which a change still bears on what is expected: its half-year, and as long before.
CHANGE_WEEKS = 52


@reads("view_data_quality")
def read_explanations(
    connection: Connection, scope: Scope, codes: tuple[str, ...], week_from: int, week_to: int, level: str,
    as_of: datetime,
) -> pd.DataFrame:
    """Return what was known at `as_of` about the places in weeks `week_from` … `week_to` (exclusive).

    Returns
    -------
    DataFrame
        In the order of `codes`: ``code``, ``n_nil_weeks`` (weeks touched by a nil return 零报告, int64),
        ``n_vacant_posts`` (posts of grid workers inside that were empty on some day, int64), ``source_changes``,
        ``place_changes`` (object: tuple of (day, kind); of the last `CHANGE_WEEKS` weeks, oldest first).
    """
    nil = nil_return_weeks(connection, scope, week_from, week_to, level, as_of)
    n_nil = nil.drop_duplicates().groupby("place_code").size()
    vacant = _count_vacant(connection, scope, codes, week_from, week_to, as_of)
    first, end = monday_of(week_to - CHANGE_WEEKS), monday_of(week_to)
    sources = _list_source_changes(connection, scope, codes, first, end, as_of)
    places = _list_place_changes(connection, scope, codes, first, end)
    return pd.DataFrame({
        "code": pd.Series(codes, dtype="str"),
        "n_nil_weeks": pd.Series([int(n_nil.get(code, 0)) for code in codes], dtype="int64"),
        "n_vacant_posts": pd.Series([vacant.get(code, 0) for code in codes], dtype="int64"),
        "source_changes": pd.Series([tuple(sources[code]) for code in codes], dtype="object"),
        "place_changes": pd.Series([tuple(places[code]) for code in codes], dtype="object"),
    })


def _count_vacant(
    connection: Connection, scope: Scope, codes: Sequence[str], week_from: int, week_to: int, as_of: datetime
) -> dict[str, int]:
    """Return the number of posts inside each place that were empty on some day of the weeks."""
    first, end = monday_of(week_from), monday_of(week_to)
    rows = connection.execute(
        select(PlaceAncestor.ancestor_code, GridVacancy.post_code).select_from(GridVacancy)
        .join(Post, Post.code == GridVacancy.post_code).join(PlaceAncestor, PlaceAncestor.code == Post.place_code)
        .where(PlaceAncestor.ancestor_code.in_(codes), PlaceAncestor.week_from < week_to,
               PlaceAncestor.week_to > week_from, GridVacancy.from_on < end,
               or_(GridVacancy.to_on.is_(None), GridVacancy.to_on > first), GridVacancy.recorded_at <= as_of,
               within_area(scope, PlaceAncestor.ancestor_code)).distinct()).all()
    counts: dict[str, int] = defaultdict(int)
    for code, _ in rows:
        counts[code] += 1
    return counts


def _list_source_changes(
    connection: Connection, scope: Scope, codes: Sequence[str], first: date, end: date, as_of: datetime
) -> dict[str, list[tuple[date, str]]]:
    """Return the changes that hold everywhere, around a place, or inside it; those of public order alone left out."""
    conditions = and_(
        SourceChange.on >= first, SourceChange.on < end, SourceChange.recorded_at <= as_of,
        or_(SourceChange.stream.is_(None), SourceChange.stream != Stream.PUBLIC_ORDER.value))
    around, inside = aliased(PlaceAncestor), aliased(PlaceAncestor)
    what: tuple[Any, ...] = (SourceChange.on, SourceChange.kind)
    everywhere = connection.execute(select(*what).where(conditions, SourceChange.place_code.is_(None))).all()
    found: dict[str, set[tuple[date, str]]] = {code: {(on, kind) for on, kind in everywhere} for code in codes}
    for link, at, village in ((around, around.ancestor_code, around.code), (inside, inside.code, inside.ancestor_code)):
        rows = connection.execute(
            select(village, *what).select_from(SourceChange).join(link, at == SourceChange.place_code)
            .where(conditions, village.in_(codes), within_area(scope, village)))
        for code, on, kind in rows:
            found[code].add((on, kind))
    return {code: sorted(changes) for code, changes in found.items()}


def _list_place_changes(
    connection: Connection, scope: Scope, codes: Sequence[str], first: date, end: date
) -> dict[str, list[tuple[date, str]]]:
    """Return the changes of a place, and of the grids inside it."""
    found: dict[str, set[tuple[date, str]]] = {code: set() for code in codes}
    for side in (PlaceChange.from_code, PlaceChange.to_code):
        village = PlaceAncestor.ancestor_code
        rows = connection.execute(
            select(village, PlaceChange.on, PlaceChange.kind).join(PlaceAncestor, PlaceAncestor.code == side)
            .where(village.in_(codes), PlaceChange.on >= first, PlaceChange.on < end, within_area(scope, village)))
        for code, on, kind in rows:
            found[code].add((on, kind))
    return {code: sorted(changes) for code, changes in found.items()}
