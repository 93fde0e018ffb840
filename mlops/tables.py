"""Tables: how a file becomes typed columns, and what makes two tables the same.

Every cell of a CSV is first read as text, strictly: a record with the wrong number of fields is refused
with its line. Then each column gets the narrowest of six types that fits *every* value. Nothing is
converted cell by cell behind the user's back; what was trimmed or taken as missing is reported.

Inside the package a table is a `pyarrow.Table` of exactly these column types:

    integer int64 · number float64 · boolean bool · text large_string · date date32 · datetime timestamp[us]
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from mlops.errors import DataError
from mlops.records import canonical_json

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

MISSING = ("", "?", "NA", "N/A", "NULL", "null", "NaN", "nan")
"""Cells that mean "no value", after trimming."""

MAX_BYTES = 2 << 30
"""A file, or what a gzip stream expands to, may have this many bytes."""

# What a value must look like. A leading zero (007) or more than 18 digits mean an identifier, not a number.
_PATTERNS: dict[Type, str] = {
    "integer": r"^-?(0|[1-9]\d{0,17})$",
    "number": r"^[+-]?((0|[1-9]\d{0,17})(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$",
    "boolean": r"^(?i:true|false)$",
    "date": r"^\d{4}-\d{2}-\d{2}$",
    "datetime": r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?$",
}


@dataclass(frozen=True)
class ReadOptions:
    """How to read a file. Everything has a default that `read` reports in its notes."""

    delimiter: str | None = None
    """Field separator of a CSV; None: the most frequent of comma, semicolon, tab and | in the header."""
    decimal: str = "."
    """Decimal mark of numbers in a CSV."""
    encoding: str = "utf-8"
    """Encoding of a CSV, by its Python name."""
    trim: bool = True
    """Remove white space around text."""
    missing: tuple[str, ...] = MISSING
    """Cells that mean "no value"."""
    types: Mapping[str, Type] = field(default_factory=dict)
    """Column types that were decided by a person."""
    as_text: bool = False
    """Leave the text columns of a file as text; the caller knows the types."""
    known_text: frozenset[str] = frozenset()
    """Columns, if present, that stay text even where every value looks like a number (codes such as 1042)."""


@dataclass(frozen=True)
class Note:
    """Something a person should know about how a table was read."""

    code: str
    column: str | None
    message: str


def read(path: str | Path, options: ReadOptions | None = None) -> tuple[pa.Table, list[Note]]:
    """Read a CSV (plain or gzip) or parquet file into typed columns.

    Parameters
    ----------
    path : str or Path
        The file. Parquet and gzip are recognised by their first bytes, not by the name.
    options : ReadOptions, optional
        Guesses to correct.

    Returns
    -------
    table : pyarrow.Table
        Columns of the six types of this module; no NaN, no infinity.
    notes : list of Note
        What was trimmed and what was taken as missing, per column.

    Raises
    ------
    DataError
        If the file cannot be read whole and without doubt; nothing is guessed around a broken record.
    """
    options = options or ReadOptions()
    path = Path(path)
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise DataError(f"{path.name} has {size:,} bytes; at most {MAX_BYTES:,} are read.", "Split the file.")
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"{str(path)!r} cannot be read: {error.strerror}.", "Check the path.") from error
    if data.startswith(b"PAR1"):
        table = _read_parquet(data, path.name)
    else:
        table = _read_csv(_expanded(data, path.name), path.name, options)
    unknown = sorted(set(options.types) - set(table.column_names))
    if unknown:
        raise DataError(
            f"{path.name} has no column {unknown[0]!r} to give a type. Columns: {_some(table.column_names)}.",
            "Correct the name after --type.",
        )
    notes: list[Note] = []
    columns = {
        name: _typed(name, column, options, notes)
        for name, column in zip(table.column_names, table.columns, strict=True)
    }
    return pa.table(columns), notes


def type_of(column: pa.DataType) -> Type:
    """Return our name of an Arrow type of this module."""
    return next(name for name, arrow in ARROW.items() if arrow == column)


def schema_of(table: pa.Table) -> list[dict[str, Any]]:
    """Return ``[{name, type, nullable}]``; nullable means that some value is missing here."""
    return [
        {"name": name, "type": type_of(column.type), "nullable": column.null_count > 0}
        for name, column in zip(table.column_names, table.columns, strict=True)
    ]


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
    """Return columns as a model sees them: numbers as float64, text as objects, missing as NaN.

    Booleans are the numbers 0 and 1.
    """
    return pd.DataFrame({name: _model_values(table.column(name)) for name in columns})


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
    frame = pd.DataFrame(
        {
            harmless(name): _printable(column).map(harmless) if type_of(column.type) == "text" else _printable(column)
            for name, column in zip(table.column_names, table.columns, strict=True)
        }
    )
    return _csv_of(frame, header)


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


def write_parquet(table: pa.Table, file: Any) -> None:
    """Write the table to an open binary file, equal bytes for equal tables."""
    # A dictionary of numbers that hardly repeat costs eight times what it saves.
    texts = [column["name"] for column in schema_of(table) if column["type"] == "text"]
    pyarrow.parquet.write_table(table.combine_chunks(), file, compression="zstd", use_dictionary=texts or False)


def read_snapshot(data: bytes) -> pa.Table:
    """Return the table that `write_parquet` wrote."""
    return pyarrow.parquet.read_table(pa.BufferReader(data))


def convert(text: pa.ChunkedArray, kind: Type, decimal: str = ".") -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
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
    if decimal != "." and kind == "number":
        text = pc.replace_substring(text, decimal, ".")
    fits = pc.fill_null(pc.match_substring_regex(text, _PATTERNS[kind]), True)
    kept = pc.if_else(fits, text, pa.scalar(None, text.type))
    if kind == "integer" and not pc.all(fits).as_py():
        # "3.0" is a whole number too, once a person has said that the column holds integers.
        number, is_number = convert(text, "number")
        is_whole = pc.and_(pc.equal(number, pc.floor(number)), pc.less(pc.abs(number), 2.0**63))
        whole = pc.and_(is_number, pc.fill_null(is_whole, True))
        kept = pc.cast(pc.if_else(whole, number, pa.scalar(None, pa.float64())), pa.int64())
        return kept, whole
    if kind == "boolean":
        kept = pc.utf8_lower(kept)
    if kind == "number":
        values = pc.cast(pc.replace_substring_regex(kept, r"^\+", ""), ARROW[kind])
        finite = pc.fill_null(pc.is_finite(values), True)  # 1e999 is written like a number, and is none
        return pc.if_else(finite, values, pa.scalar(None, ARROW[kind])), pc.and_(fits, finite)
    return _cast_times(kept, fits, kind) if kind in ("date", "datetime") else (pc.cast(kept, ARROW[kind]), fits)


def clean(text: pa.ChunkedArray, options: ReadOptions) -> tuple[pa.ChunkedArray, int]:
    """Trim a text column and blank out its missing codes; also return how many cells were trimmed."""
    trimmed = 0
    if options.trim:
        stripped = pc.utf8_trim_whitespace(text)
        trimmed = pc.sum(pc.and_(pc.not_equal(stripped, text), pc.not_equal(stripped, ""))).as_py() or 0
        text = stripped
    absent = pc.is_in(text, value_set=pa.array(options.missing, text.type))
    return pc.if_else(absent, pa.scalar(None, text.type), text), trimmed


# Reading


def _expanded(data: bytes, name: str) -> bytes:
    if not data.startswith(b"\x1f\x8b"):
        return data
    try:
        with gzip.open(io.BytesIO(data)) as stream:
            expanded = stream.read(MAX_BYTES + 1)
    except (OSError, EOFError) as error:
        raise DataError(f"{name} is a damaged gzip file: {error}.", "Fetch the file again.") from error
    if len(expanded) > MAX_BYTES:
        raise DataError(f"{name} expands to more than {MAX_BYTES:,} bytes.", "Split the file.")
    return expanded


def _read_parquet(data: bytes, name: str) -> pa.Table:
    try:
        table = pyarrow.parquet.read_table(pa.BufferReader(data))
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{name} is a damaged parquet file: {error}.", "Write the file again.") from error
    _check_header(table.column_names, name)
    return pa.table({column: _plain_type(table.column(column), column, name) for column in table.column_names})


def _plain_type(column: pa.ChunkedArray, column_name: str, name: str) -> pa.ChunkedArray:
    """Bring an Arrow column of another program to one of our six types."""
    kind = column.type
    try:
        if pa.types.is_dictionary(kind):
            return _plain_type(column.cast(kind.value_type), column_name, name)
        if pa.types.is_integer(kind):
            return column.cast(pa.int64())
        if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
            values = column.cast(pa.float64())
            return pc.if_else(pc.is_finite(values), values, pa.scalar(None, pa.float64()))
        if pa.types.is_timestamp(kind):
            return column.cast(pa.timestamp("us", kind.tz)).cast(pa.timestamp("us"))
        if pa.types.is_date(kind):
            return column.cast(pa.date32())
        if pa.types.is_boolean(kind):
            return column
        if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind):
            return column.cast(pa.large_string())
    except pa.ArrowInvalid as error:
        raise DataError(f"Column {column_name!r} of {name}: {error}.", "Store it in a smaller type.") from error
    raise DataError(
        f"Column {column_name!r} of {name} has type {kind}; a cell must be a number, text, boolean, date or time.",
        "Leave the column out or turn it into text.",
    )


def _read_csv(data: bytes, name: str, options: ReadOptions) -> pa.Table:
    try:
        data.decode(options.encoding)
    except LookupError as error:
        raise DataError(f"{options.encoding!r} is not an encoding.", "Use utf-8, utf-16 or latin-1.") from error
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise DataError(
            f"{name} is not {options.encoding}: line {line} holds the byte 0x{data[error.start]:02x}.",
            "Name its encoding, for example --encoding latin-1.",
            [{"row": line, "field": None, "expected": options.encoding, "got": f"0x{data[error.start]:02x}"}],
        ) from error
    text = data.decode(options.encoding).removeprefix("\ufeff")
    delimiter = options.delimiter or _sniff_delimiter(text)
    if len(delimiter) != 1 or not delimiter.isascii() or delimiter in '\r\n"':
        raise DataError(f"{delimiter!r} cannot separate fields.", "Use one character, such as ; or |, or tab.")
    if options.decimal not in (".", ","):
        raise DataError(f"{options.decimal!r} is no decimal mark.", "Use . or ,.")
    header = next((row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row), None)
    if header is None:
        raise DataError(f"{name} is empty.", "Give a file with a header line and rows.")
    header = [cell.strip() for cell in header]
    _check_header(header, name)
    if text.count('"') % 2:
        _check_records(text, delimiter, len(header), name)  # an open quote swallows the rest in silence
    names = [f"f{position}" for position in range(len(header))]
    try:
        table = pyarrow.csv.read_csv(
            io.BytesIO(text.encode()),
            read_options=pyarrow.csv.ReadOptions(column_names=names, block_size=1 << 26, use_threads=True),
            parse_options=pyarrow.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.large_string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        _check_records(text, delimiter, len(header), name)
        raise DataError(f"{name} cannot be read: {error}.", "Correct the file.") from error
    if table.num_rows < 2:
        raise DataError(f"{name} has a header but no rows.", "Give a file with at least one row.")
    return table.slice(1).rename_columns(header)


def _sniff_delimiter(text: str) -> str:
    first_line = text[: text.find("\n") if "\n" in text else len(text)]
    return max(",;\t|", key=first_line.count)


def _check_header(header: list[str], name: str) -> None:
    seen: set[str] = set()
    for position, column in enumerate(header, start=1):
        problem = "is blank" if not column else f"is {column!r} a second time" if column in seen else ""
        problem = problem or ("has more than 200 characters" if len(column) > 200 else "")
        problem = problem or (f"is {column!r} and holds a control character" if not column.isprintable() else "")
        if problem:
            raise DataError(
                f"{name}: the name of column {position} {problem}.",
                "Give every column one short name of its own.",
                [{"row": 1, "field": column, "expected": "a unique name", "got": column}],
            )
        seen.add(column)


def _check_records(text: str, delimiter: str, fields: int, name: str) -> None:
    """Find the first record that has the wrong number of fields, or an open quote, and name its line."""
    csv.field_size_limit(1 << 30)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for row in reader:
            if row and len(row) != fields:
                raise DataError(
                    f"{name}, line {line}: {len(row)} fields, but the header names {fields}.",
                    "Correct the line; a value that holds the separator needs quotes around it.",
                    [{"row": line, "field": None, "expected": f"{fields} fields", "got": f"{len(row)} fields"}],
                )
            line = reader.line_num + 1
    except csv.Error as error:
        raise DataError(
            f"{name}, line {line}: a quote that opens here is not closed properly ({error}).", "Correct the quotes."
        ) from error


# Types


def _typed(name: str, column: pa.ChunkedArray, options: ReadOptions, notes: list[Note]) -> pa.ChunkedArray:
    """Clean a column, give it its type, and note what was done to it."""
    wanted = options.types.get(name) or ("text" if name in options.known_text else None)
    was_text = pa.types.is_large_string(column.type)
    if not was_text:
        if wanted in (None, type_of(column.type)):
            return column
        column = pc.cast(column, pa.large_string())
    before = column.null_count
    text, trimmed = clean(column, options)
    if trimmed:
        notes.append(Note("trimmed", name, f"{_cells(trimmed, name)} had white space around the text; it was removed."))
    kind = wanted or (_narrowest(text, options.decimal) if was_text and not options.as_text else "text")
    if coded := text.null_count - before:
        codes = pc.unique(pc.utf8_trim_whitespace(pc.filter(column, pc.is_null(text)))).to_pylist()
        shown = ", ".join("blank" if not code else repr(code) for code in codes if code is not None)
        of_kind = "" if kind == "text" else f" {kind}s"
        notes.append(Note("missing", name, f"{_cells(coded, name)} ({shown}) read as missing{of_kind}."))
    values, fits = convert(text, kind, options.decimal)
    if not pc.all(fits).as_py():
        row = pc.index(fits, pa.scalar(False)).as_py()
        raise DataError(
            f"Column {name!r}, row {row + 1}: {text[row].as_py()!r} is not of type {kind}.",
            f"Choose another type, for example --type {name}=text.",
            [{"row": row + 1, "field": name, "expected": kind, "got": text[row].as_py()}],
        )
    return values


def _narrowest(text: pa.ChunkedArray, decimal: str) -> Type:
    """Return the first type in which every value fits; text if there is no value."""
    values = pc.drop_null(pc.unique(text))
    if len(values) == 0:
        return "text"
    values = pa.chunked_array([values])
    order: tuple[Type, ...] = ("integer", "number", "boolean", "date", "datetime")
    for kind in order:
        candidate = pc.replace_substring(values, decimal, ".") if kind == "number" and decimal != "." else values
        if pc.all(pc.match_substring_regex(candidate, _PATTERNS[kind])).as_py() and (
            kind in ("integer", "boolean") or pc.all(convert(values, kind, decimal)[1]).as_py()
        ):
            return kind
    return "text"


def _cast_times(text: pa.ChunkedArray, fits: pa.ChunkedArray, kind: Type) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    """Cast dates and times; with an offset they become UTC. All of a column have one, or none."""
    zoned = pc.fill_null(pc.match_substring_regex(text, r"(Z|[+-]\d{2}:\d{2})$"), False)
    source = pa.timestamp("us", "UTC") if kind == "datetime" and pc.any(zoned).as_py() else ARROW[kind]
    try:
        return pc.cast(text, source).cast(ARROW[kind]), fits
    except pa.ArrowInvalid:
        values = [_time_or_none(value.as_py(), source, ARROW[kind]) for value in text]
        array = pa.chunked_array([pa.array(values, ARROW[kind])])
        return array, pc.or_(pc.is_valid(array), pc.and_(fits, pc.is_null(text)))


def _time_or_none(value: str | None, source: pa.DataType, target: pa.DataType) -> Any:
    try:
        return pa.scalar(value, pa.large_string()).cast(source).cast(target).as_py()
    except pa.ArrowInvalid:
        return None


# Values


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


def _model_values(column: pa.ChunkedArray) -> np.ndarray:
    if pa.types.is_large_string(column.type):
        values = column.to_numpy(zero_copy_only=False).astype(object)
        values[pc.is_null(column).to_numpy()] = np.nan
        return values
    return column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)


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


def _cells(number: int, column: str) -> str:
    return f"{number:,} {'cell' if number == 1 else 'cells'} of {column}"


def _some(names: Iterable[str], limit: int = 12) -> str:
    names = list(names)
    return ", ".join(names[:limit]) + (f" and {len(names) - limit} more" if len(names) > limit else "")
