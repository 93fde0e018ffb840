"""Roles: what the columns of a dataset are for.

The *target* is predicted and the *id* names a row; *time* orders the rows and *group* tells which of them belong
together. None of the four is a feature. A role is given by a person or inherited from the version before; what is
only proposed says why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from mlops import tables
from mlops.errors import DataError
from mlops.notes import Note
from mlops.records import Record
from mlops.tasks import Label, Task

COLUMN_ROLES = ("target", "id", "time", "group")
"""Roles that name a column."""

_ANSWERS = ("prediction", "predicted_at", "model_version", "model_sha256", "prediction_id", "threshold", "warnings")
"""Columns of an answer. The id is one as well, under its own name, which therefore must be another."""
_POSITIVE_WORDS = ("yes", "true", "1", "y", "positive")


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


def decide(table: pa.Table, given: Mapping[str, Any], known: Roles) -> tuple[Roles, list[Note]]:
    """Decide the roles of a version: what was given, else what is known, else what the target's values tell.

    Parameters
    ----------
    table : pyarrow.Table
        The content.
    given : mapping
        Role -> what a person said; None where nothing was said.
    known : Roles
        The roles of the version before.

    Raises
    ------
    DataError
        If a role names no column, or the task does not fit the target's values.
    """
    for role in COLUMN_ROLES:
        if given.get(role) is not None and given[role] not in table.column_names:
            raise DataError(
                f"The {role} {given[role]!r} is no column of this file. Columns: {', '.join(table.column_names)}.",
                f"Correct --{role}.",
            )
    said = {role: value for role, value in given.items() if value is not None}
    if "target" in said and said["target"] != known.target:
        said = {"task": None, "positive": None} | said  # what was known about another target does not count
    roles = replace(known, **said)
    if roles.target is not None and roles.target == roles.id:
        raise DataError(f"{roles.target!r} cannot be both target and id.", "Name two columns.")
    if roles.id in (*_ANSWERS, f"{roles.target}_probability", "probabilities"):
        raise DataError(
            f"The id {roles.id!r} has the name of a column of the answers.", "Rename the column in the file."
        )
    notes: list[Note] = []
    if roles.target in table.column_names:
        task, positive, notes = _task(table.column(roles.target), str(roles.target), roles.task, roles.positive)
        roles = replace(roles, task=task, positive=positive)
    elif roles.target is not None:
        message = f"{roles.target} is not in this file; outcomes come with labels add."
        notes.append(Note("target_absent", roles.target, message))
    if roles.id is not None and roles.id in table.column_names:
        values = table.column(roles.id)
        if repeated := len(values) - pc.count_distinct(values, mode="all").as_py():
            notes.append(Note("repeated_ids", roles.id, f"{repeated:,} rows repeat an id of another row."))
    elif roles.id is not None:
        notes.append(Note("id_absent", roles.id, f"{roles.id} is not in this file; rows have no id."))
    return roles, notes


def _task(
    column: pa.ChunkedArray, target: str, task: Task | None, positive: Any
) -> tuple[Task | None, Label | None, list[Note]]:
    """Tell the task by the values of the target, and check what was said about it."""
    labels = pc.unique(column.drop_null()).to_pylist()
    if not labels:
        return task, positive, [Note("target_missing", target, f"{target} holds no value yet.")]
    kind = tables.type_of(column.type)
    if kind in ("date", "datetime"):
        raise DataError(f"{target!r} holds a {kind}; a target is a class or a number.", "Name another column.")
    numeric = kind in ("integer", "number")
    fractional = next((label for label in labels if numeric and not float(label).is_integer()), None)
    many = len(labels) > 2
    told: Task = "regression" if fractional or (numeric and many) else "multiclass" if many else "binary"
    task = task or told
    if task != "regression" and fractional:
        raise DataError(
            f"{target!r} holds {fractional!r}; classes are words or whole numbers.",
            f"Use --task regression, or read the column as words: --type {target}=text.",
        )
    if task == "regression" and not numeric:
        raise DataError(f"{target!r} holds {labels[0]!r}; regression needs numbers.", "Use --task multiclass.")
    if task == "binary" and many:
        raise DataError(f"{target!r} holds {len(labels)} classes; a binary task has two.", "Use --task multiclass.")
    notes = []
    if len(labels) == 1:
        notes.append(Note("single_class", target, f"{target} holds only {labels[0]!r}; nothing can be learned."))
    if task != "binary":
        return task, None, notes
    if positive is not None:
        spelled = next((label for label in labels if _spelling(label) == _spelling(positive)), None)
        if spelled is None and len(labels) == 1 and type(positive) is type(labels[0]):
            return task, positive, notes
        if spelled is None:
            raise DataError(
                f"The positive class {positive!r} is no value of {target!r}: {', '.join(map(repr, labels))}.",
                "Correct --positive.",
            )
        return task, spelled, notes
    known = [label for label in labels if _spelling(label).lower().rstrip(".") in _POSITIVE_WORDS]
    if len(known) == 1:
        return task, known[0], notes
    counts = {entry["values"]: entry["counts"] for entry in column.drop_null().value_counts().to_pylist()}
    rarer = min(sorted(labels, key=str), key=lambda label: counts[label])
    said = f"The rarer class {rarer!r} of {target} is taken as the positive one; --positive decides otherwise."
    return task, rarer, [*notes, Note("positive_assumed", target, said)]


def _spelling(label: Label) -> str:
    """Return a label as people type it: true, 1 (also for 1.0), yes."""
    if isinstance(label, float) and label.is_integer():
        label = int(label)
    return str(label).lower() if isinstance(label, bool) else str(label)
