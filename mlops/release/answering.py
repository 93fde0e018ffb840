"""Answers: what a version of a model says about one row, in the words of every door."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlops.base.clock import Instant
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


def computed(
    model: LoadedModel, values: Mapping[str, Any], row: Mapping[str, Any]
) -> tuple[np.ndarray, dict[str, Any]]:
    """Return a model's score of one row, and all that follows from it, by field of `Prediction`.

    Parameters
    ----------
    values : mapping
        The row as the model takes it.
    row : mapping
        The row as it came, for the message.
    """
    learned = model.signature
    scores, beyond = scoring.answers(model.pipeline, learned.frame([values]), learned)
    if beyond:
        raise refused([misfit(0, beyond[0], scoring.HELD, row[beyond[0]])], row)
    return scores[0], {
        "scores": named(scores[0], learned),
        "prediction": scoring.decide(scores, learned, model.threshold)[0],
        "threshold": model.threshold if learned.task == "binary" else None,
        "model_version": model.version.version,
        "model_sha256": model.version.sha256,
    }


def named(score: np.ndarray, learned: Signature) -> dict[str, Any]:
    """Return what a row was given, under the names that every door uses."""
    if learned.task == "multiclass":
        return {"probabilities": dict(zip(map(str, learned.labels), score.tolist(), strict=True))}
    return {} if learned.task == "regression" else {f"{learned.target}_probability": float(score)}
