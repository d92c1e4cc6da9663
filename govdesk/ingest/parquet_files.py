"""Opens Parquet files; their columns have names and types of their own, so nothing is looked for."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from govdesk.ingest.file_limits import check_unpacked
from govdesk.ingest.pieces import FileFacts, Piece, SheetFacts, Table, Texts, as_column, clean_header
from govdesk.ingest.typed_cells import as_text

#: Bytes of one row group, unpacked: it is held in memory while its rows are read.
LARGEST_GROUP = 2**29


def _arrow_texts(column: pa.Array) -> Texts:
    """Return a column as text; what Arrow writes as we would is left to Arrow, which is faster."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_integer(column.type) or pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return as_column(pc.fill_null(pc.cast(column, pa.string()), "").to_pylist())
    return as_column([as_text(value) for value in column.to_pylist()])


def open_parquet(source: Path | io.BytesIO, facts: FileFacts, piece: int) -> Table:
    """Open a Parquet file; rows are numbered as in a table with one header row.

    Raises
    ------
    FileRefusedError
        When a row group would not fit in memory.
    """
    file = pq.ParquetFile(source)
    for group in range(file.metadata.num_row_groups):
        check_unpacked(file.metadata.row_group(group).total_byte_size, LARGEST_GROUP, LARGEST_GROUP)
    facts.sheets.append(SheetFacts(None))

    def pieces() -> Iterator[Piece]:
        done = 0
        for batch in file.iter_batches(batch_size=piece):
            cells = [_arrow_texts(column) for column in batch.columns]
            yield Piece(np.arange(done + 2, done + 2 + batch.num_rows, dtype=np.int64), cells)
            done += batch.num_rows
            facts.sheets[0].n_rows = done

    headers = [clean_header(name) for name in file.schema_arrow.names]
    return Table(headers, pieces(), headers, [], facts)
