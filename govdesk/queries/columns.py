"""Columns of very many rows as arrays, in one reading of an index.

SQLite groups by sorting, and hands rows over one by one: a year of a million incidents took half a second either way.
Asked for each column as one text (``group_concat``, ``string_agg``) it only walks along the index; numpy reads the text
and sums without sorting. Both engines feed all aggregates of a statement row by row, so that columns stay aligned.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, Text, cast, func

from govdesk.queries.frames import COUNT, TEXT, Query, make_column

Integers: TypeAlias = npt.NDArray[np.int64]

#: Between two texts; no stored code holds it (`ingest.masking` takes control characters out).
_UNIT_SEPARATOR = "\x1f"
#: Cells up to which a sum is laid out densely (32 MB).
_MOST_CELLS = 4_000_000


@dataclass(frozen=True, slots=True)
class Coded:
    """A column as the number of its value among `labels`."""

    codes: Integers
    labels: npt.NDArray[Any]

    @classmethod
    def of_numbers(cls, values: Integers) -> "Coded":
        """Return whole numbers ≥ 0 as their own codes."""
        return cls(values, np.arange(int(values.max(initial=-1)) + 1))


def read_columns(
    connection: Connection, rows: Query, numbers: Mapping[str, Any], texts: Mapping[str, Any] | None = None
) -> tuple[dict[str, Integers], dict[str, Coded]]:
    """Return columns of the rows that a SELECT without columns describes, all in the same order.

    Parameters
    ----------
    numbers : mapping of str to SQL expression
        Whole numbers, never null.
    texts : mapping of str to SQL expression
        Codes, never null.

    Raises
    ------
    ValueError
        When a code holds a control character, so that columns are no longer aligned.
    """
    texts = texts or {}
    wanted = [func.aggregate_strings(cast(column, Text), ",") for column in numbers.values()]
    wanted += [func.aggregate_strings(column, _UNIT_SEPARATOR) for column in texts.values()]
    found = connection.execute(rows.add_columns(*wanted)).one()
    parsed = {name: np.fromstring(text or "", dtype="int64", sep=",")
              for name, text in zip(numbers, found[:len(numbers)], strict=True)}
    coded = {name: _encode(text) for name, text in zip(texts, found[len(numbers):], strict=True)}
    if len({len(column) for column in parsed.values()} | {len(column.codes) for column in coded.values()}) > 1:
        message = "a stored code holds a control character"
        raise ValueError(message)
    return parsed, coded


def _encode(joined: str | None) -> Coded:
    if joined is None:
        return Coded(np.zeros(0, dtype="int64"), np.zeros(0, dtype=object))
    # Arrow splits and numbers the parts without making a text object of each.
    found = pc.split_pattern(pa.array([joined], pa.large_string()), _UNIT_SEPARATOR).values.dictionary_encode()
    labels = np.array(found.dictionary.to_pylist(), dtype=object)
    order = np.argsort(labels)
    number_of = np.empty(len(labels), dtype="int64")
    number_of[order] = np.arange(len(labels))
    return Coded(number_of[found.indices.to_numpy(zero_copy_only=False)], labels[order])


def sum_cells(
    keys: Mapping[str, Coded], sums: Mapping[str, npt.NDArray[Any]], types: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Return the sums of each combination of keys that occurs, ascending by key.

    Parameters
    ----------
    keys : mapping of str to Coded
        All of the same length.
    sums : mapping of str to array of int64
        What is summed, a row each.
    types : mapping of str to str
        Type of a key's column (`queries.frames`); default: text.

    Returns
    -------
    DataFrame
        The keys, then the sums (int64).
    """
    sizes = [len(key.labels) for key in keys.values()]
    cell = np.zeros(len(next(iter(keys.values())).codes), dtype="int64")
    for key, size in zip(keys.values(), sizes, strict=True):
        cell = cell * size + key.codes
    seen, place = _number_cells(cell, int(np.prod(sizes, dtype="float64")))
    columns: dict[str, Any] = {}
    rest = seen
    for (name, key), size in reversed(list(zip(keys.items(), sizes, strict=True))):
        rest, code = np.divmod(rest, max(size, 1))
        columns[name] = make_column(key.labels[code].tolist(), (types or {}).get(name, TEXT))
    ordered = {name: columns[name] for name in keys}
    for name, values in sums.items():
        # A float64 holds every whole number up to 9e15.
        ordered[name] = np.bincount(place, weights=values, minlength=len(seen)).round().astype(COUNT)
    return pd.DataFrame(ordered)


def _number_cells(cell: Integers, n_cells: int) -> tuple[Integers, Integers]:
    """Return the cells that occur, ascending, and the place of each row's cell among them."""
    if n_cells > _MOST_CELLS:
        found, inverse = np.unique(cell, return_inverse=True)
        return found, inverse
    seen = np.flatnonzero(np.bincount(cell, minlength=n_cells))
    place_of = np.zeros(n_cells, dtype="int64")
    place_of[seen] = np.arange(len(seen))
    return seen, place_of[cell]
