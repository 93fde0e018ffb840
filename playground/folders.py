"""Workspace folders beside the one on screen: those put aside by starting over, and copies to play with.

``<name>-kept-1`` is a workspace that was put aside, ``<name>-copy-1`` a copy. Everything is moved whole, with its
chapters; nothing is ever overwritten, and nothing removed but a workspace in which nothing ever happened.
``<name>-before`` is the workspace as it was before the last month, to take that back. All that is in it happened in the
workspace as well, so it may give way to the next one.
"""

from __future__ import annotations

import itertools
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from mlops import MlopsError, Workspace, folder
from mlops.base.artifacts import Artifacts
from mlops.base.errors import NotFoundError, StorageError
from mlops.base.ledger import Ledger
from mlops.base.outputs import MARKER
from playground.desk import FILE
from playground.place import chapter, chapters

TRIES, PAUSE = 50, 0.02
"""Who looks at the very moment in which a workspace gives way makes an empty one in its place: it is moved again then,
so often, after so many seconds."""


@dataclass(frozen=True)
class Beside:
    """A workspace beside the one on screen, and what is in it."""

    number: int
    path: Path
    at: float
    """When something happened there last, in seconds since 1970."""
    data: int = 0
    """Versions of datasets."""
    runs: int = 0
    models: int = 0
    live: tuple[str, ...] = ()
    """``name@version`` of what is live in production there."""
    size: int = 0
    """Bytes of its files."""
    problem: str = ""
    """Why it cannot be read, if it cannot."""


def kept(path: Path) -> list[Beside]:
    """Return the workspaces that were put aside from this place, the newest first."""
    return _beside(path, "kept")


def copies(path: Path) -> list[Beside]:
    """Return the copies of the workspace in this place, the newest first."""
    return _beside(path, "copy")


def copy_of(path: Path, number: str) -> Path | None:
    """Return the folder of a copy; None if there is none of that number.

    Examples
    --------
    >>> copy_of(Path("workspace"), "../evil")
    """
    found = path.absolute().with_name(f"{path.absolute().name}-copy-{number}") if _is_number(number) else None
    return found if found and (found / MARKER).is_file() else None


def start_over(ws: Workspace) -> Path:
    """Put the workspace aside, open a fresh one in its place, and return where the old one is kept.

    Raises
    ------
    MlopsError
        If the folder has no marker: then it is not ours to move.
    """
    path = ws.path.resolve()
    with _moving(path):
        aside = _set_aside(path)
        Workspace.open(path, create=True)
    return aside


def reopen(path: Path, number: int) -> Path | None:
    """Put a workspace back that was kept, and return where the one that gave way is kept; None if nothing was in it.

    Raises
    ------
    MlopsError
        If there is none of that number, or it cannot be moved: then everything is as it was.
    """
    path = path.resolve()
    back = path.with_name(f"{path.name}-kept-{number}")
    if not (back / MARKER).is_file():
        raise NotFoundError(
            f"There is no kept workspace {number} any more.", "Open the menu again, and choose another."
        )
    return _give_place(path, back)


def replace(path: Path, fill: Callable[[Path], object]) -> Path | None:
    """Put a new workspace in a place, and return where the one that gave way is kept; None if nothing was in it.

    Parameters
    ----------
    fill : callable
        Makes the new one in the folder that it is given.
    """
    path = path.resolve()
    if not (path / MARKER).is_file():
        fill(path)
        return None
    new = _free(path, "new")
    fill(new)
    return _give_place(path, new)


def remember(ws: Workspace) -> None:
    """Keep the workspace as it is now, so that what comes next can be taken back; only the last one is remembered."""
    before = _before(ws.path.resolve())
    gone = before.with_name(f"{before.name}-gone")  # a folder that is half removed is no workspace any more
    if before.exists():
        before.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)
    ws.fork(before)


def remembered(ws: Workspace) -> Workspace | None:
    """Return the workspace as it was when it was remembered; None if what is remembered is not its own past."""
    if not (folder := _before(ws.path.resolve())).exists():
        return None
    try:
        before = Workspace.open(folder, create=False)
        [last] = before.log(before.head() - 1)
        return before if next(iter(ws.log(last["seq"] - 1)), None) == last else None
    except (MlopsError, ValueError):
        return None


def take_back(ws: Workspace) -> Path | None:
    """Put back what was remembered, and return where the workspace that gave way is kept.

    Drafts and chapters stay where they are: they are not what happened.

    Raises
    ------
    MlopsError
        If there is nothing to take back.
    """
    path, before = ws.path.resolve(), remembered(ws)
    if before is None:
        raise NotFoundError("There is nothing to take back any more.", "Reopen a kept workspace from the menu instead.")
    with suppress(FileNotFoundError):
        shutil.copyfile(path / FILE, before.path / FILE)
    aside = _give_place(path, before.path)
    if aside and chapters(aside).is_dir():
        chapters(aside).rename(chapters(path))
    return aside


def fork(ws: Workspace) -> Path:
    """Copy the workspace and its chapters to a folder beside it and return that folder."""
    path = ws.path.resolve()
    target = _free(path, "copy")
    for beside in sorted(chapters(path).glob("*")):
        if chapter(path, beside.name):  # the others were set aside, and stay behind
            chapters(target).mkdir(exist_ok=True)
            Workspace.open(beside, create=False).fork(chapters(target) / beside.name)
    ws.fork(target)  # last: only what is whole is a copy
    return target


def taken(path: Path) -> int:
    """Return the bytes on disk of a workspace and all beside it; a file that several of them share counts once."""
    path = path.absolute()
    mine = [path, *(one for one in path.parent.glob("*") if one.name.startswith((f"{path.name}-", f"{path.name}.")))]
    return sum({(found.st_dev, found.st_ino): found.st_size for one in mine for found in _stats(one)}.values())


def _beside(path: Path, word: str) -> list[Beside]:
    path = path.absolute()
    start = f"{path.name}-{word}-"
    numbers = [one.name.removeprefix(start) for one in path.parent.glob("*") if one.name.startswith(start)]
    found = sorted((int(number) for number in numbers if _is_number(number)), reverse=True)
    return [_look(number, path.with_name(f"{start}{number}")) for number in found]


def _look(number: int, path: Path) -> Beside:
    try:
        at, ws = (path / "ledger.db").stat().st_mtime, Workspace.open(path, create=False)
        live = tuple(f"{one.model['name']}@{one.model['version']}" for one in ws.releases.all_live("production"))
        counts = (len(found) for found in (ws.datasets.list(), ws.runs.table(["run_id"]), ws.models.list()))
        return Beside(number, path, at, *counts, live, sum(found.st_size for found in _stats(path)))
    except (MlopsError, OSError) as problem:
        return Beside(number, path, 0.0, problem=str(problem))


def _set_aside(path: Path) -> Path:
    if not (path / MARKER).is_file():
        raise MlopsError(f"{path} has no {MARKER}, so it is not a workspace.", "Nothing was moved.")
    aside = _free(path, "kept")
    _move(path, aside)
    return aside


def _give_place(path: Path, new: Path) -> Path | None:
    """Move a workspace into the place of another, which is kept; all is as it was if that cannot be done."""
    asides = []
    with _moving(path):
        for _ in range(TRIES):
            with suppress(OSError):
                if (path / MARKER).is_file() and not _discard(path):
                    asides.append(_set_aside(path))
                _move(new, path)
                return asides[0] if asides else None
            time.sleep(PAUSE)
        if asides:
            _move(asides[0], path)
        raise StorageError(f"{path.name} is in use.", "Try again in a moment.")


def _before(path: Path) -> Path:
    return path.with_name(f"{path.name}-before")


def _move(path: Path, to: Path) -> None:
    # Renaming moves everything or nothing, and whoever still reads the old folder keeps reading it.
    path.rename(to)
    with suppress(FileNotFoundError):
        chapters(path).rename(chapters(to))


def _discard(path: Path) -> bool:
    """Remove a workspace in which nothing ever happened, not even a draft; tell whether it was one."""
    if (path / FILE).exists() or chapters(path).exists():
        return False
    try:
        if Workspace.open(path, create=False).head() > 0:
            return False
    except MlopsError:  # damaged, so nobody can tell what was in it
        return False
    folder.undo(path, Ledger(path / "ledger.db", Artifacts(path), actor=""), [path])
    return True


def _free(path: Path, word: str) -> Path:
    names = (path.with_name(f"{path.name}-{word}-{number}") for number in itertools.count(1))
    return next(name for name in names if not (name.exists() or chapters(name).exists()))


@contextmanager
def _moving(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        if isinstance(problem, MlopsError):
            raise
        raise StorageError(
            f"{path.name} could not be moved: {problem.strerror or problem}.", "Try again when nothing runs in it."
        ) from problem


def _stats(path: Path) -> Iterator[os.stat_result]:
    for top, _, names in os.walk(path):
        for name in names:
            with suppress(FileNotFoundError):  # it was there a moment ago
                yield Path(top, name).stat()


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"[1-9][0-9]{0,5}", text))
