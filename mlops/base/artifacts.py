"""Artifacts: files that are written once, whole, and never change.

Writing has two acts. *Staging* puts the bytes into a private folder, hashes them on the way and makes
them durable; nobody can see them yet. *Publishing* links them to their final name. The ledger
publishes inside the transaction that names the file (`Transaction.append`), so a file the ledger names
is always whole. What a killed process leaves of both is told in `leftovers`.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import stat
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from mlops.base import locks
from mlops.base.errors import IntegrityError, MlopsError, StorageError
from mlops.base.records import new_id

CHUNK = 1 << 20

SMALL = 64 << 20
"""Bytes up to which a file is kept in memory as long as somebody works on it."""

FOLDERS = ("data", "experiments", "models", "predictions", "cache", "tmp")
"""Below these everything is the workspace's; what a user keeps beside them is their own."""


@dataclass(frozen=True)
class Staged:
    """A complete, durable file that has no name in the workspace yet."""

    file: Path
    """Where the bytes are now."""
    sha256: str
    """Hash of the bytes."""
    size: int
    """Number of bytes."""


class StagedWriter(io.RawIOBase):
    """A binary file for writing that hashes what passes through; `staged` tells the result.

    It can neither be read nor sought in: hashed bytes cannot be changed.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO = open(path, "xb")  # noqa: SIM115 - closed by __exit__
        self._hash = hashlib.sha256()
        self._size = 0

    def write(self, data: Any) -> int:
        """Write all of `data` and return its length in bytes."""
        view = memoryview(data).cast("B")
        with disk_errors(self._path):
            self._file.write(view)
        self._hash.update(view)
        self._size += view.nbytes
        return view.nbytes

    def tell(self) -> int:
        """Return the number of bytes written so far."""
        return self._size

    def writable(self) -> bool:
        """Return True: libraries ask before they write."""
        return True

    def close(self) -> None:
        """Do nothing: leaving the ``with`` block closes the file (libraries like to close what they get)."""

    def __enter__(self) -> StagedWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        super().close()
        with disk_errors(self._path), self._file:  # closing writes as well: what is left in the buffer
            if kind is None:
                self._file.flush()
                os.fsync(self._file.fileno())

    @property
    def staged(self) -> Staged:
        """The finished file; only after the ``with`` block."""
        return Staged(self._path, self._hash.hexdigest(), self._size)


LOCK = "lock"
"""File of a stage that is locked as long as its process lives."""


class Stage:
    """A private folder in which files wait to be published; its lock tells others that its process lives.

    Parameters
    ----------
    folder : Path
        Where it is made.
    prefix : str
        How its name begins, which tells whose it is.
    """

    def __init__(self, folder: Path, prefix: str) -> None:
        self._where, self._prefix = folder, prefix
        self._open()

    def _open(self) -> None:
        lock = None
        with disk_errors(self._where):
            while lock is None:
                self.folder = self._where / new_id(self._prefix)
                self.folder.mkdir(parents=True)
                with suppress(FileNotFoundError):  # somebody took it for abandoned before it was locked
                    lock = locks.take(self.folder / LOCK)
        self._lock = lock

    def writer(self, name: str) -> StagedWriter:
        """Open a new file of the stage for writing."""
        with disk_errors(self.folder):
            return StagedWriter(self.folder / name)

    def clear(self) -> None:
        """Remove what waits, and go on in a new and empty folder."""
        self.close()
        self._open()

    def close(self) -> None:
        """Remove the folder with all that was not published."""
        remove_stage(self.folder, self._lock)

    def write(self, name: str, data: bytes) -> Staged:
        """Write a small file in one go."""
        with self.writer(name) as file:
            file.write(data)
        return file.staged


class Artifacts:
    """The files of one workspace, addressed by their path below its root (with forward slashes)."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def tmp(self) -> Path:
        """Where stages are, and what belongs to a run as long as it is under way."""
        return self.root / "tmp"

    @contextmanager
    def stage(self, prefix: str = "stage-") -> Iterator[Stage]:
        """Open a stage; whatever was not published is gone when the block ends. The prefix tells whose it is."""
        stage = Stage(self.tmp, prefix)
        try:
            yield stage
        finally:
            stage.close()

    def path(self, path: str) -> Path:
        """Return where the artifact lies on this machine."""
        return self.root.joinpath(*path.split("/"))

    def existing(self, path: str, sha256: str) -> Staged:
        """Return a published artifact as if staged, so that a second name can link the same bytes."""
        return Staged(self.path(path), sha256, self.path(path).stat().st_size)

    def publish(self, files: Mapping[str, Staged]) -> None:
        """Give staged files their final names and make the names durable.

        The ledger calls this while it holds its write lock, for paths it has never named.
        """
        folders: dict[Path, None] = {}
        for path, staged in files.items():
            final = self.path(path)
            with disk_errors(final):
                final.parent.mkdir(parents=True, exist_ok=True)
                self._link(staged, final)
            # Up to the root, also where the folders exist: whoever made them may have died before making them durable.
            folders |= dict.fromkeys(folder for folder in final.parents if folder.is_relative_to(self.root))
        for folder in folders:
            with disk_errors(folder):
                sync_folder(folder)

    def _link(self, staged: Staged, final: Path) -> None:
        """Link `staged` to its final name; a leftover there that the ledger never named gives way."""
        try:
            os.link(staged.file, final)
            return
        except FileExistsError:
            with open(final, "rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() == staged.sha256:
                    return
        except OSError:
            pass  # a file system without hard links
        with self.stage() as stage:
            _replace(final, staged.file, stage.folder / final.name)

    def read(self, path: str, sha256: str) -> bytes:
        """Return the bytes of an artifact after checking that they are the ones the ledger names.

        Raises
        ------
        IntegrityError
            If the file is missing or one byte differs.
        """
        try:
            data = self.path(path).read_bytes()
        except OSError as error:
            raise _damaged(path, sha256, "no file") from error
        observed = hashlib.sha256(data).hexdigest()
        if observed != sha256:
            raise _damaged(path, sha256, observed)
        return data

    def hash(self, path: str) -> str | None:
        """Return the SHA-256 of the file as it is now; None if there is none that can be read."""
        try:
            if not stat.S_ISREG(self.path(path).stat().st_mode):  # a pipe has no end
                return None
            with open(self.path(path), "rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            return None


class ReadOnce(Artifacts):
    """The files of a workspace for one piece of work, which reads each once: what was checked is what is used."""

    def __init__(self, artifacts: Artifacts) -> None:
        super().__init__(artifacts.root)
        self._kept: dict[str, tuple[str, bytes]] = {}

    def read(self, path: str, sha256: str) -> bytes:
        """Return the bytes of an artifact; see `Artifacts.read`."""
        if path not in self._kept or self._kept[path][0] != sha256:
            self._kept[path] = sha256, super().read(path, sha256)
        return self._kept[path][1]

    def hash(self, path: str) -> str | None:
        """Return the SHA-256 of a file; a small one is kept for whoever reads it next."""
        with suppress(OSError):
            if path not in self._kept and _is_small(self.path(path)):
                data = self.path(path).read_bytes()
                self._kept[path] = hashlib.sha256(data).hexdigest(), data
        return self._kept[path][0] if path in self._kept else super().hash(path)


def _is_small(path: Path) -> bool:
    found = path.stat()
    return stat.S_ISREG(found.st_mode) and found.st_size <= SMALL


def remove_stage(folder: Path, lock: BinaryIO) -> None:
    """Remove a stage and give its lock back."""
    if sys.platform == "win32":  # where nobody can remove a file that is open
        lock.close()
    shutil.rmtree(folder, ignore_errors=True)
    # Elsewhere afterwards: whoever finds the folder meanwhile also finds that it is somebody's.
    lock.close()


def _replace(path: Path, content: bytes | Path, beside: Path) -> None:
    """Put bytes, or a copy of another file, at a name: the old content or the new one, never a half."""
    try:
        with open(beside, "xb") as file:
            if isinstance(content, Path):
                with open(content, "rb") as source:
                    shutil.copyfileobj(source, file, CHUNK)
            else:
                file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable (Windows does this with the file itself)."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_file(path: Path, content: bytes | Path) -> None:
    """Put bytes, or a copy of a file, durably at a name of the user's choice: the old one or the new one, whole."""
    with disk_errors(path, so=""):  # where only the last step failed, the new one is there
        _replace(path, content, path.with_name(f".{path.name}.{new_id('part-')}"))
        sync_folder(path.parent)


@contextmanager
def disk_errors(path: Path, so: str = "Nothing was recorded. ") -> Iterator[None]:
    """Say in our words that the disk did not take something; `so` tells what that means."""
    try:
        yield
    except OSError as error:
        if isinstance(error, MlopsError):
            raise
        raise StorageError(
            f"{path} could not be written: {error.strerror or error}.",
            f"{so}Check free space and permissions, then try again.",
        ) from error


def _damaged(path: str, expected: str, observed: str) -> IntegrityError:
    return IntegrityError(
        f"{path} is not the file that was recorded: expected SHA-256 {expected[:12]}..., found {observed[:12]}.",
        "Nothing was loaded. Run mlops verify, and restore the file from a backup.",
        [{"row": None, "field": path, "expected": expected, "got": observed}],
    )
