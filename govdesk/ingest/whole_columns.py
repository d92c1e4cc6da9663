"""Converts whole columns of coordinates and ISO instants at once: as cell by cell, several times faster.

Where one cell is anything else than the plain spelling, the column is left to the cell-by-cell reader.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from govdesk.ingest.cells import Meanings
from govdesk.ingest.profiles import Column
from govdesk.ingest.record_fields import Field

WholeReader = Callable[[NDArray[np.object_]], NDArray[Any] | None]

#: ``2023-03-05 09:30:00``
_ISO_LENGTH = 19


def make_whole_reader(column: Column | None, wanted: Field, meanings: Meanings) -> WholeReader | None:
    """Return a function for whole columns, or None where the profile asks for more than reading."""
    if column is not None and (column.extract or column.replace or column.values or column.template or column.default
                               or column.formats or column.transform):
        return None
    if wanted.kind == "float":
        return read_floats
    if wanted.kind == "instant" and not meanings.formats:
        return lambda texts: read_instants(texts, meanings)
    return None


def read_floats(texts: NDArray[np.object_]) -> NDArray[np.float64] | None:
    """Return numbers, NaN where a cell is empty; None where one is no number."""
    try:
        return np.where(texts == "", "nan", texts).astype(np.float64)
    except ValueError:
        return None


def read_instants(texts: NDArray[np.object_], meanings: Meanings) -> NDArray[np.int64] | None:
    """Return seconds since 1970 of local ISO texts with seconds; None where one is anything else."""
    for text in texts:
        if len(text) != _ISO_LENGTH or text[4] != "-" or text[7] != "-" or text[13] != ":" or text[16] != ":":
            return None
    try:
        local = pd.DatetimeIndex(texts.astype("datetime64[s]"))
        aware = local.tz_localize(meanings.zone, ambiguous=np.ones(len(local), dtype=bool),
                                  nonexistent=pd.Timedelta(hours=1))
    except ValueError:
        return None
    seconds: NDArray[np.int64] = aware.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[s]").astype(
        np.int64)
    return seconds
