"""Builds a dirty file and, in the same breath, says what must become of each of its rows.

A row is put with the word for what must happen to it (`good`, `bad`, `same`, `either`, `aside`), so that the row number
in the expectation is the one the row really has. Nothing here knows the product's reader.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from tests.corpus.make import layouts
from tests.corpus.make.cases import Case

FILES: list["Dirty"] = []


@dataclass(frozen=True)
class Formula:
    """A formula and the value that the office's Excel kept beside it."""

    text: str
    cached: object


@dataclass(frozen=True)
class Fault:
    """A cell that Excel shows as an error, such as #REF!."""

    text: str


@dataclass
class Sheet:
    """One sheet: rows of cells, merges, and what must happen to each row."""

    book: "Dirty"
    name: str
    rows: list[list[object]] = field(default_factory=list)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden: bool = False
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    filtered: bool = False
    freeze: int = 0
    formatted_to: int = 0
    day: Callable[[date], object] = layouts.dots
    headers: list[str] = field(default_factory=list)
    left: int = 0  # blank columns before the first
    beside: Callable[[int], list[object]] | None = None  # cells after the last column
    n: int = 0

    def put(self, *cells: object) -> int:
        """Add a row as it stands; return its number as Excel shows it."""
        self.rows.append([None] * self.left + list(cells))
        return len(self.rows)

    def merge(self, first_row: int, first_col: int, last_row: int, last_col: int) -> None:
        """Merge cells; rows and columns from 1."""
        self.merges.append((first_row, first_col + self.left, last_row, last_col + self.left))

    def title(self, text: str) -> None:
        """Put a title over all columns."""
        row = self.aside(text, kind="title")
        self.merge(row, 1, row, len(layouts.HEADERS[self.book.profile]))

    def aside(self, *cells: object, kind: str) -> int:
        """Put a row that is no record."""
        row = self.put(*cells)
        self.book.asides.append({"sheet": self.name, "row": row, "kind": kind})
        return row

    def blank(self) -> int:
        """Put a blank row."""
        return self.aside(kind="blank")

    def header(self, names: list[str] | None = None, *, again: bool = False, shown: Callable[[str], str] = str,
               after: list[str] | None = None) -> int:
        """Put the headers; `again` says that they were there before."""
        self.headers = names or list(layouts.HEADERS[self.book.profile])
        cells = [shown(h) for h in self.headers] + (after or [])
        return self.aside(*cells, kind="header") if again else self.put(*cells)

    def _row(self, c: Case, over: dict[str, object], day: Callable[[date], object] | None) -> int:
        self.n += 1
        known = layouts.cells(self.book.profile, c, day or self.day, self.n)
        values = {**known, **{"村（社区）" if key == "村" else key: value for key, value in over.items()}}
        tail = self.beside(self.n) if self.beside else []
        return self.put(*[values.get(h) for h in self.headers], *tail)

    def good(self, c: Case, *, day: Callable[[date], object] | None = None, expect: dict | None = None, **over: object) -> int:
        """Put a row that must be in the database afterwards."""
        row = self._row(c, over, day)
        found = {**layouts.truth(self.book.profile, c), **(expect or {})}
        self.book.good.append({"sheet": self.name, "row": row, **{k: v for k, v in found.items() if v is not None}})
        return row

    def bad(self, c: Case, column: str, *, day: Callable[[date], object] | None = None, **over: object) -> int:
        """Put a row that must be named as an error at this column, and nothing of it kept."""
        row = self._row(c, over, day)
        self.book.bad.append({"sheet": self.name, "row": row, "column": column, "summary": c.text})
        return row

    def either(self, c: Case, column: str, *, day: Callable[[date], object] | None = None, expect: dict | None = None,
               **over: object) -> int:
        """Put a row that is either read rightly or named: both serve, a wrong or silent reading does not."""
        row = self._row(c, over, day)
        found = {**layouts.truth(self.book.profile, c), **(expect or {})}
        self.book.either.append({"sheet": self.name, "row": row, "column": column, **{k: v for k, v in found.items() if v is not None}})
        return row

    def same(self, c: Case, *, day: Callable[[date], object] | None = None, **over: object) -> int:
        """Put a row that says again what an earlier one says."""
        row = self._row(c, over, day)
        self.book.same.append({"sheet": self.name, "row": row})
        return row

    def loose(self, *cells: object) -> int:
        """Put a row that must be spoken of, in an error or a warning, and is not imported."""
        row = self.put(*cells)
        self.book.named.append({"sheet": self.name, "row": row, "column": "*"})
        return row

    def all(self, found: list[Case], **more: object) -> None:
        """Put good rows."""
        for c in found:
            self.good(c, **more)


@dataclass
class Dirty:
    """One file of the corpus."""

    name: str
    profile: str
    wrong: str
    seen: str
    must: str
    form: str = ""  # how it is written, where the name does not say it
    options: dict = field(default_factory=dict)
    sheets: list[Sheet] = field(default_factory=list)
    good: list[dict] = field(default_factory=list)
    bad: list[dict] = field(default_factory=list)
    either: list[dict] = field(default_factory=list)
    same: list[dict] = field(default_factory=list)
    asides: list[dict] = field(default_factory=list)
    named: list[dict] = field(default_factory=list)
    sheets_named: list[str] = field(default_factory=list)
    columns_named: list[str] = field(default_factory=list)
    masked: int = 0
    never: list[str] = field(default_factory=list)
    refused: str = ""
    raw: Callable[[Path], None] | None = None

    def sheet(self, name: str = "Sheet1", **more: object) -> Sheet:
        """Add a sheet."""
        new = Sheet(self, name, **more)
        self.sheets.append(new)
        return new


def dirty(name: str, profile: str, wrong: str, seen: str, must: str, **more: object) -> Dirty:
    """Begin a file of the corpus."""
    new = Dirty(name, profile, wrong, seen, must, **more)
    if any(f.name == name for f in FILES):
        raise ValueError(name)
    FILES.append(new)
    return new
