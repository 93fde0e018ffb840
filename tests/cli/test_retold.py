"""A history is retold in lines, and the lines make it happen again."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest

from mlops import Workspace
from mlops.cli import retold
from tests.conftest import customers_frame
from tests.shell import mlops

CONFIG = "model: {type: logistic_regression}\ntraining: {test_size: 0.5}\nthresholds: {churn: 0.4}\n"
OVERLAY = "thresholds: {churn: 0.3}\n"

SAME = ("name", "rows", "columns", "sha256", "target", "id", "task", "positive", "message", "version", "parent")
ALIKE = {
    "dataset": SAME,
    "labels": ("dataset", "rows", "sha256", "known_until"),
    "run": ("params", "metrics", "model_sha256", "note", "tags", "status"),
    "model": ("name", "version", "sha256", "card", "status", "reject_reason"),
    "gate": ("model", "environment", "outcome", "data"),
    "gate_rule": ("environment", "require", "margin", "reason"),
    "deployment": ("action", "environment", "model", "reason", "override", "status"),
    "batch": ("model", "input", "rows", "output_sha256", "answers_sha256", "data_version", "environment", "month"),
    "clock": ("simulated",),
}
"""Noun of an event -> what of it must come about again; ids, paths and wall times are those of the one history."""


@pytest.fixture
def history(happened: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Return a workspace in which everything happened that a line can do, its files beside it."""
    shutil.copytree(happened, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return Workspace.open("workspace", create=False)


@pytest.fixture(scope="module")
def happened(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which it happened, once for all tests."""
    folder = tmp_path_factory.mktemp("happened")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        happen()
    return folder


def happen() -> None:
    """Do everything that a line can do, here."""
    rows = customers_frame(600)
    rows.to_csv("customers.csv", index=False)
    rows.iloc[:560].to_csv("fewer rows.csv", index=False)
    rows[["customer_id", "churn"]].head(300).to_csv("outcomes.csv", index=False)
    Path("churn.yaml").write_text(CONFIG, encoding="utf-8")
    Path("churn.staging.yaml").write_text(OVERLAY, encoding="utf-8")

    ws = Workspace.open("workspace")
    ws.set_clock("2024-03-01T09:00:00Z")
    ws.datasets.add("customers.csv", "customers", target="churn", id="customer_id", message="it's the first")
    ws.datasets.add("fewer rows.csv", "customers", message="")
    ws.datasets.make_newest("customers@1", "back again")
    ws.outcomes.add("outcomes.csv", "customers", "2024-02-01T00:00:00Z")
    first = ws.train("churn.yaml", data="customers@1", note="so far", tags={"try": "one"})
    second = ws.train("churn.yaml", overrides={"training.random_state": 7}, environment="staging", data="customers@1")
    ws.sweep("churn.yaml", {"thresholds.churn": [0.2, 0.6], "training.test_size": [0.5, 0.4]}, data="customers@1")
    ws.runs.note(first.run_id, 'better "so"')
    ws.runs.tag(first.run_id, "team", "retention")
    one = ws.models.register(first, "churn_model", card={"purpose": "calls", "owner": "Lena", "limits": ""})
    ws.models.describe(one.ref, limits="customers of less than three months")
    ws.reproduce(second.run_id)
    two = ws.models.register(second, "churn_model", "2.0.0")
    ws.gate_rules.set("production", margin=0.1, reason="a small company")
    for model in (one, two):
        ws.deploy(model, "staging", "rehearsal")
        ws.deploy(model, "production", "better $HOME", override="few rows")
    ws.gate(one, "production")
    ws.batch_predict("churn_model@2.0.0", "customers.csv", "scored.csv")
    ws.batch_predict("churn_model@staging", "customers@1")
    ws.set_clock("2024-03-02T09:00:00Z")
    for environment in ("production", "staging"):
        ws.rollback(environment, "complaints since 17:00")
    ws.models.reject(two.ref, "wrong on the youngest")


def told(ws: Workspace) -> list[tuple[str, str]]:
    """Return the kind and the line of each act that has one."""
    return [(event["kind"], line) for event, line in retold.newest(ws, most=None)]


def runs(ws: Workspace) -> list[str]:
    """Return the ids of runs in the order in which they began."""
    return [event["subject"] for event in ws.log() if event["kind"] == "run.start"]


def facts(ws: Workspace) -> list[tuple[str, dict[str, Any]]]:
    """Return what happened, without what only one history can have."""
    found = []
    for event in ws.log():
        noun, changes = event["kind"].partition(".")[0], dict(event["payload"]["changes"])
        if noun == "model":
            changes = ws.at(event=event["seq"]).models.get(event["subject"]).as_dict()
        alike = {key: changes[key] for key in ALIKE[noun] if key in changes}
        alike["tags"] = {key: value for key, value in alike.get("tags", {}).items() if key != "sweep"}
        found.append((event["kind"], alike))
    return found


def test_a_history_happens_again_line_by_line(history, tmp_path, monkeypatch):
    """The same data, the same bytes of every model, the same releases, from nothing but the lines and the files."""
    lines = told(history)
    begun = runs(history)
    again = tmp_path / "again"
    again.mkdir()
    for file in (*tmp_path.glob("*.csv"), *tmp_path.glob("*.yaml")):
        (again / file.name).write_bytes(file.read_bytes())
    (again / "scored.csv").unlink()
    monkeypatch.chdir(again)

    assert mlops("init").code == 0

    for kind, line in lines:
        words = shlex.split(line)
        assert words.pop(0) == "mlops"
        made = dict(zip(begun, runs(Workspace.open("workspace")), strict=False))
        words = [made.get(word, word) for word in words]  # the runs of this history have names of their own
        answer = mlops(*words)
        assert answer.code == (1 if kind == "gate.evaluate" else 0), (line, answer)

    assert facts(Workspace.open("workspace")) == facts(history)


def test_what_no_line_does_is_not_retold(history):
    """Trials but the last of their sweep, ends, sealed requests."""
    kinds = [kind for kind, _ in told(history)]
    assert (kinds.count("run.start"), kinds.count("run.queue")) == (2, 1), "Two runs, and one line for the sweep."
    assert "run.end" not in kinds


def test_only_a_workspace_elsewhere_is_named(history, tmp_path, monkeypatch):
    """The usual one is where a line works anyway."""
    _, line = retold.newest(history)[0]
    assert "--workspace" not in line
    monkeypatch.chdir("/")
    _, line = retold.newest(history)[0]
    assert line.endswith(f"--workspace {shlex.quote(str(tmp_path / 'workspace')[1:])}")


def test_an_edit_by_hand_that_was_put_back_is_put_back_again(history, happened):
    """The line names key, environment, model and reason."""
    config = happened / "churn.yaml"  # where it was when it happened; it is there again as it was
    config.write_text(config.read_text(encoding="utf-8").replace("0.4", "0.9"), encoding="utf-8")
    history.worlds.put_back("production", "thresholds.churn", "who was that?")

    [(_, line)] = retold.newest(history)

    assert shlex.split(line) == [
        *("mlops", "config", "put-back", "thresholds.churn", "--env", "production", "--model", "churn_model"),
        *("--reason", "who was that?"),
    ]
    assert "0.4" in config.read_text(encoding="utf-8")


def test_a_logged_prediction_is_asked_again(history):
    """The line has the row as it was sent, whatever quotes it holds."""
    row = customers_frame(9).drop(columns="churn").dropna().iloc[0].to_dict() | {"plan": "it's"}
    row = {key: value.item() if hasattr(value, "item") else value for key, value in row.items()}
    prediction = history.predict("@production", row)
    line = retold.request(history, history.predictions.list(1)[0])

    answer = mlops("--json", *shlex.split(line)[1:])

    assert answer.code == 0, answer
    assert answer.document["prediction"] == prediction.as_dict()["prediction"]
