"""Delimited text: the records of a CSV, strictly.

pyarrow reads fast, but forgives quotes that stand in the wrong place. So the quotes are looked at first, all at
once; a file in which one looks odd is read a second time by Python's strict reader, which names the line.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import tee
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from mlops.base.errors import DataError

MAX_CELL = 1_000_000
"""Characters that a cell may have."""

MAX_COLUMNS = 10_000

BLOCK_BYTES = 2 << 20
"""Size of the blocks in which a file is read; a record must fit into one."""

CHUNK = 1 << 20

_BLANK_LINE = (b"\n\n", b"\n\r\n", b"\r\r")


@dataclass(frozen=True)
class Records:
    """Where the records of a CSV lie in a UTF-8 file, and how they are written."""

    file: BinaryIO
    name: str
    """Name of the file, for messages."""
    columns: tuple[str, ...]
    delimiter: str
    quote: str
    """The empty text if a quote is a character like any other."""
    start: int
    """Byte at which the first record begins."""
    end: int
    """Byte after the last one."""
    line: int
    """Line of the first record, counted from 1."""


def strict_reader(lines: Iterable[str], delimiter: str, quote: str, **how: Any) -> Any:
    """Return Python's CSV reader, which refuses quotes in the wrong place.

    Examples
    --------
    >>> list(strict_reader(['1,"a ""b"" c"'], ",", '"'))
    [['1', 'a "b" c']]
    """
    csv.field_size_limit(MAX_CELL)
    quoting: Any = csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE
    return csv.reader(lines, delimiter=delimiter, quotechar=quote or None, quoting=quoting, strict=True, **how)


def blocks(records: Records) -> Iterator[pa.Table]:
    """Yield the records as text, block by block, every one with as many fields as there are columns.

    Raises
    ------
    DataError
        At the first record that cannot be read without doubt, with its line.
    """
    if records.start >= records.end:
        return
    places = [f"f{position}" for position in range(len(records.columns))]
    has_quotes = bool(records.quote) and any(records.quote.encode() in chunk for chunk in _chunks(records))
    text = dict.fromkeys(places, pa.large_string())
    try:
        reader = pyarrow.csv.open_csv(
            pa.PythonFile(records.file, mode="r").get_stream(records.start, records.end - records.start),
            pyarrow.csv.ReadOptions(column_names=places, block_size=BLOCK_BYTES),
            pyarrow.csv.ParseOptions(
                delimiter=records.delimiter,
                quote_char=records.quote if has_quotes else False,
                newlines_in_values=has_quotes,
                ignore_empty_lines=len(places) > 1,  # in a single column a blank line is a missing value
            ),
            pyarrow.csv.ConvertOptions(column_types=text, strings_can_be_null=False, check_utf8=False),
        )
        for batch in reader:
            block = pa.Table.from_batches([batch]).rename_columns(records.columns)
            if any((pc.max(pc.binary_length(column)).as_py() or 0) > MAX_CELL for column in block.columns):
                check(records)
            yield block
    except pa.ArrowInvalid as error:
        check(records)
        raise DataError(f"{records.name} cannot be read: {error}.", "Correct the file.") from error


def odd_places(records: Records) -> int:
    """Check a file in which quotes or line ends look odd, record by record; return how many blank lines it has."""
    odd_quotes = bool(records.quote) and not quotes_are_in_place(records)
    return check(records) if odd_quotes or _has_blank_lines(records) else 0


def quotes_are_in_place(records: Records) -> bool:
    """Tell whether every quote opens a field, closes one, or is half of a doubled one inside a field.

    Every second quote opens, the others close. So an opening one follows a separator or, doubled, a closing one, and
    a closing one is followed by a separator or an opening one.
    """
    quote = ord(records.quote)
    beside = np.zeros(256, bool)
    beside[[quote, ord(records.delimiter), 10, 13]] = True
    inside, carried, carried_closes = 0, b"\n", False
    for chunk in _chunks(records):
        data = np.frombuffer(carried + chunk, np.uint8)
        quotes = np.flatnonzero(data[1:] == quote) + 1
        opening, closing = quotes[inside::2], quotes[1 - inside :: 2]
        if carried_closes:
            closing = np.concatenate(([0], closing))
        carried, carried_closes = chunk[-1:], bool(len(closing)) and closing[-1] == len(data) - 1
        followed = closing[:-1] if carried_closes else closing
        if not (beside[data[opening - 1]].all() and beside[data[followed + 1]].all()):
            return False
        inside = (inside + len(quotes)) % 2
    return not inside


def check(records: Records) -> int:
    """Read every record strictly; return how many blank lines stand between them.

    Raises
    ------
    DataError
        With the line of the first record that has another number of fields, a cell that is too long, a quote in
        the wrong place or one that is never closed.
    """
    blank, fields = 0, len(records.columns)
    lines, again = tee(_lines(records))
    # ` "a, b"` is two fields to one program and one to another; where the two readings differ, nobody can tell.
    trimming = strict_reader(again, records.delimiter, records.quote, skipinitialspace=True)
    for line, row in _numbered(records, lines):
        if not _same_reading(row, trimming):
            raise _refused(records, line, "white space stands before a quote", "Remove the white space.")
        if not row and fields > 1:
            blank += 1
        elif sum(map(len, row)) > BLOCK_BYTES:
            raise _refused(records, line, f"a record has more than {BLOCK_BYTES:,} characters", "Shorten it.")
        elif row and len(row) != fields:
            what = f"{len(row)} fields, but the header names {fields}"
            way_out = (
                "Correct the line; a value that holds the separator needs quotes around it. "
                "If it is no record, leave it out: --header-line N or --footer-lines N."
            )
            raise _refused(records, line, what, way_out, fields, len(row))
    return blank


def lines_of(records: Records, rows: Iterable[int]) -> dict[int, int]:
    """Return the lines on which rows (counted from 0) begin; reads no further than the last of them."""
    wanted, found = set(rows), {}
    keep_blank = len(records.columns) == 1
    kept = (line for line, row in _numbered(records, _lines(records)) if row or keep_blank)
    for number, line in enumerate(kept):
        if number in wanted:
            found[number] = line
            if len(found) == len(wanted):
                break
    return found


def _same_reading(row: list[str], trimming: Iterator[list[str]]) -> bool:
    try:
        return [cell.lstrip(" ") for cell in row] == [cell.lstrip(" ") for cell in next(trimming)]
    except csv.Error:
        return False


def _numbered(records: Records, lines: Iterator[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the line on which it begins."""
    strict = strict_reader(lines, records.delimiter, records.quote)
    line = 0
    try:
        for row in strict:
            yield records.line + line, row
            line = strict.line_num
    except csv.Error as error:
        if "field larger" in str(error):
            what = f"a cell has more than {MAX_CELL:,} characters"
            raise _refused(records, records.line + line, what, "Shorten it.") from error
        unclosed = "unexpected end" in str(error)
        place = records.line + (line if unclosed else strict.line_num - 1)
        what = "a quote that opens here is not closed" if unclosed else "a quote inside a quoted field is not doubled"
        raise _refused(records, place, what, "Double the quotes inside a quoted field.") from error


def _refused(
    records: Records, line: int, what: str, next_step: str, expected: Any = "a record", got: Any = None
) -> DataError:
    details = [{"row": line, "field": None, "expected": expected, "got": what if got is None else got}]
    return DataError(f"{records.name}, line {line}: {what}.", next_step, details)


def _lines(records: Records) -> Iterator[str]:
    """Yield the lines of the records with their ends; the file stays open."""
    records.file.seek(records.start)
    text = io.TextIOWrapper(records.file, "utf-8", newline="")
    left = records.end - records.start
    try:
        while left > 0 and (line := text.readline(BLOCK_BYTES)):
            if len(line) == BLOCK_BYTES:
                message = f"{records.name} has a line of more than {BLOCK_BYTES:,} characters."
                raise DataError(message, "Leave out or shorten long cells.")
            left -= len(line.encode())
            yield line
    finally:
        if not records.file.closed:
            text.detach()


def _chunks(records: Records) -> Iterator[bytes]:
    records.file.seek(records.start)
    left = records.end - records.start
    while left > 0 and (chunk := records.file.read(min(CHUNK, left))):
        left -= len(chunk)
        yield chunk


def _has_blank_lines(records: Records) -> bool:
    """Tell whether two line ends follow each other anywhere, be it inside a quoted cell."""
    before = b""
    for chunk in _chunks(records):
        if any(ends in before + chunk for ends in _BLANK_LINE):
            return True
        before = chunk[-2:]
    return False
