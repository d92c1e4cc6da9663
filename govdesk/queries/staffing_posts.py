"""Grid posts 网格员岗位 day by day: which stand, which are filled, and which are vacant today and since when.

About posts, never about a worker: nothing here knows who filled one.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy import Connection, select

from govdesk.clock import local_day, monday_of, week_of
from govdesk.queries.frames import COUNT, TEXT, make_frame
from govdesk.queries.permission import reads
from govdesk.queries.places import valid_on
from govdesk.queries.scoping import within_area
from govdesk.rules.access import Scope
from govdesk.rules.post_groups import merge_spans
from govdesk.tables import GridVacancy, Place, PlaceAncestor, Post
from govdesk.terms import Level

Span = tuple[date, date | None]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class PostDays:
    """Grid posts in the days of a window, and today.

    Attributes
    ----------
    rows : DataFrame
        By code: ``code``, ``title``, ``place_code`` (grid), ``grid`` (its name), ``district``, ``unit`` (codes of the
        district and of the village it lies in; "" where there is none), ``stands`` (bool, today), ``vacant_since``,
        ``vacant_until`` (object: day or None; until is the planned end, exclusive).
    standing, filled : array of bool (posts, days)
        Whether a post stands, and stands and is filled, on each day of the window.
    """

    rows: pd.DataFrame
    standing: Flags
    filled: Flags


@reads("view_staffing")
def read_post_days(
    connection: Connection, scope: Scope, levels: tuple[str, str], week_from: int, week_to: int, as_of: datetime
) -> PostDays:
    """Return the posts in grids that stand in weeks `week_from` … `week_to` (exclusive) or on the day of `as_of`.

    A post stands while it is valid and its grid stands. It is vacant on the days of any of its vacancies that was
    known at `as_of`, the last day (`to_on`) not included; a vacancy that was written down twice counts once. A post
    whose grid moved lies where its grid lay last.

    Parameters
    ----------
    levels : (str, str)
        Of districts (townships) and of villages.
    """
    first, end, today = monday_of(week_from), monday_of(week_to), local_day(as_of)
    spans, about = _read_spans(connection, scope, first, max(end, today))
    places = {place for _, _, place, _ in about.values()}
    inside = _find_inside(connection, places, levels, week_from, week_of(today))
    vacancies = _read_vacancies(connection, as_of)
    standing = np.zeros((len(about), (end - first).days), dtype=bool)
    empty = np.zeros_like(standing)
    rows = []
    for place, (code, title, grid, name) in enumerate(about.values()):
        _mark(standing[place], spans[code], first)
        _mark(empty[place], vacancies.get(code, ()), first)
        stands = _find_on(spans[code], today) is not None
        vacant = _find_on(vacancies.get(code, ()), today) if stands else None
        district, unit = (inside.get((grid, level), "") for level in levels)
        rows.append((code, title, grid, name, district, unit, stands, *(vacant or (None, None))))
    names = ("code", "title", "place_code", "grid", "district", "unit", "stands", "vacant_since", "vacant_until")
    return PostDays(pd.DataFrame(rows, columns=names).astype({"stands": bool}), standing, standing & ~empty)


def _read_spans(
    connection: Connection, scope: Scope, first: date, last: date
) -> tuple[dict[str, list[Span]], dict[str, tuple[str, str, str, str]]]:
    """Return when each post stands, and its code, title, grid and the grid's name; those that never do left out."""
    found = connection.execute(
        select(Post.code, Post.title, Post.valid_from, Post.valid_to, Place.code.label("grid"), Place.name,
               Place.valid_from.label("grid_from"), Place.valid_to.label("grid_to"))
        .join(Place, Place.code == Post.place_code)
        .where(Place.level == Level.GRID.value, within_area(scope, Place.code)).order_by(Post.code, Place.valid_from))
    spans: dict[str, list[Span]] = defaultdict(list)
    about = {}
    for row in found:
        begin = max(row.valid_from or date.min, row.grid_from)
        end = min(row.valid_to or date.max, row.grid_to or date.max)
        if begin < end and begin <= last and end > first:
            spans[row.code].append((begin, None if end == date.max else end))
            about[row.code] = (row.code, row.title, row.grid, row.name)
    return {code: merge_spans(some) for code, some in spans.items()}, about


def _read_vacancies(connection: Connection, as_of: datetime) -> dict[str, list[Span]]:
    """Return the vacancies by post, of which only those of posts that may be seen are looked at."""
    found = connection.execute(
        select(GridVacancy.post_code, GridVacancy.from_on, GridVacancy.to_on).where(GridVacancy.recorded_at <= as_of))
    spans: dict[str, list[Span]] = defaultdict(list)
    for code, from_on, to_on in found:
        spans[code].append((from_on, to_on))
    return {code: merge_spans(some) for code, some in spans.items()}


def _find_inside(
    connection: Connection, places: set[str], levels: tuple[str, str], week_from: int, week_now: int
) -> dict[tuple[str, str], str]:
    """Return the place of each level in which each grid lies, or lay last in the window."""
    found = connection.execute(
        select(PlaceAncestor.code, PlaceAncestor.ancestor_level, PlaceAncestor.ancestor_code)
        .where(PlaceAncestor.ancestor_level.in_(levels), PlaceAncestor.week_from <= week_now,
               PlaceAncestor.week_to > week_from).order_by(PlaceAncestor.week_from))
    return {(code, level): above for code, level, above in found if code in places}


def _mark(days: Flags, spans: Iterable[Span], first: date) -> None:
    for begin, end in spans:
        stop = len(days) if end is None else max((end - first).days, 0)
        days[max((begin - first).days, 0) : stop] = True


def _find_on(spans: Iterable[Span], day: date) -> Span | None:
    return next((one for one in spans if one[0] <= day and (one[1] is None or one[1] > day)), None)


@reads("view_staffing")
def count_bare_grids(
    connection: Connection, scope: Scope, level: str, posts: PostDays, as_of: datetime
) -> pd.DataFrame:
    """Count the grids that stand today by place of `level`, and those of them without any post.

    Returns
    -------
    DataFrame
        ``district`` (str), ``n_grids``, ``n_bare`` (int64).
    """
    today = local_day(as_of)
    grids = list(connection.scalars(select(Place.code).where(
        Place.level == Level.GRID.value, valid_on(today), within_area(scope, Place.code))))
    inside = _find_inside(connection, set(grids), (level, level), week_of(today), week_of(today))
    held = set(posts.rows.loc[posts.rows["stands"], "place_code"])
    above = {code: inside.get((code, level), "") for code in grids}
    n_grids, n_bare = Counter(above.values()), Counter(above[code] for code in grids if code not in held)
    return make_frame([(code, n, n_bare[code]) for code, n in n_grids.items()],
                      {"district": TEXT, "n_grids": COUNT, "n_bare": COUNT})
