"""Exact: whether a number survives being one.

A float has 53 bits, about 16 digits. Longer numbers would be rounded to a neighbour: three ids would become one, and a
file in which one of them is another would look the same. So a column that holds such a number stays text.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlops.data import tables

LARGEST = 2**53
"""Up to here every whole number has a float of its own."""

LARGEST_ID = 2**64
"""Up to here a whole number may be an id; beyond, only measurements are, which programs write like 1e30."""

_SAFE = 15
"""Digits that every float keeps."""

_PHONE = r"^\+\d{7,}$"
"""A plus sign is lost in a number. A change of +3 can spare it; a phone number cannot."""


def beyond(column: pa.ChunkedArray) -> np.ndarray:
    """Tell which values of an integer or number column are whole numbers that a float may not hold."""
    large = pc.or_(pc.greater(column, LARGEST), pc.less(column, -LARGEST))
    if pa.types.is_floating(column.type):
        large = pc.and_(large, pc.less(pc.abs(column), float(LARGEST_ID)))
    return _true(large)


def inexact(text: pa.ChunkedArray) -> Iterator[tuple[str, np.ndarray]]:
    """Yield why numbers of a text column, in plain spelling, are better kept as text, and the places of these.

    Examples
    --------
    >>> texts = pa.chunked_array([["12345678901234567", "0.1", "+4915112345678", "0.1234567890123456789"]])
    >>> [(why, places.tolist()) for why, places in inexact(texts)]
    [('phone', [2]), ('rounded', [0, 3])]
    """
    phones = np.flatnonzero(_true(pc.match_substring_regex(text, _PHONE)))
    if len(phones):
        yield "phone", phones
    # Short numbers are exact; 1e17 is short and large.
    looked_at = pc.or_(pc.greater(pc.binary_length(text), _SAFE), pc.match_substring_regex(text, "[eE]"))
    places = np.flatnonzero(_true(pc.and_(looked_at, pc.match_substring_regex(text, tables.PATTERNS["number"]))))
    if not len(places):
        return
    candidates = text.take(places)
    numbers = tables.cast(candidates, "number")
    rounded = _rounded(candidates, numbers)
    for why, found in (("rounded", rounded), ("beyond", beyond(numbers) & ~rounded)):
        if found.any():
            yield why, places[found]


def _rounded(text: pa.ChunkedArray, numbers: pa.ChunkedArray) -> np.ndarray:
    """Tell which numbers do not come back as they were written."""
    odd = ~_true(pc.equal(pc.cast(numbers, text.type), text))
    pairs = zip(text.filter(pa.array(odd)).to_pylist(), numbers.filter(pa.array(odd)).to_pylist(), strict=True)
    odd[odd] = [not _comes_back(written, number) for written, number in pairs]
    return odd


def _comes_back(written: str, number: float) -> bool:
    """Tell whether a float gives the digits again that were written, with as many of them."""
    mantissa = written.lower().partition("e")[0].lstrip("+-")
    digits = mantissa.replace(".", "").lstrip("0")
    if len(digits) <= _SAFE and (number or not digits):
        return True
    # Programs that write 17 digits or more of each float: 0.10000000000000001 is 0.1, and comes back as it.
    again = f"{number:.{max(len(digits) - 1, 0)}e}"
    return again == written or Decimal(written) in (Decimal(again), Decimal(repr(number)))


def _true(mask: pa.ChunkedArray) -> np.ndarray:
    return np.asarray(pc.fill_null(mask, False)).astype(bool)
