"""Pipeline: from a dataset version and a config to a finished run, in seven steps.

    load - validate - split - prepare - train - evaluate - package

`preparation` does the first four, or finds them in its cache, and `fit` the next two. This module gives them what they
need, packs what comes out, and records how the run began and ended.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mlops.base import provenance
from mlops.base.artifacts import Artifacts, Stage, Staged
from mlops.base.errors import Cancelled, MlopsError
from mlops.base.ledger import Ledger
from mlops.base.records import new_id, readable_json, ref_of
from mlops.data import outcomes
from mlops.data.datasets import Datasets
from mlops.data.versions import DatasetVersion
from mlops.experiments import configs, lifecycle, runs, software
from mlops.experiments.configs import Config
from mlops.experiments.progress import Progress, Step, partial
from mlops.experiments.runs import Run
from mlops.training import fit, orders
from mlops.training.orders import Order
from mlops.training.preparation import prepare


def train(ledger: Ledger, artifacts: Artifacts, order: Order, on_step: Callable[[Step], None] | None = None) -> Run:
    """Train a model and record the run.

    Parameters
    ----------
    order : Order
        What to train: the data and one config.
    on_step : callable, optional
        Called with a `Step` whenever one begins or ends. If it raises, the training ends: an error makes the run
        a failed one, and anything else, such as a screen that is drawn anew, an interrupted one.

    Returns
    -------
    Run
        The finished run.

    Raises
    ------
    ConfigError
        If the config does not suit the data; nothing is recorded.
    MlopsError
        If a step failed, or `on_step` did; the run is recorded as failed.
    Cancelled
        If somebody pressed Ctrl-C or said ``mlops runs cancel``; the run is recorded as cancelled.
    """
    [facts], run_id = orders.facts(ledger, artifacts, order), new_id("r")
    with lifecycle.held(artifacts, run_id), lifecycle.stage(artifacts, run_id) as stage:
        run = Run.of(lifecycle.start(ledger, run_id, {**facts, "software": provenance.software()}))
        return Training(ledger, artifacts, run, stage, on_step).carry_out(order.version, order.configs[0])


@dataclass(frozen=True)
class Material:
    """All that a run was made from, found again by its record."""

    run: Run
    version: DatasetVersion
    """With the roles that the run records: of format 1, it may have got others since."""
    config: Config


def material(ledger: Ledger, artifacts: Artifacts, run: Run) -> Material:
    """Find again what a run was made from: data, roles, outcomes, config and seed.

    A run of format 1 recorded no outcomes: it gets those that were known when it was asked for, as far as they are told
    today.
    """
    version = _as_learned(Datasets(ledger, artifacts).get(ref_of(run.data)), run)
    known = run.outcomes or outcomes.known(ledger, artifacts, version, run.queued_at or run.started_at)
    config = configs.load(runs.Runs(ledger, artifacts).file(run, "config.yaml").decode())
    return Material(replace(run, outcomes=known), version, config)


def repeat(ledger: Ledger, artifacts: Artifacts, run: Run) -> dict[str, Any]:
    """Train again what a run records; record and keep nothing.

    Returns
    -------
    dict
        What a finished run records: ``metrics``, ``rows_sha256``, ``model_sha256``, ``predictions_sha256``...
    """
    with artifacts.stage() as stage:
        return again(ledger, artifacts, material(ledger, artifacts, run), stage)[0]


def again(
    ledger: Ledger,
    artifacts: Artifacts,
    material: Material,
    stage: Stage,
    on_step: Callable[[Step], None] | None = None,
) -> tuple[dict[str, Any], dict[str, Staged]]:
    """Train again; return what a finished run records, and its files, which are gone with the stage.

    Nothing is taken from the cache, nor from the run's model.
    """
    progress = Progress(material.run.run_id, on_step)
    results, files, _ = _execute(
        ledger, artifacts, stage, material.version, material.config, material.run, progress, anew=True
    )
    return results, files


def _as_learned(version: DatasetVersion, run: Run) -> DatasetVersion:
    return replace(version, **(run.roles or {}))


class Training:
    """A run that this process carries out, and records the end of.

    Parameters
    ----------
    run : Run
        The run, as it began. The caller holds its lock.
    stage : Stage
        Where its files wait to be published.
    on_step : callable, optional
        Called with a `Step` whenever one begins or ends.
    """

    def __init__(
        self,
        ledger: Ledger,
        artifacts: Artifacts,
        run: Run,
        stage: Stage,
        on_step: Callable[[Step], None] | None = None,
    ) -> None:
        self._artifacts, self._run, self._stage = artifacts, run, stage
        window, request = (lifecycle.file(artifacts, run.run_id, kind) for kind in ("progress", "cancel"))
        self._progress = Progress(run.run_id, on_step, window, request)
        self._ledger = ledger.patient(self._progress.wait)
        """What was begun is not lost because another program holds the ledger for a while."""
        self._ending = threading.RLock()

    def carry_out(self, version: DatasetVersion, config: Config) -> Run:
        """Train, and record how it ended; see `train`."""
        run_id, name = self._run.run_id, self._run.name
        self._progress.say(f"run {run_id} {name}: {version.ref} {version.sha256[:12]}, config {config.sha256[:12]}")
        try:
            results, files, details = _execute(
                self._ledger, self._artifacts, self._stage, version, config, self._run, self._progress
            )
            return self._end(
                "finished",
                results,
                files,
                lambda ended: self._stage.write("run.json", readable_json({**runs.document(ended), **details})),
                self._source(),
            )
        except BaseException as error:
            now = self._end(*_what_became(error), {})
            if isinstance(error, KeyboardInterrupt) and now.status == "cancelled":  # else it was recorded by then
                raise Cancelled(f"Run {run_id} was cancelled.", "Train again whenever you like.") from error
            if isinstance(error, Exception) and not isinstance(error, MlopsError):
                raise MlopsError(
                    f"Run {run_id} failed: {type(error).__name__}: {error}.", f"See mlops runs show {run_id}."
                ) from error
            raise

    def abandon(self) -> None:
        """Record from another thread that the run is cancelled; the caller ends this process right after.

        Where the end is being recorded already, this waits for ever, and the process ends by itself.
        """
        self._end("cancelled", lifecycle.CANCELLED, {})
        lifecycle.clear(self._artifacts, self._run.run_id)  # once more: the fit goes on, and may have shown a step

    def is_homeless(self) -> bool:
        """Tell from another thread whether the workspace was removed or put aside, so that nothing can be recorded."""
        lock = lifecycle.file(self._artifacts, self._run.run_id, "lock")
        return not lock.exists() and self._ending.acquire(blocking=False)  # whoever records the end removes its name

    def _end(
        self,
        status: lifecycle.Status,
        results: Mapping[str, Any],
        files: Mapping[str, Staged],
        document: lifecycle.Document | None = None,
        source: Staged | None = None,
    ) -> Run:
        self._ending.acquire()  # for good: of two threads, one records the end
        if status == "failed":
            self._progress.say(f"failed: {results['error']}")
        if status != "finished":
            self._stage.clear()  # a full disk has room again for the reason
        known = partial(self._progress.seen())
        kept = {"train.log": self._stage.write("train.log", self._progress.log())}
        if status != "finished" and self._progress.curve:
            curves = readable_json({"training": self._progress.curve})
            kept["curves.json"] = self._stage.write("partial.json", curves)
        # Whoever cancels one that has finished need not wait until that can be recorded; then only the end is left.
        ledger = self._ledger.patient(lambda: self._progress.wait(stop=status == "finished"))
        run_id, known, kept = self._run.run_id, {**known, **results}, {**kept, **files}
        return Run.of(lifecycle.end(ledger, self._artifacts, run_id, status, known, kept, document, source))

    def _source(self) -> Staged | None:
        """Stage the source that ran, unless another run has kept the same."""
        with self._ledger.read() as view:
            if view.is_named(lifecycle.source_path(self._run.code)):
                return None
        return self._stage.write("source.zip", provenance.packed_source())


def _what_became(error: BaseException) -> tuple[lifecycle.Status, Mapping[str, Any]]:
    """Return how a training ended that an error ended, and what the run says of it."""
    if isinstance(error, Cancelled | KeyboardInterrupt):
        return "cancelled", lifecycle.CANCELLED
    if isinstance(error, Exception):
        return "failed", {"error": str(error)}
    # No error, but the end all the same: such as a screen that is drawn anew amid its listening.
    return "interrupted", {"error": "Whoever followed the training left in the middle of it."}


def _execute(
    ledger: Ledger,
    artifacts: Artifacts,
    stage: Stage,
    version: DatasetVersion,
    config: Config,
    run: Run,
    progress: Progress,
    anew: bool = False,
) -> tuple[dict[str, Any], dict[str, Staged], dict[str, Any]]:
    """Run the seven steps on what the run records; return its fields, its files, and what only run.json holds."""
    version = _as_learned(version, run)
    prepared, cached = prepare(ledger, artifacts, version, config, run, progress, anew)
    fitted = fit.fit(config, prepared, progress)
    with progress.step("package"):
        contents = {
            "model.joblib": fitted.model,
            "predictions.parquet": fitted.predictions,
            "curves.json": readable_json(fitted.curves),
            "metrics.json": readable_json(fitted.metrics),
            "config.yaml": config.yaml().encode(),
            "requirements.txt": software.requirements(provenance.software()).encode(),
            "environment.yml": software.environment(provenance.software()).encode(),
        }
        files = {name: stage.write(name, content) for name, content in contents.items()}
    results = {
        "metrics": fitted.metrics,
        "intervals": fitted.intervals,
        "rows_sha256": fitted.rows_sha256,
        "model_sha256": files["model.joblib"].sha256,
        "predictions_sha256": files["predictions.parquet"].sha256,
        "warnings": [*run.as_dict()["warnings"], *prepared.warnings],
        "preparation": cached,
    }
    return results, files, {"signature": prepared.signature.as_dict(), "examples": fitted.examples}
