"""Workers: loops that carry out submitted trainings, a few at a time.

``python -m mlops.training.workers`` is a worker: it imports what a training needs, and hears by lines on its standard
input which workspaces it serves. Again and again it takes the next run that waits there: it claims the run in the
ledger, trains it, and looks for the next. Idle it ends with the process that started it; a training that it has begun
it finishes all the same, and the run's lock tells everybody that it lives.

A `Pool` keeps a few workers for the workspaces of its process. What waits is told in `queue`; pools of several
processes may serve the same workspace.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from queue import Empty, SimpleQueue
from statistics import median
from typing import TYPE_CHECKING

from mlops.base import provenance
from mlops.base.artifacts import Artifacts
from mlops.base.errors import Cancelled, ConflictError, MlopsError
from mlops.base.ledger import Ledger
from mlops.base.records import ref_of
from mlops.base.view import View
from mlops.experiments import lifecycle
from mlops.training.queue import Queue

if TYPE_CHECKING:
    from mlops.training.pipeline import Training

TICK = 0.1
"""Seconds between two looks at whether a run was cancelled."""

GLANCE = 0.5
"""Seconds between two looks at a workspace where nothing waits. One look at the queue serves all who ask for their
place meanwhile: thirty learners ask twice a second."""

PATIENCE = 1.0
"""Seconds that a cancelled training has to come to its next iteration before its worker leaves."""

ATTEMPTS = 3
"""Workers that may end by an error, one after another, before the run that is next is recorded as failed."""

WARM = ("mlops.training.pipeline", "sklearn.ensemble", "sklearn.linear_model", "sklearn.neighbors", "sklearn.dummy")
"""What a worker imports before it takes anything."""

END = "end"
"""What a worker hears last."""

ROOT = Path(__file__).parents[2]
"""The folder a worker starts in, so that it imports this very package."""


# The loop


def take(queue: Queue, leave: bool = True) -> bool:
    """Carry out the next run that may begin; tell whether there was one. How it ended is told by its run.

    Raises
    ------
    MlopsError
        If it could not even begin: nothing was recorded, so nobody would ever hear of it.
    KeyboardInterrupt
        If it was cancelled by Ctrl-C, which is meant for whoever called this as well.
    """
    if (found := queue.next()) is None:
        return False
    place, run_id = found
    try:
        room = partial(queue.has_room, artifacts=place.artifacts)
        work(str(place.artifacts.root), run_id, place.ledger.actor, leave, room)
    except ConflictError:
        pass  # somebody was faster
    except Cancelled as error:
        if isinstance(error.__cause__, KeyboardInterrupt):
            raise KeyboardInterrupt from error
    except MlopsError:
        if lifecycle.record(place.ledger, run_id)["status"] == "queued":
            raise
    return True


def work(
    workspace: str, run_id: str, actor: str, leave: bool = True, room: Callable[[View], bool] = lambda _: True
) -> None:
    """Claim a queued run and carry it out; do nothing if somebody else has it.

    Parameters
    ----------
    leave : bool
        End this process if the run is cancelled amid a fit that nothing interrupts.
    room : callable
        Tells whether it may begin now, see `lifecycle.claim`.
    """
    from mlops.data import outcomes
    from mlops.data.datasets import Datasets
    from mlops.experiments import configs
    from mlops.experiments.runs import Run
    from mlops.training import pipeline

    artifacts = Artifacts(Path(workspace))
    ledger = Ledger(artifacts.root / "ledger.db", artifacts, actor).patient()  # its run is not lost, however long
    with lifecycle.held(artifacts, run_id, timeout=0), lifecycle.stage(artifacts, run_id) as stage:
        record = lifecycle.record(ledger, run_id)
        try:
            version = Datasets(ledger, artifacts).get(ref_of(record["data"]))
            config, facts = configs.load(record["config"]), {}
            if record.get("outcomes") is None:  # queued by a program of format 1: it has what is in force as it begins
                known = outcomes.known(ledger, artifacts, version, record["queued_at"])
                facts = {"roles": version.roles.as_dict(), "outcomes": known}
        except MlopsError as error:
            lifecycle.give_up(ledger, run_id, str(error))
            return
        claimed = lifecycle.claim(ledger, run_id, provenance.source_sha256(), provenance.software(), facts, room)
        if claimed is None:
            return
        training, over = pipeline.Training(ledger, artifacts, Run.of(claimed), stage), threading.Event()
        if leave:
            request = lifecycle.file(artifacts, run_id, "cancel")
            threading.Thread(target=_leave_if_cancelled, args=(training, request, over), daemon=True).start()
        try:
            training.carry_out(version, config)
        finally:
            over.set()


def _leave_if_cancelled(training: Training, request: Path, over: threading.Event) -> None:
    """End this process if its training is cancelled and does not stop by itself, amid a fit that nothing interrupts.

    Also if somebody removed its workspace, or put it aside: nothing could be recorded there, and others wait for the
    place.
    """
    while not request.exists():
        if training.is_homeless():
            os._exit(0)
        if over.wait(TICK):
            return
    if over.wait(PATIENCE):
        return
    try:
        training.abandon()
    finally:
        os._exit(0)


# The pool


class Pool:
    """Keeps workers for the workspaces that it serves: as many as there is work for, and room.

    Parameters
    ----------
    most : int, optional
        Trainings at a time, over all workspaces; all cores but one if not given.
    most_each : int, optional
        Trainings at a time in one workspace; half of `most` if not given.
    spare : bool
        Keep one warm worker where nothing waits; the others end then.
    sweep : str, optional
        Take the trials of this sweep alone, whatever else is worked on.
    """

    def __init__(
        self, most: int | None = None, most_each: int | None = None, spare: bool = True, sweep: str | None = None
    ) -> None:
        self.most = most or max(1, (os.cpu_count() or 2) - 1)
        self.most_each = most_each or (self.most + 1) // 2
        self._queue = Queue(sweep=sweep) if sweep else Queue(self.most, self.most_each)
        self._spare = spare
        self._workers: list[subprocess.Popen[bytes]] = []
        self._failures = 0
        self._order: list[tuple[Path, str]] = []
        self._order_until = 0.0
        self._lock = threading.RLock()
        self._thread: threading.Thread | None = None

    def adopt(self, ledger: Ledger, artifacts: Artifacts) -> None:
        """Serve a workspace from now on, and let the workers look there at once."""
        with self._lock:
            self._queue.serve(ledger, artifacts)
            self._order_until, self._failures = 0.0, 0
            for worker in self._workers:
                _tell(worker, ledger, artifacts)
            self._tend()  # now: this process may end as soon as it has submitted
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._watch, name="mlops pool", daemon=True)
                self._thread.start()

    def warm(self) -> None:
        """Have a worker ready, so that the next training begins at once."""
        with self._lock, suppress(OSError):
            if not any(worker.poll() is None for worker in self._workers):
                self._workers.append(self._hired())

    def queue(self) -> list[tuple[Path, str]]:
        """Return ``(workspace, run id)`` of all that wait, in the order in which they will begin: in turns."""
        with self._lock:
            if time.monotonic() > self._order_until:
                self._order, self._order_until = self._queue.order(), time.monotonic() + GLANCE
            return self._order

    def position(self, artifacts: Artifacts, run_id: str) -> int | None:
        """Return the place of a run in the queue, 1 being next; None if it does not wait here."""
        entry, queue = (artifacts.root, run_id), self.queue()
        return queue.index(entry) + 1 if entry in queue else None

    def pace(self) -> float | None:
        """Return the median seconds of the newest trainings in the workspaces that it serves; None before any ended."""
        with self._lock:
            found = [seconds for place in self._queue.places.values() for seconds in place.durations]
        return median(found) if found else None

    def close(self, wait: bool = False) -> None:
        """Serve no more. Runs go on, and can be waited for; what is queued waits for another pool."""
        with self._lock:
            self._queue.places.clear()
            for worker in self._workers:
                assert worker.stdin is not None
                with suppress(OSError):
                    worker.stdin.close()
        for worker in self._workers if wait else ():
            worker.wait()

    def _watch(self) -> None:
        while self._queue.places:
            time.sleep(GLANCE)
            with self._lock:
                self._tend()

    def _tend(self) -> None:
        """Replace the workers that have ended, as far as there is work for them."""
        for worker in [worker for worker in self._workers if worker.poll() is not None]:
            self._workers.remove(worker)
            self._failures = self._failures + 1 if worker.returncode > 0 else 0  # below 0 somebody killed it
        if self._failures >= ATTEMPTS:
            self._give_up()
        looks = self._queue.looks()
        waiting, working = sum(len(seen.waiting) for _, seen in looks), sum(seen.working for _, seen in looks)
        kept = 1 if self._spare and looks and not self._failures else 0
        with suppress(OSError):  # no memory for a process: tried again at the next look
            while len(self._workers) < (min(self.most, waiting + working) if waiting else kept):
                self._workers.append(self._hired())

    def _give_up(self) -> None:
        """Give the next run up, after some workers that came to nothing: it would keep all others waiting."""
        self._failures = 0
        for path, run_id in self._queue.order()[:1]:
            reason = f"{ATTEMPTS} workers ended before they could begin."
            with suppress(MlopsError):
                lifecycle.give_up(self._queue.places[path].ledger, run_id, reason)

    def _hired(self) -> subprocess.Popen[bytes]:
        """Return a new worker that serves all workspaces of this pool; the first one stays where nothing waits."""
        worker = _spawn(self._queue, stays=self._spare and not self._workers)
        for place in self._queue.places.values():
            _tell(worker, place.ledger, place.artifacts)
        return worker


@cache
def pool() -> Pool:
    """Return the pool of this process: the cores of the machine are shared by all of its workspaces."""
    return Pool()


@contextmanager
def loops(ledger: Ledger, artifacts: Artifacts, sweep: str, jobs: int) -> Iterator[Callable[[], bool]]:
    """Let so many loops take the trials of a sweep; they end with it, at the latest when the block does.

    One loop is this process: it takes a trial each time that it calls what this yields, which tells whether there was
    one. More loops are processes of their own.
    """
    if jobs == 1:
        queue = Queue(sweep=sweep)
        queue.serve(ledger, artifacts)
        yield lambda: take(queue, leave=False)
        return
    pool = Pool(jobs, spare=False, sweep=sweep)
    pool.adopt(ledger, artifacts)
    try:
        yield lambda: False
    finally:
        pool.close(wait=True)


# The process of a worker


def _tell(worker: subprocess.Popen[bytes], ledger: Ledger, artifacts: Artifacts) -> None:
    """Let a worker serve a workspace, and look there now."""
    assert worker.stdin is not None
    order = json.dumps({"workspace": str(artifacts.root), "actor": ledger.actor})
    with suppress(OSError):  # it has ended, and is replaced at the next look
        worker.stdin.write(order.encode() + b"\n")
        worker.stdin.flush()


def _spawn(queue: Queue, stays: bool) -> subprocess.Popen[bytes]:
    """Start a worker that does not end with this process or its terminal, nor by a Ctrl-C that is meant for it."""
    order = {"most": queue.most, "most_each": queue.most_each, "sweep": queue.sweep}
    return subprocess.Popen(
        [sys.executable, "-m", "mlops.training.workers", json.dumps([order, stays])],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env=provenance.one_thread(),
        start_new_session=True,  # Windows has none, but consoles, and closing one ends whatever is attached to it:
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0) | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )


def main(queue: Queue, stays: bool) -> None:
    """Be a worker: warm up, and serve the workspaces that the lines on standard input name, until they end.

    Parameters
    ----------
    queue : Queue
        What to take, and how much of it.
    stays : bool
        Wait where nothing waits; if not, end then.
    """
    with suppress(AttributeError, OSError):  # Windows has no nice
        os.nice(5)
    for module in WARM:
        import_module(module)
    provenance.source_sha256(), provenance.software()  # of the code that was just imported
    said: SimpleQueue[str] = SimpleQueue()
    threading.Thread(target=_listen, args=(said,), daemon=True).start()
    line = said.get()
    while line != END:
        if line:
            order = json.loads(line)
            artifacts = Artifacts(Path(order["workspace"]))
            queue.serve(Ledger(artifacts.root / "ledger.db", artifacts, order["actor"]), artifacts)
        taken = take(queue)
        if not (taken or stays) and said.empty():
            return
        line = ""
        with suppress(Empty):
            line = said.get(timeout=0 if taken else GLANCE)


def _listen(said: SimpleQueue[str]) -> None:
    """Hand on what is said on standard input, line by line; it ends with the process that started this one."""
    for line in sys.stdin:
        said.put(line)
    said.put(END)


if __name__ == "__main__":
    order, stays = json.loads(sys.argv[1])
    main(Queue(**order), stays)
    os._exit(0)  # at once: a process that ends waits half a second until all that it imported is taken down
