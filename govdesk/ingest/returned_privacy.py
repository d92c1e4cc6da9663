"""Masks all of a workbook before it goes back: cells, comments, properties, names; what cannot be masked is left out.

A returned workbook is shown, mailed and printed: it may hold nothing that the import would not have kept.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.packaging.core import DocumentProperties
from openpyxl.packaging.custom import CustomPropertyList
from openpyxl.styles import PatternFill
from openpyxl.worksheet.filters import AutoFilter
from openpyxl.worksheet.worksheet import Worksheet

from govdesk.ingest.masking import MASK, mask, shown_name, strip_hidden
from govdesk.ingest.notes import make_writable
from govdesk.ingest.returned_names import AUTHOR, is_own
from govdesk.ingest.text_repair import repair
from govdesk.rules.plain_text import begins_formula

#: What stands for masked text where no asterisk may.
_NAME_MASK = "xxx"


#: Columns, from 1, that an import keeps as running numbers (True) or as names and codes (False).
Labels = Mapping[int, bool]


def masked(text: str, is_reference: bool | None = None) -> str:
    """Return a text without what is about persons and without hidden characters; garbled text is mended first.

    Parameters
    ----------
    text : str
        A cell, or any other text of a workbook.
    is_reference : bool, optional
        As in `Labels`: masked as the import masks it, or the row would come back under another number.
    """
    plain = strip_hidden(text if text.isascii() else repair(text).text)
    return mask(plain, is_reference=bool(is_reference), is_prose=is_reference is None)[0]


def write_text(cell: Cell, text: str) -> None:
    """Write a text that stays one, whatever it begins with."""
    cell.value = text
    cell.data_type = "s"
    if begins_formula(text):
        cell.quotePrefix = True


def mask_workbook(book: Workbook, labels: Mapping[str, tuple[int, Labels]]) -> None:
    """Mask a workbook that was read with its values instead of its formulas.

    Parameters
    ----------
    book : Workbook
        The workbook.
    labels : mapping
        Title of a sheet → last row of its header, and its columns of running numbers and names.
    """
    for sheet in list(book.chartsheets):
        book.remove(sheet)
    for name in [name for name in book.sheetnames if is_own(name)]:
        del book[name]
    book.properties = DocumentProperties(creator=AUTHOR)
    book.custom_doc_props = CustomPropertyList()
    _mask_names(book.defined_names)
    for sheet in book.worksheets:
        _mask_sheet(sheet, *labels.get(sheet.title, (0, {})))


def mask_column(sheet: Worksheet, column: int, below: int) -> None:
    """Mask every cell of a column below a row: what it holds is about a person whatever it looks like."""
    for (row, at), cell in sheet._cells.items():
        if at == column and row > below and isinstance(cell, Cell) and cell.value not in (None, ""):
            write_text(cell, MASK)


def _mask_sheet(sheet: Worksheet, head: int, labels: Labels) -> None:
    for cell in sheet._cells.values():
        if isinstance(cell, Cell):
            _mask_cell(cell, labels.get(cell.column) if cell.row > head else None)
    plain = shown_name(sheet.title)
    if plain != sheet.title:
        sheet.title = plain.replace(MASK, _NAME_MASK)
    # Pictures may show a document, charts and pivot tables keep copies of the data.
    sheet._images, sheet._charts, sheet._pivots = [], [], []
    sheet.legacy_drawing = None
    sheet.scenarios = None
    _mask_names(sheet.defined_names)
    _mask_filters(sheet)
    _mask_rules(sheet)
    for part in (sheet.oddHeader, sheet.oddFooter, sheet.evenHeader, sheet.evenFooter, sheet.firstHeader,
                 sheet.firstFooter):
        for item in (part.left, part.center, part.right):
            item.text = masked(item.text) if item.text else item.text


def _mask_cell(cell: Cell, is_reference: bool | None) -> None:
    value = cell.value
    if isinstance(value, str):
        plain = masked(value, is_reference)
        if plain != value or cell.data_type == "f":
            write_text(cell, plain)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        text = str(int(value)) if float(value).is_integer() else repr(value)
        if masked(text, is_reference) != text:
            write_text(cell, masked(text, is_reference))
    if cell.hyperlink is not None:
        cell.hyperlink = None
    if cell.comment is not None:
        _mask_comment(cell)


def _mask_comment(cell: Cell) -> None:
    """Mask a comment; ours of an earlier round goes, and its colour with it."""
    held = cell.comment
    assert held is not None  # noqa: S101 - the caller looked
    cell.comment = None
    if held.author == AUTHOR:
        cell.fill = PatternFill()
    else:
        cell.comment = Comment(masked(make_writable_lines(held.text or "")), "")


def make_writable_lines(text: str) -> str:
    """Return a text whose lines can be written."""
    return "\n".join(make_writable(line) for line in text.splitlines())


def _mask_names(names: Any) -> None:
    for name in [key for key, item in names.items() if masked(f"{key} {item.attr_text} {item.comment or ''}")
                 != f"{key} {item.attr_text} {item.comment or ''}"]:
        del names[name]


def _mask_filters(sheet: Worksheet) -> None:
    """Take filters' criteria out, which are values of cells, and show what they hid."""
    filters: Iterable[AutoFilter | None] = [sheet.auto_filter, *(table.autoFilter for table in sheet.tables.values())]
    for item in filters:
        if item is not None and item.filterColumn:
            item.filterColumn = []
            for dimension in sheet.row_dimensions.values():
                dimension.hidden = False
    for table in sheet.tables.values():
        row = table.ref.split(":")[0]
        first = sheet[row]
        for at, column in enumerate(table.tableColumns):
            held = sheet.cell(first.row, first.column + at)
            if not isinstance(held, MergedCell) and held.value is not None:
                column.name = str(held.value)


def _mask_rules(sheet: Worksheet) -> None:
    for rule in sheet.data_validations.dataValidation:
        for name in ("formula1", "formula2", "prompt", "promptTitle", "error", "errorTitle"):
            held = getattr(rule, name)
            if held:
                setattr(rule, name, masked(held))
    for group in sheet.conditional_formatting:
        for rule in group.rules:
            rule.formula = [masked(text) for text in rule.formula or []]
            rule.text = masked(rule.text) if rule.text else rule.text
