"""Contents: what a project holds, part by part, and the record that each file came from.

What runs in it - loading, splitting, preparing, training, answering - is plain code in ``template``, the same for every
project: names, columns and labels stand in its JSON and YAML, never in its code. That it comes out as a run of this
package did, to the last digit, is held by `tests/export`.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import metadata
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

import yaml

from mlops.base.clock import Instant
from mlops.base.environments import ENVIRONMENTS
from mlops.base.provenance import COMPUTING
from mlops.base.records import readable_json
from mlops.data import outcomes, tables
from mlops.experiments import config_files, configs, software
from mlops.export import card
from mlops.training import pipeline

if TYPE_CHECKING:
    import pyarrow as pa

    from mlops import Workspace
    from mlops.release.registry import ModelVersion
    from mlops.training.pipeline import Material

TEMPLATE = Path(__file__).parent / "template"

TRAINING = (*COMPUTING, "PyYAML")
"""Packages of the run that the project's code imports."""
SERVING = ("fastapi", "fastapi-offline", "uvicorn", "pytest")
"""What serves and tests it; a run has none of these, so they are those that are installed here."""

CODE = {
    "src/__init__.py": "what the folder is",
    "src/config.py": "reads a config, lays an overlay over it, refuses unknown keys",
    "src/data.py": "loads the data, checks its hash, splits it",
    "src/features.py": "columns to a matrix",
    "src/evaluate.py": "metrics, and the score of every row",
    "src/predict.py": "answers rows, names those that cannot be used",
    "src/train.py": "trains, measures, keeps",
    "train.py": "trains again from the config",
}
USE = {
    "batch_predict.py": "scores a file",
    "app.py": "answers over HTTP",
    "crontab": "scores a file every morning",
    "Dockerfile": "the API as a container",
    ".dockerignore": "what the container leaves out",
}
TESTS = {
    "pytest.ini": "where tests and code are",
    "tests/test_data.py": "data and config are what they should be",
    "tests/test_training.py": "training again gives the same predictions",
    "tests/test_predictions.py": "a row, a file and the API agree to the last digit",
}
EXPERIMENT = {
    "run.json": "the whole record of the run",
    "metrics.json": "metrics by part",
    "curves.json": "points of its curves",
    "predictions.parquet": "the score of every row",
    "train.log": "what it said",
}


@dataclass(frozen=True)
class File:
    """One file of a project."""

    content: bytes
    what: str
    came_from: str | None = None
    """Ref of the record that it came from."""


@dataclass(frozen=True)
class Part:
    """Files that belong together, and how their coming is told."""

    message: str
    by: str
    at: Instant
    files: Mapping[str, File]


class Contents:
    """The parts of the project of one model version."""

    def __init__(self, ws: Workspace, ref: str | ModelVersion) -> None:
        self.ws = ws
        self.model = ws.models.get(ref)
        self.run = ws.runs.get(self.model.run_id)

    @cached_property
    def material(self) -> Material:
        """What the run was made from."""
        return pipeline.material(self.ws._ledger, self.ws._artifacts, self.run)

    @cached_property
    def table(self) -> pa.Table:
        """The rows of the version with the outcomes that the run knew, in stored order."""
        known = outcomes.outcomes_of(self.ws._ledger, self.ws._artifacts, self.material.run.outcomes or {"sets": []})
        return outcomes.join(self.ws.datasets.table(self.material.version.ref), self.material.version, known)

    @cached_property
    def _told(self) -> dict[str, tuple[str, Instant]]:
        """Who began each record, and when."""
        told: dict[str, tuple[str, Instant]] = {}
        for event in self.ws.log():
            told.setdefault(event["subject"], (event["actor"], event["at"]))
        return told

    def began(self, subject: str) -> Instant:
        """Return when a record began."""
        return self._told[subject][1]

    @property
    def document(self) -> str:
        """Name of the note on the data."""
        version = self.material.version
        return f"data/{version.name}_v{version.version}.json"

    def parts(self) -> Iterator[Part]:
        """Yield the parts in the order in which they came to be; the last one tells of all others."""
        version, run, model = self.material.version, self.run, self.model
        (by_data, on_data), (by_run, on_run), (by_model, on_model) = (
            self._told[subject] for subject in (version.ref, run.run_id, model.ref)
        )
        ended, seed = run.ended_at or on_run, self.material.config.seed
        kept = f"Kept as {version.ref}: {version.message}" if version.message else f"Kept as {version.ref}."
        parts = [
            Part(
                f"Data: {version.rows:,} rows to learn from, with their hash\n\n{kept}", by_data, on_data, self._data()
            ),
            Part(
                f"Config: {run.params['model.type']}, {'without a seed' if seed is None else f'seed {seed}'}; "
                "change values here, not in the code",
                by_run,
                on_run,
                self._config(),
            ),
            Part(
                "Code: from rows to a model; its packages are pinned",
                by_run,
                on_run,
                self._software() | self._template(CODE),
            ),
            Part(f"Experiment {run.run_id}: {card.told(run)}", by_run, ended, self._experiment()),
            Part(f"Model {model.ref}, from {run.run_id}", by_model, on_model, self._model()),
            Part(
                "One model, three doors: a file, HTTP, every morning by cron; in a container if you like",
                by_model,
                on_model,
                self._template(USE),
            ),
            Part(
                "Tests: trained again, the same predictions; one answer through every door",
                by_model,
                on_model,
                self._template(TESTS),
            ),
        ]
        yield from parts
        yield self._readme({path: file for part in parts for path, file in part.files.items()})

    def _data(self) -> dict[str, File]:
        version, buffer = self.material.version, io.BytesIO()
        tables.write_parquet(self.table, buffer)
        path = self.document.replace(".json", ".parquet")
        said = {name: dict(told) for name, told in version.described.items()}
        note = {
            "data": version.ref,
            **{key: getattr(version, key) for key in ("sha256", "source", "message", "created_at", "parents")},
            "outcomes": self.material.run.outcomes,
            "file": Path(path).name,
            "file_sha256": hashlib.sha256(buffer.getvalue()).hexdigest(),
            "rows": version.rows,
            "rows_with_outcome": self.table.num_rows - self.table.column(str(version.target)).null_count,
            **version.roles.as_dict(),
            "columns": [one | said.get(one["name"], {}) for one in tables.schema_of(self.table)],
        }
        return {
            ".gitignore": File(_template(".gitignore"), "what the history leaves out"),
            path: File(buffer.getvalue(), "the rows, with the outcomes that were known", version.ref),
            self.document: File(readable_json(note), "where they are from, their hash, what columns mean", version.ref),
        }

    def _config(self) -> dict[str, File]:
        run, config = self.run, self.material.config
        files = {"configs/config.yaml": File(config.yaml().encode(), "the effective config of the run", run.run_id)}
        for place in ENVIRONMENTS if self.ws.event is None else ():  # nobody recorded what the files said then
            found = config_files.render(self.ws.path, run.config_file, place)
            if found and found.overlay and found.config:
                differs = _nested(configs.diff_params(config.params, found.config.params), found.config.as_dict())
                text = f"# What differs in {place}.\n{yaml.safe_dump(differs, sort_keys=False, allow_unicode=True)}"
                files[f"configs/config.{place}.yaml"] = File(text.encode(), f"what differs in {place}", run.run_id)
        return files

    def _software(self) -> dict[str, File]:
        known = self.run.software["packages"]
        packages = {name: known.get(name) or metadata.version(name) for name in TRAINING}
        packages |= {name: metadata.version(name) for name in SERVING}
        used = {"python": self.run.software["python"], "packages": packages}
        texts = {
            "requirements.txt": (software.requirements(used), "the packages of the run"),
            "environment.yml": (software.environment(used, self.model.name), "the same for conda"),
        }
        return {path: File(text.encode(), what, self.run.run_id) for path, (text, what) in texts.items()}

    def _experiment(self) -> dict[str, File]:
        run = self.run
        return {
            f"experiments/{run.run_id}/{name}": File(self.ws.runs.file(run, name), what, run.run_id)
            for name, what in EXPERIMENT.items()
        }

    def _model(self) -> dict[str, File]:
        model, run = self.model, self.run
        paths = {
            "data": self.document,
            "config": "configs/config.yaml",
            "experiment": f"experiments/{run.run_id}",
            "model": f"models/{Path(model.path).name}",
        }
        used = "# What is used; a release is another model here, and a rollback the one before.\n"
        used += yaml.safe_dump(paths, sort_keys=False)
        return {
            paths["model"]: File(self.ws.runs.file(run, "model.joblib"), "the model", model.ref),
            paths["model"].replace(".joblib", ".json"): File(
                readable_json(self.ws.models.metadata(model)), "what it learned from, takes and answers", model.ref
            ),
            "configs/project.yaml": File(used.encode(), "which of these files are used", model.ref),
        }

    def _template(self, files: Mapping[str, str]) -> dict[str, File]:
        values = {"python": self.run.software["python"], "name": self.model.name}
        return {path: File(_template(path, values), what) for path, what in files.items()}

    def _readme(self, files: Mapping[str, File]) -> Part:
        released = [one for place in ENVIRONMENTS for one in self.ws.releases.timeline(place, self.model.name)]
        own = [one for one in released if one.model == self.model.identity and one.since]
        last = max(own, key=lambda one: (one.at, ENVIRONMENTS.index(one.environment)), default=None)
        text = card.readme(_template("README.md").decode(), self, own, files)
        by, at = (last.deployed_by, last.at) if last else self._told[self.model.ref]
        came_from = last.deployment_id if last else self.model.ref
        readme = File(text.encode(), "model card: what it is for, how good it is, where it is live", came_from)
        return Part("Model card: what it is for, how good it is, where it is live", by, at, {"README.md": readme})


def _template(path: str, values: Mapping[str, str] | None = None) -> bytes:
    """Return a file of the template; one without ending may have places for values."""
    kept = TEMPLATE.joinpath(*path.removeprefix(".").split("/"))
    text = kept.read_text(encoding="utf-8")
    return (Template(text).substitute(values) if values and path == "Dockerfile" else text).encode()


def _nested(differences: list[dict[str, Any]], there: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an overlay says: the keys that differ by section; of another type the whole section."""
    found: dict[str, Any] = {}
    for one in differences:
        section, _, key = one["key"].partition(".")
        if one["after"] is not None or key in there[section]:
            found.setdefault(section, {})[key] = one["after"]
    whole = {section for section in found if "type" in found[section]}
    return found | {section: there[section] for section in whole}
