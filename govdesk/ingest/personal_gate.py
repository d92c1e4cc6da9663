"""Keeps columns about persons out of an import: dropped with a notice, refused where a profile would read them."""

import numpy as np

from govdesk.ingest.cells import PROSE
from govdesk.ingest.columns import Binding, Bound
from govdesk.ingest.drafts import NoteBook
from govdesk.ingest.notes import label, note
from govdesk.ingest.personal_columns import SAMPLE, PersonalColumn, find_personal_columns
from govdesk.ingest.readers import FileRefusedError, Piece
from govdesk.words import say

#: Kinds of which masking leaves nothing in a sentence.
_MASKABLE = frozenset({"identity", "phone", "card", "plate", "contact", "address"})
_PLACES = ("place_code", "place_name", "place_parent")
_POINTS = ("lon", "lat")


class Gate:
    """Watches the columns of one file.

    Parameters
    ----------
    binding : Binding
        What the profile reads.
    headers : list of str
        Headers of the file.
    notes : NoteBook
        Where notices go.

    Raises
    ------
    FileRefusedError
        When the profile reads a column whose header says that it is about persons.
    """

    def __init__(self, binding: Binding, headers: list[str], notes: NoteBook) -> None:
        self._binding, self._headers, self._notes = binding, headers, notes
        self._columns: dict[int, PersonalColumn] = {}
        self._is_looked_at = False
        self._learn(find_personal_columns(headers))

    def look(self, piece: Piece) -> None:
        """Look at the cells of the first rows, once.

        Raises
        ------
        FileRefusedError
            When the profile reads a column whose cells are about persons.
        """
        if self._is_looked_at or not len(piece.lines):
            return
        self._is_looked_at = True
        self._learn(find_personal_columns(self._headers, [_sample(cells) for cells in piece.cells]))
        read = {index for bound in _bounds(self._binding) for index in bound.indexes}
        for index, found in sorted(self._columns.items()):
            if index not in read:
                header = label(found.header) or f"#{index + 1}"
                what = _what(found.kind)
                self._notes.report.warnings.append(note("column_dropped", None, header, header=header, what=what))

    def hides(self, bound: Bound) -> bool:
        """Whether a note may show nothing of a field's cells."""
        return any(index in self._columns for index in bound.indexes)

    def _learn(self, found: list[PersonalColumn]) -> None:
        for column in found:
            self._columns.setdefault(column.index, column)
            if column.index in {index for index, _ in self._binding.only}:
                raise _refusal(column, "only")
            for bound in _bounds(self._binding):
                if column.index in bound.indexes and not _may_be_read(column, bound):
                    raise _refusal(column, bound.wanted.name)


def _bounds(binding: Binding) -> list[Bound]:
    parts = [binding.bound(name) for name in (*_PLACES, *_POINTS)]
    return [*binding.fields.values(), *(bound for bound in parts if bound is not None)]


def _may_be_read(column: PersonalColumn, bound: Bound) -> bool:
    name = bound.wanted.name
    if name in PROSE:
        return column.kind in _MASKABLE
    if name in _POINTS:
        return False
    if name in _PLACES:
        # An address may name a place; a list of villages may look like names.
        return column.kind == "address" or column.by == "content"
    return column.kind == "name" and column.by == "content" and bound.wanted.kind not in ("text", "post")


def _refusal(column: PersonalColumn, name: str) -> FileRefusedError:
    header = label(column.header)
    return FileRefusedError(note("column_personal", column=header, header=header, field=name, what=_what(column.kind)))


def _sample(cells: np.ndarray) -> list[str]:
    filled = [cell for cell in cells[: 20 * SAMPLE].tolist() if cell]
    return filled[:SAMPLE]


def _what(kind: str) -> str:
    return say(f"gate.kind_{kind}")
