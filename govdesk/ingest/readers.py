"""Opens a tabular file (CSV, TSV, XLSX, XLS, HTML, Parquet, each also inside gzip) and gives it in pieces, as text.

Nothing is guessed about types: leading zeros stay. Pieces keep memory bounded whatever the length of the file.
"""

import codecs
import gzip
import io
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from govdesk.ingest.encodings import Opener, encoding_of, find_encoding, opener
from govdesk.ingest.file_kinds import START, find_kind, refuse_kind
from govdesk.ingest.file_limits import LARGEST_WORKBOOK, guarded, refuse, unpack
from govdesk.ingest.header_finding import find_header
from govdesk.ingest.html_tables import open_html
from govdesk.ingest.parquet_files import open_parquet
from govdesk.ingest.pieces import PIECE, Block, FileFacts, FileRefusedError, Piece, Table
from govdesk.ingest.profiles import FileSection
from govdesk.ingest.sheet_choice import choose_sheets
from govdesk.ingest.sheets import HEAD, Sheet
from govdesk.ingest.spreadsheetml import open_spreadsheetml
from govdesk.ingest.text_files import DELIMITERS, SAMPLE, find_delimiter, raw_lines, text_blocks
from govdesk.ingest.typed_cells import as_text
from govdesk.ingest.wanted_headers import HeaderNames, WantedHeader
from govdesk.ingest.workbooks import open_workbook

__all__ = ["PIECE", "FileRefusedError", "Piece", "Table", "as_text", "find_encoding", "open_sheets", "open_table"]


def open_table(path: Path, options: FileSection, piece: int = PIECE, wanted: Sequence[WantedHeader] = ()) -> Table:
    """Open a file.

    Parameters
    ----------
    path : Path
        The file; what it is is told from its first bytes, not from its name.
    options : FileSection
        Section ``[file]`` of the profile.
    piece : int
        Rows a piece.
    wanted : sequence of WantedHeader
        Headers by which the header row and the sheets are found.

    Raises
    ------
    FileRefusedError
        When it does not exist, is empty, too large, or none of the known formats.
    """
    with guarded():
        kind, is_gzip = file_kind(path)
        facts = FileFacts(kind, is_gzip)
        if kind == "parquet":
            source = io.BytesIO(_bytes(path, is_gzip=is_gzip)) if is_gzip else path
            table = open_parquet(source, facts, piece)
        else:
            sheets = open_sheets(path, options, facts, wanted)
            table = choose_sheets(sheets, options, wanted, facts, piece)
        table.pieces = _guarded_pieces(table.pieces)
        return table


def _guarded_pieces(pieces: Iterator[Piece]) -> Iterator[Piece]:
    while True:
        with guarded():
            piece = next(pieces, None)
        if piece is None:
            return
        yield piece


def open_sheets(path: Path, options: FileSection, facts: FileFacts, wanted: Sequence[WantedHeader] = ()) -> list[Sheet]:
    """Return the sheets of a file that is no Parquet file; completes `facts`.

    Raises
    ------
    FileRefusedError
        When it cannot be used.
    """
    with guarded():
        kind, is_gzip = file_kind(path)
        facts.format, facts.is_gzip = kind, is_gzip
        if kind in ("zip", "ole"):
            facts.format = "xlsx" if kind == "zip" else "xls"
            return open_workbook(_bytes(path, is_gzip=is_gzip), is_zip=kind == "zip")
        open_raw = opener(path, is_gzip=is_gzip)
        if kind in ("html", "spreadsheetml"):
            data = _bytes(path, is_gzip=is_gzip)
            return open_html(data, facts, options.encoding) if kind == "html" else open_spreadsheetml(data)
        return [_open_text(open_raw, options, facts, wanted)]


def file_kind(path: Path) -> tuple[str, bool]:
    """Return what a file is (`file_kinds.find_kind`), and whether it is that inside gzip.

    Raises
    ------
    FileRefusedError
        When it cannot be read, is empty, or holds no table.
    """
    try:
        with path.open("rb") as file:
            start = file.read(START)
    except OSError as error:
        raise refuse("file_unreadable", reason=type(error).__name__) from error
    kind = find_kind(start)
    if kind != "gzip":
        return kind, False
    with gzip.open(path, "rb") as packed:
        inside = packed.read(START)
    kind = find_kind(inside)
    if kind == "gzip":
        raise refuse_kind("archive")
    return kind, True


def _bytes(path: Path, *, is_gzip: bool) -> bytes:
    if path.stat().st_size > LARGEST_WORKBOOK:
        raise refuse("file_too_large", most=LARGEST_WORKBOOK // 2**20)
    data = path.read_bytes()
    return unpack(data) if is_gzip else data


# Text

def _open_text(open_raw: Opener, options: FileSection, facts: FileFacts, wanted: Sequence[WantedHeader]) -> Sheet:
    encoding = options.encoding or encoding_of(open_raw)
    try:
        codecs.lookup(encoding)
    except LookupError as error:
        raise refuse("encoding_unknown") from error
    is_strict = options.encoding is not None
    start = list(islice(raw_lines(open_raw, encoding, is_strict=is_strict), max(SAMPLE, options.header_row or 0)))
    _check_text(start)
    delimiter = options.delimiter or _delimiter(start, options, wanted)
    facts.encoding, facts.delimiter = encoding, delimiter
    facts.format = "tsv" if delimiter == "\t" else "csv"

    def read(size: int) -> Iterator[Block]:
        return text_blocks(raw_lines(open_raw, encoding, is_strict=is_strict), delimiter, size)

    return Sheet(0, None, read, is_ragged=True)


def _check_text(start: list[str]) -> None:
    """Refuse bytes that only look like text in some encoding: text has hardly any control characters."""
    text = "".join(start)[:20_000]
    controls = sum(char < " " and char not in "\t\r\n\0\x0b\x0c\x1a" for char in text)
    if controls > max(3, len(text) // 50):
        raise refuse_kind("other")


def _delimiter(start: list[str], options: FileSection, wanted: Sequence[WantedHeader]) -> str:
    """Return the delimiter by which most wanted headers are found, else the one that divides the lines alike."""
    usual = find_delimiter(start[options.header_row - 1: options.header_row] if options.header_row else start)
    if not wanted or options.header_row:
        return usual

    def bound(delimiter: str) -> int:
        blocks = list(text_blocks(iter(start), delimiter))
        rows = [row for _, block in blocks for row in block][:HEAD]
        header = find_header(list(range(1, len(rows) + 1)), rows, [], wanted)
        return 0 if header is None else len(HeaderNames(header.headers, header.lower).bind(wanted))

    return max((usual, *DELIMITERS), key=bound)
