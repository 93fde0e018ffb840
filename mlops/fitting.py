"""Fitting: an estimator learns in view, and every few iterations its loss is measured.

The model is the same, byte for byte, as one call of scikit-learn's ``fit`` gives; `tests/test_fitting.py` holds that.
Each tree is scored once, when it is new, and added to what the trees before it said.

- gradient_boosting: scikit-learn calls us after each tree (``monitor``).
- random_forest: grown in blocks of trees (``warm_start``).
- hist_gradient_boosting: fitted in one go and measured afterwards, for blocks would sort the values into bins again for
  each of them, which takes longer than the training.
- Other types have no iterations, and so no points.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from mlops.tasks import Task

BOOSTING_POINTS = 60
"""Points of a curve at most; a screen cannot show more."""

FOREST_POINTS = 30
"""A forest is grown in so many blocks at most, for each looks over all rows and labels again."""


PARTS = ("train", "validation")
"""Splits that are measured; the test rows are for the end."""


@dataclass(frozen=True)
class Point:
    """The loss of a model that has learned for some iterations."""

    iteration: int
    """Trees so far (of gradient boosting with several classes: rounds of trees)."""
    train: float
    """Log loss (regression: root mean squared error) on the rows it learned from."""
    validation: float
    """The same on the validation rows."""


Tell = Callable[[int, int, Point | None], None]
"""Called with the iterations done, of how many, and a point where one was measured. What it raises ends the fit."""


def measured(task: Task) -> str:
    """Name the metric of the points."""
    return "rmse" if task == "regression" else "log_loss"


def fit(
    type: str, model: Any, features: Mapping[str, Any], labels: Mapping[Any, np.ndarray], task: Task, tell: Tell
) -> None:
    """Fit an estimator on the train rows and measure it on the way.

    Parameters
    ----------
    type : str
        Model type, as a config names it.
    model : scikit-learn estimator
        Unfitted; fitted afterwards.
    features : mapping of str to matrix of shape (n_rows, n_features)
        By split; train and validation are used.
    labels : mapping of str to ndarray of shape (n_rows,)
        True values by split.
    tell : callable
        Hears of every iteration, see `Tell`.
    """
    learn = _IN_VIEW.get(type, _at_once)
    with threadpool_limits(1):  # the order of additions, and so the last digit, must not depend on the machine
        learn(model, features, labels, task, tell)


def _at_once(model: Any, features: Mapping[str, Any], labels: Mapping[Any, np.ndarray], task: Task, tell: Tell) -> None:
    model.fit(features["train"], labels["train"])


def _boost(model: Any, features: Mapping[str, Any], labels: Mapping[Any, np.ndarray], task: Task, tell: Tell) -> None:
    total, stages = model.n_estimators, _Stages(model, features, labels, task)

    def monitor(index: int, *_: Any) -> bool:
        tell(index + 1, total, stages.next(total))
        return False  # True would end the fit early

    model.fit(features["train"], labels["train"], monitor=monitor)


def _grow(model: Any, features: Mapping[str, Any], labels: Mapping[Any, np.ndarray], task: Task, tell: Tell) -> None:
    total = model.n_estimators
    # Trees compute with 32 bits; converted here, it is not done again for each of them.
    matrix = {part: np.ascontiguousarray(features[part], dtype=np.float32) for part in PARTS}
    sums: dict[str, Any] = dict.fromkeys(matrix, 0.0)
    model.set_params(warm_start=True)
    for grown in _kept(total, FOREST_POINTS):
        before = len(getattr(model, "estimators_", ()))
        model.set_params(n_estimators=grown)
        model.fit(features["train"], labels["train"])
        score = "predict" if task == "regression" else "predict_proba"
        for tree in model.estimators_[before:]:
            sums = {part: sums[part] + getattr(tree, score)(matrix[part], check_input=False) for part in matrix}
        losses = {part: _loss(model, labels[part], task)(sums[part] / grown) for part in matrix}
        tell(grown, total, _point(grown, losses))
    model.set_params(warm_start=False)


def _boost_first(
    model: Any, features: Mapping[str, Any], labels: Mapping[Any, np.ndarray], task: Task, tell: Tell
) -> None:
    model.fit(features["train"], labels["train"])
    total, stages = int(model.n_iter_), _Stages(model, features, labels, task)
    for iteration in range(1, total + 1):
        tell(iteration, total, stages.next(total))


_IN_VIEW = {"gradient_boosting": _boost, "random_forest": _grow, "hist_gradient_boosting": _boost_first}


@cache
def _kept(total: int, most: int) -> list[int]:
    """Return at most `most` iterations, evenly, the last one among them.

    Examples
    --------
    >>> _kept(3, 60), _kept(100, 4)
    ([1, 2, 3], [25, 50, 75, 100])
    """
    return [round(total * number / min(total, most)) for number in range(1, min(total, most) + 1)]


class _Stages:
    """Scores of a boosted model tree by tree, also while it is fitted: nothing is scored twice."""

    def __init__(self, model: Any, features: Mapping[str, Any], labels: Mapping[Any, np.ndarray], task: Task) -> None:
        self._model, self._labels, self._task = model, labels, task
        staged = model.staged_predict if task == "regression" else model.staged_predict_proba
        self._scores = {part: staged(features[part]) for part in PARTS}  # begins with the first `next`
        self._losses: dict[str, Callable[[np.ndarray], float]] = {}
        self._iteration = 0

    def next(self, total: int) -> Point | None:
        """Add the newest tree; return a point if this iteration is one of those that are kept."""
        self._iteration += 1
        scores = {part: next(self._scores[part]) for part in PARTS}
        if self._iteration not in _kept(total, BOOSTING_POINTS):
            return None
        if not self._losses:  # only now the model knows its classes
            self._losses = {part: _loss(self._model, self._labels[part], self._task) for part in PARTS}
        return _point(self._iteration, {part: self._losses[part](scores[part]) for part in PARTS})


def _loss(model: Any, labels: np.ndarray, task: Task) -> Callable[[np.ndarray], float]:
    """Return the function that measures scores; it computes what scikit-learn's metric does, without its checks."""
    if task == "regression":
        return lambda predicted: float(np.sqrt(np.mean((labels - predicted) ** 2)))
    true_class = labels[:, None] == model.classes_[None, :]
    smallest = np.finfo(float).eps

    def log_loss(scores: np.ndarray) -> float:
        likelihood = np.clip((scores * true_class).sum(axis=1), smallest, 1 - smallest)
        return float(-np.mean(np.log(likelihood)))

    return log_loss


def _point(iteration: int, losses: Mapping[str, float]) -> Point:
    return Point(iteration, losses["train"], losses["validation"])
