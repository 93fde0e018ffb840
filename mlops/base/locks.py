"""Locks: files that tell whether the process that works on something still lives.

A lock is the operating system's: whoever holds it loses it when their process ends, however it ends. Processes are
never recognised by their number, for numbers are reused.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from mlops.base.errors import BusyError

PAUSE = 0.001
"""Seconds after which one who waits for a lock tries again: none is held for long."""


def take(path: Path) -> BinaryIO | None:
    """Lock a file, making it if there is none; None if another one holds it, or is just removing it.

    Closing the file that is returned gives the lock back. It has no buffer: to close it needs no room on the disk.
    """
    import filelock

    file = open(path, "a+b", buffering=0)  # noqa: SIM115 - open for as long as it is held
    try:
        # A name that went between the two calls guards nothing: the next one to come would lock another file.
        if filelock.lock_descriptor(file.fileno(), blocking=False) and os.fstat(file.fileno()).st_nlink:
            return file
    except BaseException:
        file.close()
        raise
    file.close()
    return None


@contextmanager
def turn(path: Path, seconds: float) -> Iterator[None]:
    """Hold the lock of a file, as soon as nobody else does.

    Raises
    ------
    BusyError
        If that takes too long.
    """
    import filelock

    until = time.monotonic() + seconds
    while (lock := take(path)) is None:
        if time.monotonic() > until:
            raise BusyError(f"Another program holds {path}.", "Nothing was recorded. Try again when it has let go.")
        time.sleep(PAUSE)
    with lock:
        try:
            yield
        finally:
            # Said, and not only closed: a child that was forked meanwhile has the file open as well, and would hold it.
            filelock.unlock_descriptor(lock.fileno())


def drop(lock: BinaryIO, path: Path) -> None:
    """Give a lock back, and remove its file."""
    if sys.platform == "win32":  # where nobody can remove a file that is open
        lock.close()
    with suppress(OSError):
        path.unlink(missing_ok=True)
    # Elsewhere before it is given back: a name that is removed afterwards may be the lock of the next one already.
    lock.close()


def is_held(path: Path) -> bool:
    """Tell whether a process holds a lock; where that cannot be told, none is declared dead."""
    import filelock

    try:
        with path.open("r+b") as file:  # never made here, where nobody would remove it
            if free := filelock.lock_descriptor(file.fileno(), blocking=False):
                filelock.unlock_descriptor(file.fileno())
            return not free
    except FileNotFoundError:
        return False
    except OSError:
        return True
