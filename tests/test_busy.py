"""Another program holds the ledger: what was begun waits for it, what is asked for is told so, and nothing is lost."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import closing
from functools import partial

import pytest

from mlops.base.errors import BusyError, Cancelled, StorageError
from mlops.base.ledger import Ledger
from mlops.experiments import lifecycle, runs
from mlops.experiments.progress import WAITS, Progress
from mlops.training import workers
from tests.conftest import STUMP
from tests.shell import mlops

FOREST = "model: {type: random_forest, n_estimators: 40}\n"


@pytest.fixture
def holder(trained):
    """Another program's connection to the ledger, for which this one waits a fifth of a second."""
    trained._ledger.busy = 0.2
    with closing(sqlite3.connect(trained.path / "ledger.db", isolation_level=None, check_same_thread=False)) as other:
        yield other


def hold(holder, how):
    holder.execute(how)
    holder.execute("SELECT count(*) FROM events").fetchall()


def when_it_waits(ws, do):
    """Do something once the newest run shows that it waits; the thread that will."""

    def look():
        until = time.monotonic() + 120
        while time.monotonic() < until:
            seen = [lifecycle.progress(ws._artifacts, file.stem) for file in ws._artifacts.tmp.glob("*.progress")]
            if waiting := [one.run_id for one in seen if one and one.waits == WAITS]:
                do(waiting[0])
                break
            time.sleep(0.01)

    thread = threading.Thread(target=look)
    thread.start()
    return thread


@pytest.mark.parametrize(
    ("how", "step"),
    [("BEGIN", "package"), ("BEGIN IMMEDIATE", "package"), ("BEGIN EXCLUSIVE", "package"), ("BEGIN EXCLUSIVE", "load")],
)
def test_a_training_waits_for_whoever_holds_the_ledger(trained, holder, how, step):
    """Whether somebody reads or writes there, and longer than anybody else would wait: it says so, and then finishes."""
    heard = []

    def listen(now):
        heard.append(now.name)
        if (now.name, now.status) == (step, "running"):
            hold(holder, how)

    other = when_it_waits(trained, lambda _: holder.execute("ROLLBACK"))
    run = trained.train(FOREST, on_step=listen)
    other.join()
    assert run.status == "finished" and trained.verify()["problems"] == [] and heard.count(WAITS) == 1
    assert trained.runs.file(run, "model.joblib") and list(trained._artifacts.tmp.iterdir()) == []


@pytest.mark.parametrize("how", ["BEGIN", "BEGIN IMMEDIATE"])
def test_a_training_that_waits_can_be_cancelled(trained, holder, how):
    """Also while the other program still holds the ledger; it is recorded when that one lets go."""

    def cancel(run_id):
        assert trained.runs.cancel(run_id).status == "running"
        time.sleep(1.0)  # it is cancelled by now, and waits again
        holder.execute("ROLLBACK")

    other = when_it_waits(trained, cancel)
    with pytest.raises(Cancelled):
        trained.train(
            STUMP, on_step=lambda step: step.name == "package" and step.status == "done" and hold(holder, how)
        )
    other.join()
    run = trained.runs.list()[0]
    assert (run.status, run.model_sha256) == ("cancelled", None) and trained.verify()["problems"] == []
    assert list(trained._artifacts.tmp.iterdir()) == []


def test_a_training_that_failed_waits_as_well(trained, holder):
    """Its reason is not lost either."""

    def fail(step):
        if (step.name, step.status) == ("train", "running"):
            hold(holder, "BEGIN IMMEDIATE")
            raise ValueError("no luck")

    other = when_it_waits(trained, lambda _: holder.execute("ROLLBACK"))
    with pytest.raises(Exception, match="no luck"):
        trained.train(STUMP, on_step=fail)
    other.join()
    assert next((run.status, run.error) for run in trained.runs.list()) == ("failed", "no luck")


def test_a_worker_waits_until_it_can_claim_its_run(trained, holder):
    """A run is not given up because the ledger is held while its worker begins."""
    pool = workers.Pool(spare=False)
    pool.adopt = lambda *_: None
    run_id = trained.submit(STUMP, pool=pool).run_id
    hold(holder, "BEGIN EXCLUSIVE")
    other = threading.Timer(1.2, holder.execute, ["ROLLBACK"])
    other.start()
    workers.work(str(trained.path), run_id, "worker")
    assert trained.runs.get(run_id).status == "finished"


def test_whoever_asks_is_told_that_the_ledger_is_busy(trained, holder):
    """An error of its own, after a while, and nothing has happened: no run, no file."""
    hold(holder, "BEGIN IMMEDIATE")
    before = trained.head()
    for ask in (lambda: trained.train(STUMP), lambda: trained.runs.log("r", {}, {})):
        with pytest.raises(BusyError, match="Another program holds the ledger") as told:
            ask()
        assert told.value.code == "busy" and "Nothing was recorded" in told.value.next_step
    holder.execute("ROLLBACK")
    assert trained.head() == before and trained.verify()["leftovers"] == []


def test_a_writer_that_finds_a_reader_at_its_end_leaves_nothing(trained, holder):
    """What it had published has no name again: an event never came."""
    hold(holder, "BEGIN")
    with pytest.raises(BusyError):
        trained.runs.log("r", {}, {})
    holder.execute("ROLLBACK")
    left = {one.name for one in (trained.path / "experiments").iterdir()}
    assert trained.verify()["problems"] == [] and left == {"sources", trained.runs.list()[0].run_id}


def test_nobody_waits_for_work_that_follows_a_look(trained, holder, tmp_path, monkeypatch):
    """A fork is written and runs are made into records when others may write again; so is a verification (see there)."""
    wrote = []

    def write(*arguments, real):
        wrote.append(trained.set_clock(None))
        return real(*arguments)

    for owner, name, slow in (
        (Ledger, "save", lambda: trained.fork(tmp_path / "fork")),
        (runs.Run, "of", trained.runs.list),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, partial(write, real=getattr(owner, name)))
            slow()
    assert len(wrote) > 1 and trained.verify()["ok"]


def test_one_held_ledger_is_the_trouble_of_one_workspace(trained, holder):
    """A pool looks at all of its ledgers in turn, and thirty learners wait for it: it does not wait for one of them."""
    pool = workers.Pool(spare=False)
    hold(holder, "BEGIN EXCLUSIVE")
    began = time.monotonic()
    pool.adopt(trained._ledger, trained._artifacts)
    assert pool.queue() == [] and time.monotonic() - began < 5
    pool.close()


def test_a_command_says_that_a_training_waits(trained):
    """Whoever looks at the run is told why it does not go on."""
    pool = workers.Pool(spare=False)
    pool.adopt = lambda *_: None
    run_id = trained.submit(STUMP, pool=pool).run_id
    with lifecycle.held(trained._artifacts, run_id):
        lifecycle.claim(trained._ledger, run_id, "source", {})
        Progress(run_id, window=lifecycle.file(trained._artifacts, run_id, "progress")).wait()
        assert f"running, {WAITS}" in mlops("--workspace", trained.path, "runs", "show", run_id).out


def test_a_disk_that_takes_nothing_is_not_waited_for(trained):
    """A training whose model does not fit has failed, at once and with the reason."""
    resource = pytest.importorskip("resource")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(step):
        if step.name == "package":  # no file may grow beyond that, as on a disk that is nearly full
            allowed = 20_000 if step.status == "running" else limits[0]
            resource.setrlimit(resource.RLIMIT_FSIZE, (allowed, limits[1]))

    with pytest.raises(StorageError, match="could not be written") as told:
        trained.train(FOREST, on_step=fill)
    assert not isinstance(told.value, BusyError) and trained.runs.list()[0].status == "failed"
