"""Reads a list of places, one a row, or the places that a file of records names; pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from govdesk.ingest.cells import fold
from govdesk.ingest.columns import Binding, Headers
from govdesk.ingest.masking import mask, strip_hidden
from govdesk.ingest.place_headers import PLACE_HEADERS
from govdesk.ingest.place_names import plain_code
from govdesk.ingest.place_naming import read_texts
from govdesk.ingest.readers import FileRefusedError, Piece
from govdesk.ingest.reconciliation import Listed
from govdesk.ingest.wanted_headers import WantedHeader

#: Headers of a list of places, beside those of a register.
_NAMES = ("村", "社区", "村居", "村（社区）", "村/社区", "行政村", "village")
_PARENTS = ("乡镇", "乡镇名称", "乡镇街道", "乡镇（街道）", "所属乡镇", "所在乡镇", "街道", "镇街", "镇", "乡",
            "parent_name", "township", "所属街道", "所属村", "上级名称")


@dataclass(frozen=True, slots=True)
class ListColumns:
    """Headers of a list of places, where they are not found by themselves."""

    code: str | None = None
    name: str | None = None
    parent: str | None = None

    def wanted(self) -> tuple[WantedHeader, ...]:
        """Return what the header row of a list is known by."""
        return tuple(WantedHeader((chosen,) if chosen else usual, is_needed=False) for chosen, usual in (
            (self.code, PLACE_HEADERS["code"]), (self.name, (*_NAMES, *PLACE_HEADERS["name"])),
            (self.parent, (*_PARENTS, *PLACE_HEADERS["parent_code"]))))


def read_list(headers: Headers, pieces: Iterator[Piece], columns: ListColumns) -> Iterator[Listed]:
    """Yield the rows of a list of places, numbers of persons masked.

    Raises
    ------
    FileRefusedError
        When it has no column of codes or names.
    """
    at = {
        "code": _find(headers, columns.code, PLACE_HEADERS["code"]),
        "name": _find(headers, columns.name, (*_NAMES, *PLACE_HEADERS["name"])),
        "parent": _find(headers, columns.parent, (*_PARENTS, *PLACE_HEADERS["parent_code"])),
    }
    if at["code"] is None and at["name"] is None:
        raise FileRefusedError(headers.missing("name", [*_NAMES, *PLACE_HEADERS["name"]][:6]))
    for piece in pieces:
        cells = {name: piece.cells[index] for name, index in at.items() if index is not None}
        for row, position in enumerate(piece.lines.tolist()):
            yield Listed(position, **{
                # A code is looked up as it is (some look like telephone numbers); what is unknown is masked later.
                name: plain_code(column[row])[:40] if name == "code" else _clean(column[row])
                for name, column in cells.items()})


def _find(headers: Headers, chosen: str | None, usual: Sequence[str]) -> int | None:
    if chosen is not None:
        index = headers.find([chosen], "place")
        if index is None:
            raise FileRefusedError(headers.missing("place", [chosen]))
        return index
    wanted = {fold(name) for name in usual}
    found = [index for index, name in enumerate(headers.names) if fold(name) in wanted]
    return found[0] if found else None


def _clean(text: str) -> str:
    return mask(strip_hidden(text).strip())[0][:100]


def read_records(binding: Binding, pieces: Iterator[Piece]) -> Iterator[Listed]:
    """Yield each different place that a file of records names, at its first row."""
    seen: set[tuple[str, str, str]] = set()
    for piece in pieces:
        columns = [read_texts(bound, piece, "") for bound in (
            binding.place_code, binding.place_name, binding.place_parent)]
        for row, position in enumerate(piece.lines.tolist()):
            code, name, parent = (texts[index[row]] for index, texts, _ in columns)
            if (code, name, parent) not in seen:
                seen.add((code, name, parent))
                yield Listed(position, code, name, parent)
