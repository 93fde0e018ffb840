"""Curves: few points with both ends, scikit-learn's confusion, and none where only one class happened."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn import metrics as sk

from mlops.models import curves
from tests.models.conftest import CHURN, FEE, PLAN


def test_a_curve_has_few_points_and_both_ends():
    """5,000 different scores become at most 200 points of the same curve."""
    random = np.random.default_rng(2)
    truth = random.random(5000) < 0.3
    found = curves.of(np.where(truth, "yes", "no"), random.normal(0.4 + truth * 0.2, 0.2), CHURN, 0.5)
    found.pop("confusion")
    roc, recall = found["roc"], found["precision_recall"]["recall"]
    ends = [(roc["false_positive_rate"][at], roc["true_positive_rate"][at]) for at in (0, -1)]
    assert ends == [(0, 0), (1, 1)] and recall[0] == 1 and 0 < recall[-1] <= 1 / truth.sum()
    assert all(50 < len(points) <= 200 for curve in found.values() for points in curve.values())
    assert all(math.isfinite(value) for curve in found.values() for points in curve.values() for value in points)


def test_a_short_curve_is_kept_whole(binary):
    """Every point is one of scikit-learn's."""
    labels, scores = binary
    false_rate, true_rate, _ = sk.roc_curve(labels == "yes", scores)
    roc = curves.of(labels, scores, CHURN, 0.5)["roc"]
    assert (roc["false_positive_rate"], roc["true_positive_rate"]) == (list(false_rate), list(true_rate))


def test_where_only_one_class_happened_there_is_no_curve(binary):
    """A confusion matrix there is: it counts."""
    labels, scores = binary
    only = curves.of(labels[labels == "no"], scores[labels == "no"], CHURN, 0.5)
    assert set(only) == {"confusion"} and sum(map(sum, only["confusion"]["counts"])) == (labels == "no").sum()


def test_the_confusion_matrix_is_that_of_scikit_learn(binary, multiclass):
    """A row for each true class, a column for each predicted one; for a yes or no at the threshold."""
    labels, scores = binary
    at = curves.of(labels, scores, CHURN, 0.4)["confusion"]
    predicted = np.where(scores >= 0.4, "yes", "no")
    assert at["counts"] == sk.confusion_matrix(labels, predicted, labels=at["labels"]).tolist()
    labels, scores = multiclass
    of_classes = curves.of(labels, scores, PLAN, 0.5)["confusion"]
    predicted = np.array(PLAN.labels)[scores.argmax(axis=1)]
    assert of_classes["counts"] == sk.confusion_matrix(labels, predicted, labels=list(PLAN.labels)).tolist()


def test_each_class_has_a_curve_against_the_rest(multiclass):
    """Its area is that class's AUC."""
    labels, scores = multiclass
    found = curves.of(labels, scores, PLAN, 0.5)
    for place, label in enumerate(PLAN.labels):
        roc, points = found["roc_by_class"][str(label)], found["precision_recall_by_class"][str(label)]
        area = sk.auc(roc["false_positive_rate"], roc["true_positive_rate"])
        assert area == pytest.approx(sk.roc_auc_score(labels == label, scores[:, place]))
        assert points["precision"][0] == pytest.approx((labels == label).mean()) and points["recall"][0] == 1


def test_numbers_are_drawn_against_what_was_predicted():
    """Every pair is one of the rows, in order, and every residual is counted."""
    random = np.random.default_rng(5)
    actual = random.normal(50, 10, 900)
    predicted = actual + random.normal(0, 3, 900)
    found = curves.of(actual, predicted, FEE, 0.5)
    pairs = set(zip(found["predicted"]["actual"], found["predicted"]["predicted"], strict=True))
    assert pairs <= set(zip(actual.tolist(), predicted.tolist(), strict=True))
    assert found["predicted"]["actual"] == sorted(found["predicted"]["actual"])
    assert sum(found["residuals"]["counts"]) == len(actual)
