"""Moments: when rows happened, and whether a column can tell which of two was earlier.

Dates, instants and numbers can. Text can only if its order is that of time: every value is written the same way, from
the year down, with zeros in front (2023-09, 2023-W07, 2023-09-30 08:30). Of 1/1/2023, 1/10/2023 and 1/2/2023 the third
would be the latest, and a test on the latest rows would examine the past.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlops.base.errors import DataError, shown

_YEAR, _MONTH, _DAY = r"(FY ?)?[12]\d{3}", r"(0[1-9]|1[0-2])", r"(0[1-9]|[12]\d|3[01])"
_CLOCK = r"([01]\d|2[0-4])(:?[0-5]\d(:?[0-6]\d([.,]\d+)?)?)?"
_ZONE = r" ?(Z|UTC|GMT|[+-]\d\d(:?\d\d)?)"
_WRITTEN = "|".join(
    (
        rf"{_YEAR}([-/. ]?M?{_MONTH}([-/. ]?{_DAY}([T ]{_CLOCK}({_ZONE})?)?)?)?",
        rf"{_YEAR}[-/. ]?([QH][1-4]|W[0-5]\d(-?[1-7])?|-[0-3]\d\d)",
        r"[A-Za-z][A-Za-z _-]*\d{1,3}",  # wave 1, day_017: counted, without a calendar
    )
)
"""How text is written whose order is that of time, if all values have one shape."""

_DAY_OR_MONTH_FIRST = r"^\d{1,2}[/.\-]\d{1,2}[/.\-]\d{4}$"

_ASK = 1000
"""Values that are looked at first; most columns that are not in order show it there."""


def disorder(column: pa.ChunkedArray) -> str | None:
    """Return why a column cannot tell the order of time, as the end of a sentence about it; None if it can.

    Examples
    --------
    >>> disorder(pa.chunked_array([["1/10/2023", "1/2/2023"]]))
    "is text such as '1/10/2023', whose order is not that of time"
    >>> print(disorder(pa.chunked_array([["2023-10", "2023-02"]])))
    None
    """
    known = column.drop_null()
    if pa.types.is_boolean(column.type):
        return "holds true and false, which tell no time"
    if pa.types.is_integer(column.type) and _ends_with_a_year(known):
        return f"holds numbers such as {known[0].as_py()}, which begin with the day or the month"
    if pa.types.is_floating(column.type) and _is_month_and_year(known):
        return f"holds numbers such as {known[0].as_py():.4f}, which begin with the month"
    if _is_text(column.type) and not (_in_order(known[:_ASK]) and _in_order(known)):
        return f"is text such as {shown(known[0].as_py())}, whose order is not that of time"
    return None


def way_out(column: pa.ChunkedArray) -> str:
    """Return what to do about a column that cannot tell the order of time."""
    if is_day_or_month_first(column):
        return "Say what comes first: --dates dmy or --dates mdy."
    return "Write it as 2024-01-31 08:30 in the file, or name another column."


def is_day_or_month_first(column: pa.ChunkedArray) -> bool:
    """Tell whether a text column holds dates such as 01/02/2024, which are read once somebody says what comes first."""
    return _is_text(column.type) and _all(column.drop_null(), _DAY_OR_MONTH_FIRST)


def ranks(column: pa.ChunkedArray, name: str) -> np.ndarray:
    """Return the rank of each row's moment, from 1.

    Raises
    ------
    DataError
        If a row has none, or the column cannot tell the order of time.
    """
    if column.null_count:
        raise DataError(
            f"{column.null_count:,} rows have no {name}, so nobody knows when they happened.",
            "Leave these rows out, or use training.split: random.",
        )
    if why := disorder(column):
        raise DataError(f"{name} {why}.", f"{way_out(column)} Or use training.split: random.")
    return pc.rank(column.combine_chunks(), tiebreaker="dense").to_numpy()


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_large_string(kind) or pa.types.is_string(kind)


def _in_order(texts: pa.ChunkedArray) -> bool:
    """Tell whether texts are written so that the smaller one is the earlier one."""
    zones = pc.replace_substring_regex(texts, r"^.*?[T ]\d\d[\d:.,]*", "")  # what follows a clock
    has_clock = not pc.all(pc.equal(zones, texts), min_count=0).as_py()
    alike = [pc.replace_substring_regex(texts, r"\d", "0"), *([zones] if has_clock else [])]
    return _all(texts, f"^({_WRITTEN})$") and all(pc.count_distinct(parts).as_py() <= 1 for parts in alike)


def _all(texts: pa.ChunkedArray, pattern: str) -> bool:
    return bool(pc.all(pc.match_substring_regex(texts, pattern), min_count=0).as_py())


def _ends_with_a_year(numbers: pa.ChunkedArray) -> bool:
    """Tell whether whole numbers are 31012023 or 122023 and, sorted, do not follow the years."""
    values = np.sort(numbers.to_numpy())
    first, years = values // 10_000, values % 10_000
    if not len(values) or not ((years >= 1900) & (years <= 2100)).all() or ((first >= 1900) & (first <= 2100)).all():
        return False
    low, high = np.divmod(first, 100)
    readings = [(month, day) for month, day in ((first, first * 0 + 1), (low, high), (high, low)) if _exist(month, day)]
    return any((np.diff(10_000 * years + 100 * month + day) < 0).any() for month, day in readings)


def _is_month_and_year(numbers: pa.ChunkedArray) -> bool:
    """Tell whether numbers are 1.2022, 12.2023 and, sorted, do not follow the years."""
    months, rest = np.divmod(np.sort(numbers.to_numpy()), 1)
    years = np.round(rest * 10_000)
    if not len(years) or np.abs(rest * 10_000 - years).max() > 1e-6:
        return False
    written = ((years >= 1900) & (years <= 2100)).all() and ((months >= 1) & (months <= 12)).all()
    return bool(written and (np.diff(100 * years + months) < 0).any())


def _exist(month: np.ndarray, day: np.ndarray) -> bool:
    return bool(((month > 0) & (month <= 12) & (day > 0) & (day <= 31)).all())
