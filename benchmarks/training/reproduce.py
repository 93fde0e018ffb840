"""Train a run again from its record and hold it against everything recorded: one training, and at most 2 s beside it.

Floor: the same training, in this warm process and without the cache. What comes on top is a fresh process that imports
what a training needs, the hashes of data and files, and one event. On a machine that others use as well, processor time
tells more than the clock.
"""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.timing import compare
from mlops import Workspace

ROOT = Path(__file__).resolve().parents[2]
CONFIG = "model: {type: gradient_boosting, n_estimators: 200}\n"
ALLOWED = 2.0
"""Seconds beside one training."""


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        ws = Workspace.open(Path(name) / "workspace")
        ws.datasets.add(ROOT / "sample_data/customers_2023.csv", "customers", target="churn", id="customer_id")
        run = ws.train(CONFIG)
        verdicts: list[str] = []

        def train() -> None:
            shutil.rmtree(ws.path / "cache", ignore_errors=True)
            ws.train(CONFIG)

        def reproduce() -> None:
            verdicts.append(ws.reproduce(run.run_id).verdict)

        floor, ours = "one training, nothing cached", "reproduce"
        medians = compare({floor: train, ours: reproduce}, floor, repeats=5)
        print(f"beside one training {medians[ours] - medians[floor]:26.2f} s    of {ALLOWED:.0f} s at most")
        used = statistics.median(used_by(reproduce) - used_by(train) for _ in range(5))
        print(f"the same, in processor time {used:18.2f} s")
        print(f"verdict: {statistics.mode(verdicts)}")


def used_by(function: Callable[[], None]) -> float:
    """Return the seconds of processor time that a call uses, processes that it starts included (not on Windows)."""
    before = os.times()
    function()
    return sum(os.times()[:4]) - sum(before[:4])


if __name__ == "__main__":
    main()
