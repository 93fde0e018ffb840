"""Diagnostics: calibration, histograms and slices add up to the rows they are of, and say how sure they are."""

from __future__ import annotations

import datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve

from mlops.base.errors import InvalidError
from mlops.models import diagnostics, intervals, metrics
from tests.models.conftest import CHURN, FEE, PLAN


@pytest.fixture
def binary():
    """2000 rows whose scores are the true probabilities."""
    random = np.random.default_rng(5)
    scores = random.random(2000)
    return np.where(random.random(2000) < scores, "yes", "no"), scores


@pytest.fixture
def multiclass():
    """300 rows of three classes: labels and one probability for each class."""
    random = np.random.default_rng(6)
    scores = random.dirichlet([1, 1, 1], 300)
    return np.array([random.choice(PLAN.labels, p=line) for line in scores]), scores


# Calibration


def test_the_curve_is_that_of_scikit_learn(binary):
    """As many rows in each bin, the mean score, and the fraction of them that came true."""
    labels, scores = binary
    observed, predicted = calibration_curve(labels == "yes", scores, n_bins=10, strategy="quantile")
    bins = diagnostics.calibration(labels, scores, CHURN)["yes"]
    assert [one.predicted for one in bins] == pytest.approx(predicted)
    assert [one.observed for one in bins] == pytest.approx(observed)
    assert {one.rows for one in bins} == {200}


def test_a_probability_that_is_true_lies_in_its_interval(binary):
    """These scores are the true probabilities; of ten intervals of 95 %, at most two miss."""
    bins = diagnostics.calibration(*binary, CHURN)["yes"]
    assert sum(one.low <= one.predicted <= one.high for one in bins) >= 8


@given(st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.5, 1.0]), st.booleans()), max_size=60), st.integers(1, 12))
def test_a_bin_parts_no_equal_scores_and_loses_no_row(rows, bins):
    """A model that says one thing to all has one bin, wherever its rows stand."""
    labels = np.array(["yes" if hit else "no" for _, hit in rows], dtype=str)
    scores = np.array([score for score, _ in rows], dtype=float)
    found = diagnostics.calibration(labels, scores, CHURN, bins)["yes"]
    assert sum(one.rows for one in found) == len(rows)
    assert len(found) <= len(np.unique(scores))
    assert all(one.low <= one.observed <= one.high for one in found)
    means = [one.predicted for one in found]
    assert means == sorted(means)


def test_each_class_has_a_curve(multiclass):
    """One against the rest."""
    labels, scores = multiclass
    curves = diagnostics.calibration(labels, scores, PLAN)
    assert list(curves) == list(PLAN.labels)
    expected = diagnostics.calibration(np.where(labels == "plus", "yes", "no"), scores[:, 2], CHURN)["yes"]
    assert curves["plus"] == expected


def test_predicted_numbers_stand_beside_the_mean_of_the_true_ones():
    """With Student's interval, and none where a bin has one row."""
    actual, predicted = np.array([1.0, 3.0, 10.0]), np.array([2.0, 2.0, 9.0])
    low, high = diagnostics.calibration(actual, predicted, FEE)["y"]
    assert (low.predicted, low.observed, low.rows) == (2.0, 2.0, 2)
    assert low.low == pytest.approx(2 - 12.7062047) and low.high == pytest.approx(2 + 12.7062047)
    assert (high.observed, high.low, high.high) == (10.0, None, None)


# Histograms


def test_every_row_is_counted_under_its_true_class(binary):
    """Also those that score 0 or 1."""
    labels, scores = binary
    scores[:2] = 0, 1
    found = diagnostics.histograms(labels, scores, CHURN)
    assert {label: sum(counts) for label, counts in found["counts"].items()} == {
        label: (labels == label).sum() for label in CHURN.labels
    }
    assert (found["edges"][0], found["edges"][-1], found["probability_of"]) == (0.0, 1.0, "yes")


def test_of_several_classes_the_probability_of_the_true_one_is_counted(multiclass):
    """A model that is sure and right has all its rows in the last bin."""
    labels, _ = multiclass
    sure = (labels[:, None] == np.array(PLAN.labels)).astype(float)
    found = diagnostics.histograms(labels, sure, PLAN)
    assert [counts[-1] for counts in found["counts"].values()] == [(labels == label).sum() for label in PLAN.labels]
    assert found["probability_of"] is None


def test_a_number_has_no_histogram_of_probabilities():
    """It has residuals."""
    with pytest.raises(InvalidError, match="a regression has no probabilities"):
        diagnostics.histograms(np.array([1.0]), np.array([2.0]), FEE)


# Slices


def test_a_slice_is_measured_as_if_it_were_all_there_is(binary):
    """The same metrics and intervals as of its rows alone."""
    labels, scores = binary
    region = np.where(np.arange(2000) % 3 == 0, "south", "north")
    north, south = diagnostics.slices(
        labels, scores, CHURN, 0.4, pa.chunked_array([region.tolist()], pa.large_string())
    )
    alone = labels[::3], scores[::3], CHURN, 0.4
    every = metrics.of(*alone)
    expected = metrics.numbers(every), intervals.of(every)
    assert (north.name, south.name, south.rows, south.small) == ("north", "south", 667, False)
    assert (south.as_dict()["metrics"], south.as_dict()["intervals"]) == expected


@pytest.mark.parametrize(
    ("values", "type", "expected"),
    [
        (["b", "a", "b", None], pa.large_string(), {"b": 2, "a": 1, "(missing)": 1}),
        ([True, False, True], pa.bool_(), {"true": 2, "false": 1}),
        ([10, 9, 10, 8], pa.int64(), {"8": 1, "9": 1, "10": 2}),
        (list(range(12)), pa.int64(), {"up to 2": 3, "over 2 to 5": 3, "over 5 to 8": 3, "over 8": 3}),
        ([0.0] * 30 + [i / 2 for i in range(1, 13)], pa.float64(), {"up to 0": 30, "over 0 to 1": 2, "over 1": 10}),
        (
            [1_234_567.25 + i for i in range(12)],
            pa.float64(),
            {"up to 1234569": 3, "over 1234569 to 1234572": 3, "over 1234572 to 1234575": 3, "over 1234575": 3},
        ),
        ([-i for i in range(1, 13)] + [0] * 40, pa.int64(), {"up to -1": 12, "over -1": 40}),
        (
            [datetime.date(2024, 1, day) for day in range(1, 17)],
            pa.date32(),
            {"up to 2024-01-04": 4, "over 2024-01-04 to 2024-01-08": 4, "over 2024-01-08 to 2024-01-12": 4}
            | {"over 2024-01-12": 4},
        ),
        ([*"aaabbcdefghijkl"], pa.large_string(), {"a": 3, "b": 2, **dict.fromkeys("cdefghi", 1), "(others)": 3}),
        ([None, None], pa.float64(), {"(missing)": 2}),
    ],
)  # fmt: skip
def test_rows_are_sliced_by_levels_or_quartiles(values, type, expected):
    """Every row is in one slice, missing values in their own, and no slice is empty."""
    numbers = np.arange(float(len(values)))
    found = diagnostics.slices(numbers, numbers, FEE, 0.5, pa.chunked_array([pa.array(values, type)]))
    assert [(one.name, one.rows) for one in found] == list(expected.items())


def test_a_small_slice_is_named_and_what_it_cannot_tell_is_left_open():
    """Nobody has an AUC of one class, and few rows say little."""
    labels, scores = np.array(["yes"] * 60 + ["no"] * 49), np.linspace(0, 1, 109)
    column = pa.chunked_array([["big"] * 60 + ["small"] * 49], pa.large_string())
    big, small = diagnostics.slices(labels, scores, CHURN, 0.5, column)
    assert (big.small, small.small) == (False, True)
    assert big.metrics["auc"] is None and "auc" not in big.intervals
    assert big.metrics["recall"] == metrics.of(labels[:60], scores[:60], CHURN, 0.5)["recall"].number


def test_a_column_of_other_rows_is_refused():
    """Values and rows belong together."""
    with pytest.raises(InvalidError, match="2 values cannot slice 3 rows"):
        diagnostics.slices(np.arange(3.0), np.arange(3.0), FEE, 0.5, pa.chunked_array([[1, 2]]))
