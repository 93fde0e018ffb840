"""Evaluation: the metrics are scikit-learn's, the intervals those of the textbooks, and nothing is ever NaN."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics as sk

from mlops.models import bootstrap, evaluation, intervals
from mlops.models.signature import Signature


def signature(task, labels=(), positive=None) -> Signature:
    return Signature(features=(), target="y", task=task, labels=labels, positive=positive, id=None, ignored=())


CHURN = signature("binary", ("no", "yes"), "yes")
PLAN = signature("multiclass", ("basic", "family", "plus"))
FEE = signature("regression")


@pytest.fixture
def binary():
    """300 rows: labels, and scores that say something about them, with ties."""
    random = np.random.default_rng(3)
    truth = random.random(300) < 0.3
    return np.where(truth, "yes", "no"), np.clip(random.normal(0.4 + 0.2 * truth, 0.2), 0, 1).round(2)


@pytest.fixture
def multiclass():
    """300 rows of three classes: labels and one probability for each class."""
    random = np.random.default_rng(4)
    labels = random.choice(PLAN.labels, 300)
    scores = random.random((300, 3)) + (labels[:, None] == np.array(PLAN.labels)) * 0.5
    return labels, scores / scores.sum(axis=1, keepdims=True)


# Metrics


@pytest.mark.parametrize("threshold", [0.1, 0.5, 0.54, 0.9])
def test_the_metrics_of_a_yes_or_no_are_those_of_scikit_learn(binary, threshold):
    """Named by the positive class and cut at the threshold, from which on a row is positive."""
    labels, scores = binary
    said = np.where(scores >= threshold, "yes", "no")
    assert evaluation.metrics(labels, scores, CHURN, threshold) == pytest.approx(
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
    assert evaluation.metrics(labels, scores, PLAN, 0.5) == pytest.approx(
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
    assert evaluation.metrics(truth, guess, FEE, 0.5) == pytest.approx(
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
    found = evaluation.metrics(np.array(labels), np.array([0.2, 0.6, 0.9]), CHURN, 0.5)
    assert {name for name, value in found.items() if value is None} == undefined
    assert all(value is None or math.isfinite(value) for value in found.values())


def test_where_nobody_is_said_to_be_positive_there_is_no_precision():
    """None of none is no share; without a positive row as well, nothing could have been found."""
    scores = np.array([0.1, 0.2, 0.3])
    missed = evaluation.metrics(np.array(["yes", "no", "no"]), scores, CHURN, 0.5)
    assert (missed["precision"], missed["recall"], missed["f1"]) == (None, 0, 0)
    nothing = evaluation.metrics(np.array(["no"] * 3), scores, CHURN, 0.5)
    assert (nothing["precision"], nothing["recall"], nothing["f1"], nothing["accuracy"]) == (None, None, None, 1)


def test_a_choice_without_one_of_its_classes_has_no_ranking():
    """One against the rest needs somebody of each class."""
    found = evaluation.metrics(np.array(["basic", "plus"]), np.array([[0.8, 0.1, 0.1], [0.3, 0.3, 0.4]]), PLAN, 0.5)
    assert {name for name, value in found.items() if value is None} == {"auc", "average_precision"}
    assert found["accuracy"] == 1


@pytest.mark.parametrize("rows", [1, 5])
def test_one_number_has_no_variance_to_explain(rows):
    """R2 of a single row is None, and so is that of rows that are all alike."""
    assert evaluation.metrics(np.full(rows, 1.0), np.full(rows, 3.0), FEE, 0.5) == {"rmse": 2, "mae": 2, "r2": None}


def test_a_certain_mistake_has_a_finite_loss():
    """Probability zero of what happened costs much, but can be stored."""
    found = evaluation.metrics(np.array(["yes", "no"]), np.array([0.0, 1.0]), CHURN, 0.5)
    assert found["log_loss"] > 30 and found["brier"] == 1


# Intervals


def delong_one_by_one(truth, scores) -> tuple[float, float]:
    """AUC and DeLong's standard error as in the paper: every positive against every negative."""
    wins = np.array([[(p > n) + (p == n) / 2 for n in scores[~truth]] for p in scores[truth]])
    of_positive, of_negative = wins.mean(axis=1), wins.mean(axis=0)
    error = of_positive.var(ddof=1) / len(of_positive) + of_negative.var(ddof=1) / len(of_negative)
    return float(wins.mean()), math.sqrt(error)


def wilson_in_full(share: float, total: float, z: float = 1.959963984540054) -> tuple[float, float]:
    """The closed form of 1927, term by term."""
    middle = (share + z**2 / (2 * total)) / (1 + z**2 / total)
    half = z / (1 + z**2 / total) * math.sqrt(share * (1 - share) / total + z**2 / (4 * total**2))
    return middle - half, middle + half


def auc_interval(truth, scores) -> list[float]:
    """The interval of the AUC of these rows."""
    return intervals.interval(bootstrap.weighted(truth, scores, signature("binary", (False, True), True), 0.5)["auc"])


def pulls_one_by_one(truth, scores) -> np.ndarray:
    """How far each row moves the AUC, as DeLong counts it: every positive against every negative."""
    wins = np.array([[(p > n) + (p == n) / 2 for n in scores[~truth]] for p in scores[truth]])
    deviations = [wins.mean(axis=1 - axis) - wins.mean() for axis in (0, 1)]
    return np.concatenate([one / math.sqrt(len(one) * (len(one) - 1)) for one in deviations])


SCORED = st.lists(st.tuples(st.booleans(), st.integers(0, 10)), min_size=4, max_size=30).filter(
    lambda rows: 1 < sum(truth for truth, _ in rows) < len(rows) - 1
)


@given(SCORED)
def test_the_fast_delong_is_the_slow_one(rows):
    """Ranks, or every pair one by one: the same interval, also with ties."""
    truth, scores = np.array([row[0] for row in rows]), np.array([row[1] / 10 for row in rows])
    (auc, error), few = delong_one_by_one(truth, scores), min(truth.sum(), (~truth).sum())
    pulls = pulls_one_by_one(truth, scores)
    assert auc == pytest.approx(sk.roc_auc_score(truth, scores))
    assert np.sum(pulls**2) == pytest.approx(error**2)
    if error > 1e-9:
        freedom = 2 / (np.sum(pulls**4) / np.sum(pulls**2) ** 2 - 1 / len(truth))
        times = stats.t.ppf(0.975, max(1, min(freedom, few - 1)))
        total = min(auc * (1 - auc) * (few + 2) / (few * error**2 + auc * (1 - auc) / few), len(truth))
        assert auc_interval(truth, scores) == pytest.approx(wilson_in_full(auc, total, times), abs=1e-6)
    elif auc in (0, 1):
        assert auc_interval(truth, scores) == pytest.approx(wilson_in_full(auc, few), abs=1e-6)
    else:
        assert auc_interval(truth, scores) == [0.5, 0.5]  # equal scores, whatever the rows


def test_delong_agrees_with_a_bootstrap(binary):
    """2,000 times other rows out of the same: the middle 95 % of their AUCs."""
    labels, scores = binary
    truth, random, found = labels == "yes", np.random.default_rng(0), []
    for _ in range(2000):
        rows = random.integers(0, len(truth), len(truth))
        positive, negative = np.sort(scores[rows][truth[rows]]), scores[rows][~truth[rows]]
        wins = len(positive) - (positive.searchsorted(negative) + positive.searchsorted(negative, "right")) / 2
        found.append(wins.mean() / len(positive))
    assert auc_interval(truth, scores) == pytest.approx(np.quantile(found, [0.025, 0.975]), abs=0.01)


def test_delong_covers_the_truth_as_often_as_it_says():
    """Of 1,000 samples from a world whose AUC is known, the interval holds it in about 95 of 100."""
    random, held = np.random.default_rng(1), 0
    truth, known = np.arange(200) < 80, 0.7602499  # Phi(1 / sqrt 2): normal scores one apart
    for _ in range(1000):
        low, high = auc_interval(truth, random.normal(truth * 1.0, 1))
        held += low <= known <= high
    assert 930 <= held <= 970


@pytest.mark.parametrize("known", [0.8, 0.95, 0.99])
def test_the_interval_of_an_auc_keeps_its_word_near_one_and_with_few_positives(known):
    """Ten positive rows and forty others: where the plain one of DeLong holds the truth in 65 to 90 of 100."""
    random, held = np.random.default_rng(2), 0
    truth, apart = np.arange(50) < 10, math.sqrt(2) * stats.norm.ppf(known)
    for _ in range(1000):
        low, high = auc_interval(truth, random.normal(truth * apart, 1))
        held += low <= known <= high
    assert 930 <= held <= 990


def test_a_perfect_order_of_a_few_rows_is_no_certainty():
    """Two positive rows that stand above all others may have been lucky."""
    low, high = auc_interval(np.arange(40) < 2, np.linspace(0.9, 0.1, 40))
    assert (low, high) == pytest.approx((0.342, 1.0), abs=0.001)


@given(st.integers(1, 500).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))))
def test_shares_have_wilsons_interval(counts):
    """The closed form of 1927, at both ends as well: never empty, never outside 0 and 1."""
    hits, total = counts
    labels = np.array(["yes"] * total)
    [low, high] = evaluation.intervals(labels, np.where(np.arange(total) < hits, 0.9, 0.1), CHURN, 0.5)["recall"]
    assert (low, high) == pytest.approx(wilson_in_full(hits / total, total), abs=1e-9) and 0 <= low < high <= 1
    assert intervals.wilson(hits / total, total) == pytest.approx([low, high])


def test_every_metric_has_an_interval_that_holds_it(binary, multiclass):
    """Two classes, several classes, and numbers."""
    random = np.random.default_rng(3)
    fees = random.normal(40, 9, 200)
    cases = [(*binary, CHURN), (*multiclass, PLAN), (fees, fees + random.normal(0, 4, 200), FEE)]
    for labels, scores, learned in cases:
        value = evaluation.metrics(labels, scores, learned, 0.5)
        found = evaluation.intervals(labels, scores, learned, 0.5)
        assert set(found) == set(value)
        assert all(low < value[name] < high for name, (low, high) in found.items())


def test_the_interval_of_an_f1_agrees_with_a_bootstrap(binary):
    """What the pulls of the rows say is what drawing the rows again and again says."""
    labels, scores = binary
    metric = bootstrap.weighted(labels, scores, CHURN, 0.5)["f1"]
    drawn = np.concatenate([metric(weights) for weights in bootstrap.resamples(len(labels), 0, 1_000_000)])
    expected = np.quantile(drawn, [0.025, 0.975])
    assert evaluation.intervals(labels, scores, CHURN, 0.5)["f1"] == pytest.approx(expected, abs=0.015)


@pytest.mark.parametrize(
    ("labels", "scores", "absent"),
    [
        (["yes", "no", "no"], [0.9, 0.1, 0.2], "auc"),
        (["yes", "yes"], [0.1, 0.1], "precision"),
        (["no", "no"], [0.9, 0.1], "recall"),
    ],
    ids=["one positive", "nobody called", "nobody left"],
)
def test_without_cases_there_is_no_interval(labels, scores, absent):
    """It is left out, not made up."""
    assert absent not in evaluation.intervals(np.array(labels), np.array(scores), CHURN, 0.5)


def test_a_mean_error_has_students_interval():
    """Three errors of 11, 12 and 13: mean 12, two degrees of freedom."""
    [low, high] = evaluation.intervals(np.zeros(3), np.array([11.0, -12.0, 13.0]), FEE, 0.5)["mae"]
    assert (low, high) == pytest.approx((12 - 4.302653 / math.sqrt(3), 12 + 4.302653 / math.sqrt(3)))
    assert intervals.mean_interval(np.array([11.0, 12.0, 13.0])) == pytest.approx([low, high])
    assert evaluation.intervals(np.zeros(1), np.ones(1), FEE, 0.5) == {}


def test_no_interval_of_a_loss_reaches_below_zero():
    """Of three rows nothing is known well, but no loss is negative."""
    of_numbers = evaluation.intervals(np.zeros(3), np.array([1.0, -2.0, 3.0]), FEE, 0.5)
    of_classes = evaluation.intervals(np.array(["yes"] * 3), np.array([0.1, 0.5, 0.9]), CHURN, 0.5)
    assert [of_numbers[name][0] for name in ("mae", "rmse")] == [0, 0]
    assert [of_classes[name][0] for name in ("log_loss", "brier")] == [0, 0]


# Curves


def test_a_curve_has_few_points_and_both_ends():
    """5,000 different scores become at most 200 points of the same curve."""
    random = np.random.default_rng(2)
    truth = random.random(5000) < 0.3
    curves = evaluation.curves(np.where(truth, "yes", "no"), random.normal(0.4 + truth * 0.2, 0.2), CHURN, 0.5)
    curves.pop("confusion")
    roc, recall = curves["roc"], curves["precision_recall"]["recall"]
    ends = [(roc["false_positive_rate"][at], roc["true_positive_rate"][at]) for at in (0, -1)]
    assert ends == [(0, 0), (1, 1)] and recall[0] == 1 and 0 < recall[-1] <= 1 / truth.sum()
    assert all(50 < len(points) <= 200 for curve in curves.values() for points in curve.values())
    assert all(math.isfinite(value) for curve in curves.values() for points in curve.values() for value in points)


def test_a_short_curve_is_kept_whole(binary):
    """Every point is one of scikit-learn's."""
    labels, scores = binary
    false_rate, true_rate, _ = sk.roc_curve(labels == "yes", scores)
    roc = evaluation.curves(labels, scores, CHURN, 0.5)["roc"]
    assert (roc["false_positive_rate"], roc["true_positive_rate"]) == (list(false_rate), list(true_rate))


def test_where_only_one_class_happened_there_is_no_curve(binary):
    """A confusion matrix there is: it counts."""
    labels, scores = binary
    only = evaluation.curves(labels[labels == "no"], scores[labels == "no"], CHURN, 0.5)
    assert set(only) == {"confusion"} and sum(map(sum, only["confusion"]["counts"])) == (labels == "no").sum()


def test_the_confusion_matrix_is_that_of_scikit_learn(binary, multiclass):
    """A row for each true class, a column for each predicted one; for a yes or no at the threshold."""
    labels, scores = binary
    at = evaluation.curves(labels, scores, CHURN, 0.4)["confusion"]
    predicted = np.where(scores >= 0.4, "yes", "no")
    assert at["counts"] == sk.confusion_matrix(labels, predicted, labels=at["labels"]).tolist()
    labels, scores = multiclass
    of_classes = evaluation.curves(labels, scores, PLAN, 0.5)["confusion"]
    predicted = np.array(PLAN.labels)[scores.argmax(axis=1)]
    assert of_classes["counts"] == sk.confusion_matrix(labels, predicted, labels=list(PLAN.labels)).tolist()


def test_each_class_has_a_curve_against_the_rest(multiclass):
    """Its area is that class's AUC."""
    labels, scores = multiclass
    found = evaluation.curves(labels, scores, PLAN, 0.5)
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
    found = evaluation.curves(actual, predicted, FEE, 0.5)
    pairs = set(zip(found["predicted"]["actual"], found["predicted"]["predicted"], strict=True))
    assert pairs <= set(zip(actual.tolist(), predicted.tolist(), strict=True))
    assert found["predicted"]["actual"] == sorted(found["predicted"]["actual"])
    assert sum(found["residuals"]["counts"]) == len(actual)
