"""The queue: who is next, where there is room, and what looking costs."""

from __future__ import annotations

import os
import time
from pathlib import Path
from statistics import median

from mlops import Workspace
from mlops.base.ledger import Ledger
from mlops.experiments import lifecycle
from mlops.training import workers
from mlops.training.queue import Queue
from tests.conftest import STUMP


class Idle(workers.Pool):
    """A pool that starts nothing."""

    def adopt(self, *_):
        """Leave in the queue what waits there."""


def test_workspaces_take_turns(trained, tmp_path, monkeypatch):
    """That one is next where nothing ended for longest, however much waits elsewhere."""
    queue, taken = Queue(most=1, most_each=1), []
    for name in ("one", "other", "third"):
        ws = trained.fork(tmp_path / name)
        for _ in range(2):
            ws.submit(STUMP, pool=Idle())
        queue.serve(ws._ledger, ws._artifacts)
    work = workers.work
    monkeypatch.setattr(workers, "work", lambda path, *others: taken.append(Path(path).name) or work(path, *others))

    planned = [path.name for path, _ in queue.order()]
    while workers.take(queue):
        pass

    assert taken == planned == ["one", "other", "third"] * 2


def test_nothing_begins_where_there_is_no_room(trained, tmp_path):
    """Neither in a workspace that has its share, nor anywhere when all places are taken."""
    queue, other = Queue(), trained.fork(tmp_path / "other")
    for ws in (trained, other):
        queue.serve(ws._ledger, ws._artifacts)
    mine = [trained.submit(STUMP, pool=Idle()).run_id for _ in range(2)]
    hers = other.submit(STUMP, pool=Idle()).run_id

    def next_of(most, most_each):
        queue.most, queue.most_each = most, most_each
        return (queue.next() or (None, None))[1]

    with lifecycle.held(trained._artifacts, mine[0]):  # somebody is about to begin it
        assert next_of(2, 1) == hers and next_of(1, 1) is None
        other.runs.cancel(hers)
        assert next_of(2, 1) is None and next_of(2, 2) == mine[1]


def test_a_workspace_where_nothing_waits_is_looked_at_without_a_lock(trained, monkeypatch):
    """By the time of its ledger: thirty of them, twice a second, would get into the way of whoever works there."""
    queue, looks = Queue(), []
    queue.serve(trained._ledger, trained._artifacts)
    [place] = queue.places.values()
    os.utime(place.ledger.path, (time.time() - 10,) * 2)
    monkeypatch.setattr(Ledger, "read", lambda ledger, read=Ledger.read: looks.append(ledger) or read(ledger))

    assert [queue.next() for _ in range(100)] == [None] * 100 and looks == [place.ledger]
    run_id = trained.submit(STUMP, pool=Idle()).run_id
    assert queue.next() == (place, run_id)


def test_a_run_that_finds_no_room_stays_queued(trained):
    """Room is asked for as the run is claimed: of two that ask at the same time, one hears of the other."""
    queue, (first, second) = Queue(most_each=1), (trained.submit(STUMP, pool=Idle()).run_id for _ in range(2))

    def claim(run_id):
        return lifecycle.claim(
            trained._ledger, run_id, "source", {}, room=lambda view: queue.has_room(view, trained._artifacts)
        )

    with lifecycle.held(trained._artifacts, first):
        assert claim(first)["status"] == "running" and claim(second) is None
        assert trained.runs.queue() == [second]
    assert claim(second)["status"] == "running"  # whoever had the first one has ended


def test_a_sweep_is_a_queue_of_its_own(trained):
    """Its loops take its trials alone, and whatever else is worked on does not keep them waiting."""
    trained.submit(STUMP, pool=Idle())
    sweep = trained.sweep(STUMP, {"model.max_depth": [1, 2]}, wait=False, pool=Idle())
    queue = Queue(sweep=sweep.sweep_id)
    queue.serve(trained._ledger, trained._artifacts)

    assert [run_id for _, run_id in queue.order()] == [run.run_id for run in sweep.trials]


def test_a_sweep_of_one_keeps_all_others_waiting_for_one_trial_at_most(trained, tmp_path, monkeypatch):
    """Twenty trials were there first; whoever comes then is next, each with all that they have, in turns."""
    queue, taken = Queue(most=1, most_each=1), []
    others = [trained.fork(tmp_path / name) for name in ("ada", "ben")]
    trained.sweep(STUMP, {"model.max_depth": [*range(1, 21)]}, wait=False, pool=Idle())
    queue.serve(trained._ledger, trained._artifacts)
    work = workers.work
    monkeypatch.setattr(workers, "work", lambda path, *others: taken.append(Path(path).name) or work(path, *others))
    workers.take(queue)
    for ws in others:
        ws.submit(STUMP, pool=Idle())
        ws.submit(STUMP, pool=Idle())
        queue.serve(ws._ledger, ws._artifacts)
    for _ in range(6):
        workers.take(queue)

    assert taken == ["trained", "ada", "ben", "trained", "ada", "ben", "trained"]


def test_a_pool_knows_how_long_trainings_take_from_those_that_ended(trained, tmp_path):
    """Of whichever workspace it serves; before any has ended, nobody can tell."""
    pool, new = Idle(), Workspace.open(tmp_path / "new")
    pool._queue.serve(new._ledger, new._artifacts)
    pool._queue.looks()
    assert pool.pace() is None
    pool._queue.serve(trained._ledger, trained._artifacts)
    pool._queue.looks()
    first = trained.runs.list()[0].duration_s
    assert pool.pace() == first

    trained.submit(STUMP, pool=pool)
    workers.take(pool._queue)
    pool._queue.looks()
    assert pool.pace() == median([first, trained.runs.list()[0].duration_s])
