"""Reads and checks a duty list 权责清单: CSV in, rows out; pure.

`data/reference/duty_list.csv` is the delivered one.
"""

import csv
import difflib
import io
from collections.abc import Collection, Mapping
from typing import get_args

from govdesk.rules.triage import LEVELS, DutyRow, TownshipFirst
from govdesk.terms import PlaceKind, Stream

#: Columns of the file, all needed, in any order.
COLUMNS = ("about", "place_kind", "place_level", "unit_kind", "unit_words", "unit_code", "rank", "township_first",
           "source")
#: Stands for every category.
ANY = "*"
_FIRST = get_args(TownshipFirst)
_KINDS = tuple(kind.value for kind in PlaceKind)
_HIGHEST_RANK = 99


class DutyListError(ValueError):
    """The duty list cannot be used; `args[0]` says, line by line, which row and why."""


def parse_duty_list(text: str, categories: Collection[str]) -> tuple[DutyRow, ...]:
    """Return the rows of a duty list.

    Parameters
    ----------
    text : str
        The file.
    categories : collection of str
        Categories that a row may name; streams and ``*`` besides.

    Raises
    ------
    DutyListError
        When a row means nothing; all such rows are named at once.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    try:
        _check_header(list(reader.fieldnames or ()))
        found, faults = [], []
        known = [*categories, *(stream.value for stream in Stream), ANY]
        for cells in reader:
            clean = {name: (cells.get(name) or "").strip() for name in COLUMNS}
            if not any(clean.values()):
                continue
            said = _check_row(clean, known, is_long=None in cells)
            faults += [f"line {reader.line_num} ({clean['about'] or '-'}): {one}" for one in said]
            if not said:
                found.append(make_row(reader.line_num, clean))
    except csv.Error as error:
        message = f"line {reader.line_num}: {error}"
        raise DutyListError(message) from error
    faults += _find_doubles(found)
    if not found and not faults:
        faults = ["no row"]
    if faults:
        raise DutyListError("\n".join(faults))
    return tuple(found)


def _check_header(names: list[str]) -> None:
    missing = [name for name in COLUMNS if name not in names]
    strange = [name for name in names if name not in COLUMNS]
    if missing or strange:
        said = [f"missing column{'s' if len(missing) > 1 else ''} {', '.join(missing)}"] if missing else []
        said += [f"unknown column {name!r}{_suggest(name, COLUMNS)}" for name in strange]
        message = f"line 1: {'; '.join(said)}"
        raise DutyListError(message)


def _check_row(cells: Mapping[str, str], known: Collection[str], *, is_long: bool) -> list[str]:
    said = ["more cells than columns (a comma inside a text needs quotes)"] if is_long else []
    if cells["about"] not in known:
        said.append(f"unknown category or stream {cells['about']!r}{_suggest(cells['about'], known)}")
    for name, codes in (("place_kind", _KINDS), ("place_level", LEVELS)):
        if cells[name] and cells[name] not in codes:
            said.append(f"{name} {cells[name]!r}{_suggest(cells[name], codes)}")
    if cells["township_first"] not in _FIRST:
        said.append(f"township_first {cells['township_first']!r}; known are {', '.join(_FIRST)}")
    rank = cells["rank"]
    if not (rank.isascii() and rank.isdigit() and 1 <= int(rank[:9]) <= _HIGHEST_RANK):
        said.append(f"rank {rank!r}: a whole number from 1 to {_HIGHEST_RANK}")
    if not (cells["unit_kind"] or cells["unit_words"] or cells["unit_code"]):
        said.append("names no unit: give unit_kind, unit_words or unit_code")
    if cells["unit_code"] and (cells["unit_kind"] or cells["unit_words"]):
        said.append("names a unit twice: unit_code stands alone")
    if not cells["source"]:
        said.append("source is empty: which law or decision says so?")
    return said


def make_row(line: int, cells: Mapping[str, str]) -> DutyRow:
    """Return the row of a line whose cells were checked."""
    words = tuple(word.strip() for word in cells["unit_words"].split("|") if word.strip())
    first = next(one for one in _FIRST if one == cells["township_first"])
    return DutyRow(line, cells["about"], cells["place_kind"] or None, cells["place_level"] or None,
                   cells["unit_kind"] or None, words, cells["unit_code"] or None, int(cells["rank"]), first,
                   cells["source"])


def _find_doubles(rows: Collection[DutyRow]) -> list[str]:
    """Return which rows stand at the same rank for the same thing: neither would come first."""
    first: dict[tuple[object, ...], int] = {}
    said = []
    for row in rows:
        key = (row.about, row.place_kind, row.place_level, row.rank)
        if key in first:
            said.append(f"line {row.line} ({row.about}): the same rank {row.rank} as line {first[key]}")
        first.setdefault(key, row.line)
    return said


def _suggest(text: str, known: Collection[str]) -> str:
    found = difflib.get_close_matches(text, list(known), n=1, cutoff=0.5)
    return f"; did you mean {found[0]!r}?" if found else ""
