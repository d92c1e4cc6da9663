"""Turns rows into place versions and checks them as a tree: duplicates, orphans, cycles, levels, periods.

Pure: what the database holds already comes in as `known`. A row with an error is left out and named; the good rows
beside it stay, except those that lie below it and have no other parent.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import cast

from pypinyin import Style, lazy_pinyin

from govdesk.ingest.place_rows import PlaceRow
from govdesk.ingest.place_tree import Key, PlaceVersion, group_by_code
from govdesk.tables.places import ALWAYS
from govdesk.terms import LEVELS, SAMPLE_CODE_PREFIX, DataKind

_RANK = {level.value: rank for rank, level in enumerate(LEVELS)}


@dataclass(frozen=True, slots=True)
class TreeOptions:
    """What holds for all rows of a file: kind of the database, and level and parent where a row names none."""

    kind: DataKind
    level: str | None = None
    parent: str | None = None


@dataclass(slots=True)
class Candidate:
    """A row and the place it would make."""

    row: PlaceRow
    as_written: PlaceVersion
    version: PlaceVersion
    before: PlaceVersion | None = None


@dataclass(slots=True)
class CheckedTree:
    """Rows that can be kept, and the earlier versions that they close.

    Attributes
    ----------
    candidates : list of Candidate
        In the order of the file.
    closed : dict of Key to PlaceVersion
        Open versions of the database that a later version ends, as they will be.
    """

    candidates: list[Candidate]
    closed: dict[Key, PlaceVersion] = field(default_factory=dict)


@lru_cache(maxsize=20_000)
def initials_of(name: str) -> str:
    """Return the first letters of a name's pinyin, upper case: what somebody types into the search."""
    letters = "".join(lazy_pinyin(name, style=Style.FIRST_LETTER))
    return "".join(mark for mark in letters if mark.isalnum()).upper()[:100]


def check_tree(rows: Sequence[PlaceRow], known: Mapping[Key, PlaceVersion], options: TreeOptions) -> CheckedTree:
    """Check the rows of a file against each other and against the database.

    Parameters
    ----------
    rows : sequence of PlaceRow
        What was wrong with a row is added to its `errors` and `warnings`.
    known : mapping of (code, valid_from) to PlaceVersion
        The database's places.
    options : TreeOptions
        Defaults, and the kind of database.

    Returns
    -------
    CheckedTree
        Only rows without an error.
    """
    by_code = group_by_code(known.values())
    dated = {(row.code, row.values["valid_from"]) for row in rows if row.values.get("valid_from")}
    candidates = []
    for row in rows:
        before = _find_before(row, by_code.get(row.code, ()), dated)
        made = None if row.errors else _make(row, before, by_code.get(row.code, ()), options)
        candidates += [made] if made else []
    candidates = _refuse_repeated(candidates)
    checked = CheckedTree(candidates)
    _settle_periods(checked, by_code)
    while True:
        versions = _merged(known, checked)
        _refuse_cycles(checked.candidates, versions)
        _refuse_orphans(checked.candidates, versions, rows)
        kept = [candidate for candidate in checked.candidates if not candidate.row.errors]
        if len(kept) == len(checked.candidates):
            break
        for candidate in kept:
            candidate.version = candidate.as_written
        checked = CheckedTree(kept)
        _settle_periods(checked, by_code)
    return checked


def _merged(known: Mapping[Key, PlaceVersion], checked: CheckedTree) -> dict[str, list[PlaceVersion]]:
    merged = {**known, **checked.closed}
    merged.update({candidate.version.key: candidate.version for candidate in checked.candidates})
    return group_by_code(merged.values())


def _find_before(row: PlaceRow, same: Sequence[PlaceVersion], dated: Collection[tuple[str, object]]
                 ) -> PlaceVersion | None:
    """Return the version a row speaks of: the one of its first day, or the newest that no other row names."""
    first = row.values.get("valid_from")
    if first is None:
        return next((item for item in reversed(same) if item.key not in dated), None)
    return next((item for item in same if item.valid_from == first), None)


def _make(row: PlaceRow, before: PlaceVersion | None, same: Sequence[PlaceVersion],
          options: TreeOptions) -> Candidate | None:
    values = row.values
    pattern = before or (same[-1] if same else None)
    first = values.get("valid_from") or (before.valid_from if before else ALWAYS)
    level = values.get("level") or options.level or (pattern.level if pattern else None)
    name = values.get("name") or (pattern.name if pattern and "name" not in values else None)
    parent = values.get("parent_code") or (options.parent if options.parent != row.code else None)
    if parent is None and "parent_code" not in values and pattern:
        parent = pattern.parent_code
    if not name:
        row.refuse("name_missing", "name")
    if level is None:
        row.refuse("level_missing", "level")
    if row.code.startswith(SAMPLE_CODE_PREFIX) != (options.kind == DataKind.SAMPLE):
        code = "code_not_sample" if options.kind == DataKind.SAMPLE else "code_only_sample"
        row.refuse(code, "code", place=row.code, prefix=SAMPLE_CODE_PREFIX)
    if row.errors:
        return None
    made = PlaceVersion(
        code=row.code, valid_from=cast("date", first), valid_to=None, name=cast("str", name),
        initials=initials_of(cast("str", name)), level=cast("str", level), parent_code=cast("str | None", parent))
    optional = ("valid_to", "kind", "population", "households", "lon", "lat")
    rest = {name: values[name] if name in values else getattr(before, name, None) for name in optional}
    rest["valid_to"] = rest["valid_to"] or getattr(before, "valid_to", None)  # an empty cell never re-opens a place
    made = replace(made, **rest)  # type: ignore[arg-type]  # the readers of the cells give these types
    if made.valid_to is not None and made.valid_to <= made.valid_from:
        row.refuse("ends_before_it_begins", "valid_to", place=row.code)
        return None
    return Candidate(row, made, made, before)


def _refuse_repeated(candidates: list[Candidate]) -> list[Candidate]:
    first_line: dict[Key, int] = {}
    for candidate in candidates:
        first = first_line.setdefault(candidate.version.key, candidate.row.line)
        if first != candidate.row.line:
            candidate.row.refuse("duplicate_code", "code", place=candidate.version.code, first=first)
    return [candidate for candidate in candidates if not candidate.row.errors]


def _settle_periods(checked: CheckedTree, by_code: Mapping[str, Sequence[PlaceVersion]]) -> None:
    """Let a later version end an open earlier one; refuse versions whose days overlap otherwise."""
    mine = {candidate.version.key: candidate for candidate in checked.candidates}
    codes: dict[str, list[PlaceVersion]] = defaultdict(list)
    for candidate in checked.candidates:
        codes[candidate.version.code].append(candidate.version)
    for code, versions in codes.items():
        new_keys = {version.key for version in versions}
        others = [version for version in by_code.get(code, ()) if version.key not in new_keys]
        ordered = sorted([*versions, *others], key=lambda version: version.valid_from)
        for earlier, later in pairwise(ordered):
            if earlier.valid_to is not None and earlier.valid_to <= later.valid_from:
                continue
            _end_earlier(checked, mine, earlier, later)


def _end_earlier(checked: CheckedTree, mine: Mapping[Key, Candidate], earlier: PlaceVersion,
                 later: PlaceVersion) -> None:
    speaker = mine.get(later.key) or mine[earlier.key]
    if earlier.valid_to is not None:
        speaker.row.refuse("periods_overlap", "valid_from", place=later.code, other=earlier.valid_from)
        return
    ended = replace(earlier, valid_to=later.valid_from)
    if earlier.key in mine:
        mine[earlier.key].version = ended
    else:
        checked.closed[earlier.key] = ended
    if not any(item.code == "earlier_version_ended" for item in speaker.row.warnings):
        speaker.row.warn("earlier_version_ended", "valid_from", place=later.code, on=later.valid_from)


def _refuse_cycles(candidates: Sequence[Candidate], versions: Mapping[str, Sequence[PlaceVersion]]) -> None:
    """Refuse the rows of every cycle; the database has none, so each cycle has a row of the file in it."""
    mine = {candidate.version.key: candidate for candidate in candidates}
    suspects = _codes_above_themselves(versions)
    days = sorted({version.valid_from for code in suspects for version in versions[code]})
    for day in days:
        above = {version.code: version for code in suspects for version in versions[code] if version.holds_on(day)}
        for code in _cycle_members(above):
            candidate = mine.get(above[code].key)
            if candidate and not any(item.code == "cycle" for item in candidate.row.errors):
                candidate.row.refuse("cycle", "parent_code", place=code, parent=above[code].parent_code)


def _codes_above_themselves(versions: Mapping[str, Sequence[PlaceVersion]]) -> set[str]:
    """Return codes that may lie in a cycle at some time: leaves and roots are peeled off until nothing changes."""
    parents = {code: {version.parent_code for version in same if version.parent_code in versions}
               for code, same in versions.items()}
    left = set(versions)
    while True:
        needed = {parent for code in left for parent in parents[code]}
        kept = {code for code in left if code in needed and parents[code] & left}
        if kept == left:
            return left
        left = kept


def _cycle_members(above: Mapping[str, PlaceVersion]) -> set[str]:
    members: set[str] = set()
    done: set[str] = set()
    for start in above:
        path: list[str] = []
        code: str | None = start
        while code is not None and code in above and code not in done and code not in path:
            path.append(code)
            code = above[code].parent_code
        if code is not None and code in path:
            members.update(path[path.index(code):])
        done.update(path)
    return members


def _refuse_orphans(candidates: Sequence[Candidate], versions: Mapping[str, Sequence[PlaceVersion]],
                    rows: Sequence[PlaceRow]) -> None:
    rejected = {row.code: row.line for row in rows if row.errors and row.code}
    widest = min((_RANK[version.level] for same in versions.values() for version in same), default=0)
    for candidate in candidates:
        version, row = candidate.version, candidate.row
        if row.errors:
            continue
        if version.parent_code is None:
            if _RANK[version.level] > widest:
                row.refuse("parent_missing", "parent_code", place=version.code)
        elif version.parent_code not in versions:
            line = rejected.get(version.parent_code)
            code = "orphan" if line is None else "parent_rejected"
            row.refuse(code, "parent_code", place=version.code, parent=version.parent_code, at=line)
        else:
            _check_parent(row, version, versions[version.parent_code])


def _check_parent(row: PlaceRow, version: PlaceVersion, parents: Sequence[PlaceVersion]) -> None:
    then = [parent for parent in parents if parent.overlaps(version)]
    if not then:
        row.refuse("parent_not_then", "parent_code", place=version.code, parent=version.parent_code)
        return
    wrong = next((parent for parent in then if _RANK[parent.level] >= _RANK[version.level]), None)
    if wrong is not None:
        row.refuse("level_not_below", "level", place=version.code, level=version.level, parent=wrong.code,
                   parent_level=wrong.level)
        return
    ends = [parent.valid_to for parent in then]
    covered = then[0].valid_from <= version.valid_from and (
        None in ends or (version.valid_to is not None and version.valid_to <= max(end for end in ends if end)))
    if not covered and not any(item.code == "parent_not_throughout" for item in row.warnings):
        row.warn("parent_not_throughout", "parent_code", place=version.code, parent=version.parent_code)


