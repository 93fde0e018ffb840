"""Stories: workspaces to begin from. They are those in which the course has its chapters (`course.fixtures`)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mlops import Workspace
from mlops.base.errors import NotFoundError, shown
from playground import folders
from playground.course import fixtures

STORIES = {name: one for name, one in fixtures.FIXTURES.items() if name != "empty"}
"""Every story by its name."""


def story(name: str) -> fixtures.Fixture:
    """Return a story.

    Raises
    ------
    NotFoundError
        If there is none of that name.
    """
    if name not in STORIES:
        raise NotFoundError(f"There is no story {shown(name)}.", f"There are: {', '.join(STORIES)}.")
    return STORIES[name]


def load(path: Path, name: str, say: Callable[[str], None] = lambda said: None) -> Path | None:
    """Begin from a story in a folder.

    Parameters
    ----------
    path : Path
        Missing, empty, or a workspace: then that one is kept beside it.
    say : callable
        Called with what is being done, while a story is built for the first time on this machine.

    Returns
    -------
    Path or None
        Where the workspace that gave way is kept.

    Raises
    ------
    MlopsError
        If there is no such story, or the folder holds something else; nothing is changed then.
    """
    source = fixtures.ready(story(name).name, say)
    return folders.replace(path, lambda new: Workspace.open(source, create=False).fork(new))
