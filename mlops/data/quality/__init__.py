"""Quality: what is worth knowing about a table before a model learns from it.

A *check* looks at the evidence and answers with notes, or with nothing where all is fine. `CHECKS` lists them all.
A *blocker* makes training impossible; a *warning* says that results may mislead, and what to do about it. No check
can know what a column means, so each docstring says where its rule is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import pyarrow as pa

from mlops.base.errors import shown
from mlops.base.notes import Note
from mlops.base.recent import Recent
from mlops.base.tasks import MAX_LEVELS
from mlops.data import tables
from mlops.data.quality.evidence import MIN_ROWS, Evidence, leave_out, repeated_rows
from mlops.data.quality.leaks import dominant_column, leak
from mlops.data.quality.sequence import same_entity, sorted_rows, time_order
from mlops.data.roles import Roles

MOSTLY = 0.8
"""Share of missing values from which a column is called mostly missing."""

MANY = 0.01
"""Share of repeated rows from which they are worth a warning."""

NEARLY_ALL = 0.95
"""Share of different texts from which a column names rows."""

MIN_PER_CLASS, FEW_PER_CLASS = 3, 10
"""Rows of a class below which it cannot be in train, validation and test; below which its metrics mean little."""

_JUDGED: Recent[tuple[Note, ...]] = Recent(most=64)
"""Tables that were judged in this process: the same rows with the same roles get the same notes."""

MAX_NAMED = 5
"""Classes with few rows that are named; the rarest."""


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
        Columns of the types of `mlops.data.tables`.
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
        In the order of `CHECKS`, and about a feature only the first: what makes it useless or suspect comes before
        what is merely odd about it. The same table gives the same notes.

    Examples
    --------
    >>> table = pa.table({"age": [30.0, 40.0], "site": [1, 1], "left": pa.array([None, None], pa.int64())})
    >>> [(note.code, note.column) for note in check(table, Roles(target="left", task="binary"))]
    [('target_missing', 'left'), ('constant', 'site')]
    """
    asked = (tables.content_sha256(table), roles, None if features is None else tuple(features), split, group)

    def judged() -> tuple[Note, ...]:
        evidence = Evidence.of(table, roles, asked[2], split, group)
        notes: list[Note] = []
        for look_for in CHECKS:
            told = {note.column for note in notes} & set(evidence.features)
            notes += [note for note in look_for(evidence) if note.column not in told]
        return tuple(notes)

    return [*_JUDGED.get(asked, judged)]


def _target_missing(evidence: Evidence) -> Iterator[Note]:
    if evidence.labelled is not None and not evidence.labelled.num_rows and evidence.table.num_rows:
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
            f"{name} is {shown(label)} in every row; nothing can be learned from one class.",
            "blocker",
            "Add rows of another class, or name another column with --target.",
        )


def _too_few_per_class(evidence: Evidence) -> Iterator[Note]:
    few = {label: count for label, count in evidence.class_counts.items() if count < FEW_PER_CLASS}
    if len(evidence.class_counts) < 2 or not few:
        return
    blocked = min(few.values()) < MIN_PER_CLASS
    rarest = [f"{shown(label)} ({count:,})" for label, count in list(few.items())[: -MAX_NAMED - 1 : -1]]
    counted = ", ".join([*rarest, *([f"{len(few) - MAX_NAMED:,} more"] if len(few) > MAX_NAMED else [])])
    rule = (
        f"a class needs {MIN_PER_CLASS} to be in train, validation and test"
        if blocked
        else f"metrics of a class with fewer than {FEW_PER_CLASS} mean little"
    )
    yield Note(
        "too_few_per_class",
        evidence.roles.target,
        f"{evidence.roles.target} has classes of few rows: {counted}; {rule}.",
        "blocker" if blocked else "warning",
        "Add rows of these classes, join them with others, or leave them out of the file.",
    )


def _all_missing(evidence: Evidence) -> Iterator[Note]:
    rows = evidence.table.num_rows
    empty = [name for name in evidence.features if rows and evidence.table.column(name).null_count == rows]
    for name in empty:
        message = f"{name} holds no value at all; a model learns nothing from it."
        yield Note("all_missing", name, message, "warning", _leave_out(empty))


def _constant(evidence: Evidence) -> Iterator[Note]:
    columns = {name: evidence.table.column(name) for name in evidence.features if evidence.table.num_rows > 1}
    same = [name for name, column in columns.items() if not column.null_count and evidence.distinct[name] == 1]
    for name in same:
        message = f"{name} is {shown(columns[name][0].as_py())} in every row; a model learns nothing from it."
        yield Note("constant", name, message, "warning", _leave_out(same))


def _id_as_feature(evidence: Evidence) -> Iterator[Note]:
    """Warn of features that name a row instead of describing it.

    A text that differs in 95 % of the rows. Or a whole number that is known in every row and never the same, if it
    only rises, only falls, or counts without a gap. Fractional numbers never: measurements are often all different.

    Of the public sets measured: the name in titanic3, EmployeeNumber in IBM HR, instant in bike, customerID in Telco
    unless it is the id. It is wrong about rows sorted by a whole number that never repeats, such as one row per year.
    """
    named = [name for name in evidence.features if evidence.table.num_rows >= MIN_ROWS and _names_rows(evidence, name)]
    for name in named:
        message = f"{name} is different in nearly every row: it names rows, and a model learns them by heart."
        yield Note("id_as_feature", name, message, "warning", f"{_leave_out(named)} Or make one the id: --id {name}.")


def _names_rows(evidence: Evidence, name: str) -> bool:
    column, kind = evidence.table.column(name), evidence.type_of(name)
    known = len(column) - column.null_count
    if kind == "text":
        return known >= MIN_ROWS and evidence.distinct[name] >= NEARLY_ALL * known
    if kind != "integer" or column.null_count or evidence.distinct[name] < known:
        return False
    values = column.to_numpy()
    counts = int(values.max()) - int(values.min()) == known - 1
    return counts or bool((values[1:] > values[:-1]).all() or (values[1:] < values[:-1]).all())


def _mostly_missing(evidence: Evidence) -> Iterator[Note]:
    rows = evidence.table.num_rows
    for name in evidence.features:
        missing = evidence.table.column(name).null_count
        if MOSTLY * rows < missing < rows:
            message = f"{name} is missing in {missing / rows:.0%} of the rows; it tells nothing about these."
            yield Note("mostly_missing", name, message, "note", _leave_out([name]))


def _hidden_missing(evidence: Evidence) -> Iterator[Note]:
    """Tell of codes that look like numbers, in features and in a target that is a number; see `codes`."""
    for name, found in evidence.codes.items():
        told = " and ".join(f"{value:.15g} in {count:,} rows" for value, count in found.items())
        message = f"{name} is {told}, far from every other value: it may be a code, not a number."
        step = "If it means that the value is missing, empty these cells in the file; a model takes it for a number."
        yield Note("hidden_missing", name, message, "note", step)


def _too_many_levels(evidence: Evidence) -> Iterator[Note]:
    for name in evidence.features:
        if evidence.type_of(name) == "text" and (levels := evidence.distinct[name]) > MAX_LEVELS:
            message = (
                f"{name} has {levels:,} different texts; a model tells the {MAX_LEVELS - 1} most frequent apart, "
                "and takes all others as one."
            )
            step = f"Group its values in the file, or leave it out: {leave_out([name])}."
            yield Note("too_many_levels", name, message, "note", step)


def _duplicates(evidence: Evidence) -> Iterator[Note]:
    """Count rows that repeat an earlier row, all columns and the target included.

    Rows of a few coarse columns are often equal without being the same thing, so it is a warning only from 1 % on.
    Rows in which every feature is missing, or a code for it, are equal by having nothing.
    """
    table = evidence.table
    repeated = repeated_rows(table.filter(pa.array(~evidence.is_silent(table))))
    if repeated:
        message = (
            f"Repeated rows: {repeated:,} of {table.num_rows:,}, equal in every column; a random split puts copies "
            "into train and test, and metrics look better than they are."
        )
        step = "Remove the copies from the file, if they are the same thing twice."
        yield Note("duplicates", None, message, "warning" if repeated >= MANY * table.num_rows else "note", step)


def _leave_out(names: Iterable[str]) -> str:
    return f"Leave it out: {leave_out(names)}."


CHECKS: tuple[Callable[[Evidence], Iterable[Note]], ...] = (
    _target_missing, _single_class, _too_few_per_class, leak, dominant_column, time_order, same_entity, _duplicates,
    _id_as_feature, _all_missing, _constant, _hidden_missing, _mostly_missing, _too_many_levels, sorted_rows,
)  # fmt: skip
"""Everything that is looked for, the gravest first; each is called as the code of its notes."""
