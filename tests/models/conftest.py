"""What the tests of models share: three questions, and scores that say something about them."""

from __future__ import annotations

import numpy as np
import pytest

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
