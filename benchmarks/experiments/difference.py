"""Everything that differs between two runs: 50,000 rows, of which 10,000 are test rows and 10,000 validation rows."""

from __future__ import annotations

import io
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.timing import compare
from mlops import Workspace

ROWS = 50_000
CONFIG = """model: {type: hist_gradient_boosting, max_iter: 20}
training: {test_size: 0.2, validation_size: 0.25}
"""


def customers() -> pd.DataFrame:
    """Return made-up customers with a churn that has causes."""
    random = np.random.default_rng(7)
    frame = pd.DataFrame({f"number_{one}": random.normal(size=ROWS).round(4) for one in range(14)})
    for one in range(4):
        frame[f"kind_{one}"] = random.choice(["north", "south", "east", "west"], ROWS)
    pull = frame["number_0"] + frame["number_1"] * (frame["kind_0"] == "north") - 1
    frame["churn"] = (random.random(ROWS) < 1 / (1 + np.exp(-pull))).astype(int)
    frame.insert(0, "customer_id", [f"c{one:06}" for one in range(ROWS)])
    return frame


def two_runs(ws: Workspace, folder: Path) -> list[str]:
    """Train on a table, and again on the same one with 312 corrected cells, deeper."""
    frame, ids = customers(), []
    for depth in (3, 4):
        frame.to_csv(folder / "customers.csv", index=False)
        ws.datasets.add(folder / "customers.csv", "customers", target="churn", id="customer_id")
        ids.append(ws.train(CONFIG, overrides={"model.max_depth": depth}).run_id)
        frame.loc[frame.index[:312], "number_0"] += 1
    return ids


def read(ws: Workspace, run_id: str, ref: str) -> None:
    """Read what a difference cannot do without: both tables, and what both runs answered."""
    ws.datasets.table(ref)
    pd.read_parquet(io.BytesIO(ws.runs.file(ws.runs.get(run_id), "predictions.parquet")))


def main() -> None:
    """Time the difference, and its largest part."""
    with tempfile.TemporaryDirectory() as folder:
        ws = Workspace.open(Path(folder) / "workspace")
        pair = two_runs(ws, Path(folder))
        started, busy = time.perf_counter(), time.process_time()
        found = ws.comparisons.diff(*pair)
        first, busy = time.perf_counter() - started, time.process_time() - busy
        told = found.predictions or {}
        print(f"{told['flipped']:,} of {told['rows']:,} rows are decided otherwise")
        print(f"the first time {first:.2f} s, of which the processor was busy {busy:.2f} s")
        compare(
            {
                "floor: read both tables and answers": lambda: [
                    read(ws, run_id, f"customers@{one}") for one, run_id in enumerate(pair, start=1)
                ],
                "comparisons.diff": lambda: ws.comparisons.diff(*pair),
                "of it, the data": lambda: ws.datasets.diff("customers@1", "customers@2"),
                "of it, whether it is luck": lambda: ws.comparisons.difference(*pair),
                "of it, both answers to each row": lambda: ws.comparisons.answers(*pair),
            },
            floor="floor: read both tables and answers",
            repeats=5,
        )


if __name__ == "__main__":
    main()
