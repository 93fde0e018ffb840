"""Forms: the ways in which a value is written in a text cell, and how each becomes the plain spelling of its type.

The plain spellings are those of `tables.convert`: 1234.5, 2024-01-31. Other forms of the same values are numbers with
a decimal comma, numbers with a unit or thousands separators, and dates with the day or the month first.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from mlops.data import tables
from mlops.data.tables import Type

_CURRENCY = r"[$€£¥₹]"
_KNOWN_UNITS = r"kg|mg|g|lbs?|oz|km|cm|mm|mi|m|ft|in|ml|l|L|ms|s|min|hrs?|h|d|kB|MB|GB|kWh|W|mph|px"
_BEFORE = rf"(?:{_CURRENCY} ?|[A-Z]{{3}} )"
_AFTER = rf"(?: ?(?:%|‰|°[CFK]?|{_CURRENCY}|{_KNOWN_UNITS})| [^\d\s.,]+)"
_MARKS = {".": ", '\u00a0", ",": ". '\u00a0"}
"""Thousands separators beside a decimal mark."""

_ZONE = r"(Z|[+-]\d{2}:\d{2})$"
_DAY_AND_MONTH = r"^(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})$"


@dataclass(frozen=True)
class Form:
    """One way to write the values of a type."""

    code: str
    kind: Type
    within: tuple[str, ...] = ()
    """Narrower forms: values that are all in one of these are in this one as well, and need no second look."""


FORMS = (
    Form("integer", "integer"),
    Form("number", "number", within=("integer",)),
    Form("boolean", "boolean"),
    Form("date", "date"),
    Form("datetime", "datetime"),
    Form("zoned", "datetime"),
    Form("dmy", "date"),
    Form("mdy", "date"),
    Form("digits", "text", within=("integer",)),
    Form("dates", "text"),
    Form("quantity", "number", within=("integer", "number")),
)
"""Forms that a column is tried for, the narrowest first; a column of `digits` holds codes such as 007,
one of `dates` holds dates that are written in different ways."""

NARROW = FORMS[:6]
"""Those that leave no doubt."""

WHOLE = Form("whole", "integer", within=("integer",))
"""3 or 3.0: integers of a column that is known to hold them."""

_ALIKE = {"integer": tables.PATTERNS["integer"], "digits": r"^\d+$", "dates": r"^\d{1,4}[/.\-]\d{1,2}[/.\-]\d{1,4}$"}
"""Forms whose values are known by how they look."""


def fitting(text: pa.ChunkedArray, form: Form, decimal: str) -> pa.ChunkedArray:
    """Tell which values of a text column are written in a form; a missing one is."""
    if pattern := _quantity(decimal) if form.code == "quantity" else _ALIKE.get(form.code):
        return pc.fill_null(pc.match_substring_regex(text, pattern), True)
    if form.kind == "datetime":
        as_said = pc.equal(pc.match_substring_regex(text, _ZONE), form.code == "zoned")
        return pc.and_(tables.convert(text, "datetime")[1], pc.fill_null(as_said, True))
    if form.code in ("dmy", "mdy"):
        text = pc.if_else(pc.match_substring_regex(text, _DAY_AND_MONTH), text, "")  # ISO dates are another form
    return tables.convert(plain(text, form.code, decimal), form.kind)[1]


def plain(text: pa.ChunkedArray, form: str, decimal: str, unit: str | None = None) -> pa.ChunkedArray:
    """Return a text column in the plain spelling of its type; what is not in the form stays as it is.

    Examples
    --------
    >>> texts = pa.chunked_array([pa.array(["$1,200", "31/1/2024"], pa.large_string())])
    >>> plain(texts, "quantity", ".", "$").to_pylist(), plain(texts, "dmy", ".").to_pylist()
    (['1200', '31/1/2024'], ['$1,200', '2024-01-31'])
    """
    if form in ("dmy", "mdy"):
        order = r"\3-0\2-0\1" if form == "dmy" else r"\3-0\1-0\2"
        iso = pc.replace_substring_regex(text, _DAY_AND_MONTH, order)
        return pc.if_else(pc.equal(iso, text), text, pc.replace_substring_regex(iso, r"-0(\d\d)", r"-\1"))
    if form == "quantity":
        number = pc.utf8_trim_whitespace(pc.replace_substring(text, unit, "", max_replacements=1)) if unit else text
        has_unit = pc.not_equal(number, text) if unit else True
        matches = pc.and_(has_unit, pc.match_substring_regex(number, f"^{_number(decimal)}$"))
        text = pc.if_else(matches, pc.replace_substring_regex(number, f"[{_MARKS[decimal]}]", ""), text)
    return _point(text) if decimal == "," and form in ("number", "quantity") else text


def units(text: pa.ChunkedArray) -> list[str]:
    """Return the different units beside the numbers of a column; the empty text where there is none."""
    beside = pc.replace_substring_regex(text, r"[+-]?\d[\d.,' \x{a0}]*\d|[+-]?\d", "")
    return pc.unique(pc.utf8_trim_whitespace(pc.drop_null(beside))).to_pylist()


def _number(decimal: str) -> str:
    """Return the pattern of a number that may have thousands separators, all of one kind."""
    grouped = "|".join(rf"\d{{1,3}}(?:[{mark}]\d{{3}})+" for mark in _MARKS[decimal])
    return rf"[+-]?(?:{grouped}|\d+)(?:[{decimal}]\d+)?"


def _quantity(decimal: str) -> str:
    """Return the pattern of a number with a unit or with thousands separators."""
    number = _number(decimal)
    return rf"^(?:{_BEFORE}{number}|{number}{_AFTER}?)$"


def _point(text: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return decimal commas as points; a number with a point is none where the mark is a comma."""
    return pc.replace_substring(pc.replace_substring(text, ".", "·"), ",", ".")
