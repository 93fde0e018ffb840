"""The folder of a workspace: made whole or not at all, told from other folders, undone, copied.

The lock file comes first and the marker last. A folder with the lock file and no marker is the leftover of a crash, so
what lies in it is ours to clear. Nothing else is ever removed.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from mlops.base import outputs
from mlops.base.artifacts import Artifacts, disk_errors, replace_file, sync_folder
from mlops.base.errors import ConflictError, MlopsError, NotFoundError, StorageError, shown
from mlops.base.formats import FORMAT, check_format
from mlops.base.ledger import Ledger
from mlops.base.outputs import LOCK, MARKER
from mlops.base.records import new_id, readable_json


def identify(folder: Path) -> tuple[int, str]:
    """Return the format and the id of the workspace in a folder.

    Raises
    ------
    NotFoundError
        If there is none.
    StorageError
        If a newer program wrote it, or its marker is damaged.
    """
    marker = folder / MARKER
    with disk_errors(folder):
        if not marker.exists():
            raise NotFoundError(
                f"There is no workspace in {shown(str(folder))}.", "Make one: mlops init --workspace DIR."
            )
    try:
        found = json.loads(marker.read_text(encoding="utf-8"))
        version, workspace_id = found["format"], str(found["id"])
        if type(version) is not int:  # True and 1.0 are equal to one
            raise TypeError(version)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StorageError(f"{MARKER} in {shown(str(folder))} cannot be read.", "Restore it from a backup.") from error
    check_format(version, f"The workspace {shown(str(folder))}")
    _unlock(folder)  # a crash left its lock
    return version, workspace_id


def empty(folder: Path, workspace_id: str) -> None:
    """Fill a new folder with a history in which nothing has happened."""
    Ledger.create(folder / "ledger.db", workspace_id)


def make(folder: Path, fill: Callable[[Path, str], None] = empty) -> list[Path] | None:
    """Make a workspace in a new or empty folder, whole or not at all.

    Parameters
    ----------
    fill : callable
        Puts its files into the folder that it is given, under the id that it is given.

    Returns
    -------
    list of Path or None
        The folders that were made for it, the innermost first; None if a workspace is there already.

    Raises
    ------
    ConflictError
        If the folder holds something else.
    """
    import filelock

    lock, marker = folder / LOCK, folder / MARKER
    with disk_errors(folder):
        full = folder.is_file() or (folder.is_dir() and any(folder.iterdir()) and not lock.exists())
        if marker.exists():  # asked after that: somebody may just have finished making it
            return None
        if full:
            raise ConflictError(
                f"{shown(str(folder))} holds something that is no workspace.", "Choose a new or empty folder."
            )
        outputs.refuse_kept(folder)
        new = [path for path in (folder, *folder.parents) if not path.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        for path in new:
            sync_folder(path.parent)  # else a power cut can take the folder with all that is durable in it
        with filelock.FileLock(lock):
            made = not marker.exists()
            if made:
                _clear(folder, but=lock)
                workspace_id = new_id("w")
                replace_file(folder / ".gitignore", b"*\n")
                fill(folder, workspace_id)
                replace_file(marker, readable_json({"format": FORMAT, "id": workspace_id}))
        _unlock(folder)
    return new if made else None


def undo(folder: Path, ledger: Ledger, new: list[Path]) -> None:
    """Take a workspace away if nothing was ever recorded in it, and the folders that were made for it."""
    with suppress(OSError, MlopsError), ledger.write() as tx:
        if tx.head()[0] > 0:
            return
        # Nobody else can record anything meanwhile: we hold the ledger, and SQLite refuses one that was removed.
        (folder / MARKER).unlink()
        _clear(folder)
        for path in new:
            path.rmdir()


def fork(ledger: Ledger, artifacts: Artifacts, folder: Path) -> None:
    """Make an independent copy of a workspace as it is now, in a new folder.

    Files never change, so they are linked, not copied, where the file system can.
    """
    from mlops.experiments import config_files
    from mlops.release import request_log

    def fill(folder: Path, workspace_id: str) -> None:
        with ledger.read() as view:
            # The open logs are read under the same look as the ledger, so they fit together.
            copy, logs = view.copy(), request_log.unsealed(view, artifacts)
        with closing(copy):
            named = copy.execute("SELECT path FROM artifacts").fetchall()
            Ledger.save(copy, folder / "ledger.db", workspace_id)
        config_files.copy(artifacts.root, folder)
        for path, requests in logs.items():
            if requests:
                (folder / "predictions").mkdir(exist_ok=True)
                folder.joinpath(*path.split("/")).write_bytes(requests)
        for (path,) in named:
            _link(artifacts.path(path), folder.joinpath(*path.split("/")))

    if make(folder, fill) is None:
        raise ConflictError(f"{shown(str(folder))} is a workspace already.", "Choose a new or empty folder.")


def _unlock(folder: Path) -> None:
    """Remove the lock of a workspace that is whole: without a marker it would say "clear all this".

    By a handle of the folder, where there is such a thing: by now another workspace may stand in its place, which
    somebody is making, and without its lock it would be cleared while it is filled.
    """
    with suppress(OSError):
        if os.unlink in os.supports_dir_fd:
            here = os.open(folder, os.O_RDONLY)
            try:
                os.stat(MARKER, dir_fd=here)
                os.unlink(LOCK, dir_fd=here)
            finally:
                os.close(here)
        elif (folder / MARKER).exists():  # no folder changes its place while somebody has a file of it open
            (folder / LOCK).unlink(missing_ok=True)


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except FileNotFoundError:
        pass  # lost here, lost there: verify names it in both
    except OSError:
        shutil.copyfile(source, target)


def _clear(folder: Path, but: Path | None = None) -> None:
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        elif entry != but:
            entry.unlink()
