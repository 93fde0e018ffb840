"""The past costs nothing: a decision does the same work after one deployment and after three hundred."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mlops import Workspace
from mlops.base.artifacts import FOLDERS, Artifacts
from mlops.base.ledger import Ledger
from mlops.release import releases

ACTS: dict[str, Callable[[Workspace, dict[str, Any]], Any]] = {
    "to staging": lambda ws, row: ws.deploy("churn_model@1.0.0", "staging", "again"),
    "to production": lambda ws, row: ws.deploy("churn_model@1.2.0", "production", "better", override="as good"),
    "rollback": lambda ws, row: ws.rollback("production", "complaints"),
    "preview": lambda ws, row: ws.deployments.preview("production"),
    "gate": lambda ws, row: ws.gate("churn_model@1.0.0"),
    "register": lambda ws, row: ws.models.register(ws.runs.list()[0], "churn_model"),
    "predict": lambda ws, row: ws.predict("@production", row),
    "models.list": lambda ws, row: ws.models.list(),
    "models.get": lambda ws, row: ws.models.get("churn_model@production"),
    "diff": lambda ws, row: ws.comparisons.diff(*(run.run_id for run in ws.runs.list()[:2])),
    "reevaluate": lambda ws, row: ws.comparisons.reevaluate([run.run_id for run in ws.runs.list()[:2]]),
    "live": lambda ws, row: ws.releases.live("production"),
    "live where it never was": lambda ws, row: ws.releases.live("development", "churn_model"),
}


def history(ws: Workspace, more: int) -> None:
    """Let churn_model 1.0.0 and 1.1.0 take turns in both environments, and last 1.2.0 be rehearsed in staging."""
    ws.models.register(ws.runs.list()[0], "churn_model", "1.2.0")
    models = [ws.models.get(f"churn_model@1.{minor}.0").identity for minor in (0, 1)]
    report = json.loads(json.dumps(ws.releases.live("production").as_dict()["gate"]))
    with ws._ledger.write() as tx:
        for turn in range(more):
            for place in ("staging", "production"):
                live = releases.live_of(tx, place, "churn_model")
                record = live.as_dict() | {"deployment_id": f"d{place}{turn}", "model": models[turn % 2]}
                record |= {"replaced": live.model, "since": tx.at, "at": tx.at, "gate": report}
                del record["until"]
                tx.append("deployment.deploy", record["deployment_id"], record)
    ws.deploy("churn_model@1.2.0", "staging", "rehearsal")


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """Count connections, files read, and records made of what the ledger holds."""
    work: Counter[str] = Counter()
    connect, read_bytes, hashed, made = Ledger._connect, Path.read_bytes, Artifacts.hash, json.loads

    def one_more(what: str, real: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        work[what] += 1
        return real(*arguments, **named)

    def read(path: Path) -> bytes:
        work[f"file {path.name} of {path.parent.name}"] += path.parent.parent.name in FOLDERS
        return read_bytes(path)

    with monkeypatch.context() as patched:
        patched.setattr(Ledger, "_connect", lambda ledger: one_more("connections", connect, ledger))
        patched.setattr(Path, "read_bytes", read)
        patched.setattr(Artifacts, "hash", lambda files, path: one_more(f"file {path}", hashed, files, path))
        patched.setattr(releases.json, "loads", lambda *text: one_more("parsed", made, *text))
        yield work


@pytest.mark.parametrize("act", ACTS)
def test_a_decision_does_the_same_work_after_three_hundred_deployments(released, tmp_path, monkeypatch, act):
    """As many connections, three at most; the same files, each read once; as many records."""
    found, row = [], released.models.metadata("@production")["examples"][0]["row"]
    for past in (2, 300):
        ws = released.fork(tmp_path / str(past))
        history(ws, past)
        with counted(monkeypatch) as work:
            ACTS[act](ws, row)
        found.append({what: count for what, count in work.items() if count})
    few, many = found
    assert few.pop("connections") == many.pop("connections") <= 3
    assert {count for what, count in many.items() if what.startswith("file")} <= {1}
    assert few == many or act in ("rollback", "preview")  # these read the history of their place


@pytest.mark.parametrize("requests", [1, 3])
def test_requests_that_are_answered_together_look_at_the_ledger_once(released, monkeypatch, requests):
    """To know after which event they came; the model is in memory, and no file is read."""
    model = released.models.load("@production")
    row = model.metadata["examples"][0]["row"]

    with counted(monkeypatch) as work:
        released.predictions.answer(model, [[row, row]] * requests, "production")

    assert work["connections"] == 1
    assert not [what for what in work if what.startswith("file") and work[what]]
