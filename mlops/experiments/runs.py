"""Runs: one training each, with everything that is needed to judge and repeat it.

A run starts with one event and ends with another, which names its files. Ended runs never change, except for notes and
tags. What happens in between - waiting, running, cancelling, being killed - is told in `lifecycle`.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from mlops.base import provenance
from mlops.base.artifacts import Artifacts
from mlops.base.clock import Instant
from mlops.base.errors import ConflictError, InvalidError, NotFoundError, shown
from mlops.base.ledger import Ledger, writes
from mlops.base.records import Record, check_count, check_text, new_id, readable_json, ref_of
from mlops.base.view import View
from mlops.data.roles import Roles
from mlops.experiments import lifecycle, search, software
from mlops.experiments.lifecycle import Status
from mlops.experiments.progress import RunProgress

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")


@dataclass(frozen=True)
class Run(Record):
    """One training: what went in, what came out, where it ran."""

    run_id: str
    status: Status
    name: str
    params: Mapping[str, Any]
    """The effective config by dotted key."""
    metrics: Mapping[str, Mapping[str, float | None]]
    """By split, then by metric."""
    intervals: Mapping[str, Mapping[str, Sequence[float]]]
    """95 % intervals of some metrics, by split."""
    threshold: float | None
    data: Mapping[str, Any]
    """``{name, version, sha256}`` of the dataset version."""
    roles: Mapping[str, Any] | None
    """``{target, id, time, group, task, positive}`` it learned with; None for a run that was logged."""
    outcomes: Mapping[str, Any] | None
    """``{known_until, sets: [{labels_id, sha256}], sha256}``: what it was given beside the data; see `outcomes.known`.
    None for a run that was logged or is of format 1."""
    rows_sha256: Mapping[str, str]
    """Which rows with which outcomes each split holds: runs with equal hashes can be ranked."""
    config_sha256: str | None
    config_file: Mapping[str, Any] | None
    """``{path, environment, by_hand}``: where its config was written, below the workspace or on this machine, whose
    overlay was laid over it, and the keys that were set for this once; None if it was given as text, or is older."""
    code: Mapping[str, Any]
    """``{git_commit, dirty, source_sha256}``."""
    software: Mapping[str, Any]
    """``{python, platform, packages}``."""
    seed: int | None
    steps: tuple[Mapping[str, Any], ...]
    """``{name, status, rows, duration_s, cached}`` for each step of the pipeline."""
    queued_at: Instant | None
    """When it was submitted; None for a training that began at once."""
    started_at: Instant
    """When it began; as long as it is queued, when it was submitted."""
    ended_at: Instant | None
    duration_s: float | None
    """Seconds of real time, also where the calendar is simulated."""
    model_sha256: str | None
    predictions_sha256: str | None
    tags: Mapping[str, str]
    note: str
    test_opened: int
    """How often somebody looked at its test metrics in order to choose; each look makes them a little less honest."""
    warnings: tuple[Mapping[str, Any], ...]
    """``{code, column, message}`` for each thing to know about the result."""
    error: str | None
    """Why it failed."""
    reproduced: Mapping[str, Any] | None
    """What came out when it was last trained again: ``{verdict, first_divergence, at, event}`` and the rest of a
    `reproduce.Reproduction`. In answers only: a file of the run never changes."""

    def file(self, name: str) -> str:
        """Path of one of the run's files, below the workspace."""
        return f"experiments/{self.run_id}/{name}"


class Runs:
    """The runs of one workspace."""

    def __init__(self, ledger: Ledger, artifacts: Artifacts) -> None:
        self._ledger = ledger
        self._artifacts = artifacts

    def get(self, run_id: str | Run) -> Run:
        """Return the run with an id, or with the only id that begins so; of a run, what is known of it now."""
        run_id = run_id.run_id if isinstance(run_id, Run) else run_id
        lifecycle.record_interrupted(self._ledger, self._artifacts)
        with self._ledger.read() as view:
            record = view.resolve("run", run_id)
        return read(self._ledger, [record])[0]

    def progress(self, run_id: str) -> RunProgress | None:
        """Return how far a running training has come; None while it is queued, once it has ended, and in the past."""
        run = self.get(run_id)
        if self._ledger.event is not None:
            return None
        return lifecycle.progress(self._artifacts, run.run_id) if run.status == "running" else None

    def queue(self) -> list[str]:
        """Return the ids of the runs that wait for a worker, the next one first."""
        with self._ledger.read() as view:
            return lifecycle.with_status(view, "queued")

    @writes
    def cancel(self, run_id: str, wait: float = 0.0) -> Run:
        """Cancel a training, whichever process does it.

        A queued run is cancelled at once. A running one hears of it between two iterations or steps, within a fraction
        of a second; a worker amid a long fit gives it up within two seconds. Its steps, its log and the last point of
        its curve are kept.

        Parameters
        ----------
        wait : float
            Seconds to wait, at most, for a running one to end.

        Returns
        -------
        Run
            The run as it is now. One that was writing its results as it was asked ends as finished.

        Raises
        ------
        ConflictError
            If the run has ended already.
        """
        run = self.get(run_id)
        if lifecycle.cancel(self._ledger, self._artifacts, [run.run_id]):
            raise ConflictError(
                f"Run {run.run_id} has ended already: it is {self.get(run.run_id).status}. "
                "Only a queued or running one can be cancelled.",
                f"See it: mlops runs show {run.run_id}.",
            )
        until = time.monotonic() + wait
        while lifecycle.record(self._ledger, run.run_id)["status"] == "running" and time.monotonic() < until:
            time.sleep(lifecycle.AGAIN)
        return self.get(run.run_id)

    @writes
    def note(self, run_id: str, text: str) -> Run:
        """Replace the note of a run."""
        check_text(text, "note")
        return self._change("run.note", run_id, lambda _: {"note": text})

    @writes
    def tag(self, run_id: str, key: str, value: str) -> Run:
        """Give a run a tag, or change the value of one."""
        checked = check_tags({key: value})
        return self._change("run.tag", run_id, lambda record: {"tags": record["tags"] | checked})

    @writes
    def untag(self, run_id: str, key: str) -> Run:
        """Take a tag from a run; a tag that it does not have is none to take."""
        return self._change(
            "run.untag",
            run_id,
            lambda record: {"tags": {name: record["tags"][name] for name in record["tags"] if name != key}},
        )

    @writes
    def open_test(self, run_id: str) -> Run:
        """Record that somebody looks at the test metrics of a run outside the gate; the looks are counted."""
        return self._change(
            "run.open_test", run_id, lambda record: {"test_opened": (record.get("test_opened") or 0) + 1}
        )

    def file(self, run: Run, name: str) -> bytes:
        """Return the bytes of one of a run's files, after checking them."""
        with self._ledger.read() as view:
            return self._artifacts.read(run.file(name), view.artifact(run.file(name)))

    def text(
        self, run_id: str, name: Literal["train.log", "config.yaml", "requirements.txt", "environment.yml"]
    ) -> str:
        """Return one of a run's text files; one that an older program did not write is made from the record."""
        run = self.get(run_id)
        if name == "environment.yml" and run.software:
            return software.environment(run.software)
        return self.file(run, name).decode()

    def source(self, run_id: str) -> dict[str, str] | None:
        """Return the source that a run worked on, the text of each file by its path.

        None if only its hash is known: of a run that was logged, did not finish, or is older than this record.
        """
        code = self.get(run_id).code
        path = lifecycle.source_path(code) if code.get("source_sha256") else ""
        with self._ledger.read() as view:
            if not view.is_named(path):
                return None
            sha256 = view.artifact(path)
        return provenance.unpacked_source(self._artifacts.read(path, sha256))

    def document(self, run_id: str) -> dict[str, Any]:
        """Return ``run.json``: the run as it ended, with the model's signature and examples."""
        return dict(json.loads(self.file(self.get(run_id), "run.json")))

    def curves(self, run_id: str) -> dict[str, Any]:
        """Return the points of a run's validation curves."""
        return dict(json.loads(self.file(self.get(run_id), "curves.json")))

    def predictions(self, run_id: str) -> Any:
        """Return the score of every row a run has seen, as a DataFrame.

        Columns: ``row`` (position in the dataset version), ``part`` (train, validation, test),
        ``row_hash``, ``label``, and ``probability`` (binary), ``probability_<class>`` (multiclass) or
        ``prediction`` (regression).
        """
        import io

        import pandas as pd

        return pd.read_parquet(io.BytesIO(self.file(self.get(run_id), "predictions.parquet")))

    def load(self, run: Run) -> Any:
        """Return the fitted pipeline of a finished run; see `scoring.load`.

        Raises
        ------
        InvalidError
            If it has none: it did not finish, or was logged from elsewhere.
        """
        from mlops.models import scoring

        if run.model_sha256 is None:
            raise InvalidError(
                f"Run {run.run_id} is {run.status} and has no model.", "Use finished runs that were trained here."
            )
        return scoring.load(self._artifacts, run.file("model.joblib"), run.model_sha256, f"Run {run.run_id}")

    @writes
    def log(
        self,
        name: str,
        params: Mapping[str, Any],
        metrics: Mapping[str, Mapping[str, float]],
        files: Sequence[str | Path] = (),
        note: str = "",
        tags: Mapping[str, str] | None = None,
    ) -> Run:
        """Record a training that happened elsewhere, in one event.

        Parameters
        ----------
        name : str
            What was tried.
        params : mapping
            Parameters by dotted key; scalars.
        metrics : mapping
            By split, then by metric: ``{"validation": {"auc": 0.85}}``.
        files : sequence of path
            Files to keep with the run; models among them are kept, but only models trained here are ever loaded.
        """
        if not all(isinstance(values, Mapping) for values in metrics.values()):
            raise InvalidError(f"{shown(dict(metrics))} has no splits.", 'Write {"validation": {"auc": 0.85}}.')
        try:
            readable_json({"params": params, "metrics": metrics})
        except (TypeError, ValueError) as error:
            raise InvalidError(
                f"A parameter or metric cannot be kept: {error}.", "Give text or finite numbers."
            ) from error
        kept = {_file_name(Path(path)): Path(path) for path in files}
        said = {
            "name": check_text(name, "name", 200),
            "params": dict(params),
            "metrics": {split: dict(metrics[split]) for split in metrics},
            "duration_s": 0.0,
            "note": check_text(note, "note"),
            "tags": check_tags(tags or {}),
        }
        with self._artifacts.stage() as stage:
            staged = {key: stage.write(key, path.read_bytes()) for key, path in kept.items()}
            with self._ledger.write() as tx:
                run_id = new_id("r")
                facts = {**lifecycle.BLANK, **said, "run_id": run_id, "started_at": tx.at, "ended_at": tx.at}
                record = lifecycle.move(
                    tx,
                    run_id,
                    "finished",
                    facts,
                    staged,
                    lambda ended: stage.write("run.json", readable_json(document(ended))),
                )
        return Run.of(record)

    def _change(self, kind: str, run_id: str, changes: Any) -> Run:
        with self._ledger.write() as tx:
            record = tx.resolve("run", run_id)
            record = tx.append(kind, record["run_id"], changes(record))
        return read(self._ledger, [record])[0]

    def table(
        self, fields: Sequence[str], where: str | None = None, sort: str | None = None, limit: int | None = None
    ) -> list[dict[str, Any]]:
        """Return some fields of the runs that `list` would return, many times faster than whole runs.

        Parameters
        ----------
        fields : sequence of str
            Dotted, as in a search: ``metrics.validation.auc``, ``params.model.type``; and ``note``, ``tags``,
            ``intervals.validation.auc``.

        Returns
        -------
        list of dict
            ``{field: value}`` for each run; None where it has no such field.
        """
        check_count(limit, "limit")
        lifecycle.record_interrupted(self._ledger, self._artifacts)
        with self._ledger.read() as view:
            return search.values(view, "run", fields, search.find(view, "run", where, sort, limit))

    def fields(self) -> list[str]:
        """Return the dotted fields by which the runs of this workspace can be searched and sorted."""
        with self._ledger.read() as view:
            return search.fields(view)

    def list(self, where: str | None = None, sort: str | None = None, limit: int | None = None) -> list[Run]:
        """Return the runs that match an expression (see `search`), newest first or sorted by a field."""
        check_count(limit, "limit")
        lifecycle.record_interrupted(self._ledger, self._artifacts)
        with self._ledger.read() as view:
            if where is None and sort is None:
                records = view.each("run", limit)
            else:
                found = search.find(view, "run", where, sort, limit)
                records = iter([view.record("run", run_id) or {} for run_id in found])
        return read(self._ledger, records)


def document(ended: Mapping[str, Any]) -> dict[str, Any]:
    """Return what ``run.json`` holds of a run that ends: what can become known of it later is only in answers."""
    return {key: value for key, value in Run.of(ended).as_dict().items() if key != "reproduced"}


def read(ledger: Ledger, records: Iterable[Mapping[str, Any]]) -> list[Run]:
    """Return the runs of records; one of format 1 has the roles that were in force when it began."""
    told = [dict(record) for record in records]
    old = {record["run_id"]: record for record in told if record.get("data") and record.get("roles") is None}
    if old:
        with ledger.read() as view:  # what had happened when it began is what it was, whenever one looks
            for run_id, roles in _roles_at_start(view, old):
                old[run_id]["roles"] = roles
    return [Run.of(record) for record in told]


def _roles_at_start(view: View, wanted: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the roles of each run of format 1, where roles changed in place; of one that never began, the last ones."""
    known: dict[str, dict[str, Any]] = {}
    data = {run_id: ref_of(record["data"]) for run_id, record in wanted.items()}
    for _, kind, subject, payload in view.happened(["dataset.add", "dataset.roles", "run.start"]):
        if kind == "run.start" and subject in data:
            yield subject, known[data.pop(subject)]
        elif kind != "run.start":
            said = json.loads(payload)["changes"]
            known[subject] = Roles.of({**known.get(subject, {}), **said}).as_dict()
    yield from ((run_id, known[ref]) for run_id, ref in data.items())


def check_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Return tags whose keys can be searched and whose values are short text."""
    for key, value in tags.items():
        if not re.fullmatch(r"[A-Za-z_][\w.\-]{0,62}", key):
            raise InvalidError(
                f"{shown(key)} cannot be the key of a tag.", "Use letters, digits, _ . or -, starting with a letter."
            )
        check_text(str(value), "tag", 200)
    return {key: str(value) for key, value in tags.items()}


def _file_name(path: Path) -> str:
    if not re.fullmatch(r"[\w][\w.\-]{0,99}", path.name) or path.name == "run.json":
        raise InvalidError(f"{shown(path.name)} cannot name a file of a run.", "Use letters, digits, _ . or -.")
    if not path.is_file():
        raise NotFoundError(f"There is no file {shown(str(path))}.", "Check the path.")
    return path.name
