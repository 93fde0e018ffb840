"""Jobs: what takes longer than half a second is found again by its name, can be cancelled, and says why it stopped."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from threading import Event

import pytest

from mlops import MlopsError
from mlops.base.errors import RefusedError
from playground.jobs import Job, Jobs

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


def run(job: Job, *, seconds: float = 60.0) -> None:
    job.run(SLEEP, Path.cwd(), os.environ, seconds)


def eventually(holds) -> bool:
    until = time.monotonic() + 120
    while not holds() and time.monotonic() < until:
        time.sleep(0.01)
    return bool(holds())


def test_a_job_is_found_by_its_name_until_it_is_over():
    """Whoever reloads the page sees how far it is."""
    jobs, go = Jobs(most=1), Event()
    jobs.begin("one", lambda job: (job.tell("Counting", 0.25), go.wait(20)))

    assert eventually(lambda: jobs.of("one").fraction == 0.25) and jobs.of("one").says == "Counting"
    go.set()
    assert jobs.settled("one") and jobs.refusal("one") is None


def test_a_second_click_begins_nothing():
    """Two tabs, or a double click, mean one."""
    jobs, go, begun = Jobs(most=2), Event(), []
    for _ in range(2):
        jobs.begin("one", lambda job: (begun.append(1), go.wait(20)))
    assert eventually(lambda: begun)
    go.set()

    assert jobs.settled("one") and begun == [1]


def test_others_wait_in_line():
    """A machine has so many cores; each who waits knows the place."""
    jobs, go = Jobs(most=1), Event()
    for name in "abc":
        jobs.begin(name, lambda job: go.wait(20))
    assert eventually(lambda: jobs.of("a").place == 0)

    assert [jobs.of(name).place for name in "bc"] == [1, 2]
    jobs.cancel("b")
    assert jobs.of("b") is None and jobs.of("c").place == 1
    go.set()
    assert jobs.settled("c")


def test_a_cancelled_job_takes_its_process_along():
    """Nobody waits for a training that nobody wants any more."""
    jobs, ended = Jobs(most=1), []

    def work(job: Job) -> None:
        try:
            run(job)
        finally:
            ended.append(time.monotonic())

    jobs.begin("one", work)
    assert eventually(lambda: jobs.of("one").place == 0)
    began = time.monotonic()
    jobs.cancel("one")

    assert jobs.settled("one") and ended and ended[0] - began < 10
    assert jobs.refusal("one") is None  # it was a wish, not a failure


@pytest.mark.parametrize("problem", [RefusedError("No room.", "Wait."), ZeroDivisionError("by zero")])
def test_why_a_job_stopped_is_told_until_the_next_one_of_that_name(problem):
    """Also what nobody thought of is told, and no thread dies in silence."""

    def fail(job: Job) -> None:
        raise problem

    jobs = Jobs(most=1)
    jobs.begin("one", fail)
    assert jobs.settled("one")

    assert problem.args[0] in str(jobs.refusal("one"))
    jobs.begin("one", lambda job: None)
    assert jobs.settled("one") and jobs.refusal("one") is None


def test_what_takes_too_long_is_ended():
    """A process that hangs keeps nobody's place."""
    with pytest.raises(MlopsError, match="more than 0.3 s"):
        run(Job(lambda job: None), seconds=0.3)
