"""Signature: what a model takes and what it answers.

The signature is learned with the model and travels with it, in ``run.json`` and in the JSON beside the model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlops.records import Record
from mlops.tasks import Label, Task


@dataclass(frozen=True)
class Signature(Record):
    """Inputs and outputs of a model."""

    features: tuple[Mapping[str, Any], ...]
    """``{name, type, nullable, levels}`` for each feature, in the model's order; levels of text only."""
    target: str
    task: Task
    labels: tuple[Label, ...]
    """The classes in the order of the model's probabilities; empty for regression."""
    positive: Label | None
    id: str | None
    ignored: tuple[str, ...]
    """Other columns of the training data; they may come along and are not used."""

    @property
    def names(self) -> list[str]:
        """Names of the features, in the model's order."""
        return [feature["name"] for feature in self.features]
