"""Re-evaluation: runs that were judged on different rows, judged again on the same ones.

The rows are those of one dataset version from which none of the runs has learned and which none of them keeps for its
test. So the numbers rank the runs, and the test stays closed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from mlops.base.artifacts import Artifacts
from mlops.base.errors import ConflictError, InvalidError
from mlops.base.ledger import Ledger
from mlops.base.records import Record, ref_of
from mlops.data.datasets import Datasets
from mlops.data.rows import MIN_ROWS, row_hashes, rows_sha256
from mlops.data.versions import DatasetVersion
from mlops.experiments import evidence, new_rows
from mlops.experiments.evidence import Model
from mlops.experiments.judged import Judged, Recorded, difference_of
from mlops.experiments.new_rows import Rows, Seen
from mlops.experiments.runs import Run, Runs
from mlops.models import intervals, metrics


@dataclass(frozen=True)
class Reevaluation(Record):
    """Two or more runs on the same rows."""

    runs: tuple[str, ...]
    """Their ids; the first is the baseline."""
    data: Mapping[str, Any]
    """``{name, version, sha256}`` of the dataset version the rows are of."""
    labelled: int
    """Rows of it whose outcome is known."""
    rows: int
    """Those of them that none of the runs learned from or keeps for its test; at least `rows.MIN_ROWS`."""
    rows_sha256: str
    """Which rows with which outcomes these are, as in `Run.rows_sha256`."""
    metrics: Mapping[str, Mapping[str, float | None]]
    """By run, then by metric; each run at its own threshold."""
    intervals: Mapping[str, Mapping[str, Sequence[float]]]
    """95 % intervals, by run."""
    differences: Mapping[str, Mapping[str, Any] | None]
    """By run, the first left out: its `differences.Difference` to the first in the main metric; None if undefined."""


@dataclass(frozen=True)
class Again:
    """What runs answer when they are asked again, all of them the same rows."""

    data: DatasetVersion
    labelled: int
    """Rows of it whose outcome is known."""
    hashes: np.ndarray
    """The names of the rows that were asked about, in the order of the answers."""
    judged: Mapping[str, Judged]
    """By run."""


def judged_again(ledger: Ledger, artifacts: Artifacts, runs: Sequence[Run], data: str | None = None) -> Again:
    """Score the stored models of runs on the same rows; nothing is recorded.

    Parameters
    ----------
    runs : sequence of Run
        Two or more finished trainings with the same target.
    data : str, optional
        A dataset version, ``customers@2``; if not given, the one all have learned from, else the latest of that name.

    Raises
    ------
    ConflictError
        If fewer than `rows.MIN_ROWS` such rows remain, or it cannot be told which rows the runs have seen.
    InvalidError
        If the runs do not predict the same, or the version lacks what a model takes.
    """
    store, datasets = Runs(ledger, artifacts), Datasets(ledger, artifacts)
    runs = list({run.run_id: run for run in runs}.values())
    if len(runs) < 2:
        raise InvalidError(f"{len(runs)} run cannot be compared.", "Name two or more runs.")
    recorded = [Recorded(store, run) for run in runs]
    models = [_model(one) for one in recorded]
    seen = [new_rows.of_run(datasets, one, model.who) for one, model in zip(recorded, models, strict=True)]
    for one in seen:
        one.learned.check_question(one.who, seen[0].who, seen[0].learned)
    version = datasets.get(_common_data(runs) if data is None else data)
    for one in seen:
        one.learned.check_target(one.who, version)
    known = new_rows.of_version(ledger, artifacts, version)
    rows, hashes = _unseen(known, version, seen)
    judged = [evidence.judged(model, one, rows) for model, one in zip(models, seen, strict=True)]
    kept = evidence.answered(judged)
    if kept.sum() < MIN_ROWS:
        raise ConflictError(
            f"Of the {known.table.num_rows:,} labelled rows of {version.ref}, {kept.sum()} fit and are new to "
            f"all {len(runs)} runs; a comparison needs at least {MIN_ROWS}.",
            "Name a version with newer rows, or train the runs again with one seed.",
        )
    by_run = {run.run_id: one.take(kept) for run, one in zip(runs, judged, strict=True)}
    return Again(version, known.table.num_rows, hashes[kept], by_run)


def reevaluate(ledger: Ledger, artifacts: Artifacts, runs: Sequence[Run], data: str | None = None) -> Reevaluation:
    """Rank runs by the same rows, the first of them the baseline; what is asked and refused: see `judged_again`."""
    found = judged_again(ledger, artifacts, runs, data)
    version, by_run = found.data, found.judged
    baseline = next(iter(by_run.values()))
    return Reevaluation(
        runs=tuple(by_run),
        data={"name": version.name, "version": version.version, "sha256": version.sha256},
        labelled=found.labelled,
        rows=len(baseline.labels),
        rows_sha256=rows_sha256(found.hashes, baseline.labels, baseline.signature.positive),
        metrics={run_id: metrics.numbers(one.metrics) for run_id, one in by_run.items()},
        intervals={run_id: intervals.of(one.metrics) for run_id, one in by_run.items()},
        differences={run_id: _difference(baseline, by_run[run_id]) for run_id in [*by_run][1:]},
    )


def _model(run: Recorded) -> Model:
    pipeline = run.pipeline  # a run that has none is refused before anything else is read
    return Model(f"Run {run.run.run_id}", run.run, run.threshold, lambda: pipeline)


def _common_data(runs: Sequence[Run]) -> str:
    versions = {ref_of(run.data) for run in runs}
    names = {run.data["name"] for run in runs}
    if len(names) > 1:
        raise InvalidError(f"The runs learned from {' and '.join(sorted(versions))}.", "Name the data: customers@2.")
    return versions.pop() if len(versions) == 1 else str(names.pop())


def _unseen(known: Rows, version: DatasetVersion, seen: Sequence[Seen]) -> tuple[Rows, np.ndarray]:
    """Return the rows that no run learned from or keeps for its test, and their names."""
    new = new_rows.new_to(known, seen, ("train", "test")).rows
    # In the order of `Recorded.part`, so that the same rows get the same verdict through both doors.
    hashes = row_hashes(known.table, version)[np.isin(known.places, new.places)]
    order = np.argsort(hashes, kind="stable")
    return replace(new, table=new.table.take(pa.array(order))), hashes[order]


def _difference(before: Judged, after: Judged) -> dict[str, Any] | None:
    with suppress(InvalidError):  # such as the AUC of one class
        return difference_of(before, after).as_dict()
    return None
