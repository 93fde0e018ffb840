"""Slices: whether a group of rows gets worse while all rows together do not.

Rows are grouped by each column of a few values that both models look at: contracts, regions. In each group that is
large enough the two models are compared as on all rows. Among twenty groups one always looks worse, so their intervals
are widened until none of them is likely to be wrong: then a group that is called worse is so in 95 of 100 cases,
however many were looked at.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa

from mlops.base.records import Record
from mlops.experiments.evidence import MIN_ROWS, Answers
from mlops.experiments.judged import Judged
from mlops.models import metrics
from mlops.models.differences import too_few
from mlops.models.intervals import of_difference
from mlops.models.metrics import Metric

Group = TypeVar("Group")

MAX_LEVELS = 12
"""Values of a column from which on it names rows rather than groups them."""
ALPHA = 0.05
"""How often, at most, any group is called worse that is not."""


@dataclass(frozen=True)
class Slice(Record):
    """Two models on the rows that share a value."""

    column: str
    value: Any
    """As it stands in the data; None where it is missing."""
    rows: int
    metric: str
    baseline: float | None
    challenger: float | None
    difference: float | None
    """Challenger minus baseline; None, as the four around it, where the group is too small."""
    lower: float | None
    upper: float | None
    """Ends of the interval, widened for all that are compared; it is worse if `upper` is below 0."""
    worse: bool
    too_few: str | None
    """Why it is not compared."""


@dataclass(frozen=True, eq=False)
class _Group:
    column: str
    value: Any
    answers: Answers
    kept: np.ndarray

    @property
    def rows(self) -> int:
        return int(self.kept.sum())

    @cached_property
    def pair(self) -> tuple[Metric, Metric]:
        before, after = (self._metric(one) for one in (self.answers.before, self.answers.after))
        return before, after

    @cached_property
    def too_few(self) -> str | None:
        if self.rows < MIN_ROWS:
            return f"Too few to tell: {self.rows:,} rows, and under {MIN_ROWS} a comparison means nothing."
        if not all(math.isfinite(metric.value) for metric in self.pair):  # an R2 where every row has the same number
            return f"{self.answers.metric} is not defined on these {self.rows:,} rows."
        return too_few(*self.pair)

    def upper(self, tail: float) -> float:
        return of_difference(*self.pair, tail)[1]

    def told(self, tail: float, worse: bool) -> Slice:
        facts = {"column": self.column, "value": self.value, "rows": self.rows, "metric": self.answers.metric}
        if self.too_few is None:
            before, after = (metric.value for metric in self.pair)
            lower, upper = of_difference(*self.pair, tail)
            facts |= {"baseline": before, "challenger": after, "difference": after - before}
            facts |= {"lower": lower, "upper": upper}
        return Slice.of({**facts, "worse": worse, "too_few": self.too_few})

    def _metric(self, judged: Judged) -> Metric:
        rows = judged.take(self.kept)
        if self.answers.metric == "auc":
            return metrics.auc(rows.labels, rows.scores, rows.signature)
        return rows.metrics[self.answers.metric]


def of(answers: Answers) -> tuple[Slice, ...]:
    """Compare two models in each group of rows.

    Parameters
    ----------
    answers : evidence.Answers
        What both said to rows from which neither has learned.

    Returns
    -------
    tuple of Slice
        Those that get worse first, then by how much they lose; those that are too small last.

    Notes
    -----
    A group is worse if the upper end of its interval, at a tail of `ALPHA` through the number of groups that are not
    yet called worse, is below 0: Holm's procedure, told by intervals. It holds however the groups overlap. A group of
    fewer than `evidence.MIN_ROWS` rows, or of too few of the rarer class, is not compared and does not count.

    References
    ----------
    S. Holm, *A simple sequentially rejective multiple test procedure*, Scandinavian Journal of Statistics 6 (1979).
    """
    groups = [*_groups(answers)]
    worse, tail = surely_worse([one for one in groups if one.too_few is None], _Group.upper)
    told = [one.told(tail, one in worse) for one in groups]
    return tuple(sorted(told, key=lambda one: (not one.worse, one.difference is None, one.difference or 0.0)))


def surely_worse(compared: Sequence[Group], upper: Callable[[Group, float], float]) -> tuple[list[Group], float]:
    """Return the groups that get worse, and the tail at which the intervals of all of them can be shown.

    Parameters
    ----------
    upper : callable
        Returns the upper end of the interval of a group's difference, for a tail.
    """
    worse: list[Group] = []
    tail = ALPHA
    while len(worse) < len(compared):
        tail = ALPHA / (len(compared) - len(worse))
        lost = [one for one in compared if one not in worse and upper(one, tail) < 0]
        if not lost:
            break
        worse += lost
    return worse, tail


def _groups(answers: Answers) -> Iterator[_Group]:
    """Yield the groups of every column that both models look at and that holds a few values."""
    asked = (answers.before.signature.names, answers.after.signature.names)
    for name in [name for name in asked[1] if name in asked[0]]:
        for value, kept in levels(answers.table.column(name)).items():
            yield _Group(name, value, answers, kept)


def levels(column: pa.ChunkedArray) -> Mapping[Any, np.ndarray]:
    """Return which rows hold each value of a text or of a yes or no; nothing of a column with many, or with one."""
    if not (pa.types.is_boolean(column.type) or pa.types.is_large_string(column.type)):
        return {}
    coded = column.combine_chunks().dictionary_encode(null_encoding="encode")
    codes, values = coded.indices.to_numpy(), coded.dictionary.to_pylist()
    return {value: codes == code for code, value in enumerate(values)} if 2 <= len(values) <= MAX_LEVELS else {}
