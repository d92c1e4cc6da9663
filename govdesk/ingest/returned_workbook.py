"""Writes a file back as a workbook in which what is wrong is marked, to be corrected and imported again.

An XLSX comes back as itself, with its layout; anything else as a new workbook of text. It is never a copy of the
bytes: all of it goes through `returned_privacy`.
"""

import gzip
import io
import re
import zipfile
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, islice
from pathlib import Path

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from govdesk.ingest.masking import MASK
from govdesk.ingest.notes import ImportReport, Note, label
from govdesk.ingest.personal_columns import SAMPLE
from govdesk.ingest.profiles import FileSection
from govdesk.ingest.returned_marks import Said, mark_sheet
from govdesk.ingest.returned_names import is_own, row_header
from govdesk.ingest.returned_persons import find_hidden
from govdesk.ingest.returned_privacy import mask_column, mask_workbook, masked, write_text
from govdesk.ingest.returned_reasons import write_reasons
from govdesk.ingest.returned_source import Line, SourceSheet, find_head, read_rows
from govdesk.ingest.sheets import HEAD

#: Above either, only the rows with errors come back: openpyxl holds about 8 KB a row of ten columns.
MOST_ROWS = 100_000
MOST_CELLS = 1_500_000
MOST_BYTES = 30 * 2**20
#: Unpacked bytes of a workbook that is loaded whole.
MOST_UNPACKED = 300 * 2**20
#: What the name of a sheet must not hold.
_FORBIDDEN = re.compile(r"[\\/*?:\[\]]")
#: What XML cannot hold.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class ReturnOptions:
    """What the workbook says about the import.

    Attributes
    ----------
    file : FileSection
        Section ``[file]`` of the profile.
    file_name, profile : str
        Names of the file, as its sender called it, and of the profile.
    at : datetime
        When, in the county's time.
    labels : dict of str to bool
        Headers of running numbers and names, `wanted_headers.label_headers`.
    """

    file: FileSection
    file_name: str
    profile: str
    at: datetime
    labels: dict[str, bool] = field(default_factory=dict)

    def name_headers(self, said: list[Said]) -> set[str]:
        """Return the headers that are looked for: those of remarks, and those of running numbers."""
        return {item.column for _, item in said if item.column} | self.labels.keys()

    def find_labels(self, columns: dict[str, int]) -> dict[int, bool]:
        """Return which columns are running numbers and names; see `returned_privacy.Labels`."""
        return {columns[name]: is_reference for name, is_reference in self.labels.items() if name in columns}


@dataclass(slots=True)
class _Placed:
    """A sheet of the new workbook: where rows and columns of the original stand in it."""

    sheet: Worksheet
    rows: dict[int, int] | None
    columns: dict[str, int]
    width: int
    last: int

    def row(self, line: int) -> int | None:
        return line if self.rows is None else self.rows.get(line)


def write_returned_workbook(source: Path, report: ImportReport, target: Path, language: str,
                            options: ReturnOptions) -> None:
    """Write a file back with the remarks of its import.

    Parameters
    ----------
    source : Path
        The file that was imported.
    report : ImportReport
        What its import, or dry run, said.
    target : Path
        Where the workbook goes; written whole or not at all.
    language : {"zh", "en"}
        Language of comments and reasons.
    options : ReturnOptions
        What else it says.

    Raises
    ------
    FileRefusedError
        When the file cannot be read.
    """
    said: list[Said] = [("error", item) for item in report.errors] + [("warning", item) for item in report.warnings]
    data = _read_xlsx(source)
    remarks = ["values"]
    if data is not None and not _is_large(data):
        book = load_workbook(io.BytesIO(data), data_only=True, keep_links=False)
        if _has_drawings(data):
            remarks.append("drawings")
        placed = {label(sheet.title): _place(sheet, said, report, options) for sheet in book.worksheets
                  if not is_own(sheet.title)}
        mask_workbook(book, {held.sheet.title: (held.last, options.find_labels(held.columns))
                             for held in placed.values()})
    else:
        book, placed, is_whole = _write_text_book(source, report, said, options, language)
        remarks = ["plain"] if is_whole else ["only_bad"]
    _mark(placed, said, language)

    def locate(item: Note) -> tuple[str, str] | None:
        held = placed.get(item.sheet or "")
        row = None if held is None or item.line is None else held.row(item.line)
        if held is None or row is None:
            return None
        return held.sheet.title, f"{get_column_letter(held.columns.get(item.column or '', 1))}{row}"

    write_reasons(book, report, said, locate, file_name=options.file_name, profile=options.profile, at=options.at,
                  remarks=remarks, language=language)
    part = target.with_name(f"{target.name}.part")
    try:
        book.save(part)
        part.replace(target)
    finally:
        with suppress(FileNotFoundError):
            part.unlink()


def _read_xlsx(source: Path) -> bytes | None:
    """Return the bytes of an XLSX, unpacked from gzip; None for any other file, and for one too large to load."""
    if source.stat().st_size > MOST_BYTES:
        return None
    data = source.read_bytes()
    if data.startswith(b"\x1f\x8b"):
        with gzip.open(io.BytesIO(data)) as packed:
            data = packed.read(MOST_BYTES + 1)
    return data if data.startswith(b"PK\x03\x04") and len(data) <= MOST_BYTES else None


def _is_large(data: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(item.file_size for item in archive.infolist()) > MOST_UNPACKED:
            return True
        rows = sum(archive.read(name).count(b"<row") for name in archive.namelist()
                   if name.startswith("xl/worksheets/") and name.endswith(".xml"))
    return rows > MOST_ROWS


def _has_drawings(data: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        lost = ("xl/drawings/drawing", "xl/media/", "xl/charts/", "xl/pivotTables/", "xl/diagrams/")
        if any(name.startswith(lost) for name in names):
            return True
        if any(b"sparklineGroup" in archive.read(name) for name in names if name.startswith("xl/worksheets/sheet")):
            return True
        return "xl/sharedStrings.xml" in names and b"<r>" in archive.read("xl/sharedStrings.xml")


def _place(sheet: Worksheet, said: list[Said], report: ImportReport, options: ReturnOptions) -> _Placed:
    """Find a sheet's header, and hide its columns about persons."""
    rows: list[Line] = [
        (number, ["" if cell is None else str(cell) for cell in cells]) for number, cells in enumerate(
            sheet.iter_rows(max_row=min(HEAD + SAMPLE, sheet.max_row), values_only=True), 1)]
    merges = [(area.min_row, area.min_col, area.max_row, area.max_col) for area in sheet.merged_cells.ranges]
    head = find_head(rows, merges, options.name_headers(said), options.file)
    below = [cells for line, cells in rows if line > head.last]
    for column in find_hidden(head.headers, below, report, label(sheet.title)):
        mask_column(sheet, column, head.last)
    return _Placed(sheet, None, head.columns, min(sheet.max_column, 50), head.last)


def _mark(placed: dict[str, _Placed], said: list[Said], language: str) -> None:
    for name, held in placed.items():
        mine = [(level, item) for level, item in said if item.line is not None and (item.sheet or "") == name]
        rows = {item.line: row for _, item in mine if item.line is not None
                and (row := held.row(item.line)) is not None}
        mark_sheet(held.sheet, mine, rows, held.columns, held.width, language)


def _write_text_book(source: Path, report: ImportReport, said: list[Said], options: ReturnOptions,
                     language: str) -> tuple[Workbook, dict[str, _Placed], bool]:
    """Return a new workbook with the rows as text: all of them, or where those are many the header and the bad ones."""
    is_whole = source.stat().st_size <= MOST_BYTES and _count_cells(source, options.file) is not None
    book = Workbook()
    book.remove(book.worksheets[0])
    placed: dict[str, _Placed] = {}
    for found in read_rows(source, options.file):
        name = label(found.name or "")
        bad = {item.line for _, item in said if item.line is not None and (item.sheet or "") == name}
        if not is_whole and not bad:
            continue
        sheet = book.create_sheet(_title(found.name))
        placed[name] = _TextSheet(sheet, found, report, said, None if is_whole else bad, language).write(options)
    return book, placed, is_whole


def _title(name: str | None) -> str:
    """Return the name of a sheet, without what Excel forbids in one."""
    return _FORBIDDEN.sub("x", label(name or "Sheet1"))[:31]


def _count_cells(source: Path, options: FileSection) -> int | None:
    """Return how many cells a file has; None where there are too many to give them all back."""
    rows = cells = 0
    for sheet in read_rows(source, options):
        for _, line in sheet.rows:
            rows, cells = rows + 1, cells + len(line)
            if rows > MOST_ROWS or cells > MOST_CELLS:
                return None
    return cells


@dataclass(slots=True)
class _TextSheet:
    """Writes a sheet of text: all rows, or the header and those of `only` with their number in a column of ours."""

    sheet: Worksheet
    source: SourceSheet
    report: ImportReport
    said: list[Said]
    only: set[int] | None
    language: str

    def write(self, options: ReturnOptions) -> _Placed:
        start = list(islice(self.source.rows, HEAD + SAMPLE))
        head = find_head(start, self.source.merges, options.name_headers(self.said), options.file)
        below = [cells for line, cells in start if line > head.last]
        hidden = find_hidden(head.headers, below, self.report, label(self.source.name or ""))
        width = max((len(cells) for _, cells in start), default=1)
        labels = options.find_labels(head.columns)
        where: dict[int, int] = {}
        for line, cells in chain(start, self.source.rows):
            if self.only is not None and line > head.last and line not in self.only:
                continue
            where[line] = row = line if self.only is None and self.source.name is not None else len(where) + 1
            self._write_row(row, cells, hidden, labels, is_head=line <= head.last)
            if self.only is not None and line >= head.last:
                text = row_header(self.language) if line == head.last else str(line)
                write_text(self.sheet.cell(row, width + 1), text)
        if self.only is None:
            self._merge(where)
        return _Placed(self.sheet, where, head.columns, width, head.last)

    def _write_row(self, row: int, cells: list[str], hidden: set[int], labels: dict[int, bool], *,
                   is_head: bool) -> None:
        for column, text in enumerate(cells, 1):
            if not text:
                continue
            cell = self.sheet.cell(row, column)
            is_reference = None if is_head else labels.get(column)
            is_hidden = column in hidden and not is_head
            write_text(cell, MASK if is_hidden else make_writable_cell(masked(text, is_reference)))
            cell.number_format = "@"
            if is_head:
                cell.font = Font(bold=True)

    def _merge(self, where: dict[int, int]) -> None:
        """Merge the cells that were merged: the header over two rows, a village over its records."""
        for top, left, bottom, right in self.source.merges:
            if top in where and bottom in where:
                self.sheet.merge_cells(start_row=where[top], start_column=left, end_row=where[bottom],
                                       end_column=right)


def make_writable_cell(text: str) -> str:
    """Return a masked text as a workbook takes it: its lines and tabs stay; Excel's limit."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", plain)[:32_767]
