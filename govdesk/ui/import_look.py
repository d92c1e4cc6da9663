"""What is found in an uploaded file before anything is chosen: sheets, headers, first rows; personal cells masked.

Only masked texts leave this module, and they are kept for an hour at most.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from govdesk.ingest.masking import MASK, mask, shown, strip_hidden
from govdesk.ingest.notes import Note, note
from govdesk.ingest.personal_columns import SAMPLE, find_personal_columns
from govdesk.ingest.preview import Preview, SheetPreview, read_preview
from govdesk.ingest.profiles import FileSection
from govdesk.ingest.readers import FileRefusedError

#: Rows shown, and rows whose cells are looked at for a proposal.
SHOWN_ROWS = 8
SAMPLE_ROWS = 2_000


@dataclass(frozen=True, slots=True)
class SheetLook:
    """One sheet of a workbook.

    Attributes
    ----------
    name : str
        Its name.
    is_hidden : bool
        Whether Excel hides it.
    n_columns : int
        Columns with a header; 0: no header was found, nothing is read from it.
    n_rows : int or None
        Rows in all, where known.
    """

    name: str
    is_hidden: bool
    n_columns: int
    n_rows: int | None


@dataclass(frozen=True, slots=True)
class Look:
    """What was found.

    Attributes
    ----------
    note : Note or None
        Why the file cannot be used; everything else is empty then.
    headers : tuple of str
        Headers of the file (of its first sheet of records), as a mapping names them.
    lines : tuple of int
        Rows as Excel shows them, of `rows`.
    rows : tuple of tuple of str
        The first rows, masked.
    columns : tuple of tuple of str
        Cells of the first `SAMPLE_ROWS` records by column, masked; empty for personal columns.
    n_rows : int
        Records that were looked at.
    has_more : bool
        There are more than `n_rows`.
    personal : tuple of str
        Headers of columns that are never read.
    format, encoding : str
        What the file is; empty where it is not known.
    sheets : tuple of SheetLook
        Sheets of a workbook.
    titles : tuple of str
        Lines above the headers, masked.
    header_rows : tuple of int
        Rows of the headers, as Excel shows them.
    aside : tuple of (int, str, str)
        Rows that are no records: row, kind and text, masked.
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
    sheets: tuple[SheetLook, ...] = ()
    titles: tuple[str, ...] = ()
    header_rows: tuple[int, ...] = ()
    aside: tuple[tuple[int, str, str], ...] = ()


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
        Sheet of a workbook; by default the first with records.
    """
    del file_hash  # part of the key
    try:
        found = read_preview(Path(path), FileSection(sheet=sheet), SAMPLE_ROWS)
    except FileRefusedError as error:
        return Look(error.note)
    chosen = _choose(found, sheet)
    if chosen is None or not chosen.rows:
        return Look(note("file_without_rows"))
    return _look(found, chosen)


def _choose(found: Preview, sheet: str | None) -> SheetPreview | None:
    named = [one for one in found.sheets if one.name == sheet]
    with_rows = [one for one in found.sheets if one.rows]
    seen = [one for one in with_rows if not one.is_hidden]
    return next(iter([*named, *seen, *with_rows]), None)


def _look(found: Preview, chosen: SheetPreview) -> Look:
    headers = name_columns(chosen.headers, chosen.lower_headers)
    cells = list(zip(*chosen.rows, strict=True))
    barred = {one.index for one in find_personal_columns(chosen.headers, [column[:SAMPLE] for column in cells])}
    personal = tuple(shown(headers[at]) for at in sorted(barred))
    columns = [() if at in barred else tuple(mask(strip_hidden(cell))[0] for cell in column)
               for at, column in enumerate(cells)]
    headers = tuple(shown(header) if at in barred else header for at, header in enumerate(headers))
    count = len(chosen.rows)
    rows = tuple(tuple(shown(column[at]) if column else MASK for column in columns)
                 for at in range(min(count, SHOWN_ROWS)))
    sheets = tuple(SheetLook(one.name, one.is_hidden, sum(map(bool, one.headers)), one.n_rows)
                   for one in found.sheets if one.name)
    return Look(
        None, headers, tuple(chosen.lines[:SHOWN_ROWS]), rows, tuple(columns), count, count >= SAMPLE_ROWS, personal,
        found.format, found.encoding or "", sheets, tuple(shown(line) for line in chosen.title_lines),
        chosen.header_rows, tuple((line, kind, text) for line, kind, text in chosen.aside))


def name_columns(headers: list[str], lower: list[str]) -> tuple[str, ...]:
    """Return what a mapping calls the columns: the lowest part of a header, where no other column ends alike."""
    times = Counter(lower)
    return tuple(strip_hidden(part if part and times[part] == 1 else whole)
                 for whole, part in zip(headers, lower, strict=True))
