"""Follower: the process beside a server in which a silent candidate answers.

It has a process of its own, of little priority, and not a thread: a thread would take the interpreter from the requests
that it must not delay, and a candidate that breaks - out of memory, out of its mind - would take the server with it. It
reads what the server logged, so it begins where the one before it ended. It ends with its server, however that ends:
then its standard input does.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

from mlops.base import provenance
from mlops.base.errors import Cancelled, MlopsError, NotFoundError
from mlops.base.flushes import FLUSHES
from mlops.production.shadow import Shadow
from mlops.workspace import Workspace

LOOK = 0.5
"""Seconds between two looks at what was asked."""

AGAIN = 5.0
"""Seconds after which a process that ended by itself is replaced."""

PATIENCE = 5.0
"""Seconds in which a process ends that is asked to; after that it is ended."""


class Follower:
    """Lets a silent candidate answer what a server is asked.

    Parameters
    ----------
    ws : Workspace
        The workspace.
    shadow : Shadow
        The candidate at its place.
    say : callable
        Called with what somebody should know, in words.
    """

    def __init__(self, ws: Workspace, shadow: Shadow, say: Callable[[str], None]) -> None:
        self._order = {
            "workspace": str(ws.path.absolute()),
            "actor": ws.actor,
            "environment": shadow.environment,
            "model": shadow.model,
        }
        self._say = say
        self._ends = Event()
        self._thread = Thread(target=self._watch, name="follower", daemon=True)

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self) -> None:
        """End; what it is answering at this moment it answers, if that does not take long."""
        self._ends.set()
        self._thread.join()

    def _watch(self) -> None:
        """Keep a process until it is done, or until the end is asked for."""
        while not self._ends.is_set():
            process = _spawn(self._order)
            while process.poll() is None and not self._ends.wait(LOOK):
                pass
            assert process.stdin is not None
            with suppress(OSError):
                process.stdin.close()
            try:
                code = process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                return
            if code == 0:
                return  # done: its candidate went live, or somebody stopped it
            self._say(f"! The silent candidate's process ended with {code}; another one begins in {AGAIN:g} seconds.")
            self._ends.wait(AGAIN)


def _spawn(order: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start the process; a Ctrl-C that is meant for the server does not reach it, but the end of its input does."""
    return subprocess.Popen(
        [sys.executable, "-m", "mlops.serving.follower", json.dumps(order)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        cwd=Path(__file__).parents[2],
        env=provenance.one_thread(),
        start_new_session=True,
        creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0)
        | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )


def follow(ws: Workspace, environment: str, model: str, ends: Event, say: Callable[[str], None]) -> None:
    """Follow until the silent candidate is stopped, went live, or the end is asked for; say each trouble once."""

    def look(_: int) -> None:
        if ends.is_set():
            raise Cancelled("The server ends.", "What is left is answered once one is started again.")

    trouble = ""
    while not ends.wait(LOOK):
        try:
            if ws.shadow.now(environment, model) is None:
                return
            ws.shadow.follow(environment, model, look)
            trouble = ""
        except (NotFoundError, Cancelled):
            continue  # it ended meanwhile
        except MlopsError as error:
            if trouble != (trouble := str(error)):
                say(f"! The silent candidate does not answer: {trouble}")


def main(order: dict[str, str]) -> None:
    """Be the process."""
    with suppress(AttributeError, OSError):  # Windows has no nice
        os.nice(19)
    ends = Event()

    def wait_for_the_end() -> None:
        while os.read(0, 1 << 16):
            pass
        ends.set()

    Thread(target=wait_for_the_end, daemon=True).start()
    ws = Workspace.open(order["workspace"], create=False, actor=order["actor"])
    follow(ws, order["environment"], order["model"], ends, lambda said: print(said, file=sys.stderr, flush=True))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
    FLUSHES.now()
    os._exit(0)  # at once: a process that ends waits until all that it imported is taken down
