"""Leftovers: what killed processes leave behind, and who clears it.

A process that is killed leaves its stages in ``tmp/``: files that waited, and perhaps files that have their final names
already, although the event that was to name them never came. So whoever publishes writes down first which names that
will be, in a stage of its own (`Publication`). The next writer clears the stages that nobody holds, and of the names
listed there those that no event names. Nothing else is ever removed.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath

from mlops.base import locks
from mlops.base.artifacts import LOCK, Artifacts, Stage, Staged, remove_stage

STAGE = re.compile(r"(\w+\.)?stage-[0-9a-f]{10}")
"""How the folders of stages are called; those of a run begin with its id."""

_LIST = "names-"


class Publication:
    """The names that one transaction gives to files; until it has ended, they are listed in ``tmp/``."""

    def __init__(self, artifacts: Artifacts) -> None:
        self._artifacts = artifacts
        self._stage: Stage | None = None
        self._paths: list[str] = []

    def add(self, files: Mapping[str, Staged]) -> None:
        """Publish files, after writing down durably that they are to be published."""
        if not files:
            return
        if self._stage is None:
            self._stage = Stage(self._artifacts.tmp, "stage-")
        # The list is synced, its folder is not: a power cut that takes it costs a name in `verify`, and no data.
        self._stage.write(f"{_LIST}{len(self._paths)}", json.dumps([*files]).encode())
        self._paths += files
        self._artifacts.publish(files, self._stage.folder)

    def withdraw(self) -> None:
        """Take the names back: the transaction fails, and still keeps all others from publishing."""
        for path in self._paths:
            _remove(self._artifacts, path)
        self.done()

    def done(self) -> None:
        """Forget the list: an event names the files."""
        if self._stage is not None:
            self._stage.close()

    def close(self) -> None:
        """Leave a list that was not forgotten to the next writer: whether the event reached the disk is not known."""
        if self._stage is not None:
            self._stage.leave()


def clear(artifacts: Artifacts, is_named: Callable[[str], bool]) -> None:
    """Remove the stages that nobody holds, and what they list if no event names it.

    The ledger calls this while it holds its write lock, so that nobody publishes meanwhile. What cannot be removed
    is left to a later writer: it is no reason not to write.
    """
    for folder in stages(artifacts):
        with suppress(OSError):
            if lock := locks.take(folder / LOCK):
                for path in listed(folder):
                    if not is_named(path):
                        _remove(artifacts, path)
                remove_stage(folder, lock)


def stages(artifacts: Artifacts) -> list[Path]:
    """Return the folders of all stages, whether somebody holds them or not."""
    try:
        with os.scandir(artifacts.tmp) as entries:
            return [Path(entry) for entry in entries if STAGE.fullmatch(entry.name) and _is_folder(entry)]
    except OSError:
        return []


def listed(folder: Path) -> Iterator[str]:
    """Yield the paths that a stage lists; of a list that was not finished, nothing was published."""
    for file in sorted(folder.glob(f"{_LIST}*")):
        with suppress(OSError, ValueError):
            yield from (path for path in json.loads(file.read_bytes()) if _can_be_published(path))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir(follow_symlinks=False)


def _can_be_published(path: object) -> bool:
    """Tell a path of an artifact from whatever else somebody may have written into a list."""
    parts = PurePosixPath(path).parts if isinstance(path, str) else ()
    return len(parts) > 1 and parts[0] not in ("/", "tmp", "cache") and ".." not in parts


def _remove(artifacts: Artifacts, path: str) -> None:
    """Remove a file, and the folders that were made for it alone."""
    file = artifacts.path(path)
    with suppress(OSError):
        file.unlink(missing_ok=True)
        for folder in file.parents:
            if folder == artifacts.root:
                break
            folder.rmdir()  # refused, and so the end of it, as soon as one holds anything
