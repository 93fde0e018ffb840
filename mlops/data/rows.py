"""Rows: which rows of a version have an outcome, and what names them.

Runs must be able to tell which rows they share: only those that were judged on the same rows with the same outcomes
are ranked, and only rows that no model has learned from say how good it is.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from mlops.base.errors import DataError, shown
from mlops.base.notes import Note
from mlops.data import tables
from mlops.data.versions import DatasetVersion

ROW = "\0row"
"""Column of a labelled table: the position of each row in its dataset version."""


MIN_ROWS = 30
"""Labelled rows below which three splits mean nothing."""


def labelled(table: pa.Table, version: DatasetVersion) -> tuple[pa.Table, list[Note]]:
    """Keep the rows whose outcome is known, with their positions as another column; say how many were left out.

    Raises
    ------
    DataError
        If fewer than `MIN_ROWS` are kept.
    """
    target = str(version.target)
    if target not in table.column_names:
        raise DataError(
            f"{version.ref} has no column {shown(target)}, and on this date no outcome of it is known.",
            f"Add outcomes (mlops labels add FILE --dataset {version.name}) or wait for them (mlops clock set TIME).",
        )
    known = table.filter(pc.is_valid(table.column(target))).append_column(
        ROW, pa.array(np.flatnonzero(np.asarray(pc.is_valid(table.column(target)))))
    )
    if known.num_rows < MIN_ROWS:
        raise DataError(
            f"{version.ref} has {known.num_rows} rows with a known {shown(target)}; training needs "
            f"at least {MIN_ROWS}.",
            "Use a version with more rows, or add outcomes with mlops labels add.",
        )
    without = table.num_rows - known.num_rows
    message = f"{without:,} rows have no {target} and were left out."
    return known, [Note("unlabelled_rows", target, message)] if without else []


def row_hashes(table: pa.Table, version: DatasetVersion) -> np.ndarray:
    """Name each row, so that two runs can tell which rows both have seen.

    A row is its id where ids are unique; otherwise it is its whole content.
    """
    if version.id in table.column_names and pc.count_distinct(table.column(version.id)).as_py() == table.num_rows:
        named = pd.DataFrame({"id": table.column(version.id).cast(pa.large_string()).to_pandas().astype(object)})
    else:
        names = sorted(name for name in table.column_names if name not in (ROW, version.id))
        named = tables.frame_of(pa.table({name: _dates_as_text(table.column(name)) for name in names}), names)
    return pd.util.hash_pandas_object(named, index=False).to_numpy()


def rows_sha256(hashes: np.ndarray, truth: np.ndarray, positive: Any) -> str:
    """Return the hash of a set of rows and of what is asked of them, whatever their order.

    Equal ones mean the same rows with the same outcomes: only then do metrics rank.

    Parameters
    ----------
    hashes : ndarray of shape (n_rows,)
        As `row_hashes` names the rows.
    truth : ndarray of shape (n_rows,)
        Their outcomes, spelled as in the data.
    positive : object
        The class that is looked for; None if there is none.
    """
    asked = pd.DataFrame({"row": hashes, "truth": pd.Series(truth)})
    named = np.sort(pd.util.hash_pandas_object(asked, index=False).to_numpy())
    return hashlib.sha256(repr(positive).encode() + named.astype("<u8").tobytes()).hexdigest()


def _dates_as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.large_string()) if pa.types.is_temporal(column.type) else column
