"""Signature: what a model takes and what it answers.

The signature is learned with the model and travels with it, in ``run.json`` and in the JSON beside the model.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mlops.base.errors import InvalidError, shown, some
from mlops.base.records import Record
from mlops.base.tasks import Label, Task
from mlops.data.datasets import DatasetVersion
from mlops.data.tables import Type

MOST_NAMED = 5
"""So many unknown columns are named one by one."""

MAX_ID = 1000
"""Characters of the id of a row that is asked about by itself, which comes back with the answer, at most."""


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

    @property
    def question(self) -> tuple[Any, ...]:
        """What is asked: the target, its kind, its classes, the class looked for. Answers to one question compare."""
        return self.target, self.task, self.labels, self.positive

    def unknown(self, names: Iterable[Any]) -> list[str]:
        """Return a warning for each column that the training data did not have; of many, only the first are named."""
        known = {*self.names, self.target, self.id, *self.ignored}
        new = [name for name in names if name not in known]
        if len(new) > MOST_NAMED:
            return [f"{some(new, MOST_NAMED)} are no columns of the training data and were ignored."]
        return [f"{shown(name)} is no column of the training data and was ignored." for name in new]

    def lacking(self, types: Mapping[str, Type]) -> list[dict[str, Any]]:
        """Return a misfit for each feature that columns of these types do not have, or not as the model takes them."""
        takes = {"number": ("number", "integer")}
        return [
            misfit(None, feature["name"], feature["type"], types.get(feature["name"], "missing"))
            for feature in self.features
            if types.get(feature["name"]) not in takes.get(feature["type"], (feature["type"],))
        ]

    def check_columns(self, who: str, types: Mapping[str, Type], where: str) -> None:
        """Refuse columns that the model cannot score; `who` is what the model is called in the message."""
        for one in self.lacking(types)[:1]:
            raise InvalidError(
                f"{who} needs the {one['expected']} column {shown(one['field'])}; in {where} it is {one['got']}.",
                "Name a version that has it.",
            )

    def check_version(self, who: str, version: DatasetVersion) -> None:
        """Refuse a version with another target than the model predicts, or without its columns."""
        if (version.target, version.task) != (self.target, self.task):
            raise InvalidError(
                f"{who} predicts {self.target} ({self.task}); the target of {version.ref} is {version.target} "
                f"({version.task}).",
                "Name a version with that target.",
            )
        self.check_columns(who, version.column_types, version.ref)

    def check_question(self, who: str, other: str, asked: Signature) -> None:
        """Refuse another model that does not answer the same question."""
        if self.question != asked.question:
            raise InvalidError(
                f"{who} predicts {self.target} ({self.task}) and {other} {asked.target} ({asked.task}), or from other "
                "classes.",
                "Choose models that predict the same.",
            )

    def check_labels(self, who: str, labels: Iterable[Label], where: str) -> None:
        """Refuse outcomes of a class that the model has not learned."""
        if new := set(labels) - set(self.labels) if self.task != "regression" else set():
            raise InvalidError(
                f"{where} has {self.target} = {min(map(shown, new))}, a class that {who} has not learned.",
                "Name a version with the classes of the training.",
            )


def misfit(row: int | None, field: str, expected: str, got: Any) -> dict[str, Any]:
    """Return why a row, or with None the whole file or version, cannot be used."""
    return {"row": row, "field": field, "expected": expected, "got": got}
