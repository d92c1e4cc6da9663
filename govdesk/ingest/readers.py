"""Opens a tabular file (CSV, TSV, XLSX, XLS, Parquet, each also inside gzip) and gives it in pieces, all as text.

Nothing is guessed about types: leading zeros stay. Pieces keep memory bounded whatever the length of the file.
"""

import codecs
import csv
import gzip
import io
import math
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from charset_normalizer import from_bytes
from numpy.typing import NDArray
from python_calamine import CalamineError, CalamineWorkbook

from govdesk.ingest.notes import Note, note
from govdesk.ingest.profiles import FileSection

Texts = NDArray[np.object_]

#: Lines before some rows of a text, the rows, lines after them.
Block = tuple[int, list[list[str]], int]

#: Rows a piece.
PIECE = 50_000
#: Longest cell that the reader takes; longer text is cut later, with a note.
_LONGEST_CELL = 2**24
#: Bytes that a guess of the encoding looks at.
_GUESS_BYTES = 200_000


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
        Line of each row as an editor shows it, the first line of the file being 1.
    cells : list of ndarray of object
        One array of text a column, in the order of the headers.
    errors : list of Note
        Rows that are not in `cells` because they do not fit the header.
    """

    lines: NDArray[np.int64]
    cells: list[Texts]
    errors: list[Note] = field(default_factory=list)


@dataclass(slots=True)
class Table:
    """An opened file: its headers, and its pieces (to be iterated once)."""

    headers: list[str]
    pieces: Iterator[Piece]


def open_table(path: Path, options: FileSection, piece: int = PIECE) -> Table:
    """Open a file.

    Parameters
    ----------
    path : Path
        The file; what it is is told from its first bytes, not from its name.
    options : FileSection
        Section ``[file]`` of the profile.
    piece : int
        Rows a piece.

    Raises
    ------
    FileRefusedError
        When it does not exist, is empty, or is none of the known formats.
    """
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        raise FileRefusedError(note("file_unreadable", reason=type(error).__name__)) from error
    is_gzip = start.startswith(b"\x1f\x8b")
    if is_gzip:
        start = _gzip_start(path)
    if not start:
        raise FileRefusedError(note("file_without_content"))
    try:
        if start.startswith(b"PAR1"):
            return _open_parquet(_bytes(path) if is_gzip else path, piece)
        if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
            return _open_sheet(path, options, is_gzip=is_gzip, piece=piece)
        return _open_text(path, options, is_gzip=is_gzip, piece=piece)
    except (pa.ArrowException, CalamineError, gzip.BadGzipFile, EOFError) as error:
        raise FileRefusedError(note("file_unreadable", reason=type(error).__name__)) from error


def _gzip_start(path: Path) -> bytes:
    try:
        with gzip.open(path, "rb") as file:
            return file.read(8)
    except (gzip.BadGzipFile, EOFError, OSError) as error:
        raise FileRefusedError(note("file_unreadable", reason=type(error).__name__)) from error


def _bytes(path: Path) -> io.BytesIO:
    return io.BytesIO(gzip.decompress(path.read_bytes()))


def _clean_headers(cells: Sequence[object]) -> list[str]:
    return [" ".join(str(cell).replace("\ufeff", "").split()) for cell in cells]


def _column(values: Sequence[object]) -> Texts:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


# Text

def _open_raw(path: Path, *, is_gzip: bool) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(path, "rb")) if is_gzip else path.open("rb")


def find_encoding(path: Path, *, is_gzip: bool = False) -> str:
    """Return the encoding of a text file: UTF-8, then GB18030, then the best guess.

    The whole file is decoded once: a guess from its beginning would break on line 900,000.
    """
    with _open_raw(path, is_gzip=is_gzip) as file:
        start = file.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for encoding in ("utf-8-sig", "gb18030"):
        if _decodes(path, encoding, is_gzip=is_gzip):
            return encoding
    with _open_raw(path, is_gzip=is_gzip) as file:
        best = from_bytes(file.read(_GUESS_BYTES)).best()
    if best is None:
        raise FileRefusedError(note("encoding_unknown"))
    return best.encoding


def _decodes(path: Path, encoding: str, *, is_gzip: bool) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with _open_raw(path, is_gzip=is_gzip) as file:
            while block := file.read(2**20):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _find_delimiter(path: Path, encoding: str, header_row: int, *, is_gzip: bool) -> str:
    with _open_raw(path, is_gzip=is_gzip) as raw, io.TextIOWrapper(raw, encoding, errors="replace") as file:
        header = ""
        for _ in range(header_row):
            header = file.readline(_LONGEST_CELL)
    return max(",\t;|", key=lambda char: (header.count(char), char == ","))


def _open_text(path: Path, options: FileSection, *, is_gzip: bool, piece: int) -> Table:
    encoding = options.encoding or find_encoding(path, is_gzip=is_gzip)
    try:
        codecs.lookup(encoding)
    except LookupError as error:
        raise FileRefusedError(note("encoding_unknown")) from error
    delimiter = options.delimiter or _find_delimiter(path, encoding, options.header_row, is_gzip=is_gzip)
    blocks = _text_blocks(path, encoding, delimiter, is_gzip=is_gzip)
    next(blocks)
    _, first, _ = blocks.send(options.header_row)
    headers = _clean_headers(first[-1]) if len(first) == options.header_row else []
    if not any(headers):
        raise FileRefusedError(note("header_missing", row=options.header_row))
    return Table(headers, _text_pieces(blocks, len(headers), piece))


def _text_blocks(path: Path, encoding: str, delimiter: str, *, is_gzip: bool) -> Generator[Block, int, None]:
    """Give as many rows as are sent, with the number of lines before them; an empty block is the end."""
    csv.field_size_limit(_LONGEST_CELL)
    try:
        with _open_raw(path, is_gzip=is_gzip) as raw, io.TextIOWrapper(raw, encoding, newline="") as file:
            reader = csv.reader(file, delimiter=delimiter)
            wanted = yield 0, [], 0
            while True:
                before = reader.line_num
                rows = list(islice(reader, wanted))
                wanted = yield before, rows, reader.line_num
    except (csv.Error, UnicodeDecodeError, EOFError, gzip.BadGzipFile) as error:
        raise FileRefusedError(note("file_unreadable", reason=type(error).__name__)) from error


def _text_pieces(blocks: Generator[Block, int, None], width: int, piece: int) -> Iterator[Piece]:
    while True:
        before, rows, after = blocks.send(piece)
        if not rows:
            return
        if after - before == len(rows):
            lines = np.arange(before + 1, after + 1, dtype=np.int64)
        else:  # some cells hold line ends
            lengths = [1 + max(sum(cell.count("\n") + cell.count("\r") - cell.count("\r\n") for cell in row), 0)
                       for row in rows]
            lines = before + 1 + np.concatenate([[0], np.cumsum(lengths[:-1])]).astype(np.int64)
        yield _fit(lines, rows, width)


def _fit(lines: NDArray[np.int64], rows: list[list[str]], width: int) -> Piece:
    """Return rows as a piece; one longer or shorter than the header is an error, an empty one is nothing."""
    if set(map(len, rows)) == {width} and all(map(itemgetter(0), rows)):
        return _piece(lines, rows, [], width)  # the usual case, without a look at each row
    errors: list[Note] = []
    kept: list[int] = []
    for at, cells in enumerate(rows):
        if not any(cells):
            continue
        if len(cells) < width or any(cells[width:]):
            errors.append(note("cells_missing" if len(cells) < width else "cells_extra", int(lines[at]),
                               found=len(cells), expected=width))
            continue
        kept.append(at)
    return _piece(lines[kept], [rows[at][:width] for at in kept], errors, width)


def _piece(lines: NDArray[np.int64], rows: list[list[str]], errors: list[Note], width: int) -> Piece:
    columns = list(zip(*rows, strict=True)) if rows else [()] * width
    return Piece(lines, [_column(column) for column in columns], errors)


# Workbooks and Parquet

def as_text(value: object) -> str:
    """Return a typed cell as the text a CSV export would hold: 5.0 is 5, a date is ISO, nothing is empty."""
    match value:
        case None:
            text = ""
        case bool():
            text = "true" if value else "false"
        case float():
            is_whole = value.is_integer() and abs(value) < 1e15
            text = "" if math.isnan(value) else str(int(value)) if is_whole else repr(value)
        case datetime():
            text = value.isoformat(sep=" ")
        case date() | time():
            text = value.isoformat()
        case bytes():
            text = value.decode("utf-8", errors="replace")
        case _:
            text = str(value)
    return text


def _open_sheet(path: Path, options: FileSection, *, is_gzip: bool, piece: int) -> Table:
    book = CalamineWorkbook.from_filelike(_bytes(path) if is_gzip else io.BytesIO(path.read_bytes()))
    names: list[str] = book.sheet_names
    wanted = options.sheet
    if wanted is None:
        chosen = names[0]
    elif wanted in names:
        chosen = wanted
    elif wanted.isdigit() and 1 <= int(wanted) <= len(names):
        chosen = names[int(wanted) - 1]
    else:
        raise FileRefusedError(note("sheet_missing", sheet=wanted, known=", ".join(names)[:200]))
    data: list[list[Any]] = book.get_sheet_by_name(chosen).to_python(skip_empty_area=False)
    if len(data) < options.header_row or not any(data[options.header_row - 1]):
        raise FileRefusedError(note("header_missing", row=options.header_row))
    headers = _clean_headers([as_text(cell) for cell in data[options.header_row - 1]])
    return Table(headers, _sheet_pieces(data, options.header_row, len(headers), piece))


def _sheet_pieces(data: list[list[Any]], header_row: int, width: int, piece: int) -> Iterator[Piece]:
    for start in range(header_row, len(data), piece):
        rows = [[as_text(cell) for cell in cells] for cells in data[start:start + piece]]
        yield _fit(np.arange(start + 1, start + 1 + len(rows), dtype=np.int64), rows, width)


def _arrow_texts(column: pa.Array) -> Texts:
    """Return a column as text; what Arrow writes as we would is left to Arrow, which is faster."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_integer(column.type) or pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return _column(pc.fill_null(pc.cast(column, pa.string()), "").to_pylist())
    return _column([as_text(value) for value in column.to_pylist()])


def _open_parquet(source: Path | io.BytesIO, piece: int) -> Table:
    file = pq.ParquetFile(source)

    def pieces() -> Iterator[Piece]:
        done = 0
        for batch in file.iter_batches(batch_size=piece):
            cells = [_arrow_texts(column) for column in batch.columns]
            yield Piece(np.arange(done + 2, done + 2 + batch.num_rows, dtype=np.int64), cells)
            done += batch.num_rows

    return Table(_clean_headers(file.schema_arrow.names), pieces())
