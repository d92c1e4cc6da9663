"""Limits a file must keep before it is read: they protect a small server from files made to fill its memory."""

import io
import logging
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO

from govdesk.ingest.notes import note
from govdesk.ingest.pieces import FileRefusedError, column_letters

_log = logging.getLogger(__name__)

#: Bytes that a workbook (or a Parquet file inside gzip) may have; it is held in memory while it is read.
LARGEST_WORKBOOK = 200 * 2**20
#: Bytes of one part of a workbook, unpacked: a sheet of a million rows and ten columns has about 500 MB.
LARGEST_MEMBER = 2**30
#: Bytes of a text file inside gzip, unpacked: it is read in pieces, so only time limits it.
LARGEST_TEXT = 4 * 2**30
#: An archive with more parts is no workbook of an office.
MOST_MEMBERS = 10_000
#: Packed tables have ratios of 5 to 60; a bomb has 1,000. Below `RATIO_FROM` bytes no ratio does harm.
LARGEST_RATIO = 250
RATIO_FROM = 32 * 2**20
#: Rows of an Excel sheet, by its own format.
MOST_ROWS = 1_048_576
#: Cells of all sheets together, empty ones between included: the reader holds about 35 bytes for each (700 MB).
MOST_CELLS = 20_000_000
#: Bytes read at a time.
BLOCK = 2**20
#: Error cells that are remembered one by one; a sheet with more is broken throughout.
MOST_BROKEN = 100_000

# Attributes are looked for in every spelling XML allows: what is overlooked here ends the process further on.
_ROW = re.compile(rb"<(?:\w+:)?row\s[^>]*?\br\s*=\s*[\"'](\d+)")
_COLUMN = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]{1,7})(\d+)")
_CELL = re.compile(rb"<(?:\w+:)?c\s[^>]*?\br\s*=\s*[\"']([A-Za-z]{1,7})(\d+)[\"'](?:[^>]*[^/>])?>")
_ERROR = re.compile(rb"<(?:\w+:)?c\b(?=[^>]*\bt=\"e\")[^>]*?\br=\"([A-Z]{1,3})(\d{1,8})\"[^>]*>.{0,400}?"
                    rb"<(?:\w+:)?v>([^<]{1,20})</", re.DOTALL)
#: A formula without any value; an empty text (t="str") is one.
_FORMULA = re.compile(rb"<(?:\w+:)?c\s(?![^>]*\bt=\"str\")[^>]*>\s*<(?:\w+:)?f\b[^>]*(?:/>|>[^<]*</(?:\w+:)?f>)"
                      rb"\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>")


def refuse(code: str, **values: object) -> FileRefusedError:
    """Return the refusal of a file."""
    return FileRefusedError(note(code, None, None, **values))


@contextmanager
def guarded() -> Iterator[None]:
    """Turn whatever a reading library raises into a refusal; a native library's panic is no `Exception`."""
    try:
        yield
    except (FileRefusedError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except MemoryError as error:
        raise refuse("file_too_large", most=LARGEST_WORKBOOK // 2**20) from error
    except BaseException as error:
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = "" if place is None else f"{place.tb_frame.f_code.co_name}:{place.tb_lineno}"
        _log.warning("a file could not be read: %s at %s", type(error).__name__, where)  # never what stands in it
        raise refuse("file_unreadable", reason=type(error).__name__) from error


class BoundedGzip(io.RawIOBase):
    """Reads unpacked bytes and refuses when there are absurdly many of them."""

    def __init__(self, packed: IO[bytes], unpacked: IO[bytes], largest: int) -> None:
        super().__init__()
        self._packed, self._unpacked, self._largest = packed, unpacked, largest
        self._count = 0

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: object) -> int:
        """Fill a buffer.

        Raises
        ------
        FileRefusedError
            When more bytes come out than the limits allow.
        """
        view = memoryview(buffer)  # type: ignore[arg-type]
        data = self._unpacked.read(len(view))
        view[: len(data)] = data
        self._count += len(data)
        check_unpacked(self._count, self._packed.tell(), self._largest)
        return len(data)

    def close(self) -> None:
        """Close both streams."""
        self._unpacked.close()
        self._packed.close()
        super().close()


def check_unpacked(count: int, packed: int, largest: int) -> None:
    """Refuse a packed stream of which too much came out.

    Parameters
    ----------
    count, packed : int
        Bytes that came out so far, and bytes they were packed in.
    largest : int
        Bytes that may come out.

    Raises
    ------
    FileRefusedError
        When there are more, or absurdly more than went in.
    """
    if count > largest or (count > RATIO_FROM and count > LARGEST_RATIO * max(packed, 1)):
        raise refuse("file_bomb", size=f"{count // 2**20:,}")


@dataclass(slots=True)
class SheetScan:
    """What a look at a sheet's bytes says before a library opens it.

    Attributes
    ----------
    last_row, last_column : int
        Furthest cell that holds anything, from 1; 0 for an empty sheet.
    n_rows, n_cells : int
        Elements, whether they say where they stand or not.
    broken : dict of (int, int) to str
        Row and column (from 1) of cells with an error, and what it is.
    unsaved : int
        Formulas that were never calculated, so that no value stands in the file.
    """

    last_row: int = 0
    last_column: int = 0
    n_rows: int = 0
    n_cells: int = 0
    broken: dict[tuple[int, int], str] = field(default_factory=dict)
    unsaved: int = 0

    @property
    def cells(self) -> int:
        """Cells of the rectangle that the reader holds."""
        return max(self.last_row * self.last_column, self.n_cells)


def check_archive(archive: zipfile.ZipFile) -> None:
    """Refuse an archive whose parts would not fit, by what its directory says.

    Raises
    ------
    FileRefusedError
        When it holds too many parts, too large ones, or absurdly packed ones.
    """
    members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise refuse("file_bomb", size=f"{sum(item.file_size for item in members) // 2**20:,}")
    if any(item.flag_bits & 1 for item in members):
        raise refuse("file_encrypted")
    total = 0
    for item in members:
        total += item.file_size
        check_unpacked(item.file_size, item.compress_size, LARGEST_MEMBER)
    check_unpacked(total, sum(item.compress_size for item in members), 2 * LARGEST_MEMBER)


def drain(archive: zipfile.ZipFile, name: str) -> None:
    """Unpack a part to nowhere: a size that lies in the directory is found by the checksum."""
    with archive.open(name) as member:
        while member.read(BLOCK):
            pass


def scan_sheet(archive: zipfile.ZipFile, name: str) -> SheetScan:
    """Look through one sheet's bytes.

    Cells that are only formatted count at first; where the sheet would be too large with them, a second look
    leaves them out, as the library does.

    Parameters
    ----------
    archive : ZipFile
        The workbook.
    name : str
        The part.

    Raises
    ------
    FileRefusedError
        When the sheet has more rows than Excel can hold.
    """
    scan = SheetScan()
    for data in _chunks(archive, name):
        _look(data, scan)
    if scan.last_row > MOST_ROWS or scan.cells > MOST_CELLS // 4:
        scan.last_row = scan.last_column = 0
        for data in _chunks(archive, name):
            _look_closely(data, scan)
    if max(scan.last_row, scan.n_rows) > MOST_ROWS:
        raise refuse("sheet_too_long", most=f"{MOST_ROWS:,}")
    return scan


def _chunks(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """Give a sheet's bytes, divided at the end of a row where there is one."""
    rest = b""
    with archive.open(name) as member:
        while block := member.read(BLOCK):
            data = rest + block
            end = data.rfind(b"</row>") + 6
            if end < 6:
                end = max(len(data) - 2**16, 0)
            yield data[:end]
            rest = data[end:]
    yield rest


def _look(data: bytes, scan: SheetScan) -> None:
    scan.last_row = max(scan.last_row, max(map(int, _ROW.findall(data)), default=0))
    cells = _COLUMN.findall(data)
    if cells:
        scan.last_column = max(scan.last_column, *map(column_number, {letters for letters, _ in cells}))
        scan.last_row = max(scan.last_row, int(max((row for _, row in cells), key=_magnitude)))
    scan.n_rows += data.count(b"<row") + data.count(b":row")
    scan.n_cells += data.count(b"<c ") + data.count(b"<c>") + data.count(b":c ") + data.count(b":c>")
    if b't="e"' in data and len(scan.broken) < MOST_BROKEN:
        for letters, row, text in _ERROR.findall(data):
            scan.broken[int(row), column_number(letters)] = text.decode("ascii", "replace")
    if b"<f" in data or b":f" in data:
        scan.unsaved += len(_FORMULA.findall(data))


def _magnitude(digits: bytes) -> tuple[int, bytes]:
    return len(digits), digits


def _look_closely(data: bytes, scan: SheetScan) -> None:
    columns: set[bytes] = set()
    for letters, row in _CELL.findall(data):
        columns.add(letters)
        scan.last_row = max(scan.last_row, int(row))
    if columns:
        scan.last_column = max(scan.last_column, *map(column_number, columns))


def column_number(letters: bytes) -> int:
    """Return the number of a column, from 1, by what Excel calls it."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def check_area(scans: dict[str, SheetScan]) -> None:
    """Refuse sheets whose cells would not fit in memory; a stray cell far off is named.

    Raises
    ------
    FileRefusedError
        When there are more than `MOST_CELLS`.
    """
    if sum(scan.cells for scan in scans.values()) <= MOST_CELLS:
        return
    name, scan = max(scans.items(), key=lambda item: item[1].cells)
    raise refuse("sheet_too_wide", sheet=name, cell=f"{column_letters(scan.last_column)}{scan.last_row}",
                 most=f"{MOST_CELLS:,}")


def unpack(packed: bytes, largest: int = LARGEST_WORKBOOK) -> bytes:
    """Return the bytes inside gzip, of which there may be `largest`.

    Raises
    ------
    FileRefusedError
        When there are more.
    """
    parts: list[bytes] = []
    count, rest = 0, packed
    while rest.strip(b"\0"):
        stream = zlib.decompressobj(wbits=31)
        while not stream.eof:
            part = stream.decompress(rest, BLOCK)
            rest = stream.unconsumed_tail
            count += len(part)
            check_unpacked(count, len(packed), largest)
            parts.append(part)
            if not part and not stream.eof and not rest:
                raise EOFError
        rest = stream.unused_data
    return b"".join(parts)
