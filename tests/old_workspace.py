"""An old workspace, kept: how ``tests/old/format-1.zip`` was made, and how it is opened.

The program of format 1 made it, and wrote down what it answered. A later program reads that and answers the same.
To make another one, check out a program of format 1 and run ``python -m tests.old_workspace tests/old``; everything is
new then, ids included. The story is short and has what later programs could misread:

- two names that replaced each other in production, for format 1 has one live version for each environment;
- roles that were changed in place, before and after runs learned with them;
- one model name with two targets;
- runs with ``gate.margin`` among their parameters, and a model that is live because of it;
- outcomes, of which some become known later;
- a rollback, a failed run, cancelled ones, one that still waits, a sweep, a logged run, predictions.
"""

from __future__ import annotations

import json
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd

from mlops import Workspace
from mlops.base.errors import MlopsError
from tests.conftest import customers_frame
from tests.shell import Shell

FOLDER = Path(__file__).parent / "old"
ENVIRONMENTS = ("staging", "production")

SPLIT = "training: {test_size: 0.55}\n"
LOGISTIC = f"model: {{type: logistic_regression}}\n{SPLIT}gate: {{margin: 0.05}}\n"
LENIENT = f"model: {{type: gradient_boosting, n_estimators: 1, max_depth: 1}}\n{SPLIT}gate: {{margin: 1.0}}\n"
TREES = f"model: {{type: gradient_boosting, n_estimators: 3, max_depth: 2}}\n{SPLIT}"
TOO_MANY = f"model: {{type: k_neighbors, n_neighbors: 900}}\n{SPLIT}"


class Nobody:
    """A pool that starts no worker."""

    def adopt(self, *_: Any) -> None:
        """Leave in the queue what waits there."""


def opened(path: Path) -> Workspace:
    """Unpack the old workspace into a folder and open it."""
    with zipfile.ZipFile(FOLDER / "format-1.zip") as packed:
        packed.extractall(path)
    return Workspace.open(path, create=False, actor="ada")


def answers() -> dict[str, Any]:
    """Return what the program of format 1 answered: by command, without its options."""
    return dict(json.loads((FOLDER / "format-1.json").read_text(encoding="utf-8")))


def questions(shell: Shell) -> Iterator[tuple[str, ...]]:
    """Yield every question whose answer was kept."""
    log = shell.get("log")
    moments = sorted({event["at"] for event in log if event["kind"].startswith("deployment")})
    between = [*moments, *(before[:19].replace("T", " ") for before in moments), "2024-01-02T08:00:00Z"]
    between += [f"{moment[:10]}T23:59:59.999999Z" for moment in moments] + [log[-1]["at"]]
    for environment in ENVIRONMENTS:
        yield "timeline", "--env", environment
        yield from (("live-at", moment, "--env", environment) for moment in sorted(set(between)))
    yield from (("runs", "show", run["run_id"]) for run in shell.get("runs", "list"))
    yield from (("models", "show", f"{one['name']}@{one['version']}") for one in shell.get("models", "list"))
    yield from (("data", "show", f"{one['name']}@{one['version']}") for one in shell.get("data", "list"))


def make(folder: Path) -> None:
    """Live through the story, ask every question, and pack both."""
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        ws = Workspace.open(place / "workspace", actor="ada")
        _tell(ws, place)
        shell = Shell(ws.path)
        kept = {" ".join(question): shell.get(*question) for question in questions(shell)}
        folder.mkdir(exist_ok=True)
        text = json.dumps(kept, indent=1, ensure_ascii=False)
        assert scratch not in text
        (folder / "format-1.json").write_text(text + "\n", encoding="utf-8")
        files = [one for one in sorted(ws.path.rglob("*")) if one.is_file() and "cache" not in one.parts]
        with zipfile.ZipFile(folder / "format-1.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
            for one in files:
                assert scratch.encode() not in one.read_bytes()
                packed.writestr(zipfile.ZipInfo(one.relative_to(ws.path).as_posix()), one.read_bytes(),
                                zipfile.ZIP_DEFLATED)  # fmt: skip


def _tell(ws: Workspace, place: Path) -> None:
    frame = customers_frame(400)
    frame["late"] = (frame["monthly_fee"].fillna(40) + frame["age"] / 4 > 52).map({True: "yes", False: "no"})
    first, month = frame, customers_frame(520, seed=8).iloc[400:]
    first.to_csv(place / "customers.csv", index=False)
    later = pd.concat([frame, month.assign(late="no")])
    later.to_csv(place / "later.csv", index=False)

    ws.set_clock("2024-01-02T08:00:00Z")
    ws.datasets.add(place / "customers.csv", "customers", target="churn", message="first customers")
    nameless = ws.train(LOGISTIC, note="rows have no names yet")
    ws.datasets.add(place / "customers.csv", "customers", id="customer_id")  # roles change in place
    named = ws.train(LENIENT, tags={"try": "lenient"})
    ws.runs.open_test(named.run_id)

    ws.set_clock("2024-01-15T09:00:00Z")
    _release(ws, ws.models.register(nameless, "churn_model", card={"owner": "Ada"}), "first release")
    row = json.loads(frame.iloc[0].drop(["churn"]).to_json(date_format="iso")) | {"signed_up": "2020-03-01"}
    ws.predict("@production", row)

    ws.set_clock("2024-02-01T09:00:00Z")
    _release(ws, ws.models.register(named, "challenger"), "a challenger under its own name")
    ws.predict("@production", row)

    ws.set_clock("2024-03-01T09:00:00Z")
    waiting = later.drop(columns="churn").iloc[100:]
    waiting.to_csv(place / "waiting.csv", index=False)
    ws.datasets.add(place / "waiting.csv", "customers", message="outcomes will follow")
    told = later.iloc[100:][["customer_id", "churn"]]
    told.iloc[:250].assign(known_at="2024-02-10").to_csv(place / "outcomes.csv", index=False)
    told.iloc[250:].assign(known_at="2024-04-10").to_csv(place / "outcomes_later.csv", index=False)
    ws.outcomes.add(place / "outcomes.csv", "customers")
    ws.outcomes.add(place / "outcomes_later.csv", "customers")
    with_outcomes = ws.train(LOGISTIC, data="customers@2")
    _release(ws, ws.models.register(with_outcomes, "churn_model"), "outcomes of this year")
    ws.predict("@production", row)

    ws.set_clock("2024-03-10T17:30:00Z")
    ws.rollback("production", "complaints since 17:00")  # to the other name
    ws.models.register(with_outcomes, "spare", version="0.1.0")
    ws.models.reject("spare@0.1.0", "never needed")

    ws.set_clock("2024-04-02T09:00:00Z")
    with suppress(MlopsError):
        ws.train(TOO_MANY, data="customers@1")
    ws.runs.cancel(ws.submit(TREES, data="customers@1", pool=Nobody()).run_id)
    ws.sweep(TREES, {"model.max_depth": [1, 2], "model.n_estimators": [2]}, data="customers@1")
    ws.datasets.add(place / "customers.csv", "customers", target="late", time="signed_up")  # again in place
    without = {"features.exclude": ["churn"]}
    late = ws.train(LENIENT, overrides=without, data="customers@1", note="another target, the same version")
    ws.runs.log("elsewhere", {"depth": 3}, {"validation": {"auc": 0.8}})

    ws.set_clock("2024-04-20T09:00:00Z")
    _release(ws, ws.models.register(late, "churn_model"), "one name, another target")
    ws.train(LOGISTIC, data="customers@2", note="more outcomes are known")
    ws.submit(TREES, data="customers@1", note="still waits", pool=Nobody())

    ws.set_clock("2024-05-01T09:00:00Z")
    ws.rollback("production", "the wrong question", to="churn_model@1.0.0")
    ws.predict("@production", row)
    ws.runs.note(named.run_id, "was live in February")
    ws.set_clock("2024-05-10T09:00:00Z")


def _release(ws: Workspace, model: Any, reason: str) -> None:
    ws.deploy(model, "staging", reason)
    ws.deploy(model, "production", reason, override="few rows, and a story to tell")


if __name__ == "__main__":
    make(Path(sys.argv[1]))
