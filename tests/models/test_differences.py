"""Differences: pairs cancel what both find hard, and luck is called luck."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.base.errors import InvalidError
from mlops.models import differences, intervals, metrics
from tests.models.conftest import signature

RANDOM = np.random.default_rng(5)
ROWS = 400


@pytest.fixture(autouse=True)
def _same_numbers():
    """Each test draws the same numbers, whatever ran before it."""
    RANDOM.bit_generator.state = np.random.default_rng(5).bit_generator.state


def binary(rows: int = ROWS, pull: float = 1.0, digits: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Return labels and rounded scores, so that many scores are equal."""
    truth = RANDOM.random(rows) < 0.3
    return truth.astype(int), np.clip(RANDOM.normal(0.4 + 0.15 * pull * truth, 0.2), 0.01, 0.99).round(digits)


YES_OR_NO = signature("binary", (0, 1), 1)


@given(st.integers(1, 3000), st.integers(0, 5))
def test_every_resample_draws_as_many_rows_as_there_are(rows, seed):
    """With replacement, and the same ones for the same seed."""
    first, again = (next(differences.resamples(rows, seed, 9000)) for _ in range(2))
    assert (first.sum(axis=1) == rows).all() and (first == again).all()


def of(labels, scores, metric="auc"):
    return metrics.of(labels, scores, YES_OR_NO, 0.5)[metric]


def test_a_run_against_itself_is_no_better():
    """The pairs cancel to nothing."""
    labels, scores = binary()
    found = differences.difference(of(labels, scores), of(labels, scores), "auc", ROWS)
    assert (found.difference, found.low, found.high, found.verdict) == (0, 0, 0, "inconclusive")


def test_a_clearly_better_run_is_better_and_the_other_way_round_worse():
    """The whole interval is on one side."""
    labels, scores = binary(2000, pull=3)
    noise = RANDOM.permutation(scores)
    assert differences.difference(of(labels, noise), of(labels, scores), "auc", 2000).verdict == "better"
    assert differences.difference(of(labels, scores), of(labels, noise), "auc", 2000).verdict == "worse"


def test_less_is_better_for_a_loss():
    """A lower log loss is a better run."""
    labels, scores = binary(2000, pull=3)
    bad, good = of(labels, RANDOM.permutation(scores), "log_loss"), of(labels, scores, "log_loss")
    found = differences.difference(bad, good, "log_loss", 2000)
    assert found.verdict == "better" and found.difference < 0 and found.better > 0.99


def test_a_metric_that_is_not_defined_is_no_difference():
    """There is no AUC of one class."""
    labels, scores = np.zeros(20, dtype=int), np.linspace(0.1, 0.9, 20)
    with pytest.raises(InvalidError, match="auc is not defined on these 20 rows"):
        differences.difference(of(labels, scores), of(labels, scores), "auc", 20)


def test_many_classes_with_a_row_each_are_no_difference():
    """Hardly a resample has a row of each; whatever it says of the others would be of a few lucky ones."""
    classes = tuple(f"c{number:02}" for number in range(30))
    scores = RANDOM.dirichlet(np.ones(30), 30)
    known = [metrics.of(np.array(classes), one, signature("multiclass", classes), 0.5) for one in (scores, scores.T)]
    assert np.isfinite(known[0]["auc"](np.ones((1, 30))))
    with pytest.raises(InvalidError, match="auc is not defined on these 30 rows, or hardly ever"):
        differences.difference(known[0]["auc"], known[1]["auc"], "auc", 30)


def test_what_is_the_same_in_every_resample_has_no_interval():
    """From 1 to 1 would say that a perfect order of a few rows is certain."""
    labels = np.array([0, 0, 0, 1, 1])
    assert intervals.interval(of(labels, labels * 0.8, "average_precision")) is None


def test_luck_is_called_better_about_as_rarely_as_promised():
    """Two scores that are equally good by construction: in about 5 % of all pairs one looks better or worse."""
    verdicts = []
    for _ in range(200):
        labels, scores = binary(300, digits=6)
        shifts = RANDOM.normal(0, 0.15, (2, 300))
        pair = [of(labels, scores + shift) for shift in shifts]
        verdicts.append(differences.difference(*pair, "auc", 300).verdict)
    assert verdicts.count("inconclusive") >= 176


def test_an_interval_covers_the_truth_about_as_often_as_promised():
    """The mean of a loss is known; so is how often its interval holds it."""
    hits = 0
    for _ in range(200):
        actual = RANDOM.normal(0, 1, 200)
        metric = metrics.of(actual, np.zeros(200), signature("regression"), 0.5)["mae"]
        low, high = intervals.interval(metric)
        hits += low <= np.sqrt(2 / np.pi) <= high
    assert hits >= 178


def test_a_hundred_draws_say_what_all_say():
    """The challenger is ahead in as many of a hundred as in all; the same pair gets the same draws."""
    labels, scores = binary(300)
    pair = of(labels, np.roll(scores, 1) * 0.3 + scores), of(labels, scores)
    found, again = (differences.difference(*pair, "auc", 300) for _ in range(2))
    ahead = sum(yours > live for live, yours in found.draws)
    assert found.draws == again.draws and len(found.draws) == 100
    assert 0 < found.better < 1 and abs(ahead / 100 - found.better) <= 0.01


def test_the_draws_are_those_of_the_same_rows_for_both():
    """A model against itself is nowhere ahead, however the rows fall."""
    labels, scores = binary(300)
    found = differences.difference(of(labels, scores), of(labels, scores), "auc", 300)
    assert all(live == yours for live, yours in found.draws) and len({*found.draws}) > 50
