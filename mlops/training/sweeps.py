"""Sweeps: one config trained many times, each time with other values.

A *sweep* is a name that its *trials* share. A trial is an ordinary run with the tag ``sweep``: queued, cancelled,
searched and compared like any other. All trials of a sweep are queued at once; this process carries them out, or a
pool does. The preparation of the data is done once, for all trials find it in the cache.

The best of many trials looks better than it is: it was chosen by the very rows on which it is judged, and some of its
lead is luck. What it is worth, rows tell that no trial was chosen by.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mlops.base.artifacts import Artifacts
from mlops.base.errors import Cancelled, ConflictError, MlopsError, NotFoundError, shown
from mlops.base.ledger import Ledger
from mlops.base.records import Record, new_id
from mlops.experiments import lifecycle, runs
from mlops.experiments.runs import Run, Runs
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
            rows = view.connection.execute(
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
            rows = view.connection.execute(
                "SELECT facts.subject FROM facts JOIN records ON noun = 'run' AND records.subject = facts.subject "
                "WHERE key = ? AND value = ? ORDER BY seq",
                (lifecycle.TRIAL, sweep_id),
            ).fetchall()
            records = [view.record("run", run_id) or {} for (run_id,) in rows]
        trials = runs.read(self._ledger, records)
        if not trials:
            raise NotFoundError(f"There is no sweep {shown(sweep_id)}.", "List the runs: mlops runs list.")
        return ranked(sweep_id, trials)

    def queue(self, order: Order) -> Sweep:
        """Queue a trial for each config of an order: all of them, or none if one does not suit the data."""
        sweep_id = new_id("s")
        tagged = replace(order, tags={**order.tags, lifecycle.SWEEP: sweep_id})
        return ranked(sweep_id, orders.queue(self._ledger, self._artifacts, tagged))

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
        waiting = {run.run_id: None for run in sweep.open}
        with _workers(jobs) as carried_out:
            try:
                while waiting:
                    queued = [run_id for run_id in waiting if self._status(run_id) == "queued"]
                    for run_id in carried_out(self._work, queued):
                        self._tell([run_id], waiting, on_trial)
                    self._tell(list(waiting), waiting, on_trial)
                    time.sleep(AGAIN if waiting else 0)  # for what another process has taken
            except BaseException as error:
                now = self.cancel(sweep.sweep_id)
                if isinstance(error, KeyboardInterrupt | BrokenExecutor):
                    raise _stopped(now, error) from error
                raise
        return self.get(sweep.sweep_id)

    def cancel(self, sweep_id: str) -> Sweep:
        """Cancel the trials that wait or are under way; those that finished are kept."""
        lifecycle.cancel(self._ledger, self._artifacts, [run.run_id for run in self.get(sweep_id).open])
        return self.get(sweep_id)

    def importance(self, sweep_id: str) -> Importance:
        """Return which parameters made the difference; see `importance.of`."""
        from mlops.training import importance

        return importance.of(self.get(sweep_id))

    def _work(self, run_id: str) -> None:
        """Carry out a trial; how it ended is told by its run."""
        try:
            workers.work(str(self._artifacts.root), run_id, self._ledger.actor, leave=False)
        except Cancelled as error:
            if isinstance(error.__cause__, KeyboardInterrupt):  # meant for all; a trial alone can be cancelled as well
                raise KeyboardInterrupt from error
        except ConflictError:  # somebody else's by now
            pass
        except MlopsError:
            if self._status(run_id) == "queued":  # nothing was recorded, so nobody would ever hear of it
                raise

    def _status(self, run_id: str) -> str:
        return str(lifecycle.record(self._ledger, run_id)["status"])

    def _tell(self, run_ids: Sequence[str], waiting: dict[str, None], on_trial: Callable[[Run], None] | None) -> None:
        """Take those that have ended from what is waited for, and tell of them."""
        for run_id in run_ids:
            run = Runs(self._ledger, self._artifacts).get(run_id)
            if run.status not in lifecycle.UNDER_WAY:
                del waiting[run_id]
                if on_trial:
                    on_trial(run)


Work = Callable[[str], None]


def _one_by_one(work: Work, run_ids: Sequence[str]) -> Iterator[str]:
    for run_id in run_ids:
        work(run_id)
        yield run_id


@contextmanager
def _workers(jobs: int) -> Iterator[Callable[[Work, Sequence[str]], Iterator[str]]]:
    """Yield a function that works through run ids, and yields whenever one is done."""
    if jobs == 1:
        yield _one_by_one
        return
    from joblib.externals.loky import as_completed, get_reusable_executor

    executor = get_reusable_executor(max_workers=jobs)

    def side_by_side(work: Work, run_ids: Sequence[str]) -> Iterator[str]:
        asked = {executor.submit(work, run_id): run_id for run_id in run_ids}
        for done in as_completed(asked):
            done.result()
            yield asked[done]

    try:
        yield side_by_side
    finally:
        executor.shutdown(wait=True)  # what was cancelled ends in its own words


def _stopped(sweep: Sweep, why: BaseException) -> MlopsError:
    kept = f"{len(sweep.finished)} of {len(sweep.trials)} trials finished and are kept."
    look = f"See them: mlops runs list --where \"{lifecycle.TRIAL} = '{sweep.sweep_id}'\"."
    if isinstance(why, KeyboardInterrupt):
        return Cancelled(f"Sweep {sweep.sweep_id} was cancelled; {kept}", look)
    return MlopsError(f"A process of sweep {sweep.sweep_id} ended without a word; {kept}", f"Use fewer jobs. {look}")
