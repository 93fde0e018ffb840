"""Remarks: what a person should know about how a column is read, and what they can do about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from mlops.base.errors import shown
from mlops.base.notes import Note
from mlops.data import tables
from mlops.data.reading.cells import MAX_UNITS, NUMBERS, Look, Settled, or_missing, short
from mlops.data.reading.forms import NARROW, Form

MOSTLY = 0.9
"""Share of values in one form from which the others look like mistakes."""

CODES = (-9, -99, -999, -9999, -99999, -1, 99, 999, 9999, 99999, 999999)
"""Numbers that stand for "no value" in many data sets, where they are far away from all others."""

WORDS = ("none", "nil", "missing", "unknown", "not known", "not_known", "not available", "n.a.", "#n/a", "-", "--", ".")
"""Words that stand for it, in lower case."""

FIRST_ROWS, MAX_WORDS = 50_000, 1000
"""A text column with more different values than this in its first rows holds no categories."""


def odd_rows(seen: Look) -> list[int]:
    """Return the rows that `remarks` names, of a column that stays text."""
    almost, why = _almost(seen), next(iter(seen.inexact), None)
    odd = seen.first[why][:1] if why else seen.first[almost.code] if almost else []
    return [row for row, _ in odd]


def remarks(seen: Look, settled: Settled, lines: Mapping[int, int]) -> Iterator[Note]:
    """Yield what a person should know about how a column is read.

    Parameters
    ----------
    seen : Look
        What was seen of all its values.
    settled : Settled
        How it is read.
    lines : mapping
        Row -> line of the file, for the `odd_rows`; empty where a file has no lines.
    """
    name = seen.name
    if seen.trimmed:
        message = f"{_cells(seen.trimmed, name)} had white space around the text; it was removed."
        yield Note("trimmed", name, message)
    if seen.codes:
        codes = ", ".join("blank" if not code.strip() else shown(code) for code in seen.codes)
        of_kind = "" if settled.kind == "text" else f" {settled.kind}s"
        yield Note("missing", name, f"{_cells(seen.codes.total(), name)} ({codes}) read as missing{of_kind}.")
    if settled.form in ("dmy", "mdy"):
        order, other = ("day", "mdy") if settled.form == "dmy" else ("month", "dmy")
        message = f"The dates of {name} were read with the {order} first."
        yield Note("dates", name, message, "note", f"If that is wrong, say --dates {other}.")
    if settled.form == "quantity":
        what = shown(settled.unit) if settled.unit else "thousands separators"
        yield Note("units_removed", name, f"The numbers of {name} were read without {what}.")
    are_numbers = seen.own is not None or any(seen.fits(code) for code in ("integer", "number", "quantity"))
    if seen.inexact and are_numbers and (settled.kind == "text" or settled.kind != seen.known):
        yield _inexact(seen, settled, lines)
    elif settled.kind == "text" and seen.alive:
        yield from _stays_text(seen, lines)


def _stays_text(seen: Look, lines: Mapping[int, int]) -> Iterator[Note]:
    """Yield why a column that looks like something else stays text."""
    name, almost = seen.name, _almost(seen)
    if any(seen.fits(form.code) for form in NARROW):
        yield Note("kept_text", name, f"{name} stays text, as before; every value fits another type.")
    elif seen.fits("digits"):
        yield _digits(seen)
    elif seen.fits("dmy") or seen.fits("mdy"):
        both = seen.fits("dmy") and seen.fits("mdy")
        how = "can be read day first or month first" if both else "do not fit the order that was said"
        message = f"The dates of {name} {how}; they stay text."
        yield Note("ambiguous_dates", name, message, "warning", "Say --dates dmy or --dates mdy.")
    elif almost:
        yield _mixed(seen, almost, lines)
    elif seen.fits("dates"):
        message = f"The dates of {name} are written in several ways, or some do not exist; they stay text."
        yield Note("mixed_dates", name, message, "warning", "Write them all as 2024-01-31.")
    elif seen.fits("quantity") and len(seen.units) <= MAX_UNITS:
        units = ", ".join(shown(unit) if unit else "thousands separators" for unit in seen.units)
        message = f"{name} holds numbers with units ({units}); it stays text."
        way_out = f"Say --type {name}=number to take it off." if len(seen.units) == 1 else "Bring them to one unit."
        yield Note("units_in_text", name, message, "warning", way_out)


def _almost(seen: Look) -> Form | None:
    """Return the form that most values of a text column have, and some do not."""
    forms = [form for form in seen.alive.values() if form.kind != "text" and form.code != "quantity"]
    form = min(forms, key=lambda form: seen.misfits[form.code], default=None)
    share = 1 - seen.misfits[form.code] / max(seen.values, 1) if form else 0
    return form if MOSTLY <= share < 1 else None


def _inexact(seen: Look, settled: Settled, lines: Mapping[int, int]) -> Note:
    """Say that numbers stay text because a number would not keep them, or that somebody wants them all the same."""
    name, why = seen.name, next(iter(seen.inexact))
    first = _named(seen.first[why][:1], lines)
    if settled.kind != "text":
        message = f"{seen.inexact.total():,} numbers of {name} have more digits than a number keeps, first {first}."
        return Note("rounded", name, f"{message} They were rounded.")
    if why == "phone":
        message = f"{name} holds numbers with a plus sign, as phone numbers have, first {first}; it stays text."
    else:
        message = (
            f"{name} holds numbers with more digits than a number keeps, first {first}; as ids are, it stays text."
        )
    return Note("long_numbers", name, message, "note", f"If it holds quantities, say --type {name}=number: it rounds.")


def _named(odd: Sequence[tuple[int, str]], lines: Mapping[int, int]) -> str:
    place = {row: f"line {lines[row]}" if row in lines else f"row {row + 1}" for row, _ in odd}
    return ", ".join(f"{short(value)} in {place[row]}" for row, value in odd)


def _digits(seen: Look) -> Note:
    if any(value.startswith("0") for _, value in seen.first["integer"]):
        message = f"{seen.name} holds numbers with leading zeros, as codes do; it stays text."
        return Note("leading_zeros", seen.name, message)
    return Note("long_numbers", seen.name, f"{seen.name} holds numbers of more than 18 digits; it stays text.")


def _mixed(seen: Look, form: Form, lines: Mapping[int, int]) -> Note:
    name, odd = seen.name, seen.first[form.code]
    count = f"{seen.misfits[form.code]:,} of {seen.values:,} values"
    message = f"{name} stays text: {count} are no {form.kind}s, first {_named(odd, lines)}."
    if form.kind in NUMBERS and seen.fits("quantity") and len(seen.units) == 1:
        way_out = f"They are numbers in another form: say --type {name}=number."
    else:
        way_out = f"Correct them{or_missing(odd[0][1])}, or say --type {name}=text."
    return Note("mixed_types", name, message, "warning", way_out)


def _cells(number: int, column: str) -> str:
    return f"{number:,} {'cell' if number == 1 else 'cells'} of {column}"


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
    is_code = pc.is_in(column, value_set=pa.array(CODES, column.type))
    if not pc.any(is_code).as_py():
        return
    others = pc.min_max(pc.filter(column, pc.invert(is_code))).as_py()
    low, high = others["min"], others["max"]
    if low == high:
        return  # of two values neither is far from the others: 1 and -1 are yes and no
    spread = max(high - low, 1)
    for code, count in tables.counts(pc.filter(column, is_code)).items():
        if code < low - spread or code > high + spread:
            yield _possible(name, f"{code:g}", count, f", far from its other values ({low:g} to {high:g})")


def _words(name: str, column: pa.ChunkedArray) -> Iterator[Note]:
    if pc.count_distinct(column[:FIRST_ROWS]).as_py() > MAX_WORDS:
        return  # names or free text
    counts = tables.counts(column)
    found = {word: count for word, count in counts.items() if word.strip().lower() in WORDS}
    if column.null_count or len(found) < len(counts):
        for word, count in found.items():
            yield _possible(name, shown(word), count, "")


def _possible(name: str, code: str, count: int, why: str) -> Note:
    rows = f"{count:,} {'row' if count == 1 else 'rows'}"
    message = f"{name} holds {code} in {rows}{why}; does it mean missing?"
    return Note("hidden_missing", name, message, "note", f"If so, say --also-missing {code}.")
