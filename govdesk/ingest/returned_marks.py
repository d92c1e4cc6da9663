"""Marks the cells of a workbook that an import remarked on: a colour, and a comment with reason and remedy."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from govdesk.ingest.notes import Note
from govdesk.ingest.returned_names import AUTHOR

#: Cells that get a comment; the rest is coloured, and all of them stand in the sheet of reasons.
MOST_COMMENTS = 5_000

_FILLS = {name: PatternFill("solid", start_color=colour) for name, colour in (
    ("error", "FFF4C7C3"), ("warning", "FFFFF2CC"), ("row", "FFFBE9E7"))}

#: Level and note.
Said = tuple[str, Note]


def mark_sheet(sheet: Worksheet, said: Sequence[Said], rows: Mapping[int, int], columns: Mapping[str, int],
               width: int, language: str) -> None:
    """Mark what was said about one sheet.

    Parameters
    ----------
    said : sequence of (str, Note)
        ``error`` or ``warning``, and the note; those about the file as a whole are left out.
    rows : mapping of int to int
        Row of the original file to row of `sheet`.
    columns : mapping of str to int
        Column of each header, from 1.
    width : int
        Columns of the table: a row that is wrong as a whole is coloured so far.
    """
    heads = _merged_heads(sheet)
    texts: dict[tuple[int, int], list[str]] = defaultdict(list)
    for level, item in sorted(said, key=lambda one: one[0] == "error"):
        row = rows.get(item.line or 0)
        if row is None:
            continue
        column = columns.get(item.column or "")
        if column is None:
            for at in range(1, width + 1):
                _fill(sheet, heads.get((row, at), (row, at)), "row" if level == "error" else "warning", keep=True)
        where = heads.get((row, column or 1), (row, column or 1))
        if column is not None:
            _fill(sheet, where, level)
        texts[where].append("\n".join(text for text in (item.message(language), item.fix(language)) if text))
    for at, (where, sentences) in enumerate(texts.items()):
        if at < MOST_COMMENTS:
            _comment(sheet, where, sentences)


def _merged_heads(sheet: Worksheet) -> dict[tuple[int, int], tuple[int, int]]:
    """Return the top-left cell of every other cell of a merged range: only it takes colour and comment."""
    return {(row, column): (area.min_row, area.min_col) for area in sheet.merged_cells.ranges
            for row, column in area.cells if area.size["rows"] * area.size["columns"] < 100_000}


def _fill(sheet: Worksheet, where: tuple[int, int], name: str, *, keep: bool = False) -> None:
    cell = sheet.cell(*where)
    if isinstance(cell, Cell) and not (keep and cell.fill.start_color.rgb in _COLOURS):
        cell.fill = _FILLS[name]


_COLOURS = frozenset(fill.start_color.rgb for fill in _FILLS.values())


def _comment(sheet: Worksheet, where: tuple[int, int], sentences: list[str]) -> None:
    cell = sheet.cell(*where)
    if isinstance(cell, MergedCell):
        return
    text = "\n".join(dict.fromkeys(reversed(sentences)))
    if cell.comment is not None:
        text += f"\n\n{cell.comment.text}"
    comment = Comment(text[:2_000], AUTHOR)
    comment.width, comment.height = 360, 60 + 20 * (len(text) // 26 + text.count("\n"))
    cell.comment = comment
