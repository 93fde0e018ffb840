"""Strength: how well one column alone tells the target.

Each row is told by the other rows that hold the same value: the share of the class among them, or the mean of the
target. A row never tells itself (five folds, the same for the same rows), so a text that is different in every row
tells nothing, while a copy of the target tells everything. Numbers count as the same value within a narrow bin.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

FOLDS = 5
ROWS_PER_BIN, MIN_BINS, MAX_BINS = 10, 5, 64
MAX_CLASSES = 20


def strength(column: pa.ChunkedArray, target: pa.ChunkedArray, *, numeric: bool) -> float:
    """Measure how well a column alone tells the target.

    Parameters
    ----------
    column : pyarrow.ChunkedArray
        Values of one feature; missing is a value like any other.
    target : pyarrow.ChunkedArray
        The known outcome of the same rows.
    numeric : bool
        Whether the target is a number; otherwise it holds classes.

    Returns
    -------
    float
        For classes, the area under the ROC curve, 0.5 for chance and 1 for perfect: the mean over the folds, and over
        each of the 20 most frequent classes against the rest where there are more than two. For numbers, R2 over all
        folds.

    Examples
    --------
    >>> churn = pa.chunked_array([[0, 0, 0, 1] * 25])
    >>> strength(pa.chunked_array([["stays", "stays", "stays", "left"] * 25]), churn, numeric=False)
    1.0
    """
    levels = levels_of(column, int(np.clip(len(column) // ROWS_PER_BIN, MIN_BINS, MAX_BINS)))
    if numeric:
        return _r2(levels, target.cast(pa.float64(), safe=False).to_numpy())
    classes = levels_of(target.cast(pa.large_string()), 0)
    counts, folds = np.bincount(classes), _folds(classes)
    wanted = np.argsort(-counts, kind="stable")[:MAX_CLASSES] if len(counts) > 2 else (0,)
    return float(np.mean([_auc(levels, classes == one, folds) for one in wanted]))


def levels_of(column: pa.ChunkedArray, bins: int) -> np.ndarray:
    """Number the values of a column, from 0 on; many different numbers share bins of about as many rows each."""
    codes = pc.dictionary_encode(column.combine_chunks(), null_encoding="encode")
    codes = codes.combine_chunks() if isinstance(codes, pa.ChunkedArray) else codes
    if len(codes.dictionary) <= bins or not pa.types.is_primitive(column.type) or pa.types.is_boolean(column.type):
        return codes.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    values = column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    known = values[~np.isnan(values)]
    cuts, times = np.unique(
        np.quantile(known, np.linspace(0, 1, bins + 1)[1:-1], method="inverted_cdf"), return_counts=True
    )
    # A value as frequent as two bins is a bin of its own: the many zeros of an amount are not small amounts.
    cuts = np.sort(np.concatenate([cuts, np.nextafter(cuts[times > 1], np.inf)]))
    return np.where(np.isnan(values), len(cuts) + 1, np.searchsorted(cuts, values, side="right"))


def _folds(classes: np.ndarray) -> np.ndarray:
    """Deal the rows into folds, each class evenly; numbers are dealt as one class."""
    shuffled = np.random.default_rng(0).permutation(len(classes))
    folds = np.empty(len(classes), np.int64)
    folds[shuffled[np.argsort(classes[shuffled], kind="stable")]] = np.arange(len(classes)) % FOLDS
    return folds


def _sums(levels: np.ndarray, folds: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Add up weights by fold and level."""
    width = int(levels.max()) + 1
    return np.bincount(folds * width + levels, weights, FOLDS * width).reshape(FOLDS, width)


def _auc(levels: np.ndarray, positive: np.ndarray, folds: np.ndarray) -> float:
    yes, no = _sums(levels, folds, positive), _sums(levels, folds, ~positive)
    share = positive.mean()
    others_yes, others_no = yes.sum(0) - yes, no.sum(0) - no
    told = (others_yes + share) / (others_yes + others_no + 1)  # one imagined row of the average keeps 1 of 1 modest
    areas = [_area(*fold) for fold in zip(told, yes, no, strict=True) if fold[1].any() and fold[2].any()]
    return float(np.mean(areas)) if areas else 0.5


def _area(told: np.ndarray, yes: np.ndarray, no: np.ndarray) -> float:
    """Return the share of pairs of a positive and a negative row that are told apart; a tie counts one half.

    Hanley and McNeil (1982), The meaning and use of the area under a ROC curve, Radiology 143.
    """
    _, place = np.unique(told, return_inverse=True)
    yes, no = np.bincount(place, yes), np.bincount(place, no)
    return float((yes * (np.cumsum(no) - no / 2)).sum() / (yes.sum() * no.sum()))


def _r2(levels: np.ndarray, values: np.ndarray) -> float:
    values = values / (np.abs(values).max() or 1.0)  # squares of very large numbers would overflow
    spread = ((values - values.mean()) ** 2).sum()
    folds = _folds(np.zeros(len(values), np.int64))
    totals, counts = _sums(levels, folds, values), _sums(levels, folds, np.ones(len(values)))
    others_totals, others_counts = totals.sum(0) - totals, counts.sum(0) - counts
    told = (others_totals + values.mean()) / (others_counts + 1)
    missed = ((values - told[folds, levels]) ** 2).sum()
    return float(1 - missed / spread) if spread > 0 else 0.0
