"""Weekly series for the page of trends: what came in, what was open, and where the way of recording changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from govdesk.clock import monday_of, week_of
from govdesk.queries.filters import IncidentFilter
from govdesk.queries.moved_places import list_moves
from govdesk.queries.permission import reads
from govdesk.queries.surroundings import list_source_changes
from govdesk.queries.weekly import By, list_weekly, read_stock, read_weekly
from govdesk.rules.access import SYSTEM, Scope
from govdesk.tables import PlaceAncestor
from govdesk.words import say

#: Weeks, and share of the usual count, from which on the recorded period is full.
FULL_WEEKS, FULL_SHARE = 8, 0.2
#: `SourceChange.kind` where nobody recorded otherwise, but places went from one district to another.
VILLAGES_MOVED = "villages_moved"


@dataclass(frozen=True, slots=True)
class SourceChange:
    """A day from which the same things are recorded otherwise.

    Attributes
    ----------
    week : int
        The week it lies in; the first of the new way.
    on : str
        The day, ISO 8601.
    kind : str
        `terms.SourceChangeKind`, or `VILLAGES_MOVED`.
    place_codes : tuple of str
        Where; empty: everywhere.
    related : frozenset of str
        These, what lies in them and what they lie in, at any time; empty: everything.
    note : str
        As the form has it.
    """

    week: int
    on: str
    kind: str
    place_codes: tuple[str, ...]
    related: frozenset[str]
    note: str

    def touches(self, place_code: str | None) -> bool:
        """Return whether it concerns a place, what is in it or around it; None is the whole area.

        A village that went from one district to another changes both of them, and nothing else.
        """
        if self.kind == VILLAGES_MOVED:
            return place_code in self.place_codes
        return place_code is None or not self.place_codes or place_code in self.related


    def name_kind(self, language: str) -> str:
        """Return what changed, in words."""
        return say("trends.villages_moved" if self.kind == VILLAGES_MOVED else f"term.source_{self.kind}", language)


@reads("view_overview")
def read_series(
    connection: Connection, scope: Scope, filters: IncidentFilter, by: tuple[By, ...] = ()
) -> pd.DataFrame:
    """Count incidents by week and one or more keys, with a row for every week of `filters`.

    `filters` covers recorded weeks only: inside them a week without an incident is a zero, outside nothing is known
    and nothing is returned.

    Returns
    -------
    DataFrame
        Indexed by week (int64); one column (float64) a value of the key, with several keys a tuple; ``n`` with none.
    """
    rows = list_weekly(connection, scope, filters, by)
    weeks, *keys, counts = list(zip(*rows, strict=True)) if rows else [()] * (len(by) + 2)
    return _spread(np.array(weeks, dtype="int64"), keys, np.array(counts, dtype="float64"), filters)


@reads("view_overview")
def read_open(connection: Connection, scope: Scope, filters: IncidentFilter) -> pd.DataFrame:
    """Count what was open at the end of each week of `filters`; as `read_series` without a key, ``n``."""
    found = read_stock(connection, scope, filters)
    return _spread(found["week"].to_numpy(), [], found["n_open"].to_numpy(dtype="float64"), filters)


@reads("view_overview")
def read_first_full_week(connection: Connection, scope: Scope, week_from: int, week_to: int) -> int:
    """Return the week from which recorded weeks are full (`find_first_full`), for the whole database.

    One period for every scope: a township's quiet years are zeros, not a time before recording.
    """
    del scope
    weekly = read_series(connection, SYSTEM, IncidentFilter(week_from, week_to))["n"]
    return find_first_full(weekly)


def find_first_full(weekly: pd.Series) -> int:
    """Return the first week after which `FULL_WEEKS` weeks hold `FULL_SHARE` of what is usual in the later half.

    A file of the cases reported since 2008 holds some that occurred years before; their weeks are not weeks in which
    little happened, and a trend must not begin with them.

    Parameters
    ----------
    weekly : Series of number
        Indexed by week, without gaps.
    """
    counts = weekly.to_numpy(dtype=float)
    if len(counts) <= FULL_WEEKS:
        return int(weekly.index[0]) if len(counts) else 0
    usual = float(np.median(counts[len(counts) // 2:]))
    ahead = np.convolve(counts, np.ones(FULL_WEEKS), "valid") / FULL_WEEKS
    full = np.flatnonzero((ahead >= FULL_SHARE * usual) & (counts[: len(ahead)] >= FULL_SHARE * usual))
    return int(weekly.index[int(full[0]) if len(full) else 0])


def _spread(
    of_week: NDArray[np.int64], keys: Sequence[Sequence[str]], counts: NDArray[np.float64], filters: IncidentFilter
) -> pd.DataFrame:
    """Return long rows as one column a series, without pandas' pivoting, which costs more than the reading."""
    weeks = pd.RangeIndex(filters.week_from, filters.week_to, name="week")
    if keys:
        labels: Sequence[Any] = keys[0] if len(keys) == 1 else list(zip(*keys, strict=True))
        unique: list[Any] = sorted(set(labels))
        number = {label: place for place, label in enumerate(unique)}
        at = np.array([number[label] for label in labels], dtype="int64")
        columns = pd.Index(unique, tupleize_cols=False)
    else:
        at, columns = np.zeros(len(of_week), dtype="int64"), pd.Index(["n"])
    table = np.zeros((len(weeks), len(columns)))
    np.add.at(table, (of_week - filters.week_from, at), counts)
    return pd.DataFrame(table, index=weeks, columns=columns)


@reads("view_overview")
def read_source_changes(connection: Connection, scope: Scope, filters: IncidentFilter) -> tuple[SourceChange, ...]:
    """Return the changes of sources that bear on what `filters` counts within its weeks, oldest first.

    A change of one stream or channel bears on the sum of several, too; what begins on one day under one name in
    several places is one change. Villages that went from one district to another are such a change, too, for the two.
    """
    rows = list_source_changes(connection, scope, filters.place_code)
    found: dict[tuple[str, str, str], set[str | None]] = {}
    for row in rows.to_dict("records"):
        week = week_of(row["on"].date())
        if (filters.week_from <= week < filters.week_to and _bears(row["stream"], filters.streams)
                and _bears(row["channel"], filters.channels)):
            key = (row["on"].date().isoformat(), str(row["kind"]), _text(row["note"]) or "")
            found.setdefault(key, set()).add(_text(row["place_code"]))
    gathered = [_gather(connection, key, places) for key, places in found.items()]
    return tuple(sorted([*gathered, *_list_moved(connection, scope, filters)], key=lambda one: (one.week, one.on)))


def _list_moved(connection: Connection, scope: Scope, filters: IncidentFilter) -> list[SourceChange]:
    moves = list_moves(connection, scope, filters.week_from, filters.week_to)
    return [SourceChange(week, monday_of(week).isoformat(), VILLAGES_MOVED, codes, frozenset(codes), "")
            for week, codes in moves.items() if filters.place_code is None or filters.place_code in codes]


def _gather(connection: Connection, key: tuple[str, str, str], places: set[str | None]) -> SourceChange:
    codes = () if None in places else tuple(sorted(str(place) for place in places))
    up = select(PlaceAncestor.ancestor_code).where(PlaceAncestor.code.in_(codes))
    down = select(PlaceAncestor.code).where(PlaceAncestor.ancestor_code.in_(codes))
    related = frozenset(connection.scalars(up.union(down))) | set(codes) if codes else frozenset()
    on, kind, note = key
    return SourceChange(week_of(date.fromisoformat(on)), on, kind, codes, frozenset(related), note)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _bears(named: object, wanted: Sequence[str]) -> bool:
    """Return whether a change of one stream (or channel) bears on those wanted; empty means all on either side."""
    return not isinstance(named, str) or not wanted or named in wanted


def list_breaks(changes: Sequence[SourceChange], place_code: str | None) -> tuple[int, ...]:
    """Return the weeks from which a place's numbers are recorded otherwise."""
    return tuple(sorted({change.week for change in changes if change.touches(place_code)}))


def breaks_by_place(changes: Sequence[SourceChange], codes: Sequence[str]) -> Mapping[object, tuple[int, ...]]:
    """Return `list_breaks` of many places."""
    return {code: list_breaks(changes, code) for code in codes}


@reads("view_overview")
def list_used_channels(connection: Connection, scope: Scope, week_from: int, week_to: int) -> tuple[str, ...]:
    """Return the channels by which anything was reported in some weeks, sorted; what is unknown is not among them."""
    found = read_weekly(connection, scope, IncidentFilter(week_from, week_to), ("channel",))["channel"]
    return tuple(sorted(set(found) - {""}))
