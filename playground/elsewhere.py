"""Elsewhere: a run that is trained in another folder, from nothing but its data and its config.

A new workspace in a folder of its own, the data version as a file, the config as a file, and the ordinary command in a
fresh process. If model and answers have the hashes that the run has, it can be had again by whoever gets these two
files and the packages. What came out is a note in the journal, under `SUBJECT` and the run.
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from mlops import Workspace
from mlops.base import provenance
from mlops.base.errors import ConflictError, MlopsError
from mlops.base.records import Record, ref_of
from playground.jobs import Job

SUBJECT = "elsewhere"
SECONDS = 600.0
ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Elsewhere(Record):
    """What came out when a run was trained in another folder."""

    run_id: str
    folder: str
    """Name of the folder; it is gone."""
    data_sha256: str
    config: str
    """Name of the config's file."""
    model_sha256: str
    predictions_sha256: str
    same_model: bool
    same_answers: bool

    @property
    def said(self) -> str:
        """What came out, in a sentence.

        Examples
        --------
        >>> Elsewhere("r1", "elsewhere-x", "", "churn.yaml", "", "", True, True).said
        'Trained in elsewhere-x: model and answers are the same bytes.'
        """
        if self.same_model and self.same_answers:
            came = "model and answers are the same bytes"
        else:
            came = "another file with the same answers" if self.same_answers else "other answers"
        return f"Trained in {self.folder}: {came}."


def of(ws: Workspace, run_id: str) -> Elsewhere | None:
    """Return what came out when a run was last trained in another folder; None if nobody did."""
    noted = ws.journal.read(subject(run_id))
    return Elsewhere.of(noted) if noted else None


def subject(run_id: str) -> str:
    """Return under which name the journal has it."""
    return f"{SUBJECT}/{run_id}"


def train(ws: Workspace, run_id: str, job: Job) -> Elsewhere:
    """Train a run in another folder, and note what came out.

    Raises
    ------
    ConflictError
        If it is no training of this workspace, or learned from outcomes that came later.
    MlopsError
        If it cannot be trained there.
    """
    import pyarrow.parquet

    run = ws.runs.get(run_id)
    if run.status != "finished" or run.model_sha256 is None:
        raise ConflictError(f"Run {run.run_id} left no model here.", "Use a finished run that was trained here.")
    if run.outcomes and run.outcomes["sets"]:
        raise ConflictError(
            f"Run {run.run_id} learned from outcomes that came later: two files are not enough.",
            "Use a run whose data hold the outcomes.",
        )
    with tempfile.TemporaryDirectory(prefix="elsewhere-", ignore_cleanup_errors=True) as folder:
        job.tell("Taking data and config into another folder", 0.05)
        there = Path(folder)
        data, config = there / f"{run.data['name']}.parquet", there / f"{run.name}.yaml"
        pyarrow.parquet.write_table(ws.datasets.table(ref_of(run.data)), data)
        config.write_text(_without_version(ws.runs.text(run.run_id, "config.yaml")), encoding="utf-8")
        roles = [part for role, name in (run.roles or {}).items() if name for part in (f"--{role}", str(name))]
        job.tell("Keeping the data there", 0.2)
        kept = _mlops(job, there, "data", "add", str(data), "--name", run.data["name"], *roles)
        job.tell("Training there", 0.5)
        again = _mlops(job, there, "train", "--config", str(config))
        told = Elsewhere(
            run.run_id,
            there.name,
            kept["sha256"],
            config.name,
            again["model_sha256"],
            again["predictions_sha256"],
            again["model_sha256"] == run.model_sha256,
            again["predictions_sha256"] == run.predictions_sha256,
        )
    ws.journal.write(subject(run_id), told.as_dict())
    return told


def _without_version(config: str) -> str:
    """Return a config that takes the newest version: in another folder there is one, and it is version 1."""
    from mlops.experiments import configs

    return configs.load(config, overrides={"data.version": "latest"}).yaml()


def _mlops(job: Job, folder: Path, *line: str) -> dict[str, object]:
    """Do a line of the command line in the workspace of a folder, and return its document."""
    command = [sys.executable, "-m", "mlops", "--workspace", str(folder / "workspace"), "--json", *line]
    environment = {**provenance.one_thread(), "PYTHONPATH": str(ROOT)}
    told = job.run(command, folder, environment, SECONDS)
    document: dict[str, object] = json.loads(told.stdout or "{}")
    if told.returncode:
        error = document.get("error")
        said = error if isinstance(error, dict) else {"message": "It ended without a word.", "next_step": "Try again."}
        raise MlopsError(str(said["message"]), str(said["next_step"]))
    return document
