"""Flushes: what was written reaches the disk a moment later, many writes at once.

What a process has written outlives the process, however that ends; only a power cut takes what is not on the disk yet.
To wait for the disk takes milliseconds, so whoever writes often, and promises only so much, does not: a flush begins
`GROUP` seconds after the first of the writes it is for, and the process does not end by itself before.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock, Thread

GROUP = 0.1
"""Seconds that a write waits for others."""


class Flushes:
    """What this process has written and not flushed, by a path that names it."""

    def __init__(self) -> None:
        self._due: dict[Path, Callable[[], None]] = {}
        self._failed: dict[Path, Exception] = {}
        self._lock, self._flushing = Lock(), Lock()
        self._works = False

    def later(self, path: Path, flush: Callable[[], None]) -> None:
        """Let `flush` be called soon, in another thread, for all that was written until then."""
        with self._lock:
            self._due[path] = flush
            begins, self._works = not self._works, True
        if begins:
            try:
                Thread(target=self._work, name="flushes").start()  # no daemon: a process that ends waits for it
            except RuntimeError:  # it is ending already, and begins no threads any more
                self._works = False
                self.now()

    def now(self) -> None:
        """Flush all that is due; return when it is done, also if another thread does it."""
        with self._flushing:
            with self._lock:
                due, self._due = self._due, {}
            for path, flush in due.items():
                try:
                    flush()
                except Exception as error:  # whatever it is, the thread goes on, and the next to ask is told
                    self._failed[path] = error

    def _work(self) -> None:
        """Flush again and again, until nothing was written since the last time."""
        while True:
            time.sleep(GROUP)
            with self._lock:
                self._works = bool(self._due)
                if not self._works:
                    return
            self.now()

    def check(self, path: Path) -> None:
        """Raise what the disk said to the last flush, once: nobody goes on as if it had taken everything."""
        if failed := self._failed.pop(path, None):
            raise failed


FLUSHES = Flushes()
"""Those of this process."""

if hasattr(os, "register_at_fork"):  # the thread that flushes for a process is not in its children
    os.register_at_fork(after_in_child=FLUSHES.__init__)  # type: ignore[misc]
