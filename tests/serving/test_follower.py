"""The follower: a silent candidate beside a server, in a process of its own; callers never hear it."""

from __future__ import annotations

import signal
import sys
import threading
import time

import pytest

from mlops import Workspace
from mlops.production import shadow_answers
from mlops.serving import follower as module
from mlops.serving.follower import Follower, follow
from tests.serving.servers import PATIENCE, Served, a_row
from tests.shell import Shell

CANDIDATE = "churn_model@1.0.0"


def until(reached, why: str) -> None:
    """Wait for something that happens in another process."""
    end = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < end, why
        time.sleep(0.05)


def said(ws: Workspace) -> list[str]:
    """Return the requests that a candidate answered, oldest first."""
    log = shadow_answers.log(ws._ledger, ws._artifacts)
    return [one["prediction_id"] for one in log][::-1]


def test_trouble_is_said_once_and_the_end_of_the_candidate_ends_it(released, monkeypatch):
    """Here a file that is no longer what was recorded; then somebody stops the candidate."""
    released.shadow.start(CANDIDATE)
    released.predict("@production", a_row(released))
    file = released.path / "models" / "churn_model" / "churn_model_v1.0.0.joblib"
    file.unlink()  # the bytes themselves belong to other workspaces as well
    file.write_bytes(b"damaged")
    heard, looks, ends, look = [], [], threading.Event(), released.shadow.follow
    monkeypatch.setattr(module, "LOOK", 0.01)
    monkeypatch.setattr(released.shadow, "follow", lambda *given: looks.append(given) or look(*given))
    thread = threading.Thread(target=follow, args=(released, "production", "churn_model", ends, heard.append))
    thread.start()
    until(lambda: len(looks) > 3, "it did not look again")
    released.shadow.stop()
    thread.join(PATIENCE)
    assert not thread.is_alive() and not ends.is_set()
    [trouble] = heard
    assert trouble.startswith("! The silent candidate does not answer: ") and "churn_model_v1.0.0" in trouble


def test_a_process_that_dies_is_replaced_and_one_that_is_done_is_not(released, monkeypatch):
    """Said with how it ended; the end is waited for."""
    monkeypatch.setattr(module, "AGAIN", 0.05)
    monkeypatch.setattr(module, "LOOK", 0.01)
    lines = iter(["raise SystemExit(3)", "pass"])
    spawn = module.subprocess.Popen
    started: list[list[str]] = []

    def popen(command, **options):
        started.append(command)
        return spawn([sys.executable, "-c", next(lines)], **options)

    monkeypatch.setattr(module.subprocess, "Popen", popen)
    heard: list[str] = []
    one = Follower(released, released.shadow.start(CANDIDATE), heard.append)
    one.start()
    one._thread.join(PATIENCE)
    assert len(started) == 2 and started[0][1:3] == ["-m", "mlops.serving.follower"]
    assert [line.split(";")[0] for line in heard] == ["! The silent candidate's process ended with 3"]


def test_who_could_not_take_the_place_is_refused_before_anything_is_served(released):
    """The command ends with the reason; the history stays as it was."""
    head = released.head()
    answer = Shell(released.path)("serve", "--env", "production", "--port", "0", "--shadow", "churn_model@1.1.0")
    assert (answer.code, released.head()) == (1, head)
    assert "is live in production itself" in answer.error["message"]


@pytest.mark.slow
def test_a_server_with_a_silent_candidate_answers_as_without_and_the_candidate_answers_everything_once(released):
    """Also after a kill of everything, and with two servers of the same workspace."""
    row, asked = a_row(released), []

    def ask(served: Served, many: int) -> None:
        for _ in range(many):
            status, answer = served.ask("/predict", row)
            assert (status, answer["model_version"]) == (200, "1.1.0")
            asked.append(answer["prediction_id"])

    with Served(released.path, "--shadow", CANDIDATE) as served:
        assert served.ready["shadow"] == CANDIDATE
        ask(served, 5)
        until(lambda: len(said(released)) == 5, "the candidate did not follow")
        ask(served, 5)
        served.process.send_signal(signal.SIGKILL)
        served.process.wait()
    with Served(released.path, "--shadow", CANDIDATE) as one, Served(released.path, "--shadow", CANDIDATE) as other:
        for served in (one, other, one, other):
            ask(served, 3)
        until(lambda: len(said(released)) == len(asked), "the candidates did not follow")
        time.sleep(3 * module.LOOK)  # nobody answers any of them again
        assert [served.end()[0] for served in (one, other)] == [0, 0]
    assert sorted(said(released)) == sorted(asked)
    report = released.shadow.report()
    assert (report.n, report.waiting, len(released.shadow.list())) == (len(asked), 0, 1)
    assert released.verify()["problems"] == []


@pytest.mark.slow
def test_a_candidate_that_is_killed_at_any_moment_answers_everything_once(released):
    """SIGKILL in the middle of its blocks, again and again; whoever comes next goes on."""
    live = released.models.load("churn_model@production")
    rows = [[a_row(released)] for _ in range(1500)]
    asked = [one.prediction_id for [one] in released.predictions.answer(live, rows, "production")]
    released.shadow.start(CANDIDATE, back=True)
    order = {"workspace": str(released.path), "actor": "ada", "environment": "production", "model": "churn_model"}
    for number in range(6):
        process, before = module._spawn(order), len(said(released))
        until(lambda before=before: len(said(released)) > before or before == len(asked), "it did not begin")
        time.sleep(0.02 * number)
        process.kill()
        process.wait()
    while released.shadow.follow():
        pass
    assert said(released) == asked
    assert released.verify()["problems"] == []
