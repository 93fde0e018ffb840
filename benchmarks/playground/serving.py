"""A server of its own: started as a user starts it, not forked warm as for tests, so that what it costs can be told."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120
"""Seconds after which a server that does not answer never will."""


@contextmanager
def served(workspace: Path, variable: str = "MLOPS_WORKSPACE") -> Iterator[str]:
    """Serve the app on a workspace, as `streamlit run app.py` does, and yield its address.

    With the variable ``MLOPS_WORKSPACES`` the folder holds one workspace for each visitor.
    """
    with waiting(["app.py"], cwd=ROOT, environment={variable: str(workspace)}) as address:
        yield address


@contextmanager
def waiting(script: Sequence[str], cwd: Path, environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """Run a Streamlit server on a free port, wait until it is healthy, and yield its address."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", *script, "--server.port", str(port)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen(command, cwd=cwd, env={**os.environ, **(environment or {})}, **quiet)
    try:
        _wait(f"http://localhost:{port}/_stcore/health", server)
        yield f"http://localhost:{port}"
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait(address: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(4 * PATIENCE):
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            if server.poll() is not None:
                raise RuntimeError(f"The app ended with {server.returncode} before it answered.") from None
            time.sleep(0.25)
    raise RuntimeError(f"The app did not answer at {address} within {PATIENCE} seconds.")
