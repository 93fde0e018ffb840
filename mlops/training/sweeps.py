"""Sweeps: one config trained many times, each time with other values.

A *sweep* is a name that its *trials* share. A trial is an ordinary run with the tag ``sweep``: queued, cancelled,
searched and compared like any other. All trials of a sweep are queued at once; loops of this sweep take them, or those
of a pool do. The preparation of the data is done once, for all trials find it in the cache.

The best of many trials looks better than it is: it was chosen by the very rows on which it is judged, and some of its
lead is luck. What it is worth, rows tell that no trial was chosen by.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mlops.base.artifacts import Artifacts
from mlops.base.errors import Cancelled, NotFoundError, shown
from mlops.base.ledger import Ledger, writes
from mlops.base.records import Record, new_id
from mlops.experiments import lifecycle, runs
from mlops.experiments.runs import Run
from mlops.training import orders, workers
from mlops.training.orders import Order

if TYPE_CHECKING:
    from mlops.training.importance import Importance

JUDGED_BY = {"auc": -1, "rmse": 1, "accuracy": -1}
"""Validation metric by which trials are ranked, the first that is known; -1 where more is better."""

AGAIN = 0.1
"""Seconds between two looks at trials that another process carries out."""


@dataclass(frozen=True)
class Sweep(Record):
    """The trials of a sweep, the best first."""

    sweep_id: str
    keys: tuple[str, ...]
    """Parameters in which trials differ."""
    metric: str
    """The validation metric by which they are ranked."""
    trials: tuple[Run, ...]
    """First those that finished, the best first; then the others as they were asked for."""

    @property
    def finished(self) -> tuple[Run, ...]:
        """Trials that can be ranked, the best first."""
        return tuple(run for run in self.trials if self.score(run) is not None)

    @property
    def open(self) -> tuple[Run, ...]:
        """Trials that wait or are under way."""
        return tuple(run for run in self.trials if run.status in lifecycle.UNDER_WAY)

    @property
    def same_rows(self) -> bool:
        """Whether all were judged by the same rows; if not, their metrics do not rank them."""
        return len({run.rows_sha256.get("validation") for run in self.finished}) <= 1

    @property
    def near(self) -> int:
        """How many trials lie inside the interval of the best, itself among them; 0 if it has no interval."""
        bounds = self.finished[0].intervals.get("validation", {}).get(self.metric) if self.finished else None
        scores = [score for run in self.finished if (score := self.score(run)) is not None]
        return sum(bounds[0] <= score <= bounds[1] for score in scores) if bounds else 0

    def score(self, run: Run) -> float | None:
        """Return the metric of a trial; None if it did not finish."""
        return run.metrics.get("validation", {}).get(self.metric) if run.status == "finished" else None


def ranked(sweep_id: str, trials: Sequence[Run]) -> Sweep:
    """Return the trials of a sweep as a leaderboard.

    Parameters
    ----------
    trials : sequence of Run
        In the order in which they were asked for.
    """
    measured = [run.metrics.get("validation", {}) for run in trials if run.status == "finished"]
    known = {name for metrics in measured for name, value in metrics.items() if value is not None}
    metric = next((name for name in JUDGED_BY if name in known), next(iter(JUDGED_BY)))
    sweep = Sweep(sweep_id, _varied(trials), metric, tuple(trials))

    def place(run: Run) -> float:
        score = sweep.score(run)
        return math.inf if score is None else JUDGED_BY[metric] * score

    return Sweep(sweep_id, sweep.keys, metric, tuple(sorted(trials, key=place)))


def _varied(trials: Sequence[Run]) -> tuple[str, ...]:
    """Return the parameters that every trial has and in which two differ."""
    first, *others = [run.params for run in trials]
    shared = [key for key in first if all(key in params for params in others)]
    return tuple(key for key in shared if any(params[key] != first[key] for params in others))


class Sweeps:
    """The sweeps of one workspace."""

    def __init__(self, ledger: Ledger, artifacts: Artifacts) -> None:
        self._ledger = ledger
        self._artifacts = artifacts

    def list(self) -> list[str]:
        """Return the ids of all sweeps, newest first."""
        with self._ledger.read() as view:
            rows = view.search(
                "run",
                "SELECT value FROM facts JOIN records ON noun = 'run' AND records.subject = facts.subject "
                "WHERE key = ? GROUP BY value ORDER BY max(seq) DESC",
                (lifecycle.TRIAL,),
            )
            return [sweep_id for (sweep_id,) in rows]

    def get(self, sweep_id: str) -> Sweep:
        """Return a sweep as it stands now.

        Raises
        ------
        NotFoundError
            If no run has its tag.
        """
        lifecycle.record_interrupted(self._ledger, self._artifacts)
        with self._ledger.read() as view:
            rows = view.search(
                "run",
                "SELECT facts.subject FROM facts JOIN records ON noun = 'run' AND records.subject = facts.subject "
                "WHERE key = ? AND value = ? ORDER BY seq",
                (lifecycle.TRIAL, sweep_id),
            ).fetchall()
            records = [view.record("run", run_id) or {} for (run_id,) in rows]
        trials = runs.read(self._ledger, records)
        if not trials:
            raise NotFoundError(f"There is no sweep {shown(sweep_id)}.", "List the runs: mlops runs list.")
        return ranked(sweep_id, trials)

    @writes
    def queue(self, order: Order) -> Sweep:
        """Queue a trial for each config of an order: all of them, or none if one does not suit the data."""
        sweep_id = new_id("s")
        tagged = replace(order, tags={**order.tags, lifecycle.SWEEP: sweep_id})
        return ranked(sweep_id, orders.queue(self._ledger, self._artifacts, tagged))

    @writes
    def carry_out(self, sweep: Sweep, jobs: int = 1, on_trial: Callable[[Run], None] | None = None) -> Sweep:
        """Carry out the trials of a sweep, and wait for those that another process has taken.

        Parameters
        ----------
        jobs : int
            Trials at a time; more than one in processes of their own.
        on_trial : callable, optional
            Called with each trial once it has ended. What it raises ends the sweep.

        Raises
        ------
        Cancelled
            On Ctrl-C: what is under way is cancelled, what waits as well, and what finished is kept.
        """
        waiting = [run.run_id for run in sweep.open]
        try:
            with workers.loops(self._ledger, self._artifacts, sweep.sweep_id, jobs) as take:
                try:
                    while waiting:
                        taken = take()
                        for run in self._ended(sweep.sweep_id, waiting):
                            waiting.remove(run.run_id)
                            if on_trial:
                                on_trial(run)
                        time.sleep(0 if taken or not waiting else AGAIN)
                except BaseException:
                    self.cancel(sweep.sweep_id)
                    raise
        except KeyboardInterrupt as error:
            now = self.cancel(sweep.sweep_id)  # it may have come before the loops were there
            raise Cancelled(
                f"Sweep {sweep.sweep_id} was cancelled; "
                f"{len(now.finished)} of {len(now.trials)} trials finished and are kept.",
                f"See them: mlops runs list --where \"{lifecycle.TRIAL} = '{sweep.sweep_id}'\".",
            ) from error
        return self.get(sweep.sweep_id)

    def _ended(self, sweep_id: str, run_ids: Sequence[str]) -> Sequence[Run]:
        """Return those of some trials that have ended."""
        lifecycle.record_interrupted(self._ledger, self._artifacts)
        with self._ledger.read() as view:
            still = {one for status in lifecycle.UNDER_WAY for one in lifecycle.with_status(view, status, sweep_id)}
            records = [view.resolve("run", run_id) for run_id in run_ids if run_id not in still]
        return runs.read(self._ledger, records)

    @writes
    def cancel(self, sweep_id: str) -> Sweep:
        """Cancel the trials that wait or are under way; those that finished are kept."""
        lifecycle.cancel(self._ledger, self._artifacts, [run.run_id for run in self.get(sweep_id).open])
        return self.get(sweep_id)

    def importance(self, sweep_id: str) -> Importance:
        """Return which parameters made the difference; see `importance.of`."""
        from mlops.training import importance

        return importance.of(self.get(sweep_id))
