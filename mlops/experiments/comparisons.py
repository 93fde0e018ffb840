"""Comparisons: the door to everything that runs say about each other.

Compare is two or more runs side by side - what went in, what came out, and whether the difference is more than luck;
diff is what differs between two records. The modules beside this one know how; this one knows which of them is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlops.base.artifacts import Artifacts, ReadOnce
from mlops.base.errors import InvalidError
from mlops.base.ledger import Ledger
from mlops.base.records import Record
from mlops.experiments.configs import without_gate
from mlops.experiments.runs import SPLITS, Run, Runs, Split

if TYPE_CHECKING:
    import pandas as pd

    from mlops.experiments.judged import Judged, Recorded
    from mlops.experiments.reevaluation import Again, Reevaluation
    from mlops.experiments.run_diff import RunDiff
    from mlops.models.differences import Difference
    from mlops.models.thresholds import Thresholds


@dataclass(frozen=True)
class Comparison(Record):
    """Two or more runs side by side."""

    runs: tuple[str, ...]
    """Their ids; every list of values below is in this order."""
    same_rows: bool
    """Whether all were evaluated on the same validation rows with the same outcomes. If not, their metrics do not rank
    them."""
    differs: tuple[Mapping[str, Any], ...]
    """``{what, key, values}``; what is data, config, code, software or seed."""
    metrics: tuple[Mapping[str, Any], ...]
    """``{metric, values}``; the metric with its split: ``validation.auc``."""


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
        from mlops.experiments import judged

        if len(run_ids) < 2:
            raise InvalidError(f"{len(run_ids)} run cannot be compared.", "Name two or more runs.")
        runs = [self._runs.get(run_id) for run_id in run_ids]
        metrics = {f"{split}.{name}": None for run in runs for split in SPLITS for name in run.metrics.get(split, {})}
        return Comparison(
            runs=tuple(run.run_id for run in runs),
            same_rows=judged.same_rows(runs),
            differs=tuple(_differences(runs)),
            metrics=tuple({"metric": name, "values": [_metric(run, name) for run in runs]} for name in metrics),
        )

    def judged(self, run_id: str, split: Split = "validation") -> Judged:
        """Return what a run answered on the rows of a split, with the truth beside it."""
        return self._recorded(run_id).part(split)

    def difference(self, baseline: str, challenger: str, metric: str | None = None) -> Difference:
        """Tell whether a run is better than another one on the same validation rows, or was lucky.

        See `judged.difference`.
        """
        from mlops.experiments import judged

        return judged.difference(self._recorded(baseline), self._recorded(challenger), metric)

    def diff(self, before: str, after: str) -> RunDiff:
        """Name everything that differs between two runs, from the data to single answers; see `run_diff`."""
        from mlops.data.datasets import Datasets
        from mlops.experiments import run_diff

        with self._desk() as desk:
            pair = desk._recorded(before), desk._recorded(after)
            compared = desk.compare([one.run.run_id for one in pair])
            return run_diff.diff(Datasets(desk._ledger, desk._artifacts), *pair, compared, desk._runs.source)

    def answers(self, before: str, after: str) -> pd.DataFrame:
        """Return what two runs answer to each validation row of both, those first that flipped; see `shared_rows`."""
        from mlops.data.datasets import Datasets
        from mlops.experiments import shared_rows

        with self._desk() as desk:
            pair = desk._recorded(before), desk._recorded(after)
            return shared_rows.answers(Datasets(desk._ledger, desk._artifacts), *pair)

    def reevaluate(self, run_ids: Sequence[str], data: str | None = None) -> Reevaluation:
        """Judge runs on the same rows, of which none has learned from any; see `reevaluation`."""
        from mlops.experiments import reevaluation

        with self._desk() as desk:
            runs = [desk._runs.get(run_id) for run_id in run_ids]
            return reevaluation.reevaluate(desk._ledger, desk._artifacts, runs, data)

    def judged_again(self, run_ids: Sequence[str], data: str | None = None) -> Again:
        """Return what runs answer on the rows of `reevaluate`, with the truth beside it."""
        from mlops.experiments import reevaluation

        with self._desk() as desk:
            runs = [desk._runs.get(run_id) for run_id in run_ids]
            return reevaluation.judged_again(desk._ledger, desk._artifacts, runs, data)

    def thresholds(self, run_id: str) -> Thresholds:
        """Return every threshold of a run on its validation rows; see `mlops.models.thresholds`.

        Raises
        ------
        InvalidError
            If the run predicts no yes or no.
        """
        from mlops.models.thresholds import Thresholds

        found = self.judged(run_id)
        if found.signature.task != "binary":
            raise InvalidError(
                f"Run {run_id} is a {found.signature.task} one and has no threshold.", "Choose a run with two classes."
            )
        return Thresholds(found.labels == found.signature.positive, found.scores)

    @contextmanager
    def _desk(self) -> Iterator[Comparisons]:
        """Open comparisons for one piece of work: it takes one connection, and reads each file once."""
        with self._ledger.session() as ledger:
            yield Comparisons(ledger, ReadOnce(self._artifacts))

    def _recorded(self, run_id: str) -> Recorded:
        from mlops.experiments.judged import Recorded

        return Recorded(self._runs, self._runs.get(run_id))


def _metric(run: Run, metric: str) -> float | None:
    split, _, name = metric.partition(".")
    return run.metrics.get(split, {}).get(name)


def _outcomes(run: Run) -> str | None:
    """Return the hash of the outcomes that a run was given; None if there were none, or nobody knows."""
    return run.outcomes["sha256"] if run.outcomes and run.outcomes["sets"] else None


def _differences(runs: Sequence[Run]) -> Iterator[dict[str, Any]]:
    sources: dict[str, list[Mapping[str, Any]]] = {
        "data": [{**run.data, **(run.roles or {}), "outcomes": _outcomes(run)} for run in runs],
        "config": [without_gate(run.params) for run in runs],
        "code": [run.code for run in runs],
        "software": [
            {key: run.software.get(key) for key in ("python", "platform")} | run.software.get("packages", {})
            for run in runs
        ],
        "seed": [{"seed": run.params.get("training.random_state", run.seed)} for run in runs],  # logged: only there
    }
    for what, mappings in sources.items():
        for key in dict.fromkeys(key for mapping in mappings for key in mapping):
            values = [mapping.get(key) for mapping in mappings]
            if any(value != values[0] for value in values) and key != "training.random_state":
                yield {"what": what, "key": key, "values": values}
