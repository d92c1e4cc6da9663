"""What is found in an uploaded file before anything is chosen: sheets, headers, first rows; personal cells masked.

Only masked texts leave this module, and they are kept for an hour at most.
"""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from govdesk.ingest.header_words import PERSONAL_WORDS, plain_header
from govdesk.ingest.masking import MASK, mask, shown, strip_hidden
from govdesk.ingest.notes import Note, note
from govdesk.ingest.profiles import FileSection
from govdesk.ingest.readers import FileRefusedError, open_table

#: Rows shown, and rows whose cells are looked at for a proposal.
SHOWN_ROWS = 8
SAMPLE_ROWS = 5_000


@dataclass(frozen=True, slots=True)
class Look:
    """What was found.

    Attributes
    ----------
    note : Note or None
        Why the file cannot be used; everything else is empty then.
    headers : tuple of str
        Headers of the file.
    lines : tuple of int
        Rows as Excel shows them, of `rows`.
    rows : tuple of tuple of str
        The first rows, masked.
    columns : tuple of tuple of str
        Cells of the first `SAMPLE_ROWS` rows by column, masked; empty for personal columns.
    n_rows : int
        Rows that were looked at.
    has_more : bool
        There are more than `n_rows`.
    personal : tuple of str
        Headers of columns that are never read.
    format, encoding : str
        What the file is; empty where it is not known.
    sheets : tuple of str
        Names of a workbook's sheets.
    titles : tuple of str
        Lines above the headers.
    header_rows : tuple of int
        Rows of the headers, as Excel shows them.
    aside : tuple of (int, str)
        Rows that are no records: row and kind.
    """

    note: Note | None = None
    headers: tuple[str, ...] = ()
    lines: tuple[int, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    columns: tuple[tuple[str, ...], ...] = ()
    n_rows: int = 0
    has_more: bool = False
    personal: tuple[str, ...] = ()
    format: str = ""
    encoding: str = ""
    sheets: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    header_rows: tuple[int, ...] = ()
    aside: tuple[tuple[int, str], ...] = ()


@st.cache_data(max_entries=16, ttl=3600, show_spinner=False)
def look_at(file_hash: str, path: str, sheet: str | None = None) -> Look:
    """Look into an uploaded file.

    Parameters
    ----------
    file_hash : str
        What it is kept under.
    path : str
        Where it lies.
    sheet : str, optional
        Sheet of a workbook.
    """
    del file_hash  # part of the key
    try:
        table = open_table(Path(path), FileSection(sheet=sheet), SAMPLE_ROWS)
        piece = next(table.pieces, None)
        has_more = next(table.pieces, None) is not None
    except FileRefusedError as error:
        return Look(error.note)
    headers = tuple(strip_hidden(header) for header in table.headers)
    personal = tuple(header for header in headers if _is_personal(header))
    if piece is None or not len(piece.lines) or not any(headers):
        return Look(note("file_without_rows"))
    columns = [() if header in personal else tuple(mask(strip_hidden(cell))[0] for cell in cells.tolist())
               for header, cells in zip(headers, piece.cells, strict=True)]
    count = len(piece.lines)
    rows = tuple(tuple(_cell(column, at) for column in columns) for at in range(min(count, SHOWN_ROWS)))
    return Look(None, headers, tuple(int(line) for line in piece.lines[:SHOWN_ROWS]), rows, tuple(columns), count,
                has_more, personal)


def _cell(column: tuple[str, ...], at: int) -> str:
    return shown(column[at]) if column else MASK


def _is_personal(header: str) -> bool:
    return any(word in plain_header(header) for word in PERSONAL_WORDS)
