"""Progress: how far a training has come, step by step, for a listener and for the log."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal

STEPS = ("load", "validate", "split", "prepare", "train", "evaluate", "package")


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


class Progress:
    """The steps of one training; tells a listener about every change and keeps the log."""

    def __init__(self, listener: Callable[[Step], None] | None) -> None:
        self.steps = {name: Step(name) for name in STEPS}
        self._listener = listener
        self._lines: list[str] = []

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
        if step.status != "running":
            rows = f"{step.rows:,} rows" if step.rows is not None else ""
            self.say(f"{step.name:<9} {step.status}{' (cached)' if step.cached else ''} {step.duration_s:.3f} s {rows}")
        if self._listener:
            self._listener(step)
