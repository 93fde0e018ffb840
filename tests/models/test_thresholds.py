"""Thresholds: the counts are those of counting, and the best one is the best."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.base.errors import InvalidError
from mlops.models.thresholds import Thresholds, Worth

ROWS = st.lists(st.tuples(st.booleans(), st.sampled_from([0.0, 0.1, 0.35, 0.5, 0.9, 1.0])), min_size=1, max_size=30)
MONEY = st.floats(-100, 100)


def of(rows) -> Thresholds:
    return Thresholds(np.array([truth for truth, _ in rows]), np.array([score for _, score in rows]))


def counted(rows, threshold: float) -> dict[str, float]:
    kinds = [(score >= threshold, truth) for truth, score in rows]
    names = {"tp": (True, True), "fp": (True, False), "fn": (False, True), "tn": (False, False)}
    return {"threshold": threshold, **{name: kinds.count(kind) for name, kind in names.items()}}


@given(ROWS, st.floats(0, 1))
def test_counts_are_those_of_counting(rows, threshold):
    """A row that scores exactly the threshold counts as positive."""
    assert of(rows).at(threshold).as_dict() == counted(rows, threshold)


@given(ROWS)
def test_the_grid_is_many_single_thresholds(rows):
    """Each column says at its place what one look says."""
    grid = of(rows).grid(19)
    assert [{name: column[at] for name, column in grid.items()} for at in (0, 9, 18)] == [
        counted(rows, float(grid["threshold"][at])) for at in (0, 9, 18)
    ]


@given(ROWS, MONEY, MONEY, MONEY, MONEY)
def test_no_score_is_a_better_threshold_than_the_best(rows, tp, fp, fn, tn):
    """Counts change only at scores, so these are all there are to try."""
    worth = Worth(tp, fp, fn, tn)
    best = of(rows).best(worth).worth(worth)
    assert all(of(rows).at(score).worth(worth) <= best + 1e-6 for _, score in rows if 0 < score < 1)


@given(ROWS, st.floats(0.001, 0.999), MONEY, MONEY, MONEY, MONEY)
def test_no_threshold_at_all_is_better_than_the_best(rows, threshold, tp, fp, fn, tn):
    """Neither between the scores nor above them."""
    worth = Worth(tp, fp, fn, tn)
    assert of(rows).at(threshold).worth(worth) <= of(rows).best(worth).worth(worth) + 1e-6


def test_where_acting_never_pays_the_best_threshold_lets_everybody_be():
    """It lies above every score, and below 1 all the same."""
    best = of([(True, 0.9), (False, 0.4)]).best(Worth(tp=-1, fp=-5))
    assert (best.tp, best.fp) == (0, 0) and 0.9 < best.threshold < 1
    almost_certain = float(np.nextafter(1, 0))
    assert of([(True, almost_certain)]).best(Worth(tp=-1)).threshold == almost_certain


def test_figures_of_a_threshold():
    """What is undefined is None, not zero."""
    counts = of([(True, 0.9), (True, 0.1), (False, 0.8), (False, 0.2)]).at(0.5)
    assert (counts.precision, counts.recall, counts.accuracy) == (0.5, 0.5, 0.5)
    nobody = of([(False, 0.1)]).at(0.5)
    assert (nobody.precision, nobody.recall, nobody.accuracy) == (None, None, 1.0)


def test_no_row_no_threshold():
    """There is nothing to count."""
    with pytest.raises(InvalidError, match="no row"):
        of([])
