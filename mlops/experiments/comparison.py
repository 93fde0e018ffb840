"""Comparison: runs side by side - what went in, what came out, and whether the difference is more than luck.

Runs are ranked only where they were judged on the same rows. *Judged* is what a run answered on the rows of one split,
with the truth beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mlops.base.errors import ConflictError, InvalidError, shown
from mlops.base.records import Record
from mlops.experiments.runs import SPLITS, Run, Runs, Split
from mlops.models.signature import Signature

if TYPE_CHECKING:
    import numpy as np

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


@dataclass(frozen=True)
class Judged:
    """The answers of a run on the rows of one split, in the order of what names the rows, with the truth."""

    labels: np.ndarray
    """Of shape (n_rows,), spelled as in the data."""
    scores: np.ndarray
    """As `scoring.probabilities` returns them."""
    rows: np.ndarray
    """The position of each row in the dataset version."""
    signature: Signature
    threshold: float

    def take(self, kept: np.ndarray) -> Judged:
        """Return the rows that a mask keeps."""
        return replace(self, labels=self.labels[kept], scores=self.scores[kept], rows=self.rows[kept])


def compare(runs: Sequence[Run]) -> Comparison:
    """Put runs side by side: what differs in what went in, and every metric."""
    metrics = {f"{split}.{name}": None for run in runs for split in SPLITS for name in run.metrics.get(split, {})}
    rows = [run.rows_sha256.get("validation") for run in runs]
    return Comparison(
        runs=tuple(run.run_id for run in runs),
        same_rows=len(set(rows)) == 1 and rows[0] is not None,
        differs=tuple(_differences(runs)),
        metrics=tuple({"metric": metric, "values": [_metric(run, metric) for run in runs]} for metric in metrics),
    )


def judged(runs: Runs, run_id: str, split: Split = "validation") -> Judged:
    """Return what a run answered on the rows of a split.

    Raises
    ------
    InvalidError
        If the run has no answers: it did not finish, or was logged from elsewhere.
    """
    import numpy as np

    run = runs.get(run_id)
    if run.predictions_sha256 is None:
        raise InvalidError(
            f"Run {run.run_id} is {run.status} and has no answers to look at.",
            "Use a finished run that was trained here.",
        )
    learned = Signature.of(runs.document(run.run_id)["signature"])
    table = runs.predictions(run.run_id)
    # By what names a row, not by its place: a version may hold the rows of another in another order.
    table = table[table["part"] == split].sort_values(["row_hash", "row"])
    if learned.task == "multiclass":
        scores = table[[f"probability_{label}" for label in learned.labels]].to_numpy()
    else:
        scores = table["prediction" if learned.task == "regression" else "probability"].to_numpy()
    threshold = 0.5 if run.threshold is None else run.threshold
    return Judged(np.asarray(table["label"]), scores, table["row"].to_numpy(), learned, threshold)


def difference(runs: Runs, baseline: str, challenger: str, metric: str | None = None) -> Difference:
    """Tell whether a run is better than another one, or was lucky: a paired bootstrap on their validation rows.

    Parameters
    ----------
    metric : str, optional
        The one by which its task is judged if not given: auc, or rmse.

    Raises
    ------
    ConflictError
        If the two were judged on different rows or outcomes.
    InvalidError
        If a run has no answers, or there is no such metric.
    """
    if not compare([runs.get(baseline), runs.get(challenger)]).same_rows:
        raise ConflictError(
            f"{baseline} and {challenger} were evaluated on different rows or outcomes, so their metrics do not rank "
            "them.",
            f"Evaluate them on the same rows: mlops runs reevaluate {baseline} {challenger}.",
        )
    return difference_of(judged(runs, baseline), judged(runs, challenger), metric)


def difference_of(before: Judged, after: Judged, metric: str | None = None) -> Difference:
    """Compare answers to the same rows, in the same order; see `difference`."""
    from mlops.models import differences, metrics

    known = [metrics.of(one.labels, one.scores, one.signature, one.threshold) for one in (before, after)]
    name = metric or ("rmse" if before.signature.task == "regression" else "auc")
    if any(name not in every for every in known):
        raise InvalidError(f"{shown(name)} is no metric of both runs.", f"Use one of {', '.join(known[0])}.")
    return differences.difference(known[0][name], known[1][name], name, len(before.labels))


def thresholds(runs: Runs, run_id: str) -> Thresholds:
    """Return every threshold of a run on its validation rows.

    Raises
    ------
    InvalidError
        If the run predicts no yes or no.
    """
    from mlops.models.thresholds import Thresholds

    answers = judged(runs, run_id)
    if answers.signature.task != "binary":
        raise InvalidError(
            f"Run {run_id} is a {answers.signature.task} one and has no threshold.", "Choose a run with two classes."
        )
    return Thresholds(answers.labels == answers.signature.positive, answers.scores)


def _metric(run: Run, metric: str) -> float | None:
    split, _, name = metric.partition(".")
    return run.metrics.get(split, {}).get(name)


def _outcomes(run: Run) -> str | None:
    """Return the hash of the outcomes that a run was given; None if there were none, or nobody knows."""
    return run.outcomes["sha256"] if run.outcomes and run.outcomes["sets"] else None


def _differences(runs: Sequence[Run]) -> Iterator[dict[str, Any]]:
    from mlops.experiments.configs import without_gate

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
