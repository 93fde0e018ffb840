"""Performance: how good the answers of a month were, as far as their outcomes are known.

Numbers and intervals are those of `metrics` and `intervals`. Besides all rows together every *group* is looked at: the
rows that share a value. Among many groups one always looks worse than at release, so a group is called worse only where
that holds for however many were looked at (Holm's procedure, as in `experiments.slices`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from mlops.base.records import Record
from mlops.experiments import slices
from mlops.experiments.evidence import MIN_ROWS
from mlops.experiments.judged import Judged
from mlops.models import intervals, metrics
from mlops.models.differences import too_few
from mlops.models.metrics import Metric

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
    name = metrics.main(judged.signature.task)
    low, high = ends.get(name, (None, None))
    known = len(judged.labels)
    return Performance(
        known, asked, name, found[name], low, high, found.get("auc"), found.get("brier"), found, ends, known < FEW
    )


@dataclass(frozen=True)
class Group(Record):
    """The model on the rows of a month that share a value, beside the same rows at release."""

    column: str
    value: Any
    """As it stands in the data; None where it is missing."""
    rows: int
    """Rows of the month whose outcome is known."""
    metric: str
    now: float | None
    then: float | None
    """What the model reached in this group on rows that were new to it when it was trained."""
    change: float | None
    lower: float | None
    upper: float | None
    """Ends of its interval, widened for all groups that are compared; it is worse if `upper` is below 0."""
    worse: bool
    too_few: str | None
    """Why it is not compared; the four numbers above are None then."""


def groups(month: Judged, asked: pa.Table, release: Judged, learned_from: pa.Table) -> tuple[Group, ...]:
    """Compare each group of a month with the same group at release.

    Parameters
    ----------
    month, release : Judged
        Answers of the month, and to rows that were new to the model when it was trained.
    asked, learned_from : pyarrow.Table
        The features of the rows of both, in their order.

    Returns
    -------
    tuple of Group
        Those that are worse first, then by how much they lose; those that are too small last.
    """
    found = [*_groups(month, asked, release, learned_from)]
    worse, tail = slices.surely_worse([one for one in found if one.too_few is None], _Group.upper)
    told = [one.told(tail, one in worse) for one in found]
    return tuple(sorted(told, key=lambda one: (not one.worse, one.change is None, one.change or 0.0)))


@dataclass(frozen=True, eq=False)
class _Group:
    column: str
    value: Any
    then: Judged
    now: Judged

    @cached_property
    def pair(self) -> tuple[Metric, Metric]:
        before, after = _metric(self.then), _metric(self.now)
        return before, after

    @cached_property
    def too_few(self) -> str | None:
        rows = min(len(self.then.labels), len(self.now.labels))
        if rows < MIN_ROWS:
            return f"Too few to tell: {rows:,} rows, and under {MIN_ROWS} a comparison means nothing."
        return too_few(*self.pair)

    def change(self, tail: float) -> list[float]:
        return intervals.of_change(*self.pair, tail) or [-np.inf, np.inf]

    def upper(self, tail: float) -> float:
        return self.change(tail)[1]

    def told(self, tail: float, worse: bool) -> Group:
        facts = {"column": self.column, "value": self.value, "rows": len(self.now.labels)}
        facts |= {"metric": metrics.main(self.now.signature.task), "worse": worse, "too_few": self.too_few}
        if self.too_few is None:
            then, now = (metric.value for metric in self.pair)
            lower, upper = self.change(tail)
            facts |= {"then": then, "now": now, "change": now - then, "lower": lower, "upper": upper}
        return Group.of(facts)


def _groups(month: Judged, asked: pa.Table, release: Judged, learned_from: pa.Table) -> Iterator[_Group]:
    for name in month.signature.names:
        now = slices.levels(asked.column(name)) if name in asked.column_names else {}
        then = slices.levels(learned_from.column(name))
        for value in [value for value in now if value in then]:
            yield _Group(name, value, release.take(then[value]), month.take(now[value]))


def _metric(judged: Judged) -> Metric:
    if judged.signature.task == "regression":
        return judged.metrics["r2"]
    return metrics.auc(judged.labels, judged.scores, judged.signature)
