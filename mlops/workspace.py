"""Workspace: the one object users hold.

A workspace is a folder you can read: a marker, a ledger, and artifacts under names that people understand.
This facade knows which module does what; it does nothing itself. It imports a module when it is first used, so
opening a workspace is quick.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlops import folder
from mlops.base import clock
from mlops.base.artifacts import Artifacts
from mlops.base.errors import ConflictError, InvalidError, PastError, printable
from mlops.base.formats import FORMAT
from mlops.base.journal import Journal
from mlops.base.ledger import Ledger, writes
from mlops.base.records import check_count, check_path, check_text

if TYPE_CHECKING:
    from mlops.data.datasets import Datasets
    from mlops.data.outcomes import Outcomes
    from mlops.data.reading.options import ReadOptions
    from mlops.experiments.comparisons import Comparisons
    from mlops.experiments.progress import Step
    from mlops.experiments.runs import Run, Runs
    from mlops.production.alerts import Alerts
    from mlops.production.drift import Drift
    from mlops.production.monitoring import Monitor
    from mlops.production.retraining import Retrainer
    from mlops.production.shadow import Shadows
    from mlops.release.answering import Prediction
    from mlops.release.batch import Batches, BatchReport, Done
    from mlops.release.deployments import Deployments
    from mlops.release.gate import GateReport
    from mlops.release.gate_rules import GateRules
    from mlops.release.lineage import Lineage
    from mlops.release.predictions import Predictions
    from mlops.release.registry import Models
    from mlops.release.releases import Deployment, LiveAnswer, Releases
    from mlops.release.worlds import Worlds
    from mlops.training.grids import Grid
    from mlops.training.reproduce import Reproduction
    from mlops.training.sweeps import Sweep, Sweeps
    from mlops.training.workers import Pool

UNSET: Any = object()
"""Tells a seed that was not given from the seed None, which means unseeded."""

MAX_ACTOR = 2000
"""Characters of who acts, at most."""


class Workspace:
    """A folder with data, runs, models, releases and predictions, and the history of all of them.

    Make one with `Workspace.open`.

    Examples
    --------
    >>> import tempfile
    >>> ws = Workspace.open(Path(tempfile.mkdtemp()) / "workspace")
    >>> ws.datasets.list(), ws.releases.live("production"), ws.verify()["ok"]
    ([], None, True)
    """

    def __init__(self, path: Path, workspace_id: str, ledger: Ledger, artifacts: Artifacts) -> None:
        self.path = path
        self.id = workspace_id
        self.actor = ledger.actor
        self._ledger = ledger
        self._artifacts = artifacts

    @classmethod
    def open(cls, path: str | Path, *, create: bool = True, actor: str | None = None) -> Workspace:
        """Open the workspace in a folder.

        Parameters
        ----------
        path : str or Path
            The folder.
        create : bool
            Make a workspace if the folder is missing or empty.
        actor : str, optional
            Who acts, as the history says; the user of this machine if not given.

        Raises
        ------
        NotFoundError
            If there is no workspace and none is to be made.
        ConflictError
            If the folder holds something else.
        StorageError
            If a newer program wrote it, or it is damaged.
        """
        where, who = check_path(path), check_text(actor or _user(), "actor", MAX_ACTOR)
        if create:
            folder.make(where.absolute())
        version, workspace_id = folder.identify(where)
        artifacts = Artifacts(where.absolute())
        ws = cls(artifacts.root, workspace_id, Ledger(artifacts.root / "ledger.db", artifacts, who), artifacts)
        ws._ledger.check_format()
        if version < FORMAT:
            ws._ledger.mark()  # whoever brought the ledger up to date may have died before
        return ws

    @classmethod
    @contextmanager
    def begin(cls, path: str | Path) -> Iterator[Workspace]:
        """Open the workspace in a folder, or make one; one that was made here and stayed empty goes again on an error.

        For what may be the first thing to happen in a workspace: an input that is refused leaves no folder behind.
        """
        new = folder.make(check_path(path).absolute())
        ws = cls.open(path, create=False)
        try:
            yield ws
        except BaseException:
            if new is not None:
                folder.undo(ws.path, ws._ledger, new)
            raise

    # Data

    @cached_property
    def datasets(self) -> Datasets:
        """Datasets and their versions."""
        from mlops.data.datasets import Datasets

        return Datasets(self._ledger, self._artifacts)

    @cached_property
    def outcomes(self) -> Outcomes:
        """What became known of the rows of datasets."""
        from mlops.data.outcomes import Outcomes

        return Outcomes(self._ledger, self._artifacts)

    # Experiments

    @cached_property
    def comparisons(self) -> Comparisons:
        """What runs say about each other: compare, difference, diff, reevaluate, thresholds."""
        from mlops.experiments.comparisons import Comparisons

        return Comparisons(self._ledger, self._artifacts)

    @cached_property
    def runs(self) -> Runs:
        """Runs: list, search, annotate, cancel."""
        from mlops.experiments.runs import Runs

        return Runs(self._ledger, self._artifacts)

    @writes
    def train(
        self,
        config: str | Path,
        *,
        overrides: Mapping[str, Any] | None = None,
        data: str | None = None,
        seed: int | None = UNSET,
        environment: str | None = None,
        note: str = "",
        tags: Mapping[str, str] | None = None,
        on_step: Callable[[Step], None] | None = None,
    ) -> Run:
        """Train a model as a config says, and record the run.

        Parameters
        ----------
        config : str or Path
            A config file or YAML text.
        overrides : mapping, optional
            Dotted keys and values that win over the file.
        data : str, optional
            Dataset version, or a dataset: then its newest version that one may train on today. Otherwise what the
            config's data section says; otherwise the only dataset.
        seed : int or None, optional
            Sets ``training.random_state``; None makes the run unseeded, and says so.
        environment : str, optional
            Lay the overlay of this environment over the file.
        note, tags
            What to remember with the run.
        on_step : callable, optional
            Called with a `Step` whenever one begins or ends.

        Returns
        -------
        Run
            The finished run.
        """
        from mlops.training import orders, pipeline

        order = orders.take(self.datasets, config, _changes(overrides, seed), data, environment, note, tags)
        return pipeline.train(self._ledger, self._artifacts, order, on_step)

    @writes
    def submit(
        self,
        config: str | Path,
        *,
        overrides: Mapping[str, Any] | None = None,
        data: str | None = None,
        seed: int | None = UNSET,
        environment: str | None = None,
        note: str = "",
        tags: Mapping[str, str] | None = None,
        pool: Pool | None = None,
    ) -> Run:
        """Queue a training for a worker of its own process, and return at once.

        The model is the same, byte for byte, as `train` gives for the same arguments, which are explained there.

        Parameters
        ----------
        pool : workers.Pool, optional
            Who starts the worker; the pool of this process if not given.

        Returns
        -------
        Run
            The queued run. Follow it with ``runs.progress`` and ``runs.get``; ``runs.cancel`` ends it.
        """
        from mlops.training import orders

        order = orders.take(self.datasets, config, _changes(overrides, seed), data, environment, note, tags)
        [run] = orders.queue(self._ledger, self._artifacts, order)
        self.resume(pool)
        return run

    @writes
    def reproduce(
        self,
        run_id: str | Run,
        *,
        on_step: Callable[[Step], None] | None = None,
        python: str | Path | None = None,
        look: Callable[[], None] | None = None,
    ) -> Reproduction:
        """Train a finished run again from its record, in a fresh process, and say whether it came out the same.

        No run is made and no model kept; an event on the run keeps the answer.

        Parameters
        ----------
        on_step : callable, optional
            Called with a `Step` whenever one begins or ends. What it raises ends the process; nothing is recorded then.
        python : str or Path, optional
            Another interpreter to train with, such as that of an environment with other packages.
        look : callable, optional
            Called about ten times a second while it trains. What it raises ends the process, as above.

        Returns
        -------
        Reproduction
            Verdict, first divergence and every check; see `reproduce` in `mlops.training`.

        Raises
        ------
        ConflictError
            If the run is not finished.
        InvalidError
            If the interpreter cannot train.
        Cancelled
            On Ctrl-C; nothing is recorded.
        """
        from mlops.training import reproduce

        return reproduce.reproduce(self._ledger, self._artifacts, run_id, on_step, python, look)

    @cached_property
    def sweeps(self) -> Sweeps:
        """Sweeps: their trials, the best first; cancel the rest."""
        from mlops.training.sweeps import Sweeps

        return Sweeps(self._ledger, self._artifacts)

    @writes
    def sweep(
        self,
        config: str | Path,
        grid: Grid,
        *,
        random: int | None = None,
        jobs: int = 1,
        wait: bool = True,
        overrides: Mapping[str, Any] | None = None,
        data: str | None = None,
        seed: int | None = UNSET,
        environment: str | None = None,
        note: str = "",
        tags: Mapping[str, str] | None = None,
        on_trial: Callable[[Run], None] | None = None,
        pool: Pool | None = None,
    ) -> Sweep:
        """Train a config many times, each time with other values; each trial is a run with the tag ``sweep``.

        Parameters
        ----------
        grid : mapping
            For each dotted key the values to try: a list, or text such as ``"2,4,6"`` or ``"0.01..0.3 log"``.
        random : int, optional
            Draw so many combinations, by the seed of the config; all combinations if not given.
        jobs : int
            Trials at a time, where this call carries them out.
        wait : bool
            False queues the trials for a pool, as `submit` does, and returns at once.
        on_trial : callable, optional
            Called with each trial once it has ended.
        config, overrides, data, seed, environment, note, tags, pool
            As for `train` and `submit`; the same for all trials.

        Returns
        -------
        Sweep
            Its trials, the best first by the main metric on the validation rows.

        Raises
        ------
        ConfigError
            If one trial's config is not valid; nothing is recorded.
        Cancelled
            On Ctrl-C; what finished is kept.
        """
        from mlops.training import orders
        from mlops.training.sweeps import Sweeps

        order = orders.take(
            self.datasets, config, _changes(overrides, seed), data, environment, note, tags, grid=grid, random=random
        )
        sweep = self.sweeps.queue(order)
        if wait:
            return Sweeps(self._ledger.patient(), self._artifacts).carry_out(sweep, jobs, on_trial)
        self.resume(pool)
        return sweep

    @writes
    def resume(self, pool: Pool | None = None) -> None:
        """Let a pool, by default that of this process, start what is queued here, also if it was by another process."""
        from mlops.training import workers

        (pool or workers.pool()).adopt(self._ledger, self._artifacts)

    def position(self, run_id: str, pool: Pool | None = None) -> int | None:
        """Return the place of a run in the queue of a pool, 1 being next; None if it does not wait there, now."""
        from mlops.training import workers

        return None if self.event is not None else (pool or workers.pool()).position(self._artifacts, run_id)

    # Release

    @cached_property
    def models(self) -> Models:
        """Registered models and their versions."""
        from mlops.release.registry import Models

        return Models(self._ledger, self._artifacts)

    @cached_property
    def releases(self) -> Releases:
        """What is and was live."""
        from mlops.release.releases import Releases

        return Releases(self._ledger)

    @cached_property
    def deployments(self) -> Deployments:
        """Gate, deploy, roll back."""
        from mlops.release.deployments import Deployments

        return Deployments(self._ledger, self._artifacts)

    @cached_property
    def gate_rules(self) -> GateRules:
        """What each environment asks of a model."""
        from mlops.release.gate_rules import GateRules

        return GateRules(self._ledger)

    @cached_property
    def worlds(self) -> Worlds:
        """Which config runs where, and whether its file says so."""
        from mlops.release.worlds import Worlds

        return Worlds(self._ledger, self._artifacts)

    @writes
    def gate(self, ref: Any, environment: str = "production", data: str | None = None) -> GateReport:
        """Ask whether a model may go live, and deploy nothing; see `Gate.evaluate`."""
        return self.deployments.gate(_ref(ref), environment, data)

    @writes
    def deploy(
        self,
        ref: Any,
        environment: str,
        reason: str,
        *,
        override: str | None = None,
        data: str | None = None,
        expected: str | None = None,
    ) -> Deployment:
        """Make a model version live; see `Deployments.deploy`."""
        return self.deployments.deploy(_ref(ref), environment, reason, override=override, data=data, expected=expected)

    @writes
    def rollback(
        self,
        environment: str,
        reason: str,
        *,
        model: str | None = None,
        to: str | None = None,
        expected: str | None = None,
    ) -> Deployment:
        """Make an earlier version live again; see `Deployments.rollback`."""
        return self.deployments.rollback(environment, reason, model=model, to=to, expected=expected)

    def live_at(
        self, time: str, environment: str = "production", tz: str | None = None, model: str | None = None
    ) -> LiveAnswer:
        """Answer what was live at an instant; see `Releases.live_at`."""
        return self.releases.live_at(time, environment, tz, model)

    def lineage(self, ref: Any, *, up: bool = True, down: bool = True) -> Lineage:
        """Return what something came from and what came from it; see `lineage.of`."""
        from mlops.release import lineage

        return lineage.of(self._ledger, self._artifacts, _ref(ref), up, down)

    # Use

    @cached_property
    def predictions(self) -> Predictions:
        """Requests, one row each, and their log."""
        from mlops.release.predictions import Predictions

        return Predictions(self._ledger, self._artifacts)

    @cached_property
    def batches(self) -> Batches:
        """Scored files."""
        from mlops.release.batch import Batches

        return Batches(self._ledger, self._artifacts)

    @writes
    def predict(self, ref: Any, row: Mapping[str, Any]) -> Prediction:
        """Answer one row with a model version, or with what is live (``@production``); see `Predictions.predict`."""
        from mlops.release.predictions import live_environment

        model = self.models.load(_ref(ref))
        return self.predictions.predict(model, row, live_environment(_ref(ref), model.version))

    @writes
    def batch_predict(
        self,
        ref: Any,
        data: str | Path,
        output: str | Path | None = None,
        on_progress: Callable[[Done], None] | None = None,
        options: ReadOptions | None = None,
        month: str | None = None,
    ) -> BatchReport:
        """Score rows with a model version, or with what is live (``@production``); see `Batches.score`."""
        from mlops.release.predictions import live_environment

        model = self.models.load(_ref(ref))
        live = live_environment(_ref(ref), model.version)
        return self.batches.score(model, data, output, live, on_progress, options, month)

    # Production

    @cached_property
    def retraining(self) -> Retrainer:
        """When a live model should learn again: rule, due, retrain, and what came of it."""
        from mlops.production.retraining import Retrainer

        return Retrainer(self._ledger, self._artifacts)

    @cached_property
    def monitoring(self) -> Monitor:
        """What is known of the months of a live model: inputs, outcomes, an estimate until then."""
        from mlops.production.monitoring import Monitor

        return Monitor(self._ledger, self._artifacts)

    @cached_property
    def shadow(self) -> Shadows:
        """Candidates that answer silently beside what is live, and what they said: start, follow, report, stop."""
        from mlops.production.shadow import Shadows

        return Shadows(self._ledger, self._artifacts)

    def drift(
        self,
        reference: str | None,
        current: str | Path,
        *,
        model: str | None = None,
        before: str | None = None,
        options: ReadOptions | None = None,
    ) -> Drift:
        """Compare the inputs in a version or a file with those of a known version; see `inputs.compare`."""
        from mlops.production import inputs

        return inputs.compare(
            self._ledger, self._artifacts, current, reference, model=model, before=before, options=options
        )

    @cached_property
    def alerts(self) -> Alerts:
        """What those months say that somebody should look at."""
        from mlops.production.alerts import Alerts

        return Alerts(self._ledger, self._artifacts)

    # Time and history

    @cached_property
    def journal(self) -> Journal:
        """What a program on top wants the history to keep."""
        return Journal(self._ledger)

    @property
    def event(self) -> int | None:
        """Number of the last event that a past holds; None in the present."""
        return self._ledger.event

    def at(self, time: str | None = None, tz: str | None = None, *, event: int | None = None) -> Workspace:
        """Return the workspace as it was known at an instant, for reading; what would write is a `PastError`.

        In it `now()` is that instant, and everything is as it was after the last event until then. A simulated date
        stands still, so that many events share an instant: their numbers name the points between them.

        Parameters
        ----------
        time : str, optional
            As `clock.parse_instant` reads it: an offset in it wins, then `tz`, then UTC.
        tz : str, optional
            IANA time zone.
        event : int, optional
            Number of the last event that had happened, instead of a time.

        Raises
        ------
        NotYetError
            If the instant, or the event, has not come yet.

        Examples
        --------
        >>> import tempfile
        >>> ws = Workspace.open(Path(tempfile.mkdtemp()) / "workspace")
        >>> clock = [ws.set_clock(time) for time in ("2024-03-15", "2024-03-16")]
        >>> ws.at("2024-03-15 14:00", tz="America/New_York").now()
        '2024-03-15T18:00:00.000000Z'
        >>> ws.at(event=1).now()
        '2024-03-15T00:00:00.000000Z'
        """
        from mlops.base import past

        if (time is None) == (event is None):
            raise InvalidError("A past is named by a time or by an event.", "Name one of the two.")
        check_count(event, "event")
        with self._ledger.read() as view:
            if event is not None:
                last = past.numbered(view, event)
                now = str(last[1])
            else:
                now = view.past(clock.parse_instant(str(time), tz), tz)
                last = past.last_at(view, now)
        then = past.Past(self._ledger, last, now)
        return Workspace(self.path, self.id, then, past.PastArtifacts(self.path, then))

    def now(self) -> clock.Instant:
        """Return the workspace's time: the simulated date if one is set, else wall time."""
        with self._ledger.read() as view:
            return view.now()

    def clock(self) -> dict[str, Any]:
        """Return ``{now, simulated}``."""
        with self._ledger.read() as view:
            record = view.record("clock", "clock")
            return {"now": view.now(), "simulated": bool(record and record["simulated"])}

    @writes
    def set_clock(self, time: str | None, tz: str | None = None) -> dict[str, Any]:
        """Set the simulated date; None returns to wall time. Time never goes back.

        Raises
        ------
        ConflictError
            If something has happened in this workspace after that time.
        """
        instant = clock.parse_instant(time, tz) if time is not None else None
        with self._ledger.write() as tx:
            last = tx.head()[1]
            if last is not None and (instant or clock.wall_time()) < last:
                raise ConflictError(
                    f"The last event here is of {last}, and time does not go back to {instant or 'today'}.",
                    "Choose a later time, or start a new workspace.",
                )
            tx.at = instant or clock.wall_time()
            tx.append("clock.set", "clock", {"simulated": instant})
        return self.clock()

    def log(self, since: int = 0) -> list[dict[str, Any]]:
        """Return the events after number `since`, oldest first."""
        check_count(since, "number")
        with self._ledger.read() as view:
            events = view.events(since)
        return list(events)

    def head(self) -> int:
        """Return the number of the last event: a cheap way to see whether anything happened."""
        with self._ledger.read() as view:
            return view.head()[0]

    def verify(self, on_file: Callable[[int, int], None] | None = None) -> dict[str, Any]:
        """Recompute the whole history and the hash of every file; see `verify.verify`.

        Parameters
        ----------
        on_file : callable, optional
            Called with how many files were looked at, and how many there are.
        """
        from mlops.base import verify
        from mlops.release import request_log

        if self.event is not None:
            raise PastError("A past cannot be verified apart from what follows.", "Verify the workspace as it is now.")
        return verify.verify(self._ledger, self._artifacts, self.id, request_log.verify, on_file)

    def fork(self, path: str | Path) -> Workspace:
        """Make an independent copy of the workspace as it is now, in a new folder; takes milliseconds."""
        target = check_path(path).absolute()
        folder.fork(self._ledger, self._artifacts, target)
        return Workspace.open(target, create=False, actor=self._ledger.actor)

    def __repr__(self) -> str:
        return f"Workspace({str(self.path)!r})"


def _user() -> str:
    try:
        # Whatever this machine says: with a name that cannot be stored, nothing at all could be done here.
        return printable((os.environ.get("MLOPS_ACTOR") or getpass.getuser()).replace("\0", ""), MAX_ACTOR // 10)
    except (OSError, KeyError, ImportError):
        return "unknown"


def _changes(overrides: Mapping[str, Any] | None, seed: int | None) -> dict[str, Any]:
    """Return what is laid over a config: keys of the caller's choice, and the seed if one is given."""
    return {**(overrides or {}), **({} if seed is UNSET else {"training.random_state": seed})}


def _ref(model: Any) -> str:
    return model if isinstance(model, str) else str(model.ref)
