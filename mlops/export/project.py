"""Project: a model with all that it came from, as a folder that stands without this package.

    data configs src experiments models tests    train.py batch_predict.py app.py    requirements.txt README.md ...

It is written beside and then put in its place, so it is there whole or not at all; its history is in git.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mlops.base import outputs
from mlops.base.artifacts import disk_errors
from mlops.base.errors import ConflictError, InvalidError, shown
from mlops.base.records import Record, check_path, new_id
from mlops.export import repository
from mlops.export.contents import Contents, File
from mlops.export.repository import Commit, Step

if TYPE_CHECKING:
    from mlops import Workspace
    from mlops.release.registry import ModelVersion


@dataclass(frozen=True)
class ProjectFile(Record):
    """One file of a project, or of its tree."""

    path: str
    """Below the project, with forward slashes."""
    what: str
    came_from: str | None
    """The record that it came from: a data version, a run, a model version, a deployment; None of what is the same in
    every project."""


@dataclass(frozen=True)
class Project(Record):
    """A project that was written."""

    path: str
    model: str
    """``churn_model@1.0.0``."""
    run_id: str
    data: str
    """``customers@1``."""
    predictions_sha256: str
    """What training in it comes out as, unless the run had no seed."""
    seed: int | None
    files: tuple[ProjectFile, ...]
    """By their paths."""
    commits: tuple[Commit, ...]
    """Oldest first; empty where this machine has no git."""
    left_out: tuple[str, ...]
    """Files that are there and too large for the history."""


def write(
    ws: Workspace,
    directory: str | Path,
    model: str | ModelVersion = "@production",
    on_part: Callable[[str], None] | None = None,
) -> Project:
    """Write the project of a model version.

    Parameters
    ----------
    ws : Workspace
        Where it is; a past gives the project as it was then.
    directory : str or Path
        A new folder, or an empty one, in a folder that is there.
    model : str or ModelVersion
        ``churn_model@1.0.0``, or what is live: ``@production``.
    on_part : callable, optional
        Called with each part before it is written, in a few words.

    Raises
    ------
    ConflictError
        If the folder holds something.
    InvalidError
        If it cannot be made there, or lies among a workspace's own files.
    StorageError
        If the disk, or git, does not take it; nothing is left.
    """
    target = _free(check_path(directory))
    contents = Contents(ws, model)
    with disk_errors(target, so="Nothing was written. "):
        beside = target.parent / new_id(".export-")
        try:
            beside.mkdir()
            files: dict[str, File] = {}
            steps, left_out = [], []
            for part in contents.parts():
                if on_part:
                    on_part(part.message.partition("\n")[0])
                for path, file in part.files.items():
                    place = beside.joinpath(*path.split("/"))
                    place.parent.mkdir(parents=True, exist_ok=True)
                    place.write_bytes(file.content)
                large = [path for path, file in part.files.items() if len(file.content) > repository.TOO_LARGE]
                steps.append(Step(part.message, part.by, part.at, tuple(sorted(set(part.files) - set(large)))))
                files |= part.files
                left_out += large
            commits = repository.make(beside, steps, left_out) if repository.is_there() else []
            _put(beside, target)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    return Project(
        path=str(target),
        model=contents.model.ref,
        run_id=contents.run.run_id,
        data=contents.material.version.ref,
        predictions_sha256=str(contents.run.predictions_sha256),
        seed=contents.run.seed,
        files=tuple(ProjectFile(path, file.what, file.came_from) for path, file in sorted(files.items())),
        commits=tuple(commits),
        left_out=tuple(left_out),
    )


def _free(path: Path) -> Path:
    """Return where a project is to lie, if nothing lies there."""
    target = Path(os.path.realpath(path))
    try:
        if target.is_dir() and not any(target.iterdir()):
            if target == Path.cwd():
                raise InvalidError(
                    f"{shown(str(path))} is the folder that you are in.", "Name a new folder in it, such as project."
                )
        elif target.exists():
            raise ConflictError(f"{shown(str(path))} holds something already.", "Name a new or an empty folder.")
        elif not target.parent.is_dir():
            raise InvalidError(
                f"The folder {shown(str(target.parent))} does not exist.", "Create it or choose another folder."
            )
    except OSError as error:
        raise InvalidError(
            f"{shown(str(path))} cannot name a folder: {error.strerror}.", "Choose another name."
        ) from error
    outputs.refuse_kept(target)
    return target


def _put(beside: Path, target: Path) -> None:
    """Give a folder its name; what was put there meanwhile stays, and is an error."""
    if sys.platform == "win32" and target.exists():  # elsewhere an empty folder gives way
        target.rmdir()
    beside.rename(target)
