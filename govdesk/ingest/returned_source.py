"""The rows of any file as they stand in it, and where its header is, for the workbook that goes back."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from govdesk.ingest.header_finding import find_header
from govdesk.ingest.notes import label
from govdesk.ingest.pieces import FileFacts, clean_header
from govdesk.ingest.profiles import FileSection
from govdesk.ingest.readers import file_kind, open_sheets, open_table
from govdesk.ingest.returned_names import is_own
from govdesk.ingest.sheets import HEAD, Range
from govdesk.ingest.wanted_headers import HeaderNames, WantedHeader

#: A row's number in the file and its cells.
Line = tuple[int, list[str]]


@dataclass(slots=True)
class SourceSheet:
    """A sheet, or the only table of a file (name None), with all of its rows."""

    name: str | None
    rows: Iterator[Line]
    merges: list[Range]


@dataclass(frozen=True, slots=True)
class Head:
    """Where a table begins.

    Attributes
    ----------
    first, last : int
        Rows of the header; 0 where none was found.
    headers : tuple of str
        Text of each column.
    columns : dict of str to int
        Column, from 1, of each header that notes name.
    """

    first: int
    last: int
    headers: tuple[str, ...]
    columns: dict[str, int]


def read_rows(path: Path, options: FileSection) -> Iterator[SourceSheet]:
    """Give the sheets of a file; our own sheets are left out.

    Raises
    ------
    FileRefusedError
        When the file cannot be used.
    """
    if file_kind(path)[0] == "parquet":
        table = open_table(path, options)

        def rows() -> Iterator[Line]:
            yield 1, table.headers
            for piece in table.pieces:
                for at, line in enumerate(piece.lines.tolist()):
                    yield line, [str(cells[at]) for cells in piece.cells]

        yield SourceSheet(None, rows(), [])
        return
    for sheet in open_sheets(path, options, FileFacts("")):
        if not is_own(sheet.name or ""):
            yield SourceSheet(sheet.name, (
                (int(line), row) for lines, block in sheet.read(5_000)
                for line, row in zip(lines.tolist(), block, strict=True)), sheet.merges)


def find_head(rows: Sequence[Line], merges: list[Range], names: set[str], exact: FileSection) -> Head:
    """Find the header of a sheet among its first rows.

    Parameters
    ----------
    rows : sequence of (int, list of str)
        The first `HEAD` rows.
    names : set of str
        Headers as notes name them.
    exact : FileSection
        Says the row where the profile does.
    """
    lines, cells = [line for line, _ in rows[:HEAD]], [row for _, row in rows[:HEAD]]
    given = None if exact.header_row is None else (exact.header_row, exact.header_rows or 1)
    wanted = [WantedHeader((name,), is_needed=False) for name in sorted(names)]
    found = find_header(lines, cells, merges, wanted, given) if lines else None
    if found is None:
        return Head(0, 0, (), {})
    known = HeaderNames(found.headers, found.lower)
    shown = [label(name) for name in found.headers]
    columns = {name: known.columns(name)[0] + 1 for name in names if known.columns(name)}
    columns |= {name: shown.index(name) + 1 for name in names - columns.keys() if name in shown}
    return Head(lines[found.first], lines[found.last], tuple(map(clean_header, found.headers)), columns)
