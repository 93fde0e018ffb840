"""Strength: one column alone, told by other rows."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import r2_score, roc_auc_score
from sklearn.model_selection import KFold, cross_val_predict
from sklearn.tree import DecisionTreeRegressor

from mlops.data.quality.strength import MAX_BINS, levels_of, strength

RANDOM = np.random.default_rng(5)
ROWS = 2000
SCORE = RANDOM.normal(0, 1, ROWS)
SOLD = (SCORE + RANDOM.normal(0, 1, ROWS) > 1).astype(int)


def column(values) -> pa.ChunkedArray:
    array = pa.array(values)
    return pa.chunked_array([array.cast(pa.large_string()) if pa.types.is_string(array.type) else array])


def test_a_monotone_number_has_the_auc_of_the_number_itself():
    """Bins are narrow enough to lose next to nothing."""
    assert strength(column(SCORE), column(SOLD), numeric=False) == pytest.approx(roc_auc_score(SOLD, SCORE), abs=0.015)


def test_the_direction_and_the_shape_do_not_matter():
    """Both ends of a number can mean the same, and the labels may be swapped."""
    far = (np.abs(SCORE) > 1).astype(int)

    assert strength(column(SCORE), column(far), numeric=False) > 0.98
    assert strength(column(-SCORE), column(1 - SOLD), numeric=False) == pytest.approx(
        strength(column(SCORE), column(SOLD), numeric=False), abs=0.01
    )


def test_a_number_is_told_as_well_as_by_a_tree_of_as_many_leaves():
    """R2 of held-out rows, measured in another way."""
    target = SCORE**2 + RANDOM.normal(0, 0.5, ROWS)
    tree = DecisionTreeRegressor(max_leaf_nodes=MAX_BINS, min_samples_leaf=20, random_state=0)
    told = cross_val_predict(tree, SCORE[:, None], target, cv=KFold(5, shuffle=True, random_state=0))

    assert strength(column(SCORE), column(target), numeric=True) == pytest.approx(r2_score(target, told), abs=0.05)


@pytest.mark.parametrize("values", [[f"row {n}" for n in range(ROWS)], [7.0] * ROWS, [None] * 1999 + [1.0]])
def test_what_says_nothing_about_other_rows_has_the_strength_of_chance(values):
    """Words that never repeat and a constant: learnt by heart, they would look perfect."""
    assert strength(column(values), column(SOLD), numeric=False) == pytest.approx(0.5, abs=0.03)
    assert strength(column(values), column(SCORE), numeric=True) == pytest.approx(0, abs=0.03)


def test_a_copy_of_the_target_is_perfect():
    """As a number, as words, as one of several classes, and where it is only present or missing."""
    three = np.array(["a", "b", "c"])[np.digitize(SCORE, [-0.5, 0.5])]

    assert strength(column(SOLD), column(SOLD), numeric=False) == 1
    assert strength(column(three.tolist()), column(three.tolist()), numeric=False) == 1
    assert strength(column([1.0 if sold else None for sold in SOLD]), column(SOLD), numeric=False) == 1
    assert strength(column(SCORE), column(SCORE), numeric=True) > 0.99


def test_a_few_rows_of_a_frequent_number_do_not_drown():
    """Nine zeros in ten and a rare positive amount: the amount is not rounded to zero."""
    amounts = np.where(np.arange(ROWS) % 100 == 0, SCORE**2 + 1, 0.0)

    assert strength(column(amounts), column((amounts > 0).astype(int)), numeric=False) == 1


@pytest.mark.parametrize("values", [[1e308, -1e308, 0.0] * 40, [2**62, -(2**62), 1] * 40, [5e-324, 0.0, 1.0] * 40])
def test_numbers_at_the_end_of_the_scale_are_measured(values):
    """As feature and as target, without an overflow."""
    assert strength(column(values), column([1, 0, 0] * 40), numeric=False) == 1
    assert strength(column(values), column(values), numeric=True) > 0.99


def test_levels_are_at_most_the_bins_and_the_frequent_numbers():
    """A number with few values keeps each; one with many is cut into parts of about as many rows."""
    assert sorted(np.bincount(levels_of(column([3, 1, None, 3]), 8))) == [1, 1, 2]
    counts = np.bincount(levels_of(column(SCORE), 8))
    assert len(counts) == 8 and counts.min() > 0.9 * ROWS / 8
