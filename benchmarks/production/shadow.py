"""What callers notice of a silent candidate: nothing, within noise.

Two servers of equal workspaces are asked in turns by four clients, block by block; beside one of them a candidate
answers everything as well. The floor is the server without one. Before each block of the floor the candidate has caught
up, so it works only while its own server is asked. How far two halves of the floor are apart says what noise is.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path

from benchmarks.serving.rest import ROOT, made, served
from mlops import Workspace

CLIENTS, BLOCK, BLOCKS = 4, 125, 8
"""So many clients, each of which sends so many requests in a block."""


def block(address: tuple[str, int], rows: list[str]) -> list[float]:
    """Return how long each request of a block took, in seconds."""

    def client(number: int) -> list[float]:
        there, times = HTTPConnection(*address), []
        for row in rows[number::CLIENTS]:
            began = time.perf_counter()
            there.request("POST", "/predict", row, {"Content-Type": "application/json"})
            there.getresponse().read()
            times.append(time.perf_counter() - began)
        there.close()
        return times

    with ThreadPoolExecutor(CLIENTS) as clients:
        return [one for times in clients.map(client, range(CLIENTS)) for one in times]


def told(times: list[float]) -> tuple[float, float]:
    """Return median and 95th percentile, in seconds."""
    return statistics.median(times), statistics.quantiles(times, n=20)[-1]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        plain = made(Path(folder))
        candidate = plain.models.register(
            plain.train(ROOT / "configs/churn.yaml", overrides={"model.max_depth": 2}), "churn_model"
        )
        beside: Workspace = plain.fork(Path(folder) / "beside")
        asked = plain.datasets.table("customers").select(list(candidate.features)).slice(0, CLIENTS * BLOCK)
        rows = [json.dumps(row, default=str) for row in asked.to_pylist()]
        floor: list[list[float]] = []
        with_it: list[list[float]] = []
        with served(plain) as one, served(beside, "--shadow", candidate.ref) as other:
            block(one, rows), block(other, rows)  # warm
            for _ in range(BLOCKS):
                while beside.shadow.report().waiting:
                    time.sleep(0.2)
                floor.append(block(one, rows))
                with_it.append(block(other, rows))
            while beside.shadow.report().waiting:
                time.sleep(0.2)
        report = beside.shadow.report()
        print(f"{report.n:,} requests were answered silently as well, {report.flipped:,} of them otherwise")
        halves = [told([one for times in floor[start::2] for one in times]) for start in (0, 1)]
        for name, place in (("p50", 0), ("p95", 1)):
            without, silent = (told([one for times in every for one in times])[place] for every in (floor, with_it))
            noise = halves[1][place] / halves[0][place]
            print(
                f"{name}: {without * 1000:6.1f} ms without, {silent * 1000:6.1f} ms with a silent candidate   "
                f"x{silent / without:.2f}   (noise: x{noise:.2f})"
            )


if __name__ == "__main__":
    main()
