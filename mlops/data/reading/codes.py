"""Codes: values that look as if they meant "no value", but are not read as missing unless a person says so."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from mlops.base.errors import shown
from mlops.base.notes import Note

NUMBERS = (-9, -99, -999, -9999, -99999, -1, 99, 999, 9999, 99999, 999999)
"""Numbers that stand for "no value" in many data sets, where they are far away from all others."""

WORDS = ("none", "nil", "missing", "unknown", "not known", "not_known", "not available", "n.a.", "#n/a", "-", "--", ".")
"""Words that stand for it, in lower case."""

FIRST_ROWS, MAX_WORDS = 50_000, 1000
"""A text column with more different values than this in its first rows holds no categories."""


def possible_codes(table: pa.Table) -> Iterator[Note]:
    """Yield a note for each column that holds what may be a missing code.

    Examples
    --------
    >>> [note.message for note in possible_codes(pa.table({"age": [31, 35, 28, -999]}))]
    ['age holds -999 in 1 row, far from its other values (28 to 35); does it mean missing?']
    """
    for name, column in zip(table.column_names, table.columns, strict=True):
        kind = column.type
        if pa.types.is_integer(kind) or pa.types.is_floating(kind):
            yield from _far_numbers(name, column)
        elif pa.types.is_large_string(kind):
            yield from _words(name, column)


def _far_numbers(name: str, column: pa.ChunkedArray) -> Iterator[Note]:
    is_code = pc.is_in(column, value_set=pa.array(NUMBERS, column.type))
    if not pc.any(is_code).as_py():
        return
    others = pc.min_max(pc.filter(column, pc.invert(is_code))).as_py()
    low, high = others["min"], others["max"]
    if low == high:
        return  # of two values neither is far from the others: 1 and -1 are yes and no
    for entry in pc.value_counts(pc.filter(column, is_code)).to_pylist():
        code, count = entry["values"], entry["counts"]
        spread = max(high - low, 1)
        if code < low - spread or code > high + spread:
            away = f"far from its other values ({low:g} to {high:g})"
            yield _note(name, f"{code:g}", count, f", {away}")


def _words(name: str, column: pa.ChunkedArray) -> Iterator[Note]:
    if pc.count_distinct(column[:FIRST_ROWS]).as_py() > MAX_WORDS:
        return  # names or free text
    counts = pc.value_counts(column).to_pylist()
    found = [entry for entry in counts if entry["values"] is not None and entry["values"].strip().lower() in WORDS]
    if len(found) < len(counts):
        for entry in found:
            yield _note(name, shown(entry["values"]), entry["counts"], "")


def _note(name: str, code: str, count: int, why: str) -> Note:
    rows = f"{count:,} {'row' if count == 1 else 'rows'}"
    message = f"{name} holds {code} in {rows}{why}; does it mean missing?"
    return Note("hidden_missing", name, message, "note", f"If so, say --also-missing {code}.")
