"""Checked rows between reading and writing: a few in memory, many in an unnamed file, so that memory stays bounded.

The file has no name in any folder: the operating system removes it with the process, however that ends. It holds only
what may be stored: rows come here after the gate.
"""

import pickle
import tempfile
from collections.abc import Iterator
from typing import IO

from govdesk.ingest.records import Rows

#: Rows that are held in memory (about 1.5 KB each): the files of a county; more go to the file.
KEPT = 50_000


class RowStore:
    """Parts of rows in the order in which they came; may be iterated again and again.

    Each iteration gives the rows as they were put in: columns that a reader of the store sets are its own.

    Parameters
    ----------
    kept : int
        Rows held in memory.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._parts: list[Rows] = []
        self._file: IO[bytes] | None = None
        self._written = 0
        self._n = 0

    def __len__(self) -> int:
        """Return the number of rows."""
        return self._n

    def append(self, rows: Rows) -> None:
        """Put a part at the end; an empty one is left out."""
        if not len(rows):
            return
        self._n += len(rows)
        if self._file is None and self._n <= self._kept:
            self._parts.append(rows)
            return
        if self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the store
        self._file.seek(0, 2)
        pickle.dump((rows.lines, rows.values), self._file, protocol=5)
        self._written += 1

    def __iter__(self) -> Iterator[Rows]:
        """Give the parts; only one of those in the file is in memory at a time."""
        for rows in list(self._parts):
            yield Rows(rows.lines, dict(rows.values))
        at = 0
        for _ in range(self._written):
            assert self._file is not None  # noqa: S101 - something was written
            self._file.seek(at)
            lines, values = pickle.load(self._file)  # noqa: S301 - our own bytes, from a file without a name
            at = self._file.tell()
            yield Rows(lines, values)
