"""Reads workbooks in the XML of Excel 2003 (SpreadsheetML), which old office systems export as .xls."""

import io
from collections.abc import Iterator
from xml.etree import ElementTree

import numpy as np

from govdesk.ingest.file_limits import MOST_CELLS, refuse
from govdesk.ingest.pieces import Block
from govdesk.ingest.sheets import Range, Sheet

_SS = "{urn:schemas-microsoft-com:office:spreadsheet}"


def open_spreadsheetml(data: bytes) -> list[Sheet]:
    """Return the sheets of an Excel 2003 XML file.

    Raises
    ------
    FileRefusedError
        When it declares entities, or has more cells than fit.
    """
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise refuse("file_unreadable", reason="DOCTYPE")
    sheets: list[Sheet] = []
    for _, element in ElementTree.iterparse(io.BytesIO(data)):  # noqa: S314 - no entities, checked above
        if element.tag == f"{_SS}Worksheet":
            sheets.append(_sheet(len(sheets), element))
            element.clear()
    if not sheets:
        raise refuse("file_without_content")
    return sheets


def _sheet(number: int, element: ElementTree.Element) -> Sheet:
    rows: list[list[str]] = []
    merges: list[Range] = []
    name = element.get(f"{_SS}Name", str(number + 1))
    total = 0
    for row in element.iter(f"{_SS}Row"):
        at = int(row.get(f"{_SS}Index", len(rows) + 1))
        cells = _cells(row, at, merges)
        total += len(cells) + max(at - len(rows) - 1, 0)
        if total > MOST_CELLS or at > MOST_CELLS:
            raise refuse("sheet_too_wide", sheet=name, cell=f"A{at}", most=f"{MOST_CELLS:,}")
        rows += [[] for _ in range(len(rows), at - 1)]
        rows.append(cells)
    width = max(map(len, rows), default=0)
    if width * len(rows) > MOST_CELLS:
        raise refuse("sheet_too_wide", sheet=name, cell=f"A{len(rows)}", most=f"{MOST_CELLS:,}")
    padded = [row + [""] * (width - len(row)) for row in rows]

    def read(size: int) -> Iterator[Block]:
        for start in range(0, len(padded), size):
            some = padded[start:start + size]
            yield np.arange(start + 1, start + 1 + len(some), dtype=np.int64), some

    return Sheet(number, name, read, merges=merges, n_rows=len(rows))


def _cells(row: ElementTree.Element, line: int, merges: list[Range]) -> list[str]:
    cells: list[str] = []
    for cell in row.iter(f"{_SS}Cell"):
        at = int(cell.get(f"{_SS}Index", len(cells) + 1))
        if at > 16_384:
            raise refuse("file_unreadable", reason="Index")
        cells += [""] * (at - 1 - len(cells))
        across, down = int(cell.get(f"{_SS}MergeAcross", 0)), int(cell.get(f"{_SS}MergeDown", 0))
        if across > 16_384:
            raise refuse("file_unreadable", reason="MergeAcross")
        if across or down:
            merges.append((line, len(cells) + 1, line + down, len(cells) + 1 + across))
        cells.append(_text(cell))
        cells += [""] * across
    return cells


def _text(cell: ElementTree.Element) -> str:
    data = cell.find(f"{_SS}Data")
    if data is None:
        return ""
    text = "".join(data.itertext())
    match data.get(f"{_SS}Type"):
        case "Number":
            return str(int(float(text))) if _is_whole(text) else text
        case "DateTime":
            return text.removesuffix(".000").replace("T", " ").removesuffix(" 00:00:00")
        case "Boolean":
            return "true" if text == "1" else "false"
        case "Error":
            return ""
        case _:
            return text


def _is_whole(text: str) -> bool:
    try:
        return float(text).is_integer() and abs(float(text)) < 1e15
    except ValueError:
        return False
