"""Villages that went from one district to another: from that week on, both districts count something else."""

from collections.abc import Iterable

from sqlalchemy import Connection, or_, select
from sqlalchemy.orm import aliased

from govdesk.clock import week_of
from govdesk.queries.permission import reads
from govdesk.queries.scoping import within_area
from govdesk.rules.access import Scope
from govdesk.tables import PlaceChange, PlaceWeek


@reads("view_overview")
def list_moves(connection: Connection, scope: Scope, week_from: int, week_to: int) -> dict[int, tuple[str, ...]]:
    """Return the districts that gained or lost a place, by the week from which it counts for the other.

    A district is a township (`tables.weekly.PlaceWeek`). A place may move under its own code, or under a new one that
    `place_changes` ties to the old. `scope` sees the moves that one of its own districts took part in.
    """
    found: dict[int, set[str]] = {}
    for week, before, after in (*_list_by_code(connection, scope), *_list_by_successor(connection, scope)):
        if week_from <= week < week_to and before != after:
            found.setdefault(week, set()).update((before, after))
    return {week: tuple(sorted(found[week])) for week in sorted(found)}


def _list_by_code(connection: Connection, scope: Scope) -> Iterable[tuple[int, str, str]]:
    before, after = aliased(PlaceWeek), aliased(PlaceWeek)
    rows = connection.execute(
        select(after.week_from, before.district_code, after.district_code).distinct()
        .join(before, (before.code == after.code) & (before.week_to == after.week_from))
        .where(before.district_code != after.district_code,
               or_(within_area(scope, before.district_code), within_area(scope, after.district_code))))
    return ((int(week), str(left), str(joined)) for week, left, joined in rows)


def _list_by_successor(connection: Connection, scope: Scope) -> Iterable[tuple[int, str, str]]:
    before, after = aliased(PlaceWeek), aliased(PlaceWeek)
    rows = connection.execute(
        select(PlaceChange.on, before.week_from, before.week_to, after.week_from, after.week_to,
               before.district_code, after.district_code)
        .join(before, before.code == PlaceChange.from_code).join(after, after.code == PlaceChange.to_code)
        .where(PlaceChange.from_code != PlaceChange.to_code, before.district_code != after.district_code,
               or_(within_area(scope, before.district_code), within_area(scope, after.district_code))))
    for on, before_from, before_to, after_from, after_to, left, joined in rows:
        week = week_of(on)
        if before_from < week <= before_to and after_from <= week < after_to:
            yield week, str(left), str(joined)
