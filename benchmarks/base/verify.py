"""Verify beside a writer: how long the writer waits at most, and how long verifying takes; 20,000 events."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from mlops import Workspace

EVENTS, FILES = 20_000, 2_000
PARAMS = {f"model.p{number}": number for number in range(10)}
METRICS = {"test": {f"m{number}": number / 10 for number in range(10)}}


def fill(ws: Workspace) -> None:
    """Log runs until there are so many events, the first of them with a file of 50 KB each."""
    for start in range(0, EVENTS, 500):
        with ws._artifacts.stage() as stage, ws._ledger.write() as tx:
            for number in range(start, start + 500):
                run = {"run_id": f"r{number:010d}", "status": "finished", "params": PARAMS, "metrics": METRICS}
                names = {f"experiments/r{number:010d}/model.joblib"} if number < FILES else set()
                files = {name: stage.write(f"{number}", number.to_bytes(4) * 12_500) for name in names}
                tx.append("run.log", run["run_id"], {**run, "started_at": tx.at, "tags": {}, "name": "try"}, files)


def longest_wait(ws: Workspace, until: subprocess.Popen[bytes]) -> tuple[float, int]:
    """Write notes until a process ends; return the seconds of the slowest, and how many there were."""
    slowest, count = 0.0, 0
    while until.poll() is None:
        began = time.perf_counter()
        ws.runs.note("r0000000000", f"note {count}")
        slowest, count = max(slowest, time.perf_counter() - began), count + 1
    return slowest, count


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        ws = Workspace.open(Path(folder) / "workspace")
        fill(ws)
        size = (ws.path / "ledger.db").stat().st_size / 1e6
        print(f"{EVENTS:,} events, {FILES:,} files, a ledger of {size:.0f} MB")
        idle = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(5)"])
        print("writer alone, slowest of {1}:        {0:.3f} s".format(*longest_wait(ws, idle)))
        for _ in range(3):
            began = time.perf_counter()
            verify = subprocess.Popen(
                [sys.executable, "-m", "mlops", "verify", "--workspace", str(ws.path)], stdout=subprocess.DEVNULL
            )
            slowest, count = longest_wait(ws, verify)
            took = time.perf_counter() - began
            assert verify.returncode == 0
            print(f"writer beside verify, slowest of {count}: {slowest:.3f} s   verify took {took:.1f} s")


if __name__ == "__main__":
    main()
