"""Signature: what a model takes and what it answers.

The signature is learned with the model and travels with it, in ``run.json`` and in the JSON beside the model.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mlops.base.errors import shown, some
from mlops.base.records import Record
from mlops.base.tasks import Label, Task

MOST_NAMED = 5
"""So many unknown columns are named one by one."""

MAX_ROW = 1 << 20
"""Characters of a row that is asked about by itself, at most."""

MAX_ID = 1000
"""Characters of the id of such a row, which comes back with the answer, at most."""


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

    def unknown(self, names: Iterable[Any]) -> list[str]:
        """Return a warning for each column that the training data did not have; of many, only the first are named."""
        known = {*self.names, self.target, self.id, *self.ignored}
        new = [name for name in names if name not in known]
        if len(new) > MOST_NAMED:
            return [f"{some(new, MOST_NAMED)} are no columns of the training data and were ignored."]
        return [f"{shown(name)} is no column of the training data and was ignored." for name in new]
