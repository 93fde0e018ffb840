"""Codes: values that look as if they meant "no value", but are not read as missing unless a person says so."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from mlops.base.errors import shown
from mlops.base.notes import Note
from mlops.data import tables

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
    spread = max(high - low, 1)
    for code, count in tables.counts(pc.filter(column, is_code)).items():
        if code < low - spread or code > high + spread:
            yield _note(name, f"{code:g}", count, f", far from its other values ({low:g} to {high:g})")


def _words(name: str, column: pa.ChunkedArray) -> Iterator[Note]:
    if pc.count_distinct(column[:FIRST_ROWS]).as_py() > MAX_WORDS:
        return  # names or free text
    counts = tables.counts(column)
    found = {word: count for word, count in counts.items() if word.strip().lower() in WORDS}
    if column.null_count or len(found) < len(counts):
        for word, count in found.items():
            yield _note(name, shown(word), count, "")


def _note(name: str, code: str, count: int, why: str) -> Note:
    rows = f"{count:,} {'row' if count == 1 else 'rows'}"
    message = f"{name} holds {code} in {rows}{why}; does it mean missing?"
    return Note("hidden_missing", name, message, "note", f"If so, say --also-missing {code}.")
