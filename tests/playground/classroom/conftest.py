"""A class of three, as its tests find it: Ada, Ben, and somebody who gave no name."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops import Workspace
from playground import seats


class Room:
    """A class, and its learners by name."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.keys = {name: seats.take(path) for name in ("Ada", "Ben", "")}
        for name, key in self.keys.items():
            seats.call(path, key, name)

    def seat(self, name: str) -> Workspace:
        """Return the workspace of somebody, as they open it."""
        key = self.keys[name]
        return Workspace.open(self.path / key, create=False, actor=seats.sitter(self.path, key).actor)

    @property
    def everybody(self) -> list[Workspace]:
        """Return the workspaces of all, in the order in which they came."""
        return [self.seat(name) for name in self.keys]


@pytest.fixture
def room(tmp_path: Path) -> Room:
    """A class of three, in which nothing was done yet."""
    return Room(tmp_path / "room")
