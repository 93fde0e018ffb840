"""Leftovers: what killed processes leave behind, and who clears it.

A process that is killed leaves its stages in ``tmp/``, and perhaps files that have their final names already, although
the event that was to name them never came. So whoever publishes writes down first which names that will be, in a list
beside the ledger, where SQLite has its journal (`Publication`): like that one it belongs to one transaction. The next
writer clears the stages that nobody holds, and of the names in the list those that no event names. Nothing else is ever
removed.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath

from mlops.base import locks
from mlops.base.artifacts import LOCK, Artifacts, Staged, disk_errors, remove_stage

STAGE = re.compile(r"(\w+\.)?stage-[0-9a-f]{10}")
"""How the folders of stages are called; those of a run begin with its id."""


class Publication:
    """The names that one transaction gives to files; before it does, it writes them down."""

    def __init__(self, artifacts: Artifacts) -> None:
        self._artifacts = artifacts
        self._names: list[str] = []
        self._end = 0

    def add(self, files: Mapping[str, Staged]) -> None:
        """Publish files, after writing down durably that they are to be published."""
        if not files:
            return
        line = json.dumps([*files]).encode() + b"\n"
        with disk_errors(_list(self._artifacts)):
            _write_at(_list(self._artifacts), self._end, line + b"\n")
        self._end += len(line)
        self._names += files
        self._artifacts.publish(files)

    def withdraw(self) -> None:
        """Take the names back: the transaction fails, and still keeps all others from publishing."""
        for path in self._names:
            _remove(self._artifacts, path)


def _list(artifacts: Artifacts) -> Path:
    """Return where the names of the last transaction that published stand; the next one writes over them."""
    return artifacts.root / "ledger.db-names"


def _write_at(path: Path, place: int, data: bytes) -> None:
    # Over what is there, and neither shorter nor anew: a file that only changes its content is synced in half the time.
    path.touch()
    with open(path, "r+b", buffering=0) as file:
        file.seek(place)
        while data:
            data = data[file.write(data) :]
        # Its name is not synced: a power cut that takes the first list costs a name in `verify`, and no data.
        getattr(os, "fdatasync", os.fsync)(file.fileno())


def clear(artifacts: Artifacts, is_named: Callable[[str], bool]) -> None:
    """Remove the stages that nobody holds, and the files in the list that no event names.

    The ledger calls this while it holds its write lock, so that nobody publishes meanwhile: whoever wrote the list has
    committed, or never will. What cannot be removed is left to a later writer: it is no reason not to write.
    """
    for path in listed(artifacts):
        if not is_named(path):
            _remove(artifacts, path)
    for folder in stages(artifacts):
        with suppress(OSError):
            if lock := locks.take(folder / LOCK):
                remove_stage(folder, lock)


def listed(artifacts: Artifacts) -> Iterator[str]:
    """Yield the paths in the list, to its first line that is empty or was not finished."""
    with suppress(OSError, ValueError):
        for line in _list(artifacts).read_bytes().splitlines():
            yield from (path for path in json.loads(line) if _can_be_published(path))


def stages(artifacts: Artifacts) -> list[Path]:
    """Return the folders of all stages, whether somebody holds them or not."""
    try:
        with os.scandir(artifacts.tmp) as entries:
            return [Path(one) for one in entries if STAGE.fullmatch(one.name) and one.is_dir(follow_symlinks=False)]
    except OSError:
        return []


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
