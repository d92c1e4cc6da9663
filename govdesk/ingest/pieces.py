"""What every reader of files gives: pieces of rows, all as text, and facts about the file they come from."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from govdesk.ingest.notes import Note, make_writable, note
from govdesk.ingest.text_repair import repair

Texts = NDArray[np.object_]
#: Lines of some rows (int64), and the rows.
Block = tuple[NDArray[np.int64], list[list[str]]]

#: Rows a piece.
PIECE = 50_000

#: What a header must not bring along: byte order marks, NUL and other controls.
_HIDDEN = re.compile("[\x00-\x08\x0e-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


class FileRefusedError(ValueError):
    """The file cannot be used at all; `note` says why in a sentence."""

    def __init__(self, reason: Note) -> None:
        super().__init__(reason.message())
        self.note = reason


@dataclass(slots=True)
class Piece:
    """Some rows of a file.

    Attributes
    ----------
    lines : ndarray of int64
        Position of each row (`notes.SHEET`); for files without sheets, its line as an editor shows it, from 1.
    cells : list of ndarray of object
        One array of text a column, in the order of the headers.
    errors : list of Note
        Rows that are not in `cells` because they do not fit the header; their line is a position.
    aside : list of (int, str)
        Position and kind (`row_kinds`) of rows that are no records.
    """

    lines: NDArray[np.int64]
    cells: list[Texts]
    errors: list[Note] = field(default_factory=list)
    aside: list[tuple[int, str]] = field(default_factory=list)


@dataclass(slots=True)
class SheetFacts:
    """One sheet (or the only table of a file) that is read.

    Attributes
    ----------
    name : str or None
        Name of the sheet; None in a file without sheets.
    header_rows : tuple of int
        Rows of the header, as Excel shows them; empty where the format names its columns itself.
    confidence : float
        How sure the header is, 0–1; 1 where the profile gave the row.
    n_rows : int
        Records read so far.
    titles : list of str
        What stands above the header.
    """

    name: str | None
    header_rows: tuple[int, ...] = ()
    confidence: float = 1.0
    n_rows: int = 0
    titles: list[str] = field(default_factory=list)


@dataclass(slots=True)
class FileFacts:
    """What was found out about a file.

    Attributes
    ----------
    format : str
        ``csv``, ``tsv``, ``xlsx``, ``xls``, ``html`` or ``parquet``.
    is_gzip : bool
        Whether it came inside gzip.
    encoding, delimiter : str or None
        Of a text file.
    sheets : list of SheetFacts
        What is read, in order.
    warnings : list of Note
        About the file as a whole; complete when all pieces were read.
    """

    format: str
    is_gzip: bool = False
    encoding: str | None = None
    delimiter: str | None = None
    sheets: list[SheetFacts] = field(default_factory=list)
    warnings: list[Note] = field(default_factory=list)

    def warn(self, code: str, sheet: str | None = None, column: str | None = None, **values: object) -> None:
        """Add a warning about the whole file or sheet."""
        item = note(code, None, column, **values)
        self.warnings.append(replace(item, sheet=None if sheet is None else make_writable(sheet)))

    @property
    def titles(self) -> list[str]:
        """What stands above the headers of all sheets; where nothing does, the names of the sheets."""
        return [text for sheet in self.sheets for text in sheet.titles or [sheet.name or ""]]

    def as_json(self) -> dict[str, object]:
        """Return the facts as the report shows them."""
        sheets = [{"name": item.name and make_writable(item.name), "header_rows": list(item.header_rows),
                   "confidence": round(item.confidence, 2), "rows": item.n_rows} for item in self.sheets]
        return {"format": self.format, "gzip": self.is_gzip, "encoding": self.encoding, "delimiter": self.delimiter,
                "sheets": sheets}


@dataclass(slots=True)
class Table:
    """An opened file.

    Attributes
    ----------
    headers : list of str
        Text of each column's header; over several rows, its parts with a space between.
    pieces : iterator of Piece
        The rows, to be iterated once.
    lower : list of str
        Lowest part of each header, by which it may be named as well where that is unique.
    sheets : list of str
        Names of a workbook's sheets by number; empty for a file without sheets.
    facts : FileFacts
        What was found out.
    """

    headers: list[str]
    pieces: Iterator[Piece]
    lower: list[str]
    sheets: list[str]
    facts: FileFacts


def clean_header(text: object) -> str:
    """Return a header on one line, without invisible characters, decoded rightly where that can be proved."""
    return " ".join(_HIDDEN.sub("", repair(str(text)).text).split())


def as_column(values: Sequence[object]) -> Texts:
    """Return values as an array of objects, whatever they are."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def column_letters(number: int) -> str:
    """Return what Excel calls a column.

    Examples
    --------
    >>> column_letters(1), column_letters(28)
    ('A', 'AB')
    """
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
