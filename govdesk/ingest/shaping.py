"""Turns the rows of a sheet into pieces of records: what is no record is put aside, merged cells hold for all."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from govdesk.ingest.header_finding import Header
from govdesk.ingest.notes import SHEET, Note, note
from govdesk.ingest.pieces import Block, FileFacts, Piece, SheetFacts, as_column, column_letters
from govdesk.ingest.row_kinds import RowJudge, plain
from govdesk.ingest.row_shapes import ColumnShapes
from govdesk.ingest.sheets import Sheet

#: Columns from which on a row that has only its number is an empty one.
_NUMBERED = 4


@dataclass(slots=True)
class Shaper:
    """Shapes the rows of one sheet.

    Attributes
    ----------
    sheet : Sheet
        The sheet.
    header : Header
        Its header.
    lines : list of int
        Lines of the sheet's first rows; `header` counts in them.
    head : list of list of str
        The first rows.
    take : list of int
        For each column of the table, the sheet's column (from 0), or -1 where the sheet lacks it.
    facts : FileFacts
        Where warnings go.
    """

    sheet: Sheet
    header: Header
    lines: list[int]
    head: list[list[str]]
    take: list[int]
    facts: FileFacts
    judge: RowJudge = field(init=False)
    about: SheetFacts = field(init=False)
    _cells: int = field(init=False)
    _most: int = field(init=False)
    _after_header: bool = field(default=True, init=False)
    _merged: dict[int, tuple[int, str]] = field(default_factory=dict, init=False)
    _tops: dict[int, list[tuple[int, int]]] = field(default_factory=dict, init=False)
    _unnamed: set[int] = field(default_factory=set, init=False)
    _shapes: ColumnShapes | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        width = self.header.width
        rows = [self.head[at] for at in range(self.header.first, self.header.last + 1)]
        wide = frozenset(top for top, left, bottom, right in self.sheet.merges
                         if top == bottom and (right - left + 1) * 2 > width)
        titles = frozenset(filled[0] for row in self.head[: self.header.first]
                           if len(filled := [text for text in map(plain, row) if text]) == 1)
        self._cells = len(self.head[self.header.last])
        self._most = max(self._cells, width)
        self.judge = RowJudge(width, tuple(map(tuple, rows)), titles, wide)
        self.about = SheetFacts(self.sheet.name, tuple(self.lines[self.header.first: self.header.last + 1]),
                                self.header.confidence)
        self.facts.sheets.append(self.about)
        self.about.titles = [text for row in self.head[: self.header.first] for text in row if text.strip()]
        last = self.lines[self.header.last]
        for top, left, bottom, right in self.sheet.merges:
            if bottom > top > last and left == right:
                self._tops.setdefault(top, []).append((left - 1, bottom))

    @property
    def base(self) -> int:
        """Position of the sheet's row 0."""
        return self.sheet.number * SHEET

    def pieces(self, size: int) -> Iterator[Piece]:
        """Give the records below the header in pieces of about `size` rows; then say which columns were not read."""
        last = self.lines[self.header.last]
        above = Piece(np.zeros(0, dtype=np.int64), [as_column([])] * len(self.take), aside=self._above())
        pending: Piece | None = above if above.aside else None
        for lines, rows in self._below(size, last):
            piece = self._piece(lines, rows)
            if pending is not None:
                piece.aside = pending.aside + piece.aside
                pending = None
            self.about.n_rows += len(piece.lines) + len(piece.errors)
            yield piece
        if pending is not None:
            yield pending
        self._tell_unnamed()

    def _above(self) -> list[tuple[int, str]]:
        return [(self.base + self.lines[at], "title" if any(map(plain, self.head[at])) else "blank")
                for at in range(self.header.first)] + [
            (self.base + self.lines[at], "header") for at in range(self.header.first, self.header.last)]

    def _below(self, size: int, last: int) -> Iterator[Block]:
        """Give the blocks below the header, `size` rows each."""
        kept_lines: list[NDArray[np.int64]] = []
        kept: list[list[str]] = []
        for lines, rows in self.sheet.read(size):
            start = int(np.searchsorted(lines, last, side="right"))
            if start >= len(rows):
                continue
            kept_lines.append(lines[start:])
            kept += rows[start:] if start else rows
            while len(kept) >= size:
                every = np.concatenate(kept_lines)
                yield every[:size], kept[:size]
                kept_lines, kept = [every[size:]], kept[size:]
        if kept:
            yield np.concatenate(kept_lines), kept

    def _piece(self, lines: NDArray[np.int64], rows: list[list[str]]) -> Piece:
        quick = (not self._tops and not self._merged and set(map(len, rows)) == {self._cells}
                 and not self._after_header and not any(map(self.judge.is_suspect, rows)))
        if quick:
            return self._finish(lines + self.base, rows, [], [])
        return self._closely(lines, rows)

    def _closely(self, lines: NDArray[np.int64], rows: list[list[str]]) -> Piece:
        errors: list[Note] = []
        aside: list[tuple[int, str]] = []
        kept: list[int] = []
        short: list[int] = []
        width = self.header.width
        for at, (line, row) in enumerate(zip(lines.tolist(), rows, strict=True)):
            if not (self._after_header or self._tops or self._merged or len(row) != self._cells
                    or self.judge.is_suspect(row)):
                kept.append(at)  # the usual case, quickly
                continue
            kind = self._kind(line, row)
            if self._tops or self._merged:
                row = rows[at] = self._fill(line, row)  # noqa: PLW2901 - the row as it is read from here on
            if kind is not None:
                aside.append((self.base + line, kind))
            elif self.sheet.is_ragged and len(row) < width:
                short.append(at)
                kept.append(at)
            elif self.sheet.is_ragged and any(map(str.strip, row[self._most:])):
                errors.append(note("cells_extra", self.base + line, found=len(row), expected=width))
            else:
                kept.append(at)
        if short:
            wrong = self._shifted(rows, short)
            errors += [note("cells_missing", self.base + int(lines[at]), found=len(rows[at]),
                            expected=width) for at in sorted(wrong)]
            kept = [at for at in kept if at not in wrong]
        return self._finish(lines[kept] + self.base, [rows[at] for at in kept], errors, aside)

    def _kind(self, line: int, row: list[str]) -> str | None:
        kind = None
        if self._after_header or self.judge.is_suspect(row):
            kind = self.judge.kind(row, line, is_after_header=self._after_header)
            if kind is None and not self._tops and not self._merged and self._is_number_alone(row):
                kind = "blank"
        self._after_header = kind == "header" or (self._after_header and kind == "blank")
        return kind

    def _is_number_alone(self, row: list[str]) -> bool:
        """Return whether a row has its number and nothing else: templates are numbered in advance."""
        filled = [text for text in map(plain, row) if text]
        return self.header.width >= _NUMBERED and len(filled) == 1 and len(filled[0]) <= 4 and filled[0].isdigit()

    def _fill(self, line: int, row: list[str]) -> list[str]:
        """Return a row with the text of merged cells that begin above it."""
        for column, bottom in self._tops.pop(line, ()):
            self._merged[column] = (bottom, row[column] if column < len(row) else "")
        if not self._merged:
            return row
        filled = list(row)
        for column, (bottom, text) in list(self._merged.items()):
            if column < len(filled) and not filled[column]:
                filled[column] = text
            if bottom <= line:
                del self._merged[column]
        return filled

    def _shifted(self, rows: list[list[str]], short: list[int]) -> set[int]:
        """Return which of the short rows lack a cell in the middle, as far as can be told; the others are padded."""
        if self._shapes is None or not self._shapes.is_known:
            self._shapes = ColumnShapes(row for row in rows if len(row) >= self.header.width)
        wrong = {at for at in short if not self._shapes.fits(rows[at])}
        for at in short:
            if at not in wrong:
                rows[at] = rows[at] + [""] * (self.header.width - len(rows[at]))
        return wrong

    def _finish(self, positions: NDArray[np.int64], rows: list[list[str]], errors: list[Note],
                aside: list[tuple[int, str]]) -> Piece:
        if not rows:
            return Piece(positions, [as_column([])] * len(self.take), errors, aside)
        shortest, longest = min(map(len, rows)), max(map(len, rows))
        columns: list[Sequence[str]]
        if shortest == longest:
            columns = list(zip(*rows, strict=True))
        else:
            columns = list(zip(*(row + [""] * (longest - len(row)) for row in rows), strict=True))
        self._watch(columns)
        nothing = [""] * len(rows)
        cells = [as_column(columns[at] if 0 <= at < len(columns) else nothing) for at in self.take]
        return Piece(positions, cells, errors, aside)

    def _watch(self, columns: list[Sequence[str]]) -> None:
        """Remember columns that hold something and have no header."""
        for at, column in enumerate(columns):
            named = at < len(self.header.headers) and self.header.headers[at]
            if not named and at not in self._unnamed and any(map(str.strip, column)):
                self._unnamed.add(at)

    def _tell_unnamed(self) -> None:
        if self._unnamed:
            names = ", ".join(column_letters(at + 1) for at in sorted(self._unnamed)[:20])
            self.facts.warn("columns_unnamed", self.sheet.name, n=len(self._unnamed), columns=names)


def shape_all(shapers: list[Shaper], size: int) -> Iterator[Piece]:
    """Give the pieces of several sheets, one sheet after the other."""
    return chain.from_iterable(shaper.pieces(size) for shaper in shapers)


