"""Sniffing: how the records of a file lie there, told from its content.

A *layout* says where the header is, what separates fields, which mark stands before decimals. Whatever nobody has
said is a *guess*: it names its reason, and an option corrects it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlops.records import Record


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
