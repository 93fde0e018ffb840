"""Quality: what is worth knowing about a table before a model learns from it.

A *check* looks at the evidence and answers with notes, or with nothing where all is fine. `CHECKS` lists them all.
A *blocker* makes training impossible; a *warning* says that results may mislead, and what to do about it. No check
can know what a column means, so each docstring says where its rule is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

import pyarrow as pa

from mlops.evidence import Evidence
from mlops.notes import Note, Severity
from mlops.roles import Roles
from mlops.tasks import MAX_LEVELS

MOSTLY = 0.8
"""Share of missing values from which a column is called mostly missing."""

MIN_PER_CLASS, FEW_PER_CLASS = 3, 10
"""Rows of a class below which it cannot be in train, validation and test; below which its metrics mean little."""


def check(
    table: pa.Table,
    roles: Roles,
    *,
    features: Iterable[str] | None = None,
    split: str = "random",
    group: str | None = None,
) -> list[Note]:
    """Look for what would mislead a training, or make it impossible.

    Parameters
    ----------
    table : pyarrow.Table
        Columns of the types of `mlops.tables`.
    roles : Roles
        What the columns are for. Without a target, only what needs none is checked.
    features : iterable of str, optional
        Columns the model may look at; all that have no role, if not given. Dates are none.
    split : {"random", "latest"}
        ``training.split``.
    group : str, optional
        ``training.group``.

    Returns
    -------
    list of Note
        In the order of `CHECKS`; the same table gives the same notes.

    Examples
    --------
    >>> table = pa.table({"age": [30.0, 40.0], "site": [1, 1], "left": pa.array([None, None], pa.int64())})
    >>> [(note.code, note.column) for note in check(table, Roles(target="left", task="binary"))]
    [('target_missing', 'left'), ('constant', 'site')]
    """
    evidence = Evidence.of(table, roles, features, split, group)
    return list(chain.from_iterable(one.function(evidence) for one in CHECKS))


def _target_missing(evidence: Evidence) -> Iterator[Note]:
    if evidence.labelled is not None and evidence.target is None and evidence.table.num_rows:
        name = evidence.roles.target
        yield Note(
            "target_missing",
            name,
            f"{name}, the target, holds no value in any of {evidence.table.num_rows:,} rows.",
            "blocker",
            "Add outcomes with mlops labels add, or name another column with --target.",
        )


def _single_class(evidence: Evidence) -> Iterator[Note]:
    if len(evidence.class_counts) == 1:
        name, (label,) = evidence.roles.target, evidence.class_counts
        yield Note(
            "single_class",
            name,
            f"{name} is {label!r} in every row; nothing can be learned from one class.",
            "blocker",
            "Add rows of another class, or name another column with --target.",
        )


def _too_few_per_class(evidence: Evidence) -> Iterator[Note]:
    few = {label: count for label, count in evidence.class_counts.items() if count < FEW_PER_CLASS}
    if len(evidence.class_counts) < 2 or not few:
        return
    blocked = min(few.values()) < MIN_PER_CLASS
    counted = ", ".join(f"{label!r} {count:,}" for label, count in few.items())
    rule = (
        f"a class needs {MIN_PER_CLASS} to be in train, validation and test"
        if blocked
        else f"metrics of a class with fewer than {FEW_PER_CLASS} mean little"
    )
    yield Note(
        "too_few_per_class",
        evidence.roles.target,
        f"Few rows of a class of {evidence.roles.target}: {counted}; {rule}.",
        "blocker" if blocked else "warning",
        "Add rows of these classes, join them with others, or leave them out of the file.",
    )


def _all_missing(evidence: Evidence) -> Iterator[Note]:
    for name in evidence.features:
        if evidence.table.num_rows and evidence.table.column(name).null_count == evidence.table.num_rows:
            yield Note(
                "all_missing", name, f"{name} holds no value at all; a model learns nothing from it.", *_leave_out(name)
            )


def _constant(evidence: Evidence) -> Iterator[Note]:
    for name in evidence.features:
        column = evidence.table.column(name)
        if evidence.table.num_rows > 1 and not column.null_count and evidence.distinct(name) == 1:
            value = column[0].as_py()
            yield Note("constant", name, f"{name} is {value!r} in every row; it tells nothing.", *_leave_out(name))


def _mostly_missing(evidence: Evidence) -> Iterator[Note]:
    for name in evidence.features:
        missing = evidence.table.column(name).null_count
        if MOSTLY * evidence.table.num_rows < missing < evidence.table.num_rows:
            share = missing / evidence.table.num_rows
            yield Note(
                "mostly_missing",
                name,
                f"{name} is missing in {share:.0%} of the rows; where it is known may tell more than what it says.",
                *_leave_out(name, "note"),
            )


def _too_many_levels(evidence: Evidence) -> Iterator[Note]:
    for name in evidence.features:
        if evidence.type_of(name) == "text" and (levels := evidence.distinct(name)) > MAX_LEVELS:
            yield Note(
                "too_many_levels",
                name,
                f"{name} has {levels:,} different texts; only the {MAX_LEVELS - 1} most frequent are told apart.",
                *_leave_out(name, "note"),
            )


def _duplicates(evidence: Evidence) -> Iterator[Note]:
    """Count rows that repeat an earlier row, all columns and the target included.

    Rows of a few coarse columns are often equal without being the same thing, so it is a warning only from 1 % on.
    """
    table = evidence.table
    repeated = table.num_rows - table.group_by(table.column_names).aggregate([([], "count_all")]).num_rows
    if repeated:
        share = repeated / table.num_rows
        yield Note(
            "duplicates",
            None,
            f"{repeated:,} rows ({share:.1%}) repeat another row, target included; a random split puts the same row "
            "into train and test, and metrics look better than they are.",
            "warning" if share >= 0.01 else "note",
            "Remove copies from the file, or name the column that tells what belongs together: training.group: COLUMN.",
        )


def _leave_out(name: str, severity: Severity = "warning") -> tuple[Severity, str]:
    return severity, f"Leave it out: features.exclude: [{name}]."


@dataclass(frozen=True)
class Check:
    """One thing that is looked for."""

    code: str
    title: str
    severity: Severity
    """The gravest that it answers."""
    function: Callable[[Evidence], Iterable[Note]]


CHECKS: tuple[Check, ...] = (
    Check("target_missing", "The target is empty", "blocker", _target_missing),
    Check("single_class", "The target has one class", "blocker", _single_class),
    Check("too_few_per_class", "A class has few rows", "blocker", _too_few_per_class),
    Check("all_missing", "A column is empty", "warning", _all_missing),
    Check("constant", "A column has one value", "warning", _constant),
    Check("mostly_missing", "A column is mostly missing", "note", _mostly_missing),
    Check("too_many_levels", "A text has very many values", "note", _too_many_levels),
    Check("duplicates", "Rows are repeated", "warning", _duplicates),
)
"""Everything that is looked for, blockers first."""
