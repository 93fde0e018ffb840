"""Branches: a change to an exported project that goes the way of all changes - a branch, a commit, its diff, the merge.

Git really does it, as it did the history before (`mlops.export.repository`): no setting of this machine takes part.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from mlops.base.clock import Instant, datetime_of
from mlops.export import repository

MAIN = "main"
"""The branch that everything is merged into."""

MOST = 50
"""So many commits are read, the newest."""


@dataclass(frozen=True)
class Commit:
    """One commit, as it is drawn."""

    sha: str
    parents: tuple[str, ...]
    author: str
    message: str
    """Its first line."""
    refs: tuple[str, ...] = ()
    """Branches that end here."""
    lane: int = 0
    """0 on the line of the main branch, 1 beside it."""


class Branches:
    """The branches of one project.

    Parameters
    ----------
    folder : Path
        Of the project.
    by : str
        Who commits.
    at : Instant
        When; a commit is never dated before the one that it follows.
    """

    def __init__(self, folder: Path, by: str, at: Instant) -> None:
        self._folder, self._by, self._at = folder, by, int(datetime_of(at).timestamp())

    @property
    def are_there(self) -> bool:
        """Whether the project has a history, and this machine a git to read it."""
        return (self._folder / ".git").is_dir() and repository.is_there()

    def head(self) -> str:
        """Return the commit that is checked out."""
        return self._git("rev-parse", "HEAD").strip()

    def text(self, path: str) -> str:
        """Return a file as the main branch has it; nothing if it has none of that name."""
        there = self._git("ls-tree", "--name-only", MAIN, "--", path)
        return self._git("show", f"{MAIN}:{path}") if there else ""

    def commit(self, branch: str, files: Mapping[str, str], message: str) -> str:
        """Commit files on a new branch, and return the commit; on a branch that is there, give its commit the message.

        Parameters
        ----------
        files : mapping
            Path in the project -> its new text.
        """
        if self._git("branch", "--list", branch).strip():
            self._git("checkout", "--quiet", branch)
            self._git("commit", "--quiet", "--amend", "--file=-", said=message)
            return self.head()
        self._git("checkout", "--quiet", "-b", branch, MAIN)
        for path, text in files.items():
            (self._folder / path).write_text(text, encoding="utf-8", newline="")
        self._git("add", "--", *files)
        self._git("commit", "--quiet", "--file=-", said=message)
        return self.head()

    def diff(self, branch: str) -> str:
        """Return what a branch changes, as git tells it: the lines, and nothing around them."""
        return self._git("diff", "--no-color", "--no-ext-diff", "--unified=0", f"{MAIN}...{branch}")

    def merge(self, branch: str, message: str) -> str:
        """Merge a branch into the main one by a commit of its own, and return that."""
        self._git("checkout", "--quiet", MAIN)
        self._git("merge", "--quiet", "--no-ff", "--message", message, branch)
        return self.head()

    def log(self) -> tuple[Commit, ...]:
        """Return the commits of all branches, the newest first."""
        form = "--format=%x1e%H%x1f%P%x1f%an%x1f%D%x1f%s"
        told = self._git("log", "--branches", "--topo-order", f"--max-count={MOST}", "--decorate=short", form)
        return _in_lanes([_commit(one.strip("\n").split("\x1f")) for one in told.split("\x1e")[1:]])

    def _git(self, *arguments: str, said: str = "") -> str:
        return repository.git(self._folder, *arguments, said=said, by=self._by, at=self._when)

    @cached_property
    def _when(self) -> int:
        last = repository.git(self._folder, "log", "--branches", "--max-count=1", "--format=%ct")
        return max(self._at, int(last or 0))


def _commit(told: list[str]) -> Commit:
    sha, parents, author, refs, message = told
    names = (name.strip().removeprefix("HEAD -> ") for name in refs.split(","))
    return Commit(sha, tuple(parents.split()), author, message, tuple(name for name in names if name))


def _in_lanes(commits: list[Commit]) -> tuple[Commit, ...]:
    """Put what the main branch led through onto its line, first parent by first parent, and all else beside it."""
    known, line = {one.sha: one for one in commits}, set()
    at = next((one for one in commits if MAIN in one.refs), None)
    while at is not None:
        line.add(at.sha)
        at = known.get(at.parents[0]) if at.parents else None
    return tuple(replace(one, lane=int(one.sha not in line)) for one in commits)
