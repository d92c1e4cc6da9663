"""Rows on their way: what was read so far, which are rejected, and what is said about them."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from govdesk.ingest.masking import MASK
from govdesk.ingest.notes import SHEET, ImportReport, Note, label, note
from govdesk.ingest.pieces import FileFacts
from govdesk.words import say

Array = NDArray[Any]
Mask = NDArray[np.bool_]

#: Notes a code and import that are kept one by one; the rest is counted in one more note.
WARNINGS_KEPT = 100
ERRORS_KEPT = 100_000
#: Rows of one kind and sheet that are no records and are named one by one.
ASIDE_KEPT = 20
#: Longest list of row numbers in a sentence.
_RANGES = 400


def row_ranges(rows: Iterable[int]) -> str:
    """Return row numbers as people write them.

    Examples
    --------
    >>> row_ranges([3, 4, 5, 9])
    '3-5, 9'
    """
    ranges: list[list[int]] = []
    for row in rows:
        if ranges and row == ranges[-1][1] + 1:
            ranges[-1][1] = row
        else:
            ranges.append([row, row])
    text = ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)
    return text if len(text) <= _RANGES else text[:_RANGES].rpartition(",")[0] + ", …"


class NoteBook:
    """Collects notes into a report and keeps memory bounded whatever the file holds.

    Lines are taken as positions (`notes.SHEET`) and become a sheet's name and a row here.

    Attributes
    ----------
    sheets : list of str
        Names of a workbook's sheets by their number; empty for a file without sheets.
    """

    def __init__(self, report: ImportReport) -> None:
        self.report = report
        self.sheets: list[str] = []
        self._warned: Counter[str] = Counter()
        self._grouped: dict[tuple[str, str | None, tuple[tuple[str, str], ...]], list[int]] = {}
        self._errors_left_out = 0
        self._aside: dict[tuple[int, str], list[int]] = {}

    def _located(self, item: Note) -> Note:
        if item.line is None or not self.sheets:
            return item
        return replace(item, sheet=label(self.sheets[item.line // SHEET]), line=item.line % SHEET)

    def where(self, position: int) -> str:
        """Return what a sentence calls a row: its number, with the sheet where there are several."""
        if len(self.sheets) < 2:
            return str(position % SHEET)
        return f"{label(self.sheets[position // SHEET])}!{position % SHEET}"

    def error(self, item: Note) -> None:
        """Note an error; its line is a position."""
        if len(self.report.errors) < ERRORS_KEPT:
            self.report.errors.append(self._located(item))
        else:
            self._errors_left_out += 1

    def warn(self, code: str, line: int | None, column: str | None = None, **values: object) -> None:
        """Note a warning about one row."""
        self._warned[code] += 1
        if self._warned[code] <= WARNINGS_KEPT:
            self.report.warnings.append(self._located(note(code, line, column, **values)))

    def group(self, code: str, lines: Iterable[int], column: str | None = None, **values: object) -> None:
        """Count rows of which one note with their number and first line is enough."""
        key = (code, column, tuple((name, str(value)) for name, value in values.items()))
        found = [int(line) for line in lines]
        if not found:
            return
        entry = self._grouped.setdefault(key, [0, found[0]])
        entry[0] += len(found)

    def put_aside(self, position: int, kind: str) -> None:
        """Count a row that is no record; its kind is one of `row_kinds.Kind`."""
        self.report.aside += 1
        self._aside.setdefault((position // SHEET, kind), []).append(position % SHEET)

    def tell_file(self, facts: FileFacts) -> None:
        """Say what was found out about the file."""
        self.report.file = facts.as_json()
        self.report.warnings += facts.warnings

    def _tell_aside(self) -> None:
        """Name rows that are no records one by one, or where they are many, by their numbers in one note."""
        for (sheet, kind), rows in self._aside.items():
            what = say(f"note.aside_{kind}")
            groups = [[row] for row in rows] if len(rows) <= ASIDE_KEPT else [rows]
            for group in groups:
                values = {"kind": kind, "what": what, "n": len(group), "rows": row_ranges(group)}
                self.report.warnings.append(self._located(note("row_aside", sheet * SHEET + group[0], None, **values)))

    def finish(self) -> None:
        """Write the counted notes."""
        self._tell_aside()
        for (code, column, values), (number, first) in self._grouped.items():
            self.report.warnings.append(self._located(note(code, first, column, n=number, **dict(values))))
        for code, number in self._warned.items():
            if number > WARNINGS_KEPT:
                self.report.warnings.append(note("warnings_more", None, None, n=number - WARNINGS_KEPT, what=code))
        if self._errors_left_out:
            self.report.errors.append(note("errors_more", None, None, n=self._errors_left_out))
        for notes in (self.report.errors, self.report.warnings):
            notes.sort(key=self._order)
        self._grouped, self._warned, self._errors_left_out = {}, Counter(), 0
        self._aside = {}

    def _order(self, item: Note) -> tuple[bool, int, int]:
        names = [label(name) for name in self.sheets] if item.sheet is not None else []
        sheet = names.index(item.sheet) if item.sheet in names else 0
        return item.line is None, sheet, item.line or 0


@dataclass(slots=True)
class Draft:
    """Some rows with their converted columns.

    Attributes
    ----------
    lines : ndarray of int64
        Position of each row.
    values : dict of str to ndarray
        Columns by name; int64 with NULL, float64 with NaN, object with None.
    headers : dict of str to str
        What the file calls each field.
    book : NoteBook
        Where notes go.
    quote : callable, optional
        Gives, for a field's name and a row, what stands in the cell, as a note may show it.
    bad : ndarray of bool
        Rows that are rejected.
    """

    lines: NDArray[np.int64]
    values: dict[str, Array]
    headers: dict[str, str]
    book: NoteBook
    quote: Callable[[str, int], str | None] | None = None
    bad: Mask = field(init=False)

    def __post_init__(self) -> None:
        self.bad = np.zeros(len(self.lines), dtype=bool)

    def reject(self, rows: Mask | Iterable[int], code: str, name: str | None = None, **values: object) -> None:
        """Reject rows, each with an error of its own."""
        column = None if name is None else self.headers.get(name, name)
        for row in _numbers(rows):
            self.bad[row] = True
            value = self.quote(name, row) if self.quote is not None and name is not None else None
            if value == MASK and "value" in values:  # a column about persons: the sentence quotes nothing of it, either
                values["value"] = MASK
            self.book.error(replace(note(code, int(self.lines[row]), column, **values), value=value))

    def warn(self, rows: Mask | Iterable[int], code: str, name: str | None = None, **values: object) -> None:
        """Warn about rows that are not rejected."""
        column = None if name is None else self.headers.get(name, name)
        for row in _numbers(rows):
            if not self.bad[row]:
                self.book.warn(code, int(self.lines[row]), column, **values)

    def group(self, rows: Mask | Iterable[int], code: str, name: str | None = None, **values: object) -> None:
        """Count rows that are not rejected in one warning."""
        column = None if name is None else self.headers.get(name, name)
        lines = [int(self.lines[row]) for row in _numbers(rows) if not self.bad[row]]
        self.book.group(code, lines, column, **values)

    def keep(self, rows: Mask) -> "Draft":
        """Return a draft of some of the rows."""
        return Draft(self.lines[rows], {name: column[rows] for name, column in self.values.items()}, self.headers,
                     self.book)


def _numbers(rows: Mask | Iterable[int]) -> Iterable[int]:
    if isinstance(rows, np.ndarray) and rows.dtype == bool:
        found: list[int] = np.flatnonzero(rows).tolist()
        return found
    return rows
