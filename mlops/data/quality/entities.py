"""Entities: customers, patients, machines that have several rows, found by what their rows have in common.

Whoever stays a customer has the same outcome in every month. Then a random split tests a model on customers whose
outcome it has learned, and any column that names them - whatever it is called - gives the answer away.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

MIN_REPEATED = 20
"""Different values that must repeat for a column to name entities rather than kinds."""

HARDLY = 0.1
"""Part of the chance that rows of one value have another target, up to which they hardly ever do."""

NEIGHBOURS = 4
"""Values that follow each other and are taken for one, to see whether a number is a quantity."""

CERTAIN = 6
"""Standard deviations that chance must be away."""


def is_entity(column: pa.ChunkedArray, target: pa.ChunkedArray, *, numeric: bool) -> bool:
    """Tell whether a column names entities: its values repeat, and within one the target hardly ever differs.

    It does at most a tenth as often as in shuffled rows, six standard deviations from chance. Only texts and whole
    numbers, also such as 1000.0, name anything, with at least 20 values that repeat. A whole number that names things
    has no order that matters: where four values that follow each other agree half as well as one with itself, it is a
    quantity.

    Of the public sets measured, with every column that can name something: none; the closest are the name of a car
    for its consumption (mpg, 0.14 of chance instead of 0.1) and the flipper of a penguin (0.40). A customer's rows
    are not found if the outcome changes within them, nor if customers are numbered in the order of their outcome.

    Parameters
    ----------
    column, target : pyarrow.ChunkedArray
        Values of the same rows; the target is known in each.
    numeric : bool
        Whether the target is a number; otherwise it holds classes.
    """
    is_number = pa.types.is_integer(column.type) or _is_whole(column)
    if not (is_number or pa.types.is_large_string(column.type)):
        return False
    known = pc.is_valid(column)
    encoded = pc.dictionary_encode(column.filter(known).combine_chunks())
    codes = encoded.indices.to_numpy()
    if np.count_nonzero(np.bincount(codes) > 1) < MIN_REPEATED:
        return False
    truth = target.filter(known)
    told = truth.cast(pa.float64(), safe=False) if numeric else pc.dictionary_encode(truth.combine_chunks()).indices
    share = _agreement(codes, told.to_numpy(), numeric=numeric)
    if share < 1 - HARDLY or not is_number:
        return share >= 1 - HARDLY
    neighbours = np.argsort(np.argsort(encoded.dictionary.to_numpy())) // NEIGHBOURS
    return _agreement(neighbours[codes], told.to_numpy(), numeric=numeric) < share / 2


def _is_whole(column: pa.ChunkedArray) -> bool:
    """Tell whether a column of numbers holds whole ones only: pandas writes ids with a gap as 1000.0."""
    if not pa.types.is_floating(column.type):
        return False
    values = column.drop_null().to_numpy()
    return bool((values == np.floor(values)).all())


def _agreement(codes: np.ndarray, truth: np.ndarray, *, numeric: bool) -> float:
    """Return how much less the targets of one value differ than those of shuffled rows: 1 never, 0 as much or chance.

    Among the rows that repeat a value, those of another class than most are counted, or the variance is.
    """
    rows = len(codes) - np.count_nonzero(np.bincount(codes))
    count = _variance if numeric else _others
    if (found := count(codes, truth)) > HARDLY * rows and not numeric:
        return 0.0  # it could not be a tenth of the chance; most columns end here
    usual = count(codes, truth[np.random.default_rng(0).permutation(len(truth))])
    certain = usual > 0 and usual - found >= CERTAIN * np.sqrt(usual)
    return 1 - found / usual if certain else 0.0


def _others(codes: np.ndarray, classes: np.ndarray) -> float:
    """Count the rows that have another class than most rows of their value."""
    values, width = int(codes.max()) + 1, int(classes.max()) + 1
    pairs = codes.astype(np.int64) * width + classes
    if values * width <= 4 * len(codes):
        return float(len(codes) - np.bincount(pairs, minlength=values * width).reshape(values, width).max(axis=1).sum())
    pairs, counts = np.unique(pairs, return_counts=True)
    most = np.zeros(values, np.int64)
    np.maximum.at(most, pairs // width, counts)
    return float(len(codes) - most.sum())


def _variance(codes: np.ndarray, values: np.ndarray) -> float:
    """Add up the squared distances to the mean of their value, in variances of all."""
    values = values / (np.abs(values).max() or 1.0)  # squares of very large numbers would overflow
    counts = np.maximum(np.bincount(codes), 1)
    within = ((values - (np.bincount(codes, values) / counts)[codes]) ** 2).sum()
    return float(within / (values.var() or 1.0))
