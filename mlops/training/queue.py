"""The queue: the runs that wait in the workspaces that somebody serves, and which of them may begin.

It stands in the ledgers and nowhere else: so it outlives all programs, and several may take runs of the same workspace.
Workspaces take turns. Where nothing waits, and nothing changed, a look costs neither a lock nor a connection.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from mlops.base.artifacts import Artifacts
from mlops.base.errors import MlopsError
from mlops.base.ledger import Ledger
from mlops.base.view import View
from mlops.experiments import lifecycle

HASTE = 0.1
"""Seconds for which a look waits for whoever holds a ledger: others wait while it does."""

SETTLED = 2.0
"""Seconds after which a file that changes again gets another time, on every file system."""


@dataclass(frozen=True)
class Look:
    """What is seen in a workspace."""

    waiting: tuple[str, ...] = ()
    """Ids of the runs that nobody works on, the next one first."""
    working: int = 0
    """How many runs somebody works on, or is about to begin: of this program, or of another one."""
    ended: int = 0
    """When the results of a training came to lie here last, in nanoseconds; 0 where nothing waits."""


class Place:
    """A workspace that is served."""

    def __init__(self, ledger: Ledger, artifacts: Artifacts, sweep: str | None) -> None:
        self.ledger = Ledger(ledger.path, artifacts, ledger.actor, busy=HASTE)
        self.artifacts = artifacts
        self.durations: list[float] = []
        """Seconds that the newest finished trainings here took."""
        self._ended = 0
        self._sweep = sweep
        self._idle: tuple[int, int] | None = None

    def look(self) -> Look | None:
        """Return what waits here and what is worked on; None if that cannot be told now."""
        try:
            file = self.ledger.path.stat()
            if (file.st_mtime_ns, file.st_size) == self._idle:
                return Look()
            with self.ledger.read() as view:
                seen = self._seen(view)
        except (OSError, MlopsError):
            return None
        is_idle = not seen.waiting and not seen.working and time.time() - file.st_mtime > SETTLED
        self._idle = (file.st_mtime_ns, file.st_size) if is_idle else None
        return seen

    def _seen(self, view: View) -> Look:
        queued, running = (lifecycle.with_status(view, status, self._sweep) for status in lifecycle.UNDER_WAY)
        held = lifecycle.held_now(self.artifacts)
        waiting = tuple(run_id for run_id in queued if run_id not in held)
        results = self.artifacts.path("experiments")
        ended = results.stat().st_mtime_ns if results.exists() else 0
        if ended != self._ended:
            self._ended, self.durations = ended, lifecycle.durations(view)
        return Look(waiting, len(held.intersection([*queued, *running])), ended if waiting else 0)


class Queue:
    """The runs that wait in some workspaces.

    Parameters
    ----------
    most : float
        Trainings at a time, over all workspaces.
    most_each : float
        Trainings at a time in one workspace, so that nobody starves the others.
    sweep : str, optional
        Only the trials of this sweep; all runs if not given.
    """

    def __init__(self, most: float = math.inf, most_each: float = math.inf, sweep: str | None = None) -> None:
        self.most, self.most_each, self.sweep = most, most_each, sweep
        self.places: dict[Path, Place] = {}

    def serve(self, ledger: Ledger, artifacts: Artifacts) -> None:
        """Serve a workspace from now on: also what was queued there before, by whichever process."""
        self.places[artifacts.root] = Place(ledger, artifacts, self.sweep)

    def looks(self) -> list[tuple[Place, Look]]:
        """Return what is seen in each workspace that is still there, the next one first."""
        self.places = {path: place for path, place in self.places.items() if place.ledger.path.exists()}
        looks = [(place, seen) for place in self.places.values() if (seen := place.look())]
        return sorted(looks, key=lambda look: (look[1].working, look[1].ended))

    def order(self) -> list[tuple[Path, str]]:
        """Return ``(workspace, run id)`` of all that wait, in the order in which they will begin."""
        waiting = [[(place.artifacts.root, run_id) for run_id in seen.waiting] for place, seen in self.looks()]
        return [entry for turn in zip_longest(*waiting) for entry in turn if entry]

    def next(self) -> tuple[Place, str] | None:
        """Return the run that may begin now."""
        looks = self.looks()
        if sum(seen.working for _, seen in looks) >= self.most:
            return None
        free = ((place, seen.waiting[0]) for place, seen in looks if seen.waiting and seen.working < self.most_each)
        return next(free, None)

    def has_room(self, view: View, artifacts: Artifacts) -> bool:
        """Tell whether one more run may begin in a workspace; asked as one is claimed, so that two never do."""
        return len(lifecycle.running(view, artifacts, self.sweep)) < self.most_each
