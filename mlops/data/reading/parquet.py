"""Parquet: files of other programs, block by block, and no larger than a machine can bear.

Some kilobytes of parquet can stand for billions of equal values, so sizes are taken from the metadata, and texts are
measured while they are still a dictionary of different ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from mlops.base.errors import DataError, shown
from mlops.data.reading import headers
from mlops.data.reading.delimited import MAX_CELL, MAX_COLUMNS

MAX_CELLS = 200_000_000
"""Rows times columns."""

MAX_TEXT = 1 << 30
"""Bytes that the texts of a file may have when they are written out."""

BLOCK_ROWS = 50_000
_BLOCK_BYTES = 64 << 20

_SUSPECT_BYTES, _SUSPECT_RATIO = 256 << 20, 1000
"""A file that grows this large and by this factor was made to fill a memory."""


def blocks(
    file: BinaryIO, name: str, size: int, on_rows: Callable[[int, int], None] | None = None
) -> Iterator[pa.Table]:
    """Yield the rows of a parquet file in blocks, columns in the types of `tables`; the first block has no rows.

    Parameters
    ----------
    on_rows : callable, optional
        Called with the rows that come next and those before them, and with all that there are.

    Raises
    ------
    DataError
        If the file is damaged, too large, or holds columns that are no cells.
    """
    try:
        schema = pyarrow.parquet.ParquetFile(file).schema_arrow
        # A column that was written as a dictionary, such as a pandas category, is one again when it is read.
        texts = [field.name for field in schema if _is_text(getattr(field.type, "value_type", field.type))]
        source = pyarrow.parquet.ParquetFile(file, read_dictionary=texts)
        _check_size(source.metadata, name, size)
        headers.names(schema.names, name)
        yield _plain(schema.empty_table(), name)
        written = rows = 0
        for batch in source.iter_batches(BLOCK_ROWS):
            block = pa.Table.from_batches([batch])
            expanded = sum(_expanded(block.column(text), text, name) for text in texts)
            written += expanded
            if written > MAX_TEXT or _suspicious(written, size):
                raise DataError(f"{name} expands to {written:,} bytes of text or more.", "Split the file.")
            for part in _parts(block, expanded // _BLOCK_BYTES + 1):
                rows += part.num_rows
                if on_rows:
                    on_rows(rows, source.metadata.num_rows)
                yield _plain(part, name)
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{name} is a damaged parquet file: {error}.", "Write the file again.") from error


def _check_size(metadata: pyarrow.parquet.FileMetaData, name: str, size: int) -> None:
    """Refuse a file whose metadata says that it is too large to be read."""
    rows, columns = metadata.num_rows, metadata.num_columns
    if columns == 0:
        raise DataError(f"{name} has no columns.", "Give a file with a header and rows.")
    if columns > MAX_COLUMNS:
        raise DataError(f"{name} has {columns:,} columns; at most {MAX_COLUMNS:,} are read.", "Leave some out.")
    if rows * columns > MAX_CELLS:
        raise DataError(
            f"{name} has {rows:,} rows of {columns:,} columns; at most {MAX_CELLS:,} cells are read.", "Split the file."
        )
    if _suspicious(8 * rows * columns, size):
        raise DataError(f"{name} has {size:,} bytes for {rows * columns:,} cells, far too few.", "Write it again.")
    for group in range(metadata.num_row_groups):
        for place in range(columns):
            chunk = metadata.row_group(group).column(place)
            if _suspicious(chunk.total_uncompressed_size, chunk.total_compressed_size):
                raise DataError(
                    f"Column {shown(chunk.path_in_schema)} of {name} expands to "
                    f"{chunk.total_uncompressed_size:,} bytes.",
                    "Write the file again, in smaller row groups.",
                )


def _suspicious(expanded: int, stored: int) -> bool:
    return expanded > _SUSPECT_BYTES and expanded > _SUSPECT_RATIO * stored


def _expanded(column: pa.ChunkedArray, column_name: str, name: str) -> int:
    """Return how many bytes a dictionary column has when it is written out; refuse cells that are too long."""
    total = 0
    for chunk in column.chunks:
        lengths = pc.binary_length(chunk.dictionary)
        if (pc.max(lengths).as_py() or 0) > MAX_CELL:
            raise DataError(
                f"Column {shown(column_name)} of {name} has a cell of more than {MAX_CELL:,} characters.", "Shorten it."
            )
        total += pc.sum(pc.cast(pc.take(lengths, chunk.indices), pa.int64())).as_py() or 0
    return total


def _parts(block: pa.Table, count: int) -> Iterator[pa.Table]:
    rows = -(-block.num_rows // count) or 1
    return (block.slice(start, rows) for start in range(0, block.num_rows, rows))


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        return _is_text(kind.value_type)
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def _plain(table: pa.Table, name: str) -> pa.Table:
    return pa.table({column: _plain_column(table.column(column), column, name) for column in table.column_names})


def _plain_column(column: pa.ChunkedArray, column_name: str, name: str) -> pa.ChunkedArray:
    """Bring a column of another program to one of our six types, without NaN; `cells` counts what is infinite."""
    found = next((convert for applies, convert in _CONVERSIONS if applies(column.type)), None)
    if found is None:
        raise DataError(
            f"Column {shown(column_name)} of {name} has type {column.type}; a cell must be a number, text, boolean, "
            "date or time.",
            "Leave the column out or turn it into text.",
        )
    try:
        return found(column)
    except pa.ArrowInvalid as error:
        raise DataError(f"Column {shown(column_name)} of {name}: {error}.", "Store it in a smaller type.") from error


def _of_dictionary(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return _plain_column(column.cast(column.type.value_type), "", "")


def _number(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return numbers as the CSV that other programs write of them is read: 0.1 of 32 bits is 0.1, NaN is missing."""
    if column.type == pa.float16():
        written = [None if value is None else str(np.float16(value)) for value in column.to_pylist()]
        column = pa.chunked_array([pa.array(written, pa.string())])
    if column.type == pa.float32():
        column = column.cast(pa.string())
    values = column.cast(pa.float64())
    return pc.if_else(pc.is_nan(values), pa.scalar(None, pa.float64()), values)


def _is_long(kind: pa.DataType) -> bool:
    """Tell whether numbers may have more digits than our types; as text, they are looked at like the cells of a CSV."""
    return kind == pa.uint64() or pa.types.is_decimal(kind)


_CONVERSIONS: tuple[tuple[Callable[[Any], bool], Callable[[Any], Any]], ...] = (
    (pa.types.is_dictionary, _of_dictionary),
    (_is_long, lambda column: column.cast(pa.large_string())),
    (pa.types.is_integer, lambda column: column.cast(pa.int64())),
    (pa.types.is_floating, _number),
    (pa.types.is_timestamp, lambda column: column.cast(pa.timestamp("us", column.type.tz)).cast(pa.timestamp("us"))),
    (pa.types.is_date, lambda column: column.cast(pa.date32())),
    (pa.types.is_boolean, lambda column: column),
    (_is_text, lambda column: column.cast(pa.large_string())),
    (pa.types.is_null, lambda column: column.cast(pa.large_string())),
)
