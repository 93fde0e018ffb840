"""Snippets: each does, word for word, what the button does; a hostile row comes through as it is."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

import pytest

from playground import snippets

ROW = {
    "customer_id": "O'Hara \"$(rm)\" `x` %PATH% !! \\n ’ “ é 漢\u2028", "a b": 0.1, "big": 9007199254740991, "none": None,
    "yes": True, "float": 1e-7, "--": "</script>",
}  # fmt: skip
"""What quoting gets wrong: quotes of each kind, what a shell would expand, line ends of other scripts."""


class Hearing(BaseHTTPRequestHandler):
    """Answers every request with what it heard."""

    heard: ClassVar[list[dict[str, Any]]] = []

    def do_POST(self) -> None:
        """Remember a request."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.heard.append({"path": self.path, "row": json.loads(body), **dict(self.headers)})
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"ok": 0.42721839570364806}')

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def url():
    server = HTTPServer(("127.0.0.1", 0), Hearing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


RUN = {
    "curl": ["sh", "-c"],
    "Python": [sys.executable, "-I", "-c"],
    "JavaScript": ["node", "-e"],
    "PowerShell": ["pwsh", "-NoProfile", "-Command"],
}
NEEDED = {"curl": ("sh", "curl"), "Python": (sys.executable,), "JavaScript": ("node",), "PowerShell": ("pwsh",)}


@pytest.mark.parametrize("secret", [False, True], ids=["open", "secret"])
@pytest.mark.parametrize("language", snippets.LANGUAGES, ids=lambda one: one.name)
def test_a_snippet_runs_as_it_stands(url, language, secret):
    """In a shell, in a fresh interpreter, in node; what it prints is what came back, with every digit."""
    if missing := [name for name in NEEDED[language.name] if not shutil.which(name)]:
        pytest.skip(f"no {missing[0]} on this machine")
    Hearing.heard.clear()
    text = language.write(url, ROW, secret)
    quiet = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    done = subprocess.run(
        [*RUN[language.name], text], capture_output=True, encoding="utf-8", timeout=120, check=True,
        env={**quiet, snippets.SECRET: "a secret"},
    )  # fmt: skip
    assert done.stdout.strip() == '{"ok": 0.42721839570364806}'
    [heard] = Hearing.heard
    assert (heard["path"], heard["row"], heard["Content-Type"]) == ("/predict", ROW, "application/json")
    assert heard.get("Authorization") == ("Bearer a secret" if secret else None)
    assert "a secret" not in text


@pytest.mark.parametrize("language", [one for one in snippets.LANGUAGES if one.name in ("curl", "PowerShell")])
def test_what_a_shell_reads_is_ascii(language):
    """PowerShell takes a curly quote for a quote, and a terminal has its own code page."""
    assert language.write("http://127.0.0.1:5000", ROW, True).isascii()


def test_between_the_quotes_of_powershell_stands_the_row():
    """It is not on every machine that runs this; its rule for quotes is one line: two of them are one."""
    text = snippets.powershell("http://127.0.0.1:5000", ROW)
    body = text.partition("-Body '")[2].removesuffix("').Content")
    assert "'" not in body.replace("''", "") and json.loads(body.replace("''", "'")) == ROW
