"""Codes: numbers that say "no value here" - the 0 of a blood pressure, the -200 of a sensor that was switched off.

A model takes them for quantities, and so do all that measure: a column of failed readings tells every other column
that failed with it. So they are named, and left out where columns are measured.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

MIN_DISTINCT, MIN_CODES = 15, 5
"""Different numbers a column must have, and rows a number must be in, before it is taken for a code."""


def codes_of(column: pa.ChunkedArray) -> dict[float, int]:
    """Return the numbers that look like codes for missing, and in how many rows each of them is.

    A code is the smallest or the largest value, a whole number in at least five rows, among at least 15 different
    values. It is the only negative one; or further from the next value than all others are from each other; or it is
    0, -1 or made of nines, and as far from the next value as a third of the way to the median and as ten usual steps
    between values.

    Of the public sets measured: glucose, blood pressure and body mass index of Pima (0), pdays of bank marketing
    (-1), capital-gain of Adult (99999). It misses codes that lie close to real values: skin fold and insulin of Pima.

    Examples
    --------
    >>> codes_of(pa.chunked_array([[*range(10, 40), *[-200] * 6]]))
    {-200.0: 6}
    """
    values, counts = np.unique(column.drop_null().to_numpy().astype("float64"), return_counts=True)
    with np.errstate(over="ignore"):  # the distance between the smallest and the largest number is none
        return dict(_ends(values, counts))


def _ends(values: np.ndarray, counts: np.ndarray) -> Iterator[tuple[float, int]]:
    end: int | None = None
    while len(values) >= MIN_DISTINCT:
        end = next((end for end in (0, -1) if _is_code(values, counts, end)), None)
        if end is None:
            return
        yield float(values[end]), int(counts[end])
        values, counts = np.delete(values, end), np.delete(counts, end)


def _is_code(values: np.ndarray, counts: np.ndarray, end: int) -> bool:
    value = values[end]
    if counts[end] < MIN_CODES or not value.is_integer():
        return False
    rest, weights = np.delete(values, end), np.delete(counts, end)
    gap = abs(rest[end] - value)
    if value < 0 <= rest[0] or gap > rest[-1] - rest[0]:
        return True
    digits = f"{abs(value):.15g}"
    usual = value in (0, -1) or (set(digits) == {"9"} and len(digits) > 1)
    median = rest[np.searchsorted(np.cumsum(weights), weights.sum() / 2)]
    return usual and gap >= abs(median - value) / 3 and gap >= 10 * np.median(np.diff(rest))
