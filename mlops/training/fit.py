"""Fit: an estimator learns in view, and every few iterations its loss is measured.

The model is the same, byte for byte, as one call of scikit-learn's ``fit`` gives; `tests/training/test_fit.py`
holds that. Measuring is cheap: each tree is scored once, when it is new, and added to what the trees before it said,
and of the train rows only as many are scored as there are validation rows, evenly drawn.

- gradient_boosting: scikit-learn calls us after each tree (``monitor``).
- random_forest: grown in blocks of trees (``warm_start``).
- hist_gradient_boosting: has no public way to look at it while it learns, and blocks would sort the values into bins
  again for each of them, which takes longer than the training. It is measured when it has ended (``staged_predict``).
- Other types have no iterations, and so no points.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from mlops.base.errors import InvalidError
from mlops.base.tasks import Task

BOOSTING_POINTS = 60
"""Points of a curve at most; a screen cannot show more."""

FOREST_POINTS = 20
"""A forest is grown in so many blocks at most, for each looks over all rows and labels again."""


PARTS = ("train", "validation")
"""Splits that are measured; the test rows are for the end."""

Rows = Mapping[Any, Any]
"""A matrix of features, or an array of labels, by split."""


@dataclass(frozen=True)
class Point:
    """The loss of a model that has learned for some iterations."""

    iteration: int
    """Trees so far (of gradient boosting with several classes: rounds of trees)."""
    train: float
    """Log loss (regression: root mean squared error) on some of the rows it learned from, see `scored_rows`."""
    validation: float
    """The same on all validation rows."""


Tell = Callable[[int, int, Point | None], None]
"""Called with the iterations done, of how many, and a point where one was measured. What it raises ends the fit.

None done: the iterations begin now, after something else that took its time."""


def measured(task: Task) -> str:
    """Name the metric of the points."""
    return "rmse" if task == "regression" else "log_loss"


def fit(type: str, model: Any, features: Rows, labels: Rows, task: Task, tell: Tell) -> None:
    """Fit an estimator on the train rows and measure it: on the way, or where nobody can look, right after.

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
    learn = _IN_VIEW.get(type)
    with threadpool_limits(1):  # the order of additions, and so the last digit, must not depend on the machine
        if learn is None:
            model.fit(features["train"], labels["train"])
        else:
            learn(model, features["train"], labels["train"], _Measure(features, labels, task), tell)


def scored_rows(train: int, validation: int) -> np.ndarray:
    """Return positions of the train rows that are measured: at most as many as validation rows, evenly drawn.

    Examples
    --------
    >>> scored_rows(9, 3)
    array([0, 4, 8])
    """
    return np.linspace(0, train - 1, min(train, validation)).astype(int)


class _Measure:
    """Measures a model on some train rows and on the validation rows, iteration by iteration."""

    def __init__(self, features: Rows, labels: Rows, task: Task) -> None:
        drawn = scored_rows(len(labels["train"]), len(labels["validation"]))
        self.features = {"train": features["train"][drawn], "validation": features["validation"]}
        self._labels = {"train": labels["train"][drawn], "validation": labels["validation"]}
        self._task = task
        self._staged: dict[str, Iterator[np.ndarray]] = {}
        self._true: dict[str, np.ndarray] = {}

    def scores(self, model: Any) -> dict[str, np.ndarray]:
        """Return what a boosted model says after one more iteration; gradient boosting may still be in its fit."""
        if not self._staged:
            staged = model.staged_predict if self._task == "regression" else model.staged_predict_proba
            self._staged = {part: staged(self.features[part]) for part in PARTS}
        return {part: next(self._staged[part]) for part in PARTS}

    def point(self, iteration: int, model: Any, scores: Mapping[str, np.ndarray]) -> Point:
        """Return the point of an iteration.

        Raises
        ------
        InvalidError
            If the loss is beyond all numbers.
        """
        if self._task == "regression":
            losses = {part: _rmse(scores[part], self._labels[part]) for part in PARTS}
        else:
            if not self._true:  # only now the model knows its classes
                self._true = {part: self._labels[part][:, None] == model.classes_[None, :] for part in PARTS}
            losses = {part: _log_loss(scores[part], self._true[part]) for part in PARTS}
        if not all(map(math.isfinite, losses.values())):
            raise InvalidError(
                f"After {iteration} iterations the predictions are too large to be measured: the model diverges.",
                "Use a smaller model.learning_rate, or a target in larger units.",
            )
        return Point(iteration, **losses)


def _boost(model: Any, features: Any, labels: np.ndarray, measure: _Measure, tell: Tell) -> None:
    total = model.n_estimators
    kept = _kept(total, BOOSTING_POINTS)

    def monitor(index: int, model: Any, _: Any) -> bool:
        scores = measure.scores(model)  # also where no point is kept: each tree is added once
        tell(index + 1, total, measure.point(index + 1, model, scores) if index + 1 in kept else None)
        return False  # True would end the fit early

    model.fit(features, labels, monitor=monitor)


def _boost_binned(model: Any, features: Any, labels: np.ndarray, measure: _Measure, tell: Tell) -> None:
    model.fit(features, labels)
    total = int(model.n_iter_)  # fewer than asked if more trees did not help
    kept = _kept(total, BOOSTING_POINTS)
    for iteration in range(1, total + 1):
        scores = measure.scores(model)
        if iteration in kept:
            tell(total, total, measure.point(iteration, model, scores))  # all are done: only the curve is late


def _grow(model: Any, features: Any, labels: np.ndarray, measure: _Measure, tell: Tell) -> None:
    total = model.n_estimators
    # Trees compute with 32 bits; converted here, it is not done again for each block.
    features = np.ascontiguousarray(features, dtype=np.float32)
    shown = {part: np.ascontiguousarray(measure.features[part], dtype=np.float32) for part in PARTS}
    sums: dict[str, Any] = dict.fromkeys(PARTS, 0.0)
    tell(0, total, None)  # the conversion is no part of their pace
    model.set_params(warm_start=True)
    for grown in _kept(total, FOREST_POINTS):
        before = len(getattr(model, "estimators_", ()))
        model.set_params(n_estimators=grown)
        model.fit(features, labels)
        for tree in model.estimators_[before:]:
            score = getattr(tree, "predict_proba", tree.predict)
            sums = {part: sums[part] + score(shown[part], check_input=False) for part in PARTS}
        tell(grown, total, measure.point(grown, model, {part: sums[part] / grown for part in PARTS}))
    model.set_params(warm_start=False)


_IN_VIEW = {"gradient_boosting": _boost, "random_forest": _grow, "hist_gradient_boosting": _boost_binned}


def _kept(total: int, most: int) -> list[int]:
    """Return at most `most` iterations, evenly, the last one among them.

    Examples
    --------
    >>> _kept(3, 60), _kept(100, 4)
    ([1, 2, 3], [25, 50, 75, 100])
    """
    return [round(total * number / min(total, most)) for number in range(1, min(total, most) + 1)]


# What scikit-learn's metrics compute, without their checks, which take longer than the metric.


def _rmse(predicted: np.ndarray, labels: np.ndarray) -> float:
    return float(np.sqrt(np.mean((labels - predicted) ** 2)))


def _log_loss(scores: np.ndarray, true: np.ndarray) -> float:
    smallest = np.finfo(float).eps
    return float(-np.mean(np.log(np.clip((scores * true).sum(axis=1), smallest, 1 - smallest))))
