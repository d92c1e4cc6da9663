"""Reads a CSV file of places or place changes to rows of values, with a note for each cell that cannot be used."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from charset_normalizer import from_bytes

from govdesk.ingest.notes import Note, note
from govdesk.ingest.place_cells import (
    CellError,
    clean_text,
    read_code,
    read_count,
    read_day,
    read_degrees,
    read_name,
    read_share,
    read_word,
)
from govdesk.ingest.place_headers import (
    CHANGE_HEADERS,
    CHANGE_KINDS,
    KINDS,
    LEVELS,
    PLACE_HEADERS,
    Headers,
    match_headers,
)

#: A cell longer than this is no cell of a register; the row is refused before anything looks at it.
csv.field_size_limit(1_000_000)


class FileRefusedError(ValueError):
    """A file that cannot be read at all; `args[0]` is a `Note`."""

    @property
    def note(self) -> Note:
        """The sentence to show."""
        found = self.args[0]
        assert isinstance(found, Note)  # noqa: S101  # we raise it with nothing else
        return found


@dataclass(slots=True)
class PlaceRow:
    """One row of a file.

    Attributes
    ----------
    line : int
        Line of the CSV file, the header being 1; number of the feature of a GeoJSON file.
    values : dict
        Field to value, None where the cell is empty. A field whose column the file lacks is not in it.
    titles : dict of str to str
        Field to the header as in the file.
    errors, warnings : list of Note
        What is wrong with its cells.
    """

    line: int
    values: dict[str, object]
    titles: Mapping[str, str] = field(default_factory=dict)
    errors: list[Note] = field(default_factory=list)
    warnings: list[Note] = field(default_factory=list)

    @property
    def code(self) -> str:
        """Code of the place, empty where it could not be read."""
        return str(self.values.get("code") or "")

    def refuse(self, code: str, column: str | None = None, **values: object) -> None:
        """Add an error about a field."""
        self.errors.append(note(code, self.line, self.titles.get(column, column) if column else None, **values))

    def warn(self, code: str, column: str | None = None, **values: object) -> None:
        """Add a warning about a field."""
        self.warnings.append(note(code, self.line, self.titles.get(column, column) if column else None, **values))


@dataclass(slots=True)
class PlaceFile:
    """Rows of one file, and what is to be said about it as a whole."""

    rows: list[PlaceRow]
    warnings: list[Note] = field(default_factory=list)


_READERS: dict[str, Callable[[str], object]] = {
    "code": read_code,
    "name": read_name,
    "level": lambda text: read_word(text, LEVELS, "bad_level"),
    "parent_code": read_code,
    "kind": lambda text: read_word(text, KINDS, "bad_kind"),
    "population": read_count,
    "households": read_count,
    "lon": lambda text: read_degrees(text, 180.0),
    "lat": lambda text: read_degrees(text, 90.0),
    "valid_from": read_day,
    "valid_to": read_day,
}
_CHANGE_READERS: dict[str, Callable[[str], object]] = {
    "from_code": read_code,
    "to_code": read_code,
    "on": read_day,
    "kind": lambda text: read_word(text, CHANGE_KINDS, "bad_change_kind"),
    "share": read_share,
}


def decode(content: bytes) -> str:
    """Return the text of a file: UTF-16 by its mark, then UTF-8, then GB18030, then whatever is likeliest.

    Raises
    ------
    FileRefusedError
        When no encoding fits.
    """
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", errors="replace")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    best = from_bytes(content).best()
    if best is None:
        raise FileRefusedError(note("encoding_unknown"))
    return str(best)


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each record that is not blank with the line it begins on."""
    head = text.split("\n", 1)[0]
    delimiter = max(",\t;，", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = 1
    try:
        for record in reader:
            if any(cell.strip() for cell in record):
                yield line, record
            line = reader.line_num + 1
    except csv.Error as error:
        raise FileRefusedError(note("file_broken", line, reason=str(error))) from error


def read_cells(row: PlaceRow, cells: Mapping[str, str], readers: Mapping[str, Callable[[str], object]]) -> None:
    """Fill `row.values` from the texts of its cells; what cannot be used becomes an error of the row."""
    for name, text in cells.items():
        if not text.strip():
            row.values[name] = None
            continue
        try:
            row.values[name] = readers[name](text)
        except CellError as error:
            row.values[name] = None
            row.refuse(error.code, name, **error.values)
            continue
        if name == "name" and clean_text(text)[1]:
            row.warn("characters_removed", name)


def read_place_cells(row: PlaceRow, cells: Mapping[str, str]) -> None:
    """Fill `row.values` from the cells of a place, and check its coordinates together."""
    read_cells(row, cells, _READERS)
    if row.errors:
        return
    lon, lat = row.values.get("lon"), row.values.get("lat")
    if (lon is None) != (lat is None):
        row.refuse("half_a_point", "lat" if lat is None else "lon")
    elif lon == 0.0 and lat == 0.0:
        row.warn("point_zero", "lon")
        row.values["lon"] = row.values["lat"] = None


def _open(path: Path, words: Mapping[str, tuple[str, ...]], needed: Sequence[str]
          ) -> tuple[Headers, list[tuple[int, list[str]]]]:
    records = list(_records(decode(path.read_bytes())))
    if not records:
        raise FileRefusedError(note("file_empty", file=path.name))
    headers = match_headers(records[0][1], dict(words))
    missing = [name for name in needed if name not in headers.titles]
    if missing:
        near = [f"{item.column} → {dict(item.values)['suggestion']}" for item in headers.warnings
                if item.code == "header_misspelt"]
        shown = ", ".join(title[:30] for title in records[0][1][:20])
        raise FileRefusedError(
            note("column_missing", records[0][0], columns=", ".join(missing), found=shown, hint=", ".join(near) or "–"))
    return headers, records[1:]


def _cells(headers: Headers, record: Sequence[str]) -> dict[str, str]:
    return {name: record[at] if at < len(record) else "" for at, name in headers.columns.items()}


def read_places_csv(path: Path) -> PlaceFile:
    """Read a register of places.

    Raises
    ------
    FileRefusedError
        When it has no rows, no column of codes, or no readable text.
    """
    headers, records = _open(path, PLACE_HEADERS, ("code",))
    rows = []
    for line, record in records:
        row = PlaceRow(line, {}, headers.titles)
        read_place_cells(row, _cells(headers, record))
        if not row.code and not row.errors:
            row.refuse("code_missing", "code")
        rows.append(row)
    return PlaceFile(rows, headers.warnings)


def read_changes_csv(path: Path) -> PlaceFile:
    """Read a file of place changes: ``from_code,to_code,on,kind,share``.

    Raises
    ------
    FileRefusedError
        When a column is missing or nothing can be read.
    """
    headers, records = _open(path, CHANGE_HEADERS, ("from_code", "to_code", "on"))
    rows = []
    for line, record in records:
        row = PlaceRow(line, {}, headers.titles)
        read_cells(row, _cells(headers, record), _CHANGE_READERS)
        for name in ("from_code", "to_code", "on"):
            if row.values.get(name) is None and not row.errors:
                row.refuse("cell_missing", name, field=name)
        rows.append(row)
    return PlaceFile(rows, headers.warnings)
