"""Judged: what a run answered to rows, with the truth beside it, and whether two runs differ by more than luck.

What a run answered when it was trained stands in its files; `evidence` has it answer other rows. Runs are ranked only
where they were judged on the same rows with the same outcomes.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from mlops.base.errors import ConflictError, InvalidError, shown
from mlops.experiments.runs import Run, Runs, Split
from mlops.models import differences, metrics
from mlops.models.differences import Difference
from mlops.models.metrics import Metric
from mlops.models.signature import Signature


@dataclass(frozen=True)
class Judged:
    """The answers of a model to some rows, with the truth."""

    labels: np.ndarray
    """Of shape (n_rows,), spelled as in the data."""
    scores: np.ndarray
    """As `scoring.probabilities` returns them."""
    rows: np.ndarray
    """The position of each row in the dataset version."""
    signature: Signature
    threshold: float

    @cached_property
    def metrics(self) -> Mapping[str, Metric]:
        """How good they are."""
        return metrics.of(self.labels, self.scores, self.signature, self.threshold)

    def take(self, kept: np.ndarray) -> Judged:
        """Return the rows that a mask keeps."""
        return replace(self, labels=self.labels[kept], scores=self.scores[kept], rows=self.rows[kept])


class Recorded:
    """What a run answered to all rows it has seen; its files are read when they are asked for, once."""

    def __init__(self, runs: Runs, run: Run) -> None:
        self.run = run
        self._runs = runs

    @property
    def threshold(self) -> float:
        """The probability from which on it says yes: one half where nobody chose another."""
        return 0.5 if self.run.threshold is None else self.run.threshold

    @cached_property
    def signature(self) -> Signature:
        """What its model takes and answers."""
        return Signature.of(json.loads(self._runs.file(self.run, "run.json"))["signature"])

    @cached_property
    def pipeline(self) -> Any:
        """Its fitted pipeline; see `Runs.load`."""
        return self._runs.load(self.run)

    @cached_property
    def table(self) -> pd.DataFrame:
        """A line for each row, as of `Runs.predictions`.

        Raises
        ------
        InvalidError
            If the run has no answers: it did not finish, or was logged from elsewhere.
        """
        if self.run.predictions_sha256 is None:
            raise InvalidError(
                f"Run {self.run.run_id} is {self.run.status} and has no answers to look at.",
                "Use a finished run that was trained here.",
            )
        return pd.read_parquet(io.BytesIO(self._runs.file(self.run, "predictions.parquet")))

    def part(self, split: Split = "validation") -> Judged:
        """Return its answers to the rows of one split, in the order of what names the rows."""
        # Not by its place: a version may hold the rows of another in another order.
        table = self.table[self.table["part"] == split].sort_values(["row_hash", "row"])
        learned = self.signature
        if learned.task == "multiclass":
            scores = table[[f"probability_{label}" for label in learned.labels]].to_numpy()
        else:
            scores = table["prediction" if learned.task == "regression" else "probability"].to_numpy()
        return Judged(np.asarray(table["label"]), scores, table["row"].to_numpy(), learned, self.threshold)

    def not_learned(self) -> Judged:
        """Return its answers to rows that it has not learned from: those that it has, it knows too well."""
        parts = [self.part("validation"), self.part("test")]
        labels, scores, rows = (
            np.concatenate([getattr(part, name) for part in parts]) for name in ("labels", "scores", "rows")
        )
        return Judged(labels, scores, rows, self.signature, self.threshold)


def same_rows(runs: Sequence[Run], split: Split = "validation") -> bool:
    """Tell whether all runs were evaluated on the same rows of a split with the same outcomes."""
    rows = [run.rows_sha256.get(split) for run in runs]
    return len(set(rows)) == 1 and rows[0] is not None


def difference(before: Recorded, after: Recorded, metric: str | None = None) -> Difference:
    """Tell whether a run is better than another one, or was lucky: a paired bootstrap on their validation rows.

    Raises
    ------
    ConflictError
        If the two were judged on different rows or outcomes.
    InvalidError
        If a run has no answers, or there is no such metric.
    """
    ids = before.run.run_id, after.run.run_id
    if not same_rows([before.run, after.run]):
        raise ConflictError(
            f"{' and '.join(ids)} were evaluated on different rows or outcomes, so their metrics do not rank them.",
            f"Evaluate them on the same rows: mlops runs reevaluate {' '.join(ids)}.",
        )
    return difference_of(before.part(), after.part(), metric)


def difference_of(before: Judged, after: Judged, metric: str | None = None) -> Difference:
    """Compare answers to the same rows, in the same order.

    Parameters
    ----------
    metric : str, optional
        The one by which its task is judged if not given: auc, or rmse.
    """
    if not len(after.labels):
        raise InvalidError("There is no row to compare on.", "Name other rows.")
    name = metric or ("rmse" if before.signature.task == "regression" else "auc")
    if not {name} <= before.metrics.keys() & after.metrics.keys():
        raise InvalidError(f"{shown(name)} is no metric of both runs.", f"Use one of {', '.join(before.metrics)}.")
    return differences.difference(before.metrics[name], after.metrics[name], name, len(before.labels))
