"""A sheet as every format gives it, before anything is understood: rows of text, and which cells are merged."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from govdesk.ingest.pieces import Block

#: Rows above which a header is looked for; titles, notes and instructions rarely take more.
HEAD = 60

#: First row, first column, last row, last column of a merged range, all from 1.
Range = tuple[int, int, int, int]


@dataclass(slots=True)
class Sheet:
    """One sheet, or the only table of a file.

    Attributes
    ----------
    number : int
        From 0; part of every position.
    name : str or None
        None in a file without sheets.
    read : callable
        Gives the rows from the top, in blocks of about as many rows as asked for.
    is_hidden : bool
        Whether Excel hides it.
    is_ragged : bool
        Whether a row may be shorter than the table is wide (text), so that a missing cell can mean a shift.
    merges : list of Range
        Merged cells.
    n_unsaved : int
        Formulas without a value.
    n_rows : int or None
        Rows, where known without reading.
    """

    number: int
    name: str | None
    read: Callable[[int], Iterator[Block]]
    is_hidden: bool = False
    is_ragged: bool = False
    merges: list[Range] = field(default_factory=list)
    n_unsaved: int = 0
    n_rows: int | None = None

    def head(self, most: int = HEAD) -> tuple[list[int], list[list[str]]]:
        """Return the first rows and their lines, merged cells not yet filled."""
        lines: list[int] = []
        rows: list[list[str]] = []
        for numbers, block in self.read(most):
            lines += numbers.tolist()
            rows += block
            if len(rows) >= most:
                break
        return lines[:most], rows[:most]


def fill_merged(rows: list[list[str]], lines: list[int], merges: list[Range]) -> list[list[str]]:
    """Return rows in which each cell of a merged range holds its top-left text."""
    if not merges:
        return rows
    at = {line: index for index, line in enumerate(lines)}
    filled = [list(row) for row in rows]
    for top, left, bottom, right in merges:
        if top not in at or left > len(filled[at[top]]):
            continue
        text = filled[at[top]][left - 1]
        for line in range(top, bottom + 1):
            if line in at:
                row = filled[at[line]]
                for column in range(left, min(right, len(row)) + 1):
                    row[column - 1] = text
    return filled
