"""Validation: whether data still is what was relied on.

A version, or a file that is to be scored, is held against a version that is known: columns that are gone or renamed,
another type, levels spelled otherwise, another unit, many more gaps, rows that come twice. Drift is none of these:
values may move as the world does. What is found says what it probably is and how to put it right.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy import stats

from mlops.base.errors import shown
from mlops.base.notes import SEVERITIES, Note
from mlops.base.records import Record
from mlops.data import levels, tables, units
from mlops.data.levels import FEW
from mlops.data.quality.evidence import repeated_rows
from mlops.data.roles import MAX_CODES, Roles
from mlops.data.units import AGREE, Numbers

SIMILAR = 0.6
"""Likeness of two names (difflib's ratio) from which one is taken for the other."""

PART = 0.01
"""Share of the rows from which values outside of what is known are worth a note, and repeated rows are a fault."""

BURST, BURST_P = 0.05, 1e-6
"""More missing by this share of the rows and at least twice as many, or by twice this share; and this improbable."""

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


Counted = tuple[Counter[Any], Counter[Any]]
"""The known and the current rows of each level of a column."""


@dataclass(frozen=True)
class Fault(Note):
    """A finding that says which rows it is about, and by what to put them right."""

    rows: int | None = None
    """How many rows; None where it is the column as a whole."""
    factor: float | None = None
    """By which values are too large, where they are in another unit."""
    where: Mapping[str, str] | None = None
    """``{column, level}`` whose rows they are; None where they have no more in common."""


@dataclass(frozen=True)
class Pair:
    """The known data and what is held against it."""

    current: pa.Table
    known: pa.Table
    roles: Roles
    _ordered: dict[str, Numbers] = field(default_factory=dict, repr=False, compare=False)
    _counted: dict[str, tuple[Counter[Any], Counter[Any]] | None] = field(
        default_factory=dict, repr=False, compare=False
    )

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

    def numbers(self, name: str) -> Numbers:
        """Return the known and the current values of a column of numbers, in order; sorted once for whoever asks."""
        if name not in self._ordered:
            self._ordered[name] = _values(self.known.column(name)), _values(self.current.column(name))
        return self._ordered[name]

    def levels(self, name: str) -> Counted | None:
        """Return the known and the current rows of each level of a column; None if it holds names, or free text."""
        if name not in self._counted:
            known, current = self.known.column(name), self.current.column(name)
            few = levels.are_few(pc.count_distinct(known).as_py(), len(known) - known.null_count)
            self._counted[name] = (tables.counts(known), tables.counts(current)) if few else None
        return self._counted[name]

    def groups(self, name: str) -> Iterator[tuple[str, str, Numbers]]:
        """Yield the numbers of a column for each level of every other column that has but a few: column, level, both.

        What was recorded by one device, in one region, under one plan: where a fault of a part of the rows sits.
        """
        for other in self.shared:
            counted = self.levels(other) if self.types(other)[0] in ("text", "boolean") else None
            for level in counted[1] if counted and 1 < len(counted[1]) <= MAX_CODES else ():
                sides = [side.filter(pc.equal(side.column(other), level)) for side in (self.known, self.current)]
                yield other, level, (_values(sides[0].column(name)), _values(sides[1].column(name)))


def check(current: pa.Table, known: pa.Table, roles: Roles) -> list[Fault]:
    """Hold a table against one that is known.

    Parameters
    ----------
    current, known : pyarrow.Table
        Columns of the types of `mlops.data.tables`.
    roles : Roles
        Of the known data.

    Returns
    -------
    list of Fault
        The gravest first: a blocker is what a model of the known data cannot take; with a warning it would answer, and
        be wrong; a note may be right.

    Examples
    --------
    >>> known = pa.table({"hours": [float(number) for number in range(40)]})
    >>> current = pa.table({"hours": [60.0 * number for number in range(40)]})
    >>> [(problem.code, problem.next_step) for problem in check(current, known, Roles())]
    [('unit_factor', 'Divide hours by 60.')]
    """
    return faults(Pair(current, known, roles))


def faults(pair: Pair) -> list[Fault]:
    """Return what `check` finds, of tables that somebody looks at further."""
    found = [note for one in CHECKS for note in one(pair)]
    return sorted(found, key=lambda note: SEVERITIES.index(note.severity))


def verdict(subject: str, against: str | None, found: Sequence[Note]) -> Validation:
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


def _missing_columns(pair: Pair) -> Iterator[Fault]:
    for name in pair.gone:
        if new := pair.renamed.get(name):
            message = f"{name} is not there, but {new} is new and like it."
            yield Fault("renamed", name, message, "blocker", f"Rename {new} to {name}.")
            continue
        kind = tables.type_of(pair.known.column(name).type)
        free = [one for one in pair.new if one not in pair.renamed.values()]
        free = [one for one in free if tables.type_of(pair.current.column(one).type) == kind]
        perhaps = f"; {' or '.join(free)} is new and of its type" if 0 < len(free) <= 3 else ""
        yield Fault("missing_column", name, f"{name} is not there.", "blocker", f"Deliver {name} again{perhaps}.")


def _new_columns(pair: Pair) -> Iterator[Fault]:
    for name in pair.new:
        if name not in pair.renamed.values():
            yield Fault("new_column", name, f"{name} is new; models of the known data ignore it.")


def _retyped(pair: Pair) -> Iterator[Fault]:
    for name in [name for name in pair.known.column_names if name in pair.current.column_names]:
        was, now = pair.types(name)
        odd = None if _alike(was, now) else fitting(pair.current.column(name).drop_null(), was)[1]
        if odd is not None:
            message = f"{name} was {was} and is {now}: {shown(odd)} does not fit."
            yield Fault("retyped", name, message, "blocker", f"Deliver {name} as {was}.")


def _levels(pair: Pair) -> Iterator[Fault]:
    for name in pair.shared:
        counted = pair.levels(name) if pair.types(name)[0] == "text" else None
        if counted is None:
            continue
        known, current = counted
        rows, named = levels.unseen(current, known)
        said = f"has values that were never there, in {rows:,} rows: {named}."
        if found := levels.recoding(known, current):
            yield Fault("recoded", name, f"{name} is coded otherwise: it {said}", "blocker", found.said, rows)
        elif rows:
            yield Fault("new_levels", name, f"{name} {said}", rows=rows)


def _numbers(pair: Pair) -> Iterator[Fault]:
    """Tell another unit, of all values or of a part of them; else how many are outside of what is known."""
    for name in pair.shared:
        if pair.types(name)[0] not in _NUMERIC:
            continue
        known, current = pair.numbers(name)
        if min(len(known), len(current)) < FEW:
            continue
        below, above = np.searchsorted(current, known[0]), len(current) - np.searchsorted(current, known[-1], "right")
        if found := units.find((known, current), partial(pair.groups, name)):
            yield _other_unit(name, found, len(current), above)
        elif (below + above) / len(current) >= PART:
            message = f"{(below + above) / len(current):.0%} of {name} lie outside {known[0]:g} to {known[-1]:g}."
            yield Fault("out_of_range", name, message, rows=int(below + above))


def _other_unit(name: str, found: units.OtherUnit, rows: int, above: int) -> Fault:
    factor, where = found.factor, found.where
    put_right = f"Divide {{}} by {factor:g}" if factor > 1 else f"Multiply {{}} by {1 / factor:g}"
    times = f"{factor:g} times" if factor > 1 else f"1/{1 / factor:g} of"
    if where is not None:
        message = (
            f"{name} is {times} what it was in the {found.rows:,} rows with {where[0]} = {where[1]}. Another unit?"
        )
        step = f"{put_right.format(name)} where {where[0]} is {where[1]}."
    elif found.rows < rows:
        message = f"{above:,} values of {name} are above everything known, as if they were {factor:g} times too large."
        step = f"{put_right.format(f'these rows of {name}')}."
    else:
        message, step = f"{name} is {times} what it was. Another unit?", f"{put_right.format(name)}."
    told = {"column": where[0], "level": where[1]} if where else None
    return Fault("unit_factor", name, message, "warning", step, found.rows, factor, told)


def _gaps(pair: Pair) -> Iterator[Fault]:
    for name in pair.shared:
        known, current = pair.known.column(name), pair.current.column(name)
        rows, gaps = len(current), current.null_count
        usual = known.null_count / max(len(known), 1)
        if rows < FEW or gaps / rows < min(max(2 * usual, usual + BURST), usual + 2 * BURST):
            continue
        if _improbable((gaps, rows), (known.null_count, len(known))):
            message = f"{name} is missing in {gaps / rows:.0%} of the rows; it was in {usual:.1%}."
            yield Fault("missing_burst", name, message, "warning", f"Ask where {name} got lost.", gaps)


def _repeated(pair: Pair) -> Iterator[Fault]:
    """Tell rows that come twice: by their id where there is one, else by all they hold."""
    by, known, current = str(pair.roles.id), pair.known, pair.current
    both = by in known.column_names and by in current.column_names
    if current.num_rows < FEW or not known.num_rows or not (both or _may_repeat(pair)):
        return
    if not both and current.num_rows > known.num_rows:  # among more rows more are alike
        current = current.take(np.linspace(0, current.num_rows - 1, known.num_rows).astype(int))
    before, now = ((_repeated_ids(one, by) if both else repeated_rows(one)) for one in (known, current))
    usual, share = before / known.num_rows, now / current.num_rows
    if share >= max(2 * usual, usual + PART) and _improbable((now, current.num_rows), (before, known.num_rows)):
        what = f"repeat the {by} of another row" if both else "repeat another row in every column"
        message = f"{now:,} of {current.num_rows:,} rows {what}; {usual:.1%} did."
        yield Fault("duplicates", by if both else None, message, "warning", "Keep each row once.", now)


def _may_repeat(pair: Pair) -> bool:
    """Tell whether some rows may be equal: not where one column of numbers has another value in nearly all of them."""
    rows = pair.current.num_rows
    numeric = (name for name in pair.shared if pair.types(name)[0] in _NUMERIC)
    return not any(units.distinct(pair.numbers(name)[1]) > (1 - PART) * rows for name in numeric)


def _repeated_ids(table: pa.Table, id: str) -> int:
    column = table.column(id).drop_null()
    return len(column) - int(pc.count_distinct(column).as_py())


def _improbable(current: tuple[int, int], known: tuple[int, int]) -> bool:
    """Tell whether so many of so many rows are no chance beside the known ones: Fisher's exact test."""
    (found, rows), (before, knew) = current, known
    return bool(stats.hypergeom.sf(found - 1, rows + knew, found + before, rows) < BURST_P)


CHECKS: tuple[Callable[[Pair], Iterator[Fault]], ...] = (
    _missing_columns, _retyped, _levels, _numbers, _gaps, _repeated, _new_columns,
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
        known_numbers, numbers = _values(known), _values(current)
        varied = min(len(known_numbers), len(numbers)) >= FEW and units.distinct(known_numbers) >= FEW
        return varied and units.distance(known_numbers, numbers) < AGREE
    if kind != "text" or not len(current.drop_null()) or not _has_levels(known.drop_null()):
        return False
    seen = pc.is_in(current.drop_null(), value_set=pc.unique(known.drop_null()))
    return bool(pc.mean(seen).as_py() > 1 - PART)


def _values(column: pa.ChunkedArray) -> np.ndarray:
    return np.sort(column.drop_null().cast(pa.float64(), safe=False).to_numpy())
