"""Reading: from a file to typed columns, strictly.

Every cell of a CSV is first read as text: a record with the wrong number of fields is refused with its line. Then each
column gets the narrowest of six types (see `tables`) that fits *every* value. Nothing is converted cell by cell behind
the user's back; what was trimmed or taken as missing is noted.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from mlops.errors import DataError
from mlops.notes import Note
from mlops.options import MISSING, ReadOptions, conventions
from mlops.records import Record
from mlops.sniffing import Layout
from mlops.tables import Type, convert, narrowest, schema_of, type_of

__all__ = ["MISSING", "Preview", "ReadOptions", "blocks", "conventions", "preview", "read"]

MAX_BYTES = 2 << 30
"""A file, what a gzip stream expands to, and the values of a table may have this many bytes."""

BLOCK_BYTES, BLOCK_ROWS = 4 << 20, 50_000
"""Size of the blocks in which a CSV and a parquet file are read."""


@dataclass(frozen=True)
class Preview(Record):
    """What a file holds and how it is read, before anything is kept."""

    file: str
    layout: Layout
    rows: int
    columns: tuple[Mapping[str, Any], ...]
    """``{name, type, nullable, missing, missing_codes, trimmed, distinct, examples, notes}`` for each column."""
    head: Mapping[str, Any]
    """Column -> its first ten values, as text."""
    notes: tuple[Mapping[str, Any], ...]
    limits: Mapping[str, int]
    """What a file may have at most."""


def read(
    path: str | Path, options: ReadOptions | None = None, on_progress: Callable[[int, int], None] | None = None
) -> tuple[pa.Table, list[Note]]:
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
        Columns of the six types of `tables`; no NaN, no infinity.
    notes : list of Note
        What was trimmed and what was taken as missing, per column.

    Raises
    ------
    DataError
        If the file cannot be read whole and without doubt; nothing is guessed around a broken record.
    """
    options, path = _settled(options or ReadOptions()), Path(path)
    parts, size = [], 0
    for block in _raw_blocks(path, options):
        size += block.nbytes  # a parquet file of some kilobytes can hold billions of equal values
        if size > MAX_BYTES:
            raise DataError(f"{path.name} holds more than {MAX_BYTES:,} bytes of values.", "Split the file.")
        parts.append(block)
    table = pa.concat_tables(parts).combine_chunks()
    if table.num_rows == 0:
        raise DataError(f"{path.name} has a header but no rows.", "Give a file with at least one row.")
    unknown = sorted(set(options.types) - set(table.column_names))
    if unknown:
        raise DataError(
            f"{path.name} has no column {unknown[0]!r} to give a type. Columns: {_some(table.column_names)}.",
            "Correct the name after --type.",
        )
    notes: list[Note] = []
    return _typed_table(table, options, notes), notes


def preview(path: str | Path, options: ReadOptions | None = None) -> Preview:
    """Read a file and say what it holds; nothing is kept."""
    path, options = Path(path), options or ReadOptions()
    table, notes = read(path, options)
    with _plain_file(path) as file:
        parquet = file.read(4) == b"PAR1"
        layout = Layout("parquet" if parquet else "csv", False, path.stat().st_size, delimiter=options.delimiter)
    head = {name: table.column(name).slice(0, 10).to_pylist() for name in table.column_names}
    columns = [
        {
            **column,
            "missing": table.column(column["name"]).null_count,
            "missing_codes": {},
            "trimmed": 0,
            "distinct": pc.count_distinct(table.column(column["name"])).as_py(),
            "examples": pc.unique(table.column(column["name"]))[:5].cast(pa.large_string()).to_pylist(),
            "notes": [note.as_dict() for note in notes if note.column == column["name"]],
        }
        for column in schema_of(table)
    ]
    return Preview(
        file=path.name,
        layout=layout,
        rows=table.num_rows,
        columns=tuple(columns),
        head={name: [None if value is None else str(value) for value in values] for name, values in head.items()},
        notes=tuple(note.as_dict() for note in notes),
        limits={"bytes": MAX_BYTES},
    )


def _settled(options: ReadOptions) -> ReadOptions:
    return replace(options, decimal=options.decimal or ".", encoding=options.encoding or "utf-8")


def blocks(path: str | Path, options: ReadOptions) -> Iterator[pa.Table]:
    """Yield a file block by block, in bounded memory; see `read`.

    Types are told block by block, so ask for text (`ReadOptions.as_text`) and convert to types you know.
    """
    rows, options = 0, _settled(options)
    for block in _raw_blocks(Path(path), options):
        if block.num_rows:
            rows += block.num_rows
            yield _typed_table(block, options, [])
    if rows == 0:
        raise DataError(f"{Path(path).name} has a header but no rows.", "Give a file with at least one row.")


def _raw_blocks(path: Path, options: ReadOptions) -> Iterator[pa.Table]:
    """Yield blocks as the file has them: text columns of a CSV, our six types of a parquet file."""
    with _plain_file(path) as file:
        parquet = file.read(4) == b"PAR1"
        file.seek(0)
        yield from _parquet_blocks(file, path.name) if parquet else _csv_blocks(file, path.name, options)


@contextmanager
def _plain_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file; one gzip stream is expanded, on disk and not further than the limit."""
    try:
        size = path.stat().st_size
        source = open(path, "rb")  # noqa: SIM115 - closed by the with below
    except OSError as error:
        raise DataError(f"{str(path)!r} cannot be read: {error.strerror}.", "Check the path.") from error
    with source, tempfile.TemporaryFile() as expanded:
        if size > MAX_BYTES:
            raise DataError(f"{path.name} has {size:,} bytes; at most {MAX_BYTES:,} are read.", "Split the file.")
        if source.read(2) != b"\x1f\x8b":
            source.seek(0)
            yield source
            return
        source.seek(0)
        try:
            with gzip.open(source) as stream:
                while chunk := stream.read(1 << 20):
                    if expanded.tell() + len(chunk) > MAX_BYTES:
                        raise DataError(f"{path.name} expands to more than {MAX_BYTES:,} bytes.", "Split the file.")
                    expanded.write(chunk)
        except (OSError, EOFError, zlib.error) as error:
            raise DataError(f"{path.name} is a damaged gzip file: {error}.", "Fetch the file again.") from error
        expanded.seek(0)
        yield expanded


def _parquet_blocks(file: BinaryIO, name: str) -> Iterator[pa.Table]:
    try:
        source = pyarrow.parquet.ParquetFile(file)
        header = source.schema_arrow.names
        _check_header(header, name)
        yield _plain_table(source.schema_arrow.empty_table(), name)
        for batch in source.iter_batches(BLOCK_ROWS):
            yield _plain_table(pa.Table.from_batches([batch]), name)
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{name} is a damaged parquet file: {error}.", "Write the file again.") from error


def _plain_table(table: pa.Table, name: str) -> pa.Table:
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


def _csv_blocks(file: BinaryIO, name: str, options: ReadOptions) -> Iterator[pa.Table]:
    if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        options = replace(options, encoding="utf-16")
    file.seek(0)
    quotes = _check_encoding(file, name, options.encoding)
    header, delimiter = _header(file, name, options)
    if quotes % 2:
        _check_records(file, name, options.encoding, delimiter, len(header))  # an open quote would swallow the rest
    names = [f"f{position}" for position in range(len(header))]
    file.seek(0)
    try:
        reader = pyarrow.csv.open_csv(
            file,
            pyarrow.csv.ReadOptions(column_names=names, block_size=BLOCK_BYTES, encoding=options.encoding),
            pyarrow.csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.large_string()), strings_can_be_null=False),
        )
        first = True
        for batch in reader:
            yield pa.Table.from_batches([batch]).rename_columns(header).slice(1 if first else 0)
            first = False
    except pa.ArrowInvalid as error:
        _check_records(file, name, options.encoding, delimiter, len(header))
        raise DataError(f"{name} cannot be read: {error}.", "Correct the file.") from error


def _check_encoding(file: BinaryIO, name: str, encoding: str) -> int:
    """Refuse bytes that are not of the encoding, with their line; return how many quotes there are."""
    try:
        io.TextIOWrapper(io.BytesIO(), encoding)  # refuses base64, rot13 and other codecs that are no encodings
        decoder = codecs.getincrementaldecoder(encoding)()
    except LookupError as error:
        raise DataError(f"{encoding!r} is not an encoding.", "Use utf-8, utf-16 or latin-1.") from error
    line, quotes, chunk = 1, 0, b"start"
    while chunk:
        chunk = file.read(1 << 20)
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            line += error.object[: error.start].count(b"\n")
            got = f"0x{error.object[error.start]:02x}"
            raise DataError(
                f"{name} is not {encoding}: line {line} holds the byte {got}.",
                "Name its encoding, for example --encoding latin-1.",
                [{"row": line, "field": None, "expected": encoding, "got": got}],
            ) from error
        line += text.count("\n")
        quotes += text.count('"')
    return quotes


def _header(file: BinaryIO, name: str, options: ReadOptions) -> tuple[list[str], str]:
    """Return the column names of a CSV and its field separator."""
    if options.decimal not in (".", ","):
        raise DataError(f"{options.decimal!r} is no decimal mark.", "Use . or ,.")
    delimiter = options.delimiter
    if delimiter is None:
        first_line = next(_text(file, options.encoding), "")
        delimiter = max(",;\t|", key=first_line.count)
    if len(delimiter) != 1 or not delimiter.isascii() or delimiter in '\r\n"':
        raise DataError(f"{delimiter!r} cannot separate fields.", "Use one character, such as ; or |, or tab.")
    header = next((row for row in csv.reader(_text(file, options.encoding), delimiter=delimiter) if row), None)
    if header is None:
        raise DataError(f"{name} is empty.", "Give a file with a header line and rows.")
    header = [cell.strip() for cell in header]
    _check_header(header, name)
    return header, delimiter


def _text(file: BinaryIO, encoding: str) -> Iterator[str]:
    """Yield the lines of a file from its beginning, with their ends, without a byte-order mark."""
    file.seek(0)
    lines = io.TextIOWrapper(file, encoding, newline="")
    try:
        yield lines.readline().removeprefix("\ufeff")
        for line in lines:  # noqa: UP028 - left early, `yield from` would close the file
            yield line
    finally:
        lines.detach()  # the file stays open for its owner


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


def _check_records(file: BinaryIO, name: str, encoding: str, delimiter: str, fields: int) -> None:
    """Find the first record that has the wrong number of fields, or an open quote, and name its line."""
    csv.field_size_limit(1 << 30)
    reader = csv.reader(_text(file, encoding), delimiter=delimiter, strict=True)
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


def _typed_table(table: pa.Table, options: ReadOptions, notes: list[Note]) -> pa.Table:
    columns = zip(table.column_names, table.columns, strict=True)
    return pa.table({name: _typed(name, column, options, notes) for name, column in columns})


def _typed(name: str, column: pa.ChunkedArray, options: ReadOptions, notes: list[Note]) -> pa.ChunkedArray:
    """Clean a column, give it its type, and note what was done to it."""
    wanted, known = options.types.get(name), options.known.get(name)
    was_text = pa.types.is_large_string(column.type)
    own = None if was_text else type_of(column.type)
    if own is not None:
        if (wanted or known or own) == own:
            return column
        column = pc.cast(column, pa.large_string())
    before = column.null_count
    text, trimmed = clean(column, options)
    if trimmed:
        notes.append(Note("trimmed", name, f"{_cells(trimmed, name)} had white space around the text; it was removed."))
    kind = wanted or ("text" if options.as_text else _kept(text, known, options.decimal))
    kind = kind or own or narrowest(text, options.decimal)
    if kind == "text" and known == "text" and not wanted and was_text and narrowest(text, options.decimal) != "text":
        notes.append(Note("kept_text", name, f"{name} stays text, as before; every value fits another type."))
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


def _kept(text: pa.ChunkedArray, known: Type | None, decimal: str) -> Type | None:
    """Return the type of the version before if every value fits it."""
    return known if known and pc.all(convert(text, known, decimal)[1]).as_py() else None


def clean(text: pa.ChunkedArray, options: ReadOptions) -> tuple[pa.ChunkedArray, int]:
    """Trim a text column and blank out its missing codes; also return how many cells were trimmed."""
    trimmed = 0
    if options.trim:
        stripped = pc.utf8_trim_whitespace(text)
        trimmed = pc.sum(pc.and_(pc.not_equal(stripped, text), pc.not_equal(stripped, ""))).as_py() or 0
        text = stripped
    absent = pc.is_in(text, value_set=pa.array(options.missing, text.type))
    return pc.if_else(absent, pa.scalar(None, text.type), text), trimmed


def _cells(number: int, column: str) -> str:
    return f"{number:,} {'cell' if number == 1 else 'cells'} of {column}"


def _some(names: Iterable[str], limit: int = 12) -> str:
    names = list(names)
    return ", ".join(names[:limit]) + (f" and {len(names) - limit} more" if len(names) > limit else "")
