"""Roles: what the columns of a dataset are for.

The *target* is predicted and the *id* names a row; *time* orders the rows and *group* tells which of them belong
together. None of the four is a feature. A role is given by a person or inherited from the newest version that has one;
what is only proposed says why. Roles are a part of a version: other roles are another version of the same content.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from mlops.base.errors import DataError, shown
from mlops.base.notes import Note
from mlops.base.records import Record
from mlops.base.tasks import Label, Task
from mlops.data import moments, tables

COLUMN_ROLES = ("target", "id", "time", "group")
"""Roles that name a column."""

_ANSWERS = ("prediction", "predicted_at", "model_version", "model_sha256", "prediction_id", "threshold", "warnings")
"""Columns of an answer. The id is one as well, under its own name, which therefore must be another."""
_POSITIVE_WORDS = ("yes", "true", "1", "y", "positive")

TOO_FREQUENT = 2 / 3
"""Share of the rows above which a class that says presence is probably not the one to predict."""

MAX_CODES = 20
"""Different whole numbers up to which a target may hold classes."""


@dataclass(frozen=True)
class Roles(Record):
    """What the columns of a dataset are for; None where nobody has said."""

    target: str | None = None
    """The column to predict."""
    id: str | None = None
    """The column that names a row."""
    time: str | None = None
    """The column that tells when a row happened."""
    group: str | None = None
    """The column that tells which rows belong together: one customer, one household."""
    task: Task | None = None
    """What to learn about the target."""
    positive: Label | None = None
    """The class whose probability is predicted, spelled as in the data; binary tasks only."""


def inherited(versions: Iterable[Roles]) -> Roles:
    """Return what is known about the next version: each role as the newest version has it that has one.

    A file without the id does not undo that there is one; task and positive class go with their target.

    Parameters
    ----------
    versions : iterable of Roles
        Newest first.

    Examples
    --------
    >>> inherited([Roles(target="churn", time="month"), Roles(target="left", id="nr", task="binary")]).as_dict()
    {'target': 'churn', 'id': 'nr', 'time': 'month', 'group': None, 'task': None, 'positive': None}
    """
    known = Roles()
    for older in versions:
        same = known.target in (None, older.target)
        said = {role: value for role, value in vars(older).items() if same or role not in ("task", "positive")}
        known = replace(known, **{role: value for role, value in said.items() if getattr(known, role) is None})
    return known


def changes(before: Roles, after: Roles) -> dict[str, tuple[Any, Any]]:
    """Return ``{role: (before, after)}`` for each role that differs."""
    pairs = {role: (value, getattr(after, role)) for role, value in vars(before).items()}
    return {role: pair for role, pair in pairs.items() if pair[0] != pair[1]}


def decide(table: pa.Table, given: Mapping[str, Any], known: Roles) -> tuple[Roles, list[Note]]:
    """Decide the roles of a version: what was given, else what is known, else what the target's values tell.

    A known id, time or group that is no column of the table is dropped, and said. A known target stays: its outcomes
    are awaited.

    Parameters
    ----------
    table : pyarrow.Table
        The content.
    given : mapping
        Role -> what a person said; None where nothing was said.
    known : Roles
        What earlier versions tell; see `inherited`.

    Raises
    ------
    DataError
        If a role names no column, the time cannot tell the order of rows, or the task does not fit the target's values.
    """
    for role in COLUMN_ROLES:
        if given.get(role) is not None and given[role] not in table.column_names:
            raise DataError(
                f"The {role} {shown(given[role])} is no column of this file. Columns: {', '.join(table.column_names)}.",
                f"Correct --{role}.",
            )
    said = {role: value for role, value in given.items() if value is not None}
    if "target" in said and said["target"] != known.target:
        said = {"task": None, "positive": None} | said  # what was known about another target does not count
    roles, notes = _without_absent(table, replace(known, **said))
    _check_distinct(roles)
    if roles.id in (*_ANSWERS, f"{roles.target}_probability", "probabilities"):
        raise DataError(
            f"The id {shown(roles.id)} has the name of a column of the answers.", "Rename the column in the file."
        )
    if roles.target in table.column_names:
        task, positive, more = _task(table.column(roles.target), str(roles.target), roles.task, roles.positive)
        roles, notes = replace(roles, task=task, positive=positive), notes + more
    elif roles.target is not None:
        message = f"{roles.target} is not in this file: its outcomes are awaited."
        notes.append(Note("target_absent", roles.target, message))
    if roles.id is not None:
        values = table.column(roles.id)
        if repeated := len(values) - pc.count_distinct(values, mode="all").as_py():
            notes.append(Note("repeated_ids", roles.id, f"{repeated:,} rows repeat an id of another row."))
    time, unordered = _time(table, roles.time, given.get("time"))
    return replace(roles, time=time), [*notes, *unordered]


def _time(table: pa.Table, name: str | None, given: str | None) -> tuple[str | None, list[Note]]:
    """Refuse a time that cannot tell the order of time; one of the version before is no time here, and that is said."""
    why = moments.disorder(table.column(name)) if name in table.column_names else None
    if name is None or why is None:
        return name, []
    step = moments.way_out(table.column(name))
    if given is not None:
        raise DataError(f"The time {shown(name)} {why}.", step)
    return None, [Note("time_unordered", name, f"{name} {why}; this version has no time.", "warning", step)]


_WITHOUT = {"id": "rows have no id", "time": "nothing tells when a row happened", "group": "no rows belong together"}


def _without_absent(table: pa.Table, roles: Roles) -> tuple[Roles, list[Note]]:
    """Drop an id, time or group that the table does not have."""
    gone = {role: column for role in _WITHOUT if (column := getattr(roles, role)) not in (None, *table.column_names)}
    notes = [
        Note(f"{role}_absent", column, f"{column} is not in this file; {_WITHOUT[role]}.")
        for role, column in gone.items()
    ]
    return replace(roles, **dict.fromkeys(gone)), notes


def _check_distinct(roles: Roles) -> None:
    taken: dict[str, str] = {}
    for role in COLUMN_ROLES:
        column = getattr(roles, role)
        if column is not None and column in taken:
            raise DataError(f"{shown(column)} cannot be both {taken[column]} and {role}.", "Name two columns.")
        taken[column] = role


def _task(
    column: pa.ChunkedArray, target: str, task: Task | None, positive: Any
) -> tuple[Task | None, Label | None, list[Note]]:
    """Tell the task by the values of the target, and check what was said about it."""
    labels = pc.unique(column.drop_null()).to_pylist()
    if not labels:
        return task, positive, []
    told = told_task(column)
    kind = tables.type_of(column.type)
    if told is None:
        raise DataError(f"{shown(target)} holds a {kind}; a target is a class or a number.", "Name another column.")
    numeric = kind in ("integer", "number")
    fractional = next((label for label in labels if numeric and not float(label).is_integer()), None)
    if task not in (None, "regression") and fractional:
        raise DataError(
            f"{shown(target)} holds {shown(fractional)}; classes are words or whole numbers.",
            f"Use --task regression, or read the column as words: --type {target}=text.",
        )
    if task == "regression" and not numeric:
        raise DataError(
            f"{shown(target)} holds {shown(labels[0])}; regression needs numbers.", "Use --task multiclass."
        )
    if task == "binary" and len(labels) > 2:
        raise DataError(
            f"{shown(target)} holds {len(labels)} classes; a binary task has two.", "Use --task multiclass."
        )
    notes = []
    if task is None and is_ambiguous(column):
        said = f"{target} holds {len(labels)} whole numbers and is taken as a quantity (regression)."
        notes.append(Note("task_assumed", target, said, "warning", "If they are classes, say --task multiclass."))
    task = task or told
    if task != "binary":
        return task, None, notes
    found, more = _positive(column, target, labels) if positive is None else (_spelled(positive, target, labels), [])
    return task, found, [*notes, *more]


def told_task(column: pa.ChunkedArray) -> Task | None:
    """Return the task that the values of a target tell; None for dates.

    Two different values are a yes or no, more numbers a quantity, more words a choice.
    """
    kind, labels = tables.type_of(column.type), pc.unique(column.drop_null()).to_pylist()
    if kind in ("date", "datetime"):
        return None
    numeric = kind in ("integer", "number")
    if numeric and (len(labels) > 2 or any(not float(label).is_integer() for label in labels)):
        return "regression"
    return "multiclass" if len(labels) > 2 else "binary"


def is_ambiguous(column: pa.ChunkedArray) -> bool:
    """Tell whether whole numbers may be classes as well as a quantity: grades, stars, months."""
    return pa.types.is_integer(column.type) and 2 < pc.count_distinct(column).as_py() <= MAX_CODES


@dataclass(frozen=True)
class Hint:
    """What the values say about the positive class."""

    label: Label | None
    """None where two hints contradict each other, so that a person must decide."""
    why: str
    sure: bool


def positive_hint(column: pa.ChunkedArray) -> Hint:
    """Say which of two classes is probably the one to predict.

    Two hints: a word that means presence (yes, true, 1), and rarity - what is predicted is usually the exception.
    They contradict each other where more than two thirds of the rows have the word: then 1 may mean "all is well".

    Examples
    --------
    >>> positive_hint(pa.chunked_array([[0, 0, 1]])).label
    1
    >>> print(positive_hint(pa.chunked_array([[1, 1, 1, 0]])).label)
    None
    """
    counts = tables.counts(column)
    said = " and ".join(f"{shown(spelling(label))} in {count:,}" for label, count in sorted(counts.items(), key=str))
    said = f"{said} rows"
    words = [label for label in counts if spelling(label).lower().rstrip(".") in _POSITIVE_WORDS]
    rarer = min(sorted(counts, key=str), key=lambda label: counts[label])
    if len(words) != 1:
        return Hint(rarer, f"{said}: {shown(spelling(rarer))} is the rarer one", False)
    share = counts[words[0]] / sum(counts.values())
    word = spelling(words[0])
    if share > TOO_FREQUENT and len(counts) > 1:
        return Hint(None, f"{said}: {shown(word)} says presence, but {shown(spelling(rarer))} is the exception", False)
    if share > 0.5:
        return Hint(words[0], f"{said}: {shown(word)} says presence, though it is the more frequent one", False)
    return Hint(words[0], f"{said}: {shown(word)} says presence, and it is the rarer one", True)


def _positive(column: pa.ChunkedArray, target: str, labels: list[Label]) -> tuple[Label | None, list[Note]]:
    """Take the positive class that the values tell, and say so where it is not sure; ask where they contradict."""
    hint = positive_hint(column)
    if len(labels) == 1:
        return (hint.label if spelling(labels[0]).lower() in _POSITIVE_WORDS else None), []
    if hint.label is None:
        raise DataError(
            f"Which class of {shown(target)} is to be predicted? {hint.why}.",
            f"Say it: {' or '.join(f'--positive {spelling(label)}' for label in sorted(labels, key=str))}.",
        )
    if hint.sure:
        return hint.label, []
    said = f"{shown(spelling(hint.label))} of {target} is taken as the class to predict ({hint.why})."
    return hint.label, [Note("positive_assumed", target, said, "warning", "--positive decides otherwise.")]


def _spelled(positive: Any, target: str, labels: list[Label]) -> Label:
    """Return the class that a person named, as the data spells it."""
    found = next((label for label in labels if spelling(label) == spelling(positive)), None)
    if found is None and len(labels) == 1 and type(positive) is type(labels[0]):
        return positive  # a version in which it never happened
    if found is None:
        raise DataError(
            f"The positive class {shown(positive)} is no value of {shown(target)}: {', '.join(map(shown, labels))}.",
            "Correct --positive.",
        )
    return found


def spelling(label: Label) -> str:
    """Return a label as people type it: true, 1 (also for 1.0), yes."""
    if isinstance(label, float) and label.is_integer():
        label = int(label)
    return str(label).lower() if isinstance(label, bool) else str(label)
