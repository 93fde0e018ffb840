"""Dialects: what separates the fields of a CSV, told from its first and last lines.

The first records are read strictly with each separator. The one with which every record has as many fields as the
header is right; if two are, a person is asked. Lines before the header (a preamble) and after the records (footers)
are told on the way, for they have other numbers of fields.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from mlops.base.errors import DataError, shown
from mlops.data.reading.delimited import Records, quotes_are_in_place, strict_reader
from mlops.data.reading.options import ReadOptions
from mlops.data.reading.sources import Source

CANDIDATES = (",", ";", "\t", "|")
"""What separates fields, if nobody says otherwise."""

_UNUSUAL = (":", "~", "^", "\x01", "\x1f")
"""What separates fields so rarely that it is asked, never guessed."""

NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "space"}

SAMPLE_RECORDS = 200
_HEAD_BYTES, _TAIL_BYTES = 1 << 20, 1 << 16

_SUMMARY = re.compile(r"(?i:(grand |sub)?totals?|sums?|sources?|notes?|averages?|means?|summe|quelle|gesamt)\b")


@dataclass(frozen=True)
class Sample:
    """The first and the last lines of a CSV, with their ends."""

    name: str
    head: tuple[str, ...]
    tail: tuple[str, ...]
    whole: bool
    """Whether they are all lines of the file."""

    @classmethod
    def of(cls, source: Source) -> Sample:
        """Take the sample of an open source."""
        source.file.seek(source.start)
        head = source.file.read(_HEAD_BYTES)
        whole = source.start + len(head) >= source.end
        if whole:
            return cls(source.name, _split(head), _split(head), whole)
        source.file.seek(source.end - _TAIL_BYTES)
        return cls(source.name, _split(head)[:-1] or _split(head), _split(source.file.read())[1:], whole)


class Row(NamedTuple):
    """A record of the sample; lines are counted from 0."""

    line: int
    """The line on which it begins."""
    end: int
    """The line after it."""
    cells: list[str]


@dataclass(frozen=True)
class Dialect:
    """The sample as one separator and one quote would have it."""

    delimiter: str
    quote: str
    rows: tuple[Row, ...]
    """The records that are not blank; the preamble is among them."""
    width: int
    """Number of fields that most records have."""
    header: int
    """Place of the header among `rows`."""
    footers: int
    """Lines at the end of the file that are no records."""
    fits: bool
    """Whether every record from the header on has that many fields."""


def choose(sample: Sample, options: ReadOptions) -> tuple[Dialect, str]:
    """Return the dialect of a CSV, and why it was chosen.

    Raises
    ------
    DataError
        If two separators fit, or the only one that does is so unusual that it could be text.
    """
    delimiters = CANDIDATES if options.delimiter is None else (options.delimiter,)
    parses = [_parse(sample, delimiter, _quote(sample, delimiter, options), options) for delimiter in delimiters]
    fitting = [parse for parse in parses if parse.fits and parse.width > 1]
    fewest = min((parse.header for parse in fitting), default=0)
    fitting = [parse for parse in fitting if parse.header == fewest]
    if len(fitting) > 1:
        one, two = fitting[:2]
        raise DataError(
            f"{sample.name} could be separated by {NAMES[one.delimiter]} ({one.width} columns) "
            f"or by {NAMES[two.delimiter]} ({two.width} columns).",
            f'Say which: --delimiter "{one.delimiter}" or --delimiter "{two.delimiter}".',
        )
    if fitting:
        best = fitting[0]
        records = len(best.rows) - best.header
        return best, f"each of the first {records} records has {best.width} fields"
    return _nearest(sample, parses, asked=options.delimiter is None)


def _quote(sample: Sample, delimiter: str, options: ReadOptions) -> str:
    """Return the quote; ' only where it opens and closes fields and " does not."""
    if options.quote is not None:
        return options.quote
    text = "".join(sample.head).encode()
    sound = [
        quote
        for quote in ('"', "'")
        if quote.encode() in text
        and quotes_are_in_place(Records(io.BytesIO(text), sample.name, (), delimiter, quote, 0, len(text), 1))
    ]
    return sound[0] if sound else '"'


def _nearest(sample: Sample, parses: Sequence[Dialect], asked: bool) -> tuple[Dialect, str]:
    """Return how to read a file that no separator fits: one column, or a table with a broken record."""
    tables = [parse for parse in parses if parse.width > 1 and len(parse.rows[parse.header].cells) > 1]
    if tables:
        best = max(tables, key=lambda parse: sum(len(row.cells) == parse.width for row in parse.rows))
        return best, "it fits most records"
    lines = [line.rstrip("\r\n") for line in sample.head if line.strip()]
    for unusual in _UNUSUAL if asked else ():
        if lines[0].count(unusual) and len({line.count(unusual) for line in lines}) == 1 and len(lines) > 1:
            raise DataError(
                f"{sample.name} has one column, or {shown(unusual)} separates {lines[0].count(unusual) + 1}.",
                f'Say which: --delimiter "{unusual}", or --delimiter "," for one column.',
            )
    return parses[0], "there is one column"


def _parse(sample: Sample, delimiter: str, quote: str, options: ReadOptions) -> Dialect:
    """Read the sample with one separator."""
    before = max((options.header_line or 1) - 1, 0)
    rows, sound = _rows(sample, delimiter, quote, before)
    counts = Counter(len(row.cells) for row in rows if len(row.cells) > 1)
    width = max(counts, key=lambda count: (counts[count], count)) if counts else 1
    footers = options.footer_lines
    if footers is None:
        footers = footer_lines(sample.tail, delimiter, quote, width)
    if sample.whole:
        last = len(sample.head) - blank_end(sample.head) - footers
        rows = [row for row in rows if row.line < last]
    if not rows:
        raise _empty(sample)
    header = 0 if options.header_line is not None else _header_place(rows, width)
    fits = sound and all(len(row.cells) == width for row in rows[header:])
    return Dialect(delimiter, quote, tuple(rows), width, header, footers, fits)


def _rows(sample: Sample, delimiter: str, quote: str, before: int) -> tuple[list[Row], bool]:
    """Return the first records after some lines, and whether their quotes are sound."""
    if not sample.head:
        raise _empty(sample)
    if before >= len(sample.head):
        raise DataError(
            f"{sample.name} has {len(sample.head)} lines, so no header on line {before + 1}.", "Correct --header-line."
        )
    reader = strict_reader(sample.head[before:], delimiter, quote)
    rows: list[Row] = []
    line = before
    try:
        for cells in reader:
            if len(cells) > 1 or any(cell.strip() for cell in cells):
                rows.append(Row(line, before + reader.line_num, cells))
            line = before + reader.line_num
            if len(rows) > SAMPLE_RECORDS:
                break
    except csv.Error:
        # A quote that is open at the end of the sample may be closed after it.
        return rows or [Row(before, before + 1, [""])], not sample.whole and len(rows) > 1
    return rows, True


def _empty(sample: Sample) -> DataError:
    return DataError(f"{sample.name} is empty.", "Give a file with a header line and rows.")


def _header_place(rows: Sequence[Row], width: int) -> int:
    """Return the place of the first record that is no preamble: a comment, or hardly any of the fields below."""
    if sum(len(row.cells) == width for row in rows) < 2:
        return 0  # a header has a record below it
    few = max(1, width // 3)
    for place, (_, _, cells) in enumerate(rows):
        filled = sum(bool(cell.strip()) for cell in cells)
        comment = len(cells) != width and cells[0].startswith("#")
        short = comment or (len(cells) < width and filled <= few)
        padded = len(cells) == width > 2 and filled == 1 and bool(cells[0].strip())
        if not (short or padded):
            return place
    return 0


def footer_lines(tail: Sequence[str], delimiter: str, quote: str, width: int) -> int:
    """Return how many lines at the end are no records, blank ones at the very end not counted.

    A footer is a comment, or a word such as Total or Source alone in its line, or whatever is short and comes after
    a blank line. A short line right under the records is none: it may be a record that was cut off.

    Examples
    --------
    >>> footer_lines(["1,2,3", "", "made by Ada"], ",", '"', 3), footer_lines(["1,2,3", "4,5"], ",", '"', 3)
    (1, 0)
    """
    end = len(tail) - blank_end(tail)
    first = end
    while width > 1 and first > 0 and not _is_record(tail[first - 1], delimiter, quote, width):
        first -= 1
    after_blank, footers = False, 0
    for line in tail[first:end]:
        short = after_blank and len(_cells(line, delimiter, quote)) < width
        if line.strip() and not short and not _says_so(line, delimiter, quote):
            return 0
        after_blank = after_blank or not line.strip()
        footers += bool(line.strip()) or footers > 0
    return footers


def _is_record(line: str, delimiter: str, quote: str, width: int) -> bool:
    """Tell whether a line at the end belongs to a record: it is as wide as one, or the end of a quoted cell."""
    if quote and line.count(quote) % 2:
        return True
    cells = _cells(line, delimiter, quote)
    return len(cells) == width and not (_SUMMARY.match(cells[0].strip()) and not "".join(cells[1:]).strip())


def _says_so(line: str, delimiter: str, quote: str) -> bool:
    """Tell whether a line says that it is no record: # in front, "Source: ...", or Total alone."""
    first, *others = _cells(line, delimiter, quote)
    word = _SUMMARY.match(first.strip())
    return line.startswith("#") or bool(word and (":" in first or not "".join(others).strip()))


def _cells(line: str, delimiter: str, quote: str) -> list[str]:
    try:
        return next(strict_reader([line], delimiter, quote), [])
    except csv.Error:
        return [line]


def blank_end(lines: Sequence[str]) -> int:
    """Return how many lines at the end are blank."""
    return next((count for count, line in enumerate(reversed(lines)) if line.strip("\r\n")), len(lines))


def _split(data: bytes) -> tuple[str, ...]:
    """Return the lines of some UTF-8, with their ends; a cut character at either end does not matter."""
    return tuple(io.StringIO(data.decode("utf-8", "replace"), newline=""))
