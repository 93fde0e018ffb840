"""Tested: the tests of an exported project, run in a process of their own, without this app, and what came of each."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from mlops import MlopsError
from mlops.base import provenance
from playground.jobs import Job

SECONDS = 180.0
"""After so many the tests are ended: in a class others wait for their turn."""

Outcome = Literal["passed", "failed", "skipped"]
_OUTCOMES: Mapping[str, Outcome] = {
    **{"PASSED": "passed", "XFAIL": "passed", "XPASS": "passed"},
    **{"SKIPPED": "skipped", "FAILED": "failed", "ERROR": "failed"},
}
_ENDED = re.compile(r"^(\S+?\.py)::(.+?) (PASSED|SKIPPED|XFAIL|XPASS|FAILED|ERROR)\b")
_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+?\.py)::(.+?) - (.*)")
_COLLECTED = re.compile(r"collected (\d+) item")


@dataclass(frozen=True)
class Tried:
    """One test of the project, and what came of it."""

    file: str
    name: str
    outcome: Outcome
    why: str = ""
    """What it says if it failed."""
    times: int = 1
    """With how many values it ran that came out alike."""

    @property
    def said(self) -> str:
        """Its name as a sentence, for it is a rule.

        Examples
        --------
        >>> Tried("tests/test_data.py", "test_changed_data_is_refused", "passed").said
        'changed data is refused'
        """
        return self.name.removeprefix("test_").replace("_", " ")


def together(tests: Sequence[Tried]) -> tuple[Tried, ...]:
    """Return tests with those as one that differ in a value only, and came out alike.

    Examples
    --------
    >>> tests = [Tried("a.py", name, "passed") for name in ("test_b[1]", "test_b[2]", "test_c")]
    >>> [(one.name, one.times) for one in together(tests)]
    [('test_b', 2), ('test_c', 1)]
    """
    alike: dict[tuple[str, str, Outcome], list[Tried]] = {}
    for one in tests:
        alike.setdefault((one.file, one.name.partition("[")[0], one.outcome), []).append(one)
    return tuple(Tried(*same, ones[0].why, len(ones)) for same, ones in alike.items())


def run(folder: Path, job: Job) -> tuple[Tried, ...]:
    """Run the tests of a project and return what came of each; the job tells meanwhile which have ended.

    Raises
    ------
    MlopsError
        If they took too long, or nothing could be run.
    """
    with tempfile.TemporaryDirectory(prefix="tests-", ignore_cleanup_errors=True) as beside:
        log = Path(beside) / "log"
        temp = ("-p", "no:cacheprovider", "--basetemp", str(Path(beside) / "temp"))
        command = [sys.executable, "-m", "pytest", "-v", "--color=no", *temp]
        job.run(command, folder, _alone(), SECONDS, partial(_look, log, job), log)
        found = outcomes(log.read_text("utf-8", "replace").splitlines())
    if not found:
        raise MlopsError("No test ran: pytest ended without a word.", "Write the project again.")
    return found


def _alone() -> dict[str, str]:
    """Return the environment of a project that knows nothing of this app, and is held to one thread."""
    ours = ("PYTEST_", "PYTHONPATH", "MLOPS_", "STREAMLIT_", "GIT_")
    kept = {name: value for name, value in provenance.one_thread().items() if not name.startswith(ours)}
    # Plugins that happen to be installed here are no part of the project either.
    kept |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}


def so_far(told: Sequence[str]) -> tuple[Tried, ...]:
    """Return the tests that have ended, as the job tells them; see `run`."""
    parts = [one.rpartition(" ") for one in told]
    return tuple(Tried(*test.split("::", 1), outcome) for test, _, outcome in parts)  # type: ignore[arg-type]


def _look(log: Path, job: Job) -> None:
    """Tell which tests have ended, as long as they run."""
    lines = log.read_text("utf-8", "replace").splitlines()
    ended = outcomes(lines)
    total = next((int(found[1]) for line in lines if (found := _COLLECTED.search(line))), 0)
    says = f"{len(ended)} of {total} tests" if total else "Collecting the tests"
    job.say(
        says, len(ended) / total if total else None, tuple(f"{one.file}::{one.name} {one.outcome}" for one in ended)
    )


def outcomes(lines: Sequence[str]) -> tuple[Tried, ...]:
    """Return the tests that have ended, as the lines of ``pytest -v`` tell it.

    Examples
    --------
    >>> told = ["tests/test_a.py::test_one PASSED [ 50%]", "tests/test_a.py::test_two[x y] FAILED [100%]",
    ...         "FAILED tests/test_a.py::test_two[x y] - assert 1 == 2"]
    >>> [(one.name, one.outcome, one.why) for one in outcomes(told)]
    [('test_one', 'passed', ''), ('test_two[x y]', 'failed', 'assert 1 == 2')]
    """
    why = {(found[1], found[2]): found[3] for line in lines if (found := _FAILED.match(line))}
    ended = {(found[1], found[2]): _OUTCOMES[found[3]] for line in lines if (found := _ENDED.match(line))}
    return tuple(Tried(*one, outcome, why.get(one, "")[:300]) for one, outcome in ended.items())
