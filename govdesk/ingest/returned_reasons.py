"""The sheet of reasons in a workbook that goes back: what came of the file, and each remark with a link to its cell."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from govdesk.ingest.notes import ImportReport, Note, make_writable
from govdesk.ingest.returned_marks import Said
from govdesk.ingest.returned_names import notes_sheet
from govdesk.ingest.returned_privacy import masked, write_text
from govdesk.words import say

#: Remarks that are listed; a sheet takes 65,530 links.
MOST_LISTED = 50_000

_WIDTHS = (8, 18, 8, 18, 24, 56, 64)
_HEADERS = ("level", "sheet_column", "row", "column", "value", "reason", "fix")
_COUNTS = ("read", "taken", "rejected", "duplicates", "masked", "aside")

#: Gives the sheet's title and the cell that a note is about; None where it is about the file as a whole.
Locate = Callable[[Note], tuple[str, str] | None]


def write_reasons(book: Workbook, report: ImportReport, said: Sequence[Said], locate: Locate, *, file_name: str,
                  profile: str, at: datetime, remarks: Sequence[str], language: str) -> Worksheet:
    """Add the sheet of reasons as the last sheet.

    Parameters
    ----------
    said : sequence of (str, Note)
        ``error`` or ``warning``, and the note.
    locate : callable
        Where a note stands in this workbook.
    file_name, profile, at : str, str, datetime
        What was imported, by which profile, when (county's time).
    remarks : sequence of str
        Keys of `locales/*/returned.toml`: what the reader of this workbook has to know about it.
    """
    sheet = book.create_sheet(notes_sheet(language))
    sheet.sheet_properties.tabColor = "1F5FA8"
    row = 1
    for row, (text, is_title) in enumerate(_top(report, file_name, profile, at, remarks, language), 1):
        cell = sheet.cell(row, 1)
        write_text(cell, text)
        cell.font = Font(bold=True, size=14) if is_title else Font()
    row += 2
    for column, (name, width) in enumerate(zip(_HEADERS, _WIDTHS, strict=True), 1):
        cell = sheet.cell(row, column)
        write_text(cell, say(f"returned.{name}", language))
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", start_color="FFEEF3F7")
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = sheet.cell(row + 1, 1)
    for number, (level, item) in enumerate(said[:MOST_LISTED], row + 1):
        _write_line(sheet, number, level, item, locate(item), language)
    if len(said) > MOST_LISTED:
        write_text(sheet.cell(row + 1 + MOST_LISTED, 1), say("returned.more", language, n=len(said) - MOST_LISTED))
    return sheet


def _top(report: ImportReport, file_name: str, profile: str, at: datetime, remarks: Sequence[str],
         language: str) -> Iterator[tuple[str, bool]]:
    yield say("returned.title", language, file=masked(make_writable(file_name))), True
    yield say("returned.when", language, at=at.strftime("%Y-%m-%d %H:%M"), profile=profile), False
    counts = {name: f"{getattr(report, 'accepted' if name == 'taken' else name):,}" for name in _COUNTS}
    yield say("returned.counts", language, **counts), False
    yield say("returned.committed" if report.committed else "returned.dry", language), False
    yield say("returned.how", language), False
    for remark in remarks:
        yield say(f"returned.{remark}", language), False


def _write_line(sheet: Worksheet, row: int, level: str, item: Note, where: tuple[str, str] | None,
                language: str) -> None:
    texts = (say(f"returned.{level}", language), item.sheet or "", None, item.column or "", item.value or "",
             item.message(language), item.fix(language))
    for column, text in enumerate(texts, 1):
        cell = sheet.cell(row, column)
        if text is None:
            cell.value = item.line
        else:
            write_text(cell, masked(make_writable(text)))
        cell.alignment = Alignment(vertical="top", wrap_text=column > 5)
    if where is not None and item.line is not None:
        title, target = where
        quoted = title.replace("'", "''")
        cell = sheet.cell(row, 3)
        cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{quoted}'!{target}")
        cell.font = Font(color="FF1F5FA8", underline="single")
