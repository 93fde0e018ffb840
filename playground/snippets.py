"""Snippets: how a program asks a server about one row, in four languages, to be copied and run as it stands.

Each prints what came back with every digit. What a shell reads between its quotes is ASCII alone, so that no terminal
and no code page changes it; the secret, where there is one, is never written out.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pprint import pformat
from typing import Any

Row = Mapping[str, Any]

SECRET = "MLOPS_TOKEN"
"""The variable that holds the secret where callers have to send one."""


@dataclass(frozen=True)
class Language:
    """One way to write it."""

    name: str
    code: str
    """How code of it is coloured."""
    write: Callable[[str, Row, bool], str]
    """``(url of the server, row, whether a secret is sent) -> text``."""
    said: str
    """Where it runs."""


def curl(url: str, row: Row, secret: bool = False) -> str:
    r"""Return the line for a shell of Linux or macOS.

    Examples
    --------
    >>> print(curl("http://127.0.0.1:5000", {"name": "O'Hara", "age": 40}))
    curl -sS http://127.0.0.1:5000/predict \
      -H 'Content-Type: application/json' \
      -d '{"name": "O'"'"'Hara", "age": 40}'
    """
    token = [f'-H "Authorization: Bearer ${SECRET}"'] if secret else []
    parts = [f"curl -sS {url}/predict", "-H 'Content-Type: application/json'", *token, f"-d {shlex.quote(_json(row))}"]
    return " \\\n  ".join(parts)


def powershell(url: str, row: Row, secret: bool = False) -> str:
    """Return the lines for PowerShell: its own `curl` is another program, and it takes quotes out of arguments.

    Examples
    --------
    >>> print(powershell("http://127.0.0.1:5000", {"name": "O'Hara"}))
    (Invoke-WebRequest -UseBasicParsing -Method Post -Uri 'http://127.0.0.1:5000/predict' `
      -ContentType 'application/json' `
      -Body '{"name": "O''Hara"}').Content
    """
    token = [f'-Headers @{{Authorization = "Bearer $env:{SECRET}"}}'] if secret else []
    quoted = _json(row).replace("'", "''")
    parts = [
        f"(Invoke-WebRequest -UseBasicParsing -Method Post -Uri '{url}/predict'",
        "-ContentType 'application/json'",
        *token,
        f"-Body '{quoted}').Content",
    ]
    return " `\n  ".join(parts)


def python(url: str, row: Row, secret: bool = False) -> str:
    """Return a program that needs nothing but Python."""
    token = f'\nheaders["Authorization"] = "Bearer " + os.environ["{SECRET}"]' if secret else ""
    imports = ("json", "os") if secret else ("json",)
    return f"""{"".join(f"import {name}{chr(10)}" for name in imports)}from urllib.request import Request, urlopen

row = {pformat(dict(row), sort_dicts=False, width=80, indent=1)}
headers = {{"Content-Type": "application/json"}}{token}
with urlopen(Request("{url}/predict", json.dumps(row).encode(), headers)) as reply:
    print(reply.read().decode())"""


def javascript(url: str, row: Row, secret: bool = False) -> str:
    """Return a program for a browser, on the server's own page, and for node: one expression."""
    token = f', "Authorization": `Bearer ${{globalThis.process?.env.{SECRET} ?? prompt("Token")}}`' if secret else ""
    body = json.dumps(dict(row), indent=2).replace("\n", "\n  ")
    return f"""fetch("{url}/predict", {{
  method: "POST",
  headers: {{"Content-Type": "application/json"{token}}},
  body: JSON.stringify({body})
}}).then(reply => reply.text()).then(console.log)"""


def _json(row: Row) -> str:
    return json.dumps(dict(row))


LANGUAGES = (
    Language("curl", "bash", curl, "In a shell of Linux or macOS."),
    Language("Python", "python", python, "With nothing but Python."),
    Language(
        "JavaScript", "javascript", javascript, "In node, or in the console of a browser on the server's own page."
    ),
    Language("PowerShell", "powershell", powershell, "On Windows, where curl is another program and quotes get lost."),
)
