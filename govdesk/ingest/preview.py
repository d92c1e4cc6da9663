"""The first rows of a file as a reader of it understands them: for a screen, and for marking cells in a workbook."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from govdesk.ingest.file_limits import guarded
from govdesk.ingest.masking import shown
from govdesk.ingest.notes import SHEET
from govdesk.ingest.pieces import FileFacts
from govdesk.ingest.profiles import FileSection
from govdesk.ingest.readers import file_kind, open_sheets, open_table
from govdesk.ingest.shaping import Shaper
from govdesk.ingest.sheet_choice import Opened, look
from govdesk.ingest.wanted_headers import WantedHeader

#: Longest cell that a preview holds, in characters.
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class SheetPreview:
    """The first rows of one sheet.

    Attributes
    ----------
    name : str
        Empty in a file without sheets.
    is_hidden : bool
        Whether Excel hides it.
    title_lines : list of str
        What stands above the header, a text a row, masked as notes are.
    header_rows : tuple of int
        Rows of the header as Excel shows them; empty where none was found.
    confidence : float
        How sure the header is, 0–1.
    headers : list of str
        Text of each column's header, ``""`` where it has none.
    lower_headers : list of str
        Lowest part of each.
    columns : list of int
        Number of each header's column, from 1, as Excel counts.
    lines : list of int
        Row of each record shown, as Excel shows it.
    rows : list of list of str
        The records, a text for each header; merged cells are filled. Nothing in them is masked.
    aside : list of (int, str, str)
        Row, kind and text (masked) of rows that are no records.
    n_rows : int or None
        Rows of the sheet, those above the header included, where known without reading all of it.
    bound : dict of int to int
        Which of the wanted headers is which of `headers`, by index.
    """

    name: str
    is_hidden: bool
    title_lines: list[str]
    header_rows: tuple[int, ...]
    confidence: float
    headers: list[str]
    lower_headers: list[str]
    columns: list[int]
    lines: list[int]
    rows: list[list[str]]
    aside: list[tuple[int, str, str]]
    n_rows: int | None
    bound: dict[int, int]


@dataclass(frozen=True, slots=True)
class Preview:
    """A file before it is imported.

    Attributes
    ----------
    format : str
        As `pieces.FileFacts` has it.
    encoding, delimiter : str or None
        Of a text file.
    n_bytes : int
        Size of the file.
    sheets : list of SheetPreview
        All sheets, those that will not be read included.
    """

    format: str
    encoding: str | None
    delimiter: str | None
    n_bytes: int
    sheets: list[SheetPreview]


def read_preview(path: Path, options: FileSection, most: int = 200, wanted: Sequence[WantedHeader] = ()) -> Preview:
    """Read the first rows of every sheet of a file.

    Parameters
    ----------
    path : Path
        The file.
    options : FileSection
        How it is opened; the default finds everything out. A sheet named there does not hide the others.
    most : int
        Records of each sheet.
    wanted : sequence of WantedHeader
        Headers by which the header row is found (`wanted_headers.wanted_headers(profile)`).

    Raises
    ------
    FileRefusedError
        When it cannot be used at all; `note` says why.
    """
    facts = FileFacts("")
    with guarded():
        size = path.stat().st_size
        if _is_parquet(path, facts):
            sheets = [_of_parquet(path, options, most, facts)]
        else:
            opened = [look(sheet, options, wanted) for sheet in open_sheets(path, options, facts, wanted)]
            sheets = [_of_sheet(item, most) for item in opened]
    return Preview(facts.format, facts.encoding, facts.delimiter, size, sheets)


def _is_parquet(path: Path, facts: FileFacts) -> bool:
    kind, facts.is_gzip = file_kind(path)
    return kind == "parquet"


def _of_parquet(path: Path, options: FileSection, most: int, facts: FileFacts) -> SheetPreview:
    facts.format = "parquet"
    table = open_table(path, options, most)
    piece = next(table.pieces, None)
    rows = [list(row) for row in zip(*(cells.tolist() for cells in piece.cells), strict=True)] if piece else []
    return SheetPreview("", is_hidden=False, title_lines=[], header_rows=(), confidence=1.0, headers=table.headers,
                        lower_headers=table.lower, columns=list(range(1, len(table.headers) + 1)),
                        lines=piece.lines.tolist() if piece else [], rows=_short(rows), aside=[], n_rows=None, bound={})


def _of_sheet(item: Opened, most: int) -> SheetPreview:
    name, header = item.sheet.name or "", item.header
    if header is None:
        return SheetPreview(name, item.sheet.is_hidden, _texts(item.rows), (), 0.0, [], [], [], [], [], [],
                            item.sheet.n_rows, {})
    shaper = Shaper(item.sheet, header, item.lines, item.rows, list(range(header.width)), FileFacts(""))
    lines, rows, aside = _records(shaper, most)
    texts = _line_texts(item, most)
    return SheetPreview(
        name, item.sheet.is_hidden, _texts(item.rows[: header.first]),
        tuple(item.lines[at] for at in range(header.first, header.last + 1)), header.confidence,
        list(header.headers[: header.width]), list(header.lower[: header.width]), list(range(1, header.width + 1)),
        lines, _short(rows), [(line, kind, texts.get(line, "")) for line, kind in aside], item.sheet.n_rows, item.bound)


def _records(shaper: Shaper, most: int) -> tuple[list[int], list[list[str]], list[tuple[int, str]]]:
    lines: list[int] = []
    rows: list[list[str]] = []
    aside: list[tuple[int, str]] = []
    for piece in shaper.pieces(most + 1):
        lines += [line % SHEET for line in piece.lines.tolist()]
        rows += [list(row) for row in zip(*(cells.tolist() for cells in piece.cells), strict=True)]
        aside += [(position % SHEET, kind) for position, kind in piece.aside]
        if len(rows) >= most:
            break
    last = lines[most - 1] if len(lines) >= most else None
    return lines[:most], rows[:most], [item for item in aside if last is None or item[0] <= last]


def _line_texts(item: Opened, most: int) -> dict[int, str]:
    """Return the text of the first lines, for those that are put aside."""
    def each() -> Iterator[tuple[int, str]]:
        for numbers, block in item.sheet.read(most + len(item.rows)):
            yield from zip(numbers.tolist(), map(_text, block), strict=True)

    return dict(islice(each(), most * 2 + len(item.rows)))


def _text(row: Sequence[str]) -> str:
    return shown("  ".join(" ".join(cell.split()) for cell in row if cell.strip()))


def _texts(rows: list[list[str]]) -> list[str]:
    return [text for text in map(_text, rows) if text]


def _short(rows: list[list[str]]) -> list[list[str]]:
    return [[cell if len(cell) <= _LONGEST else cell[:_LONGEST] + "…" for cell in row] for row in rows]

