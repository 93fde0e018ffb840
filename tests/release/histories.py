"""Histories made up for tests: events of data, runs, models, releases and files as the modules write them, at no cost.

Each word of `WORDS` is something that happens; what it needs and is not there makes it nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from hypothesis import strategies as st

from mlops import Workspace
from mlops.base.records import ref_of

WORDS = ("data", "data", "outcomes", "join", "train", "queue", "begin", "sweep", "fail", "log", "register", "register")
RELEASES = ("staging", "production", "production", "overruled", "unhealthy", "rollback", "batch", "batch_by_name")

MOVES = st.lists(st.tuples(st.sampled_from(WORDS + RELEASES), st.integers(0, 3), st.integers(0, 3)), max_size=30)
"""A word, and two numbers that choose among what is there, 0 being the newest."""

BEGINNING = [
    ("data", 0, 0),
    ("data", 1, 1),
    ("train", 0, 0),
    ("register", 0, 0),
    ("staging", 0, 0),
    ("production", 0, 0),
]


def digest(text: str) -> str:
    """Return a hash of made-up content."""
    return hashlib.sha256(text.encode()).hexdigest()


def chosen(things: list[dict[str, Any]], number: int) -> dict[str, Any] | None:
    """Return one of several things, the newest for 0."""
    return things[-1 - number % len(things)] if things else None


class Story:
    """A workspace whose history is written as its modules would write it."""

    def __init__(self, ws: Workspace) -> None:
        self.ws = ws
        self.data: list[dict[str, Any]] = []
        self.sets: list[dict[str, Any]] = []
        self.runs: list[dict[str, Any]] = []
        self.queue: list[dict[str, Any]] = []
        self.models: list[dict[str, Any]] = []
        self.deployments: list[dict[str, Any]] = []

    def play(self, moves: Iterable[tuple[str, int, int]]) -> Story:
        """Let everything happen, one after the other."""
        for word, first, second in moves:
            getattr(self, f"_{word}")(first, second)
        return self

    def _write(self, kind: str, subject: str, changes: Mapping[str, Any]) -> None:
        with self.ws._ledger.write() as tx:
            seq = tx.head()[0]
            tx.at = f"2024-01-{1 + seq // 1440:02}T{seq // 60 % 24:02}:{seq % 60:02}:00.000000Z"
            tx.append(kind, subject, changes)

    def _data(self, first: int, second: int, origin: Mapping[str, Any] | None = None) -> None:
        name = ("customers", "wine")[first % 2]
        version = 1 + sum(one["name"] == name for one in self.data)
        record = {"name": name, "version": version, "sha256": digest(f"{name} {second}"), "rows": 900, "columns": 3}
        record |= {"parent": version - 1 or None, "message": "", "source": "made.csv", "target": "y"}
        record["schema"] = [{"name": "y", "type": "integer", "nullable": False}]
        record |= origin or {}
        self.data.append(record | {"created_at": None})
        self._write("dataset.add", ref_of(record), record)

    def _join(self, first: int, second: int) -> None:
        parents = [one for one in (chosen(self.data, first), chosen(self.data, second)) if one]
        if parents:
            sets = [one for one in self.sets if one["dataset"] in {parent["name"] for parent in parents}]
            named = [{key: one[key] for key in ("labels_id", "sha256")} for one in sets]
            origin = {"parents": list(dict.fromkeys(map(ref_of, parents))), "outcomes": {"sets": named}}
            self._data(second, 4 + first, origin)

    def _outcomes(self, first: int, second: int) -> None:
        if data := chosen(self.data, first):
            record = {"labels_id": f"l{len(self.sets)}", "dataset": data["name"], "sha256": digest(f"{len(self.sets)}")}
            self.sets.append(record)
            self._write("labels.add", record["labels_id"], record | {"rows": 5, "known_until": "2024-01-01"})

    def _asked(self, first: int, second: int, kind: str, more: Mapping[str, Any]) -> None:
        if data := chosen(self.data, first):
            sets = [one for one in self.sets if one["dataset"] == data["name"]]
            record = {
                "run_id": f"r{len(self.runs):02}", "name": "tried", "status": "finished", "seed": 42, "tags": {},
                "params": {"model.type": "dummy", "model.depth": second}, "config_sha256": digest(f"config {second}"),
                "metrics": {"validation": {"auc": 0.7 + second / 100}}, "note": "", "warnings": [], "steps": [],
                "data": {key: data[key] for key in ("name", "version", "sha256")}, "roles": dict.fromkeys(("target", "id", "time", "group", "task", "positive")) | {"target": "y"},
                "outcomes": {"sets": [{key: one[key] for key in ("labels_id", "sha256")} for one in sets], "sha256": digest(str(len(sets)))},
                "code": {"git_commit": "c0ffee", "dirty": False, "source_sha256": digest(f"code {first}")},
                "software": {"python": "3.11", "platform": "linux", "packages": {"numpy": str(second % 2)}},
                "model_sha256": digest(f"model {len(self.runs)}"), **more,
            }  # fmt: skip
            self.runs.append(record)
            self._write(kind, record["run_id"], record)

    def _train(self, first: int, second: int) -> None:
        self._asked(first, second, "run.start", {})

    def _queue(self, first: int, second: int) -> None:
        before = len(self.runs)
        later = {"status": "queued", "queued_at": "2024-01-01", "software": {}, "model_sha256": None, "metrics": {}}
        self._asked(first, second, "run.queue", later)
        self.queue += self.runs[before:]

    def _begin(self, first: int, second: int) -> None:
        if self.queue:
            record = self.queue.pop(0)
            ended = {
                "status": "finished", "code": {**record["code"], "source_sha256": digest(f"code {second}")},
                "software": {"python": "3.12", "platform": "linux", "packages": {}},
                "model_sha256": digest(record["run_id"]), "metrics": {"validation": {"auc": 0.7 + first / 100}},
            }  # fmt: skip
            record |= ended
            self._write("run.start", record["run_id"], ended)

    def _sweep(self, first: int, second: int) -> None:
        for trial in range(3):
            auc = 0.7 + 7 * len(self.runs) % 11 / 100
            self._asked(
                first, trial, "run.start", {"tags": {"sweep": f"s{second}"}, "metrics": {"validation": {"auc": auc}}}
            )

    def _fail(self, first: int, second: int) -> None:
        self._asked(first, second, "run.start", {"status": "failed", "model_sha256": None, "metrics": {}})

    def _log(self, first: int, second: int) -> None:
        nothing = {key: {} for key in ("data", "code", "software")}
        self._asked(
            first, second, "run.log", {**nothing, "outcomes": None, "config_sha256": None, "model_sha256": None}
        )

    def _register(self, first: int, second: int) -> None:
        if run := chosen([one for one in self.runs if one["model_sha256"]], first):
            name = f"{run['data']['name']}_model{second % 2}"
            version = f"1.{sum(one['name'] == name for one in self.models)}.0"
            record = {"name": name, "version": version, "sha256": run["model_sha256"], "run_id": run["run_id"]}
            record |= {"data_version": ref_of(run["data"]), "status": "candidate", "target": "y", "task": "binary"}
            self.models.append(record)
            self._write("model.register", ref_of(record), record)

    def _deploy(
        self, first: int, environment: str, action: str = "deploy", status: str = "live", rehearsed: bool | None = None
    ) -> None:
        if model := chosen(self.models, first):
            identity = {key: model[key] for key in ("name", "version", "sha256")}
            checks = [{"name": "integrity", "outcome": "pass"}]
            checks += [] if rehearsed is None else [{"name": "staging", "outcome": "pass" if rehearsed else "fail"}]
            at = f"2024-02-01T00:00:{len(self.deployments):02}.000000Z"
            record = {
                "deployment_id": f"d{len(self.deployments):02}", "environment": environment, "action": action, "at": at,
                "status": status, "model": identity, "since": at if status == "live" else None, "deployed_by": "ada",
                "reason": "x", "gate": None if action == "rollback" else {"checks": checks}, "override": None,
            }  # fmt: skip
            self.deployments.append(record)
            self._write(f"deployment.{action}", record["deployment_id"], record)

    def _staging(self, first: int, second: int) -> None:
        self._deploy(first, "staging")

    def _production(self, first: int, second: int) -> None:
        self._deploy(first, "staging")
        self._deploy(first, "production", rehearsed=True)

    def _overruled(self, first: int, second: int) -> None:
        self._deploy(first, "production", rehearsed=False)

    def _unhealthy(self, first: int, second: int) -> None:
        self._deploy(first, "production", status="failed", rehearsed=False)

    def _rollback(self, first: int, second: int) -> None:
        if any(one["environment"] == "production" for one in self.deployments):
            self._deploy(first + 1, "production", action="rollback")

    def _batch(self, first: int, second: int, environment: str | None = "production") -> None:
        if model := chosen(self.models, first):
            identity = {key: model[key] for key in ("name", "version", "sha256")}
            record = {"batch_id": f"b{self.ws.head()}", "model": identity, "environment": environment}
            self._write("batch.predict", record["batch_id"], record | {"rows": 10, "input": "new.csv"})

    def _batch_by_name(self, first: int, second: int) -> None:
        self._batch(first, second, None)
