"""The command line for tests: in this process, through the same door as `python -m mlops`."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops.cli import main


@dataclass(frozen=True)
class Answer:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on standard output; NaN and a second document are errors."""
        return json.loads(self.out, parse_constant=_refuse)

    @property
    def error(self) -> dict[str, Any]:
        """The error in the document."""
        return self.document["error"]


class Shell:
    """A command line that works in one workspace."""

    def __init__(self, workspace: Path) -> None:
        self.workspace = workspace

    def __call__(self, *arguments: Any) -> Answer:
        """Run a command and return its answer, whatever it is."""
        return mlops("--workspace", self.workspace, "--json", *arguments)

    def get(self, *arguments: Any) -> Any:
        """Run a command that must succeed and return its document."""
        answer = self(*arguments)
        assert answer.code == 0, answer
        return answer.document


def mlops(*arguments: Any, **program: Any) -> Answer:
    """Run ``mlops ARGUMENTS``, or another `program` as `main` takes it, in this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main([*map(str, arguments)], **program)
        except SystemExit as leaving:
            code = int(leaving.code or 0)
    return Answer(code, out.getvalue(), err.getvalue())


def _refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is no JSON")
