"""Fit: from a config and prepared rows to a model, and how good it is.

`fit` is a function of its arguments alone: it knows no ledger, no workspace and no file, and the same config and rows
give the same bytes in every process. On the way it tells a `Progress` how far it is. What gives a model its rows, and
keeps what comes out, is `pipeline`.

An estimator learns *in view*: every few iterations its loss is measured. The model is the same, byte for byte, as one
call of scikit-learn's ``fit`` gives; `tests/training/test_fit.py` holds that. Measuring is cheap: each tree is scored
once, when it is new, and added to what the trees before it said, and of the train rows only as many are scored as there
are validation rows, evenly drawn.

- gradient_boosting: scikit-learn calls us after each tree (``monitor``).
- random_forest: grown in blocks of trees (``warm_start``).
- hist_gradient_boosting: has no public way to look at it while it learns, and blocks would sort the values into bins
  again for each of them, which takes longer than the training. It is measured when it has ended (``staged_predict``).
- Other types have no iterations, and so no points.
"""

from __future__ import annotations

import io
import math
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
from joblib.numpy_pickle import NumpyPickler, Pickler
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from mlops.base.errors import ConfigError, InvalidError
from mlops.base.provenance import THREADS
from mlops.base.strict_yaml import found
from mlops.base.tasks import Task
from mlops.data.rows import rows_sha256
from mlops.models import curves, estimators, intervals, metrics, scoring
from mlops.models.matrix import Cells

if TYPE_CHECKING:
    from mlops.experiments.configs import Config
    from mlops.experiments.progress import Progress
    from mlops.models.signature import Signature
    from mlops.training.preparation import Prepared

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


@dataclass(frozen=True)
class Fitted:
    """A model, and what there is to say about it."""

    model: bytes
    """Preprocessing and estimator, as joblib keeps them."""
    predictions: bytes
    """Parquet: the score of every row, with its position, part, hash and label."""
    curves: Mapping[str, Any]
    """Of the validation rows, see `curves.of`, and `training`: the loss on the way, where it was measured."""
    metrics: Mapping[str, Mapping[str, float | None]]
    """By split, then by metric."""
    intervals: Mapping[str, Mapping[str, list[float]]]
    """By split, then by metric."""
    rows_sha256: Mapping[str, str]
    """Which rows with which outcomes each split holds."""
    examples: list[dict[str, Any]]
    """``{row, answer}`` for a few test rows: what the model must answer wherever it is loaded."""


def fit(config: Config, prepared: Prepared, progress: Progress) -> Fitted:
    """Train and evaluate a model.

    Parameters
    ----------
    config : Config
        What to train, its seed included.
    prepared : Prepared
        The rows.
    progress : Progress
        Hears of steps train and evaluate as they begin and end, and of each iteration. What it raises ends the fit.

    Raises
    ------
    ConfigError
        If the model asks for more rows than there are.
    InvalidError
        If it diverges.
    """
    estimator, learned = estimators.find(config.schema.model.type), prepared.signature
    parts = {part: prepared.frame[prepared.frame["part"] == part] for part in prepared.matrix}
    labels = {part: frame["label"].to_numpy() for part, frame in parts.items()}
    curve: dict[str, Any] = {}

    def tell(done: int, of: int, point: Point | None) -> None:
        if point is not None:
            curve.setdefault("metric", "rmse" if learned.task == "regression" else "log_loss")
            for key, value in vars(point).items():
                curve.setdefault(key, []).append(value)
        progress.iteration(done, of, curve or None)

    with progress.step("train") as rows:
        parameters = config.schema.model.model_dump(exclude={"type"})
        _check_neighbours(parameters.get("n_neighbors", 0), len(parts["train"]))
        model = estimator.build(parameters, learned.task, config.seed)
        learn(estimator.name, model, prepared.matrix, labels, learned.task, tell)
        rows(len(parts["train"]))

    with progress.step("evaluate") as rows:
        tail, threshold, judged = Pipeline([("model", model)]), config.threshold, ("validation", "test")
        scores = {part: scoring.probabilities(tail, matrix, learned) for part, matrix in prepared.matrix.items()}
        every = {part: metrics.of(labels[part], scores[part], learned, threshold) for part in parts}
        drawn = curves.of(labels["validation"], scores["validation"], learned, threshold)
        pipeline = Pipeline([*prepared.steps, ("model", model)])
        packed = _pickled(pipeline)  # now: the trees of k_neighbors count how often they were asked
        answers = scoring.probabilities(pipeline, Cells.of_rows(prepared.examples, learned), learned)
        fitted = Fitted(
            model=packed,
            predictions=_table(parts, scores, learned),
            curves=drawn | ({"training": curve} if curve else {}),
            metrics={part: metrics.numbers(every[part]) for part in parts},
            intervals={part: intervals.of(every[part]) for part in judged},
            rows_sha256={
                part: rows_sha256(frame["row_hash"].to_numpy(), labels[part], learned.positive)
                for part, frame in parts.items()
            },
            examples=[
                {"row": row, "answer": answer.tolist()} for row, answer in zip(prepared.examples, answers, strict=True)
            ],
        )
        rows(sum(len(parts[part]) for part in judged))
    return fitted


def _check_neighbours(asked: int, rows: int) -> None:
    if asked > rows:
        raise ConfigError(
            f"model.n_neighbors is {asked}, but there are only {rows} train rows to choose neighbours from.",
            f"Use {rows} at most.",
            [found(None, "model.n_neighbors", f"more than {rows} rows")],
        )


# The bytes


class _Pickler(NumpyPickler):  # type: ignore[misc]
    """Writes a model as `joblib.dump` does, but equal strings as one.

    Else the bytes tell which strings are the same object, and that differs where the preprocessing was thawed by a
    process that never fitted one, or where a process had loaded a model before it trained.
    """

    def save(self, obj: Any) -> None:
        if type(obj) is np.ndarray and obj.dtype.hasobject:
            Pickler.save(self, obj)  # joblib would leave it to another pickler, which knows nothing of this
        else:
            super().save(sys.intern(obj) if type(obj) is str else obj)


def _pickled(pipeline: Pipeline) -> bytes:
    buffer = io.BytesIO()
    _Pickler(buffer).dump(pipeline)
    return buffer.getvalue()


def _table(parts: Mapping[str, pd.DataFrame], scores: Mapping[str, np.ndarray], learned: Signature) -> bytes:
    frame = pd.concat(parts.values(), ignore_index=True)
    stacked = np.concatenate([*scores.values()])
    columns: dict[str, Any] = {name: frame[name].to_numpy() for name in frame.columns}
    columns["part"] = frame["part"].to_numpy(dtype=object)
    if learned.task == "multiclass":
        columns |= {f"probability_{label}": stacked[:, index] for index, label in enumerate(learned.labels)}
    else:
        columns["prediction" if learned.task == "regression" else "probability"] = stacked
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(pa.table(columns), buffer, compression="zstd")
    return buffer.getvalue()


# Learning in view


def learn(type: str, model: Any, features: Rows, labels: Rows, task: Task, tell: Tell) -> None:
    """Let an estimator learn from the train rows and measure it: on the way, or where nobody can look, right after.

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
    in_view = _IN_VIEW.get(type)
    with threadpool_limits(THREADS):
        if in_view is None:
            model.fit(features["train"], labels["train"])
        else:
            in_view(model, features["train"], labels["train"], _Measure(features, labels, task), tell)


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
