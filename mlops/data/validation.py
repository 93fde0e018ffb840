"""Validation: whether data still is what was relied on.

A version, or a file that is to be scored, is held against a version that is known: columns that are gone or renamed,
another type, levels spelled otherwise, another unit, many more gaps. Drift is none of these: values may move as the
world does. What is found says what it probably is and how to put it right.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import stats

from mlops.base.errors import shown
from mlops.base.notes import SEVERITIES, Note
from mlops.base.records import Record
from mlops.data import levels, tables
from mlops.data.levels import FEW
from mlops.data.roles import Roles

SIMILAR = 0.6
"""Likeness of two names (difflib's ratio) from which one is taken for the other."""

AGREE = 0.25
"""Distance of the quantiles of two columns, in interquartile ranges, up to which their values agree."""

FACTORS = (7, 10, 12, 24, 60, 100, 365, 1000, 1.609, 2.205, 3600)
"""What one unit is of another: days of a week, months of a year, minutes of an hour, grams, cents, miles, pounds."""

PART, PART_FACTOR, FAR = 0.01, 7, 1.5
"""A part of the rows has another unit if this share is above everything known; only by so large a factor, and only if
half of them are this many times the largest known value: what has grown a little is just above it."""

BURST, BURST_P = 0.05, 1e-6
"""More missing by this share of the rows, at least twice as many, and this improbable by chance."""

_NUMERIC = ("integer", "number")


@dataclass(frozen=True)
class Validation(Record):
    """The verdict on a version or a file."""

    valid: bool
    """Whether nothing graver than a note was found."""
    subject: str
    against: str | None
    """The version it was held against; None for a first version, which has none."""
    problems: tuple[Mapping[str, Any], ...]
    """``{code, field, message, suggestion, severity, line}``: field is a column, line always None."""


@dataclass(frozen=True)
class Pair:
    """The known data and what is held against it."""

    current: pa.Table
    known: pa.Table
    roles: Roles

    @cached_property
    def gone(self) -> list[str]:
        """Columns that are not there any more; outcomes come later, so the target is none of them."""
        return [n for n in self.known.column_names if n not in self.current.column_names and n != self.roles.target]

    @cached_property
    def new(self) -> list[str]:
        """Columns that were not there."""
        return [name for name in self.current.column_names if name not in self.known.column_names]

    @cached_property
    def renamed(self) -> dict[str, str]:
        """Column that is gone -> new column that is probably the same."""
        scores = {(gone, new): _likeness(self, gone, new) for gone in self.gone for new in self.new}
        found: dict[str, str] = {}
        for (gone, new), score in sorted(scores.items(), key=lambda item: -item[1]):
            if score > 0 and gone not in found and new not in found.values():
                found[gone] = new
        return found

    @cached_property
    def shared(self) -> list[str]:
        """Columns of the same type that both have and whose values are compared; ids, times and outcomes differ."""
        roles = (self.roles.target, self.roles.id, self.roles.time, self.roles.group)
        both = [name for name in self.known.column_names if name in self.current.column_names and name not in roles]
        return [name for name in both if _alike(*self.types(name))]

    def types(self, name: str) -> tuple[tables.Type, tables.Type]:
        """Return the known and the current type of a column."""
        return tables.type_of(self.known.column(name).type), tables.type_of(self.current.column(name).type)


def check(current: pa.Table, known: pa.Table, roles: Roles) -> list[Note]:
    """Hold a table against one that is known.

    Parameters
    ----------
    current, known : pyarrow.Table
        Columns of the types of `mlops.data.tables`.
    roles : Roles
        Of the known data.

    Returns
    -------
    list of Note
        The gravest first: a blocker is what a model of the known data cannot take; with a warning it would answer, and
        be wrong; a note may be right.

    Examples
    --------
    >>> known = pa.table({"hours": [float(number) for number in range(40)]})
    >>> current = pa.table({"hours": [60.0 * number for number in range(40)]})
    >>> [(problem.code, problem.next_step) for problem in check(current, known, Roles())]
    [('unit_jump', 'Divide hours by 60.')]
    """
    pair = Pair(current, known, roles)
    found = [note for one in CHECKS for note in one(pair)]
    return sorted(found, key=lambda note: SEVERITIES.index(note.severity))


def verdict(subject: str, against: str | None, found: list[Note]) -> Validation:
    """Return the verdict that findings amount to."""
    problems = tuple(
        {
            "code": one.code,
            "field": one.column,
            "message": one.message,
            "suggestion": one.next_step,
            "severity": one.severity,
            "line": None,
        }
        for one in found
    )
    return Validation(all(one.severity == "note" for one in found), subject, against, problems)


def nearest_name(name: str, names: list[str]) -> str | None:
    """Return the name most like another one, if one is like it at all.

    Examples
    --------
    >>> nearest_name("tenure_months", ["age", "tenureMonths"])
    'tenureMonths'
    """
    scores = {other: _name_likeness(name, other) for other in names}
    best = max(scores, key=lambda other: scores[other], default=None)
    return best if best is not None and scores[best] >= SIMILAR else None


def fitting(column: pa.ChunkedArray, kind: tables.Type) -> tuple[float, str | None]:
    """Return the share of a column's values that fit a type, and the first that does not."""
    text = column.cast(pa.large_string())
    fits = tables.convert(text, kind)[1]
    first = pc.index(fits, pa.scalar(False)).as_py()
    return pc.mean(fits).as_py() or 0.0, None if first < 0 else text[first].as_py()


def _missing_columns(pair: Pair) -> Iterator[Note]:
    for name in pair.gone:
        if new := pair.renamed.get(name):
            message = f"{name} is not there, but {new} is new and like it."
            yield Note("renamed_column", name, message, "blocker", f"Rename {new} to {name}.")
            continue
        kind = tables.type_of(pair.known.column(name).type)
        free = [one for one in pair.new if one not in pair.renamed.values()]
        free = [one for one in free if tables.type_of(pair.current.column(one).type) == kind]
        perhaps = f"; {' or '.join(free)} is new and of its type" if 0 < len(free) <= 3 else ""
        yield Note("missing_column", name, f"{name} is not there.", "blocker", f"Deliver {name} again{perhaps}.")


def _new_columns(pair: Pair) -> Iterator[Note]:
    for name in pair.new:
        if name not in pair.renamed.values():
            yield Note("new_column", name, f"{name} is new; models of the known data ignore it.")


def _retyped(pair: Pair) -> Iterator[Note]:
    for name in [name for name in pair.known.column_names if name in pair.current.column_names]:
        was, now = pair.types(name)
        odd = None if _alike(was, now) else fitting(pair.current.column(name).drop_null(), was)[1]
        if odd is not None:
            message = f"{name} was {was} and is {now}: {shown(odd)} does not fit."
            yield Note("retyped", name, message, "blocker", f"Deliver {name} as {was}.")


def _levels(pair: Pair) -> Iterator[Note]:
    for name in pair.shared:
        if pair.types(name)[0] != "text" or not _has_levels(pair.known.column(name).drop_null()):
            continue
        known, current = tables.counts(pair.known.column(name)), tables.counts(pair.current.column(name))
        rows, named = levels.unseen(current, known)
        said = f"has values that were never there, in {rows:,} rows: {named}."
        if found := levels.recoding(known, current):
            yield Note("recoded_levels", name, f"{name} is coded otherwise: it {said}", "blocker", found.said)
        elif rows:
            yield Note("new_levels", name, f"{name} {said}")


def _numbers(pair: Pair) -> Iterator[Note]:
    """Tell another unit, of all values or of a part of them; else how many are outside of what is known."""
    for name in pair.shared:
        if pair.types(name)[0] not in _NUMERIC:
            continue
        known, current = _values(pair.known.column(name)), _values(pair.current.column(name))
        if min(len(known), len(current)) < FEW:
            continue
        varied = len(np.unique(known)) >= FEW
        outside = (current < known.min()) | (current > known.max())
        if varied and (factor := _factor_of_all(known, current)):
            times = f"{factor:g} times" if factor > 1 else f"1/{1 / factor:g} of"
            step = f"Divide {name} by {factor:g}." if factor > 1 else f"Multiply {name} by {1 / factor:g}."
            yield Note("unit_jump", name, f"{name} is {times} what it was. Another unit?", "warning", step)
        elif varied and (factor := _factor_of_part(known, current)):
            above = int((current > known.max()).sum())
            message = (
                f"{above:,} values of {name} are above everything known, as if they were {factor:g} times too large."
            )
            yield Note("unit_jump", name, message, "warning", f"Divide these rows of {name} by {factor:g}.")
        elif outside.mean() >= PART:
            message = f"{outside.mean():.0%} of {name} lie outside {known.min():g} to {known.max():g}."
            yield Note("out_of_range", name, message)


def _factor_of_all(known: np.ndarray, current: np.ndarray) -> float | None:
    """Return the factor by which all values differ, if dividing by it brings them back."""
    before = _distance(known, current)
    if before < 1:
        return None
    factors = [*FACTORS, *(1 / factor for factor in FACTORS)]
    after, best = min((_distance(known, current / factor), factor) for factor in factors)
    return best if after < AGREE and after < before / 4 else None


def _factor_of_part(known: np.ndarray, current: np.ndarray) -> float | None:
    """Return the factor by which a part of the rows is too large.

    Those above everything known must fall into what is known when divided by it, about where it has its values.
    """
    above = current[current > known.max()]
    if len(above) < PART * len(current) or known.min() < 0 or np.median(above) < FAR * known.max():
        return None
    misfits: dict[float, float] = {}
    for factor in (factor for factor in FACTORS if factor >= PART_FACTOR):
        alike = known[known > known.max() / factor]
        inside = (above / factor <= known.max()).mean()
        if inside >= 0.95 and len(alike):
            misfits[factor] = abs(np.log(np.median(above / factor) / np.median(alike)))
    best = min(misfits, key=lambda factor: misfits[factor], default=None)
    return best if best is not None and misfits[best] < 0.35 else None


def _gaps(pair: Pair) -> Iterator[Note]:
    for name in pair.shared:
        known, current = pair.known.column(name), pair.current.column(name)
        rows, gaps = len(current), current.null_count
        usual = known.null_count / max(len(known), 1)
        if rows < FEW or gaps / rows < max(2 * usual, usual + BURST):
            continue
        chance = stats.binomtest(gaps, rows, max(usual, 1 / (len(known) + 1)), alternative="greater").pvalue
        if chance < BURST_P:
            message = f"{name} is missing in {gaps / rows:.0%} of the rows; it was in {usual:.1%}."
            yield Note("missing_burst", name, message, "warning", f"Ask where {name} got lost.")


CHECKS: tuple[Callable[[Pair], Iterator[Note]], ...] = (
    _missing_columns, _retyped, _levels, _numbers, _gaps, _new_columns,
)  # fmt: skip
"""Every check."""


def _alike(was: tables.Type, now: tables.Type) -> bool:
    return was == now or {was, now} == {*_NUMERIC}


def _has_levels(known: pa.ChunkedArray) -> bool:
    return levels.are_few(pc.count_distinct(known).as_py(), len(known))


def _likeness(pair: Pair, gone: str, new: str) -> float:
    """Return how surely a new column is one that is gone; 0 if it is not."""
    was, now = tables.type_of(pair.known.column(gone).type), tables.type_of(pair.current.column(new).type)
    if not _alike(was, now):
        return 0.0
    names = _name_likeness(gone, new)
    values = _agree(pair.known.column(gone), pair.current.column(new), was)
    return names + values if names >= SIMILAR or values else 0.0


def _name_likeness(one: str, other: str) -> float:
    first, second = ("".join(mark for mark in name.lower() if mark.isalnum()) for name in (one, other))
    return difflib.SequenceMatcher(None, first, second).ratio()


def _agree(known: pa.ChunkedArray, current: pa.ChunkedArray, kind: tables.Type) -> bool:
    if kind in _NUMERIC:
        numbers = _values(known), _values(current)
        varied = min(map(len, numbers)) >= FEW and len(np.unique(numbers[0])) >= FEW
        return varied and _distance(*numbers) < AGREE
    if kind != "text" or not len(current.drop_null()) or not _has_levels(known.drop_null()):
        return False
    seen = pc.is_in(current.drop_null(), value_set=pc.unique(known.drop_null()))
    return bool(pc.mean(seen).as_py() > 1 - PART)


def _values(column: pa.ChunkedArray) -> np.ndarray:
    return column.drop_null().cast(pa.float64(), safe=False).to_numpy()


def _distance(known: np.ndarray, current: np.ndarray) -> float:
    """Return how far the deciles of two samples are apart, in interquartile ranges of the known one."""
    places = np.linspace(0.1, 0.9, 9)
    first, third = np.quantile(known, [0.25, 0.75])
    scale = (third - first) or known.std() or 1.0
    return float(np.abs(np.quantile(known, places) - np.quantile(current, places)).mean() / scale)
