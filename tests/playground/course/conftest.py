"""Stops as tests find them: begun, or solved. Each is built once for the tests of a file, and each test has a copy."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from mlops import Workspace
from playground import course
from playground.course import acts
from tests.playground.course.missions import mission

At = Callable[..., Workspace]


@pytest.fixture(scope="module")
def _built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, bool], Path]:
    root, built = tmp_path_factory.mktemp("stops"), {}

    def build(stop: str, solved: bool) -> Path:
        if (stop, solved) not in built:
            folder = root / f"{stop}-{solved}"
            if solved:
                shutil.copytree(build(stop, False), folder)
            ws = Workspace.open(folder / "workspace", actor="ada")
            course.start(ws, stop)
            if solved:
                acts.carry_out(course.workspace(ws, stop), mission(stop).solution)
            built[stop, solved] = folder
        return built[stop, solved]

    return build


@pytest.fixture
def at(_built: Callable[[str, bool], Path], tmp_path: Path) -> At:
    """Return the learner's own workspace, in which a stop has begun, or whose solution was done (and not yet noted)."""

    def lay_out(stop: str, solved: bool = False) -> Workspace:
        shutil.copytree(_built(stop, solved), tmp_path / "learner")
        return Workspace.open(tmp_path / "learner" / "workspace", create=False, actor="ada")

    return lay_out
