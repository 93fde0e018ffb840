"""Add a data version of 200,000 rows, beyond parsing it."""

from __future__ import annotations

import hashlib
import os
import tempfile
from itertools import count
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.timing import compare
from mlops import Workspace
from mlops.data import reading, tables

ROWS = 200_000


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        draw = np.random.default_rng(0)
        columns = {f"x{number}": draw.normal(size=ROWS) for number in range(8)}
        frame = pd.DataFrame({**columns, "region": draw.choice(["north", "south", "islands"], ROWS)})
        path = root / "rows.csv"
        frame.to_csv(path, index=False)
        table, _ = reading.read(path)
        ws = Workspace.open(root / "workspace")
        number = count()

        def floor() -> None:
            data = path.read_bytes()
            hashlib.sha256(data).hexdigest()
            with open(root / "floor.csv", "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())

        def ours() -> None:
            name = f"rows{next(number)}"
            with ws._artifacts.stage() as stage, stage.writer("snapshot.parquet") as file:
                tables.write_parquet(table, file)
                sha256 = tables.content_sha256(table)
            with ws._artifacts.stage() as stage, ws._ledger.write() as tx:
                tx.append("dataset.add", name, {"sha256": sha256}, {f"data/{name}.json": stage.write("m.json", b"{}")})

        compare({"floor: read, SHA-256, write": floor, "hash, snapshot, ledger": ours}, "floor: read, SHA-256, write")


if __name__ == "__main__":
    main()
