"""Hosts: under which names a server answers, the app as well as REST.

A browser that was told a stranger's name for this machine (DNS rebinding) would let the stranger's page read the app as
if it were its own. So a request is answered only if it asks for this machine by a name that is ours: localhost, a
loopback address, the address that the server was bound to or was reached at, or a name in `MLOPS_HOSTS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

SAID = "This server is not known by that name. Whoever runs it can add the name to MLOPS_HOSTS."


class OwnNames:
    """ASGI middleware: pages and websockets are for those who ask by a name of this machine; all others get 403.

    Parameters
    ----------
    app : ASGI application
    names : iterable of str
        Further names, as ``MLOPS_HOSTS`` has them; a port is ignored.
    bound : callable
        Tells the address that the server was bound to, once it is known.
    refused : ASGI application, optional
        Says so to others, in the words of the server; plain text if not given.
    """

    def __init__(
        self, app: ASGIApp, names: Iterable[str], bound: Callable[[], str | None], refused: ASGIApp | None = None
    ) -> None:
        self._app, self._refused = app, refused
        self._names = {name for text in names if (name := host_in(text.strip()))}
        self._bound = bound

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] in ("http", "websocket") and not self._knows(scope):
            from starlette.responses import PlainTextResponse

            refused = self._refused or PlainTextResponse(f"{SAID}\n", status_code=403)
            await refused(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _knows(self, scope: Scope) -> bool:
        hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        host = host_in(hosts[0]) if len(hosts) == 1 else None
        if host is None:
            return False
        if is_loopback(host) or host in {host_in(self._bound() or ""), *self._names}:
            return True
        # An address is no name that anybody could point elsewhere; where all are bound, it is the one in use.
        reached, asked = _address((scope.get("server") or ("",))[0]), _address(host)
        return asked is not None and asked == reached


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine as only its own programs reach it.

    Examples
    --------
    >>> is_loopback("localhost"), is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("0.0.0.0"), is_loopback("")
    (True, True, True, False, False)
    """
    found = _address(host)
    return host == "localhost" or (found is not None and found.is_loopback)


def host_in(header: str) -> str | None:
    """Return the host that a Host header names, without its port; None if it names none.

    Examples
    --------
    >>> host_in("LOCALHOST:8501"), host_in("[::1]:8501"), host_in("a@b"), host_in("")
    ('localhost', '::1', None, None)
    """
    try:
        parts = urlsplit(f"//{header}")
        plain = parts.port is None or parts.port >= 0  # asking for it refuses what is no port
    except ValueError:
        return None
    plain = plain and parts.username is None and not (parts.path or parts.query or parts.fragment)
    return parts.hostname.rstrip(".") if plain and parts.hostname else None


def _address(text: Any) -> IPv4Address | IPv6Address | None:
    """Return an address, that of IPv4 where it is written as one of IPv6; None if it is none."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
