"""A served app and a real browser, for tests and for `tests/screenshots.py`: patient, and never ahead of the app."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from tests import processes

ROOT = Path(__file__).resolve().parents[1]
QUIET = ("quic", "background-networking", "component-update", "sync", "gpu")
ARGUMENTS = ["--no-sandbox", "--no-first-run", *(f"--disable-{what}" for what in QUIET)]
"""The browser itself must not call anybody either."""

PATIENCE = 120
"""Seconds until a browser gives up what it waits for: on a machine with much else to do, all is slow and nothing wrong."""


def executable() -> str | None:
    """Return the Chromium of this machine, if there is one; the one without windows does half the work."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((found for name in names if (found := shutil.which(name))), None)


@contextmanager
def served(workspace: Path, variable: str = "MLOPS_WORKSPACE") -> Iterator[str]:
    """Serve the app on a workspace, as `streamlit run app.py` does, and yield its address.

    With the variable ``MLOPS_WORKSPACES`` the folder holds one workspace for each visitor. The server is forked from a
    process that has imported what is heavy: a cold one takes four seconds of a core.
    """
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, variable: str(workspace)}
    server = processes.CONTEXT.Process(target=_serve, args=(port, environment), daemon=True)
    processes.start(server)
    try:
        _wait(f"http://localhost:{port}/_stcore/health", server)
        yield f"http://localhost:{port}"
    finally:
        server.terminate()
        server.join(PATIENCE)
        server.kill()


def _serve(port: int, environment: Mapping[str, str]) -> None:
    """Be `streamlit run app.py`, in silence."""
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    sys.argv = ["streamlit", "run", "app.py", "--server.port", str(port)]
    from streamlit.web.cli import main

    main()


def _wait(address: str, server: BaseProcess) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            if server.exitcode is not None:
                raise RuntimeError(f"The app ended with {server.exitcode} before it answered.") from None
            time.sleep(0.1)
    raise RuntimeError(f"The app did not answer at {address} within {PATIENCE} seconds.")


WATCH = """(() => {
  const asked = (window.asked = { waits: true, begun: false })  // until the first run of the script is over
  const fields = (bytes, found = {}) => {
    for (let at = 0; at < bytes.length; ) {
      const varint = () => { let n = 0, by = 1; for (;;) {
        const byte = bytes[at++]; n += (byte & 127) * by; by *= 128; if (byte < 128) return n } }
      const tag = varint(), field = Math.floor(tag / 8)
      if (tag % 8 === 2) { const size = varint(); found[field] = bytes.subarray(at, at + size); at += size }
      else if (tag % 8 === 0) found[field] = varint()
      else return found
    }
    return found
  }
  const send = WebSocket.prototype.send
  WebSocket.prototype.send = function (data) {
    if (!this.watched) {
      this.watched = true
      this.addEventListener("message", ({ data }) => {
        const said = fields(new Uint8Array(data))
        if (said[6] !== undefined && asked.begun) asked.waits = said[6] === 2  // it has ended; 2: early, to begin anew
        if (said[4] !== undefined) asked.waits = asked.begun = true
      })
    }
    const rerun = fields(new Uint8Array(data.buffer ?? data, data.byteOffset, data.byteLength))[11]
    if (rerun && !fields(rerun)[6]) Object.assign(asked, { waits: true, begun: false })  // 6: the clock asks, not somebody
    return send.call(this, data)
  }
})()"""
"""Written into each page: `asked.waits` says whether the app still owes an answer. A state that the page shows cannot
say it: it is "not running" as well while a click is on its way. An end counts if its run has begun since the last click:
of two clicks in a row, the end of what the first one began is not the answer."""


class Chromium:
    """A running browser whose pages wait as long as needed, and know what they have asked the app."""

    def __init__(self, browser: Any) -> None:
        self._browser = browser

    def new_context(self, **options: Any) -> Any:
        """Return a browser of somebody else: with cookies of its own."""
        return _watched(self._browser.new_context(**options))

    def new_page(self, **options: Any) -> Any:
        """Return a page in a context of its own, which closes with it."""
        page = self._browser.new_page(**options)
        _watched(page.context)
        return page


def _watched(context: Any) -> Any:
    context.set_default_timeout(1000 * PATIENCE)
    context.add_init_script(WATCH)
    return context


@contextmanager
def browser() -> Iterator[Chromium]:
    """Yield a running Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)
        try:
            yield Chromium(chromium)
        finally:
            chromium.close()


def idle(page: Any) -> None:
    """Wait until the page is connected, and all that it has asked of the app is answered and drawn."""
    page.wait_for_function(
        """() => {
            const app = document.querySelector('[data-testid=stApp]')?.dataset
            return app && app.testScriptState === 'notRunning' && app.testConnectionState === 'CONNECTED' && !asked.waits
        }"""
    )


def until(page: Any, true: Callable[[], Any]) -> None:
    """Wait until something is true: what moves comes to rest, what is written is on disk."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, f"It did not come true in {PATIENCE} seconds."
        page.wait_for_timeout(50)


def resting(page: Any, thing: Any) -> dict[str, float]:
    """Return where something has come to rest: a page that was never opened before arrives in parts."""
    before, now = None, thing.bounding_box()
    while before != now:
        page.wait_for_timeout(700)
        before, now = now, thing.bounding_box()
    return now


def settle(page: Any) -> None:
    """Wait until the browser has told the app what it tells after a moment, and the app has answered."""
    page.wait_for_timeout(300)
    idle(page)


def downloaded(page: Any, label: str) -> Path:
    """Press a download button when the app owes nothing, and return the file: each run takes back what the one before offered."""
    idle(page)
    with page.expect_download() as found:
        page.get_by_role("button", name=label, exact=True).click()
    return Path(found.value.path())
