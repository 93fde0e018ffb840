"""Jobs: what takes longer than half a second and is no training of the queue, in threads of this server.

Every session finds a job again by its name, also after a reload: how far it is, its place in line, why it was refused.
What comes of it stands in a workspace, never here; a server that ends takes its jobs along.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from threading import Event, Lock, Thread

from mlops import MlopsError
from mlops.base.errors import Cancelled
from mlops.training import workers

TICK = 0.1
"""Seconds between two looks at whether a job was cancelled."""

Work = Callable[["Job"], None]


@dataclass(frozen=True)
class Seen:
    """How far a job is."""

    says: str = ""
    """What is being done."""
    fraction: float | None = None
    """How much of all of it is done; None where that cannot be told."""
    place: int = 0
    """In line, 1 being next; 0 once it has begun."""
    elapsed: float = 0.0
    """Seconds since it has begun."""
    so_far: tuple[str, ...] = ()
    """What has come of it already, line by line."""
    stopping: bool = False
    """Whether somebody cancelled it, and it has not ended yet."""


class Job:
    """One job, as its own work sees it."""

    def __init__(self, work: Work) -> None:
        self.seen = Seen()
        self.problem: MlopsError | None = None
        self.over = False
        self._work = work
        self._asked = Event()
        self._began: float | None = None

    def tell(self, says: str, fraction: float | None = None) -> None:
        """Say what is being done from now on; where somebody cancelled it, end.

        Raises
        ------
        Cancelled
            If somebody did.
        """
        self.say(says, fraction)
        self.look()

    def say(self, says: str, fraction: float | None = None, so_far: tuple[str, ...] = ()) -> None:
        """Say what is being done from now on, in the middle of what must not be cut short."""
        self.seen = Seen(says, fraction, so_far=so_far)

    def look(self) -> None:
        """End where somebody cancelled it; see `tell`."""
        if self._asked.is_set():
            raise Cancelled("It was cancelled.", "Begin again whenever you like.")

    def run(
        self,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        seconds: float,
        look: Callable[[], None] = lambda: None,
        log: Path | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a process to its end, which comes at once where the job is cancelled or its time is over.

        Parameters
        ----------
        seconds : float
            After so many it is ended, and that is an error.
        look : callable
            Called ten times a second as long as it runs; what it raises ends it.
        log : Path, optional
            File for what it says, where `look` can read it meanwhile.
        """
        told_to = log.open("wb") if log else subprocess.PIPE
        pipes = {"stdin": subprocess.DEVNULL, "stdout": told_to, "stderr": subprocess.DEVNULL}
        process = subprocess.Popen(command, cwd=folder, env=dict(environment), encoding="utf-8", **pipes)  # type: ignore[call-overload]
        until = time.monotonic() + seconds
        try:
            while True:
                try:
                    told, _ = process.communicate(timeout=TICK)
                    return subprocess.CompletedProcess(command, process.returncode, told)
                except subprocess.TimeoutExpired:
                    self.look()
                    look()
                if time.monotonic() > until:
                    raise MlopsError(f"It took more than {seconds:g} s and was ended.", "Try again.")
        finally:
            if process.poll() is None:
                process.kill()
                process.communicate()
            if log:
                told_to.close()

    def carry_out(self) -> None:
        """Do the work; whatever ends it, nobody waits for it any more."""
        self._began = time.monotonic()
        try:
            if not self._asked.is_set():
                self._work(self)
        except Cancelled:
            pass
        except MlopsError as problem:
            self.problem = problem
        except Exception as problem:
            self.problem = MlopsError(f"It failed: {type(problem).__name__}: {problem}.", "Try again.")
        finally:
            self.over = True

    def cancel(self) -> None:
        """Ask it to end."""
        self._asked.set()

    def shown(self, place: int) -> Seen:
        """Return how far it is, for who looks from outside."""
        elapsed = time.monotonic() - self._began if self._began else 0.0
        return replace(self.seen, place=place, elapsed=elapsed, stopping=self._asked.is_set())


class Jobs:
    """The jobs of this server, so many at a time; the others wait in line.

    Examples
    --------
    >>> jobs, done = Jobs(most=1), Event()
    >>> jobs.begin("one", lambda job: job.tell("Counting", 0.5) or done.set())
    >>> done.wait(5), jobs.settled("one"), jobs.of("one")
    (True, True, None)
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._jobs: dict[Hashable, Job] = {}
        self._waiting: list[Job] = []
        self._at_work = 0
        self._lock = Lock()

    def begin(self, name: Hashable, work: Work) -> None:
        """Begin a job as soon as there is room; where one of that name is under way, it is the one."""
        with self._lock:
            if name in self._jobs and not self._jobs[name].over:
                return
            job = self._jobs[name] = Job(work)
            self._waiting.append(job)
            if self._at_work < self._most:
                self._at_work += 1
                Thread(target=self._carry_out, name="job", daemon=True).start()

    def of(self, name: Hashable) -> Seen | None:
        """Return how far a job is; None where none of that name is under way."""
        with self._lock:
            job = self._jobs.get(name)
            place = self._waiting.index(job) + 1 if job in self._waiting else 0
        return None if job is None or job.over else job.shown(place)

    def cancel(self, name: Hashable) -> None:
        """Ask a job to end; one that waits in line never begins."""
        with self._lock:
            if (job := self._jobs.get(name)) is None:
                return
            job.cancel()
            if job in self._waiting:
                self._waiting.remove(job)
                job.over = True

    def refusal(self, name: Hashable) -> MlopsError | None:
        """Return why a job that is over was refused; it is said until one of that name begins again."""
        job = self._jobs.get(name)
        return job.problem if job and job.over else None

    def settled(self, name: Hashable, within: float = 60.0) -> bool:
        """Wait until a job is over, and tell whether it is."""
        until = time.monotonic() + within
        while self.of(name) and time.monotonic() < until:
            time.sleep(TICK / 5)
        return self.of(name) is None

    def _carry_out(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._at_work -= 1
                    return
                job = self._waiting.pop(0)
            job.carry_out()
            with self._lock:  # only a refusal is to be told; what came of it stands elsewhere
                self._jobs = {name: one for name, one in self._jobs.items() if one is not job or job.problem}


@cache
def jobs() -> Jobs:
    """Return the jobs of this server: as many at a time as there are trainings at a time."""
    return Jobs(workers.pool().most)
