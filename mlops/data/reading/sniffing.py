"""Sniffing: how the records of a file lie there, told from its content.

A *layout* says what separates fields, where the header is, which lines are no records. Whatever nobody has said is a
*guess*: it names its reason, and the option of the same name corrects it. A guess that leaves lines out is a warning
that quotes them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mlops.base.errors import DataError
from mlops.base.notes import Note
from mlops.base.records import Record
from mlops.data.reading import headers
from mlops.data.reading.delimited import Records
from mlops.data.reading.dialects import Dialect, Sample, blank_end, choose
from mlops.data.reading.options import ReadOptions
from mlops.data.reading.sources import Source


@dataclass(frozen=True)
class Layout(Record):
    """How a file lies there."""

    format: str
    """``csv`` or ``parquet``; what follows the size is about a CSV, and None in a parquet file."""
    compressed: bool
    """Whether it is a gzip stream."""
    bytes: int
    """Size of the file on disk."""
    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    """The empty text if a quote is a character like any other."""
    decimal: str | None = None
    header_line: int | None = None
    """Counted from 1; 0 if no line names the columns."""
    units_line: bool | None = None
    """Whether the line under the header holds units."""
    footer_lines: int | None = None
    """Lines at the end that are no records."""
    dates: str | None = None
    """``iso``, or the order of dates that are written otherwise: ``dmy`` or ``mdy``."""
    guesses: tuple[Mapping[str, Any], ...] = ()
    """``{what, value, why}`` for each thing that nobody said."""
    raw: tuple[str, ...] = ()
    """The first lines as they stand."""

    def with_guess(self, what: str, value: Any, why: str) -> Layout:
        """Return the layout with one thing more that was told from the content."""
        guess = {"what": what, "value": value, "why": why}
        return replace(self, guesses=(*self.guesses, guess), **{what: value})


@dataclass(frozen=True)
class Sniffed:
    """A layout, and where it finds the records of a CSV."""

    layout: Layout
    records: Records | None
    """None in a parquet file."""
    notes: tuple[Note, ...] = ()


def look(source: Source, options: ReadOptions) -> Sniffed:
    """Tell how an open file lies there.

    Parameters
    ----------
    source : Source
        The file.
    options : ReadOptions
        What a person said about it.

    Raises
    ------
    DataError
        If it is no table, or its layout cannot be told without doubt.
    """
    if source.format == "parquet":
        return Sniffed(Layout("parquet", source.compressed, source.bytes), None)
    return _Look(source, options).result()


class _Look:
    """One look at a CSV: what follows from its first and last lines."""

    def __init__(self, source: Source, options: ReadOptions) -> None:
        self.source, self.options = source, options
        self.notes: list[Note] = []
        self.sample = Sample.of(source)
        raw = tuple(line.rstrip("\r\n")[:500] for line in self.sample.head[:12])
        self.layout = Layout("csv", source.compressed, source.bytes, dates=options.dates or "iso", raw=raw)

    def result(self) -> Sniffed:
        """Tell everything, in the order in which one thing follows from another."""
        best, source = self._dialect(), self.source
        names = self._header(best)
        first = 0 if self.options.header_line == 0 else best.header + 1
        first += self._units(best, first)
        line = best.rows[first - 1].end if first else 0
        start = source.start + _size(self.sample.head[:line])
        end = max(start, source.end - _size(self._footers(best)))
        self._tell("encoding", source.encoding, source.encoding_why)
        self._tell("decimal", *self._decimal(best.delimiter, [row.cells for row in best.rows[first:]]))
        records = Records(source.file, source.name, names, best.delimiter, best.quote, start, end, line + 1)
        return Sniffed(self.layout, records, tuple(self.notes))

    def _tell(self, what: str, value: Any, why: str = "") -> None:
        """Write down a part of the layout; with a reason it is a guess, unless a person said it."""
        is_guess = why and getattr(self.options, what) is None
        self.layout = self.layout.with_guess(what, value, why) if is_guess else replace(self.layout, **{what: value})

    def _dialect(self) -> Dialect:
        best, why = choose(self.sample, self.options)
        self._tell("delimiter", best.delimiter, why)
        is_used = best.quote and any(best.quote in line for line in self.sample.head)
        self._tell("quote", best.quote, "it opens and closes fields" if is_used else "")
        return best

    def _header(self, best: Dialect) -> tuple[str, ...]:
        """Return the names of the columns."""
        name, said = self.source.name, self.options.header_line
        if said == 0:
            self._tell("header_line", 0)
            return tuple(f"column_{place}" for place in range(1, best.width + 1))
        row, _, cells = best.rows[best.header]
        if said not in (None, row + 1):
            raise DataError(f"{name}: line {said} is blank, so it names no columns.", "Correct --header-line.")
        if said is None:
            headers.check_is_header(cells, [below.cells for below in best.rows[best.header + 1 :]], name)
            before = [line for line in self.sample.head[:row] if line.strip()]
            self._left_out("preamble", before, "before the header", "--header-line 1")
        self._tell(
            "header_line", row + 1, f"the first line that fills {best.width} columns" if row else "the first line"
        )
        names, notes = headers.names(
            [cell.strip() for cell in cells], f"{name}, line {row + 1}", self.options.fix_names
        )
        self.notes += notes
        return names

    def _units(self, best: Dialect, first: int) -> bool:
        """Tell whether the line under the header holds units."""
        found, said = False, self.options.units_line
        if said is not None:
            found = said and first < len(best.rows)
        elif self.options.header_line != 0:
            rows = [row.cells for row in best.rows[first:] if len(row.cells) == best.width]
            found = headers.is_units(rows, self.options.missing)
        if found and said is None:
            line = best.rows[first].line
            self._left_out("units_line", self.sample.head[line : line + 1], "under the header", "--no-units-line")
        self._tell("units_line", found, "it is text over columns of numbers" if found else "")
        return found

    def _footers(self, best: Dialect) -> Sequence[str]:
        """Return the lines at the end that are left out: footers, and blank ones around them."""
        tail, footers = self.sample.tail, best.footers
        end = len(tail) - blank_end(tail)
        first = max(end - footers, 0)
        if footers and self.options.footer_lines is None:
            lines = [line for line in tail[first:end] if line.strip()]
            self._left_out("footer", lines, "at the end", "--footer-lines 0")
        self._tell(
            "footer_lines", footers, "they say that they are no records, or follow a blank line" if footers else ""
        )
        return tail[first - (blank_end(tail[:first]) if best.width > 1 else 0) :]

    def _left_out(self, code: str, lines: Sequence[str], where: str, option: str) -> None:
        if lines:
            shown = " / ".join(line.strip()[:60] for line in lines[:3]) + (" / ..." if len(lines) > 3 else "")
            count = f"{len(lines)} {'line' if len(lines) == 1 else 'lines'}"
            message = f"{count} {where} left out: {shown}"
            self.notes.append(Note(code, None, message, "warning", f"If that is wrong, say {option}."))

    def _decimal(self, delimiter: str, rows: Sequence[Sequence[str]]) -> tuple[str, str]:
        """Return the decimal mark, and why: a comma where columns of numbers need it and no other has a point."""
        if self.options.decimal is not None or delimiter == ",":
            return self.options.decimal or ".", ""
        cells = [cell.strip() for row in rows for cell in row]
        comma = [cell for cell in cells if re.fullmatch(r"[+-]?\d+,\d+([eE][+-]?\d+)?", cell)]
        point = [cell for cell in cells if re.fullmatch(r"[+-]?\d*\.\d+([eE][+-]?\d+)?", cell)]
        telling = [cell for cell in comma if not re.fullmatch(r"[+-]?[1-9]\d{0,2},\d{3}", cell)]
        if telling and not point:
            return ",", f"numbers such as {telling[0]} need it"
        if comma:
            why = f"{comma[0]} and {point[0]} use two marks" if point else f"{comma[0]} could be thousands"
            message = f"Numbers with a comma stay text: {why}."
            self.notes.append(Note("decimal_unclear", None, message, "warning", "Say --decimal , or --decimal ."))
        return ".", ""


def _size(lines: Sequence[str]) -> int:
    return len("".join(lines).encode())
