"""Binds the fields of a profile to the columns of a file, and converts whole columns."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rapidfuzz import process

from govdesk.ingest.cells import Meanings, make_reader
from govdesk.ingest.folding import fold
from govdesk.ingest.notes import Note, label, note
from govdesk.ingest.outcomes import SKIP, Failure, Reader, Told, empty_of
from govdesk.ingest.profiles import LIKENESS, Column, Profile
from govdesk.ingest.readers import FileRefusedError, Piece
from govdesk.ingest.record_fields import Field
from govdesk.ingest.wanted_headers import HeaderNames
from govdesk.ingest.whole_columns import WholeReader, make_whole_reader
from govdesk.words import say

Array = NDArray[Any]
Texts = NDArray[np.object_]

PLACE_CODE = Field("place_code")
PLACE_NAME = Field("place_name", length=100)
PLACE_PARENT = Field("place_parent", length=100)
LON = Field("lon", "float")
LAT = Field("lat", "float")


@dataclass(frozen=True, slots=True)
class Bound:
    """A field and where it comes from.

    Attributes
    ----------
    wanted : Field
        The field.
    reader : Reader
        From text to value.
    indexes : tuple of int
        Columns of the file that are read together; empty for a constant.
    constant : str
        The text of every row, where there is no column.
    header : str
        What the file calls it: for notes.
    whole : callable, optional
        Converts a whole column at once, or returns None where one cell needs a closer look.
    """

    wanted: Field
    reader: Reader
    indexes: tuple[int, ...]
    constant: str = ""
    header: str = ""
    whole: WholeReader | None = None

    def texts(self, piece: Piece) -> Texts:
        """Return the raw text of each row."""
        if not self.indexes:
            return np.full(len(piece.lines), self.constant, dtype=object)
        if len(self.indexes) == 1:
            return piece.cells[self.indexes[0]]
        parts = zip(*(piece.cells[index] for index in self.indexes), strict=True)
        joined = np.empty(len(piece.lines), dtype=object)
        joined[:] = [" ".join(part.strip() for part in row if part.strip()) for row in parts]
        return joined


class Headers:
    """The headers of a file, found whatever their case, width and spaces; `lower` as `pieces.Table` has it."""

    def __init__(self, headers: Sequence[str], lower: Sequence[str] = ()) -> None:
        self.names = list(headers)
        self._found = HeaderNames(headers, lower)

    def find(self, candidates: Sequence[str], about: str) -> int | None:
        """Return the column of the first candidate that exists, or None.

        Raises
        ------
        FileRefusedError
            When the file has that header twice.
        """
        for name in candidates:
            indexes = self._found.columns(name)
            if len(indexes) > 1:
                raise FileRefusedError(note("header_ambiguous", column=name, field=about, header=name))
            if indexes:
                return indexes[0]
        return None

    def missing(self, wanted: str, candidates: Sequence[str]) -> Note:
        """Return the note that a column is missing, with the headers there are and the nearest one."""
        named = [item for item in self.names if item]
        near = [found for name in candidates
                if (found := process.extractOne(name, named, processor=fold, score_cutoff=LIKENESS)) is not None]
        columns = wanted if list(candidates) == [wanted] else f"{wanted} ({' / '.join(candidates)})"
        return note("column_missing", columns=columns, found=", ".join(label(name)[:40] for name in named[:20]),
                    hint=say("note.hint", near=label(near[0][0])[:40]) if near else "")


def bind(wanted: Field, column: Column | None, headers: Headers, meanings: Meanings) -> Bound | None:
    """Bind one field; None where the file need not have it and does not.

    Parameters
    ----------
    wanted : Field
        The field.
    column : Column or None
        The profile's section; None: a column of the field's own name, if there is one.

    Raises
    ------
    FileRefusedError
        When the profile asks for a column that the file lacks.
    """
    reader = make_reader(column, wanted, meanings)
    whole = make_whole_reader(column, wanted, meanings)
    if column is None:
        index = headers.find([wanted.name], wanted.name)
        return None if index is None else Bound(wanted, reader, (index,), "", headers.names[index], whole)
    if column.constant is not None:
        return Bound(wanted, reader, (), column.constant, wanted.name)
    groups = [[name] for name in column.join] if column.join else [column.source]
    indexes: list[int] = []
    for candidates in groups:
        index = headers.find(candidates, wanted.name)
        if index is None:
            if column.optional:
                return None
            raise FileRefusedError(headers.missing(wanted.name, candidates))
        indexes.append(index)
    return Bound(wanted, reader, tuple(indexes), "", headers.names[indexes[0]], whole)


@dataclass(slots=True)
class Binding:
    """All bound columns of one file."""

    fields: dict[str, Bound] = field(default_factory=dict)
    only: list[tuple[int, frozenset[str]]] = field(default_factory=list)
    place_code: Bound | None = None
    place_name: Bound | None = None
    place_parent: Bound | None = None
    lon: Bound | None = None
    lat: Bound | None = None

    def bound(self, name: str) -> Bound | None:
        """Return where a field, or a part of the place or point, comes from; None where it is not read."""
        if name in ("place_code", "place_name", "place_parent", "lon", "lat"):
            found: Bound | None = getattr(self, name)
            return found
        return self.fields.get(name)


def bind_profile(profile: Profile, headers: Headers, meanings: Meanings) -> Binding:
    """Bind a profile to a file.

    Raises
    ------
    FileRefusedError
        When the file lacks a column that the profile or the kind of record needs.
    """
    binding = Binding()
    for wanted in profile.kind.fields:
        column = profile.fields.get(wanted.name)
        if column is None and (not profile.own_names or wanted.named_only):
            continue
        bound = bind(wanted, column, headers, meanings)
        if bound is not None:
            binding.fields[wanted.name] = bound
        elif wanted.required:
            raise FileRefusedError(headers.missing(wanted.name, column.source if column else [wanted.name]))
    if profile.about == "incidents" and not {"occurred_on", "reported_at"} & set(binding.fields):
        raise FileRefusedError(headers.missing("occurred_on", ["occurred_on", "reported_at"]))
    for rule in profile.only:
        index = headers.find(rule.source, "only")
        if index is None:
            raise FileRefusedError(headers.missing("only", rule.source))
        binding.only.append((index, frozenset("".join(fold(value).split()) for value in rule.values)))
    _bind_place(binding, profile, headers, meanings)
    return binding


#: Columns that say the same under another upper header from which a sheet holds two tables side by side.
_ABREAST = 3


def refuse_abreast(binding: Binding, lower: Sequence[str]) -> None:
    """Refuse a sheet with two tables side by side, of which the profile reads one: the other's rows would be lost.

    Told from lower headers that are read under one upper header and stand again, unread, under another.

    Raises
    ------
    FileRefusedError
        With the headers that stand twice.
    """
    bounds = [*binding.fields.values(), binding.place_code, binding.place_name, binding.place_parent]
    read = {index for bound in bounds if bound is not None for index in bound.indexes}
    read |= {index for index, _ in binding.only}
    names = [fold(name) for name in lower]
    mine = {names[index] for index in read if index < len(names) and names[index]}
    again = [lower[index] for index, name in enumerate(names) if index not in read and name in mine]
    if len(set(again)) >= _ABREAST:
        raise FileRefusedError(note("tables_abreast", columns=", ".join(label(name)[:20] for name in again[:6])))


def _bind_place(binding: Binding, profile: Profile, headers: Headers, meanings: Meanings) -> None:
    kind, place, point = profile.kind, profile.place, profile.point
    if place is not None:
        binding.place_code = bind(PLACE_CODE, place.code, headers, meanings) if place.code else None
        binding.place_name = bind(PLACE_NAME, place.name, headers, meanings) if place.name else None
        binding.place_parent = bind(PLACE_PARENT, place.parent, headers, meanings) if place.parent else None
    elif profile.own_names and kind.has_place:
        binding.place_code = bind(PLACE_CODE, None, headers, meanings)
        if binding.place_code is None and kind.place_required:
            raise FileRefusedError(headers.missing("place_code", ["place_code"]))
    if point is not None:
        binding.lon = bind(LON, point.lon, headers, meanings)
        binding.lat = bind(LAT, point.lat, headers, meanings)
    elif profile.own_names and kind.has_point:
        binding.lon = bind(LON, None, headers, meanings)
        binding.lat = bind(LAT, None, headers, meanings)


@dataclass(slots=True)
class Converted:
    """A converted column.

    Attributes
    ----------
    values : ndarray
        int64 (NULL where missing), float64 (NaN) or object (None), by the field's kind.
    failures : dict of int to Failure
        Row → why its cell cannot be used.
    skipped : list of int
        Rows that the profile does not mean.
    told : dict of str to ndarray of int64
        Code of a warning → rows that it is about.
    masked : list of int
        Rows in which something was masked.
    masked_kinds : list of tuple of str
        The kinds of what was masked in each of them.
    """

    values: Array
    failures: dict[int, Failure] = field(default_factory=dict)
    skipped: list[int] = field(default_factory=list)
    told: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    masked: list[int] = field(default_factory=list)
    masked_kinds: list[tuple[str, ...]] = field(default_factory=list)


def _dtype(kind: str) -> type:
    if kind == "float":
        return np.float64
    return np.int64 if kind in ("int", "bool", "date", "instant") else object


def convert_column(bound: Bound, piece: Piece) -> Converted:
    """Convert one column; each different text is read once."""
    texts = bound.texts(piece)
    if bound.whole is not None:
        values = bound.whole(texts)
        if values is not None:
            return Converted(values)
    codes, uniques = pd.factorize(texts)
    nothing = empty_of(bound.wanted.kind)
    outcomes = [bound.reader(text) for text in uniques]
    special = [at for at, item in enumerate(outcomes) if isinstance(item, Failure | Told) or item is SKIP]
    plain = list(outcomes)
    for at in special:
        item = outcomes[at]
        plain[at] = item.value if isinstance(item, Told) else nothing
    table: Array = np.empty(len(plain), dtype=_dtype(bound.wanted.kind))
    table[:] = plain
    result = Converted(table[codes] if plain else table)
    if special:
        _tell(result, outcomes, special, codes)
    return result


def _tell(result: Converted, outcomes: list[object], special: list[int], codes: NDArray[np.intp]) -> None:
    """Write down which rows have something to tell; by text first, because a text may stand in every row."""

    def rows_of(texts: list[int]) -> NDArray[np.int64]:
        is_meant = np.zeros(len(outcomes), dtype=bool)
        is_meant[texts] = True
        return np.flatnonzero(is_meant[codes]).astype(np.int64)

    by_code: dict[str, list[int]] = {}
    for at in special:
        for code in getattr(outcomes[at], "codes", ()):
            by_code.setdefault(code, []).append(at)
    result.told = {code: rows_of(texts) for code, texts in by_code.items()}
    result.masked = rows_of([at for at in special if getattr(outcomes[at], "masked", ())]).tolist()
    result.masked_kinds = [getattr(outcomes[codes[row]], "masked", ()) for row in result.masked]
    result.skipped = rows_of([at for at in special if outcomes[at] is SKIP]).tolist()
    failed = rows_of([at for at in special if isinstance(outcomes[at], Failure)]).tolist()
    result.failures = {row: item for row in failed if isinstance(item := outcomes[codes[row]], Failure)}
