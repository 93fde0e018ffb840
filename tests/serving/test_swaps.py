"""Swaps: a server in a process of its own, under load, while versions come and go, servers die and ledgers are held."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest

from mlops import Workspace
from mlops.base.clock import wall_time
from tests.serving.servers import Caller, Served, a_row, until
from tests.serving.test_live import spoil

SECONDS = float(os.environ.get("MLOPS_SWAPS_SECONDS", "20"))
"""How long 200 deployments and rollbacks take; 60 is what the decision record tells of, and too long for every day."""

NOTICE = 1.0
"""Seconds after which whatever was acknowledged is what answers."""


@dataclass
class Change:
    """A deployment or rollback."""

    version: str
    began: float
    """When it was asked for."""
    ended: float
    """When it was acknowledged."""


@dataclass
class Client(threading.Thread):
    """A client that asks again and again over one connection, and keeps what it was told, and when."""

    url: str
    row: dict[str, Any]
    stop: threading.Event
    answers: list[tuple[float, float, int, Any]] = field(default_factory=list)
    broken: list[Exception] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.start()

    def run(self) -> None:
        """Ask until the end."""
        ask = Caller(self.url)
        while not self.stop.is_set():
            sent = time.monotonic()
            try:
                status, said = ask("/predict", self.row)
            except (OSError, HTTPException) as error:
                self.broken.append(error)
                return
            self.answers.append((sent, time.monotonic(), status, said))

    __hash__ = threading.Thread.__hash__


def check_never_back(client: Client, changes: list[Change]) -> None:
    """Check that each answer names what was live at most `NOTICE` before it was asked for, and none goes back.

    A version can have been live several times. What answered is then the earliest time that is no step back.
    """
    at = 0
    for sent, received, _, said in client.answers:
        acknowledged = [number for number, one in enumerate(changes) if one.ended < sent - NOTICE]
        first = max(at, acknowledged[-1] if acknowledged else 0)
        begun = [number for number, one in enumerate(changes) if one.began < received]
        possible = [number for number in begun if number >= first and changes[number].version == said["model_version"]]
        assert possible, (said, first, [one.version for one in changes[first : begun[-1] + 1]])
        at = possible[0]


@pytest.mark.slow
def test_two_hundred_deployments_and_rollbacks_under_load_drop_nothing_and_never_go_back(released: Workspace) -> None:
    """Four clients keep a connection each: 0 answers but 200, 0 resets, every answer on record and the right one."""
    runs = {one.version: one.run_id for one in released.models.list()}
    versions = [
        released.models.register(runs["1.0.0" if number % 2 else "1.1.0"], "churn_model").version
        for number in range(100)
    ]
    row, stop, luck = a_row(released), threading.Event(), random.Random(7)
    released.deploy("churn_model@1.0.0", "development", "first")
    changes = [Change("1.0.0", 0.0, 0.0)]
    with Served(released.path, environment="development") as served:
        clients = [Client(served.ready["url"], {**row, "customer_id": f"c{number}"}, stop) for number in range(4)]
        begin = time.monotonic()
        for number in range(200):
            time.sleep(max(0.0, begin + number * SECONDS / 200 - time.monotonic()))
            began = time.monotonic()
            if number % 2 == 0:
                done = released.deploy(f"churn_model@{versions[number // 2]}", "development", "next")
            elif number % 4 == 1:
                done = released.rollback("development", "back")
            else:
                live = changes[-1].version
                back = luck.choice([one for one in {change.version for change in changes} if one != live])
                done = released.rollback("development", "far back", to=back)
            changes.append(Change(done.model["version"], began, time.monotonic()))
        time.sleep(NOTICE)
        stop.set()
        for client in clients:
            client.join()
        metrics = Caller(served.ready["url"])("/metrics")[1]
        assert served.end()[0] == 0

    answers = [answer for client in clients for answer in client.answers]
    assert [client.broken for client in clients] == [[]] * 4
    assert {status for _, _, status, _ in answers} == {200}
    for client in clients:
        check_never_back(client, changes)
        assert client.answers[-1][3]["model_version"] == changes[-1].version
    seen = {said["model_version"] for _, _, _, said in answers}
    assert len(seen) > 20 and "mlops_failed_loads_total 0.0" in metrics
    scores = {(said["model_sha256"], said["churn_probability"]) for _, _, _, said in answers}
    assert len(scores) == 2, "an answer names one version and is another's"
    logged = {request["prediction_id"] for request in released.predictions.list()}
    assert logged == {said["prediction_id"] for _, _, _, said in answers} and len(logged) == len(answers)
    assert released.verify()["ok"]


@pytest.mark.slow
def test_two_servers_follow_one_workspace_and_a_third_after_one_was_killed(released: Workspace) -> None:
    """Each answers what is live within a second; a server that dies takes nothing along that it answered."""
    row = a_row(released)
    with Served(released.path) as one, Served(released.path, environment="staging") as two:
        first = [ask("/predict", row)[1] for ask in (one.ask, two.ask) for _ in range(5)]
        released.rollback("production", "complaints")
        asks = [(one.ask, "1.0.0"), (two.ask, "1.1.0")]
        for ask, version in asks:
            assert until(lambda ask=ask: ask("/predict", row)[1]["model_version"], version) < NOTICE + 0.5
        one.process.kill()
        one.process.wait()
        assert two.ask("/predict", row)[0] == 200
        with Served(released.path) as three:
            assert three.ready["model_version"] == "1.0.0"
            assert three.ask("/predict", row)[0] == 200

    logged = [request["prediction_id"] for request in released.predictions.list()]
    assert {said["prediction_id"] for said in first} < {*logged} and len({*logged}) == len(logged)
    assert {request["environment"] for request in released.predictions.list()} == {"production", "staging"}
    assert released.verify()["ok"]


@pytest.mark.slow
def test_a_server_goes_on_while_its_workspace_is_copied_damaged_or_held(released: Workspace, tmp_path: Path) -> None:
    """A copy is apart from it, a damaged version is told, and a ledger that is held for a moment holds nobody up."""
    row, stop = a_row(released), threading.Event()
    with Served(released.path) as served:
        clients = [Client(served.ready["url"], row, stop) for _ in range(2)]
        ask = served.ask
        until(lambda: len(clients[0].answers) > 20, True)

        copy = released.fork(tmp_path / "copy")
        copy.rollback("production", "only a copy")
        assert copy.verify()["ok"]

        with released._ledger.write():  # as a release check does while it computes
            held = len(clients[0].answers)
            until(lambda: len(clients[0].answers) > held + 5, True)

        rolled = released.rollback("production", "complaints")
        until(lambda: ask("/model")[1]["version"], "1.0.0")
        path, whole = spoil(released, "churn_model@1.1.0")
        with released._ledger.write() as tx:  # as a program would whose disk failed after it had looked at the file
            good = released.releases.timeline("production")[1].as_dict()
            broken = {**good, "deployment_id": "d0broken", "at": wall_time(), "since": wall_time()}
            tx.append("deployment.deploy", "d0broken", broken)
        until(lambda: ask("/model")[1]["trouble"] is not None, True)
        trouble = ask("/model")[1]["trouble"]
        assert ask("/model")[1]["deployment_id"] == rolled.deployment_id
        assert ask("/ready")[0] == 200 and ask("/ready")[1]["trouble"]
        assert "mlops_trouble 1.0" in ask("/metrics")[1]
        path.write_bytes(whole)
        until(lambda: ask("/model")[1]["version"], "1.1.0")
        stop.set()
        for client in clients:
            client.join()
        code, said = served.end(signal.SIGTERM)

    assert code == 0 and "churn_model@1.1.0 is live since" in trouble and trouble in said
    assert [client.broken for client in clients] == [[], []]
    assert {status for client in clients for _, _, status, _ in client.answers} == {200}
    assert released.verify()["ok"]
