"""Metrics: with every row counted once they are scikit-learn's, a weight counts as so many rows, and nothing is NaN."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk

from mlops.models import metrics
from mlops.models.signature import Signature
from mlops.models.thresholds import Thresholds
from tests.models.conftest import CHURN, FEE, PLAN, signature


def measured(*asked) -> dict[str, float | None]:
    """The numbers that are recorded of such answers."""
    return metrics.numbers(metrics.of(*asked))


@pytest.mark.parametrize("threshold", [0.1, 0.5, 0.54, 0.9])
def test_the_metrics_of_a_yes_or_no_are_those_of_scikit_learn(binary, threshold):
    """Named by the positive class and cut at the threshold, from which on a row is positive."""
    labels, scores = binary
    said = np.where(scores >= threshold, "yes", "no")
    assert measured(labels, scores, CHURN, threshold) == pytest.approx(
        {
            "auc": sk.roc_auc_score(labels == "yes", scores),
            "average_precision": sk.average_precision_score(labels, scores, pos_label="yes"),
            "log_loss": sk.log_loss(labels, scores, labels=["no", "yes"]),
            "brier": sk.brier_score_loss(labels, scores, pos_label="yes"),
            "accuracy": sk.accuracy_score(labels, said),
            "precision": sk.precision_score(labels, said, pos_label="yes"),
            "recall": sk.recall_score(labels, said, pos_label="yes"),
            "f1": sk.f1_score(labels, said, pos_label="yes"),
        }
    )


def test_the_metrics_of_a_choice_are_those_of_scikit_learn(multiclass):
    """Each class counts the same, however rare."""
    labels, scores = multiclass
    said = np.array(PLAN.labels)[scores.argmax(axis=1)]
    assert measured(labels, scores, PLAN, 0.5) == pytest.approx(
        {
            "auc": sk.roc_auc_score(labels, scores, multi_class="ovr", average="macro", labels=PLAN.labels),
            "average_precision": sk.average_precision_score(labels[:, None] == np.array(PLAN.labels), scores),
            "log_loss": sk.log_loss(labels, scores, labels=PLAN.labels),
            "brier": sk.brier_score_loss(labels, scores, labels=PLAN.labels, scale_by_half=False),
            "accuracy": sk.accuracy_score(labels, said),
            "precision": sk.precision_score(labels, said, average="macro"),
            "recall": sk.recall_score(labels, said, average="macro"),
            "f1": sk.f1_score(labels, said, average="macro"),
        }
    )


def test_the_metrics_of_a_number_are_those_of_scikit_learn():
    """Errors in the unit of the target, and the share of its variance."""
    random = np.random.default_rng(5)
    truth = random.normal(40, 10, 100)
    guess = truth + random.normal(0, 3, 100)
    assert measured(truth, guess, FEE, 0.5) == pytest.approx(
        {
            "rmse": sk.root_mean_squared_error(truth, guess),
            "mae": sk.mean_absolute_error(truth, guess),
            "r2": sk.r2_score(truth, guess),
        }
    )


@pytest.mark.parametrize(
    ("labels", "undefined"),
    [(["yes"] * 3, {"auc"}), (["no"] * 3, {"auc", "average_precision", "recall"}), (["no", "yes", "no"], set())],
)
def test_what_one_class_cannot_tell_is_none(labels, undefined):
    """Unknown is None, never NaN, and no warning is printed."""
    found = measured(np.array(labels), np.array([0.2, 0.6, 0.9]), CHURN, 0.5)
    assert {name for name, value in found.items() if value is None} == undefined
    assert all(value is None or math.isfinite(value) for value in found.values())


def test_where_nobody_is_said_to_be_positive_there_is_no_precision():
    """None of none is no share; without a positive row as well, nothing could have been found."""
    scores = np.array([0.1, 0.2, 0.3])
    missed = measured(np.array(["yes", "no", "no"]), scores, CHURN, 0.5)
    assert (missed["precision"], missed["recall"], missed["f1"]) == (None, 0, 0)
    nothing = measured(np.array(["no"] * 3), scores, CHURN, 0.5)
    assert (nothing["precision"], nothing["recall"], nothing["f1"], nothing["accuracy"]) == (None, None, None, 1)


def test_a_choice_without_one_of_its_classes_has_no_ranking():
    """One against the rest needs somebody of each class."""
    found = measured(np.array(["basic", "plus"]), np.array([[0.8, 0.1, 0.1], [0.3, 0.3, 0.4]]), PLAN, 0.5)
    assert {name for name, value in found.items() if value is None} == {"auc", "average_precision"}
    assert found["accuracy"] == 1


@pytest.mark.parametrize("rows", [1, 5])
def test_one_number_has_no_variance_to_explain(rows):
    """R2 of a single row is None, and so is that of rows that are all alike."""
    assert measured(np.full(rows, 1.0), np.full(rows, 3.0), FEE, 0.5) == {"rmse": 2, "mae": 2, "r2": None}


def test_a_certain_mistake_has_a_finite_loss():
    """Probability zero of what happened costs much, but can be stored."""
    found = measured(np.array(["yes", "no"]), np.array([0.0, 1.0]), CHURN, 0.5)
    assert found["log_loss"] > 30 and found["brier"] == 1


# As functions of weighted rows

SHARES = st.sampled_from([0.0, 0.1, 0.35, 0.5, 0.9, 1.0])
YES_OR_NO = st.tuples(
    st.just(CHURN), st.lists(st.tuples(st.sampled_from(CHURN.labels), SHARES), min_size=1, max_size=30)
)
CHOICES = st.tuples(
    st.sampled_from([PLAN, signature("multiclass", tuple(f"class {number:02}" for number in range(12)))]),
    st.lists(
        st.tuples(st.integers(0, 11), st.lists(st.floats(0.01, 1), min_size=12, max_size=12)), min_size=1, max_size=30
    ),
)
FEES = st.tuples(
    st.just(FEE),
    st.lists(st.tuples(*[st.integers(-999, 999).map(lambda tenths: tenths / 10)] * 2), min_size=1, max_size=30),
)
ANSWERS = YES_OR_NO | CHOICES | FEES


def asked(learned: Signature, rows: list) -> tuple[np.ndarray, np.ndarray]:
    """Labels and scores of rows that were drawn."""
    labels, scores = np.array([label for label, _ in rows]), np.array([score for _, score in rows])
    if learned.task != "multiclass":
        return labels, scores
    classes = np.array(learned.labels)
    scores = scores[:, : len(classes)]
    return classes[labels % len(classes)], scores / scores.sum(axis=1, keepdims=True)


def same(name: str, value: float, number: float | None) -> bool:
    """Whether weighted rows say what is recorded. Sums may not see that numbers are all alike, and have no R2."""
    if number is None:
        return name == "r2" or not math.isfinite(value)
    return math.isclose(value, number, rel_tol=1e-6, abs_tol=1e-9)


@given(YES_OR_NO | CHOICES)
def test_what_is_counted_has_every_digit_of_scikit_learn(answers):
    """Precision, recall, F1 and accuracy, also where classes are missing among the rows or among the answers."""
    learned, (labels, scores) = answers[0], asked(*answers)
    found = measured(labels, scores, learned, 0.5)
    if learned.task == "binary":
        said, how = np.where(scores >= 0.5, "yes", "no"), {"pos_label": "yes", "zero_division": np.nan}
    else:
        said, how = np.array(learned.labels)[scores.argmax(axis=1)], {"average": "macro", "zero_division": 0.0}
    counted = {name: getattr(sk, f"{name}_score")(labels, said, **how) for name in ("precision", "recall", "f1")}
    counted["accuracy"] = sk.accuracy_score(labels, said)
    assert {name: None if np.isnan(value) else value for name, value in counted.items()} == {
        name: found[name] for name in counted
    }


@given(FEES)
def test_errors_have_every_digit_of_scikit_learn(answers):
    """The mean of rows is added up as scikit-learn does it."""
    labels, scores = asked(*answers)
    found = measured(labels, scores, FEE, 0.5)
    assert found["mae"] == sk.mean_absolute_error(labels, scores)
    assert found["rmse"] == sk.root_mean_squared_error(labels, scores)


@given(ANSWERS)
def test_equal_weights_give_the_number_that_is_recorded(answers):
    """One definition of each metric; where there is no number, the weighted rows have none either."""
    learned, (labels, scores) = answers[0], asked(*answers)
    for name, metric in metrics.of(labels, scores, learned, 0.5).items():
        assert same(name, metric.value, metric.number), name


@given(ANSWERS, st.data())
def test_a_weight_counts_as_so_many_rows(answers, data):
    """The metric of weighted rows is the metric of rows that are really there several times."""
    learned, (labels, scores) = answers[0], asked(*answers)
    weights = data.draw(st.lists(st.integers(0, 3), min_size=len(labels), max_size=len(labels)).filter(any))
    expected = measured(np.repeat(labels, weights), np.repeat(scores, weights, axis=0), learned, 0.5)
    for name, metric in metrics.of(labels, scores, learned, 0.5).items():
        assert same(name, metric(np.array([weights]))[0], expected[name]), name


@given(YES_OR_NO, st.sampled_from([0.05, 0.1, 0.35, 0.6, 0.9, 0.95]))
def test_the_counts_at_a_threshold_are_the_metrics_cut_there(answers, threshold):
    """The slider shows, to the last digit, what a run with that threshold would have recorded."""
    labels, scores = asked(*answers)
    found = measured(labels, scores, CHURN, threshold)
    counts = Thresholds(labels == "yes", scores).at(threshold)
    assert (counts.precision, counts.recall, counts.accuracy) == (
        found["precision"], found["recall"], found["accuracy"],
    )  # fmt: skip
