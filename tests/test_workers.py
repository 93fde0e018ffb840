"""A training whose process is killed, interrupted or watched: its run always says what became of it."""

from __future__ import annotations

import os
import random
import signal
from pathlib import Path
from typing import Any

import pytest
from conftest import LOGISTIC
from processes import Child, together

from mlops import Workspace
from mlops.progress import STEPS, Step

pytestmark = pytest.mark.slow

REPORTS = 2 * len(STEPS)
"""A training reports each step twice: when it begins and when it ends."""


def _open(path: Path) -> Workspace:
    return Workspace.open(path, create=False, actor="ada")


def _train(say: Any, path: Path) -> list[str]:
    run = _open(path).train(LOGISTIC, on_step=lambda step: say([step.name, step.status]))
    return [run.run_id, run.status]


def _statuses(ws: Workspace) -> list[str]:
    return [run.status for run in ws.runs.list()]


def _new_run(ws: Workspace, before: int) -> str:
    """Return what became of the run after the first `before` ones: a status, or absent."""
    statuses = _statuses(ws)
    assert len(statuses) in (before, before + 1)
    return statuses[0] if len(statuses) > before else "absent"


@pytest.mark.parametrize("report", [0, *sorted(random.Random(20).sample(range(1, REPORTS), 6)), REPORTS])
def test_a_training_that_is_killed_leaves_a_run_that_says_so(trained, report):
    """Killed once it has reported so many steps: interrupted, not yet there, or done; and training works again."""
    child = Child(_train, trained.path)
    child.go()
    for _ in range(report):
        child.hear()
    child.kill()
    child.wait()

    assert _new_run(_open(trained.path), before=1) in ("interrupted", "absent", "finished")
    assert trained.verify()["problems"] == []
    assert trained.train(LOGISTIC).status == "finished"
    assert _statuses(trained)[0] == "finished"
    assert trained.verify()["problems"] == []


# Waiting in the middle of a training


def _train_and_wait(say: Any, path: Path, where: str) -> list[str]:
    """Train, and where a step begins wait for a signal: SIGUSR1 to go on, SIGINT as Ctrl-C sends it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])

    def wait(step: Step) -> None:
        if (step.name, step.status) == (where, "running"):
            say("waiting")
            signal.sigwaitinfo([signal.SIGUSR1])

    run = _open(path).train(LOGISTIC, on_step=wait)
    return [run.run_id, run.status]


def _waiting(path: Path, where: str) -> Child:
    child = Child(_train_and_wait, path, where)
    child.go()
    assert child.hear() == "waiting"
    return child


@pytest.mark.parametrize("step", STEPS)
def test_a_run_whose_process_is_gone_is_interrupted(trained, step):
    """The next reader records it, once, with the reason."""
    child = _waiting(trained.path, step)
    child.kill()
    child.wait()

    run = trained.runs.list()[0]
    assert (run.status, run.error) == ("interrupted", "The process ended.")
    assert together(_list, [(trained.path,)] * 4) == [["done", ["interrupted", "finished"]]] * 4
    assert [event["kind"] for event in trained.log() if event["subject"] == run.run_id] == [
        "run.start",
        "run.interrupt",
    ]


@pytest.mark.parametrize("step", STEPS)
def test_ctrl_c_cancels_a_training(trained, step):
    """Whatever step it is in, the run says cancelled, and how far it came."""
    child = _waiting(trained.path, step)
    os.kill(child.pid, signal.SIGINT)
    said = child.wait()

    run = trained.runs.list()[0]
    assert said[:2] == ["refused", "Cancelled"]
    assert (run.status, run.error) == ("cancelled", "Cancelled.")
    reached = STEPS.index(step)
    assert [one["status"] for one in run.steps] == ["done"] * reached + ["failed"] + ["waiting"] * (
        len(STEPS) - reached - 1
    )
    assert f"{step:<9} failed" in trained.runs.text(run.run_id, "train.log")
    assert trained.verify()["problems"] == []


def _list(_: Any, path: Path) -> list[str]:
    return _statuses(_open(path))


def test_whoever_lists_runs_does_not_disturb_a_running_one(trained):
    """Four other processes look while it runs: it stays running for them, and ends as finished."""
    child = _waiting(trained.path, "train")
    looks = [*together(_list, [(trained.path,)] * 4), ["done", _statuses(trained)]]
    os.kill(child.pid, signal.SIGUSR1)
    said = child.wait()

    assert looks == [["done", ["running", "finished"]]] * 5
    assert said == ["done", [trained.runs.list()[0].run_id, "finished"]]
    assert "run.interrupt" not in [event["kind"] for event in trained.log()]
    assert trained.verify()["problems"] == []
