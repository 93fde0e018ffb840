"""Splitting: which rows a model learns from, which choose it, and which examine it.

Three ways. *random* is the plain one. *latest* keeps the end of the calendar for the test, as life does. With a
*group*, all rows of one customer, one patient, stand on the same side, so nobody is recognised.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sklearn.model_selection import GroupShuffleSplit, train_test_split

from mlops.base.errors import DataError, shown
from mlops.base.notes import Note
from mlops.data import moments

if TYPE_CHECKING:
    from mlops.data.roles import Roles
    from mlops.experiments.configs import TrainingSection

Cutter = Callable[[np.ndarray, float], tuple[np.ndarray, np.ndarray]]
"""Cuts positions in two: those that stay, and the share that is held back."""


def split(table: pa.Table, roles: Roles, training: TrainingSection) -> tuple[dict[str, np.ndarray], list[Note]]:
    """Divide the rows into train, validation and test, as a config says.

    Parameters
    ----------
    table : pyarrow.Table
        Rows whose target is known, in stored order.
    roles : Roles
        Tells the target, the task, and the time column.
    training : TrainingSection
        ``split``, ``group``, sizes and seed.

    Returns
    -------
    parts : dict of str to ndarray of int
        Positions of the rows of train, validation and test: every row in exactly one.
    notes : list of Note
        What to know about the split.

    Raises
    ------
    DataError
        If the rows cannot be divided like this.
    """
    cut, notes = _cutter(table, roles, training)
    rest, test = cut(np.arange(table.num_rows), training.test_size)
    train, validation = cut(rest, training.validation_size)
    if roles.task != "regression":
        _check_classes(table.column(str(roles.target)), train)
    return {"train": train, "validation": validation, "test": test}, notes


def _cutter(table: pa.Table, roles: Roles, training: TrainingSection) -> tuple[Cutter, list[Note]]:
    if training.split == "latest":
        return _latest(table, roles)
    if training.group is not None:
        return _grouped(table.column(training.group), training), []
    return _random(table.column(str(roles.target)), roles, training), []


def _check_classes(target: pa.ChunkedArray, train: np.ndarray) -> None:
    """Refuse a split whose train part has never seen a class: the model could not answer with it."""
    unseen = set(pc.unique(target).to_pylist()) - set(pc.unique(target.take(train)).to_pylist())
    if unseen:
        label = min(unseen, key=str)
        raise DataError(
            f"No row of the train part is {shown(label)}; all of them are in validation or test.",
            "Use training.split: random without a group, or a smaller training.test_size.",
        )


def _random(target: pa.ChunkedArray, roles: Roles, training: TrainingSection) -> Cutter:
    """Return what cuts positions at random; each class has the same share on both sides."""
    classes = np.array(target.to_pylist())

    def cut(positions: np.ndarray, size: float) -> tuple[np.ndarray, np.ndarray]:
        same = classes[positions] if roles.task != "regression" else None
        try:
            kept, held_back = train_test_split(
                positions, test_size=size, random_state=training.random_state, stratify=same
            )
        except ValueError as error:
            raise DataError(f"{len(positions)} rows cannot be split: {error}", "Change training.test_size.") from error
        return kept, held_back

    return cut


def _grouped(group: pa.ChunkedArray, training: TrainingSection) -> Cutter:
    """Return what cuts positions so that no group is on both sides; the size is a share of the groups.

    Rows without a group are one group.
    """
    codes = pc.dictionary_encode(group.combine_chunks(), null_encoding="encode").indices.to_numpy()

    def cut(positions: np.ndarray, size: float) -> tuple[np.ndarray, np.ndarray]:
        groups = codes[positions]
        try:
            splitter = GroupShuffleSplit(n_splits=1, test_size=size, random_state=training.random_state)
            kept, held_back = next(splitter.split(positions, groups=groups))
        except ValueError as error:
            raise DataError(
                f"{shown(training.group)} has {len(np.unique(groups))} groups in {len(positions)} rows; they "
                "cannot be split.",
                "Name a column with more groups, or set training.group to null.",
            ) from error
        return positions[kept], positions[held_back]

    return cut


def _latest(table: pa.Table, roles: Roles) -> tuple[Cutter, list[Note]]:
    """Return what cuts off the latest positions; what happened at the same moment stays on the later side."""
    if roles.time in table.column_names:
        when, notes = moments.ranks(table.column(str(roles.time)), str(roles.time)), []
    else:
        message = "No column has the role time, so the stored order of the rows counts as their order in time."
        step = "Name the column that tells it: mlops data add FILE --time COLUMN."
        when, notes = np.arange(table.num_rows), [Note("stored_order", None, message, "note", step)]

    def cut(positions: np.ndarray, size: float) -> tuple[np.ndarray, np.ndarray]:
        order = positions[np.argsort(when[positions], kind="stable")]
        moments = when[order]
        first_held_back = moments[-max(1, round(size * len(order)))]
        if first_held_back == moments[0]:
            later = moments[moments > moments[0]]  # a first moment longer than the train part is all of it
            if not len(later):
                raise DataError(
                    f"All {len(order):,} rows happened at the same time, so none is the latest.",
                    "Use training.split: random.",
                )
            first_held_back = later[0]
        return order[moments < first_held_back], order[moments >= first_held_back]

    return cut, notes
