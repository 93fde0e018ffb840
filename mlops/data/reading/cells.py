"""Cells: what the values of a column mean, told from all of them.

A column is looked at block by block: white space and missing codes are counted, and every form of `forms` is tried
until too few values have it. Then one form is settled that fits *every* value; a column without one stays text. What
a person should know about it is said by `remarks`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlops.base.errors import DataError, shown
from mlops.data import tables
from mlops.data.reading.exact import beyond, inexact
from mlops.data.reading.forms import FORMS, NARROW, WHOLE, Form, fitting, plain, units
from mlops.data.reading.options import ReadOptions
from mlops.data.tables import Type, type_of

FIRST_ROWS = 500
MAX_UNITS = 3
"""With more different units than this, a column is text with numbers in it."""

NUMBERS = ("integer", "number")

ALSO = {"integer": "whole", "datetime": "zoned"}
"""Type -> the other form that leaves no doubt about it."""


@dataclass(frozen=True)
class Settled:
    """How a column is read."""

    kind: Type
    form: str
    unit: str | None = None


@dataclass
class Look:
    """What was seen of a column so far."""

    name: str
    options: ReadOptions
    own: Type | None = None
    """Its type in a parquet file; None for text."""
    rows: int = 0
    missing: int = 0
    trimmed: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    """Missing codes and how often they are there."""
    misfits: Counter[str] = field(default_factory=Counter)
    """Values that are not in a form."""
    inexact: Counter[str] = field(default_factory=Counter)
    """Why numbers of it are no numbers, and how many; see `exact`."""
    first: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    """Row and value of the first three that are counted in one of these."""
    units: list[str] = field(default_factory=list)
    alive: dict[str, Form] = field(default_factory=dict)
    """Forms that are still tried, by their code."""

    def __post_init__(self) -> None:
        if not (self.options.as_text or self.wanted == "text" or self.stays):
            forms = [*FORMS, *([WHOLE] if "integer" in (self.wanted, self.known) else [])]
            self.alive = {form.code: form for form in forms}

    @property
    def wanted(self) -> Type | None:
        """The type that a person decided."""
        return self.options.types.get(self.name)

    @property
    def known(self) -> Type | None:
        """The type that the version before has."""
        return self.options.known.get(self.name)

    @property
    def stays(self) -> bool:
        """Whether it is a column of a parquet file that nobody gives another type than its own."""
        return self.own is not None and (self.wanted or self.known or self.own) == self.own

    @property
    def values(self) -> int:
        """Number of values that are there."""
        return self.rows - self.missing

    def add(self, column: pa.ChunkedArray) -> None:
        """Look at the next block."""
        column, infinite = finite(column)
        self.codes.update(infinite)
        parts: tuple[pa.ChunkedArray, ...] = (column,)
        if not self.stays:
            text, trimmed, codes = clean(as_text(column), self.options)
            self.trimmed += trimmed
            self.codes.update(codes)
            # The first rows are enough to give up most forms.
            parts = (text,) if self.rows else (text[:FIRST_ROWS], text[FIRST_ROWS:])
        for part in parts:
            if not self.stays:
                self._try(part)
            elif self.own in NUMBERS:
                self._see(self.inexact, "beyond", part, np.flatnonzero(beyond(part)))
            self.missing += part.null_count
            self.rows += len(part)

    def _try(self, text: pa.ChunkedArray) -> None:
        """Count the values that are not in a form; give up a form that half of the values do not have."""
        there, decimal = len(text) - text.null_count, str(self.options.decimal)
        if not there:
            return
        fitted = set[str]()
        for code, form in list(self.alive.items()):
            if not fitted.isdisjoint(form.within):
                found = [""]  # plain numbers have no unit
            else:
                fits = fitting(text, form, decimal)
                odd = np.flatnonzero(~np.asarray(fits).astype(bool))
                self._see(self.misfits, code, text, odd)
                fitted |= set() if len(odd) else {code}
                if len(odd) > there / 2 and form.kind not in (self.wanted, self.known):
                    del self.alive[code]
                    continue
                is_new = code == "quantity" and len(self.units) <= MAX_UNITS
                found = units(pc.filter(text, fits)) if is_new else []
            if code == "quantity":
                self.units += [unit for unit in found if unit not in self.units]
        if not self.alive.keys().isdisjoint({"integer", "number", "quantity"}):
            # In the spelling that they are read from, some numbers would not be the same as a number.
            unit = self.options.units.get(self.name)
            for why, places in inexact(plain(text, "number" if unit is None else "quantity", decimal, unit)):
                self._see(self.inexact, why, text, places)

    def _see(self, counts: Counter[str], code: str, values: pa.ChunkedArray, places: np.ndarray) -> None:
        """Count what is odd in this part, and keep the first three."""
        if len(places):
            counts[code] += len(places)
            first = self.first.setdefault(code, [])
            first += [(self.rows + int(place), str(values[int(place)].as_py())) for place in places[: 3 - len(first)]]

    def fits(self, code: str) -> bool:
        """Tell whether every value is in a form."""
        return self.values > 0 and not self.misfits[code] and code in self.alive

    # Settling

    def settle(self) -> Settled:
        """Return how the column is read.

        Raises
        ------
        DataError
            If a person decided a type that does not fit every value.
        """
        if self.own is not None and self.stays:
            return self._as_it_is(self.own)
        if self.options.as_text:
            return self._spelled(self.known or "text")
        if self.wanted:
            return self._decided(self.wanted)
        if self.known and (found := self._as(self.known)):
            return found
        if self.own is not None:
            return self._as_it_is(self.own)
        narrow = [form for form in NARROW if self.fits(form.code) and not (self.inexact and form.kind in NUMBERS)]
        if narrow:
            return Settled(narrow[0].kind, narrow[0].code)
        return (self.values and self._as("date")) or Settled("text", "text")

    def _as_it_is(self, own: Type) -> Settled:
        """Return how a column of a parquet file is read that nobody has given another type."""
        is_id = self.inexact and own in NUMBERS and not self.options.as_text and own not in (self.wanted, self.known)
        return Settled("text" if is_id else own, "own")

    @property
    def is_rounded(self) -> bool:
        """Whether a number would lose what it was written with, and nobody has said that it may."""
        return self.wanted is None and bool(self.inexact["rounded"] or self.inexact["phone"])

    def _spelled(self, kind: Type) -> Settled:
        """Return the form of text that somebody else converts."""
        unit = self.options.units.get(self.name)
        form = "quantity" if unit is not None else (self.options.dates or "date") if kind == "date" else kind
        return Settled("text", form, unit)

    def _as(self, kind: Type) -> Settled | None:
        """Return the form in which every value is of a type, if there is one that leaves no doubt."""
        if kind == "text" or not self.values:
            return Settled(kind, kind)
        keeps_digits = kind == "integer" and self.fits(kind)
        if kind in NUMBERS and self.is_rounded and not keeps_digits:
            return None
        if self.fits(kind) or self.fits(ALSO.get(kind, kind)):
            return Settled(kind, kind)
        if kind == "date":
            said = self.options.dates
            orders = [order for order in ("dmy", "mdy") if self.fits(order) and said in (None, order)]
            return Settled(kind, orders[0]) if len(orders) == 1 else None
        unit = self.options.units.get(self.name)
        if kind == "number" and unit is not None and self.fits("quantity") and self.units == [unit]:
            return Settled(kind, "quantity", unit)
        return None

    def _decided(self, kind: Type) -> Settled:
        """Return the form of a type that a person decided."""
        if found := self._as(kind):
            return found
        if kind == "number" and self.fits("quantity"):
            if len(self.units) == 1:
                return Settled(kind, "quantity", self.units[0])
            units = ", ".join(shown(unit) if unit else "none" for unit in self.units[:4])
            raise DataError(
                f"Column {shown(self.name)} has numbers with different units ({units}).",
                f"Bring them to one unit, or keep the text: --type {self.name}=text.",
            )
        if kind == "date" and self.fits("dmy") and self.fits("mdy"):
            raise DataError(
                f"Column {shown(self.name)} has dates that can be read day first or month first.",
                "Say which: --dates dmy or --dates mdy.",
            )
        row, value = self.first["whole" if kind == "integer" else kind][0]
        raise DataError(
            f"Column {shown(self.name)}, row {row + 1}: {short(value)} is not of type {kind}.",
            f"Choose another type, for example --type {self.name}=text{or_missing(value)}.",
            [{"row": row + 1, "field": self.name, "expected": kind, "got": value[:200]}],
        )


def clean(text: pa.ChunkedArray, options: ReadOptions) -> tuple[pa.ChunkedArray, int, dict[str, int]]:
    """Trim a text column and blank out its missing codes.

    Returns
    -------
    text : pyarrow.ChunkedArray
        The cleaned column.
    trimmed : int
        Cells that had white space around their text.
    codes : dict
        Missing code -> how many cells held it.
    """
    trimmed = 0
    if options.trim:
        stripped = pc.utf8_trim_whitespace(text)
        if pc.sum(pc.binary_length(stripped)).as_py() != pc.sum(pc.binary_length(text)).as_py():
            trimmed = pc.sum(pc.and_(pc.not_equal(stripped, text), pc.not_equal(stripped, ""))).as_py() or 0
        text = stripped
    absent = pc.is_in(text, value_set=pa.array(options.missing, text.type), skip_nulls=True)
    if not pc.any(absent).as_py():
        return text, trimmed, {}
    codes = tables.counts(pc.filter(text, absent))
    return pc.if_else(absent, pa.scalar(None, text.type), text), trimmed, codes


def typed(column: pa.ChunkedArray, settled: Settled, options: ReadOptions) -> pa.ChunkedArray:
    """Return a block of a column in the type that was settled for all of it."""
    column, _ = finite(column)
    if settled.form == "own":
        return column if type_of(column.type) == settled.kind else as_text(column)
    text, _, _ = clean(as_text(column), options)
    spelled = plain(text, settled.form, str(options.decimal), settled.unit)
    try:
        return tables.cast(spelled, settled.kind)
    except pa.ArrowInvalid as error:  # every value fitted the first time
        raise DataError("The file changed while it was read.", "Read it again.") from error


def finite(column: pa.ChunkedArray) -> tuple[pa.ChunkedArray, dict[str, int]]:
    """Blank out the infinities of a column of numbers; also return how often each is there."""
    if not pa.types.is_floating(column.type) or not pc.any(infinite := pc.is_inf(column)).as_py():
        return column, {}
    below = pc.sum(pc.and_(infinite, pc.less(column, 0))).as_py() or 0
    above = (pc.sum(infinite).as_py() or 0) - below
    counts = {code: count for code, count in (("inf", above), ("-inf", below)) if count}
    return pc.if_else(infinite, pa.scalar(None, column.type), column), counts


def short(value: str) -> str:
    """Return a value in quotes, shortened for a message.

    Examples
    --------
    >>> short("a" * 50)
    "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...'"
    """
    return shown(value if len(value) <= 40 else f"{value[:37]}...")


def or_missing(value: str) -> str:
    """Return the advice to take a value as missing; nothing where it holds a digit: it may be a number or a date.

    Examples
    --------
    >>> or_missing("none"), or_missing("1,338")
    (", or name it: --also-missing 'none'", '')
    """
    return "" if any(mark.isdigit() for mark in value) else f", or name it: --also-missing {short(value)}"


def as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column as text; a whole number that a float may not hold as Python, and so pandas, writes it."""
    if pa.types.is_large_string(column.type):
        return column
    text = pc.cast(column, pa.large_string())
    if pa.types.is_floating(column.type) and (large := beyond(column)).any():
        written = [repr(value) if found else None for value, found in zip(column.to_pylist(), large, strict=True)]
        text = pc.coalesce(pa.chunked_array([pa.array(written, text.type)]), text)
    return text
