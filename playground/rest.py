"""REST: a server that a screen starts - a real one, a process of its own, as anybody starts it in a shell.

It listens on this machine alone, ends with the app however that ends (its standard input closes), and after a while
without a call. How many there are, and whose turn it is, `servers` decides. Nothing here draws; `ui/predict/console`
does, and the course calls the same.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any, Literal
from urllib.parse import urlsplit

from mlops import MlopsError
from mlops.base import provenance

ROOT = Path(__file__).parents[1]

LOOK = 1.0
"""Seconds between two looks at a server: does it live, which version answers, how often was it called?"""

IDLE = 600.0
"""Seconds without a call after which a server ends."""

PATIENCE = 10.0
"""Seconds until a server is given up that does not answer, or does not end."""

SHOWN = 6
"""Newest calls that are remembered."""

ASKED = ("/predict", "/invocations")
"""Routes of which a request is a call."""

_COUNTED = re.compile(r'^mlops_requests_total\{[^}]*route="([^"]*)"[^}]*\} ([0-9.e+]+)$', re.MULTILINE)


@dataclass(frozen=True)
class Place:
    """What a server answers for."""

    folder: str
    """The workspace, as an absolute path."""
    environment: str
    model: str


@dataclass(frozen=True)
class Called:
    """One call from here."""

    number: int
    """The first is 1."""
    status: int
    milliseconds: float
    version: str
    """Which version answered; empty where none did."""
    answer: Mapping[str, Any]
    """What came back: the answer, or the error as a document."""


@dataclass(frozen=True)
class Seen:
    """A server as it was when somebody looked at it last."""

    state: Literal["starts", "answers", "ended"]
    url: str = ""
    version: str = ""
    """Which version answers now."""
    before: str = ""
    """Which one did before, if another did."""
    calls: int = 0
    """How often it was called, from here and from anywhere else."""
    trouble: str = ""
    """Why the newest deployment is not the one that answers."""
    called: tuple[Called, ...] = ()
    """The newest calls from here, the newest first."""
    why: str = ""
    """Why it has ended, unless somebody stopped it."""


def token() -> str:
    """Return the secret that callers have to send; nothing where there is none."""
    return os.environ.get("MLOPS_TOKEN", "")


class Server:
    """One server: its process, and what is known of it."""

    def __init__(self, place: Place, port: int = 0, idle: float = IDLE) -> None:
        line = ["--env", place.environment, "--model", place.model, "--port", str(port), "--until-eof", "--json"]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "mlops", "--workspace", place.folder, "serve", *line],
            cwd=ROOT,
            env=provenance.one_thread(),
            stdin=subprocess.PIPE,  # closes when this process ends, however it does
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
        )
        self._seen = Seen("starts")
        self._idle, self._active = idle, 0.0
        self._said: deque[str] = deque(maxlen=1)
        self._known, self._lock = Event(), Lock()
        self._reason: str | None = None
        for work in (self._watch, self._listen):
            Thread(target=work, name="rest", daemon=True).start()

    @property
    def seen(self) -> Seen:
        """What is known of it."""
        return self._seen

    @property
    def idle(self) -> float:
        """Seconds since it was called last, or began to answer."""
        return 0.0 if self._seen.state == "starts" else time.monotonic() - self._active

    @property
    def runs(self) -> bool:
        """Whether it runs, and nobody asked it to end."""
        return self._seen.state != "ended" and self._reason is None

    def ready(self) -> Seen:
        """Wait until it answers, or has ended, and return what is known of it then."""
        self._known.wait()
        return self._seen

    def call(self, row: Mapping[str, Any]) -> Called:
        """Send a row over HTTP, as any program would, and return what came back.

        Raises
        ------
        MlopsError
            If nobody answers there.
        """
        began = time.perf_counter()
        status, text = self._request("POST", "/predict", json.dumps(row, allow_nan=False))
        milliseconds = 1000 * (time.perf_counter() - began)
        answer = _document(text)
        with self._lock:
            before = self._seen.called
            number = before[0].number + 1 if before else 1
            called = Called(number, status, milliseconds, str(answer.get("model_version") or ""), answer)
            self._seen = replace(self._seen, called=(called, *before)[:SHOWN])
        with suppress(MlopsError):  # it has answered; what it says of itself can wait
            self._look()
        return called

    def leave(self, why: str = "") -> None:
        """Ask it to end; nobody has to wait for what is in flight."""
        self._reason = why
        Thread(target=self.stop, args=(why,), name="rest", daemon=True).start()

    def stop(self, why: str = "") -> None:
        """End it: what is in flight is answered first."""
        self._reason = why
        with suppress(OSError):
            self._process.stdin.close()  # type: ignore[union-attr]
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._end(why)

    def _end(self, why: str) -> None:
        with self._lock:
            self._seen = replace(self._seen, state="ended", url="", why=why)
        self._known.set()

    def _listen(self) -> None:
        """Remember the last that it says on the side; a pipe that nobody reads would stop it one day."""
        for line in self._process.stderr or ():
            self._said.append(line.strip())

    def _watch(self) -> None:
        """Look at it until it ends."""
        told = self._told()
        if "url" in told:
            with self._lock:
                self._active = time.monotonic()
                self._seen = replace(self._seen, state="answers", url=told["url"])
            with suppress(MlopsError):
                self._look()
            self._known.set()
        while self._process.poll() is None and "url" in told:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(LOOK)
            with suppress(MlopsError):
                self._look()
            if self.idle > self._idle:
                self.stop(f"Nobody called it for {round(self._idle / 60)} minutes, so it was ended.")
        self._end(self._why(self._process.wait(), told.get("error") or {}))

    def _why(self, code: int, error: Mapping[str, Any]) -> str:
        """Return why it has ended: why it was asked to, what it said itself, or what can be told from outside."""
        if self._reason is not None:
            return self._reason
        if error:
            return f"{error.get('message')} {error.get('next_step')}"
        if code < 0:
            return f"Somebody ended it from outside, with signal {-code}. Start it again."
        return f"It ended by itself{f': {self._said[0]}' if code and self._said else '.'}"

    def _told(self) -> dict[str, Any]:
        """Return the one line that it prints when it is ready, or when it refuses to be; nothing if it died."""
        with suppress(ValueError):
            found = json.loads(self._process.stdout.readline())  # type: ignore[union-attr]
            return found if isinstance(found, dict) else {}
        return {}

    def _look(self) -> None:
        """Ask it which version answers, whether that is the newest, and how often it was called."""
        model = _document(self._request("GET", "/model")[1])
        counted = _COUNTED.findall(self._request("GET", "/metrics")[1])
        calls = int(sum(float(number) for route, number in counted if route in ASKED))
        version = str(model.get("version") or "")
        with self._lock:
            was = self._seen
            if calls != was.calls:
                self._active = time.monotonic()
            before = was.version if was.version and was.version != version else was.before
            trouble = str(model.get("trouble") or "")
            self._seen = replace(was, version=version, before=before, calls=calls, trouble=trouble)

    def _request(self, method: str, path: str, body: str | None = None) -> tuple[int, str]:
        """Ask it something, without any proxy between."""
        there = urlsplit(self._seen.url)
        headers = {"Content-Type": "application/json"} if body else {}
        if secret := token():
            headers["Authorization"] = f"Bearer {secret}"
        connection = HTTPConnection(there.hostname or "", there.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, headers)
            reply = connection.getresponse()
            return reply.status, reply.read().decode()
        except (OSError, HTTPException) as problem:
            raise MlopsError("The server does not answer any more.", "Start it again.") from problem
        finally:
            connection.close()


def _document(text: str) -> Mapping[str, Any]:
    """Return the JSON object that came back; whatever else came back, as an error says it."""
    with suppress(ValueError):
        found = json.loads(text)
        if isinstance(found, dict):
            return found
    return {"error": {"message": text[:300]}}
