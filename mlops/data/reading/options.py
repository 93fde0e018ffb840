"""Options: what a person may say about how a file is read, and what of it holds for the next file too.

Everything a person leaves open is told from the content, and said; see `sniffing` for how a file lies there and
`cells` for what its values mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from mlops.base.errors import DataError, shown
from mlops.base.records import check_text, plain
from mlops.data.tables import TYPES, Type

DateOrder = Literal["dmy", "mdy"]

MISSING = ("", "?", "NA", "N/A", "NULL", "null", "NaN", "nan")
"""Cells that mean "no value", after trimming."""

MAX_WORD = 1000
"""Characters of a code for missing, a unit and the name of a column, at most."""


@dataclass(frozen=True)
class ReadOptions:
    """How to read a file; None means: told from the content."""

    delimiter: str | None = None
    """Field separator of a CSV: one character."""
    decimal: str | None = None
    """Decimal mark of the numbers of a CSV: ``.`` or ``,``."""
    encoding: str | None = None
    """Encoding of a CSV, by its Python name."""
    quote: str | None = None
    """Quote character of a CSV; the empty text if a quote is a character like any other."""
    header_line: int | None = None
    """Line that names the columns, counted from 1; 0 if no line does."""
    units_line: bool | None = None
    """Whether the line under the header holds units, which are no values."""
    footer_lines: int | None = None
    """Lines at the end that are no records."""
    dates: DateOrder | None = None
    """What 01/02/2024 means: the day first (dmy) or the month first (mdy)."""
    fix_names: bool = False
    """Give blank and repeated column names a name of their own."""
    trim: bool = True
    """Remove white space around text."""
    missing: tuple[str, ...] = MISSING
    """Cells that mean "no value"."""
    types: Mapping[str, Type] = field(default_factory=dict)
    """Column types that were decided by a person."""
    units: Mapping[str, str] = field(default_factory=dict)
    """Column -> the unit that stands beside its numbers and is taken off: ``$``, ``kg``."""
    as_text: bool = False
    """Leave the text columns of a file as text; the caller knows the types."""
    known: Mapping[str, Type] = field(default_factory=dict)
    """Types of the version before. A column keeps its type where every value fits it: codes such as 1042 stay
    text, and whole numbers that another program saved as 30.0 stay integers."""

    def __post_init__(self) -> None:
        """Refuse what no file can be read by."""
        said = self.delimiter
        if said is not None and (len(said) != 1 or not said.isascii() or said in "\r\n\"'\0"):
            raise DataError(f"{shown(said)} cannot separate fields.", "Use one character, such as ; or |, or tab.")
        if self.decimal not in (None, ".", ","):
            raise DataError(f"{shown(self.decimal)} is no decimal mark.", "Use . or ,.")
        if self.quote not in (None, "", '"', "'"):
            raise DataError(f"{shown(self.quote)} is no quote.", "Use \", ' or none.")
        if self.dates not in (None, "dmy", "mdy"):
            raise DataError(f"{shown(self.dates)} is no order of dates.", "Use dmy (day first) or mdy (month first).")
        unknown = [kind for kind in self.types.values() if kind not in TYPES]
        if unknown:
            raise DataError(f"{shown(unknown[0])} is no type of a column.", f"Use one of {', '.join(TYPES)}.")
        for code in (*self.missing, *self.types, *self.units, *self.units.values()):
            check_text(code, "column, unit or code for missing", MAX_WORD)
        for what, lines in (("header line", self.header_line), ("number of footer lines", self.footer_lines)):
            if lines is not None and lines < 0:
                raise DataError(f"{lines} is no {what}.", "Count from 0.")

    def following(self, shared: Mapping[str, Any] | None) -> ReadOptions:
        """Return these options with what an earlier file of the dataset was read by; what is said here wins.

        Examples
        --------
        >>> ReadOptions(dates="mdy").following({"dates": "dmy", "trim": False, "missing": [""], "units": {}}).dates
        'mdy'
        """
        shared = shared or {}
        return replace(
            self,
            dates=self.dates or shared.get("dates"),
            trim=self.trim and shared.get("trim", True),
            missing=self.missing if self.missing != MISSING else tuple(shared.get("missing", MISSING)),
            units={**shared.get("units", {}), **self.units},
        )


def conventions(options: ReadOptions) -> dict[str, Any]:
    """Return what other files of the dataset share: how values are read, not how one file lies there.

    Examples
    --------
    >>> conventions(ReadOptions(delimiter=";", dates="dmy", missing=("", "-")))
    {'trim': True, 'missing': ['', '-'], 'dates': 'dmy', 'units': {}}
    """
    return {name: plain(getattr(options, name)) for name in ("trim", "missing", "dates", "units")}
