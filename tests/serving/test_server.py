"""The server: begins, answers, follows what is live, and ends without leaving anybody without an answer."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sqlite3
import threading
import time
from contextlib import closing
from http.client import HTTPException

import pytest

from mlops.base.errors import ConflictError, InvalidError
from mlops.serving import server as servers
from mlops.serving.server import address, listen
from tests.serving.servers import Caller, Served, Slow, a_row, serving, until
from tests.shell import Shell

# Beginning


def test_a_port_that_another_program_has_is_refused_in_words(released, tmp_path):
    """One line with the way out, before anything is loaded; never a traceback."""
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        answer = Shell(released.path)("serve", "--env", "production", "--port", port)

    assert (answer.code, answer.error["code"]) == (1, "conflict")
    assert answer.error["message"] == f"Another program has port {port} of '127.0.0.1'."
    assert "--port 0" in answer.error["next_step"]


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host", "x" * 300, "é" * 70])
def test_what_is_no_address_of_this_machine_is_refused(host):
    """Whatever the operating system says about it is told."""
    with pytest.raises(InvalidError, match="^Nothing can listen on port 0 of "):
        listen(host, 0)


def test_a_free_port_is_said_and_a_taken_one_is_not_shared():
    """Port 0 is a wish; the address says what came of it, also with brackets where colons stand in it."""
    with listen("localhost", 0) as one:
        assert address(one) == f"http://127.0.0.1:{one.getsockname()[1]}"
        with pytest.raises(ConflictError):
            listen("127.0.0.1", one.getsockname()[1])
    if socket.has_ipv6:
        with listen("::1", 0) as six:
            assert address(six).startswith("http://[::1]:")


def test_small_answers_are_sent_at_once():
    """Nagle's algorithm would hold the second packet of an answer back for 40 ms; asyncio asks the socket for TCP."""

    seen = None

    class Seen(asyncio.Protocol):
        def connection_made(self, transport):
            there = transport.get_extra_info("socket")
            seen.set_result(there.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    async def connect() -> int:
        nonlocal seen
        loop = asyncio.get_running_loop()
        seen = loop.create_future()
        with listen("127.0.0.1", 0) as listener:
            serving = await loop.create_server(Seen, sock=listener)
            with socket.create_connection(listener.getsockname()):
                is_set = await seen
            serving.close()
            return is_set

    assert asyncio.run(connect())


def test_other_machines_may_ask_only_where_there_is_a_token(released, monkeypatch):
    """An address that others reach is an explicit choice, and so is the secret that they need."""
    monkeypatch.delenv("MLOPS_TOKEN", raising=False)
    for host in ("0.0.0.0", "::", ""):
        answer = Shell(released.path)("serve", "--env", "production", "--host", host, "--port", "0")
        assert (answer.code, answer.error["code"]) == (1, "refused")
        assert "MLOPS_TOKEN" in answer.error["next_step"]


def test_of_several_names_that_are_live_one_must_be_said(two_live):
    """Exit 1 names them."""
    answer = Shell(two_live.path)("serve", "--env", "production", "--port", "0")

    assert answer.code == 1
    assert answer.error["message"] == "Several models are live in production: churn_model 1.1.0, guest_model 1.1.0."


def test_what_is_live_answers_over_http_and_nothing_live_says_so(released):
    """Before the first deployment a probe hears 503, and so does a caller; a moment after it, both are served."""
    with serving(released, "development") as here:
        assert here.ask("/live")[0] == 200
        assert here.ask("/ready")[0] == 503
        response, _ = here.ask.whole("/predict", a_row(released))
        assert (response.status, response.headers["Retry-After"]) == (503, "1")

        released.deploy("churn_model@1.0.0", "development", "try")
        until(lambda: here.ask("/ready")[0], 200)
        status, answer = here.ask("/predict", a_row(released))
        assert (status, answer["model_version"]) == (200, "1.0.0")
    assert released.predictions.get(answer["prediction_id"])["environment"] == "development"


def test_without_its_ledger_a_server_answers_no_row_and_all_the_rest_until_it_is_back(released):
    """An answer that is not on record is none, so it is 503; the version stays in memory and goes on afterwards."""
    ledger, aside = released.path / "ledger.db", released.path / "ledger.aside"
    with serving(released) as here:
        ask, row = here.ask, a_row(released)
        os.replace(ledger, aside)
        response, said = ask.whole("/predict", row)
        assert (response.status, response.headers["Retry-After"]) == (503, "1") and b'"storage"' in said
        until(lambda: ask("/model")[1]["trouble"] is not None, True)
        assert [ask(path)[0] for path in ("/live", "/ready", "/model", "/metrics")] == [200] * 4
        os.replace(aside, ledger)
        assert ask("/predict", row)[1]["model_version"] == "1.1.0"
        until(lambda: ask("/model")[1]["trouble"], None)
    assert released.verify()["ok"]


def test_a_ledger_that_nobody_can_read_for_long_is_503_until_it_is_let_go(released):
    """Who writes lets everybody read; this is a program that does not, such as one that repairs the file."""
    with serving(released) as here, closing(sqlite3.connect(released.path / "ledger.db")) as rude:
        ask, row = here.ask, a_row(released)
        released._ledger.busy = 0.1
        rude.execute("BEGIN EXCLUSIVE")
        response, said = ask.whole("/predict", row)
        assert (response.status, response.headers["Retry-After"]) == (503, "1") and b'"busy"' in said
        until(lambda: "Another program holds the ledger" in str(ask("/model")[1]["trouble"]), True)
        rude.execute("ROLLBACK")
        assert ask("/predict", row)[0] == 200
        until(lambda: ask("/model")[1]["trouble"], None)


# Ending


class Steady(threading.Thread):
    """A client that asks again and again over one connection until it is told that it closes."""

    def __init__(self, url: str, row: object) -> None:
        super().__init__()
        self.answers: list[int] = []
        self.broken: list[Exception] = []
        self.last = None
        self._ask, self._row = Caller(url), row
        self.start()

    def run(self) -> None:
        """Ask."""
        try:
            while self.last != "close":
                response, _ = self._ask.whole("/predict", self._row)
                self.answers.append(response.status)
                self.last = response.headers["Connection"]
        except (OSError, HTTPException) as error:
            self.broken.append(error)
        self._ask.close()


def is_refused(url: str) -> bool:
    try:
        return Caller(url)("/live")[0] == 0
    except (OSError, HTTPException):
        return True


def test_a_server_that_ends_under_load_leaves_nobody_without_an_answer(released, monkeypatch):
    """Each client's last answer says that it is the last one; no connection is reset, and all is on record."""
    monkeypatch.setattr(servers, "LAST_CALL", 60.0)  # a client that the machine keeps waiting is no idle one
    with serving(released) as here:
        clients = [Steady(here.url, a_row(released)) for _ in range(4)]
        while sum(len(one.answers) for one in clients) < 100:
            time.sleep(0.01)
        here.server.should_exit = True
        for one in clients:
            one.join()
        until(lambda: is_refused(here.url), True)

    answers = [status for one in clients for status in one.answers]
    assert [one.broken for one in clients] == [[]] * 4
    assert {*answers} == {200}
    assert len(released.predictions.list()) == len(answers)


def test_what_is_in_flight_when_the_end_is_asked_for_is_answered(released):
    """However long the model takes; who was answered hears that the connection closes, and nobody new gets in."""
    said = []
    with serving(released) as here:
        slow = here.pool._predictions = Slow(released.predictions)
        asking = threading.Thread(target=lambda: said.append(here.ask.whole("/predict", a_row(released))[0]))
        asking.start()
        assert slow.begun.acquire(timeout=60)
        here.server.should_exit = True
        until(lambda: is_refused(here.url), True)
        assert said == []
        slow.may.release()
        asking.join()
    assert (said[0].status, said[0].headers["Connection"]) == (200, "close")


def test_a_connection_without_a_request_gets_a_last_answer_and_does_not_hold_the_end_up(released, monkeypatch):
    """A request that is on its way when the end begins is answered; who never asks is not waited for."""
    monkeypatch.setattr(servers, "LAST_CALL", 3.0)
    with serving(released) as here:
        late, silent = here.ask, here.ask
        assert late("/live")[0] == silent("/live")[0] == 200
        here.server.should_exit = True
        time.sleep(0.3)
        response, _ = late.whole("/predict", a_row(released))
        assert (response.status, response.headers["Connection"]) == (200, "close")
        began = time.monotonic()
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, None], ids=["SIGTERM", "Ctrl-C", "end of input"])
@pytest.mark.slow
def test_the_command_serves_what_is_live_until_it_is_asked_to_end(released, how) -> None:
    """It says where it answers in one line, answers, and leaves with exit code 0 and nobody waiting, whoever asks."""
    with Served(released.path) as served:
        status, answer = served.ask("/predict", a_row(released))
        assert served.ready["model"] == "churn_model" and served.ready["model_version"] == "1.1.0"
        assert status == 200 and answer["model_version"] == "1.1.0"

        client = Steady(served.ready["url"], a_row(released))
        until(lambda: len(client.answers) > 10, True)
        assert served.end(how)[0] == 0
        client.join()
    assert (client.broken, {*client.answers}, client.last) == ([], {200}, "close")
    assert released.verify()["ok"]
