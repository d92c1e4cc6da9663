"""Turns the rows of a statement into a frame whose columns have the same types when it is empty."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from sqlalchemy import Connection, Select
from sqlalchemy.sql.selectable import CompoundSelect

#: A SELECT of any columns.
Query: TypeAlias = Select[*tuple[Any, ...]]

#: Instants are aware UTC, days naive; both in whole seconds, so that 1900 fits.
INSTANT = "datetime64[s, UTC]"
DAY = "datetime64[s]"
COUNT = "int64"
MAYBE_COUNT = "Int64"
NUMBER = "float64"
TEXT = "str"
FLAG = "bool"


def read_frame(
    connection: Connection, statement: Query | CompoundSelect[*tuple[Any, ...]], types: Mapping[str, str]
) -> pd.DataFrame:
    """Return the rows of `statement` with the columns and types of `types`, in that order."""
    rows = connection.execute(statement).all()
    return make_frame(rows, types)


def make_frame(rows: Sequence[Sequence[Any]], types: Mapping[str, str]) -> pd.DataFrame:
    """Return a frame of `rows` with the columns and types of `types`."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(types)
    return pd.DataFrame(
        {name: make_column(values, kind) for (name, kind), values in zip(types.items(), columns, strict=True)},
        copy=False)


def make_column(values: Sequence[Any], kind: str) -> Any:
    """Return the values as an array; the plain kinds without pandas' own guessing, of which a page pays dozens."""
    if kind in (COUNT, NUMBER):
        return np.array(values, dtype=kind)
    if kind == FLAG:
        return np.array([bool(value) for value in values], dtype=bool)
    if kind == TEXT:
        return pd.array(values, dtype=_STRING)
    return pd.Series(list(values), dtype="object").astype(kind)


#: What pandas calls "str".
_STRING = pd.StringDtype(na_value=np.nan)
