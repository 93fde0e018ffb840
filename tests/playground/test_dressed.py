"""Dressed: a page carries the app's own style from its first byte; whatever is no page is left alone."""

from __future__ import annotations

import asyncio

import pytest
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from playground.dressed import Dressed

PAGE = "<html><body><p>Hello</p></body></html>"


def answer(response: Response, accept: str = "text/html", method: str = "GET", asked=()):
    """Ask for a page; return the status, the headers, the body, and the headers that the app was asked with."""
    sent, heard = [], []

    async def app(scope, receive, send):
        heard.extend(name for name, _ in scope["headers"])
        await response(scope, receive, send)

    async def send(message):
        sent.append(message)

    headers = [(b"accept", accept.encode()), *((name, b"x") for name in asked)]
    scope = {"type": "http", "method": method, "path": "/data", "headers": headers}
    asyncio.run(Dressed(app, ".panel { position: fixed; }")(scope, None, send))
    return sent[0]["status"], dict(sent[0]["headers"]), b"".join(one["body"] for one in sent[1:]), heard


def test_a_page_has_the_style_after_all_others():
    """Last in the body it wins over the framework's own, and its length is told as it is now."""
    status, headers, body, _ = answer(HTMLResponse(PAGE, headers={"etag": "old", "last-modified": "once"}))
    assert status == 200
    assert body.decode() == PAGE.replace("</body>", "<style>\n.panel { position: fixed; }</style>\n</body>")
    assert headers[b"content-length"] == str(len(body)).encode()
    assert not {b"etag", b"last-modified"} & set(headers)


def test_a_browser_that_has_the_page_gets_the_style_of_today():
    """A page of another day would keep its style; and what is packed could not be read here."""
    *_, heard = answer(
        HTMLResponse(PAGE), asked=(b"if-none-match", b"if-modified-since", b"accept-encoding", b"cookie")
    )
    assert heard == [b"accept", b"cookie"]


@pytest.mark.parametrize(
    ("response", "accept"),
    [
        (PlainTextResponse("</body>"), "text/html"),
        (HTMLResponse(PAGE), "*/*"),
        (HTMLResponse(PAGE, status_code=403), "text/html"),
    ],
)
def test_what_is_no_page_is_left_alone(response, accept):
    """Files, what a script asks for, and refusals."""
    _, headers, body, _ = answer(response, accept)
    assert body == response.body and headers[b"content-length"] == str(len(body)).encode()


def test_who_asks_for_the_head_gets_no_body():
    """As the protocol has it."""
    assert answer(HTMLResponse(PAGE), method="HEAD")[2] == b""
