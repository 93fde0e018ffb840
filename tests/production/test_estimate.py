"""Estimate: an AUC without outcomes follows when customers change, and is blind when their reasons do."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from mlops.experiments.judged import Judged
from mlops.models import metrics
from mlops.production import estimate
from tests.production.test_performance import LEARNED


def people(random, count: int, spread: float = 1.0) -> np.ndarray:
    """How likely each of some people is to leave; with little spread all are alike."""
    return 1 / (1 + np.exp(-(spread * random.normal(0, 1.5, count) - 1)))


def judged(random, likely: np.ndarray, labels: np.ndarray) -> Judged:
    """The answers of a model that knows who is likelier, but not how likely: its scores are no probabilities."""
    return Judged(labels, likely**2, np.arange(len(likely)), LEARNED, 0.5)


def estimated(random, then: np.ndarray, now: np.ndarray) -> estimate.Estimate:
    known = judged(random, then, (random.random(len(then)) < then).astype(int))
    return estimate.of(now**2, estimate.calibrated(known)(now**2))


def test_the_estimate_is_the_auc_to_be_expected():
    """It is the mean of the AUCs of outcomes drawn again and again, and so is its spread."""
    random = np.random.default_rng(1)
    likely = people(random, 400)
    auc, deviation = metrics.expected_auc(likely, likely)
    drawn = random.random((2000, 400)) < likely
    everybody = np.repeat([1, 0], 400), np.tile(likely, 2)
    aucs = metrics.auc(*everybody, LEARNED)(np.hstack([drawn, ~drawn]).astype(float))
    assert abs(aucs.mean() - auc) < 0.003 and abs(aucs.std() / deviation - 1) < 0.08


def test_equal_scores_count_half():
    """As in every AUC."""
    assert metrics.expected_auc(np.array([0.2, 0.9, 0.5]), np.ones(3))[0] == pytest.approx(0.5)


def test_it_follows_where_customers_change():
    """People who are all alike are hard to tell apart, and the scores say so before any outcome does."""
    random = np.random.default_rng(2)
    then, now = people(random, 4000), people(random, 3000, spread=0.4)
    found = estimated(random, then, now)
    truth = roc_auc_score(random.random(3000) < now, now)
    assert truth < estimated(random, then, people(random, 3000)).low
    assert found.low <= truth <= found.high


def test_it_is_blind_to_a_changed_law():
    """The same people leave for other reasons: the estimate stays where it was, and is judged wrong when outcomes come."""
    random = np.random.default_rng(3)
    then, now = people(random, 4000), people(random, 3000)
    found = estimated(random, then, now)
    truth = roc_auc_score(random.random(3000) < random.permutation(now), now)
    assert found.auc > 0.75 and not found.low <= truth <= found.high


def test_it_holds_where_nothing_changed():
    """About 95 of 100 true AUCs lie within; how well its calibration is known is not in it, so it may be fewer."""
    random = np.random.default_rng(4)
    held = 0
    for _ in range(200):
        found = estimated(random, people(random, 3000), now := people(random, 1000))
        held += found.low <= roc_auc_score(random.random(1000) < now, now) <= found.high
    assert held >= 0.88 * 200


def test_where_scores_cannot_tell_there_is_none(released, arrive):
    """Too few labelled rows, one class only, or no question of yes or no."""
    random = np.random.default_rng(5)
    likely = people(random, 300)
    labels = (random.random(300) < likely).astype(int)
    assert estimate.calibrated(judged(random, likely[:199], labels[:199])) is None
    assert estimate.calibrated(judged(random, likely, np.zeros(300, int))) is None
    assert estimate.of(likely, np.zeros(300)) is None


def test_it_is_scored_when_the_truth_comes(released, arrive, told):
    """Beside part of the outcomes it has an error, beside all of them a verdict."""
    frame = arrive(3)
    [month] = released.monitoring.report().months
    assert (month.estimate.error, month.estimate.held) == (None, None)
    released.set_clock("2024-04-01T00:00:00Z")
    told(frame.head(300), "2024-03-31T00:00:00Z")
    [month] = released.monitoring.report().months
    assert month.estimate.held is None and month.estimate.error == month.outcomes.auc - month.estimate.auc
    told(frame.tail(300), "2024-03-31T00:00:00Z")
    [month] = released.monitoring.report().months
    assert month.estimate.held == (month.estimate.low <= month.outcomes.auc <= month.estimate.high)
