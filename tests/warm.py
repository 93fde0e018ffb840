"""A Python that has imported what is heavy already and forks for each run of pytest, for a cold one takes four seconds.

It reads one line of JSON for each run, `folder` and `arguments`, and answers with one, the exit code of pytest or null
if it did not end in time. Nothing of the project is imported before the fork: each run has the code of its own folder.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

HEAVY = (
    *(
        "numpy",
        "pandas",
        "pyarrow.parquet",
        "pyarrow.csv",
        "scipy.stats",
        "joblib",
        "pydantic",
        "yaml",
        "click",
        "filelock",
    ),
    *("sklearn.compose", "sklearn.ensemble", "sklearn.linear_model", "sklearn.metrics", "sklearn.pipeline"),
    *("streamlit", "streamlit.testing.v1", "plotly.graph_objects", "orjson", "hypothesis", "pytest"),
)

QUIET = ("-W", "ignore::pytest.PytestAssertRewriteWarning")
"""What is imported already cannot be prepared for pytest any more, and need not be."""


def run(folder: Path, arguments: list[str], patience: float) -> int | None:
    """Run pytest in a folder in a warm process where there can be one; return its exit code, None if it did not end."""
    if not hasattr(os, "fork"):
        command = [sys.executable, "-B", "-m", "pytest", *arguments]
        try:
            return subprocess.run(command, cwd=folder, capture_output=True, timeout=patience).returncode
        except subprocess.TimeoutExpired:
            return None
    process = _process(folder)
    process.stdin.write(json.dumps({"arguments": arguments, "patience": patience}) + "\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())


@cache
def _process(folder: Path) -> subprocess.Popen[str]:
    """Start the process of a folder; it ends with this one, when nobody can ask any more."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    return subprocess.Popen([sys.executable, __file__], cwd=folder, text=True, **pipes)


def _forked(arguments: list[str], patience: float) -> int | None:
    child = os.fork()
    if not child:
        _be_pytest(arguments)
    until = time.monotonic() + patience
    while not (ended := os.waitpid(child, os.WNOHANG))[0]:
        if time.monotonic() > until:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return None
        time.sleep(0.02)
    return os.waitstatus_to_exitcode(ended[1])


def _be_pytest(arguments: list[str]) -> None:
    """Run pytest as the leader of processes of its own, in silence, and end."""
    os.setsid()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    import pytest

    code = 3
    try:
        code = int(pytest.main([*QUIET, *arguments]))
    finally:
        os._exit(code)


def main() -> None:
    """Answer until nobody asks any more."""
    sys.path[0], sys.dont_write_bytecode = str(Path.cwd()), True  # else a mistake may outlive its mutant, compiled
    for name in HEAVY:
        __import__(name)
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(_forked(asked["arguments"], asked["patience"])), flush=True)


if __name__ == "__main__":
    main()
