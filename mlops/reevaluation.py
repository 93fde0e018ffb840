"""Re-evaluation: runs that were judged on different rows, judged again on the same ones.

The rows are those of one dataset version from which none of the runs has learned and which none of them keeps for its
test. So the numbers rank the runs, and the test stays closed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlops import comparison, evaluation, labels, scoring, tables
from mlops.artifacts import Artifacts
from mlops.datasets import Datasets, DatasetVersion
from mlops.errors import ConflictError, InvalidError
from mlops.ledger import Ledger
from mlops.preparation import MIN_ROWS, ROW, labelled, row_hashes, rows_sha256
from mlops.records import Record
from mlops.runs import Run, Runs
from mlops.signature import Signature


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
    """Those of them that none of the runs learned from or keeps for its test; at least `preparation.MIN_ROWS`."""
    rows_sha256: str
    """Which rows with which outcomes these are, as in `Run.rows_sha256`."""
    metrics: Mapping[str, Mapping[str, float | None]]
    """By run, then by metric; each run at its own threshold."""
    intervals: Mapping[str, Mapping[str, Sequence[float]]]
    """95 % intervals, by run."""
    differences: Mapping[str, Mapping[str, Any] | None]
    """By run, the first left out: its `bootstrap.Difference` to the first in the main metric; None if undefined."""


def reevaluate(ledger: Ledger, artifacts: Artifacts, runs: Sequence[Run], data: str | None = None) -> Reevaluation:
    """Score the stored models of runs on the same rows; nothing is recorded.

    Parameters
    ----------
    runs : sequence of Run
        Two or more finished trainings with the same target; the first is the baseline.
    data : str, optional
        A dataset version, ``customers@2``; if not given, the one all have learned from, else the latest of that name.

    Raises
    ------
    ConflictError
        If fewer than `preparation.MIN_ROWS` such rows remain, or it cannot be told which rows the runs have seen.
    InvalidError
        If the runs do not predict the same, or the version lacks what a model takes.
    """
    store, datasets = Runs(ledger, artifacts), Datasets(ledger, artifacts)
    runs = list({run.run_id: run for run in runs}.values())
    if len(runs) < 2:
        raise InvalidError(f"{len(runs)} run cannot be compared.", "Name two or more runs.")
    signatures = _signatures(store, runs)
    version = datasets.get(_common_data(runs) if data is None else data)
    _check_target(version, signatures[0])
    for run, learned in zip(runs, signatures, strict=True):
        _check_inputs(run, learned, version)
    known, table, hashes = _unseen(ledger, artifacts, version, runs)
    truth = _truth(table, version, signatures[0])
    judged = [
        comparison.Judged(truth, _scores(store, run, learned, table), table.column(ROW).to_numpy(), learned, _at(run))
        for run, learned in zip(runs, signatures, strict=True)
    ]
    ids = [run.run_id for run in runs]
    asked = [(one.labels, one.scores, one.signature, one.threshold) for one in judged]
    return Reevaluation(
        runs=tuple(ids),
        data={"name": version.name, "version": version.version, "sha256": version.sha256},
        labelled=known,
        rows=len(truth),
        rows_sha256=rows_sha256(hashes, truth, signatures[0].positive),
        metrics={run_id: evaluation.metrics(*one) for run_id, one in zip(ids, asked, strict=True)},
        intervals={run_id: evaluation.intervals(*one) for run_id, one in zip(ids, asked, strict=True)},
        differences={run_id: _difference(judged[0], one) for run_id, one in zip(ids[1:], judged[1:], strict=True)},
    )


def _at(run: Run) -> float:
    return 0.5 if run.threshold is None else run.threshold


def _signatures(store: Runs, runs: Sequence[Run]) -> list[Signature]:
    """Return what each model takes and answers; all must answer the same question."""
    for run in runs:
        if run.model_sha256 is None:
            raise InvalidError(
                f"Run {run.run_id} is {run.status} and has no model.", "Use finished runs that were trained here."
            )
    found = [Signature.of(store.document(run.run_id)["signature"]) for run in runs]
    asked = [(one.target, one.task, one.labels, one.positive) for one in found]
    for run, other in zip(runs, asked, strict=True):
        if other != asked[0]:
            raise InvalidError(
                f"Run {run.run_id} predicts {other[0]} ({other[1]}) and run {runs[0].run_id} {asked[0][0]} "
                f"({asked[0][1]}), or from other classes.",
                "Choose runs that predict the same.",
            )
    return found


def _common_data(runs: Sequence[Run]) -> str:
    versions = {f"{run.data['name']}@{run.data['version']}" for run in runs}
    names = {run.data["name"] for run in runs}
    if len(names) > 1:
        raise InvalidError(f"The runs learned from {' and '.join(sorted(versions))}.", "Name the data: customers@2.")
    return versions.pop() if len(versions) == 1 else str(names.pop())


def _unseen(
    ledger: Ledger, artifacts: Artifacts, version: DatasetVersion, runs: Sequence[Run]
) -> tuple[int, pa.Table, np.ndarray]:
    """Return how many labelled rows there are, and those that no run learned from or keeps for its test, by name."""
    with ledger.read() as view:
        now = view.now()
    outcomes = labels.known_outcomes(ledger, artifacts, version.name, now)
    datasets = Datasets(ledger, artifacts)
    table, _ = labelled(labels.join(datasets.table(version), version, outcomes), version)
    hashes = row_hashes(table, version)
    free = np.ones(table.num_rows, bool)
    for run in runs:
        answers = Runs(ledger, artifacts).predictions(run.run_id)
        closed = answers[answers["part"] != "validation"]
        if run.data["sha256"] == version.sha256:
            free &= ~np.isin(table.column(ROW).to_numpy(), closed["row"].to_numpy())
        else:
            _check_names(datasets, run, answers, version, table)
        free &= ~np.isin(hashes, closed["row_hash"].to_numpy())
    if free.sum() < MIN_ROWS:
        raise ConflictError(
            f"Of the {table.num_rows:,} labelled rows of {version.ref}, {free.sum()} are new to all {len(runs)} runs; "
            f"a comparison needs at least {MIN_ROWS}.",
            "Name a version with newer rows, or train the runs again with one seed.",
        )
    kept = np.flatnonzero(free)
    # In the order of `comparison.judged`, so that the same rows get the same verdict through both doors.
    kept = kept[np.argsort(hashes[kept], kind="stable")]
    return table.num_rows, table.take(pa.array(kept)), hashes[kept]


def _check_names(datasets: Datasets, run: Run, answers: Any, version: DatasetVersion, table: pa.Table) -> None:
    """Refuse where a row that a run has seen could go by another name here.

    Rows of another version are recognised by their id. Without one they go by their whole content, and a new column
    or a corrected cell would make a row that was learned from look new.
    """
    identity, learned_from = version.id, f"{run.data['name']}@{run.data['version']}"
    same = False
    if identity in table.column_names and pc.count_distinct(table.column(identity)).as_py() == table.num_rows:
        before = datasets.table(learned_from)
        if identity in before.column_names and before.schema.field(identity).type == table.schema.field(identity).type:
            seen = before.select([identity]).take(answers["row"].to_numpy())
            same = bool(np.array_equal(row_hashes(seen, version), answers["row_hash"].to_numpy()))
    if not same:
        raise ConflictError(
            f"Run {run.run_id} learned from {learned_from}, whose rows cannot be found again in {version.ref}: "
            "both need the same column of unique ids.",
            f"Re-evaluate on {learned_from}, or name the id: mlops data add FILE --name {version.name} --id COLUMN.",
        )


def _check_inputs(run: Run, learned: Signature, version: DatasetVersion) -> None:
    types = version.column_types
    takes = {"number": ("number", "integer")}
    for feature in learned.features:
        name, kind = feature["name"], feature["type"]
        if types.get(name) not in takes.get(kind, (kind,)):
            raise InvalidError(
                f"Run {run.run_id} needs the {kind} column {name!r}; in {version.ref} it is "
                f"{types.get(name, 'missing')}.",
                "Name a version that has it.",
            )


def _check_target(version: DatasetVersion, learned: Signature) -> None:
    if (version.target, version.task) != (learned.target, learned.task):
        raise InvalidError(
            f"The runs predict {learned.target} ({learned.task}); the target of {version.ref} is {version.target} "
            f"({version.task}).",
            "Name a version with that target.",
        )


def _truth(table: pa.Table, version: DatasetVersion, learned: Signature) -> np.ndarray:
    """Return the true values, spelled as the models learned them."""
    values = table.column(learned.target).to_pylist()
    new = set(values) - set(learned.labels) if learned.task != "regression" else set()
    if new:
        raise InvalidError(
            f"{version.ref} has {learned.target} = {min(map(repr, new))}, a class that no run has learned.",
            "Name a version with the classes of the training.",
        )
    return np.array(values)


def _scores(store: Runs, run: Run, learned: Signature, table: pa.Table) -> np.ndarray:
    pipeline = scoring.load(store.file(run, "model.joblib"), f"Run {run.run_id}")
    return scoring.probabilities(pipeline, tables.frame_of(table, learned.names), learned)


def _difference(before: comparison.Judged, after: comparison.Judged) -> dict[str, Any] | None:
    with suppress(InvalidError):  # such as the AUC of one class
        return comparison.difference_of(before, after).as_dict()
    return None
