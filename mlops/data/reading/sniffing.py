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
        self.guesses: list[dict[str, Any]] = []
        self.notes: list[Note] = []
        self.sample = Sample.of(source)

    def result(self) -> Sniffed:
        """Tell everything, in the order in which one thing follows from another."""
        best = self._dialect()
        names = self._header(best)
        first = 0 if self.options.header_line == 0 else best.header + 1
        units = self._units(best, first)
        first += units
        body = [row.cells for row in best.rows[first:]]
        line = best.rows[first - 1].end if first else 0
        dropped = self._footers(best)
        head, tail = self.sample.head, self.sample.tail
        start = self.source.start + _size(head[:line])
        end = max(start, self.source.end - _size(tail[len(tail) - dropped :]))
        layout = Layout(
            "csv",
            self.source.compressed,
            self.source.bytes,
            encoding=self._told("encoding", self.source.encoding, self.source.encoding_why),
            delimiter=best.delimiter,
            quote=best.quote,
            decimal=self._decimal(best.delimiter, body),
            header_line=0 if self.options.header_line == 0 else best.rows[best.header].line + 1,
            units_line=bool(units),
            footer_lines=best.footers,
            dates=self.options.dates or "iso",
            guesses=tuple(self.guesses),
            raw=tuple(line.rstrip("\r\n")[:500] for line in head[:12]),
        )
        file, name = self.source.file, self.source.name
        records = Records(file, name, names, best.delimiter, best.quote, start, end, line + 1)
        return Sniffed(layout, records, tuple(self.notes))

    def _told(self, what: str, value: Any, why: str) -> Any:
        """Remember a guess, unless a person said it."""
        if getattr(self.options, what) is None:
            self.guesses.append({"what": what, "value": value, "why": why})
        return value

    def _dialect(self) -> Dialect:
        best, why = choose(self.sample, self.options)
        self._told("delimiter", best.delimiter, why)
        if best.quote and any(best.quote in line for line in self.sample.head):
            self._told("quote", best.quote, "it opens and closes fields")
        return best

    def _header(self, best: Dialect) -> tuple[str, ...]:
        """Return the names of the columns."""
        name, said = self.source.name, self.options.header_line
        if said == 0:
            return tuple(f"column_{place}" for place in range(1, best.width + 1))
        row, _, cells = best.rows[best.header]
        if said not in (None, row + 1):
            raise DataError(f"{name}: line {said} is blank, so it names no columns.", "Correct --header-line.")
        if said is None:
            headers.check_is_header(cells, [below.cells for below in best.rows[best.header + 1 :]], name)
            why = "the first line" if row == 0 else f"the first line that fills {best.width} columns"
            self._told("header_line", row + 1, why)
            before = [line for line in self.sample.head[:row] if line.strip()]
            self._left_out("preamble", before, "before the header", "--header-line 1")
        names, notes = headers.names(
            [cell.strip() for cell in cells], f"{name}, line {row + 1}", self.options.fix_names
        )
        self.notes += notes
        return names

    def _units(self, best: Dialect, first: int) -> bool:
        """Tell whether the line under the header holds units."""
        if self.options.units_line is not None:
            return self.options.units_line and first < len(best.rows)
        rows = [row.cells for row in best.rows[first:] if len(row.cells) == best.width]
        if self.options.header_line == 0 or not headers.is_units(rows, self.options.missing):
            return False
        self._told("units_line", True, "it is text over columns of numbers")
        line = best.rows[first].line
        self._left_out("units_line", self.sample.head[line : line + 1], "under the header", "--no-units-line")
        return True

    def _footers(self, best: Dialect) -> int:
        """Return how many lines at the end are left out: footers, and blank ones after them."""
        tail, blank = self.sample.tail, blank_end(self.sample.tail)
        if best.footers and self.options.footer_lines is None:
            self._told("footer_lines", best.footers, "they say that they are no records, or follow a blank line")
            lines = tail[len(tail) - blank - best.footers : len(tail) - blank]
            self._left_out("footer", [line for line in lines if line.strip()], "at the end", "--footer-lines 0")
        above = tail[: max(len(tail) - blank - best.footers, 0)]
        return len(tail) - len(above) + (blank_end(above) if best.width > 1 else 0)

    def _left_out(self, code: str, lines: Sequence[str], where: str, option: str) -> None:
        if lines:
            shown = " / ".join(line.strip()[:60] for line in lines[:3]) + (" / ..." if len(lines) > 3 else "")
            count = f"{len(lines)} {'line' if len(lines) == 1 else 'lines'}"
            message = f"{count} {where} left out: {shown}"
            self.notes.append(Note(code, None, message, "warning", f"If that is wrong, say {option}."))

    def _decimal(self, delimiter: str, rows: Sequence[Sequence[str]]) -> str:
        """Return the decimal mark; a comma where columns of numbers need it and no other column has a point."""
        if self.options.decimal is not None:
            return self.options.decimal
        if delimiter == ",":
            return "."
        cells = [cell.strip() for row in rows for cell in row]
        comma = [cell for cell in cells if re.fullmatch(r"[+-]?\d+,\d+([eE][+-]?\d+)?", cell)]
        point = [cell for cell in cells if re.fullmatch(r"[+-]?\d*\.\d+([eE][+-]?\d+)?", cell)]
        telling = [cell for cell in comma if not re.fullmatch(r"[+-]?[1-9]\d{0,2},\d{3}", cell)]
        if telling and not point:
            return str(self._told("decimal", ",", f"numbers such as {telling[0]} need it"))
        if comma:
            why = f"{comma[0]} and {point[0]} use two marks" if point else f"{comma[0]} could be thousands"
            message = f"Numbers with a comma stay text: {why}."
            self.notes.append(Note("decimal_unclear", None, message, "warning", "Say --decimal , or --decimal ."))
        return "."


def _size(lines: Sequence[str]) -> int:
    return len("".join(lines).encode())
