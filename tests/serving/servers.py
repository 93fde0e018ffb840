"""Servers for tests: one in a thread of this process, and one in a process of its own, as the command starts it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mlops import Workspace
from mlops.release.predictions import Predictions
from mlops.serving.app import make_app
from mlops.serving.counters import Counters
from mlops.serving.live import Live
from mlops.serving.pool import WAITING, Pool
from mlops.serving.schema import columns
from mlops.serving.server import Server, address, listen

ROOT = Path(__file__).resolve().parents[2]

PATIENCE = 120
"""Seconds after which something that should have happened never will."""


class Caller:
    """A client with one connection that it keeps; nothing is sent twice."""

    def __init__(self, url: str) -> None:
        self._there = HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE)

    def __call__(self, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Return the status of an answer and what it says."""
        response, said = self.whole(path, body, **headers)
        return response.status, json.loads(said) if "json" in str(response.headers["content-type"]) else said.decode()

    def whole(self, path: str, body: Any = None, **headers: str) -> tuple[HTTPResponse, bytes]:
        """Return an answer with its headers, and its bytes."""
        data = None if body is None else json.dumps(body).encode()
        self._there.request("POST" if data else "GET", path, data, {"Content-Type": "application/json", **headers})
        response = self._there.getresponse()
        return response, response.read()

    def close(self) -> None:
        """Give the connection up."""
        self._there.close()


@dataclass(frozen=True)
class Here:
    """A server in a thread of this process."""

    url: str
    live: Live
    pool: Pool
    counters: Counters
    server: Server

    @property
    def ask(self) -> Caller:
        """A caller of its own."""
        return Caller(self.url)


@contextmanager
def serving(
    ws: Workspace, environment: str = "production", model: str | None = None, waiting: int = WAITING, **options: Any
) -> Iterator[Here]:
    """Serve a workspace in a thread; it follows the ledger as the command does. `options` are those of `make_app`."""
    counters, live = Counters(), Live(ws, environment, model)
    counters.watch(live)
    pool, listener, is_ready = Pool(live, ws.predictions, counters, waiting), listen("127.0.0.1", 0), threading.Event()
    server = Server(make_app(live, pool, counters, columns=partial(columns, ws), **options), is_ready.set)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])))
    live.start()
    thread.start()
    try:
        assert is_ready.wait(PATIENCE)
        yield Here(address(listener), live, pool, counters, server)
    finally:
        server.should_exit = True
        thread.join()
        live.stop()


class Slow:
    """Predictions that wait until they may go on, and remember what they were asked and by which version."""

    def __init__(self, predictions: Predictions) -> None:
        self.asked: list[tuple[str, list[int]]] = []
        self.begun, self.may = threading.Semaphore(0), threading.Semaphore(0)
        self._predictions = predictions

    def answer(self, model: Any, asked: Sequence[Sequence[Any]], *where: Any) -> list[Any]:
        """Answer as ever, once it may."""
        self.asked.append((model.version.version, [len(rows) for rows in asked]))
        self.begun.release()
        self.may.acquire()
        return self._predictions.answer(model, asked, *where)


class Served:
    """A server in a process of its own: ``mlops serve``, asked to end with its standard input."""

    def __init__(self, folder: Path, *options: str, environment: str = "production", **variables: str) -> None:
        line = ("--workspace", str(folder), "--json", "serve", "--env", environment, "--port", "0", "--until-eof")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mlops", *line, *options],
            cwd=ROOT,
            env={**os.environ, **variables},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._ready: dict[str, Any] | None = None

    @property
    def ready(self) -> dict[str, Any]:
        """What it says when it answers."""
        if self._ready is None:
            assert self.process.stdout is not None
            self._ready = json.loads(self.process.stdout.readline())
        return self._ready

    @property
    def ask(self) -> Caller:
        """A caller of its own."""
        return Caller(self.ready["url"])

    def end(self, how: int | None = signal.SIGTERM) -> tuple[int, str]:
        """End it by a signal, or with its standard input; return its exit code and what it said on the side."""
        if how is not None:
            self.process.send_signal(how)
        said = self.process.communicate(timeout=PATIENCE)[1]
        return self.process.returncode, said

    def __enter__(self) -> Served:
        return self

    def __exit__(self, *error: Any) -> None:
        self.process.kill()
        self.process.communicate()


def a_row(ws: Workspace, ref: str = "churn_model@1.1.0") -> dict[str, Any]:
    """Return a row that a model takes, as a caller would send it."""
    return dict(ws.models.metadata(ref)["examples"][0]["row"])


def until(asked: Any, expected: Any, patience: float = PATIENCE) -> float:
    """Ask until it is as expected; return the seconds that it took."""
    began = time.monotonic()
    while (found := asked()) != expected:
        assert time.monotonic() - began < patience, found
    return time.monotonic() - began
