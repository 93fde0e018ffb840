"""A served app and a real browser, for tests and for `tests/screenshots.py`."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
QUIET = ("quic", "background-networking", "component-update", "sync", "gpu")
ARGUMENTS = ["--no-sandbox", "--no-first-run", *(f"--disable-{what}" for what in QUIET)]
"""The browser itself must not call anybody either."""


def executable() -> str | None:
    """Return the Chromium of this machine, if there is one."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((found for name in names if (found := shutil.which(name))), None)


@contextmanager
def served(workspace: Path, variable: str = "MLOPS_WORKSPACE") -> Iterator[str]:
    """Serve the app on a workspace, as `streamlit run app.py` does, and yield its address.

    With the variable ``MLOPS_WORKSPACES`` the folder holds one workspace for each visitor.
    """
    command = [sys.executable, "-m", "streamlit", "run", "app.py"]
    with waiting(command, cwd=ROOT, environment={variable: str(workspace)}) as address:
        yield address


@contextmanager
def waiting(command: Sequence[str], cwd: Path, environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """Run a Streamlit server on a free port, wait until it is healthy, and yield its address."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [*command, "--server.port", str(port)],
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(f"http://localhost:{port}/_stcore/health", server)
        yield f"http://localhost:{port}"
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait(address: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(240):
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError):
            if server.poll() is not None:
                raise RuntimeError(f"The app ended with {server.returncode} before it answered.") from None
            time.sleep(0.25)
    raise RuntimeError(f"The app did not answer at {address} within a minute.")


@contextmanager
def browser() -> Iterator[Any]:
    """Yield a running Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)
        try:
            yield chromium
        finally:
            chromium.close()


def idle(page: Any) -> None:
    """Wait until the page is connected and no script runs."""
    page.wait_for_function(
        """() => {
            const app = document.querySelector('[data-testid=stApp]')?.dataset
            return app && app.testScriptState === 'notRunning' && app.testConnectionState === 'CONNECTED'
        }""",
        timeout=60_000,
    )
