"""Server: the app on a socket, from the first request to the last.

It ends as it was asked to: on SIGTERM, Ctrl-C or - for whoever started it as a child - the end of standard input it
takes no new connections, answers what is in flight, tells its callers with each last answer that the connection closes,
and leaves with exit code 0.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from types import FrameType
from typing import Any

import uvicorn

from mlops.base import belts
from mlops.base.errors import ConflictError, InvalidError, shown

KEEP_ALIVE = 75
"""Seconds that a connection may stay without a request: longer than clients keep one, so that it is they who close."""

LAST_CALL = 1.0
"""Seconds in which connections without a request get a last answer before they are closed."""

PATIENCE = 8
"""Seconds after which a request that is still in flight is given up: containers kill what takes ten."""


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Parameters
    ----------
    host : str
        A name or address of this machine.
    port : int
        The port; 0 takes a free one.

    Raises
    ------
    ConflictError
        If another program has the port.
    InvalidError
        If this machine does not have the address, or does not give the port.
    """
    try:
        # With its protocol: asyncio sends small answers at once only where the socket says that it is TCP.
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
        family, kind, protocol, _, address = min(found, key=lambda one: one[0] != socket.AF_INET)
        listener = socket.socket(family, kind, protocol)
        if os.name == "posix":  # after a restart; on Windows it would share the port with whoever has it
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
            listener.listen()
        except BaseException:
            listener.close()
            raise
        return listener
    except (OSError, UnicodeError) as error:  # the latter of a name that is none
        if getattr(error, "errno", None) == errno.EADDRINUSE:
            raise ConflictError(
                f"Another program has port {port} of {shown(host)}.",
                "Stop it, or use another: --port 0 takes a free one.",
            ) from error
        why = getattr(error, "strerror", None) or str(error)
        raise InvalidError(
            f"Nothing can listen on port {port} of {shown(host)}: {why}.",
            "Use an address of this machine and a free port.",
        ) from error


def address(listener: socket.socket) -> str:
    """Return the address under which a listening socket is reached, as the beginning of a URL."""
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def run(app: Any, listener: socket.socket, ready: Callable[[], None], until_eof: bool = False) -> None:
    """Serve an app until the process is asked to end, then finish what is in flight.

    Parameters
    ----------
    app : ASGI application
        What answers.
    listener : socket
        Where it is asked; see `listen`.
    ready : callable
        Called when requests are answered.
    until_eof : bool
        End with standard input as well: whoever holds its other end is gone then.
    """
    belts.quick_turns()
    server = Server(app, ready)
    if until_eof:
        Thread(target=server.end_with_input, name="input", daemon=True).start()
    asyncio.run(server.serve([listener]))


class Server(uvicorn.Server):
    """What `run` runs; setting its `should_exit` ends it, from any thread."""

    def __init__(self, app: Any, ready: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                self._to_the_last(app),
                http="h11",
                ws="none",
                loop="asyncio",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=KEEP_ALIVE,
                timeout_graceful_shutdown=PATIENCE,
            )
        )
        self._ready = ready
        self._signalled = False

    def _to_the_last(self, app: Any) -> Any:
        """Return an app whose answers say that they are the last ones, once the end was asked for."""

        async def answer(scope: Any, receive: Any, send: Any) -> None:
            async def sending(message: Any) -> None:
                if self.should_exit and message["type"] == "http.response.start":
                    message = {**message, "headers": [*message.get("headers", ()), (b"connection", b"close")]}
                await send(message)

            await app(scope, receive, sending)

        return answer

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin, and say so."""
        await super().startup(sockets)
        self._ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End, and at once if a second signal comes; uvicorn would die of it afterwards instead of leaving with 0."""
        self.force_exit = self._signalled
        self._signalled = self.should_exit = True

    def end_with_input(self) -> None:
        """Wait for the end of standard input, and end."""
        with suppress(OSError):  # it was closed before
            while os.read(0, 1 << 16):
                pass
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Leave connections that wait for a request some time for a last one, before they are closed.

        To close one at once is to lose the request that is on its way: its caller would see a reset.
        """
        for listening in self.servers:
            listening.close()
        until = time.monotonic() + LAST_CALL
        while self.server_state.connections and not self.force_exit and time.monotonic() < until:
            await asyncio.sleep(0.02)
        await super().shutdown(sockets)
