"""Cells that a spreadsheet broke: error values instead of results, numbers of which it lost the last digits."""

import re

from govdesk.ingest.cells import REFERENCES
from govdesk.ingest.columns import Binding, Bound
from govdesk.ingest.drafts import Draft, NoteBook
from govdesk.ingest.masking import shown
from govdesk.ingest.pieces import Piece

#: What Excel, WPS and LibreOffice show where a formula has no result.
ERRORS = frozenset({"#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!",
                    "#GETTING_DATA", "#BLOCKED!", "#FIELD!", "#N/A N/A", "Err:502", "Err:504", "Err:508", "Err:522"})
#: A number as a spreadsheet shows or stores it when it has more than 15 digits, the last of which are lost.
_ROUNDED = re.compile(r"\d(?:\.\d+)?[Ee]\+\d{1,3}|\d{16,}\.0")


def _read_columns(binding: Binding) -> dict[int, Bound]:
    """Return the columns of the file that are read, and the first field that reads each."""
    names = ("place_code", "place_name", "place_parent", "lon", "lat")
    bounds = [*binding.fields.values(), *(getattr(binding, name) for name in names)]
    found: dict[int, Bound] = {}
    for bound in bounds:
        for index in bound.indexes if bound is not None else ():
            found.setdefault(index, bound)
    return found


def note_broken(piece: Piece, binding: Binding, notes: NoteBook) -> None:
    """Empty the cells that hold an error where their column is read, and warn about each."""
    columns = _read_columns(binding)
    found = [(position, column, text) for position, column, text in piece.broken if column in columns]
    for column in columns:
        cells = piece.cells[column]
        if ERRORS.isdisjoint(cells.tolist()):
            continue
        cells = piece.cells[column] = cells.copy()
        for row, text in enumerate(cells.tolist()):
            if text in ERRORS:
                found.append((int(piece.lines[row]), column, text))
                cells[row] = ""
    for position, column, text in sorted(found):
        notes.warn("cell_error", position, columns[column].header, value=text)


def reject_rounded(draft: Draft, piece: Piece, binding: Binding) -> None:
    """Reject rows whose running number lost its last digits: two of them would look like one."""
    for name in REFERENCES & set(binding.fields):
        bound = binding.fields[name]
        if len(bound.indexes) != 1:
            continue
        cells = piece.cells[bound.indexes[0]].tolist()
        for row in (at for at, text in enumerate(cells) if len(text) > 4 and _ROUNDED.fullmatch(text.strip())):
            if not draft.bad[row]:
                draft.reject([row], "code_rounded", name, text=shown(cells[row]))
