"""Tables: typed columns, and what makes two tables the same.

Inside the package a table is a `pyarrow.Table` of exactly these column types, without NaN and infinity:

    integer int64 · number float64 · boolean bool · text large_string · date date32 · datetime timestamp[us]

`reading` makes them from files; this module converts, identifies and writes them.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from mlops.base.records import canonical_json

if TYPE_CHECKING:
    from mlops.base.artifacts import Artifacts
    from mlops.base.ledger import Ledger

Type = Literal["integer", "number", "boolean", "text", "date", "datetime"]
TYPES: tuple[Type, ...] = get_args(Type)

ARROW: dict[Type, pa.DataType] = {
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "text": pa.large_string(),
    "date": pa.date32(),
    "datetime": pa.timestamp("us"),
}

GROUP_ROWS = 1 << 18
"""Rows in a group of a parquet file."""

SAMPLE = 1_000
"""Texts that tell whether a column says the same again and again."""


# What a value must look like. A leading zero (007) or more than 18 digits mean an identifier, not a number.
PATTERNS: dict[Type, str] = {
    "integer": r"^-?(0|[1-9]\d{0,17})$",
    "number": r"^[+-]?((0|[1-9]\d{0,17})(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$",
    "boolean": r"^(?i:true|false)$",
    "date": r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$",
    "datetime": r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?$",
}


def type_of(column: pa.DataType) -> Type:
    """Return our name of an Arrow type of this module."""
    return next(name for name, arrow in ARROW.items() if arrow == column)


def schema_of(table: pa.Table) -> list[dict[str, Any]]:
    """Return ``[{name, type, nullable}]``; nullable means that some value is missing here."""
    return [
        {"name": name, "type": type_of(column.type), "nullable": column.null_count > 0}
        for name, column in zip(table.column_names, table.columns, strict=True)
    ]


def counts(column: pa.ChunkedArray) -> Counter[Any]:
    """Count the rows of each value, in the order in which values come first; missing is none of them.

    Examples
    --------
    >>> counts(pa.chunked_array([["a", None, "b", "a"]]))
    Counter({'a': 2, 'b': 1})
    """
    return Counter({entry["values"]: entry["counts"] for entry in pc.value_counts(column.drop_null()).to_pylist()})


def content_sha256(table: pa.Table) -> str:
    """Return the identity of a table: a hash of names, types and every value in row order.

    It does not depend on the file format. Missing differs from the empty text; -0.0 equals 0.0.

    Parameters
    ----------
    table : pyarrow.Table
        Columns of the types of this module.

    Returns
    -------
    str
        SHA-256 over one SHA-256 per column.

    Examples
    --------
    >>> a = pa.table({"x": pa.array([0.0, None])})
    >>> b = pa.table({"x": pa.chunked_array([[-0.0], pa.array([None], pa.float64())])})
    >>> content_sha256(a) == content_sha256(b)
    True
    """
    columns = [
        [name, type_of(column.type), _column_sha256(column)]
        for name, column in zip(table.column_names, table.columns, strict=True)
    ]
    return hashlib.sha256(canonical_json([table.num_rows, columns]).encode()).hexdigest()


def frame_of(table: pa.Table, columns: Iterable[str]) -> pd.DataFrame:
    """Return columns as a model sees them: numbers as float64, text as strings, missing as NaN.

    Booleans are the numbers 0 and 1.
    """
    return pd.DataFrame({name: _model_values(table.column(name)) for name in columns})


def numbers_of(column: pa.ChunkedArray) -> np.ndarray:
    """Return a column that is no text as a model sees it: float64, NaN where a value is missing."""
    return column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)


def levels_of(column: pa.ChunkedArray) -> tuple[list[str | None], np.ndarray]:
    """Return the different texts of a column, None as the last one, and for each row the place of its text there."""
    found = pc.dictionary_encode(column.combine_chunks())
    return [*found.dictionary.to_pylist(), None], found.indices.fill_null(len(found.dictionary)).to_numpy()


def write_csv(table: pa.Table) -> bytes:
    """Return the table as CSV bytes that `read` reads back to equal content."""
    frame = pd.DataFrame(
        {name: _printable(column) for name, column in zip(table.column_names, table.columns, strict=True)}
    )
    return _csv_of(frame)


def export_csv(table: pa.Table, header: bool = True) -> bytes:
    """Return the table as CSV bytes for other programs: no cell can be taken for a formula.

    A spreadsheet runs text that begins with ``= + - @``, a tab or a carriage return; such cells get a leading
    apostrophe. (`write_csv` restores a version exactly, so it does not.)
    """
    if not _needs_quotes(table):
        head = _csv_of(pd.DataFrame(columns=[harmless(name) for name in table.column_names])) if header else b""
        return head + _lines(table)
    frame = pd.DataFrame(
        {
            harmless(name): _printable(column).map(harmless) if _has_formula(column) else _printable(column)
            for name, column in zip(table.column_names, table.columns, strict=True)
        }
    )
    return _csv_of(frame, header)


def _needs_quotes(table: pa.Table) -> bool:
    """Tell whether a cell or a name is more than characters between commas: then Python looks at each."""
    if table.num_columns == 1 or any(re.search('[",\r\n]', name) for name in table.column_names):
        return True
    texts = [column for column in table.columns if pa.types.is_large_string(column.type)]
    return any(pc.any(pc.match_substring_regex(column, r'[",\r\n]|^[=+\-@\t]')).as_py() for column in texts)


def _lines(table: pa.Table) -> memoryview:
    """Return rows that need no quotes as Python writes them, several times as fast."""

    def joined(columns: Iterable[Any], mark: str) -> pa.ChunkedArray:
        between = pa.scalar(mark, ARROW["text"])
        return pc.binary_join_element_wise(*columns, between, null_handling="replace", null_replacement="")

    lines = joined([joined(map(_spelled, table.columns), ","), pa.scalar("", ARROW["text"])], "\n").combine_chunks()
    _, offsets, text = lines.buffers()
    ends = np.frombuffer(offsets, "<i8")[lines.offset : lines.offset + len(lines) + 1]
    return memoryview(text or b"")[ends[0] : ends[-1]]


def _spelled(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column as text, spelled as `_printable` does; what is missing stays missing."""
    kind = type_of(column.type)
    if kind == "datetime":
        column = pc.strftime(column, "%Y-%m-%dT%H:%M:%S")
    text = column.cast(pa.large_string())
    if kind == "boolean":
        return pc.utf8_capitalize(text)
    if kind != "number":
        return text
    # Of these, Arrow writes the digits that Python writes; of the others, 1.0 as 1 and 1e-05 as 0.00001.
    size = pc.abs(column)
    alike = pc.and_(pc.and_(pc.greater_equal(size, 1e-4), pc.less(size, 1e7)), pc.not_equal(column, pc.floor(column)))
    if pc.all(alike, min_count=0).as_py():
        return text
    pairs = zip(column.to_pylist(), alike.to_pylist(), strict=True)
    written = [None if same or value is None else repr(value) for value, same in pairs]
    return pc.coalesce(pa.chunked_array([pa.array(written, text.type)]), text)


def _has_formula(column: pa.ChunkedArray) -> bool:
    return type_of(column.type) == "text" and bool(pc.any(pc.match_substring_regex(column, r"^[=+\-@\t\r]")).as_py())


def harmless(value: Any) -> Any:
    """Return a cell that no spreadsheet runs.

    Examples
    --------
    >>> harmless("=1+1"), harmless("-5"), harmless("plain")
    ("'=1+1", '-5', 'plain')
    """
    if not isinstance(value, str) or not value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return value
    try:
        float(value)
    except ValueError:
        return f"'{value}"
    return value


def plain(value: Any) -> Any:
    """Return a cell as plain JSON has it: a date, or a moment, as its ISO text.

    Examples
    --------
    >>> plain(pa.scalar(0, pa.date32()).as_py()), plain(1.5), plain(None)
    ('1970-01-01', 1.5, None)
    """
    return value if value is None or isinstance(value, str | int | float | bool) else value.isoformat()


def write_parquet(table: pa.Table, file: Any) -> None:
    """Write the table to an open binary file, equal bytes for equal tables."""
    # A dictionary of numbers that hardly repeat costs eight times what it saves.
    texts = [column["name"] for column in schema_of(table) if column["type"] == "text"]
    with pyarrow.parquet.ParquetWriter(file, table.schema, compression="zstd", use_dictionary=texts or False) as writer:
        for start in range(0, max(table.num_rows, 1), GROUP_ROWS):  # one group at a time, so that a copy stays small
            writer.write_table(table.slice(start, GROUP_ROWS).combine_chunks())


def kept(ledger: Ledger, artifacts: Artifacts, path: str, columns: list[str] | None = None) -> pa.Table:
    """Return the table that a workspace keeps in a file, or some columns of it, after checking the file's bytes."""
    with ledger.read() as view:
        sha256 = view.artifact(path)
    return pyarrow.parquet.read_table(pa.BufferReader(artifacts.read(path, sha256)), columns=columns)


def convert(text: pa.ChunkedArray, kind: Type) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    """Convert a text column to a type, value by value.

    Returns
    -------
    values : pyarrow.ChunkedArray
        The converted column; missing where the value does not fit.
    fits : pyarrow.ChunkedArray of bool
        Whether each value fits the type; missing values do.
    """
    if kind == "text":
        return text, pa.chunked_array([pa.repeat(True, len(text))])
    if len(text) > SAMPLE and _repeats(text):
        found = pc.dictionary_encode(text.combine_chunks())  # each different text is converted once
        values, fits = _converted(pa.chunked_array([found.dictionary]), kind)
        return values.take(found.indices), pc.fill_null(fits.take(found.indices), True)
    return _converted(text, kind)


def _repeats(text: pa.ChunkedArray) -> bool:
    """Tell whether a long column says the same again and again: ten places of it do, for a file may be sorted."""
    places = range(0, len(text), len(text) // 10)
    seen = [chunk for place in places for chunk in text.slice(place, SAMPLE // 10).chunks]
    return bool(pc.count_distinct(pa.chunked_array(seen)).as_py() < SAMPLE / 4)


def _converted(text: pa.ChunkedArray, kind: Type) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    fits = pc.fill_null(pc.match_substring_regex(text, PATTERNS[kind]), True)
    all_fit = pc.all(fits, min_count=0).as_py()
    kept = text if all_fit else pc.if_else(fits, text, pa.scalar(None, text.type))
    if kind == "integer" and not all_fit:
        # "3.0" is a whole number too, once a person has said that the column holds integers.
        number, is_number = _converted(text, "number")
        is_whole = pc.and_(pc.equal(number, pc.floor(number)), pc.less(pc.abs(number), 2.0**63))
        fits = pc.or_(fits, pc.and_(is_number, pc.fill_null(is_whole, True)))
        return cast(pc.if_else(fits, text, pa.scalar(None, text.type)), kind), fits
    if kind == "number":
        values = cast(kept, kind)
        finite = pc.fill_null(pc.is_finite(values), True)  # 1e999 is written like a number, and is none
        return pc.if_else(finite, values, pa.scalar(None, ARROW[kind])), pc.and_(fits, finite)
    try:
        return cast(kept, kind), fits
    except pa.ArrowInvalid:  # a day that does not exist
        values = pa.chunked_array([pa.array([_cast_one(value, kind) for value in kept], ARROW[kind])])
        return values, pc.or_(pc.is_valid(values), pc.and_(fits, pc.is_null(kept)))


def cast(text: pa.ChunkedArray, kind: Type) -> pa.ChunkedArray:
    """Convert a text column whose values all fit a type; times with an offset become UTC.

    Raises
    ------
    pyarrow.ArrowInvalid
        If a value does not fit.

    Examples
    --------
    >>> cast(pa.chunked_array([["+1.5", None]]), "number").to_pylist()
    [1.5, None]
    """
    if kind == "boolean":
        text = pc.utf8_lower(text)
    if kind == "number" and pc.any(pc.starts_with(text, "+")).as_py():
        text = pc.replace_substring_regex(text, r"^\+", "")
    if kind == "integer" and pc.any(pc.match_substring_regex(text, r"[.eE+]")).as_py():
        # 3.0 goes through a float; an integer does not, for it may have more digits than a float.
        plain = pc.match_substring_regex(text, PATTERNS["integer"])
        absent = pa.scalar(None, text.type)
        floats = cast(pc.if_else(plain, absent, text), "number").cast(pa.int64())
        return pc.coalesce(pc.if_else(plain, text, absent).cast(pa.int64()), floats)
    if kind == "datetime" and pc.any(pc.match_substring_regex(text, r"(Z|[+-]\d{2}:\d{2})$")).as_py():
        text = pc.cast(text, pa.timestamp("us", "UTC"))
    return pc.cast(text, ARROW[kind])


def _cast_one(value: pa.Scalar, kind: Type) -> Any:
    try:
        return cast(pa.chunked_array([[value.as_py()]], pa.large_string()), kind)[0].as_py()
    except pa.ArrowInvalid:
        return None


def _column_sha256(column: pa.ChunkedArray) -> str:
    digest = hashlib.sha256()
    digest.update(np.packbits(pc.is_valid(column).to_numpy().astype(bool)).tobytes())
    if pa.types.is_large_string(column.type):
        filled = pc.fill_null(column, "")
        digest.update(pc.binary_length(filled).to_numpy().astype("<i8").tobytes())
        for chunk in filled.chunks:
            if len(chunk):
                _, offsets, values = chunk.buffers()
                ends = np.frombuffer(offsets, "<i8")[chunk.offset : chunk.offset + len(chunk) + 1]
                if values is not None:
                    digest.update(memoryview(values)[ends[0] : ends[-1]])
    elif pa.types.is_floating(column.type):
        digest.update((pc.fill_null(column, 0.0).to_numpy() + 0.0).astype("<f8").tobytes())
    else:
        as_integer = column.cast(pa.int32()) if pa.types.is_date(column.type) else column
        digest.update(pc.fill_null(as_integer.cast(pa.int64()), 0).to_numpy().astype("<i8").tobytes())
    return digest.hexdigest()


def _model_values(column: pa.ChunkedArray) -> Any:
    if pa.types.is_large_string(column.type):
        # Equal texts are one object, and stay what they are: both make them quicker to look up than new ones.
        levels, places = levels_of(column)
        return pd.Series(np.array([*levels[:-1], np.nan], dtype=object)[places], dtype=object)
    return numbers_of(column)


def _csv_of(frame: pd.DataFrame, header: bool = True) -> bytes:
    text = frame.to_csv(index=False, header=header, lineterminator="\n")
    if "\r" in text:
        # Python's writer leaves a lone carriage return bare, and readers take it for the end of the line.
        text = frame.to_csv(index=False, header=header, lineterminator="\n", quoting=csv.QUOTE_ALL)
    return text.encode()


def _printable(column: pa.ChunkedArray) -> pd.Series:
    """Values in the spelling that `read` gives the same type again."""
    kind = type_of(column.type)
    if kind == "number":
        return pd.Series(column.to_numpy(zero_copy_only=False), dtype="float64")
    if kind == "datetime":
        return pd.Series(pc.strftime(column, "%Y-%m-%dT%H:%M:%S").to_pandas(), dtype=object)
    return pd.Series(column.to_pandas(types_mapper=pd.ArrowDtype), dtype=object).where(
        lambda values: values.notna(), None
    )
