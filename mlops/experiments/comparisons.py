"""Comparisons: the door to everything that runs say about each other.

Compare is two or more runs on the same rows; diff is what differs between two records. The modules beside this one
know how; this one knows which of them is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mlops.base.artifacts import Artifacts
from mlops.base.errors import InvalidError
from mlops.base.ledger import Ledger
from mlops.experiments.runs import Run, Runs

if TYPE_CHECKING:
    from mlops.experiments.comparison import Comparison
    from mlops.experiments.reevaluation import Reevaluation
    from mlops.experiments.run_diff import RunDiff
    from mlops.models.differences import Difference
    from mlops.models.thresholds import Thresholds


class Comparisons:
    """What the runs of one workspace say about each other."""

    def __init__(self, ledger: Ledger, artifacts: Artifacts) -> None:
        self._ledger = ledger
        self._artifacts = artifacts
        self._runs = Runs(ledger, artifacts)

    def compare(self, run_ids: Sequence[str]) -> Comparison:
        """Put runs side by side: what differs in what went in, and every metric.

        Raises
        ------
        InvalidError
            If fewer than two runs are given.
        """
        from mlops.experiments import comparison

        if len(run_ids) < 2:
            raise InvalidError(f"{len(run_ids)} run cannot be compared.", "Name two or more runs.")
        return comparison.compare(self._named(run_ids))

    def difference(self, baseline: str, challenger: str, metric: str | None = None) -> Difference:
        """Tell whether a run is better than another one on the same validation rows, or was lucky.

        See `comparison.difference`.
        """
        from mlops.experiments import comparison

        return comparison.difference(self._runs, baseline, challenger, metric)

    def diff(self, before: str, after: str) -> RunDiff:
        """Name everything that differs between two runs, from the data to single answers; see `run_diff`."""
        from mlops.data.datasets import Datasets
        from mlops.experiments import run_diff

        return run_diff.diff(self._runs, Datasets(self._ledger, self._artifacts), before, after)

    def reevaluate(self, run_ids: Sequence[str], data: str | None = None) -> Reevaluation:
        """Judge runs on the same rows, of which none has learned from any; see `reevaluation`."""
        from mlops.experiments import reevaluation

        return reevaluation.reevaluate(self._ledger, self._artifacts, self._named(run_ids), data)

    def thresholds(self, run_id: str) -> Thresholds:
        """Return every threshold of a run on its validation rows; see `mlops.models.thresholds`."""
        from mlops.experiments import comparison

        return comparison.thresholds(self._runs, run_id)

    def _named(self, run_ids: Sequence[str]) -> list[Run]:
        return [self._runs.get(run_id) for run_id in run_ids]
