"""Workspace folders beside the one on screen: the one put away by starting over, and copies to try things on."""

from __future__ import annotations

import itertools
from pathlib import Path

from mlops import MlopsError, Workspace

MARKER = "WORKSPACE.json"


def start_over(ws: Workspace) -> Path:
    """Put the workspace aside under a name beside it, open a fresh one in its place, and return the kept folder.

    Raises
    ------
    MlopsError
        If the folder has no marker: then it is not ours to move.
    """
    path = ws.path.resolve()
    if not (path / MARKER).is_file():
        raise MlopsError(f"{path} has no {MARKER}, so it is not a workspace.", "Nothing was moved.")
    kept = _beside(path, "kept")
    # Renaming moves everything or nothing, and whoever still reads the old folder keeps reading it.
    path.rename(kept)
    Workspace.open(path, create=True)
    return kept


def fork(ws: Workspace) -> Path:
    """Copy the workspace to a folder beside it and return that folder."""
    target = _beside(ws.path.resolve(), "copy")
    ws.fork(target)
    return target


def _beside(path: Path, word: str) -> Path:
    names = (path.with_name(f"{path.name}-{word}-{number}") for number in itertools.count(1))
    return next(name for name in names if not name.exists())
