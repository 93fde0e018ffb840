"""Calendar columns: those that tell when a row happened, not what it is.

A later month has another month, every time. Such a column differs from the past by its nature, so it is explained, and
never counted as a change of the inputs.
"""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

from mlops.data import moments, tables

WORDS = frozenset([
    "date", "datetime", "timestamp", "year", "yr", "quarter", "season", "month", "mnth", "week", "weekday", "workday",
    "workingday", "holiday", "day", "dow", "hour", "hr",
])  # fmt: skip
"""Words that names of such columns are made of, beside `_BETWEEN`; ``tenure_months`` is none of them."""

_BETWEEN = frozenset(["of", "the", "in", "is", "no", "nr"])

_YEAR_FIRST = r"^(FY ?)?[12]\d{3}\D?.*$"


def reason(name: str, known: pa.ChunkedArray, current: pa.ChunkedArray) -> str | None:
    """Return why a column tells when rows happened, None if it does not.

    It does if it holds dates; if its name is made of words of the calendar alone; if it is text such as 2024-03; or if
    it counts on: its values never fall from row to row, and the new ones begin where the known ones end. It is wrong
    about a column that somebody named ``day`` and that holds something else.

    Examples
    --------
    >>> print(reason("month", pa.chunked_array([[9, 10]]), pa.chunked_array([[11]])))
    its name says that it tells when
    >>> cohorts = [pa.chunked_array([[month]], pa.large_string()) for month in ("2023-11", "2023-12")]
    >>> print(reason("cohort", *cohorts))
    it holds moments
    >>> print(reason("tenure_months", pa.chunked_array([[3, 2]]), pa.chunked_array([[4, 5]])))
    None
    """
    kind = tables.type_of(known.type)
    if kind in ("date", "datetime"):
        return "it holds moments"
    words = set(re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()))
    if words & WORDS and words <= WORDS | _BETWEEN:
        return "its name says that it tells when"
    if kind == "text":
        return "it holds moments" if _are_moments(known) and _are_moments(current) else None
    return "it counts on from row to row" if kind != "boolean" and _counts_on(known, current) else None


def _are_moments(column: pa.ChunkedArray) -> bool:
    values = column.drop_null()
    if not len(values) or not pc.match_substring_regex(values[:1], _YEAR_FIRST)[0].as_py():
        return False
    return moments.disorder(values) is None


def _counts_on(known: pa.ChunkedArray, current: pa.ChunkedArray) -> bool:
    """Tell whether values go on rising where the known ones ended; more than two different ones on each side."""
    before, after = (side.drop_null().to_numpy() for side in (known, current))
    if min(len(before), len(after)) < 3 or after[0] < before[-1]:
        return False
    return all(
        (side[1:] >= side[:-1]).all() and len(set(side[[0, len(side) // 2, -1]])) == 3 for side in (before, after)
    )
