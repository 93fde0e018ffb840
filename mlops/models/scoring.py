"""Scoring: from rows to probabilities to predictions, in one way for every door.

Screens, CLI, batch and REST all score through `probabilities`, so one customer gets one answer to the last digit.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import pyarrow as pa
from scipy.sparse import issparse
from threadpoolctl import ThreadpoolController

from mlops.base.artifacts import Artifacts
from mlops.base.errors import DataError, IntegrityError
from mlops.models import estimators
from mlops.models.matrix import Cells, Columns
from mlops.models.signature import Intake, Signature, misfit

KEPT = 256 << 20
"""Bytes of the files whose pipelines stay in memory: many small ones, or a few large ones; see `load`."""

AT_ONCE = 10_000
"""Rows of a file that are asked about at once: more take more memory, and a model that holds the interpreter as long as
it computes would keep it longer from who reads and writes."""

HELD = "a number that the model can hold"
"""What a number must be beyond its type; see `answers`."""


def probabilities(pipeline: Any, asked: Any, signature: Signature) -> np.ndarray:
    """Score rows.

    Parameters
    ----------
    pipeline : sklearn Pipeline
        A fitted model.
    asked : Cells, or matrix of shape (n_rows, n_columns)
        The features; for a pipeline without preprocessing, the matrix.
    signature : Signature
        The model's signature.

    Returns
    -------
    ndarray
        Binary: probability of the positive class, shape (n_rows,). Multiclass: one column for each of
        `signature.labels`, shape (n_rows, n_classes). Regression: predicted values, shape (n_rows,).

    Raises
    ------
    DataError
        If a row holds a number that the model cannot hold; see `answers`.
    """
    scores, beyond = answers(pipeline, asked, signature)
    if beyond:
        rows = f"{len(beyond):,} of {len(scores):,} rows"
        raise DataError(
            f"{next(iter(beyond.values()))} is not {HELD}, in {rows}.", "Correct the numbers, or leave these rows out."
        )
    return scores


def answers(pipeline: Any, asked: Any, signature: Signature) -> tuple[np.ndarray, dict[int, str]]:
    """Score the rows that can be scored, as `probabilities` does.

    A model computes with numbers of a certain size: trees with 32 bits, others with 64, some with squares. What is
    beyond that, alone or after scaling, gives an error or no number at all; such rows are not scored.

    Returns
    -------
    scores : ndarray
        NaN in the rows that cannot be scored, and only there.
    beyond : dict of int to str
        Position of each of these rows -> the feature whose number is too large.
    """
    rows = asked.shape[0]
    scores = np.full((rows, len(signature.labels)) if signature.task == "multiclass" else rows, np.nan)
    if rows == 0:
        return scores, {}
    numbers = [feature["name"] for feature in signature.features if feature["type"] != "text"]
    # One thread: the order of additions, and so the last digit, must not depend on the machine.
    with _controller(len(sys.modules)).limit(limits=1), np.errstate(over="ignore", invalid="ignore"):
        matrix = asked
        for step in _before_the_model(pipeline):
            matrix = step.transform(matrix)
        beyond = {row: numbers[column] for row, column in unheld(matrix, estimators.largest(pipeline[-1])).items()}
        held = np.ones(rows, bool)
        held[[*beyond]] = False
        if held.any():
            scores[held] = _scored(pipeline[-1], matrix if held.all() else matrix[held], signature)
        for row in np.flatnonzero(held & ~np.isfinite(scores.reshape(rows, -1)).all(axis=1)):
            scores[row], beyond[int(row)] = np.nan, numbers[_largest(matrix[row], len(numbers))]
    return scores, dict(sorted(beyond.items()))


def _before_the_model(pipeline: Any) -> list[Any]:
    """Return what makes the matrix of rows: the columns first."""
    if (steps := _steps.get(pipeline)) is None:
        made = [step for _, step in pipeline.steps[:-1]]
        steps = _steps[pipeline] = [*map(Columns, made[:1]), *made[1:]]
    return steps


_steps: WeakKeyDictionary[Any, list[Any]] = WeakKeyDictionary()


@lru_cache(maxsize=1)
def _controller(modules: int) -> ThreadpoolController:
    """Return what sets the threads of the libraries of this process: they come with modules, and are found slowly."""
    return ThreadpoolController()


Answers = tuple[np.ndarray, dict[int, str]]
"""What `answers` returns."""


def answered(pipeline: Any, block: pa.Table, rows: Intake) -> tuple[np.ndarray, dict[int, dict[str, Any]]]:
    """Score the next block of rows that are held against the model's signature.

    Returns
    -------
    scores : ndarray
        As `probabilities` returns them; NaN in the rows that cannot be answered, and only there.
    unusable : dict of int to dict
        Position in the block of each of these rows -> why, as a misfit.
    """
    start, (taken, unusable) = rows.rows, rows.take(block)
    return of_block(block, start, unusable, lambda: asked(pipeline, taken, unusable, rows.learned))


def asked(pipeline: Any, taken: pa.Table, unusable: Mapping[int, Any], learned: Signature) -> Answers:
    """Answer the usable rows of a block, as `answers` does: a function of what is given, and of nothing else.

    Parameters
    ----------
    taken : pyarrow.Table
        The features of all rows, in types that the model takes.
    unusable : mapping
        Its keys are the positions of the rows that cannot be used.
    """
    rows = taken.take(usable(taken, unusable)) if unusable else taken
    starts = range(0, max(rows.num_rows, 1), AT_ONCE)
    parts = [answers(pipeline, Cells.of_table(rows.slice(start, AT_ONCE), learned), learned) for start in starts]
    beyond = {start + row: name for start, (_, found) in zip(starts, parts, strict=True) for row, name in found.items()}
    return np.concatenate([scores for scores, _ in parts]), beyond


def of_block(
    block: pa.Table, start: int, unusable: Mapping[int, dict[str, Any]], ask: Callable[[], Answers]
) -> tuple[np.ndarray, dict[int, dict[str, Any]]]:
    """Return scores of all rows of a block, and why there is none where there is none; see `answered`.

    Parameters
    ----------
    start : int
        Position of its first row in the file.
    ask : callable
        Answers the usable rows, as `asked` does.
    """
    good = usable(block, unusable)
    found, beyond = ask()
    scores = np.full((block.num_rows, *found.shape[1:]), np.nan)
    scores[good] = found
    large = {
        int(good[place]): misfit(start + int(good[place]), name, HELD, block.column(name)[int(good[place])].as_py())
        for place, name in beyond.items()
    }
    return scores, {**unusable, **large}


def usable(block: pa.Table, unusable: Mapping[int, Any]) -> np.ndarray:
    """Return the positions of the other rows."""
    rows = np.arange(block.num_rows)
    return np.delete(rows, [*unusable]) if unusable else rows


def unheld(matrix: Any, largest: float) -> dict[int, int]:
    """Return row -> first column with a number of a larger size than the largest one, or with none."""
    if issparse(matrix):
        entries = matrix.tocoo()
        bad = ~(np.abs(entries.data) <= largest)
        places = zip(entries.row[bad][::-1].tolist(), entries.col[bad][::-1].tolist(), strict=True)
    else:
        rows, columns = np.nonzero(~(np.abs(matrix) <= largest))
        places = zip(rows[::-1].tolist(), columns[::-1].tolist(), strict=True)
    return dict(places)


def _scored(model: Any, matrix: Any, signature: Signature) -> np.ndarray:
    if signature.task == "regression":
        return np.asarray(model.predict(matrix), dtype=float)
    scores = np.asarray(model.predict_proba(matrix), dtype=float)
    return scores[:, list(model.classes_).index(signature.positive)] if signature.task == "binary" else scores


def _largest(row: Any, columns: int) -> int:
    values = row.toarray()[0] if issparse(row) else row
    return int(np.abs(values[:columns]).argmax())


def load(artifacts: Artifacts, path: str, sha256: str, owner: str) -> Any:
    """Return the fitted pipeline in a joblib file of the workspace.

    Such a file can run code when it is loaded: name only a hash that stands in the ledger as that of a model trained
    here. The bytes are read once, checked, and those bytes are loaded. The pipelines that were asked last stay in
    memory, by their hash, and are shared by all threads; a file is read again only if it is another one on the disk
    than the one that was checked, so whatever is done to it is noticed.

    Parameters
    ----------
    path, sha256 : str
        The file below the workspace, and its hash in the ledger.
    owner : str
        Whose model it is, for the message.

    Raises
    ------
    IntegrityError
        If it is not the file that was recorded, or the packages installed here cannot read it.
    """
    mark = _mark(artifacts.path(path))  # before its bytes are read: what happens to it meanwhile is seen next time
    with _lock:
        pipeline, marks, size = _kept.pop(sha256, (None, set(), 0))
        if marks:
            _kept[sha256] = pipeline, marks, size  # the last in line
        if mark and mark in marks:
            return pipeline
    data = artifacts.read(path, sha256)
    pipeline = _unpickled(data, owner) if pipeline is None else pipeline
    with _lock:
        _kept[sha256] = pipeline, {*marks, mark}, len(data)
        while len(_kept) > 1 and sum(one[2] for one in _kept.values()) > KEPT:
            del _kept[next(iter(_kept))]
    return pipeline


_kept: dict[str, tuple[Any, set[tuple[int, ...]], int]] = {}
"""Pipelines by the hash of their file, with the files that were found to hold it and their size; the last one was asked
last."""
_lock = Lock()


def _mark(file: Path) -> tuple[int, ...]:
    """Return what tells a file from any other one, and from itself before it was changed."""
    with suppress(OSError):
        found = file.stat()
        return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
    return ()


def _unpickled(data: bytes, owner: str) -> Any:
    import joblib

    try:
        return joblib.load(io.BytesIO(data))
    except Exception as error:  # the bytes are right, so it is the packages that are not
        raise IntegrityError(
            f"{owner} cannot be loaded with the packages installed here: {type(error).__name__}: {error}.",
            "Install those of its run: requirements.txt in its folder.",
        ) from error


def decide(scores: np.ndarray, signature: Signature, threshold: float) -> list[Any]:
    """Turn scores into predictions in the target's own spelling."""
    if signature.task == "regression":
        return [float(score) for score in scores]
    if signature.task == "multiclass":
        return [signature.labels[best] for best in scores.argmax(axis=1)] if len(scores) else []
    negative = next((label for label in signature.labels if label != signature.positive), None)
    return [signature.positive if score >= threshold else negative for score in scores]
