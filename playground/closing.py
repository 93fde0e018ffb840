"""The close of the tour: the learner's own work as a project, its tests, and a change that goes the way of all changes.

What was done is noted in the journal of the learner's workspace, under `SUBJECT`; what it came to stands in the project
itself, which is read anew: its commits are git's, and its tests ran in a process of their own. The folder lies beside
the workspace, and nothing in it is ever overwritten: who writes the project again gets another one.
"""

from __future__ import annotations

import io
import itertools
import os
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import reduce
from pathlib import Path
from typing import Any, Literal

from mlops import Workspace
from mlops.base.errors import NotFoundError, RefusedError
from mlops.base.records import plain, ref_of
from mlops.export import project, repository
from playground import messages, tested
from playground.branches import Branches, Commit
from playground.jobs import Job
from playground.tested import Tried

SUBJECT = "close"
"""Where the journal has what was done."""

BRANCH = "earlier-list"
"""Of the change."""

EARLIER = {"0 6 * * *": "0 5 * * *", "At 6 every": "At 5 every", "morning at six": "morning at five"}
"""What the schedule and the documents of a project say -> what they say after the change."""

Move = Literal["write", "tests", "message", "review", "merge", "over"]
"""What there is to do now."""


@dataclass(frozen=True)
class Closing:
    """How far the close is, and what there is to see."""

    folder: Path | None = None
    project: Mapping[str, Any] = field(default_factory=dict)
    """What was written, as the export says it."""
    tests: tuple[Tried, ...] = ()
    tested: str = ""
    """The commit of which the tests ran; of a project without git, a word for it."""
    change: Mapping[str, str] = field(default_factory=dict)
    """What is to be committed, path -> new text; nothing once it is."""
    message: str = ""
    """Id of the message that was committed with."""
    diff: str = ""
    approved: bool = False
    merged: str = ""
    commits: tuple[Commit, ...] = ()
    git: bool = True
    """Whether git is here, and the project has a history."""

    @property
    def passed(self) -> bool:
        """Whether all tests of the project passed."""
        return bool(self.tests) and all(one.outcome != "failed" for one in self.tests)

    @property
    def move(self) -> Move:
        """What there is to do now; the tests may run beside it, and nothing is merged before they have passed."""
        if self.folder is None:
            return "write"
        if self.git and (self.change or self.message):
            if not self.message or not messages.named(self.message).good:
                return "message"
            if not self.approved:
                return "review"
        if not self.passed:
            return "tests"
        return "merge" if self.approved and not self.merged else "over"


@dataclass(frozen=True)
class Fact:
    """A line of the module's checklist that the project proves."""

    text: str
    ok: bool
    evidence: str


def facts(found: Closing) -> tuple[Fact, ...]:
    """Return what the project proves: the lines of the checklist that no screen alone could tick.

    Examples
    --------
    >>> [fact.ok for fact in facts(Closing())]
    [False, False, False]
    """
    count = sum(one.times for one in found.tests if one.outcome == "passed")
    merged = found.merged[:7] if found.merged in {one.sha for one in found.commits} else ""
    return (
        Fact("Tests written", found.passed, f"{count} passed at {found.tested[:7]}" if found.passed else "not run yet"),
        Fact("Documentation updated", bool(merged), f"README.md, in {merged}" if merged else "not merged yet"),
        Fact(
            "Code in version control",
            bool(merged),
            f"{len(found.commits)} commits, the newest {merged}" if merged else "not merged yet",
        ),
    )


# What is read


def read(ws: Workspace) -> Closing:
    """Return how far the close is in a workspace; a project whose folder is gone is no project any more."""
    noted = ws.journal.read(SUBJECT) or {}
    folder = beside(ws, noted.get("folder") or "")
    if folder is None:
        return Closing(git=repository.is_there())
    branches = _branches(ws, folder)
    tests = tuple(Tried(**one) for one in noted.get("tests") or ())
    found = Closing(folder, noted["project"], tests, noted.get("tested") or "", git=branches.are_there)
    if not found.git:
        return found
    message = noted.get("message") or ""
    return replace(
        found,
        change={} if message else proposed(branches),
        message=message,
        diff=branches.diff(BRANCH) if message and not noted.get("merged") else noted.get("diff") or "",
        approved=bool(noted.get("approved")),
        merged=noted.get("merged") or "",
        commits=branches.log(),
    )


def beside(ws: Workspace, name: str) -> Path | None:
    """Return the folder of the project; a copy of a workspace has none until it writes its own."""
    own = name.startswith(f"{ws.path.absolute().name}-project-")
    folder = ws.path.absolute().with_name(name) if own else None
    return folder if folder and folder.is_dir() else None


def proposed(branches: Branches) -> dict[str, str]:
    """Return the change that Lena asks for, her list an hour earlier; nothing where no file says when."""
    before = {name: branches.text(name) for name in ("crontab", "README.md")}
    after = {
        name: reduce(lambda said, pair: said.replace(*pair), EARLIER.items(), text) for name, text in before.items()
    }
    return after if all(after[name] != before[name] for name in before) else {}


# What is done


def write(ws: Workspace, model: str, job: Job) -> None:
    """Write the project of what is live, in a folder beside the workspace, and note what it is.

    Raises
    ------
    MlopsError
        If nothing of that name is live, or it cannot be written.
    """
    _refuse_in_the_past(ws)
    folder = _free(ws.path.absolute())
    written = project.write(ws, folder, model, on_part=job.tell)
    told = {**plain(written.as_dict()), "path": folder.name}
    unset = dict.fromkeys(("tests", "tested", "message", "diff", "approved", "merged"))
    ws.journal.write(SUBJECT, {"folder": folder.name, "project": told, **unset})


def _free(path: Path) -> Path:
    names = (path.with_name(f"{path.name}-project-{number}") for number in itertools.count(1))
    return next(name for name in names if not name.exists())


def run_tests(ws: Workspace, job: Job) -> None:
    """Run the tests of the project, and note what came of each.

    Raises
    ------
    MlopsError
        If there is no project, or no test could be run.
    """
    _refuse_in_the_past(ws)
    folder = _folder(ws)
    branches = _branches(ws, folder)
    of = branches.head() if branches.are_there else "this folder"
    tests = tested.run(folder, job)
    ws.journal.write(SUBJECT, {"tests": [asdict(one) for one in tested.together(tests)], "tested": of})


def commit(ws: Workspace, message: str) -> None:
    """Commit the change on a branch with one of the messages; chosen again, the commit is amended.

    Raises
    ------
    RefusedError
        If there is no change to commit, or it is merged already.
    """
    _refuse_in_the_past(ws)
    found, chosen = read(ws), messages.named(message)
    if found.folder is None or found.merged or not (found.change or found.message):
        raise RefusedError("There is no change to commit.", "Write the project again.")
    _branches(ws, found.folder).commit(BRANCH, found.change, chosen.text)
    ws.journal.write(SUBJECT, {"message": message, "approved": None})


def approve(ws: Workspace) -> None:
    """Note that somebody has read the diff and stands for it."""
    _refuse_in_the_past(ws)
    if read(ws).move != "review":
        raise RefusedError("There is nothing to approve.", "Commit with a message first.")
    ws.journal.write(SUBJECT, {"approved": ws.actor})


def merge(ws: Workspace) -> None:
    """Merge the branch, with a commit that says who approved it.

    Raises
    ------
    RefusedError
        If nobody approved it, or its tests have not passed.
    """
    _refuse_in_the_past(ws)
    found = read(ws)
    if found.move != "merge" or found.folder is None:
        raise RefusedError("Nothing is approved and tested that could be merged.", "Approve it, and run the tests.")
    merged = _branches(ws, found.folder).merge(BRANCH, f"Merge branch '{BRANCH}'\n\nReviewed-by: {ws.actor}")
    ws.journal.write(SUBJECT, {"merged": merged, "diff": found.diff})


def _refuse_in_the_past(ws: Workspace) -> None:
    """Refuse what the journal could not keep, before git does it."""
    if ws.event is not None:
        ws.journal.write(SUBJECT, {})


def _branches(ws: Workspace, folder: Path) -> Branches:
    return Branches(folder, ws.actor, ws.now())


def _folder(ws: Workspace) -> Path:
    folder = read(ws).folder
    if folder is None:
        raise NotFoundError("There is no project here yet.", "Write it first.")
    return folder


def zipped(folder: Path) -> bytes:
    """Return a project as one file, with its history."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for path in _files(folder):
            file.write(path, Path(folder.name, path.relative_to(folder)).as_posix())
    return packed.getvalue()


def _files(folder: Path) -> Iterator[Path]:
    for top, folders, names in os.walk(folder):
        folders[:] = sorted(one for one in folders if one not in ("__pycache__", ".venv", ".pytest_cache"))
        yield from (Path(top, name) for name in sorted(names) if not Path(top, name).is_symlink())


def live(ws: Workspace) -> list[str]:
    """Return what is live in production, and can be a project: ``churn_model@1.0.0``."""
    return [ref_of(one.model) for one in ws.releases.all_live("production")]
