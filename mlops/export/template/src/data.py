"""Data: the rows that the model learns from, and which of them train it, choose it and examine it."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from sklearn.model_selection import GroupShuffleSplit, train_test_split

PARTS = ("train", "validation", "test")


def load_data(path):
    """Load the data that a note names, if it is still what the note says.

    Returns
    -------
    table : pyarrow.Table
        The rows whose outcome is known.
    rows : ndarray of int
        Where each of them stands in the file.
    note : dict
        What the columns are for, and where the data came from.
    """
    note = json.loads(Path(path).read_text(encoding="utf-8"))
    file = Path(path).with_name(note["file"])
    if hashlib.sha256(file.read_bytes()).hexdigest() != note["file_sha256"]:
        raise ValueError(f"{file.name} is not the data that {Path(path).name} describes: its hash is another one.")
    table = pq.read_table(file)
    known = pc.is_valid(table[note["target"]])
    return table.filter(known), np.flatnonzero(known), note


def labels_of(table, note):
    """Return the outcome of each row, spelled as in the data."""
    return np.array(table[note["target"]].to_pylist())


def split(table, note, training):
    """Divide rows into train, validation and test, as the section `training` of a config says.

    The model learns from the train rows. Thresholds and comparisons use the validation rows. The test rows are for the
    end: whoever looks at them in order to choose has no test any more.

    Returns
    -------
    dict of str to ndarray of int
        Positions in the table; every row is in exactly one part.
    """
    cut = _cutter(table, note, training)
    rest, test = cut(np.arange(table.num_rows), training["test_size"])
    train, validation = cut(rest, training["validation_size"])
    return {"train": train, "validation": validation, "test": test}


def _cutter(table, note, training):
    """Return a function that cuts positions in two: those that stay, and the share that is held back."""
    seed = training["random_state"]
    if training["split"] == "latest":  # the test is later than all that the model learned from, as in life
        when = np.arange(table.num_rows)
        if note["time"] in table.column_names:
            when = pc.rank(table[note["time"]].combine_chunks(), tiebreaker="dense").to_numpy()
        return lambda positions, size: _cut_latest(positions, when, size)
    if training["group"] is not None:  # all rows of one group are on the same side
        column = table[training["group"]].combine_chunks()
        groups = pc.dictionary_encode(column, null_encoding="encode").indices.to_numpy()
        return lambda positions, size: _cut_groups(positions, groups, size, seed)
    labels = labels_of(table, note) if note["task"] != "regression" else None  # each class has its share on both sides

    def cut(positions, size):
        stratify = None if labels is None else labels[positions]
        return train_test_split(positions, test_size=size, random_state=seed, stratify=stratify)

    return cut


def _cut_groups(positions, groups, size, seed):
    splitter = GroupShuffleSplit(n_splits=1, test_size=size, random_state=seed)
    kept, held_back = next(splitter.split(positions, groups=groups[positions]))
    return positions[kept], positions[held_back]


def _cut_latest(positions, when, size):
    """What happened at the same moment stays together, on the later side."""
    order = positions[np.argsort(when[positions], kind="stable")]
    moments = when[order]
    first = moments[-max(1, round(size * len(order)))]
    if first == moments[0]:  # a first moment longer than the part that stays is all of it
        first = moments[moments > moments[0]][0]
    return order[moments < first], order[moments >= first]


def row_hashes(table, note):
    """Name each row by a hash, of its id where ids are unique, else of its content: two trainings can compare rows."""
    if note["id"] in table.column_names and pc.count_distinct(table[note["id"]]).as_py() == table.num_rows:
        named = [table[note["id"]].cast(pa.large_string())]
    else:
        named = [table[name] for name in sorted(table.column_names) if name != note["id"]]
    return pd.util.hash_pandas_object(
        pd.DataFrame({number: _comparable(column) for number, column in enumerate(named)}), index=False
    ).to_numpy()


def _comparable(column):
    if pa.types.is_temporal(column.type):
        column = column.cast(pa.large_string())
    values = column.to_pandas()
    text = pa.types.is_large_string(column.type) or pa.types.is_string(column.type)
    return values.astype(object).where(values.notna(), np.nan) if text else values.astype(float)
