"""Release a model: to staging, to production with its comparison, back again to the first answer; with a past or not.

The floors are bare: a commit of one event in SQLite at the same durability; loading the file of a model and answering
one row; and both, with a durable line for the answer. The past is 1,000 deployments and 20,000 logged requests.
"""

from __future__ import annotations

import itertools
import json
import os
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib

from benchmarks.timing import compare, frame_of
from mlops import Workspace
from mlops.release import releases
from mlops.release.request_log import RequestLog

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data" / "customers_2023.csv"
NAME = "churn_model"
DEPLOYMENTS, REQUESTS = 1_000, 20_000
FLOOR = "floor: commit, load, answer, log it"


def made(path: Path) -> Workspace:
    """Return a workspace in which two versions of a model were live in staging and production."""
    ws = Workspace.open(path)
    ws.datasets.add(SAMPLE, name="customers", target="churn", id="customer_id")
    for depth in (3, 4):
        config = f"model: {{type: gradient_boosting, n_estimators: 100, max_depth: {depth}}}"
        model = ws.models.register(ws.train(config), NAME)
        for environment in ("staging", "production"):
            ws.deploy(model, environment, "release", override="only to have a past")
    return ws


def with_past(ws: Workspace) -> None:
    """Give a workspace its deployments and requests; in few transactions, for thousands of syncs take minutes."""
    models = [ws.models.get(f"{NAME}@1.{minor}.0").identity for minor in (0, 1)]
    with ws._ledger.write() as tx:
        for turn in range(DEPLOYMENTS // 2):
            for place in ("staging", "production"):
                live = releases.live_of(tx, place, NAME)
                one = live.as_dict() | {"deployment_id": f"d{place}{turn}", "model": models[turn % 2]}
                one |= {"replaced": live.model, "since": tx.at, "at": tx.at}
                del one["until"]
                tx.append("deployment.deploy", one["deployment_id"], one)
    ws.predict("@production", row(ws))
    request, log = ws.predictions.list()[0], RequestLog(ws._ledger, ws._artifacts)
    for _ in range(REQUESTS // 1000):
        with log.turn() as turn:
            turn.append([{**request, "at": turn.at}] * 1000)
        log.sync()


def row(ws: Workspace) -> dict[str, Any]:
    return dict(ws.models.metadata("@production")["examples"][0]["row"])


def floors(ws: Workspace, root: Path) -> dict[str, Callable[[], object]]:
    database = sqlite3.connect(root / "floor.db", isolation_level=None)
    database.executescript(
        "PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA;"
        "CREATE TABLE events (seq INTEGER PRIMARY KEY, payload TEXT); CREATE TABLE records (id TEXT, record TEXT);"
    )
    payload = json.dumps(ws.releases.live("staging").as_dict())
    example, path = frame_of(ws.models.load("@production"), [row(ws)]), ws.models.path("@production")

    def commit() -> None:
        database.execute("BEGIN IMMEDIATE")
        database.execute("INSERT INTO events (payload) VALUES (?)", (payload,))
        database.execute("INSERT INTO records VALUES ('one', ?)", (payload,))
        database.execute("COMMIT")

    def answer() -> None:
        joblib.load(path).predict_proba(example)

    def all_of_it() -> None:
        commit()
        answer()
        with open(root / "floor.jsonl", "a") as log:
            log.write(payload)
            log.flush()
            os.fsync(log.fileno())

    return {"floor: a bare commit": commit, "floor: load and answer": answer, FLOOR: all_of_it}


def acts(ws: Workspace, said: str) -> dict[str, Callable[[], object]]:
    turns = {place: itertools.cycle(("1.0.0", "1.1.0")) for place in ("staging", "production")}
    example = row(ws)

    def deploy(place: str) -> None:
        number = next(turns[place])
        if ws.models.get(f"{NAME}@{place}").version == number:
            number = next(turns[place])
        ws.deploy(f"{NAME}@{number}", place, "again", override="a benchmark")

    def roll_back() -> None:
        ws.rollback("production", "back")
        ws.predict("@production", example)

    return {
        f"deploy to staging{said}": lambda: deploy("staging"),
        f"deploy to production{said}": lambda: deploy("production"),
        f"roll back to the first answer{said}": roll_back,
        f"models.get{said}": lambda: ws.models.get(f"{NAME}@production"),
        f"newest 50 requests{said}": lambda: ws.predictions.list(limit=50),
    }


def main() -> None:
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:  # on a real disk
        root = Path(folder)
        ws = made(root / "workspace")
        old = ws.fork(root / "old")
        with_past(old)
        functions = {**floors(ws, root), **acts(ws, ""), **acts(old, ", with a past")}
        compare(functions, floor=FLOOR, repeats=15)


if __name__ == "__main__":
    main()
