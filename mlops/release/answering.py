"""Answers: what a version of a model says about one row, in the words of every door."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlops.base.clock import Instant
from mlops.experiments.judged import Recorded
from mlops.models import scoring
from mlops.models.signature import Signature, misfit, refused
from mlops.release.registry import LoadedModel


@dataclass(frozen=True)
class Prediction:
    """The answer to one row."""

    identity: tuple[str, Any]
    """Name and value of the id column; ``("row", 0)`` where there is none."""
    scores: Mapping[str, Any]
    """``<target>_probability``, or ``probabilities`` by class, or nothing for regression."""
    prediction: Any
    """The predicted label in the target's own type, or the predicted number."""
    threshold: float | None
    model_version: str
    model_sha256: str
    prediction_id: str
    predicted_at: Instant
    warnings: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the answer as every door gives it."""
        facts = {key: value for key, value in vars(self).items() if key not in ("identity", "scores")}
        return {self.identity[0]: self.identity[1], **self.scores, **facts, "warnings": list(self.warnings)}


Answerer = LoadedModel | Recorded
"""Who answers: a version of a model, or a run that has none yet."""


def computed(
    model: Answerer, values: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]
) -> tuple[np.ndarray, list[dict[str, Any]]]:
    """Return the scores of rows, and for each row what follows from them, by field of `Prediction`.

    Parameters
    ----------
    values : sequence of mapping
        The rows as the model takes them.
    rows : sequence of mapping
        The rows as they came, for the message.
    """
    learned = model.signature
    scores, beyond = scoring.answers(model.pipeline, learned.frame(values), learned)
    for at, name in beyond.items():
        raise refused([misfit(at, name, scoring.HELD, rows[at][name])], rows[at])
    threshold = model.threshold if learned.task == "binary" else None
    decided = zip(scores, scoring.decide(scores, learned, model.threshold), strict=True)
    return scores, [
        {"scores": named(score, learned), "prediction": label, "threshold": threshold} for score, label in decided
    ]


def named(score: np.ndarray, learned: Signature) -> dict[str, Any]:
    """Return what a row was given, under the names that every door uses."""
    if learned.task == "multiclass":
        return {"probabilities": dict(zip(map(str, learned.labels), score.tolist(), strict=True))}
    return {} if learned.task == "regression" else {f"{learned.target}_probability": float(score)}
