"""Reads delimited text line by line, so that one stray quotation mark never swallows the rest of the file."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

import numpy as np

from govdesk.ingest.encodings import Opener
from govdesk.ingest.file_limits import refuse
from govdesk.ingest.pieces import PIECE, Block

#: Delimiters that are tried, in this order where they fit equally well.
DELIMITERS = (",", "\t", ";", "|")
#: Lines by which the delimiter is found.
SAMPLE = 60
#: Longest line, in characters: Excel takes 32,767 a cell, a longer line is no table.
LONGEST_LINE = 2**22
#: Most lines a cell between quotation marks may hold; beyond it, its first mark is taken for a stray one.
LONGEST_CELL_LINES = 500
#: ="00123": how exports keep a spreadsheet from taking a number or a day for one; the mark is no part of the text.
_SHIELDED = re.compile(r'="([^"]*)"\s*')


def raw_lines(open_raw: Opener, encoding: str, *, is_strict: bool = True) -> Iterator[str]:
    """Give the lines of a text with their ends, whatever these are.

    Raises
    ------
    FileRefusedError
        When a line is absurdly long.
    """
    errors = "strict" if is_strict else "replace"
    with open_raw() as raw, io.TextIOWrapper(raw, encoding, errors=errors, newline="") as file:
        while line := file.readline(LONGEST_LINE):
            if len(line) == LONGEST_LINE:
                raise refuse("line_too_long", most=f"{LONGEST_LINE:,}")
            yield line


def find_delimiter(lines: list[str]) -> str:
    """Return the delimiter that divides most lines alike.

    Parameters
    ----------
    lines : list of str
        The first lines, titles among them.
    """
    if lines and len(lines[0].strip()) == 5 and lines[0].lower().startswith("sep="):
        return lines[0].strip()[4]

    def fitness(delimiter: str) -> tuple[int, int]:
        counts = Counter(len(cells) for line in lines if len(cells := parse_line(line, delimiter)) > 1)
        if not counts:
            return 0, 0
        width, alike = max(counts.items(), key=lambda item: (item[1] * (item[0] - 1), item[0]))
        return alike * (width - 1), width

    return max(DELIMITERS, key=fitness)


def parse_line(line: str, delimiter: str) -> list[str]:
    """Return the cells of one line; a quotation mark that is never closed is an ordinary character."""
    try:
        rows = list(csv.reader([line], delimiter=delimiter, strict=True))
    except csv.Error:
        rows = []
    if len(rows) == 1:
        return rows[0]
    rows = list(csv.reader([line.rstrip("\r\n")], delimiter=delimiter, quoting=csv.QUOTE_NONE))
    return [_unquoted(cell) for cell in rows[0]] if rows else []


def _unquoted(cell: str) -> str:
    if len(cell) > 1 and cell[0] == cell[-1] == '"':
        return cell[1:-1].replace('""', '"')
    return cell.removeprefix('"') if cell.count('"') == 1 else cell


def _unshielded(rows: list[list[str]]) -> list[list[str]]:
    return [[match.group(1) if (match := _SHIELDED.fullmatch(cell)) else cell for cell in row] for row in rows]


def _is_open(line: str, delimiter: str) -> bool:
    """Return whether a line ends inside quotation marks."""
    try:
        return len(list(csv.reader([line], delimiter=delimiter, strict=True))) != 1
    except csv.Error as error:
        return "end of data" in str(error)


def text_blocks(lines: Iterator[str], delimiter: str, size: int = PIECE) -> Iterator[Block]:
    """Give the rows of a text with the line each begins on.

    Parameters
    ----------
    lines : iterator of str
        Lines with their ends.
    delimiter : str
        One character.
    size : int
        Lines a block.
    """
    csv.field_size_limit(LONGEST_LINE * LONGEST_CELL_LINES)
    done = 0
    rest: list[str] = []
    while True:
        some = rest + list(islice(lines, size))
        if not some:
            return
        is_last = len(some) < size
        numbers, rows, used = _parse(some, delimiter, is_last=is_last)
        if rows:
            yield done + 1 + numbers, _unshielded(rows) if any('="' in line for line in some[:used]) else rows
        done += used
        rest = some[used:]


def _parse(lines: list[str], delimiter: str, *, is_last: bool) -> tuple[np.ndarray, list[list[str]], int]:
    """Return the number of the line each row begins on, the rows, and how many lines they took."""
    if not any(line.count('"') & 1 for line in lines):
        try:
            rows = list(csv.reader(lines, delimiter=delimiter))
        except csv.Error:
            rows = []
        if len(rows) == len(lines):
            return np.arange(len(lines), dtype=np.int64), rows, len(lines)
    return _parse_each(lines, delimiter, is_last=is_last)


def _parse_each(lines: list[str], delimiter: str, *, is_last: bool) -> tuple[np.ndarray, list[list[str]], int]:
    starts: list[int] = []
    rows: list[list[str]] = []
    at = 0
    while at < len(lines):
        taken = 1
        if '"' in lines[at] and _is_open(lines[at], delimiter):
            found = _closing(lines, at, delimiter)
            if found == 0 and not is_last and len(lines) - at < LONGEST_CELL_LINES:
                break  # the end of the cell may stand in the next block
            taken = max(found, 1)
        starts.append(at)
        if taken == 1:
            rows.append(parse_line(lines[at], delimiter))
        else:
            rows.append(next(csv.reader(lines[at:at + taken], delimiter=delimiter, strict=True)))
        at += taken
    return np.array(starts, dtype=np.int64), rows, at


def _closing(lines: list[str], at: int, delimiter: str) -> int:
    """Return how many lines the cell that a line leaves open takes, or 0 where it is never closed properly."""
    count = lines[at].count('"')
    for taken in range(2, min(LONGEST_CELL_LINES, len(lines) - at) + 1):
        more = lines[at + taken - 1].count('"')
        count += more
        if not more or count & 1:
            continue
        try:
            rows = list(csv.reader(lines[at:at + taken], delimiter=delimiter, strict=True))
        except csv.Error as error:
            if "end of data" in str(error):
                continue
            return 0
        if len(rows) == 1:
            return taken
        return 0
    return 0
