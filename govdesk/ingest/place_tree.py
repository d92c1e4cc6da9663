"""The dated tree of places, and its closure in whole weeks: pure, no database.

A place has versions `(code, valid_from)`; the versions of one code never overlap. Its closure says which places lie
above it in which weeks, so that "a count for a past week uses the places of that week" is a join on integers.

Weeks are whole. A version counts from the Monday of the week it begins in, and then hides an earlier version of the
same code. A place that **ends** within a week keeps that week: its incidents from Monday to the day of the change
name it, and would otherwise be in no count. Each incident names one place, so nothing is counted twice.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from govdesk.clock import week_of
from govdesk.tables.places import ALWAYS, FIRST_WEEK, OPEN_WEEK

#: Key of a version: code and first day.
Key = tuple[str, date]


@dataclass(frozen=True, slots=True)
class PlaceVersion:
    """A place as it was from `valid_from` up to, not including, `valid_to`; the columns of `places`."""

    code: str
    valid_from: date
    valid_to: date | None
    name: str
    initials: str
    level: str
    parent_code: str | None
    kind: str | None = None
    population: int | None = None
    households: int | None = None
    lon: float | None = None
    lat: float | None = None

    @property
    def key(self) -> Key:
        """Code and first day."""
        return self.code, self.valid_from

    @property
    def has_point(self) -> bool:
        """Whether we know where it is, if only by one point."""
        return self.lon is not None and self.lat is not None

    def holds_on(self, day: date) -> bool:
        """Return whether this version is the valid one on a day."""
        return self.valid_from <= day and (self.valid_to is None or self.valid_to > day)

    def overlaps(self, other: "PlaceVersion") -> bool:
        """Return whether both are valid on some day."""
        return (other.valid_to is None or self.valid_from < other.valid_to) and (
            self.valid_to is None or other.valid_from < self.valid_to)


@dataclass(frozen=True, slots=True)
class Ancestor:
    """One row of `place_ancestors`."""

    code: str
    ancestor_code: str
    week_from: int
    week_to: int
    ancestor_level: str
    depth: int


@dataclass(frozen=True, slots=True)
class _Span:
    version: PlaceVersion
    week_from: int
    week_to: int


class CycleError(ValueError):
    """A place lies within itself; `args[0]` is its code."""


def group_by_code(versions: Iterable[PlaceVersion]) -> dict[str, list[PlaceVersion]]:
    """Return the versions of each code, the earliest first."""
    grouped: dict[str, list[PlaceVersion]] = defaultdict(list)
    for version in versions:
        grouped[version.code].append(version)
    for same in grouped.values():
        same.sort(key=lambda version: version.valid_from)
    return dict(grouped)


def _spans(same: list[PlaceVersion]) -> list[_Span]:
    starts = [FIRST_WEEK if item.valid_from == ALWAYS else week_of(item.valid_from) for item in same]
    spans = []
    for item, start, following in zip(same, starts, [*starts[1:], OPEN_WEEK], strict=True):
        end = OPEN_WEEK if item.valid_to is None else week_of(item.valid_to - timedelta(days=1)) + 1
        if start < min(end, following):
            spans.append(_Span(item, start, min(end, following)))
    return spans


def _climb(spans: Mapping[str, list[_Span]], at: _Span, chain: tuple[str, ...]) -> Iterator[tuple[_Span, int]]:
    yield at, len(chain)
    parent = at.version.parent_code
    if parent is None:
        return
    if parent == at.version.code or parent in chain:
        raise CycleError(parent)
    for above in spans.get(parent, ()):
        start, end = max(at.week_from, above.week_from), min(at.week_to, above.week_to)
        if start < end:
            yield from _climb(spans, _Span(above.version, start, end), (*chain, at.version.code))


def build_closure(versions: Iterable[PlaceVersion]) -> list[Ancestor]:
    """Return the dated closure of a tree.

    Parameters
    ----------
    versions : iterable of PlaceVersion
        Any depth; versions of one code must not overlap.

    Returns
    -------
    list of Ancestor
        Each place is its own ancestor at depth 0. Rows of one pair of places never overlap in weeks; neighbouring
        ones that say the same are joined. Sorted.

    Raises
    ------
    CycleError
        When a place lies within itself at some time.
    """
    spans = {code: _spans(same) for code, same in group_by_code(versions).items()}
    rows: list[Ancestor] = []
    for code, own in spans.items():
        for span in own:
            rows += [Ancestor(code, above.version.code, above.week_from, above.week_to, above.version.level, depth)
                     for above, depth in _climb(spans, span, ())]
    rows.sort(key=lambda row: (row.code, row.ancestor_code, row.week_from))
    return _join(rows)


def _join(rows: list[Ancestor]) -> list[Ancestor]:
    joined: list[Ancestor] = []
    for row in rows:
        last = joined[-1] if joined else None
        if last is not None and (last.code, last.ancestor_code, last.week_to, last.ancestor_level, last.depth) == (
                row.code, row.ancestor_code, row.week_from, row.ancestor_level, row.depth):
            joined[-1] = replace(last, week_to=row.week_to)
        else:
            joined.append(row)
    return joined
