"""Chapters: workspaces beside the learner's own, in which some stops happen.

``<own folder>.chapters/<stop>`` is a whole workspace with its own history. A chapter that is begun anew is set aside
whole (``<stop>-1``, ``<stop>-2``); what a demonstration made is ``<stop>-shown``. Nothing is ever overwritten.
"""

from __future__ import annotations

import itertools
from pathlib import Path

from mlops import Workspace
from playground import place

SHOWN = "shown"
"""How the folder of a demonstration ends."""


def folder(ws: Workspace) -> Path:
    """Return where the chapters of a workspace lie."""
    return place.chapters(ws.path)


def is_there(ws: Workspace, name: str | None) -> bool:
    """Tell whether a chapter lies beside a workspace; what happens in the own one is always there."""
    return name is None or (folder(ws) / name).is_dir()


def free(path: Path) -> Path:
    """Return a path that is not taken: this one, or the first with a number behind it."""
    names = (path.with_name(f"{path.name}-{number}") for number in itertools.count(1))
    return path if not path.exists() else next(name for name in names if not name.exists())


def set_aside(path: Path) -> Path | None:
    """Give a chapter another name, as a whole; return the new one, or None if there was nothing."""
    if not path.exists():
        return None
    kept = free(path)
    path.rename(kept)  # everything or nothing, and whoever still reads it keeps reading it
    return kept


def shown_folder(ws: Workspace, stop: str) -> Path:
    """Return where a demonstration of a stop lies."""
    return folder(ws) / f"{stop}-{SHOWN}"


def was_shown(ws: Workspace, stop: str) -> bool:
    """Tell whether a stop was demonstrated; the copy says so itself, for the workspace stays as it was."""
    return shown_folder(ws, stop).exists()


def copy(source: Path, target: Path, actor: str) -> Workspace:
    """Copy a workspace to a new folder, in milliseconds, and open the copy for somebody."""
    target.parent.mkdir(parents=True, exist_ok=True)
    Workspace.open(source, create=False).fork(target)
    return Workspace.open(target, create=False, actor=actor)
