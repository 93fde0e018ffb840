"""Scoring: from rows to probabilities to predictions, in one way for every door."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.data import tables
from mlops.models.scoring import decide, probabilities
from mlops.models.signature import Signature


def signature(task: str, labels: tuple, positive=None) -> Signature:
    return Signature.of(
        {"features": (), "target": "y", "task": task, "labels": labels, "positive": positive, "ignored": ()}
    )


YES_OR_NO = signature("binary", ("no", "yes"), "yes")


@given(st.floats(0, 1), st.floats(0.01, 0.99))
def test_a_probability_at_the_threshold_counts_as_positive(score, threshold):
    """Not less is enough: the threshold belongs to the positive side."""
    assert decide(np.array([score]), YES_OR_NO, threshold) == ["yes" if score >= threshold else "no"]
    assert decide(np.array([threshold]), YES_OR_NO, threshold) == ["yes"]


@pytest.mark.parametrize(
    ("labels", "positive", "negative"),
    [((0, 1), 1, 0), ((0, 1), 0, 1), ((False, True), True, False), (("a", "b"), "a", "b"), ((1.5, 2.5), 2.5, 1.5)],
)
def test_predictions_are_spelled_as_the_target_is(labels, positive, negative):
    """A label keeps its own type, and either class may be the positive one."""
    predicted = decide(np.array([0.9, 0.1]), signature("binary", labels, positive), 0.5)
    assert predicted == [positive, negative]
    assert [type(label) for label in predicted] == [type(positive)] * 2


def test_of_several_classes_the_most_likely_wins():
    """The threshold is for two classes only."""
    choice = signature("multiclass", ("a", "b", "c"))
    assert decide(np.array([[0.2, 0.5, 0.3], [0.6, 0.1, 0.3]]), choice, 0.99) == ["b", "a"]


def test_a_regression_answers_the_number():
    """As plain floats, ready for JSON."""
    [answer] = decide(np.array([1.25]), signature("regression", ()), 0.5)
    assert (answer, type(answer)) == (1.25, float)


@pytest.mark.parametrize(
    ("task", "labels", "shape"), [("binary", (0, 1), (0,)), ("multiclass", (0, 1, 2), (0, 3)), ("regression", (), (0,))]
)
def test_no_rows_have_no_scores(task, labels, shape):
    """An empty block of a file asks the model nothing."""
    learned = signature(task, labels, 1 if task == "binary" else None)
    scores = probabilities(None, tables.frame_of(pa.table({"x": [1.0]}), ["x"])[:0], learned)
    assert scores.shape == shape and decide(scores, learned, 0.5) == []


def test_rows_become_the_frame_that_training_saw(released):
    """Plain values and the table of the dataset give one and the same frame: types, order and missing values."""
    model, table = released.models.load("@production"), released.datasets.table("customers")
    rows = [dict(reversed(row.items())) for row in table.slice(0, 50).to_pylist()]
    frame = model.signature.frame(rows)
    expected = tables.frame_of(table.slice(0, 50), model.signature.names)
    assert frame.isna().sum().sum() > 0 and frame.dtypes.equals(expected.dtypes)
    assert frame.equals(expected)


def test_the_probability_is_that_of_the_positive_class_also_where_it_is_the_first(trained, customers_csv):
    """Predicting the zeros gives the complement of predicting the ones."""
    trained.datasets.add(customers_csv, name="stayers", target="churn", id="customer_id", positive="0")
    kept, left = (
        trained.runs.predictions(trained.train("model: {type: logistic_regression}\n", data=data).run_id)["probability"]
        for data in ("stayers", "customers")
    )
    np.testing.assert_allclose(kept + left, 1)
