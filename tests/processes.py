"""Real processes for the tests of faults and races, already warm: a child has everything imported.

The children come from one server process that imports the heavy packages once and forks; a fresh interpreter for
each of some hundred children would take minutes.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import socket
import sys
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import ModuleType
from typing import Any

from mlops import MlopsError

CONTEXT = multiprocessing.get_context("forkserver" if hasattr(os, "fork") else "spawn")
CONTEXT.set_forkserver_preload(
    [
        "pytest",
        "hypothesis",
        "streamlit.web.cli",
        "plotly.graph_objects",
        "mlops.release.batch",
        "mlops.training.pipeline",
        "mlops.release.deployments",
        "sklearn.ensemble",
        "sklearn.linear_model",
    ]
)
# The server imports from here as well, and one thread each is plenty for two cores.
os.environ["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"


def start(process: BaseProcess) -> None:
    """Start a child that imports nothing of the script that began this process.

    A test of a screen leaves the app's script in its place, and that runs nowhere but in the app.
    """
    main, sys.modules["__main__"] = sys.modules["__main__"], ModuleType("__main__")
    try:
        process.start()
    finally:
        sys.modules["__main__"] = main


class Child:
    """A process that waits for `go`, calls ``work(say, *arguments)``, and tells what came of it.

    `say` reports to this process at once, by a system call that no test makes fail.
    """

    def __init__(self, work: Callable[..., Any], *arguments: Any) -> None:
        self._here, there = socket.socketpair()
        self._process = CONTEXT.Process(target=_work, args=(there, work, arguments), daemon=True)
        start(self._process)
        there.close()
        self._lines = self._here.makefile("r", encoding="utf-8")
        self.pid = self.hear()

    def go(self) -> None:
        """Let the child begin."""
        self._here.sendall(b"go")

    def kill(self) -> None:
        """End the child with SIGKILL."""
        self._process.kill()

    def hear(self) -> Any:
        """Wait for the next thing the child says; None once it is gone."""
        try:
            line = self._lines.readline()
        except ConnectionResetError:
            return None
        return json.loads(line) if line.endswith("\n") else None

    def wait(self, seconds: float | None = None) -> list[Any]:
        """Wait for the end, for some seconds at most if said so, and return what the child said at last.

        ``["done", answer]``, ``["refused", kind, message]`` for an error in our words, ``["crashed", what]`` for
        any other; nothing if it was killed.
        """
        self._process.join(seconds)
        if self._process.exitcode is None:
            return []
        said = None
        while (line := self.hear()) is not None:
            said = line
        self._here.close()
        return said if isinstance(said, list) else []


def together(work: Callable[..., Any], arguments: list[tuple[Any, ...]]) -> list[list[Any]]:
    """Let one child for each tuple of arguments begin at the same time; return what each said at last."""
    children = [Child(work, *these) for these in arguments]
    for child in children:
        child.go()
    return [child.wait() for child in children]


def _work(there: socket.socket, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    def say(what: Any) -> None:
        there.sendall(json.dumps(what).encode() + b"\n")

    _let_trace()
    say(os.getpid())
    there.recv(2)
    try:
        answer = work(say, *arguments)
    except MlopsError as error:
        say(["refused", type(error).__name__, str(error)])
    except BaseException as error:
        say(["crashed", repr(error)])
    else:
        say(["done", answer])


def _let_trace() -> None:
    """Allow strace, which is no parent of ours, to watch this process where Linux would ask for that."""
    import ctypes
    import sys

    if sys.platform == "linux":
        pr_set_ptracer, anybody = 0x59616D61, ctypes.c_ulong(-1)
        ctypes.CDLL(None).prctl(pr_set_ptracer, anybody, 0, 0, 0)
