"""Estimators: the model types a config can name, their parameters, and the scikit-learn pipeline they make.

Each type is one record in `ESTIMATORS`. Every pipeline takes the feature columns as they are - missing
values, text, levels it has never seen - and answers row by row: the answer for a row never depends on
which other rows are asked about with it, to the last digit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from mlops.base.tasks import MAX_LEVELS, TASKS, Task

Count = Annotated[int, Field(ge=1, le=10_000)]
Rate = Annotated[float, Field(gt=0, le=10)]
Positive = Annotated[float, Field(gt=0, le=1e9)]
Depth = Annotated[int, Field(ge=1, le=100)]

DOUBLE, SINGLE, SQUARED = 1.7976931348623157e308, 3.4028234663852886e38, 1e100
"""The largest number of 64 bits, of 32 bits, and one whose square is far from being too large for 64 bits."""


class Parameters(BaseModel):
    """Base of the parameter schemas: what is not declared is refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class LogisticRegression(Parameters):
    """Linear model of the log odds."""

    type: Literal["logistic_regression"]
    C: Positive = 1.0
    max_iter: Count = 1000
    class_weight: Literal["balanced"] | None = None


class Ridge(Parameters):
    """Linear regression with an L2 penalty."""

    type: Literal["ridge"]
    alpha: Positive = 1.0


class RandomForest(Parameters):
    """Average of trees grown on resampled rows."""

    type: Literal["random_forest"]
    n_estimators: Count = 100
    max_depth: Depth | None = None
    min_samples_leaf: Count = 1
    max_features: Literal["sqrt", "log2"] | Annotated[float, Field(gt=0, le=1)] = "sqrt"


class GradientBoosting(Parameters):
    """Trees, each correcting the ones before it."""

    type: Literal["gradient_boosting"]
    n_estimators: Count = 100
    learning_rate: Rate = 0.1
    max_depth: Depth = 3
    min_samples_leaf: Count = 1
    subsample: Annotated[float, Field(gt=0, le=1)] = 1.0


class HistGradientBoosting(Parameters):
    """Gradient boosting on binned values: fast on many rows."""

    type: Literal["hist_gradient_boosting"]
    max_iter: Count = 100
    learning_rate: Rate = 0.1
    max_depth: Depth | None = None
    max_leaf_nodes: Annotated[int, Field(ge=2, le=10_000)] = 31
    min_samples_leaf: Count = 20


class KNeighbors(Parameters):
    """Vote of the most similar rows."""

    type: Literal["k_neighbors"]
    n_neighbors: Count = 15


class Dummy(Parameters):
    """Baseline that does not look at the features."""

    type: Literal["dummy"]


ModelConfig = Annotated[
    LogisticRegression | Ridge | RandomForest | GradientBoosting | HistGradientBoosting | KNeighbors | Dummy,
    Field(discriminator="type"),
]


@dataclass(frozen=True)
class Estimator:
    """One model type."""

    name: str
    """What ``model.type`` says."""
    parameters: type[Parameters]
    classifier: str | None
    """Module and class of scikit-learn; None if the type does not learn classes."""
    regressor: str | None
    fixed: Mapping[str, Any] = field(default_factory=dict)
    """Arguments that no config changes."""
    seeded: bool = True
    """Whether training draws random numbers."""
    linear: bool = False
    """Whether numbers are scaled and rows handed over as a sparse matrix."""
    largest: float = DOUBLE
    """Numbers of a larger size it cannot compute with, neither before nor after scaling."""

    @property
    def tasks(self) -> tuple[Task, ...]:
        """What the type can learn."""
        return tuple(task for task in TASKS if self._path(task))

    def build(self, parameters: Mapping[str, Any], task: Task, seed: int | None) -> Any:
        """Return the unfitted scikit-learn estimator; the module is imported only now."""
        module, _, name = str(self._path(task)).rpartition(".")
        drawn = {"random_state": seed} if self.seeded else {}
        return getattr(import_module(f"sklearn.{module}"), name)(**parameters, **self.fixed, **drawn)

    def _path(self, task: Task) -> str | None:
        return self.regressor if task == "regression" else self.classifier


def _both(stem: str) -> tuple[str, str]:
    """Return the paths of a classifier and of the regressor beside it."""
    return f"{stem}Classifier", f"{stem}Regressor"


ESTIMATORS: tuple[Estimator, ...] = (
    Estimator(
        "logistic_regression", LogisticRegression, "linear_model.LogisticRegression", None, linear=True, largest=SQUARED
    ),
    Estimator(
        "ridge", Ridge, None, "linear_model.Ridge", {"solver": "sparse_cg", "tol": 1e-8}, linear=True, largest=SQUARED
    ),
    Estimator("random_forest", RandomForest, *_both("ensemble.RandomForest"), largest=SINGLE),
    Estimator("gradient_boosting", GradientBoosting, *_both("ensemble.GradientBoosting"), largest=SINGLE),
    Estimator("hist_gradient_boosting", HistGradientBoosting, *_both("ensemble.HistGradientBoosting")),
    # A tree search computes each distance alone; the brute search multiplies whole blocks of rows.
    Estimator(
        "k_neighbors",
        KNeighbors,
        *_both("neighbors.KNeighbors"),
        {"algorithm": "kd_tree"},
        seeded=False,
        largest=SQUARED,
    ),
    Estimator("dummy", Dummy, *_both("dummy.Dummy"), seeded=False),
)
"""Every model type that a config can name."""


def find(type: str) -> Estimator:
    """Return the estimator record of a model type."""
    return next(estimator for estimator in ESTIMATORS if estimator.name == type)


def largest(model: Any) -> float:
    """Return the size of the largest number that a fitted scikit-learn estimator can compute with."""
    name = f".{type(model).__name__}"
    paths = [(path, one) for one in ESTIMATORS for path in (one.classifier, one.regressor) if path]
    return next((one.largest for path, one in paths if path.endswith(name)), DOUBLE)


def limits(pipeline: Any) -> list[tuple[float, float]]:
    """Return the least and the largest number that a fitted pipeline computes with, for each feature but texts.

    It is `largest` after scaling, as a number before it: to the last digit, for it is said to those who ask.
    """
    most, numbers = largest(pipeline[-1]), pipeline[0].named_transformers_["numbers"]
    scaler = numbers[-1] if hasattr(numbers, "steps") else None
    if scaler is None:
        return [(-most, most)] * pipeline[0].n_features_in_
    return [
        (_end(mean, scale, -most), _end(mean, scale, most))
        for mean, scale in zip(scaler.mean_, scaler.scale_, strict=True)
    ]


def _end(mean: float, scale: float, most: float) -> float:
    """Return the outermost number that is scaled to no more than `most`."""
    end = mean + scale * most
    while abs((end - mean) / scale) > abs(most):
        end = math.nextafter(end, mean)
    while abs((further := math.nextafter(end, most * math.inf)) - mean) / scale <= abs(most):
        end = further
    return end


def preprocessing(estimator: Estimator, numbers: list[int], texts: list[int]) -> list[tuple[str, Any]]:
    """Return the steps that turn feature columns into a numeric matrix.

    Parameters
    ----------
    estimator : Estimator
        The model that will use the matrix.
    numbers, texts : list of int
        Positions of the numeric and of the text columns among the features.

    Returns
    -------
    list of (str, transformer)
        Unfitted steps of a scikit-learn `Pipeline`. Columns are addressed by position, so the pipeline
        takes a DataFrame as well as rows of plain values.
    """
    import numpy as np
    from scipy.sparse import csr_matrix
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

    fill = SimpleImputer(strategy="median", keep_empty_features=True)
    scaled = estimator.linear or estimator.name == "k_neighbors"
    numeric = make_pipeline(fill, StandardScaler()) if scaled else fill
    levels = OneHotEncoder(
        handle_unknown="infrequent_if_exist",
        max_categories=MAX_LEVELS,
        sparse_output=estimator.linear,
        dtype=np.float64,
    )
    columns = ColumnTransformer(
        [("numbers", numeric, numbers), ("texts", levels, texts)], sparse_threshold=1.0 if estimator.linear else 0.0
    )
    steps: list[tuple[str, Any]] = [("columns", columns)]
    if estimator.linear:
        # A sparse product adds up each row alone. A dense one (BLAS) adds in an order that depends on how
        # many rows there are, and one customer would get another last digit than in a batch.
        steps.append(("rows", FunctionTransformer(csr_matrix, accept_sparse=True)))
    return steps
