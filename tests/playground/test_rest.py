"""REST servers that a screen starts: real processes, started, called, ended, and refused with what to do."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from mlops import MlopsError, Workspace
from mlops.base.errors import RefusedError
from playground import limits, one_row
from playground import servers as module
from playground.rest import Place, Seen, Server
from playground.servers import Servers

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60


def place_of(ws: Workspace) -> Place:
    return Place(str(ws.path.absolute()), "production", "churn_model")


def until(true):
    end = time.monotonic() + PATIENCE
    while not (found := true()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return found


def row_of(ws: Workspace) -> dict:
    who, row = next(iter(one_row.examples(ws.models.metadata("churn_model@1.1.0")).items()))
    return {"customer_id": who, **row}


@pytest.fixture
def servers():
    """Servers that end with the test."""
    found = Servers(most=2)
    yield found
    for place in [*found._servers]:
        found._servers[place].stop()


def test_a_server_is_started_called_and_seen_to_follow_a_rollback(released, servers, monkeypatch):
    """Its answers are those of the log, whoever called is counted, and the next call names the version of then."""
    monkeypatch.setenv("MLOPS_TOKEN", "a-secret")
    place, row = place_of(released), row_of(released)
    server = servers.start(place)
    assert servers.start(place) is server and server.ready().state == "answers"
    first = server.call(row)
    [logged] = released.predictions.list()
    assert (first.status, first.version, first.number) == (200, "1.1.0", 1)
    assert first.answer == logged["answer"] and logged["door"] == "rest" and first.milliseconds > 0
    refused = server.call({"age": "old"})
    assert refused.status == 422 and refused.answer["error"]["details"] and refused.version == ""
    with urlopen(Request(f"{server.seen.url}/predict", json.dumps(row).encode(), {
        "Content-Type": "application/json", "Authorization": "Bearer a-secret",
    })) as reply:  # fmt: skip
        assert reply.status == 200
    until(lambda: server.seen.calls == 3)
    released.rollback("production", "complaints")
    until(lambda: server.seen.version == "1.0.0")
    assert server.seen.before == "1.1.0" and server.call(row).version == "1.0.0"
    servers.stop(place)
    assert servers.of(place) is None
    until(lambda: server.seen.state == "ended")
    with pytest.raises(MlopsError, match="does not answer any more"):
        server.call(row)


@pytest.mark.slow
def test_a_server_that_dies_says_so_and_can_be_started_again(released, servers):
    """What it was is not forgotten in silence."""
    server = servers.start(place_of(released))
    server.ready()
    server._process.kill()
    until(lambda: server.seen.state == "ended")
    assert "ended it from outside" in server.seen.why or os.name != "posix"
    again = servers.start(place_of(released))
    assert again is not server and again.ready().state == "answers"


@pytest.mark.slow
def test_a_taken_port_is_refused_with_a_way_out(released, servers):
    """By the server itself: the screen says what it says."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        seen = servers.start(place_of(released), port).ready()
    assert seen.state == "ended" and f"Another program has port {port}" in seen.why


@pytest.mark.slow
def test_an_idle_server_ends_and_says_why(released):
    """Nobody has to remember it."""
    server = Server(place_of(released), idle=1.5)
    server.ready()
    server.call(row_of(released))
    until(lambda: server.seen.state == "ended")
    assert "Nobody called it" in server.seen.why and server._process.poll() == 0


@pytest.mark.slow
def test_where_no_room_is_left_the_one_that_was_idle_longest_gives_way(
    released, two_live, trained, servers, monkeypatch
):
    """Never one in use; that is said, and whose it was can start it again."""
    places = [Place(str(two_live.path), "production", name) for name in ("churn_model", "guest_model")]
    first = servers.start(places[0])
    assert first.ready().version == "1.1.0"
    second = servers.start(places[1])
    assert second.ready().version == "1.1.0"
    monkeypatch.setattr(module, "SPARE", 600.0)
    with pytest.raises(RefusedError, match="2 servers are in use .* all it has room for"):
        servers.start(place_of(released))
    assert first.idle > second.idle
    monkeypatch.setattr(module, "SPARE", first.idle + 2)
    third = servers.start(place_of(released), patience=60)
    assert servers.of(places[0]) is first and not first.runs
    until(lambda: first.seen.state == "ended")
    assert "gave way to another one" in first.seen.why and second.seen.state == "answers"
    assert third.ready().state == "answers" and first._process.poll() == 0


STARTER = """
import sys, time
from playground import servers
from playground.rest import Place
server = servers.of_app().start(Place(sys.argv[1], "production", "churn_model"))
print(server.ready().url, server._process.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_server_ends_with_the_app_however_that_ends(released, how):
    """Its standard input closes: no process is left behind that anybody would have to look for."""
    line = [sys.executable, "-c", STARTER, str(released.path)]
    with subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as app:
        url, pid = app.stdout.readline().split()
        app.send_signal(how)
    port = int(url.rpartition(":")[2])

    def closed() -> bool:
        with socket.socket() as caller:
            return caller.connect_ex(("127.0.0.1", port)) != 0

    until(closed)
    until(lambda: not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text().split()[2])


@pytest.mark.slow
def test_what_is_running_is_used_and_else_a_server_ends_afterwards(released, monkeypatch):
    """For whoever wants one answer; a name that is not live says why nothing answers."""
    monkeypatch.setattr(module, "of_app", lambda: Servers(1))
    with module.running(place_of(released)) as server:
        assert server.call(row_of(released)).status == 200
    assert server.seen.state == "ended" and server._process.poll() == 0
    with (
        pytest.raises(MlopsError, match="No server could be started: .*nothing_at_all"),
        module.running(Place(str(released.path), "production", "nothing_at_all")),
    ):
        pass


def test_how_many_run_at_a_time_whoever_starts_the_app_says(monkeypatch):
    """Eight if nobody does; what is no number is refused."""
    monkeypatch.delenv("MLOPS_SERVERS", raising=False)
    assert limits.servers() == 8
    monkeypatch.setenv("MLOPS_SERVERS", "30")
    assert limits.servers() == 30
    monkeypatch.setenv("MLOPS_SERVERS", "many")
    with pytest.raises(MlopsError, match="MLOPS_SERVERS is 'many'"):
        limits.servers()


def test_a_server_that_was_never_started_is_none(released):
    """Asking starts nothing."""
    assert Servers(1).of(place_of(released)) is None
    assert Seen("ended").url == ""
