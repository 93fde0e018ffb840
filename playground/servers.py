"""Servers: those that the screens of one app have started, and whose turn it is.

There is one for each workspace, environment and model name, whoever looks at it. So that a class fits on one machine
only a few run at a time; where there is no room, the one that was idle longest gives way.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock

from mlops import MlopsError
from mlops.base.errors import RefusedError
from playground import limits
from playground.rest import Place, Server

SPARE = 5.0
"""Seconds without a call after which a server gives way where all are in use: a class has its turns."""

TURN = 60.0
"""Seconds that somebody waits for a turn, at most."""

TICK = 0.2
"""Seconds between two looks at whether there is room by now."""


class Servers:
    """The servers that the screens of one app have started."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._servers: dict[Place, Server] = {}
        self._lock = Lock()

    def start(self, place: Place, port: int = 0, patience: float = 0.0) -> Server:
        """Start a server; where one runs there, it is the one.

        Parameters
        ----------
        patience : float
            Seconds to wait for a turn, where all servers are in use.

        Raises
        ------
        RefusedError
            If as many run as have room, and all of them are in use.
        """
        until = time.monotonic() + patience
        while (found := self._started(place, port)) is None:
            if time.monotonic() >= until:
                raise RefusedError(
                    f"{self._most} servers are in use on this machine, which is all it has room for.",
                    f"Try again: one that nobody calls for {SPARE:g} seconds gives way.",
                )
            time.sleep(TICK)
        return found

    def _started(self, place: Place, port: int) -> Server | None:
        """Return the server of a place, started where none runs; None where there is no room for it."""
        with self._lock:
            there = self._servers.get(place)
            if there and there.runs:
                return there
            running = [one for one in self._servers.values() if one.runs]
            if len(running) >= self._most:
                longest = max(running, key=lambda one: one.idle)
                if longest.idle < SPARE:
                    return None
                longest.leave("It was idle and gave way to another one: all are in use here. Start it again.")
            self._servers[place] = Server(place, port)
            return self._servers[place]

    def of(self, place: Place) -> Server | None:
        """Return the server of a place, also one that has ended; None if none was started."""
        return self._servers.get(place)

    def stop(self, place: Place) -> None:
        """Stop the server of a place and forget it, if there is one."""
        with self._lock:
            there = self._servers.pop(place, None)
        if there:
            there.leave()


@cache
def of_app() -> Servers:
    """Return the servers of this app."""
    return Servers(limits.servers())


@contextmanager
def running(place: Place) -> Iterator[Server]:
    """Have a server for a moment: the one that runs there, or one that ends afterwards."""
    there = of_app().of(place)
    if there and there.seen.state == "answers":
        yield there
        return
    server = Server(place)
    try:
        if server.ready().state == "ended":
            raise MlopsError(f"No server could be started: {server.seen.why}", "Try again.")
        yield server
    finally:
        server.stop()
