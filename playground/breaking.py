"""Breaking a run on purpose: on a copy of the workspace, with two real trainings, each in a fresh process.

What comes of it is two runs in the copy, tagged with the break and the attempt: nothing else is kept, so it is found
again there after a reload and by another server. How the two are told apart: `broken`.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import Any

from mlops import MlopsError, Workspace
from mlops.base.errors import StorageError
from playground import folders
from playground.breaks import Base, Break, Place, Side, environment
from playground.jobs import Job

TAG, ATTEMPT, SIDE = "break", "attempt", "side"
"""Tags of the two runs: the id of the break, the how-manieth attempt, and 1 or 2."""

SECONDS = 1800.0
"""After so many a training is ended."""

INSTALLING = 300.0
"""After so many seconds an installation is ended."""

ALONE = ("--no-deps", "--only-binary=:all:", "--disable-pip-version-check", "--no-input", "--retries=1", "--timeout=8")
"""Nothing is built, nothing is asked, and where there is no network that is told soon."""


class NoPackageError(StorageError):
    """The package could not be fetched: no network, or none that leads to an index."""


def copy_for(ws: Workspace, home: Path, number: str, base: Base) -> tuple[Workspace, str]:
    """Return the copy to break things in, and its number: the one of before if it has the run, else a new one."""
    if number and (before := folders.copy_of(home, number)):
        with suppress(MlopsError):
            copy = Workspace.open(before, create=False)
            copy.runs.get(base.run_id)
            return copy, number
    made = folders.fork(ws)
    return Workspace.open(made, create=False), made.name.rpartition("-")[2]


def attempts(copy: Workspace, name: str) -> int:
    """Return how often a break was tried in a copy."""
    rows = copy.runs.table([f"tags.{ATTEMPT}"], f"tags.{TAG} = '{name}'")
    return max((int(row[f"tags.{ATTEMPT}"]) for row in rows), default=0)


def carry_out(copy: Path, base: Base, broken: Break, job: Job) -> None:
    """Break a run in a copy: get it ready, train, and train again.

    Raises
    ------
    NoPackageError
        If another package version could not be fetched.
    MlopsError
        If a training was refused.
    """
    ws = Workspace.open(copy, create=False)
    attempt = attempts(ws, broken.id) + 1
    job.tell("Getting the copy ready", 0.02)
    with tempfile.TemporaryDirectory(prefix="break-", ignore_cleanup_errors=True) as folder:
        place = Place(ws, base, Path(folder), partial(installed, job))
        config = Path(folder) / f"{base.name}.yaml"  # its name is what the runs are called
        for number, side in enumerate(broken.sides(place), start=1):
            config.write_text(side.config, encoding="utf-8")
            _train(ws, side, {TAG: broken.id, ATTEMPT: str(attempt), SIDE: str(number)}, config, job)


def _train(ws: Workspace, side: Side, tags: dict[str, str], config: Path, job: Job) -> None:
    """Train one side in a fresh process, as anybody would from a shell."""
    number = int(tags[SIDE])
    begins, says = 0.1 + 0.45 * (number - 1), f"Training {number} of 2: {side.says}"
    job.tell(says, begins)
    tagged = [word for key, value in tags.items() for word in ("--tag", f"{key}={value}")]
    command = [sys.executable, "-m", "mlops", "--workspace", str(ws.path.absolute()), "--json", "train"]
    command += ["--config", str(config), "--data", side.data, "--note", side.says, *tagged]
    look = partial(_look, ws, tags[TAG], says, begins, job)
    done = job.run(command, config.parent, environment(side), SECONDS, look)
    if done.returncode:
        raise _refusal(done.stdout)


def _look(ws: Workspace, name: str, says: str, begins: float, job: Job) -> None:
    """Tell how far the training of a break is that is at work in a copy."""
    running = ws.runs.table(["run_id"], f"status = 'running' and tags.{TAG} = '{name}'", limit=1)
    found = ws.runs.progress(running[0]["run_id"]) if running else None
    if found:
        done = sum(step["status"] == "done" for step in found.steps)
        within = found.fraction or 0.0 if found.step == "train" else 0.0
        job.tell(says, begins + 0.45 * (done + within) / len(found.steps))


def _refusal(told: str) -> MlopsError:
    try:
        error = json.loads(told)["error"]
        return MlopsError(str(error["message"]), str(error["next_step"]))
    except (ValueError, KeyError, TypeError):
        return MlopsError("The training ended without a word.", "Try again.")


def installed(job: Job, wanted: str) -> Path:
    """Put another version of a package into a folder of its own, and return it; once for all who ask this server.

    Raises
    ------
    NoPackageError
        If it cannot be fetched.
    """
    there = overlays() / wanted
    if not (there / "complete").exists():
        job.tell(f"Installing {wanted.replace('==', ' ')} into a folder of its own", 0.04)
        with tempfile.TemporaryDirectory(dir=overlays(), ignore_cleanup_errors=True) as beside:
            target = Path(beside) / wanted
            command = [sys.executable, "-m", "pip", "install", "--quiet", *ALONE, "--target", str(target), wanted]
            done = job.run(command, overlays(), _plain(), INSTALLING)
            if done.returncode:
                raise NoPackageError(
                    f"{wanted} could not be fetched: that takes pip, and a network that leads to an index of packages.",
                    "Connect it, and try again.",
                )
            (target / "complete").touch()
            with suppress(OSError):  # somebody was faster, with the same
                target.rename(there)
    return there


@cache
def overlays() -> Path:
    """Return the folder of installed versions: only this user may write to it, and it goes with the server."""
    return Path(_kept().name)


@cache
def _kept() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="other-packages-", ignore_cleanup_errors=True)


def _plain() -> dict[str, Any]:
    return dict(os.environ)
