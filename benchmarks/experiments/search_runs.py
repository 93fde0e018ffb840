"""Search 100,000 runs by metric and parameter, sorted, top 100."""

from __future__ import annotations

import random
import sqlite3
import tempfile
import time
from pathlib import Path

from benchmarks.timing import compare
from mlops import Workspace
from mlops.experiments.lifecycle import BLANK

RUNS = 100_000
BEST = "-metrics.test.auc"
WHERE = "metrics.test.auc > 0.8 and params.model.type = 'gradient_boosting'"


def fill(ws: Workspace, runs: int) -> None:
    """Log many runs in one transaction."""
    draw = random.Random(0)
    with ws._ledger.write() as tx:
        for number in range(runs):
            run_id = f"r{number:010x}"
            kind = draw.choice(["gradient_boosting", "logistic_regression", "random_forest"])
            record = {**BLANK} | {
                "run_id": run_id,
                "status": "finished",
                "name": f"try {number}",
                "params": {"model.type": kind, **{f"model.p{key}": draw.randint(1, 100) for key in range(10)}},
                "metrics": {"validation": {"auc": draw.random()}, "test": {"auc": draw.random()}},
                "started_at": tx.at,
                "note": "",
                "tags": {},
            }
            tx.append("run.log", run_id, record)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        ws = Workspace.open(Path(folder) / "workspace")
        started = time.perf_counter()
        fill(ws, RUNS)
        print(f"{RUNS:,} runs written in {time.perf_counter() - started:.1f} s")
        database = sqlite3.connect(ws.path / "ledger.db")
        bare = (
            "SELECT m.subject FROM facts m JOIN facts p ON p.subject = m.subject AND p.key = 'params.model.type' "
            "WHERE m.key = 'metrics.test.auc' AND m.value > 0.8 AND p.value = 'gradient_boosting' "
            "ORDER BY m.value DESC LIMIT 100"
        )
        compare(
            {
                "floor: the bare index": lambda: database.execute(bare).fetchall(),
                "runs.list where, sort, limit 100": lambda: ws.runs.list(WHERE, BEST, 100),
                "the same, ascending by name": lambda: ws.runs.list(WHERE, "name", 100),
                "a condition few runs meet": lambda: ws.runs.list("metrics.test.auc > 0.9999", BEST, 100),
                "or, not": lambda: ws.runs.list(f"({WHERE}) or not params.model.p1 > 2", BEST, 100),
                "newest 100": lambda: ws.runs.list(limit=100),
            },
            floor="floor: the bare index",
        )
        database.close()


if __name__ == "__main__":
    main()
