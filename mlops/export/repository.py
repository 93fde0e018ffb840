"""Repository: the history of an exported project in git, one commit for each part of it.

Author and date of a commit are those of the record that its files came from, so the same workspace gives the same
commits on any machine: no setting of git that this machine or this person has takes part, and none is changed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mlops.base.clock import Instant, datetime_of
from mlops.base.errors import StorageError, printable
from mlops.base.records import Record, suggest_name

TOO_LARGE = 50 << 20
"""Bytes from which a file is no part of the history: every clone would carry all its versions, and hosts refuse it."""

_SETTINGS = {"core.autocrlf": "false", "core.fileMode": "false", "gc.auto": "0"}
"""So that the files are the same on every system."""


@dataclass(frozen=True)
class Commit(Record):
    """One step of the history."""

    sha: str
    message: str
    """Its first line."""


@dataclass(frozen=True)
class Step:
    """What becomes one commit."""

    message: str
    """One line, and after an empty one what else there is to say."""
    by: str
    at: Instant
    paths: tuple[str, ...]


def is_there() -> bool:
    """Tell whether this machine has git."""
    return shutil.which("git") is not None


def make(folder: Path, steps: Iterable[Step], left_out: Iterable[str] = ()) -> list[Commit]:
    """Make a repository in a folder whose files are there, and commit step by step.

    Parameters
    ----------
    left_out : iterable of str
        Paths that are no part of the history, and are not offered to it.

    Raises
    ------
    StorageError
        If git refuses, such as on a full disk.
    """
    git(folder, "init", "--quiet", "--template=")
    git(folder, "symbolic-ref", "HEAD", "refs/heads/main")
    (folder / ".git" / "info").mkdir(exist_ok=True)
    (folder / ".git" / "info" / "exclude").write_text("".join(f"/{path}\n" for path in left_out), encoding="utf-8")
    commits = []
    for step in steps:
        at = max(int(datetime_of(step.at).timestamp()), 0)  # git knows nothing before 1970
        git(folder, "add", "--", *step.paths)
        git(folder, "commit", "--quiet", "--cleanup=verbatim", "--file=-", said=step.message, by=step.by, at=at)
        commits.append(Commit(git(folder, "rev-parse", "HEAD").strip(), step.message.partition("\n")[0]))
    return commits


def git(folder: Path, *arguments: str, said: str = "", by: str = "", at: int = 0) -> str:
    """Run git in a project's folder and return what it says.

    Parameters
    ----------
    said : str
        What git reads, such as a message.
    by : str
        Who commits.
    at : int
        When, in seconds since 1970.

    Raises
    ------
    StorageError
        If git refuses.
    """
    person = {"NAME": _name(by), "EMAIL": f"{suggest_name(by, 'somebody')}@localhost", "DATE": f"@{at} +0000"}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in person.items()}
    # A home without settings: neither those of this person nor what they ignore everywhere.
    environment |= dict.fromkeys(("HOME", "XDG_CONFIG_HOME"), str(folder / ".git"))
    environment |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_ATTR_NOSYSTEM": "1", "LC_ALL": "C"}
    settings = [word for key, value in _SETTINGS.items() for word in ("-c", f"{key}={value}")]
    done = subprocess.run(
        ["git", *settings, *arguments],
        cwd=folder,
        env=environment,
        input=said.encode(),
        capture_output=True,
        check=False,
    )
    if done.returncode:
        why = printable(done.stderr.decode(errors="replace").strip(), 300)
        raise StorageError(
            f"git could not keep the project: {why}.", "Nothing was written. Check free space, then try again."
        )
    return done.stdout.decode()


def _name(by: str) -> str:
    """Return who acted as git takes it: it cuts < > and marks at the ends away, and refuses what is empty then."""
    name = printable(by, 200).translate(dict.fromkeys(map(ord, "<>"), " "))
    return name if any(one.isalnum() for one in name) else "somebody"
