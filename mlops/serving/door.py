"""The door of the server: who may ask, what every answer says, and that every request is counted.

Each is an ASGI middleware, and answers in the words of the app.
"""

from __future__ import annotations

import base64
import binascii
import logging
import time
from contextlib import suppress
from hmac import compare_digest
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders

from mlops.base.errors import InvalidError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from mlops.serving.counters import Counters

OPEN = ("/live", "/ready")
"""Routes that need no token: probes ask them, and they tell nothing of the model."""

HEADERS = {
    "Cache-Control": "no-store",
    # Nothing on the page of documents comes from elsewhere or is sent there, and no other page may show it.
    "Content-Security-Policy": "default-src 'self' 'unsafe-inline' data:; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}
"""What every answer says to a browser."""

_log = logging.getLogger(__name__)


class Counted:
    """Count each request, give its answer the `HEADERS`, and answer for what goes wrong inside.

    Parameters
    ----------
    app : ASGI application
    counters : Counters
        Told of each request: by its route, for a path could be anything.
    failed : ASGI application
        Says that something went wrong.
    """

    def __init__(self, app: ASGIApp, counters: Counters, failed: ASGIApp) -> None:
        self._app, self._counters, self._failed = app, counters, failed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0
        scope = {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope  # the server leaves the body out

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception:
            _log.exception("A request could not be answered.")
            if status:
                raise  # half an answer cannot be taken back
            await self._failed(scope, receive, sending)
        finally:
            route = getattr(scope.get("route"), "path", "other")
            self._counters.request(route, status, time.perf_counter() - began)


class Guarded:
    """Let those ask who bring the token of the server, and everybody where it has none.

    Parameters
    ----------
    app : ASGI application
    token : str or None
        The token; see `check_token`.
    refused : ASGI application
        Says so to others.
    """

    def __init__(self, app: ASGIApp, token: str | None, refused: ASGIApp) -> None:
        self._app, self._token, self._refused = app, token, refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        may = scope["type"] != "http" or scope["path"] in OPEN or self._knows(Headers(scope=scope))
        await (self._app if may else self._refused)(scope, receive, send)

    def _knows(self, headers: Headers) -> bool:
        """Tell whether a request brings the token, compared in the same time whatever it brings."""
        return self._token is None or compare_digest(_brought(headers).encode(), self._token.encode())


def check_token(token: str | None) -> str | None:
    """Return a token that a header can bring, or None.

    Raises
    ------
    InvalidError
        If it is another one.

    Examples
    --------
    >>> check_token("s3cret"), check_token(None)
    ('s3cret', None)
    """
    if token is not None and not (token and token.isascii() and token.isprintable() and " " not in token):
        raise InvalidError(
            "The token is not printable ASCII without spaces, so no request could bring it.",
            "Set MLOPS_TOKEN to letters and digits.",
        )
    return token


def _brought(headers: Headers) -> str:
    """Return the token that a request brings: as a bearer, or as the password that a browser asked for."""
    scheme, _, said = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return said.strip()
    with suppress(binascii.Error):
        if scheme.lower() == "basic":
            return base64.b64decode(said, validate=True).decode("latin-1").partition(":")[2]
    return ""
