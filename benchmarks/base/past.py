"""The workspace as it was: `ws.at(t)` in the middle of a ledger of 10,000 real events, for the first time and again.

Floor: to read those events and parse what they say. "for the first time" is in a process that has not looked at that
moment yet; beside it stands what the same question takes today, for both have to make their answers.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.timing import compare
from mlops import Workspace
from mlops.base import past
from mlops.sample import add

EVENTS = 10_000
CONFIG = "model: {type: gradient_boosting, n_estimators: 5}\n"
COPIED = ("run.start", "run.end", "run.note", "model.register", "gate.evaluate", "deployment.deploy")
"""What happens again and again; what it says is what really happened once."""


def fill(ws: Workspace) -> None:
    """Let a model be trained, registered and released really, and then the same be recorded until there is enough."""
    add(ws)
    run = ws.train(CONFIG)
    ws.runs.note(run.run_id, "a try")
    model = ws.models.register(run, "churn_model")
    for environment in ("staging", "production"):
        ws.deploy(model, environment, "first")
    once = [event for event in ws.log() if event["kind"] in COPIED]
    number = 0
    while ws.head() < EVENTS:
        with ws._ledger.write() as tx:
            for _ in range(50):
                number += 1
                for event in once:
                    text = json.dumps(event["payload"]["changes"]).replace(run.run_id, f"r{number:010d}")
                    text = text.replace('"1.0.0"', f'"1.0.{number}"')
                    said = event["subject"].replace(run.run_id, f"r{number:010d}").replace("@1.0.0", f"@1.0.{number}")
                    copied = said if said != event["subject"] else f"{said}{number}"
                    tx.append(event["kind"], copied, json.loads(text.replace(event["subject"], copied)))


def live(ws: Workspace) -> object:
    """Read one kind of record."""
    return ws.releases.live("production")


def found(ws: Workspace) -> object:
    """Search among all runs."""
    return ws.runs.table(["metrics.test.auc"], "params.model.n_estimators = 5", limit=1)


def every_noun(ws: Workspace) -> list[object]:
    """Read all there is, and search."""
    return [
        live(ws),
        found(ws),
        ws.datasets.list(),
        ws.models.list(),
        ws.gate_rules.get("production"),
        ws.batches.list(),
    ]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        ws = Workspace.open(Path(folder) / "workspace")
        fill(ws)
        half = ws.head() // 2
        size = (ws.path / "ledger.db").stat().st_size / 1e6
        print(f"after {half:,} of {ws.head():,} events, in a ledger of {size:.0f} MB")

        def parse() -> None:
            with ws._ledger.read() as view:
                rows = view.connection.execute("SELECT payload FROM events WHERE seq <= ?", (half,)).fetchall()
            for (payload,) in rows:
                json.loads(payload)

        def first(read: Callable[[Workspace], object]) -> Callable[[], object]:
            def look() -> object:
                past._kept = past.Shelf()
                return read(ws.at(event=half))

            return look

        rows: dict[str, Callable[[], object]] = {"read and parse the events": parse}
        for name, read in (("what is live", live), ("a search", found), ("every noun", every_noun)):
            rows |= {
                f"{name}, for the first time": first(read),
                f"{name}, again": lambda read=read: read(ws.at(event=half)),
                f"{name}, of today": lambda read=read: read(ws),
            }
        first(every_noun)()
        compare(rows, "read and parse the events", repeats=7)


if __name__ == "__main__":
    main()
