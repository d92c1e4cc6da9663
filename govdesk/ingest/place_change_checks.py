"""Checks rows of place changes against the tree: both places exist then, shares add up, the old place ends."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import cast

from govdesk.ingest.notes import Note, note
from govdesk.ingest.place_rows import PlaceRow
from govdesk.ingest.place_tree import Key, PlaceVersion, group_by_code
from govdesk.terms import PlaceChangeKind

#: Shares are written with few decimals: a sum this near to 1 is 1.
SLACK = 0.005


@dataclass(frozen=True, slots=True)
class PlaceChangeRow:
    """One row of `place_changes`."""

    from_code: str
    to_code: str
    on: date
    kind: str
    share: float

    @property
    def key(self) -> tuple[str, str, date]:
        """Both codes and the day."""
        return self.from_code, self.to_code, self.on


@dataclass(slots=True)
class CheckedChanges:
    """Changes that can be kept, and the places that they end.

    Attributes
    ----------
    changes : list of PlaceChangeRow
        In the order of the file.
    ended : dict of Key to PlaceVersion
        Places that were open, as they will be.
    warnings : list of Note
        About children that are left without a parent.
    """

    changes: list[PlaceChangeRow] = field(default_factory=list)
    ended: dict[Key, PlaceVersion] = field(default_factory=dict)
    warnings: list[Note] = field(default_factory=list)


def check_changes(rows: Sequence[PlaceRow], known: Mapping[Key, PlaceVersion]) -> CheckedChanges:
    """Check the rows of a file of place changes.

    Parameters
    ----------
    rows : sequence of PlaceRow
        With `from_code`, `to_code`, `on`, and perhaps `kind` and `share`; errors are added to them.
    known : mapping of (code, valid_from) to PlaceVersion
        The database's places.

    Returns
    -------
    CheckedChanges
        Only rows without an error. A place that remains among its own successors (a part was cut off) is not ended.
    """
    by_code = group_by_code(known.values())
    _refuse_repeated(rows)
    for row in _good(rows):
        _check_places(row, by_code)
    for group in _groups(rows):
        _fill_in(group)
    for group in _groups(rows):
        _check_shares(group)
    checked = CheckedChanges()
    for group in _groups(rows):
        _end(checked, group, by_code)
    checked.changes = [
        PlaceChangeRow(_code(row, "from_code"), _code(row, "to_code"), _day(row), str(row.values["kind"]),
                       round(cast("float", row.values["share"]), 6))
        for row in _good(rows)
    ]
    checked.warnings += list(_find_children_left(checked, known))
    return checked


def _code(row: PlaceRow, name: str) -> str:
    return str(row.values[name])


def _day(row: PlaceRow) -> date:
    return cast("date", row.values["on"])


def _good(rows: Sequence[PlaceRow]) -> list[PlaceRow]:
    return [row for row in rows if not row.errors]


def _groups(rows: Sequence[PlaceRow]) -> list[list[PlaceRow]]:
    """Return the good rows of each place and day together."""
    grouped: dict[tuple[str, date], list[PlaceRow]] = defaultdict(list)
    for row in _good(rows):
        grouped[_code(row, "from_code"), _day(row)].append(row)
    return list(grouped.values())


def _refuse_repeated(rows: Sequence[PlaceRow]) -> None:
    first: dict[tuple[str, str, date], int] = {}
    for row in _good(rows):
        key = (_code(row, "from_code"), _code(row, "to_code"), _day(row))
        line = first.setdefault(key, row.line)
        if line != row.line:
            row.refuse("change_twice", "from_code", place=key[0], to=key[1], first=line)


def _check_places(row: PlaceRow, by_code: Mapping[str, Sequence[PlaceVersion]]) -> None:
    on = _day(row)
    for name, day in (("from_code", on - timedelta(days=1)), ("to_code", on)):
        code = _code(row, name)
        if not any(version.holds_on(day) for version in by_code.get(code, ())):
            same = by_code.get(code, ())
            ended = same[-1].valid_to if same and name == "from_code" else None
            if ended is not None and ended != on:
                row.refuse("change_end_differs", "on", place=code, ended=ended, on=on)
            else:
                row.refuse("change_place_unknown", name, place=code, on=day)


def _fill_in(group: Sequence[PlaceRow]) -> None:
    """Set kinds and shares that the file leaves out, and say so."""
    for row in group:
        if row.values.get("kind") is None:
            kind = PlaceChangeKind.SPLIT if len(group) > 1 else PlaceChangeKind.MERGE
            row.values["kind"] = kind.value
            row.warn("change_kind_assumed", "kind", kind=kind.value)
    blank = [row for row in group if row.values.get("share") is None]
    if not blank:
        return
    if len(blank) < len(group):
        for row in blank:
            row.refuse("cell_missing", "share", field="share")
        return
    for row in blank:
        row.values["share"] = 1.0 / len(group)
    if len(group) > 1:
        group[0].warn("change_share_assumed", "share", place=_code(group[0], "from_code"), n=len(group))


def _check_shares(group: Sequence[PlaceRow]) -> None:
    total = sum(cast("float", row.values["share"]) for row in group)
    place = _code(group[0], "from_code")
    if total > 1.0 + SLACK:
        for row in group:
            row.refuse("change_shares_over", "share", place=place, sum=f"{total:.3f}")
    elif total < 1.0 - SLACK:
        group[0].warn("change_shares_under", "share", place=place, sum=f"{total:.3f}")


def _end(checked: CheckedChanges, group: Sequence[PlaceRow], by_code: Mapping[str, Sequence[PlaceVersion]]) -> None:
    code, on = _code(group[0], "from_code"), _day(group[0])
    stays = code in {_code(row, "to_code") for row in group}
    if stays:
        if len(group) == 1 and not any(version.valid_from == on for version in by_code[code]):
            group[0].refuse("change_to_itself", "to_code", place=code)
        return
    version = next(item for item in by_code[code] if item.holds_on(on - timedelta(days=1)))
    if version.valid_to is None:
        checked.ended[version.key] = replace(version, valid_to=on)
    elif version.valid_to != on:
        for row in group:
            row.refuse("change_end_differs", "on", place=code, ended=version.valid_to, on=on)


def _find_children_left(checked: CheckedChanges, known: Mapping[Key, PlaceVersion]) -> Iterator[Note]:
    after = {**known, **checked.ended}
    for key, ended in checked.ended.items():
        on = cast("date", ended.valid_to)
        left = sorted(item.code for item in after.values()
                      if item.parent_code == key[0] and (item.valid_to is None or item.valid_to > on))
        if left:
            yield note("children_left", place=key[0], n=len(left), example=left[0])
