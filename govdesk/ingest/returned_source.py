"""The rows of any file as they stand in it, for the workbook that goes back."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from govdesk.ingest.profiles import FileSection
from govdesk.ingest.readers import open_table

#: A row's number in the file and its cells.
Line = tuple[int, list[str]]


@dataclass(slots=True)
class SourceSheet:
    """A sheet, or the only table of a file (name None)."""

    name: str | None
    rows: Iterator[Line]


def read_rows(path: Path, options: FileSection) -> Iterator[SourceSheet]:
    """Give the sheets of a file with all of their rows.

    Raises
    ------
    FileRefusedError
        When the file cannot be used.
    """
    table = open_table(path, options)

    def rows() -> Iterator[Line]:
        yield 1, table.headers
        for piece in table.pieces:
            for at, line in enumerate(piece.lines.tolist()):
                yield line, [str(cells[at]) for cells in piece.cells]

    yield SourceSheet(options.sheet, rows())


def find_columns(rows: list[Line], names: set[str]) -> tuple[int, dict[str, int]]:
    """Return the row of the header and the column, from 1, of each header that notes name; the row is 0 without any.

    Parameters
    ----------
    rows : list of (int, list of str)
        First rows of a sheet.
    names : set of str
        Headers as notes name them: over several rows, their parts with a space between.
    """
    best: tuple[int, int, dict[str, int]] = (0, 0, {})
    for line, cells in rows:
        plain = {" ".join(text.split()).casefold(): at for at, text in reversed(list(enumerate(cells, 1))) if text}
        found = {name: plain[key] for name in names for key in _ways(name) if key in plain}
        if len(found) > best[0]:
            best = len(found), line, found
    return best[1], best[2]


def _ways(name: str) -> tuple[str, ...]:
    """Return how a header may stand in its lowest row; the whole text counts more and therefore comes last."""
    whole = " ".join(name.split()).casefold()
    return whole.rpartition(" ")[2], whole
