"""Reads the tables of an HTML page: many systems export one and call it .xls."""

import io
import re
from collections.abc import Iterator
from html.parser import HTMLParser

import numpy as np

from govdesk.ingest.encodings import encoding_of
from govdesk.ingest.file_limits import MOST_CELLS, refuse
from govdesk.ingest.pieces import Block, FileFacts
from govdesk.ingest.sheets import Range, Sheet

_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)
#: Largest span of one cell.
_MOST_SPAN = 10_000
_NAMES = {"gb2312": "gb18030", "gbk": "gb18030"}


class _Tables(HTMLParser):
    """Collects the rows of every table that is not inside another one."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[tuple[list[list[str]], list[Range]]] = []
        self._depth = 0
        self._cell: list[str] | None = None
        self._span = (1, 1)
        self._carried: dict[int, int] = {}
        self._row: list[str] | None = None
        self._muted = 0
        self._cells = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a table, row or cell; what was left open before is closed."""
        if tag in ("style", "script"):
            self._muted += 1
        elif tag == "table":
            self._depth += 1
            if self._depth == 1:
                self.tables.append(([], []))
                self._carried = {}
        elif self._depth != 1:
            return
        elif tag == "tr":
            self._end_row()
            self._row = []
        elif tag in ("td", "th"):
            self._end_cell()
            self._row = [] if self._row is None else self._row
            found = dict(attrs)
            self._span = (_span(found.get("rowspan")), _span(found.get("colspan")))
            self._cell = []
        elif tag in ("br", "p", "div") and self._cell:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """Close a table, row or cell."""
        if tag in ("style", "script"):
            self._muted = max(0, self._muted - 1)
        elif tag == "table" and self._depth:
            if self._depth == 1:
                self._end_row()
            self._depth -= 1
        elif self._depth == 1 and tag == "tr":
            self._end_row()
        elif self._depth == 1 and tag in ("td", "th"):
            self._end_cell()

    def handle_data(self, data: str) -> None:
        """Take text inside a cell."""
        if self._cell is not None and not self._muted:
            self._cell.append(data)

    def finish(self) -> None:
        """Close what the page left open."""
        self.close()
        if self._depth:
            self._end_row()

    def _skip_carried(self) -> None:
        row = self._row if self._row is not None else []
        while self._carried.get(len(row) + 1, 0) > 0:
            self._carried[len(row) + 1] -= 1
            row.append("")

    def _end_cell(self) -> None:
        if self._cell is None or self._row is None:
            return
        self._skip_carried()
        text = "\n".join(" ".join(line.split()) for line in "".join(self._cell).split("\n")).strip()
        down, across = self._span
        rows, merges = self.tables[-1]
        left, top = len(self._row) + 1, len(rows) + 1
        self._cells += across
        if self._cells > MOST_CELLS:
            raise refuse("sheet_too_wide", sheet="HTML", cell="", most=f"{MOST_CELLS:,}")
        self._row += [text] + [""] * (across - 1)
        if down > 1 or across > 1:
            merges.append((top, left, top + down - 1, left + across - 1))
        if down > 1:
            for column in range(left, left + across):
                self._carried[column] = down - 1
        self._cell = None

    def _end_row(self) -> None:
        self._end_cell()
        if self._row is not None:
            self._skip_carried()
            self.tables[-1][0].append(self._row)
        self._row = None


def _span(text: str | None) -> int:
    return min(max(int(text), 1), _MOST_SPAN) if text and text.strip().isdigit() else 1


def open_html(data: bytes, facts: FileFacts, encoding: str | None = None) -> list[Sheet]:
    """Return the tables of a page that have at least two rows.

    Parameters
    ----------
    data : bytes
        The page.
    facts : FileFacts
        Is given the encoding.
    encoding : str, optional
        Where it is known; else the page's own word for it where that is true, else found.

    Raises
    ------
    FileRefusedError
        When it holds no table.
    """
    facts.encoding = encoding or _encoding(data)
    parser = _Tables()
    parser.feed(data.decode(facts.encoding, errors="replace"))
    parser.finish()
    tables = [(rows, merges) for rows, merges in parser.tables if any(any(row) for row in rows)]
    if not tables:
        raise refuse("file_without_content")
    return [_sheet(at, rows, merges, len(tables)) for at, (rows, merges) in enumerate(tables)]


def _encoding(data: bytes) -> str:
    named = _CHARSET.search(data[:4096])
    if named:
        name = named.group(1).decode("ascii").lower()
        try:
            data.decode(_NAMES.get(name, name))
        except (LookupError, UnicodeDecodeError):
            pass
        else:
            return _NAMES.get(name, name)
    return encoding_of(lambda: io.BytesIO(data))


def _sheet(number: int, rows: list[list[str]], merges: list[Range], of: int) -> Sheet:
    width = max(map(len, rows))
    padded = [row + [""] * (width - len(row)) for row in rows]

    def read(size: int) -> Iterator[Block]:
        for start in range(0, len(padded), size):
            some = padded[start:start + size]
            yield np.arange(start + 1, start + 1 + len(some), dtype=np.int64), some

    return Sheet(number, None if of == 1 else str(number + 1), read, merges=merges, n_rows=len(rows))
