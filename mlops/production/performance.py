"""Performance: how good the answers of a month were, as far as their outcomes are known.

Numbers and intervals are those of `metrics` and `intervals`. Besides all rows together every *group* is looked at: the
rows that share a value. Among many groups one always looks worse than at release, so a group is called worse only where
that holds for however many were looked at (Holm's procedure, as in `experiments.slices`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlops.base.records import Record
from mlops.experiments.judged import Judged
from mlops.models import intervals

FEW = 500
"""Rows with a known outcome below which a month says little: its AUC is off by 0.05 by luck alone."""


@dataclass(frozen=True)
class Performance(Record):
    """How good the answers of a month were."""

    known: int
    """Answers whose outcome is known."""
    answers: int
    """Answers of the month: what `known` is a part of."""
    metric: str
    """What `value`, `low` and `high` are of: auc, or r2."""
    value: float | None
    low: float | None
    high: float | None
    """Ends of its 95 % interval."""
    auc: float | None
    """The same where it is one; None for a regression."""
    brier: float | None
    metrics: Mapping[str, float | None]
    """All of them, as a run has them."""
    intervals: Mapping[str, Any]
    few: bool
    """Whether fewer than `FEW` outcomes are known."""

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain JSON; `answers` is called ``of``: 1,200 of 3,000."""
        return {"of" if name == "answers" else name: value for name, value in super().as_dict().items()}


def of(judged: Judged, asked: int) -> Performance:
    """Measure answers whose outcome is known.

    Parameters
    ----------
    judged : Judged
        The answers, with the truth.
    asked : int
        How many there are with those of which it is not known.
    """
    found = {name: metric.number for name, metric in judged.metrics.items()}
    ends = intervals.of(judged.metrics)
    name = main_metric(judged.signature.task)
    low, high = ends.get(name, (None, None))
    known = len(judged.labels)
    return Performance(
        known, asked, name, found[name], low, high, found.get("auc"), found.get("brier"), found, ends, known < FEW
    )


def main_metric(task: str) -> str:
    """Return by which metric answers are judged over months: of both, more is better."""
    return "r2" if task == "regression" else "auc"
