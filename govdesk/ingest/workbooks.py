"""Opens XLSX and XLS workbooks, after a look at their bytes that keeps absurd ones out."""

import io
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree

import numpy as np
from python_calamine import CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from govdesk.ingest.file_kinds import check_ole, check_zip_kind
from govdesk.ingest.file_limits import SheetScan, check_archive, check_area, drain, guarded, refuse, scan_sheet
from govdesk.ingest.lying_counts import check_chains, check_counts
from govdesk.ingest.pieces import Block
from govdesk.ingest.probing import probe_workbook
from govdesk.ingest.sheets import Range, Sheet
from govdesk.ingest.typed_cells import as_text

_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
#: Largest workbook.xml and relations that are parsed.
_LARGEST_INDEX = 2**24


def open_workbook(data: bytes, *, is_zip: bool) -> list[Sheet]:
    """Return the sheets of a workbook.

    Parameters
    ----------
    data : bytes
        The file.
    is_zip : bool
        XLSX (else XLS).

    Raises
    ------
    FileRefusedError
        When it is encrypted, no workbook, or too large.
    """
    scans: dict[str, SheetScan] = {}
    if is_zip:
        scans = _scan(data)
        check_area(scans)
    else:
        check_ole(data)
        check_chains(data)
        probe_workbook(data)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    except PasswordError as error:
        raise refuse("file_encrypted") from error
    sheets = []
    for number, about in enumerate(book.sheets_metadata):
        if about.typ == SheetTypeEnum.WorkSheet:
            scan = scans.get(about.name, SheetScan())
            hidden = about.visible != SheetVisibleEnum.Visible
            sheets.append(_sheet(number, book.get_sheet_by_index(number), scan, is_hidden=hidden))
    if not sheets:
        raise refuse("file_without_content")
    return sheets


def _sheet(number: int, sheet: CalamineSheet, scan: SheetScan, *, is_hidden: bool) -> Sheet:
    merges: list[Range] = [(top + 1, left + 1, bottom + 1, right + 1)
                           for (top, left), (bottom, right) in sheet.merged_cell_ranges or []]

    def read(size: int) -> Iterator[Block]:
        return _blocks(sheet, size, broken)

    broken: dict[int, list[tuple[int, str]]] = {}
    for (row, column), text in scan.broken.items():
        broken.setdefault(row, []).append((column - 1, text))
    return Sheet(number, sheet.name, read, is_hidden=is_hidden, merges=merges, n_unsaved=scan.unsaved,
                 n_rows=sheet.end[0] + 1 if sheet.end else 0)


def _blocks(sheet: CalamineSheet, size: int, broken: dict[int, list[tuple[int, str]]]) -> Iterator[Block]:
    """Give the rows of a sheet; rows and columns above and left of the first cell are empty ones.

    The library gives error cells as empty ones; `broken` has what they show, by row.
    """
    if sheet.start is None or sheet.end is None:
        return
    width = sheet.end[1] + 1
    margin = [""] * sheet.start[1]
    rows: list[list[str]] = []
    done = 0
    for cells in sheet.iter_rows():  # begins with row 1, but with the first column that holds anything
        texts = [cell if type(cell) is str else as_text(cell) for cell in cells]
        rows.append(margin + texts)
        for column, text in broken.get(done + len(rows), ()):
            if column < width and not rows[-1][column]:
                rows[-1][column] = text
        if len(rows) >= size:
            yield np.arange(done + 1, done + 1 + len(rows), dtype=np.int64), rows
            done += len(rows)
            rows = []
    if rows:
        yield np.arange(done + 1, done + 1 + len(rows), dtype=np.int64), rows


def _scan(data: bytes) -> dict[str, SheetScan]:
    """Look through all parts that the library will unpack; return the scans of sheets by name."""
    scans: dict[str, SheetScan] = {}
    with guarded(), zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = set(archive.namelist())
        check_zip_kind(names)
        check_archive(archive)
        check_counts(archive)
        paths = _sheet_paths(archive)
        for name in names:
            if name.startswith("xl/") and name.endswith((".xml", ".rels")) and name not in paths:
                drain(archive, name)
        for path, sheet in paths.items():
            if path in names:
                scans[sheet] = scan_sheet(archive, path)
    return scans


def _sheet_paths(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return path within the archive → name of the sheet."""
    targets: dict[str, str] = {}
    for item in _parse(archive, "xl/_rels/workbook.xml.rels").iter():
        target = item.get("Target", "")
        targets[item.get("Id", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    found: dict[str, str] = {}
    for item in _parse(archive, "xl/workbook.xml").iter():
        if item.tag.endswith("}sheet"):
            found[targets.get(item.get(_RELATION, ""), "")] = item.get("name", "")
    return found


def _parse(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    with archive.open(name) as member:
        data = member.read(_LARGEST_INDEX)
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise refuse("file_unreadable", reason="DOCTYPE")
    return ElementTree.fromstring(data)  # noqa: S314 - no entities, checked above
