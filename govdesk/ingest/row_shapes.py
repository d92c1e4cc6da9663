"""Tells a short row whose last cells were left out from one that lacks a cell in the middle."""

import re
from collections import Counter
from collections.abc import Iterable
from itertools import islice

from govdesk.ingest.row_kinds import plain

#: Rows from which the shapes of columns are learnt.
_LEARNT = 300
#: Share of a column's cells that must be alike before a differing one counts.
_ALIKE = 0.95

_SHAPES = (
    ("number", re.compile(r"[-+]?\d+(?:\.\d+)?%?")),
    ("date", re.compile(r"\d{2,4}[-./年]\d{1,2}[-./月]\d{1,2}日?(?:[T ]?\d{1,2}:.*)?")),
    ("code", re.compile(r"[A-Za-z0-9_\-./#]{1,40}")),
)


def shape(text: str) -> str:
    """Return ``blank``, ``number``, ``date``, ``code`` (ASCII without spaces) or ``text``."""
    cell = plain(text)
    if not cell:
        return "blank"
    return next((name for name, pattern in _SHAPES if pattern.fullmatch(cell)), "text")


class ColumnShapes:
    """What the cells of each column look like.

    Parameters
    ----------
    rows : iterable of list of str
        Rows with all of their cells.
    """

    def __init__(self, rows: Iterable[list[str]]) -> None:
        counts: list[Counter[str]] = []
        self._values: list[set[str]] = []
        self.is_known = False
        for row in islice(rows, _LEARNT):
            self.is_known = True
            for at, cell in enumerate(row):
                if at == len(counts):
                    counts.append(Counter())
                    self._values.append(set())
                counts[at][shape(cell)] += 1
                self._values[at].add(cell)
        self._shapes = [_usual(count) for count in counts]

    def fits(self, row: list[str]) -> bool:
        """Return whether the cells of a short row stand in their own columns, so that only the last are missing.

        No where most of the row is missing, where a cell has another shape than its column, or where the cells
        fit better further to the right: a row named as wrong can be mended, one read wrongly is never noticed.
        """
        missing = len(self._shapes) - len(row)
        if missing > len(row) or len(row) < 2:
            return False
        own = self._likeness(row, 0, 0)
        if own is None:
            return False
        shifted = [self._likeness(row, start, missing) for start in range(1, len(row))]
        return all(other is None or other <= own for other in shifted)

    def _likeness(self, row: list[str], start: int, by: int) -> int | None:
        """Return how many cells were seen in the columns they would stand in; None where one cannot stand there."""
        seen = 0
        for at, cell in enumerate(row):
            column = at + by if at >= start else at
            found = shape(cell)
            if found == "blank" or column >= len(self._shapes):
                continue
            usual = self._shapes[column]
            if usual is not None and found != usual:
                return None
            seen += cell in self._values[column]
        return seen


def _usual(counts: Counter[str]) -> str | None:
    """Return the shape a column takes: ``blank`` where it is always empty, None where it takes all sorts."""
    filled = Counter({name: number for name, number in counts.items() if name != "blank"})
    if not filled:
        return "blank"
    name, number = filled.most_common(1)[0]
    return name if number >= _ALIKE * filled.total() else None
