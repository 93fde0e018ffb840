"""Workers: processes that carry out submitted trainings, a few at a time.

``python -m mlops.training.workers`` is a worker: it imports what a training needs, waits for one line that names a run,
claims that run in the ledger, trains it and ends. A worker that waits is a *spare*; it ends when the process that
started it does. A worker that owns a run outlives that process, and is found again by the run's lock.

A `Pool` starts workers: a few for all workspaces of its process, and not all of them for one. The queue is no part of
it. It stands in the ledgers, so it outlives the pool, and pools of several processes may serve the same workspace.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from mlops.base.artifacts import Artifacts
from mlops.base.errors import MlopsError
from mlops.base.ledger import Ledger
from mlops.experiments import lifecycle

if TYPE_CHECKING:
    from mlops.training.pipeline import Training

TICK = 0.1
"""Seconds between two looks at whether a worker has ended or a place is free."""

GLANCE = 0.5
"""Seconds for which a look at the queue serves all who ask for their place: thirty learners ask twice a second."""

PATIENCE = 1.0
"""Seconds that a cancelled training has to come to its next iteration before its worker leaves."""

ATTEMPTS = 3
"""Workers that may end without having claimed their run before the run is recorded as failed."""

WARM = ("mlops.training.pipeline", "sklearn.ensemble", "sklearn.linear_model", "sklearn.neighbors", "sklearn.dummy")
"""What a worker imports before it is asked for anything."""

ROOT = Path(__file__).parents[2]
"""The folder a worker starts in, so that it imports this very package."""

# The pool


@dataclass
class _Place:
    """A workspace that is served."""

    ledger: Ledger
    artifacts: Artifacts


class Pool:
    """Starts a worker for each queued run of the workspaces it serves, when there is room.

    Parameters
    ----------
    most : int, optional
        Trainings at a time, over all workspaces; all cores but one if not given.
    most_each : int, optional
        Trainings at a time in one workspace, so that nobody starves the others; half of `most` if not given.
    spare : bool
        Keep one warm worker in waiting.
    """

    def __init__(self, most: int | None = None, most_each: int | None = None, spare: bool = True) -> None:
        self.most = most or max(1, (os.cpu_count() or 2) - 1)
        self.most_each = most_each or (self.most + 1) // 2
        self._keeps_spare = spare
        self._spare: subprocess.Popen[bytes] | None = None
        self._places: dict[Path, _Place] = {}
        self._served: dict[Path, int] = {}  # the turn in which a workspace was served last
        self._workers: dict[tuple[Path, str], subprocess.Popen[bytes]] = {}
        self._attempts: dict[tuple[Path, str], int] = {}
        self._queue: list[tuple[Path, str]] = []
        self._queue_until = 0.0
        self._lock = threading.RLock()
        self._thread: threading.Thread | None = None

    def adopt(self, ledger: Ledger, artifacts: Artifacts) -> None:
        """Serve a workspace from now on: also what was queued there before, by whichever process."""
        with self._lock:
            hasty = Ledger(ledger.path, artifacts, ledger.actor, busy=TICK)  # others wait while this looks
            self._places.setdefault(artifacts.root, _Place(hasty, artifacts))
            self._queue_until = 0.0
            self._start_what_fits()  # now: this process may end as soon as it has submitted
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._serve, name="mlops pool", daemon=True)
                self._thread.start()

    def warm(self) -> None:
        """Have a spare ready, so that the next training begins at once."""
        with self._lock:
            if self._spare is None or self._spare.poll() is not None:
                self._spare = _spawn()

    def queue(self) -> list[tuple[Path, str]]:
        """Return ``(workspace, run id)`` of all that wait, in the order in which they will begin: in turns."""
        with self._lock:
            if time.monotonic() > self._queue_until:
                looks = [(path, look) for path in self._in_turn() if (look := self._look(path))]
                waiting = [[(path, run_id) for run_id in queued] for path, (queued, _) in looks]
                self._queue = [entry for turn in zip_longest(*waiting) for entry in turn if entry]
                self._queue_until = time.monotonic() + GLANCE
            return self._queue

    def position(self, artifacts: Artifacts, run_id: str) -> int | None:
        """Return the place of a run in the queue, 1 being next; None if it does not wait here."""
        entry, queue = (artifacts.root, run_id), self.queue()
        return queue.index(entry) + 1 if entry in queue else None

    def close(self) -> None:
        """Serve no more, and end the spare. Runs go on; what is queued waits for another pool."""
        with self._lock:
            self._places.clear()
            if self._spare:
                self._spare.kill()
                self._spare.communicate()
            self._spare, self._keeps_spare = None, False

    def _serve(self) -> None:
        while True:
            with self._lock:
                self._workers = {key: worker for key, worker in self._workers.items() if worker.poll() is None}
                self._start_what_fits()
                if not self._places and not self._workers:
                    self._thread = None
                    return
            time.sleep(TICK)

    def _start_what_fits(self) -> None:
        """Start the next runs, the workspaces in turn, while there is room; forget those where nothing happens."""
        if len(self._workers) >= self.most:
            return
        looks = {path: look for path in self._in_turn() if (look := self._look(path))}
        busy = sum(len(working) for _, working in looks.values())
        for path, (waiting, working) in looks.items():
            if not waiting and not working:
                self._forget(path)
            elif waiting and busy < self.most and len(working) < self.most_each:
                self._start(path, waiting[0])
                busy += 1

    def _look(self, path: Path) -> tuple[list[str], set[str]] | None:
        """Return the runs of a workspace that wait, and those that anybody works on; None if that cannot be told now.

        A run whose worker has not claimed it yet is one that is worked on. So is one of another pool, such as the pool
        that this process had before it was restarted.
        """
        place, mine = self._places[path], {run_id for where, run_id in self._workers if where == path}
        if not place.ledger.path.exists():  # somebody removed the folder
            return [], mine
        try:
            with place.ledger.read() as view:
                queued, running = lifecycle.with_status(view, "queued"), lifecycle.running(view, place.artifacts)
        except MlopsError:
            return None
        return [run_id for run_id in queued if run_id not in mine], mine | set(running)

    def _forget(self, path: Path) -> None:
        del self._places[path]
        self._attempts = {key: count for key, count in self._attempts.items() if key[0] != path}

    def _in_turn(self) -> list[Path]:
        """Return the workspaces, the one first that was not served for longest."""
        return sorted(self._places, key=lambda path: self._served.get(path, 0))

    def _start(self, path: Path, run_id: str) -> None:
        place, key = self._places[path], (path, run_id)
        self._queue_until = 0.0
        self._served[path] = max(self._served.values(), default=0) + 1
        attempts = self._attempts.get(key, 0)
        if attempts == ATTEMPTS:
            with suppress(MlopsError):
                lifecycle.give_up(place.ledger, run_id, f"{ATTEMPTS} workers ended before they could begin.")
            return
        order = json.dumps({"workspace": str(path), "run_id": run_id, "actor": place.ledger.actor})
        with suppress(OSError):  # no memory for a process: tried again at the next tick
            self._workers[key] = self._handed(order.encode() + b"\n")
            self._attempts[key] = attempts + 1
            if self._keeps_spare:
                self.warm()

    def _handed(self, order: bytes) -> subprocess.Popen[bytes]:
        """Give an order to the spare, or to a new worker if there is none or it was killed."""
        spare, self._spare = self._spare, None
        if spare is not None and spare.poll() is None:
            with suppress(OSError):
                _tell(spare, order)
                return spare
        worker = _spawn()
        with suppress(OSError):  # it has ended already, which counts as an attempt
            _tell(worker, order)
        return worker


@cache
def pool() -> Pool:
    """Return the pool of this process: the cores of the machine are shared by all of its workspaces."""
    return Pool()


def _tell(worker: subprocess.Popen[bytes], order: bytes) -> None:
    assert worker.stdin is not None
    with worker.stdin as line:
        line.write(order)


def _spawn() -> subprocess.Popen[bytes]:
    """Start a worker that does not end with this process or its terminal, nor by a Ctrl-C that is meant for it."""
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return subprocess.Popen(
        [sys.executable, "-m", "mlops.training.workers"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env={**os.environ, **one_thread},
        start_new_session=True,  # Windows has none, but consoles, and closing one ends whatever is attached to it:
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0) | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )


# The worker


def work(workspace: str, run_id: str, actor: str, leave: bool = True) -> None:
    """Claim a queued run and carry it out; do nothing if somebody else has it.

    Parameters
    ----------
    leave : bool
        End this process if the run is cancelled amid a fit that nothing interrupts.
    """
    from mlops.base import provenance
    from mlops.data import outcomes
    from mlops.data.datasets import Datasets
    from mlops.experiments import configs
    from mlops.experiments.runs import Run
    from mlops.training import pipeline

    artifacts = Artifacts(Path(workspace))
    ledger = Ledger(artifacts.root / "ledger.db", artifacts, actor).patient()  # its run is not lost, however long
    with lifecycle.held(artifacts, run_id, timeout=PATIENCE), lifecycle.stage(artifacts, run_id) as stage:
        record = lifecycle.record(ledger, run_id)
        try:
            version = Datasets(ledger, artifacts).get("{name}@{version}".format(**record["data"]))
            config, facts = configs.load(record["config"]), {}
            if record.get("outcomes") is None:  # queued by a program of format 1: it has what is in force as it begins
                known = outcomes.known(ledger, artifacts, version, record["queued_at"])
                facts = {"roles": version.roles.as_dict(), "outcomes": known}
        except MlopsError as error:
            lifecycle.give_up(ledger, run_id, str(error))
            return
        claimed = lifecycle.claim(ledger, run_id, provenance.source_sha256(), provenance.software(), facts)
        if claimed is None:
            return
        training = pipeline.Training(ledger, artifacts, Run.of(claimed), stage)
        if not leave:
            training.carry_out(version, config)
            return
        over, request = threading.Event(), lifecycle.file(artifacts, run_id, "cancel")
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


def main() -> None:
    """Be a worker: warm up, wait for a run, carry it out."""
    with suppress(AttributeError, OSError):  # Windows has no nice
        os.nice(5)
    from mlops.base import provenance

    for module in WARM:
        import_module(module)
    provenance.source_sha256(), provenance.software()  # of the code that was just imported
    order = sys.stdin.readline()
    if order:  # else whoever started this process has ended
        with suppress(MlopsError):  # the run tells
            work(**json.loads(order))


if __name__ == "__main__":
    main()
    os._exit(0)  # at once: the next training would wait half a second until all that was imported is taken down
