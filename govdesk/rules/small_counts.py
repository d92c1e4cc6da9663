"""Which cells of a table of counts stay untold, so that its sums do not give them back.

SOURCE: L. H. Cox, "Suppression methodology and statistical disclosure control", JASA 75 (1980) 377-385 (primary and
complementary suppression); D. Gusfield, "A graph theoretic approach to statistical data security", SIAM J. Comput. 17
(1988) 552-571 (what the sums give away is read off the cycles of a graph).

Rows, columns, their totals and the grand total are flows: row to column through each cell, from a source to each row
through its total, from each column through its total to a sink, and back through the grand total. What is told is
fixed. An untold cell can be another number exactly where one unit more can flow in a circle through it, or one less:
then nobody can work it out, also knowing that no count is below zero.
"""

from collections.abc import Callable, Sequence
from heapq import heappop, heappush

import numpy as np
import numpy.typing as npt

from govdesk.terms import SMALL_COUNT

Mask = npt.NDArray[np.bool_]
Cell = tuple[int, int]
Ways = dict[int, list[tuple[int, Cell]]]

#: Numbers of the two ends that belong to no row or column.
_SOURCE, _SINK = 0, 1


def hide_small_counts(
    counts: Sequence[Sequence[int]] | npt.NDArray[np.int64], least: int = SMALL_COUNT, *, tells_totals: bool = False
) -> Mask:
    """Return which cells of a table of counts must not be told.

    Every cell from 1 to ``least - 1`` is hidden, and small others that keep these from being worked out. A zero says
    nothing of anybody and is hidden only as a complement. Where the cells of a row or column are too few, its total is
    hidden, too; not where the totals are told anyhow. Tables that share their totals (categories by villages, villages
    by months) are then safe side by side: what they have in common is told, so that one says nothing of the other.

    Parameters
    ----------
    counts : array of int, rows × columns
        Incidents; none below zero.
    least : int
        Counts from here on are told.
    tells_totals : bool
        The totals stand elsewhere, another table may share them: none is hidden. What they give away by themselves (the
        only cell of a row) is hidden in this table, and that is all that can be done.

    Returns
    -------
    array of bool, (rows + 1) × (columns + 1)
        True where nothing is told. The last column holds the totals of the rows, the last row those of the columns.

    Examples
    --------
    >>> hide_small_counts([[1, 8, 9], [7, 6, 9], [5, 9, 9]])[:3, :3].astype(int).tolist()
    [[1, 1, 0], [1, 1, 0], [0, 0, 0]]

    Raises
    ------
    ValueError
        When a count is below zero, or the table has no two dimensions.
    """
    inner = np.asarray(counts, dtype=np.int64)
    if inner.ndim != 2 or (inner < 0).any():
        message = "a table of counts has rows and columns, and no count below zero"
        raise ValueError(message)
    whole = add_totals(inner)
    hidden = np.zeros(whole.shape, dtype=bool)
    hidden[:-1, :-1] = (inner > 0) & (inner < least)
    usable = np.ones(whole.shape, dtype=bool)
    if tells_totals:
        usable[-1, :] = usable[:, -1] = False
    while (bare := _find_bare(whole, hidden)) is not None:
        circle = _find_circle(whole, hidden, bare, usable)
        if not circle:  # all that is not zero lies in one row or column: told totals say everything
            break
        for cell in circle:
            hidden[cell] = True
    return hidden


def add_totals(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return a table with its totals as the last row and the last column."""
    with_rows = np.hstack([counts, counts.sum(axis=1, keepdims=True)])
    return np.vstack([with_rows, with_rows.sum(axis=0, keepdims=True)])


def _find_bare(whole: npt.NDArray[np.int64], hidden: Mask) -> Cell | None:
    """Return a hidden cell that those told give away, or None."""
    ways = _list_ways(whole, hidden)
    for row, column in np.argwhere(hidden):
        cell = (int(row), int(column))
        start, end = _ends(cell, whole.shape)
        can_fall = whole[cell] > 0 and _find_way(ways, start, end, cell, lambda _: 0) is not None
        if not (can_fall or _find_way(ways, end, start, cell, lambda _: 0) is not None):
            return cell
    return None


def _find_circle(whole: npt.NDArray[np.int64], hidden: Mask, bare: Cell, usable: Mask) -> list[Cell]:
    """Return what to hide so that a bare cell could be one more or less: the least, no zero and no total if it can."""
    n_rows, n_columns = whole.shape[0] - 1, whole.shape[1] - 1

    def cost(cell: Cell) -> int:
        if hidden[cell]:
            return 0
        n_totals = int(cell[0] == n_rows) + int(cell[1] == n_columns)
        most = int(whole[-1, -1]) + 1
        if n_totals:
            return most << 20 * n_totals
        return int(whole[cell]) or most

    start, end = _ends(bare, whole.shape)
    ways = _list_ways(whole, usable)
    more = _find_way(ways, end, start, bare, cost)
    less = _find_way(ways, start, end, bare, cost) if whole[bare] > 0 else None
    return min((one for one in (more, less) if one is not None), key=lambda one: sum(map(cost, one)), default=[])


def _ends(cell: Cell, shape: tuple[int, ...]) -> tuple[int, int]:
    """Return from which end to which a cell lets flow."""
    row, column = cell
    n_rows, n_columns = shape[0] - 1, shape[1] - 1
    if row == n_rows:
        return (_SINK, _SOURCE) if column == n_columns else (2 + n_rows + column, _SINK)
    return (_SOURCE, 2 + row) if column == n_columns else (2 + row, 2 + n_rows + column)


def _list_ways(whole: npt.NDArray[np.int64], usable: Mask) -> Ways:
    """Return where one can go from each end: forward through a usable cell, back through one that is not zero."""
    ways: Ways = {}
    for row, column in np.argwhere(usable):
        cell = (int(row), int(column))
        start, end = _ends(cell, whole.shape)
        ways.setdefault(start, []).append((end, cell))
        if whole[cell] > 0:
            ways.setdefault(end, []).append((start, cell))
    return ways


def _find_way(ways: Ways, start: int, goal: int, without: Cell, cost: Callable[[Cell], int]) -> list[Cell] | None:
    """Return the cells of the cheapest way from one end to another that does not use one cell (Dijkstra), or None."""
    waiting: list[tuple[int, int, list[Cell]]] = [(0, start, [])]
    settled: set[int] = set()
    while waiting:
        paid, here, cells = heappop(waiting)
        if here == goal:
            return cells
        if here in settled:
            continue
        settled.add(here)
        for there, cell in ways.get(here, ()):
            if cell != without and there not in settled:
                heappush(waiting, (paid + cost(cell), there, [*cells, cell]))
    return None
