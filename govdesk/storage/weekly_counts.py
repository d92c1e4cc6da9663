"""Keeps `place_weeks` and `weekly_counts` equal to what places and incidents say, within the caller's transaction.

Whoever changes a counted column of incidents does it inside `recounting`: what they contributed is taken out before,
and put back after. Sums are additive, so that this is exact for inserts, updates, corrections, merging, un-merging and
withdrawing alike; `rebuild` makes them anew and is what the tests compare with.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    and_,
    case,
    delete,
    func,
    insert,
    literal,
    select,
    text,
    true,
    union_all,
)
from sqlalchemy.dialects import postgresql, sqlite

from govdesk.clock import week_of
from govdesk.storage.bulk import is_sqlite
from govdesk.tables import Incident, Place, PlaceAncestor, PlaceWeek, WeeklyCount
from govdesk.tables.places import ALWAYS, FIRST_WEEK, OPEN_WEEK
from govdesk.tables.weekly import EVERYWHERE
from govdesk.terms import Level

#: Touched incidents from which making all sums anew is quicker than following each.
REBUILD_FROM = 20_000
#: Number of the lock under which writers of the sums take turns on PostgreSQL (any number that nothing else uses).
_COUNTING_TURN = 7_226_002
#: Incidents a statement when their contributions are followed.
_PART = 500

_KEYS = ("about", "part", "value", "place_code", "week", "stream", "kind")

#: (week_from, week_to, what holds in between)
Span = tuple[int, int, str]


def find_district_level(connection: Connection) -> str | None:
    """Return the level of districts: the township, in a tree without townships the village; None without either."""
    held = set(connection.scalars(select(PlaceAncestor.ancestor_level).distinct()))
    return next((level.value for level in (Level.TOWNSHIP, Level.VILLAGE) if level.value in held), None)


def refresh_place_weeks(connection: Connection) -> bool:
    """Bring `place_weeks` to what the places say, and the sums with them; return whether anything changed."""
    names = ("code", "week_from", "week_to", "district_code", "kind")
    stored = {tuple(row) for row in connection.execute(select(*(getattr(PlaceWeek, name) for name in names)))}
    wanted = set(_list_place_weeks(connection))
    if stored == wanted:
        return False
    connection.execute(delete(PlaceWeek))
    if wanted:
        connection.execute(insert(PlaceWeek), [dict(zip(names, row, strict=True)) for row in sorted(wanted)])
    rebuild(connection)
    return True


def _list_place_weeks(connection: Connection) -> Iterator[tuple[str, int, int, str, str]]:
    district_level = find_district_level(connection)
    own: dict[str, list[Span]] = defaultdict(list)
    district: dict[str, list[Span]] = defaultdict(list)
    village: dict[str, list[Span]] = defaultdict(list)
    for row in connection.execute(select(
            PlaceAncestor.code, PlaceAncestor.ancestor_code, PlaceAncestor.week_from, PlaceAncestor.week_to,
            PlaceAncestor.ancestor_level, PlaceAncestor.depth)):
        span = (row.week_from, row.week_to, row.ancestor_code)
        if row.depth == 0:
            own[row.code].append(span)
        if row.ancestor_level == district_level:
            district[row.code].append(span)
        if row.ancestor_level == Level.VILLAGE.value:
            village[row.code].append(span)
    kinds = _list_kinds(connection)
    for code, spans in own.items():
        kind = [
            (max(week_from, first), min(week_to, end), name)
            for week_from, week_to, ancestor in village[code] for first, end, name in kinds[ancestor]
        ]
        for week_from, week_to, where, what in _cut(spans, district[code], kind):
            yield code, week_from, week_to, where or code, what


def _list_kinds(connection: Connection) -> dict[str, list[Span]]:
    kinds: dict[str, list[Span]] = defaultdict(list)
    for row in connection.execute(select(Place.code, Place.valid_from, Place.valid_to, Place.kind)):
        first = FIRST_WEEK if row.valid_from <= ALWAYS else week_of(row.valid_from)
        end = OPEN_WEEK if row.valid_to is None else week_of(row.valid_to)
        kinds[row.code].append((first, end, row.kind or ""))
    return kinds


def _cut(own: list[Span], *others: list[Span]) -> Iterator[Any]:
    """Yield the stretches of `own` in which each of `others` holds one thing, or nothing (empty); neighbours joined."""
    edges = sorted({week for spans in (own, *others) for span in spans for week in span[:2]})
    last: list[Any] | None = None
    for first, end in pairwise(edges):
        if _find(own, first) is None:
            continue
        held = [_find(spans, first) or "" for spans in others]
        if last is not None and last[1] == first and last[2:] == held:
            last[1] = end
            continue
        if last is not None:
            yield tuple(last)
        last = [first, end, *held]
    if last is not None:
        yield tuple(last)


def _find(spans: list[Span], week: int) -> str | None:
    return next((what for first, end, what in spans if first <= week < end), None)


def rebuild(connection: Connection) -> int:
    """Make all sums anew from the incidents; return the number of rows."""
    connection.execute(delete(WeeklyCount))
    for sums in (_contributions(true(), 1, totals=False), _totals()):
        connection.execute(insert(WeeklyCount).from_select([*_KEYS, "n"], sums))
    _drop_zeros(connection)
    return int(connection.scalar(select(func.count()).select_from(WeeklyCount)) or 0)


@contextmanager
def recounting(
    connection: Connection, ids: Sequence[int], batch_id: int | None = None, n_new: int = 0
) -> Iterator[None]:
    """Keep the sums exact while the body changes the incidents `ids` and inserts `n_new` of batch `batch_id`.

    Parameters
    ----------
    connection : Connection
        In a transaction that writes.
    ids : sequence of int
        Incidents that the body may change.
    batch_id : int, optional
        When given, every incident that carries this batch afterwards is counted in; `ids` then are among them.
    n_new : int
        How many the body will insert, as far as known: many are counted by making all sums anew.
    """
    hold_incidents(connection, ids)
    if not is_sqlite(connection):
        # Two writers that change the same sums in another order would stop each other for good.
        connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": _COUNTING_TURN})
    is_many = len(ids) + n_new >= REBUILD_FROM
    if not is_many:
        _count(connection, ids, -1)
    yield
    if is_many:
        rebuild(connection)
        return
    if batch_id is None:
        _count(connection, ids, 1)
    else:
        _add(connection, Incident.batch_id == batch_id, 1)
    _drop_zeros(connection)


def hold_incidents(connection: Connection, ids: Sequence[int]) -> None:
    """Hold the rows of incidents until the caller's transaction ends: nobody takes a step of them meanwhile.

    All who write hold rows first, in the order of their numbers, and take the turn of the sums after: in another order
    two of them would wait for each other. Who writes on SQLite holds everything already.
    """
    if is_sqlite(connection):
        return
    wanted = sorted({int(number) for number in ids})
    for start in range(0, len(wanted), _PART):
        connection.execute(
            select(Incident.id).where(Incident.id.in_(wanted[start:start + _PART])).order_by(Incident.id)
            .with_for_update(key_share=True)).all()


def _count(connection: Connection, ids: Sequence[int], sign: int) -> None:
    wanted = sorted({int(number) for number in ids})
    for start in range(0, len(wanted), _PART):
        _add(connection, Incident.id.in_(wanted[start:start + _PART]), sign)


def _drop_zeros(connection: Connection) -> None:
    connection.execute(delete(WeeklyCount).where(WeeklyCount.n == 0))


def _add(connection: Connection, condition: ColumnElement[bool], sign: int) -> None:
    make = sqlite.insert if is_sqlite(connection) else postgresql.insert
    statement = make(WeeklyCount).from_select([*_KEYS, "n"], _contributions(condition, sign, totals=True))
    connection.execute(statement.on_conflict_do_update(
        index_elements=list(_KEYS), set_={"n": WeeklyCount.n + statement.excluded.n}))


def _totals() -> Any:
    """Return a SELECT of the sums over all districts, from those by district."""
    keys = [getattr(WeeklyCount, name) for name in _KEYS if name != "place_code"]
    return select(
        *keys[:3], literal(EVERYWHERE), *keys[3:], func.sum(WeeklyCount.n)).group_by(*keys)


def _contributions(condition: ColumnElement[bool], sign: int, *, totals: bool) -> Any:
    """Return a SELECT of the sums that the incidents of `condition` contribute, times `sign`."""
    closed = case((Incident.week_closed > Incident.week_known, Incident.week_closed), else_=Incident.week_known)
    base = (
        select(
            Incident.week_occurred.label("occurred"), Incident.week_known.label("known"), closed.label("closed"),
            Incident.week_closed.label("week_closed"),
            func.coalesce(PlaceWeek.district_code, Incident.place_code).label("place_code"),
            func.coalesce(PlaceWeek.kind, "").label("kind"), Incident.stream.label("stream"),
            Incident.category.label("category"), func.coalesce(Incident.channel, "").label("channel"),
            Incident.weight.label("weight"))
        .select_from(Incident)
        .outerjoin(PlaceWeek, and_(
            PlaceWeek.code == Incident.place_code, PlaceWeek.week_from <= Incident.week_occurred,
            PlaceWeek.week_to > Incident.week_occurred))
        .where(Incident.is_counted == 1, condition)
    ).cte("base")
    parts = [("occurred", "all"), ("known", "all"), ("closed", "all"), ("occurred", "category"), ("known", "category"),
             ("closed", "category"), ("occurred", "channel")]
    wheres: list[Any] = [base.c.place_code, *([literal(EVERYWHERE)] if totals else [])]
    return union_all(*(_part(base, about, part, where, sign) for about, part in parts for where in wheres))


def _part(base: Any, about: str, part: str, where: Any, sign: int) -> Any:
    value = literal("") if part == "all" else base.c[part]
    named = [value, where, base.c[about], base.c.stream, base.c.kind]
    # In the order of the table's key, so that rows arrive sorted; a constant is nothing to group by.
    keys = [key for key in named if not isinstance(key, BindParameter)]
    sums = select(
        literal(about).label("about"), literal(part).label("part"), value.label("value"), where.label("place_code"),
        base.c[about].label("week"), base.c.stream, base.c.kind, (sign * func.sum(base.c.weight)).label("n"),
    ).group_by(*keys)
    return sums.where(base.c.week_closed.is_not(None)) if about == "closed" else sums
