"""Dressed: every page comes with the app's own style, before anything is drawn on it.

What a script sends arrives after the first elements, and its part of the browser is loaded after them as well. Until
then what has a place of its own, such as the panel of a stop, would stand above the page and push it down.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ASKED_AGAIN = (b"if-none-match", b"if-modified-since", b"range", b"accept-encoding")
"""Headers that are about the page as it is on the disk, or would have it packed before the style is in it."""

_OF_THE_FILE = (b"content-length", b"etag", b"last-modified", b"accept-ranges")


class Dressed:
    """ASGI middleware: puts a style at the end of every HTML page, where it comes after the framework's own.

    Parameters
    ----------
    app : ASGI application
    css : str
        The style.
    """

    def __init__(self, app: ASGIApp, css: str) -> None:
        self._app = app
        self._style = f"<style>\n{css}</style>\n".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; a page gets the style."""
        if scope["type"] != "http" or not _wants_a_page(scope):
            await self._app(scope, receive, send)
            return
        start: dict[str, Any] = {}
        body: list[bytes] = []

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_page(message):
                start.update(message)
            elif message["type"] == "http.response.body" and start:
                body.append(message.get("body", b""))
                if not message.get("more_body"):
                    await self._send(start, b"".join(body), scope["method"], send)
            else:
                await send(message)

        headers = [one for one in scope["headers"] if one[0].lower() not in _ASKED_AGAIN]
        await self._app({**scope, "headers": headers}, receive, sent)

    async def _send(self, start: dict[str, Any], page: bytes, method: str, send: Send) -> None:
        before, mark, after = page.rpartition(b"</body>")
        dressed = before + self._style + mark + after
        headers = [one for one in start["headers"] if one[0].lower() not in _OF_THE_FILE]
        if method != "HEAD":
            headers.append((b"content-length", str(len(dressed)).encode()))
        await send({**start, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if method == "HEAD" else dressed})


def _wants_a_page(scope: Scope) -> bool:
    return scope["method"] in ("GET", "HEAD") and any(
        name.lower() == b"accept" and b"text/html" in value for name, value in scope["headers"]
    )


def _is_page(message: Message) -> bool:
    return message["status"] == 200 and any(
        name.lower() == b"content-type" and value.startswith(b"text/html") for name, value in message["headers"]
    )
