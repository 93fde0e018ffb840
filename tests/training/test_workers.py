"""Trainings in processes of their own, that are killed, cancelled or watched: each run says what became of it."""

from __future__ import annotations

import itertools
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mlops import Workspace
from mlops.base.errors import ConflictError
from mlops.experiments import lifecycle
from mlops.experiments.progress import STEPS, Step
from mlops.training import workers
from tests.conftest import LOGISTIC, STUMP, customers_frame
from tests.processes import Child, together

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
    assert list((trained.path / "tmp").iterdir()) == []
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


# Pools and workers

SECOND = "model: {type: gradient_boosting, n_estimators: 1500}\ntraining: {test_size: 0.5}\n"
MINUTE = "model: {type: gradient_boosting, n_estimators: 10000, max_depth: 20}\ntraining: {test_size: 0.5}\n"
ONE_FIT = "model: {type: random_forest, n_estimators: 10000, max_features: 1.0}\ntraining: {test_size: 0.5}\n"
HISTOGRAM = "model: {type: hist_gradient_boosting, max_iter: 10000, max_leaf_nodes: 500}\ntraining: {test_size: 0.5}\n"
"""Configs by how long they take: about a second, long enough to be cancelled, long without a place to stop if rows are many."""


class Idle(workers.Pool):
    """A pool that starts nothing."""

    def adopt(self, *_):
        """Leave in the queue what waits there."""


ENDED = ("finished", "failed", "cancelled", "interrupted")


@pytest.fixture
def many(tmp_path: Path) -> Workspace:
    """A workspace with so many rows that a block of trees takes longer than anybody waits."""
    customers_frame(20_000).to_csv(tmp_path / "many.csv", index=False)
    ws = Workspace.open(tmp_path / "many", actor="ada")
    ws.datasets.add(tmp_path / "many.csv", name="many", target="churn", id="customer_id")
    return ws


@pytest.fixture
def pool() -> Iterator[workers.Pool]:
    """A pool with two places, one for each workspace."""
    pool = workers.Pool(most=2, most_each=1)
    yield pool
    pool.close()
    for worker in pool._workers:
        worker.kill()
        worker.wait()


def until(happens: Callable[[], Any], seconds: float = 120.0) -> Any:
    """Wait until something is so, and return it."""
    end = time.monotonic() + seconds
    while not (found := happens()):
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)
    return found


def ended(ws: Workspace, *run_ids: str) -> list[str]:
    """Wait for runs to end and return how they did."""
    return until(lambda: (now := [ws.runs.get(run_id).status for run_id in run_ids]) and set(now) <= set(ENDED) and now)


def training(ws: Workspace, run_id: str) -> Any:
    """Wait until a run learns, and return its progress."""
    return until(lambda: (seen := ws.runs.progress(run_id)) and seen.step == "train" and seen)


def test_a_worker_trains_what_was_submitted_and_shows_how_far_it_is(trained, pool):
    """From the first second to the last there is something to see, and the bytes are those of a training at once."""
    at_once, submitted = trained.train(SECOND), trained.submit(SECOND, pool=pool)
    seen = training(trained, submitted.run_id)
    assert until(lambda: (trained.runs.progress(submitted.run_id) or seen).fraction)
    assert ended(trained, submitted.run_id) == ["finished"]
    done = trained.runs.get(submitted.run_id)
    assert (done.model_sha256, done.predictions_sha256) == (at_once.model_sha256, at_once.predictions_sha256)
    assert trained.verify()["ok"] and list((trained.path / "tmp").iterdir()) == []


def _train_where_files_go_slowly(say: Any, path: Path) -> None:
    def slowly(*these: Any) -> None:
        time.sleep(0.5)
        clear(*these)

    clear, lifecycle.clear = lifecycle.clear, slowly
    _train(say, path)


def test_whoever_reads_that_a_run_has_ended_finds_nothing_left_of_it(trained):
    """However slow the disk is: its files in tmp are gone before the ledger says that it ended."""
    child = Child(_train_where_files_go_slowly, trained.path)
    child.go()
    until(lambda: _statuses(trained) == ["finished"] * 2)
    assert list((trained.path / "tmp").iterdir()) == [] and child.wait()[0] == "done"


def test_workers_are_few_and_no_workspace_has_two_of_them(trained, pool, tmp_path):
    """Whoever asks for the next run at the same time as another one, in whichever process: it is theirs, or refused."""
    spaces = [trained.fork(tmp_path / name) for name in ("one", "other", "third")]
    runs = [(ws, ws.submit(STUMP, pool=pool).run_id) for ws in spaces for _ in range(3)]

    assert [ended(ws, run_id) for ws, run_id in runs] == [["finished"]] * 9 and len(pool._workers) <= 2
    for ws in spaces:
        kinds = [event["kind"] for event in ws.log(trained.head()) if event["kind"] != "run.queue"]
        assert kinds == ["run.start", "run.end"] * 3


def test_a_run_knows_its_place_in_the_queue(trained, tmp_path):
    """Over all workspaces of the pool, which take turns; one that does not wait has none."""
    pool, other = workers.Pool(most=1, spare=False), trained.fork(tmp_path / "other")
    running = trained.submit(MINUTE, pool=pool).run_id
    training(trained, running)
    mine = [trained.submit(STUMP, pool=pool).run_id for _ in range(2)]
    hers = [other.submit(STUMP, pool=pool).run_id for _ in range(2)]
    assert [other.position(run_id, pool) for run_id in hers] == [1, 3]
    assert [trained.position(run_id, pool) for run_id in [running, *mine]] == [None, 2, 4]
    for ws, run_id in [*((trained, run_id) for run_id in [*mine, running]), *((other, run_id) for run_id in hers)]:
        ws.runs.cancel(run_id, wait=10)


def test_one_look_at_the_queue_serves_all_who_ask_for_their_place(trained, tmp_path):
    """A class that waits asks sixty times a second, and each look reads the ledger of every learner."""
    pool, looks = workers.Pool(most=1, spare=False), []
    running = trained.submit(MINUTE, pool=pool).run_id
    training(trained, running)
    waiting = [trained.submit(STUMP, pool=pool).run_id for _ in range(2)]
    pool._queue.order = lambda order=pool._queue.order: looks.append("look") or order()
    began = time.monotonic()
    assert {trained.position(run_id, pool) for run_id in waiting * 100} == {1, 2}
    assert len(looks) <= 1 + (time.monotonic() - began) / workers.GLANCE
    assert trained.position(trained.submit(STUMP, pool=pool).run_id, pool) == 3
    for run_id in [*trained.runs.queue(), running]:
        trained.runs.cancel(run_id, wait=10)


def test_a_ledger_that_cannot_be_read_is_the_trouble_of_one_workspace(trained, pool, tmp_path):
    """The others see their places, and are trained."""
    other = trained.fork(tmp_path / "other")
    running = trained.submit(MINUTE, pool=pool).run_id
    training(trained, running)
    broken = other.path / "ledger.db"
    other.submit(MINUTE, pool=pool)
    whole = broken.read_bytes()
    broken.write_bytes(b"no ledger" * 1000)
    waiting = trained.submit(STUMP, pool=pool).run_id
    assert trained.position(waiting, pool) == 1
    trained.runs.cancel(running, wait=10)
    assert ended(trained, waiting) == ["finished"]
    broken.write_bytes(whole)
    other.runs.cancel(other.runs.list()[0].run_id, wait=10)


def _pool_of_its_own(say: Any, path: Path, run_ids: list[str]) -> list[str]:
    ws, pool = _open(path), workers.Pool(most=2)
    ws.resume(pool)
    answer = ended(ws, *run_ids)
    pool.close()
    return answer


def test_two_pools_train_every_run_once(trained):
    """Two processes serve the same queue, and want every run of it: one of them gets it."""
    run_ids = [trained.submit(STUMP, pool=Idle()).run_id for _ in range(6)]
    answers = together(_pool_of_its_own, [(trained.path, run_ids)] * 2)
    assert answers == [["done", ["finished"] * 6]] * 2
    kinds = [(event["subject"], event["kind"]) for event in trained.log() if event["subject"] in run_ids]
    assert sorted(kinds) == sorted(itertools.product(run_ids, ["run.queue", "run.start", "run.end"]))


def test_a_spare_that_was_killed_is_replaced(trained, pool):
    """Nobody notices, but for a second."""
    pool.warm()
    pool._workers[0].kill()
    assert ended(trained, trained.submit(STUMP, pool=pool).run_id) == ["finished"]


def test_a_run_whose_worker_never_begins_fails_in_the_end(trained, pool, monkeypatch):
    """It does not wait for ever, and it does not block those behind it."""
    monkeypatch.setenv("PYTHONHOME", "/nowhere")
    run = trained.submit(STUMP, pool=pool)
    assert ended(trained, run.run_id) == ["failed"]
    assert trained.runs.get(run.run_id).error == "3 workers ended before they could begin."


def test_a_run_waits_while_the_machine_starts_no_process(trained, pool, monkeypatch):
    """For want of memory, for example; it is trained when there is some again."""
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    run_id = trained.submit(STUMP, pool=pool).run_id
    time.sleep(1)
    assert trained.runs.get(run_id).status == "queued" and trained.position(run_id, pool) == 1
    monkeypatch.undo()
    assert ended(trained, run_id) == ["finished"]


# Cancelling


@pytest.mark.parametrize(
    ("config", "seconds"),
    [(MINUTE, 1.0), (ONE_FIT, 3.0), (HISTOGRAM, 2.0)],
    ids=["between trees", "amid one fit", "amid one that nobody can watch"],
)
def test_a_worker_that_is_cancelled_leaves(trained, many, pool, config, seconds):
    """It keeps steps, log and the last point; nothing is half-written, nothing is left over."""
    trained = trained if config == MINUTE else many
    run_id = trained.submit(config, pool=pool).run_id
    training(trained, run_id)
    until(lambda: config != MINUTE or trained.runs.progress(run_id).training)
    began = time.monotonic()
    run = trained.runs.cancel(run_id, wait=30)
    assert (run.status, run.error) == ("cancelled", "Cancelled.") and time.monotonic() - began < seconds
    assert [step["status"] for step in run.steps] == ["done"] * 4 + ["failed", "waiting", "waiting"]
    assert bool(run.metrics) is (config == MINUTE) and "prepare" in trained.runs.text(run_id, "train.log")
    assert list((trained.path / "tmp").iterdir()) == []
    with pytest.raises(ConflictError, match="has ended already: it is cancelled"):
        trained.runs.cancel(run_id)
    assert trained.verify()["ok"] and ended(trained, trained.submit(STUMP, pool=pool).run_id) == ["finished"]


@pytest.mark.parametrize("step", STEPS)
def test_a_training_can_be_cancelled_at_every_step(trained, step):
    """It ends as the next one would begin, and keeps those it has done; with the last one it is too late."""
    child = _waiting(trained.path, step)
    run_id = trained.runs.list()[0].run_id
    for _ in range(2):  # asking twice is asking once
        assert trained.runs.cancel(run_id).status == "running"
    os.kill(child.pid, signal.SIGUSR1)
    child.wait()

    run, done = trained.runs.get(run_id), STEPS.index(step) + 1
    assert run.status == ("finished" if step == STEPS[-1] else "cancelled") and trained.verify()["problems"] == []
    assert [one["status"] for one in run.steps] == (["done"] * done + ["failed"] + ["waiting"] * 6)[: len(STEPS)]
    with pytest.raises(ConflictError, match="has ended already"):
        trained.runs.cancel(run_id)


def test_a_training_of_another_process_is_cancelled_as_well(trained):
    """Whoever waits for it there hears that it was cancelled."""
    child = Child(_train_long, trained.path)
    child.go()
    run_id = until(lambda: [run.run_id for run in trained.runs.list() if run.status == "running"])[0]
    training(trained, run_id)
    assert trained.runs.cancel(run_id, wait=10).status == "cancelled"
    assert child.wait()[:2] == ["refused", "Cancelled"]


def _train_long(say: Any, path: Path) -> None:
    _open(path).train(MINUTE)


@pytest.mark.parametrize("put_aside", [shutil.rmtree, lambda path: path.rename(path.with_name("kept"))])
def test_a_worker_whose_workspace_is_gone_leaves(many, pool, put_aside):
    """Removed, or put aside by starting over: the next training does not wait for one that nobody will ever see."""
    training(many, many.submit(ONE_FIT, pool=pool).run_id)
    [worker] = pool._workers
    put_aside(many.path)
    Workspace.open(many.path)
    assert worker.wait(timeout=5) == 0
    assert [run.status for kept in many.path.parent.glob("kept") for run in _open(kept).runs.list()[:1]] in (
        [], ["interrupted"],
    )  # fmt: skip


# Killing


def _be_a_worker(say: Any, path: Path, run_id: str) -> str:
    workers.work(str(path), run_id, "ada")
    return _open(path).runs.get(run_id).status


MOMENTS = [random.Random(number).uniform(0, 0.6) for number in range(20)]


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: f"{moment:.2f}")
def test_a_worker_that_is_killed_at_any_moment_leaves_a_run_that_says_so(trained, moment):
    """It still waits, was interrupted with what it had shown, or is done; and training again works."""
    run_id = trained.submit("model: {type: random_forest, n_estimators: 200}\n", pool=Idle()).run_id
    child = Child(_be_a_worker, trained.path, run_id)
    child.go()
    time.sleep(moment)
    child.kill()
    child.wait()

    run = trained.runs.get(run_id)
    assert run.status in ("queued", "interrupted", "finished") and trained.verify()["problems"] == []
    if run.steps and run.status == "interrupted":
        assert "running" not in [step["status"] for step in run.steps]
        assert trained.runs.text(run_id, "train.log").startswith(f"run {run_id}")
    if run.status == "queued":
        assert together(_be_a_worker, [(trained.path, run_id)]) == [["done", "finished"]]
    assert trained.train(LOGISTIC).status == "finished" and trained.verify()["problems"] == []


def _submit_and_stay(say: Any, path: Path, recipes: list[str]) -> None:
    ws, pool, spare = _open(path), workers.Pool(most=1), workers.Pool(most=1)
    runs = [ws.submit(recipe, pool=pool).run_id for recipe in recipes]
    training(ws, runs[0])
    spare.warm()
    say([runs, spare._workers[0].pid])
    time.sleep(60)


def test_a_worker_outlives_whoever_submitted_and_the_queue_is_taken_up_again(trained):
    """The program is killed: its run goes on, its spare ends, and the next pool starts the rest - after that run."""
    child = Child(_submit_and_stay, trained.path, [SECOND.replace("1500", "4000"), STUMP])
    child.go()
    (first, second), spare = child.hear()
    child.kill()
    child.wait()

    assert [trained.runs.get(run_id).status for run_id in (first, second)] == ["running", "queued"]
    pool = workers.Pool(most=1, spare=False)
    trained.resume(pool)
    assert trained.position(second, pool) == 1
    assert ended(trained, first, second) == ["finished", "finished"]
    kinds = [e["kind"] for e in trained.log() if e["subject"] in (first, second) and e["kind"] != "run.queue"]
    assert kinds == ["run.start", "run.end"] * 2 and trained.verify()["ok"]
    until(lambda: _is_gone(spare))


def _is_gone(pid: int) -> bool:
    """Tell whether a process has ended, also where nobody has asked for its exit code yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True
