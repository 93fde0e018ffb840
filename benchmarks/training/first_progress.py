"""Submit a training and wait for its first progress: what a person who clicked *Train* waits for.

Floor: a warm process is told one line, makes two commits as durable as ours, and replaces one file.
"""

from __future__ import annotations

import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from mlops import Workspace
from mlops.training import pipeline, workers  # noqa: F401 - the pipeline is imported, as in a server that runs

ROOT = Path(__file__).resolve().parents[2]
CONFIG = "model: {type: gradient_boosting}\n"
REPEATS = 10

WARM_PROCESS = """
import os, sqlite3, sys, time
folder = sys.stdin.readline().strip()
database = sqlite3.connect(f"{folder}/floor.db", isolation_level=None)
database.execute("PRAGMA synchronous = EXTRA")
for number in range(2):
    database.execute("BEGIN IMMEDIATE")
    database.execute("INSERT INTO runs VALUES (?)", (time.time_ns(),))
    database.execute("COMMIT")
with open(f"{folder}/part", "w") as file:
    file.write("0 %")
os.replace(f"{folder}/part", f"{folder}/progress")
"""


def floor(folder: Path) -> float:
    """Return the seconds until a process that waits has done the least that is needed."""
    process = subprocess.Popen([sys.executable, "-c", WARM_PROCESS], stdin=subprocess.PIPE, text=True)
    (folder / "progress").unlink(missing_ok=True)
    time.sleep(1)
    began = time.perf_counter()
    assert process.stdin
    with process.stdin as line:
        line.write(f"{folder}\n")
    while not (folder / "progress").exists():
        time.sleep(0.001)
    taken = time.perf_counter() - began
    process.wait()
    return taken


def ours(ws: Workspace, pool: workers.Pool) -> float:
    """Return the seconds from `submit` to the first progress that can be read."""
    began = time.perf_counter()
    run = ws.submit(CONFIG, pool=pool)
    while not (ws.path / "tmp" / f"{run.run_id}.progress").exists():
        time.sleep(0.001)
    taken = time.perf_counter() - began
    ws.runs.cancel(run.run_id, wait=10)
    return taken


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with closing(sqlite3.connect(folder / "floor.db")) as database:
            database.execute("CREATE TABLE runs (id INTEGER)")
        ws = Workspace.open(folder / "workspace")
        ws.datasets.add(ROOT / "sample_data/customers_2023.csv", "customers", target="churn", id="customer_id")
        ws.train(CONFIG)
        other, warm = ws.fork(folder / "other"), workers.Pool(most=1)
        warm.warm()
        ours(ws, warm)  # which waits until it is
        times: dict[str, list[float]] = {}
        for _ in range(REPEATS):
            times.setdefault("floor: a line, two durable commits, a file", []).append(floor(folder))
            times.setdefault("submit, with a warm worker", []).append(ours(ws, warm))
            cold = workers.Pool(most=1, spare=False)
            times.setdefault("submit, with a cold worker", []).append(ours(other, cold))
            cold.close(wait=True)
        medians = {what: statistics.median(values) for what, values in times.items()}
        lowest = next(iter(medians.values()))
        for what, seconds in medians.items():
            print(f"{what:<44} {seconds * 1000:9.2f} ms   x{seconds / lowest:.2f}")
        warm.close()


if __name__ == "__main__":
    main()
