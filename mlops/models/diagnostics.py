"""Diagnostics: where a model is right and where it is not, beyond one number.

*Calibration* asks whether what is said to happen with 30 % happens in 30 % of the cases. *Histograms* show how far the
scores of the classes lie apart. *Slices* measure the model on parts of the rows: one level of a column, or a quarter of
its values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlops.base.errors import InvalidError
from mlops.base.records import Record
from mlops.data import tables
from mlops.models import intervals, metrics
from mlops.models.signature import Signature

BINS = 10
"""Bins of a calibration curve, at most."""
HISTOGRAM_BINS = 20
"""Bins of a histogram of probabilities, each as wide as the others."""
LEVELS = 10
"""Slices by levels, at most: of a column with more, the rarest share one."""
QUARTERS = 4
"""Slices by a column of numbers or dates that has more than `LEVELS` different values."""
FEW_ROWS = 50
"""Rows below which a slice is small: its interval is so wide that a difference to the rest is mostly luck."""


@dataclass(frozen=True)
class Bin(Record):
    """Neighbouring scores, and what happened to their rows."""

    predicted: float
    """Their mean."""
    observed: float
    """Fraction of the rows that are of the class; for regression the mean of the true values."""
    low: float | None
    high: float | None
    """Ends of the 95 % interval of `observed`; None where one number says nothing of its spread."""
    rows: int


@dataclass(frozen=True)
class Slice(Record):
    """A part of the rows, and how good the model is there."""

    name: str
    """A level, ``(others)``, ``(missing)``, or a range: ``over 20 to 35``."""
    rows: int
    small: bool
    """Whether it has fewer than `FEW_ROWS` rows."""
    metrics: Mapping[str, float | None]
    """As of `metrics.of`; None where undefined, such as an AUC of one class."""
    intervals: Mapping[str, Sequence[float]]
    """95 % intervals, as of `intervals.of`."""


def calibration(labels: np.ndarray, scores: np.ndarray, signature: Signature, bins: int = BINS) -> dict[str, list[Bin]]:
    """Return what was predicted beside what happened, in bins with about as many rows each.

    Parameters
    ----------
    labels, scores, signature
        As for `metrics.of`.
    bins : int
        Bins at most; equal scores are never parted, so a model that says few different things has fewer.

    Returns
    -------
    dict of str to list of Bin
        For each class by its name, one against the rest (binary: the positive class only); for regression one
        curve, by the name of the target. Bins without rows do not occur.

    References
    ----------
    A. Niculescu-Mizil and R. Caruana, "Predicting good probabilities with supervised learning", ICML 2005 (the
    curve); K. Nguyen and B. O'Connor, "Posterior calibration and exploratory analysis for natural language processing
    models", EMNLP 2015 (equal counts). Intervals: Wilson's; of means of true values Student's.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> asked = SimpleNamespace(task="binary", labels=(0, 1), positive=1)
    >>> [low, high] = calibration(np.array([0, 0, 1, 1]), np.array([0.1, 0.3, 0.3, 0.8]), asked, bins=2)["1"]
    >>> round(low.predicted, 4), round(low.observed, 4), low.rows, high.rows
    (0.2333, 0.3333, 3, 1)
    """
    if signature.task == "regression":
        actual = np.asarray(labels, dtype=float)
        return {signature.target: [_mean_bin(actual[rows], scores[rows]) for rows in _binned(scores, bins)]}
    curves = {}
    for label, given in _by_class(scores, signature):
        hits = labels == label
        curves[str(label)] = [_share_bin(hits[rows], given[rows]) for rows in _binned(given, bins)]
    return curves


def histograms(labels: np.ndarray, scores: np.ndarray, signature: Signature) -> dict[str, Any]:
    """Count probabilities by true class: the further apart the classes lie, the better the model tells them apart.

    Parameters
    ----------
    labels, scores, signature
        As for `metrics.of`.

    Returns
    -------
    dict
        ``edges`` of `HISTOGRAM_BINS` bins between 0 and 1; ``probability_of``, the class whose probability is counted
        (binary: the positive one; multiclass None: of each row its own true class); and ``counts`` by true class.

    Raises
    ------
    InvalidError
        For regression, which predicts no probability.
    """
    if signature.task == "regression":
        raise InvalidError(
            f"{signature.target} is a number: a regression has no probabilities by class.",
            "Look at the errors: the curve of residuals.",
        )
    edges = np.linspace(0, 1, HISTOGRAM_BINS + 1)
    binary = signature.task == "binary"
    counts = {}
    for index, label in enumerate(signature.labels):
        mine = labels == label
        counts[str(label)] = np.histogram(scores[mine] if binary else scores[mine, index], edges)[0].tolist()
    return {"edges": edges.tolist(), "probability_of": signature.positive if binary else None, "counts": counts}


def slices(
    labels: np.ndarray, scores: np.ndarray, signature: Signature, threshold: float, column: pa.ChunkedArray
) -> list[Slice]:
    """Measure a model on each slice of its rows.

    Many slices are looked at at once, so one of them can look bad by luck: of twenty intervals of 95 %, one misses.

    Parameters
    ----------
    labels, scores, signature, threshold
        As for `metrics.of`.
    column : pyarrow.ChunkedArray of shape (n_rows,)
        The values by which rows are sliced, in the same order; of a type of `mlops.data.tables`. Up to `LEVELS`
        different values are a slice each; of more, numbers and dates are sliced at their quartiles, and of texts the
        most frequent are kept.

    Returns
    -------
    list of Slice
        Texts by frequency, numbers and dates upwards, missing values last.

    Raises
    ------
    InvalidError
        If there are not as many values as rows.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> asked = SimpleNamespace(task="regression")
    >>> region = pa.chunked_array([["north", "north", None]], pa.large_string())
    >>> found = slices(np.array([1.0, 2.0, 3.0]), np.array([1.0, 3.0, 3.5]), asked, 0.5, region)
    >>> [(one.name, one.rows, one.small, one.metrics["mae"]) for one in found]
    [('north', 2, True, 0.5), ('(missing)', 1, True, 0.5)]
    """
    if len(column) != len(labels):
        raise InvalidError(f"{len(column)} values cannot slice {len(labels)} rows.", "Give one value for each row.")
    found = []
    for name, rows in _groups(column):
        every = metrics.of(labels[rows], scores[rows], signature, threshold)
        found.append(Slice(name, len(rows), len(rows) < FEW_ROWS, metrics.numbers(every), intervals.of(every)))
    return found


def _by_class(scores: np.ndarray, signature: Signature) -> Iterator[tuple[Any, np.ndarray]]:
    if signature.task == "binary":
        yield signature.positive, scores
    else:
        yield from ((label, scores[:, index]) for index, label in enumerate(signature.labels))


def _binned(values: np.ndarray, bins: int) -> list[np.ndarray]:
    """Return positions of values in bins with about as many values each; equal values share a bin."""
    if not len(values):
        return []
    which = np.searchsorted(_cuts(values, bins), values, side="left")
    return [np.flatnonzero(which == one) for one in np.unique(which)]


def _cuts(values: np.ndarray, parts: int) -> np.ndarray:
    """Return the values, each of them one that occurs, at which all parts but the last one end; no part is empty."""
    ordered = np.sort(values)
    below = ordered[ordered < ordered[-1]]
    ends = np.maximum(np.ceil(len(ordered) * np.arange(1, parts) / parts).astype(int) - 1, 0)
    cuts = np.unique(ordered[ends[ends < len(below)]])
    return cuts if len(cuts) else below[-1:]


def _share_bin(hits: np.ndarray, scores: np.ndarray) -> Bin:
    observed = float(hits.mean())
    low, high = intervals.wilson(observed, len(hits))
    return Bin(float(scores.mean()), observed, low, high, len(hits))


def _mean_bin(actual: np.ndarray, predicted: np.ndarray) -> Bin:
    low, high = intervals.mean_interval(actual) if len(actual) > 1 else (None, None)
    return Bin(float(predicted.mean()), float(actual.mean()), low, high, len(actual))


def _groups(column: pa.ChunkedArray) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the name and the positions of each slice."""
    counts = {one["values"]: one["counts"] for one in pc.value_counts(column.drop_null()).to_pylist()}
    has_order = tables.type_of(column.type) in ("integer", "number", "date", "datetime")
    if has_order and len(counts) > LEVELS:
        yield from _ranges(column)
    else:
        yield from _levels(column, sorted(counts) if has_order else sorted(counts, key=lambda level: -counts[level]))
    if column.null_count:
        yield "(missing)", _where(pc.is_null(column))


def _levels(column: pa.ChunkedArray, levels: list[Any]) -> Iterator[tuple[str, np.ndarray]]:
    kept = levels if len(levels) <= LEVELS else levels[: LEVELS - 1]
    for level in kept:
        yield _called(level), _where(pc.equal(column, pa.scalar(level, column.type)))
    if len(kept) < len(levels):
        rare = pa.array(levels[len(kept) :], column.type)
        yield "(others)", _where(pc.is_in(column, rare))


def _ranges(column: pa.ChunkedArray) -> Iterator[tuple[str, np.ndarray]]:
    known = _where(pc.is_valid(column))
    values = column.take(pa.array(known)).to_numpy()
    cuts = _cuts(values, QUARTERS)
    which = np.searchsorted(cuts, values, side="left")
    ends = [_called(end) for end in cuts.tolist()] if values.dtype.kind != "M" else [str(end) for end in cuts]
    names = [f"up to {ends[0]}", *(f"over {low} to {high}" for low, high in pairwise(ends))]
    for number, name in enumerate([*names, f"over {ends[-1]}"]):
        yield name, known[which == number]


def _where(mask: Any) -> np.ndarray:
    return np.flatnonzero(np.asarray(pc.fill_null(mask, False)).astype(bool))


def _called(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.0f}" if 1e6 <= abs(value) < 1e15 else f"{value:.6g}"  # 1.23457e+06 is nobody's income
    return value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
