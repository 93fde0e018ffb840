"""Hosts: the app answers by names of this machine, and a page of a stranger that points at it gets nothing."""

from __future__ import annotations

import asyncio
import socket

import pytest

from mlops.serving.hosts import OwnNames, is_loopback
from tests.browser import served


def status(host: str | None, kind: str = "http", names=(), bound="localhost", reached="192.168.1.5") -> int:
    """Ask for a host, and return the status of the answer; 200 if the app itself was asked."""
    sent = []

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200})

    async def send(message):
        sent.append(message)

    headers = [] if host is None else [(b"host", host.encode())]
    scope = {"type": kind, "headers": headers, "server": (reached, 8501), "method": "GET", "path": "/"}
    asyncio.run(OwnNames(app, names, lambda: bound)(scope, None, send))
    return sent[0]["status"]


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8501", "LocalHost.", "127.0.0.1:8501", "127.8.8.8", "[::1]:8501", "[0:0::1]", "192.168.1.5:8501",
     "class-pc", "class-pc:80", "box.home"],
)  # fmt: skip
def test_whoever_asks_by_a_name_of_this_machine_is_answered(host, kind):
    """Its loopback, the address it was reached at, the one it was bound to, and what was allowed by name."""
    assert status(host, kind, names=["Class-PC:8501", " "], bound="box.home") == 200


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    "host",
    [None, "", "evil.example", "evil.example:8501", "localhost.evil.example", "evil-localhost", "127.0.0.1.evil.example",
     "localhost@evil.example", "evil@localhost", "localhost/x", "localhost:port", "localhost:99999", "[::1", "10.0.0.1", "2130706433", "*"],
)  # fmt: skip
def test_a_foreign_name_is_refused(host, kind):
    """Also one that contains or resembles a name of ours."""
    assert status(host, kind, names=[""]) == 403


def test_a_host_that_is_named_twice_is_refused():
    """Who reads the first and who reads the second would disagree."""
    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "headers": [(b"host", b"localhost")] * 2, "server": ("127.0.0.1", 1)}
    asyncio.run(OwnNames(None, [], lambda: None)(scope, None, send))
    assert sent[0]["status"] == 403


def test_an_address_of_both_kinds_is_one():
    """A server that is bound to all addresses of both kinds sees those of IPv4 as ones of IPv6."""
    assert status("192.168.1.5", bound="::", reached="::ffff:192.168.1.5") == 200


def test_only_this_machine_reaches_a_loopback_address():
    """A name that could mean anything is none."""
    assert [is_loopback(host) for host in ("localhost", "127.0.0.1", "127.1.2.3", "::1")] == [True] * 4
    assert [is_loopback(host) for host in ("0.0.0.0", "::", "", "192.168.0.5", "example")] == [False] * 5


UPGRADE = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"


def test_the_served_app_refuses_them_for_pages_and_for_websockets(tmp_path, monkeypatch):
    """Through the same launcher as everybody starts it, before anything of Streamlit is reached."""
    monkeypatch.setenv("MLOPS_HOSTS", "class-pc, other")
    with served(tmp_path / "workspace") as address:
        port = int(address.rpartition(":")[2])

        def first_line(host: str, path: str, more: str = "Connection: close\r\n") -> str:
            with socket.create_connection(("localhost", port), timeout=10) as line:
                line.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{more}\r\n".encode())
                return line.recv(4000).split(b"\r\n")[0].decode()

        for host, page, stream in (("class-pc", 200, 101), (f"127.0.0.1:{port}", 200, 101), ("evil.example", 403, 403)):
            assert f" {page} " in first_line(host, "/")
            assert f" {stream} " in first_line(host, "/_stcore/stream", UPGRADE)
    assert not (tmp_path / "workspace").exists()
