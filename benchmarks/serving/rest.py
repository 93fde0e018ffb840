"""One-row requests to the real server: how long one takes, and how many are answered by one, four and sixteen clients.

The floor is `predict_proba` of the pipeline on a frame of one row, in this process and in the same moments: what any
server around it takes at least, if it asks the pipeline itself. Clients are processes that write and read a socket they
keep, so they cost little beside the server; all of them share the processors with it.

MLServer, measured in November 2026 on another machine, answered 167 such requests a second, each in 2.1 times the time
of this floor. A rate travels between machines as requests in the time of one floor. One client that waits for each
answer gets 1 / 2.1 = 0.48 in it, whatever the machine; so five times as many are 2.4.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.timing import frame_of
from mlops import Workspace

ROOT = Path(__file__).parents[2]

CLIENTS = (1, 4, 16)
SECONDS = 4.0
ROUNDS = 3

MLSERVER = 1 / 2.1
"""Requests in the time of one floor; see above."""


def made(folder: Path) -> Workspace:
    """Return a workspace in which a model is live."""
    ws = Workspace.open(folder / "workspace")
    ws.datasets.add(ROOT / "sample_data/customers_2023.csv", "customers", target="churn", id="customer_id")
    model = ws.models.register(ws.train(ROOT / "configs/churn.yaml"), "churn_model")
    for environment in ("staging", "production"):
        ws.deploy(model, environment, "the benchmark")
    return ws


@contextmanager
def served(ws: Workspace, *options: str) -> Iterator[tuple[str, int]]:
    """Serve a workspace as the command does, in a process of its own; yield host and port."""
    line = ["--workspace", str(ws.path), "--json", "serve", "--env", "production", "--port", "0", "--until-eof"]
    process = subprocess.Popen(
        [sys.executable, "-m", "mlops", *line, *options],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    url = urlsplit(json.loads(process.stdout.readline())["url"])
    try:
        yield str(url.hostname), int(url.port or 0)
    finally:
        process.communicate()


def ask(address: tuple[str, int], rows: list[str], until: float, told: Connection) -> None:
    """Be a client: ask about row after row until it is time to end; tell how long each answer took."""
    there = socket.create_connection(address)
    there.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    head = f"POST /predict HTTP/1.1\r\nHost: {address[0]}\r\nContent-Type: application/json\r\nContent-Length: "
    asked = [f"{head}{len(row)}\r\n\r\n{row}".encode() for row in rows]
    times: list[float] = []
    while (began := time.perf_counter()) < until:
        there.sendall(asked[len(times) % len(asked)])
        answer = there.recv(1 << 16)
        while not answer.endswith(b"}"):
            answer += there.recv(1 << 16)
        times.append(time.perf_counter() - began)
        assert answer.startswith(b"HTTP/1.1 200"), answer
    told.send(times)


def asked(address: tuple[str, int], rows: list[str], clients: int) -> tuple[float, float]:
    """Let clients ask at the same time; return the median seconds of an answer, and answers a second."""
    until = time.perf_counter() + SECONDS
    pipes = [multiprocessing.Pipe(duplex=False) for _ in range(clients)]
    begin = [rows[number::clients] for number in range(clients)]
    children = [
        multiprocessing.Process(target=ask, args=(address, mine, until, there))
        for (_, there), mine in zip(pipes, begin, strict=True)
    ]
    for child in children:
        child.start()
    times = [one for here, _ in pipes for one in here.recv()]
    for child in children:
        child.join()
    return statistics.median(times), len(times) / SECONDS


def main() -> None:
    os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        ws = made(Path(folder))
        model = ws.models.load("@production")
        table = ws.datasets.table("customers").select(list(model.signature.names))
        rows = [json.dumps(row, default=str) for row in table.slice(0, 1000).to_pylist()]
        frame = frame_of(model, [json.loads(rows[0])])

        def floor() -> float:
            times = []
            for _ in range(60):
                began = time.perf_counter()
                model.pipeline.predict_proba(frame)
                times.append(time.perf_counter() - began)
            return statistics.median(times)

        found: dict[int, list[tuple[float, float]]] = {clients: [] for clients in CLIENTS}
        floors = []
        with served(ws) as address:
            asked(address, rows, 1)  # warm
            for _ in range(ROUNDS):
                floors.append(floor())
                for clients in CLIENTS:
                    found[clients].append(asked(address, rows, clients))
        bare = statistics.median(floors)
        print(f"{'predict_proba, a frame of one row':<36} {bare * 1000:8.2f} ms   x1.00")
        for clients, measured in found.items():
            seconds, rate = (statistics.median(one) for one in zip(*measured, strict=True))
            each = f"{seconds * 1000:8.2f} ms   x{seconds / bare:.2f}"
            rates = f"{rate:7.0f} rows/s, {rate * bare:5.2f} in one floor, x{rate * bare / MLSERVER:.1f} of MLServer"
            print(f"{f'POST /predict, {clients} clients':<36} {each}   {rates}")


if __name__ == "__main__":
    main()
