"""Scoring: from rows to probabilities to predictions, in one way for every door.

Screens, CLI, batch and REST all score through `probabilities`, so one customer gets one answer to the last digit.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from threadpoolctl import threadpool_limits

from mlops import tables
from mlops.datasets import DatasetVersion
from mlops.errors import IntegrityError
from mlops.signature import Signature

REMEMBERED_LEVELS = 1000
"""Levels of a text feature that are remembered; beyond, nobody is warned about unseen ones."""


def signature_of(table: pa.Table, version: DatasetVersion, features: list[str]) -> Signature:
    """Return the signature of a model for labelled rows."""
    columns = {column["name"]: column for column in tables.schema_of(table)}
    described = [{**columns[name], "levels": _levels(table.column(name))} for name in features]
    target = str(version.target)
    labels = sorted(pc.unique(table.column(target)).to_pylist()) if version.task != "regression" else []
    used = {*features, target, version.id}
    return Signature(
        features=tuple(described),
        target=target,
        task=version.task or "binary",
        labels=tuple(labels),
        positive=version.positive,
        id=version.id,
        ignored=tuple(name for name in table.column_names if name not in used),
    )


def probabilities(pipeline: Any, frame: pd.DataFrame, signature: Signature) -> np.ndarray:
    """Score rows.

    Parameters
    ----------
    pipeline : sklearn Pipeline
        A fitted model.
    frame : pandas.DataFrame of shape (n_rows, n_features)
        The features as `tables.frame_of` makes them.
    signature : Signature
        The model's signature.

    Returns
    -------
    ndarray
        Binary: probability of the positive class, shape (n_rows,). Multiclass: one column for each of
        `signature.labels`, shape (n_rows, n_classes). Regression: predicted values, shape (n_rows,).
    """
    if frame.shape[0] == 0:
        return np.empty((0, len(signature.labels)) if signature.task == "multiclass" else 0)
    # One thread: the order of additions, and so the last digit, must not depend on the machine.
    with threadpool_limits(1):
        if signature.task == "regression":
            return np.asarray(pipeline.predict(frame), dtype=float)
        scores = np.asarray(pipeline.predict_proba(frame), dtype=float)
    if signature.task == "binary":
        return scores[:, list(pipeline.classes_).index(signature.positive)]
    return scores


def load(data: bytes, owner: str) -> Any:
    """Return the fitted pipeline in the bytes of a joblib file.

    Such a file can run code when it is loaded: hand over only bytes that the ledger names as a model trained here.

    Parameters
    ----------
    data : bytes
        Read and checked by `Artifacts.read`.
    owner : str
        Whose model it is, for the message.

    Raises
    ------
    IntegrityError
        If the packages installed here cannot read it.
    """
    import joblib

    try:
        return joblib.load(io.BytesIO(data))
    except Exception as error:  # the bytes are right, so it is the packages that are not
        raise IntegrityError(
            f"{owner} cannot be loaded with the packages installed here: {type(error).__name__}: {error}.",
            "Install those of its run: requirements.txt in its folder.",
        ) from error


def frame_of_rows(rows: Sequence[Mapping[str, Any]], signature: Signature) -> pd.DataFrame:
    """Return complete rows of plain values as the frame that `probabilities` takes."""
    columns = {
        feature["name"]: pa.chunked_array(
            [pa.array([row[feature["name"]] for row in rows], tables.ARROW[feature["type"]])]
        )
        for feature in signature.features
    }
    return tables.frame_of(pa.table(columns), signature.names)


def decide(scores: np.ndarray, signature: Signature, threshold: float) -> list[Any]:
    """Turn scores into predictions in the target's own spelling."""
    if signature.task == "regression":
        return [float(score) for score in scores]
    if signature.task == "multiclass":
        return [signature.labels[best] for best in scores.argmax(axis=1)] if len(scores) else []
    negative = next((label for label in signature.labels if label != signature.positive), None)
    return [signature.positive if score >= threshold else negative for score in scores]


def _levels(column: pa.ChunkedArray) -> list[str] | None:
    if not pa.types.is_large_string(column.type):
        return None
    levels = pc.unique(column.drop_null()).to_pylist()
    return sorted(levels) if len(levels) <= REMEMBERED_LEVELS else None
