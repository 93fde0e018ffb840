"""Answers to guesses that are computed from the workspace, by name; never a number that somebody wrote down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mlops import Workspace
from playground.course.verdict import Baseline


@dataclass(frozen=True)
class Answer:
    """The right answer to a guess, as it is in this workspace."""

    value: int
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What the sentence that explains it names beside ``answer`` and ``guess``."""


ANSWERS: dict[str, Callable[[Workspace, Baseline], Answer | None]] = {}
"""Every computation by its name; None as long as there is nothing to compute it from."""


def answer(function: Callable[[Workspace, Baseline], Answer | None]) -> Callable[[Workspace, Baseline], Answer | None]:
    """Make a function an answer that missions can name."""
    ANSWERS[function.__name__] = function
    return function


@answer
def found_of_100(ws: Workspace, baseline: Baseline) -> Answer | None:
    """Of 100 customers who left, how many the model in production finds, on rows it has never seen."""
    live = ws.releases.all_live("production")
    if not live:
        return None
    model = ws.models.get(f"{live[-1].model['name']}@{live[-1].model['version']}")
    recall, auc = model.metrics.get("recall"), model.metrics.get("auc")
    if recall is None or auc is None:
        return None
    return Answer(round(100 * recall), {"auc": f"{auc:.3f}", "threshold": model.threshold, "model": model.ref})
