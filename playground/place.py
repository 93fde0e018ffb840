"""Where somebody is: at which seat, in which chapter, at which moment of the past. The URL says it in every link."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

PARTS = {"seat": "ws", "copy": "copy", "chapter": "in", "event": "at"}
"""Field of `Place` -> the parameter of the URL that says it."""


@dataclass(frozen=True)
class Place:
    """One place in the app; what is empty is the ordinary: no class, the own work, today."""

    seat: str = ""
    """Key of the seat, in a class."""
    copy: str = ""
    """Number of the copy of the workspace that is on screen."""
    chapter: str = ""
    """Id of the stop whose chapter is on screen."""
    event: int | None = None
    """Number of the last event of the past that is on screen."""

    @property
    def query(self) -> dict[str, str]:
        """The part of every link that says it.

        Examples
        --------
        >>> Place(chapter="rollback").query, Place(event=12).query, Place().query
        ({'in': 'rollback'}, {'at': '12'}, {})
        """
        said = {name: getattr(self, part) for part, name in PARTS.items()}
        return {name: str(value) for name, value in said.items() if value not in ("", None)}


def chapters(own: Path) -> Path:
    """Return the folder of the chapters that belong to a workspace: it stands beside it.

    Examples
    --------
    >>> chapters(Path("workspaces/ada")).as_posix()
    'workspaces/ada.chapters'
    """
    return own.with_name(f"{own.name}.chapters")


def chapter(own: Path, name: str) -> Path | None:
    """Return the folder of a chapter; None if there is none of that name, which came with the URL."""
    found = chapters(own) / name
    return found if re.fullmatch(r"[a-z]+(-shown)?", name) and found.is_dir() else None
