"""Log one run with 10 parameters, 10 metrics and a file of 100 KB."""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
import tempfile
from pathlib import Path

from benchmarks.timing import compare
from mlops import Workspace

PARAMS = {f"model.p{number}": number for number in range(10)}
METRICS = {"test": {f"m{number}": number / 10 for number in range(10)}}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        source = root / "model.bin"
        source.write_bytes(secrets.token_bytes(100_000))
        ws = Workspace.open(root / "workspace")
        database = sqlite3.connect(root / "floor.db", isolation_level=None)
        database.executescript(
            "PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA;"
            "CREATE TABLE runs (id TEXT PRIMARY KEY); CREATE TABLE points (run TEXT, key TEXT, value);"
        )

        def floor() -> None:
            run_id = secrets.token_hex(5)
            with open(source, "rb") as reader, open(root / run_id, "wb") as copy:
                shutil.copyfileobj(reader, copy)
                copy.flush()
                os.fsync(copy.fileno())
            database.execute("BEGIN IMMEDIATE")
            database.execute("INSERT INTO runs VALUES (?)", (run_id,))
            points = [(run_id, key, value) for key, value in {**PARAMS, **METRICS["test"]}.items()]
            database.executemany("INSERT INTO points VALUES (?, ?, ?)", points)
            database.execute("COMMIT")

        compare(
            {
                "floor: raw SQLite and a durable copy": floor,
                "runs.log": lambda: ws.runs.log("try", PARAMS, METRICS, [source]),
            },
            floor="floor: raw SQLite and a durable copy",
            repeats=60,
        )
        database.close()


if __name__ == "__main__":
    main()
