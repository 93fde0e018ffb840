"""Progress: how far a training has come - for a listener, for the log, and for every process that looks.

While it runs, a training keeps what it can tell in one small file, replaced as a whole: its steps, its log, the points
of its curve, and the time that is left. The file is a window, not a record: it is gone when the run has ended, and what
is worth keeping stands in the run.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from mlops.base.errors import Cancelled
from mlops.base.records import Record, canonical_json

STEPS = ("load", "validate", "split", "prepare", "train", "evaluate", "package")

WAITS = "waiting for the ledger: another program holds it"
"""What a training says that has something to read or to record, and cannot."""

INTERVAL = 0.1
"""Seconds between two looks at whether somebody cancelled, and between two points that are shown."""


@dataclass(frozen=True)
class Step:
    """One step of the pipeline, as far as it has come."""

    name: str
    status: Literal["waiting", "running", "done", "failed"] = "waiting"
    rows: int | None = None
    """Rows it worked on."""
    duration_s: float | None = None
    """Seconds of real time."""
    cached: bool = False
    """Whether an earlier run of this workspace had done it already."""


@dataclass(frozen=True)
class RunProgress(Record):
    """How far a running training has come."""

    run_id: str
    steps: Sequence[Mapping[str, Any]]
    """``{name, status, rows, duration_s, cached}`` for each step of the pipeline."""
    log: Sequence[str]
    """The lines of its log so far."""
    training: Mapping[str, Any] | None
    """The curve so far, as in ``curves.json``: ``{metric, iteration, train, validation}``; None without a point."""
    fraction: float | None
    """Share of the iterations of step train that are done; None until the first is, and for types without any."""
    remaining_s: float | None
    """Seconds that step train will take from now on, if the other iterations take as long; None until known."""
    elapsed_s: float
    """Seconds since the training began."""
    waits: str | None
    """What it waits for, if it cannot go on."""

    @property
    def step(self) -> str | None:
        """Name of the step that is running."""
        return next((step["name"] for step in self.steps if step["status"] == "running"), None)


class Progress:
    """The steps of one training; tells a listener about every change and keeps the log.

    Parameters
    ----------
    run_id : str
        The run.
    listener : callable, optional
        Called with a `Step` whenever one begins or ends; and with one called `WAITS` when nothing can begin or end.
    window : Path, optional
        File that shows the progress to others.
    request : Path, optional
        File whose existence asks this training to stop.
    """

    def __init__(
        self,
        run_id: str,
        listener: Callable[[Step], None] | None = None,
        window: Path | None = None,
        request: Path | None = None,
    ) -> None:
        self.steps = {name: Step(name) for name in STEPS}
        self.curve: Mapping[str, Any] | None = None
        self._run_id = run_id
        self._listener = listener
        self._window, self._request = window, request
        self._lines: list[str] = []
        self._waits: str | None = None
        self._began = self._step_began = self._looked = time.perf_counter()
        self._iterations = self._of = 0

    @contextmanager
    def step(self, name: str) -> Iterator[Callable[[int], None]]:
        """Time a step; call what it yields with the number of rows."""
        started = time.perf_counter()
        try:
            self._set(Step(name, "running"))  # a person can cancel while the listener is told
            yield lambda rows: self._replace(name, rows=rows)
        except BaseException:
            self._set(replace(self.steps[name], status="failed", duration_s=time.perf_counter() - started))
            raise
        self._set(replace(self.steps[name], status="done", duration_s=time.perf_counter() - started))

    def cached(self, name: str, rows: int) -> None:
        """Note a step that an earlier run had done."""
        self._set(Step(name, "done", rows, 0.0, cached=True))

    def iteration(self, done: int, of: int, curve: Mapping[str, Any] | None = None) -> None:
        """Note that so many iterations of step train are done, and the curve so far, where points were measured."""
        self._iterations, self._of, self.curve = done, of, curve
        if not done:
            self._step_began = time.perf_counter()  # what came before does not tell the pace of what follows
        if time.perf_counter() - self._looked >= INTERVAL:
            self._look()

    def wait(self, stop: bool = True) -> None:
        """Show, and tell once, that the training waits for the ledger; stop if somebody asked for that."""
        if self._listener and self._waits is None:
            self._listener(Step(WAITS))
        self._look(stop, WAITS)

    def say(self, line: str) -> None:
        """Add a line to the log."""
        self._lines.append(line)

    def log(self) -> bytes:
        """Return the log of the training so far."""
        return ("\n".join(self._lines) + "\n").encode()

    def as_list(self) -> list[dict[str, Any]]:
        """Return the steps as the run records them."""
        return [dict(vars(step)) for step in self.steps.values()]

    def _replace(self, name: str, rows: int) -> None:
        self.steps[name] = replace(self.steps[name], rows=rows)

    def _set(self, step: Step) -> None:
        self.steps[step.name] = step
        if step.status == "running":
            self._step_began = time.perf_counter()
        else:
            rows = f"{step.rows:,} rows" if step.rows is not None else ""
            self.say(f"{step.name:<9} {step.status}{' (cached)' if step.cached else ''} {step.duration_s:.3f} s {rows}")
        self._look(stop=step.status == "running")
        if self._listener:
            self._listener(step)

    def _look(self, stop: bool = True, waits: str | None = None) -> None:
        """Show how far it has come; stop if somebody asked for that, but never amid noting that a step ended."""
        self._looked, self._waits = time.perf_counter(), waits
        if self._window:
            show(self._window, self.seen())
        if stop and self._request and self._request.exists():
            raise Cancelled(f"Run {self._run_id} was cancelled.", "Train again whenever you like.")

    def seen(self) -> RunProgress:
        """Return what others see of it."""
        done, now = self._iterations, time.perf_counter()
        training = self.steps["train"].status == "running" and done
        return RunProgress(
            run_id=self._run_id,
            steps=self.as_list(),
            log=self._lines,
            training=self.curve,
            fraction=done / self._of if self._of else None,
            remaining_s=(now - self._step_began) / done * (self._of - done) if training else None,
            elapsed_s=now - self._began,
            waits=self._waits,
        )


def partial(seen: RunProgress) -> dict[str, Any]:
    """Return what a run that did not finish keeps: steps and, as metrics, the last validation point of its curve."""
    steps = [dict(step, status="failed") if step["status"] == "running" else dict(step) for step in seen.steps]
    curve = seen.training
    metrics = {"validation": {curve["metric"]: curve["validation"][-1]}} if curve else {}
    return {"steps": steps, "metrics": metrics, "duration_s": seen.elapsed_s}


def show(window: Path, seen: RunProgress) -> None:
    """Replace the file that shows the progress. It may fail - a full disk, a reader in the way - and costs nothing."""
    beside = window.with_suffix(".part")
    with suppress(OSError):
        beside.write_text(json.dumps(seen.as_dict()), encoding="utf-8")
        os.replace(beside, window)


def look(window: Path) -> RunProgress | None:
    """Return what a file shows; None if there is none, or it is damaged: no run must be unreadable for its sake."""
    try:
        seen = RunProgress.of(json.loads(window.read_text(encoding="utf-8")))
        "\n".join(seen.log), canonical_json(partial(seen) | seen.as_dict())  # what is kept of a run that ended early
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return seen


def look_now(window: Path) -> RunProgress | None:
    """Return what a file shows, and count the time on since it was written: a long fit has nothing new to show."""
    seen = look(window)
    try:
        since = max(0.0, time.time() - window.stat().st_mtime)
    except OSError:
        return None
    if seen is None:
        return None
    left = None if seen.remaining_s is None else max(0.0, seen.remaining_s - since)
    return replace(seen, elapsed_s=seen.elapsed_s + since, remaining_s=left)
