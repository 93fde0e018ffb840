"""The process in which cells run: reads cells from standard input, runs them one after the other, tells what they left.

It is started by `running`, never imported, and uses nothing of this project. It is the only file that may call `exec`.
Like Jupyter it keeps one namespace for all cells, shows the value of a last line, and lives on after an error.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import sys
from typing import Any


def limit_memory(size: int) -> None:
    """Let this process have no more than `size` bytes, where the system knows such a limit."""
    with contextlib.suppress(ImportError, OSError, ValueError):  # Windows has none, macOS refuses it
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (size, size))


def run(source: str, names: dict[str, Any]) -> list[dict[str, str]]:
    """Run one cell and return its outputs, each with kind and text."""
    printed, results, errors = io.StringIO(), [], []
    # In "single" mode Python hands the value of a line to `displayhook`, which is how a shell shows results.
    sys.displayhook = lambda value: None if value is None else results.append(repr(value))
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
        try:
            body = ast.parse(source).body
            last = [body.pop()] if body and isinstance(body[-1], ast.Expr) else []
            exec(compile(ast.Module(body, []), "<cell>", "exec"), names)
            exec(compile(ast.Interactive(last), "<cell>", "single"), names)
        except Exception as problem:
            errors.append(f"{type(problem).__name__}: {problem}")
    found = {"text": [printed.getvalue()], "result": results, "error": errors}
    return [{"kind": kind, "text": text} for kind, texts in found.items() for text in texts if text]


def main() -> None:
    """Run the cells that standard input names; write one line of JSON for each."""
    job = json.loads(sys.stdin.buffer.readline())
    limit_memory(job["memory"])
    answers, names = sys.stdout, {"__name__": "__main__"}
    for source in job["sources"]:
        answers.write(json.dumps(run(source, names)) + "\n")


if __name__ == "__main__":
    main()
