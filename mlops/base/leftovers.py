"""Leftovers: what killed processes leave behind, and who clears it.

A process that is killed leaves its stages in ``tmp/``, and perhaps files that have their final names already, although
the event that was to name them never came. So whoever publishes writes down first which names that will be, in a list
beside the ledger, where SQLite has its journal (`Publication`): like that one it belongs to one transaction. The next
writer clears the stages that nobody holds, and of the names in lists those that no event names. Nothing else is ever
removed.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from mlops.base import locks
from mlops.base.artifacts import LOCK, Artifacts, Staged, disk_errors, remove_stage
from mlops.base.records import new_id

STAGE = re.compile(r"(\w+\.)?stage-[0-9a-f]{10}")
"""How the folders of stages are called; those of a run begin with its id."""

_LIST = "ledger.db-names-"


class Publication:
    """The names that one transaction gives to files; until its end is known, they stand in a list that it holds."""

    def __init__(self, artifacts: Artifacts) -> None:
        self._artifacts = artifacts
        self._path = artifacts.root / new_id(_LIST)
        self._list: BinaryIO | None = None
        self._names: list[str] = []

    def add(self, files: Mapping[str, Staged]) -> None:
        """Publish files, after writing down durably that they are to be published."""
        if not files:
            return
        with disk_errors(self._path):
            self._list = self._list or locks.take(self._path)
            assert self._list is not None  # nobody else knows its name
            line = json.dumps([*files]).encode() + b"\n"
            while line:
                line = line[self._list.write(line) :]
            # The name of the list is not synced: a power cut that takes it costs a name in `verify`, and no data.
            os.fsync(self._list.fileno())
        self._names += files
        self._artifacts.publish(files)

    def withdraw(self) -> None:
        """Take the names back: the transaction fails, and still keeps all others from publishing."""
        for path in self._names:
            _remove(self._artifacts, path)
        self.done()

    def done(self) -> None:
        """Forget the list: an event names the files."""
        if self._list is not None:
            locks.drop(self._list, self._path)

    def close(self) -> None:
        """Leave a list that was not forgotten to the next writer: whether the event reached the disk is not known."""
        if self._list is not None:
            self._list.close()


def clear(artifacts: Artifacts, is_named: Callable[[str], bool]) -> None:
    """Remove the stages that nobody holds, and the files in lists that no event names.

    The ledger calls this while it holds its write lock, so that nobody publishes meanwhile: whoever wrote a list that
    is there has committed, or never will. What cannot be removed is left to a later writer: it is no reason not to
    write.
    """
    for names in lists(artifacts):
        for path in listed(names):
            if not is_named(path):
                _remove(artifacts, path)
        with suppress(OSError):
            names.unlink(missing_ok=True)
    for folder in stages(artifacts):
        with suppress(OSError):
            if lock := locks.take(folder / LOCK):
                remove_stage(folder, lock)


def lists(artifacts: Artifacts) -> list[Path]:
    """Return the lists of names of all transactions that have not ended, or whose process was killed."""
    return [Path(entry) for entry in _entries(artifacts.root) if entry.name.startswith(_LIST)]


def listed(names: Path) -> Iterator[str]:
    """Yield the paths in a list; of a line that was not finished, nothing was published."""
    with suppress(OSError, ValueError):
        for line in names.read_bytes().splitlines():
            yield from (path for path in json.loads(line) if _can_be_published(path))


def stages(artifacts: Artifacts) -> list[Path]:
    """Return the folders of all stages, whether somebody holds them or not."""
    entries = _entries(artifacts.tmp)
    return [Path(entry) for entry in entries if STAGE.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False)]


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
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
