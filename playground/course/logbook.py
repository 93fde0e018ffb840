"""Logbook: what is on record about the course in a workspace.

It is the part of the workspace's journal that begins with ``course``: one subject for each stop, and one that says
which stop is on. So progress is one file, the workspace itself, and what it says can be checked again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from mlops import Workspace, sample
from mlops.base import locks
from mlops.base.clock import Instant, wall_time
from mlops.base.errors import RefusedError
from mlops.base.records import Record, plain
from playground.course import chapters
from playground.course.stops import EVERY, Stop
from playground.course.verdict import Baseline

COURSE = "course"
"""The subject that says which stop is on."""

PATIENCE = 60.0
"""Seconds to wait for another tab, or a shell, that begins a stop at this moment: its chapter may have to be built."""

Status = Literal["open", "under_way", "solved", "with_hints", "demonstrated", "skipped"]
DONE: tuple[Status, ...] = ("solved", "with_hints", "skipped")
"""Statuses with which a stop lies behind one."""


@dataclass(frozen=True)
class StopState(Record):
    """What is on record about one stop."""

    id: str
    status: Status = "open"
    baseline: Baseline | None = None
    """How the workspace of the stop was when it began."""
    guess: Mapping[str, Any] = field(default_factory=dict)
    """What was guessed, by the guess's id."""
    waived: tuple[str, ...] = ()
    """Guesses that somebody did not want to make."""
    answers: Mapping[str, Any] = field(default_factory=dict)
    """What was answered to the stop's questions, by the question's id."""
    boss: str | None = None
    """The sentence that was chosen for the boss."""
    hints: int = 0
    """How many hints are open."""
    tried: bool = False
    """Whether a check has failed since the last hint was opened."""
    since: Instant | None = None
    """Wall time at which the stop began, or its last hint was opened."""
    latched: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Goal -> ``{event, at}`` at which a milestone was reached."""
    held: Mapping[str, int] = field(default_factory=dict)
    """Invariant -> the event after which it was last seen to hold."""
    solved_at: Instant | None = None
    solved_event: int | None = None
    """The event after which it was solved, in the workspace where it happens."""
    chapter: str | None = None
    """The folder of its chapter, among the chapters; None where it happens in the learner's own workspace."""
    shown: bool = False
    """Whether it was shown on a copy."""

    @property
    def kept(self) -> tuple[str, ...]:
        """The invariants that held where it began: nobody has to reach them."""
        return tuple(goal for goal, event in self.held.items() if self.baseline and event == self.baseline.event)

    @property
    def done(self) -> bool:
        """Whether it lies behind the learner."""
        return self.status in DONE


@dataclass(frozen=True)
class Progress(Record):
    """How far somebody has come."""

    stops: Mapping[str, StopState]
    current: str | None
    """The stop that is on."""


def subject(stop: str) -> str:
    """Return where a stop stands in the journal."""
    return f"{COURSE}/{stop}"


def read(ws: Workspace) -> Progress:
    """Return what is on record about every stop.

    Examples
    --------
    >>> import tempfile
    >>> progress = read(Workspace.open(tempfile.mkdtemp()))
    >>> progress.current, progress.stops["freeze"].status
    (None, 'open')
    """
    kept = ws.journal.all(COURSE)
    states = {one.id: _state(ws, one.id, kept.get(subject(one.id), {})) for one in EVERY}
    current = kept.get(COURSE, {}).get("current")
    on = states.get(current)
    return Progress(states, current if on and chapters.is_there(ws, on.chapter) and on.status != "open" else None)


def _state(ws: Workspace, stop: str, kept: Mapping[str, Any]) -> StopState:
    fields = StopState.__dataclass_fields__.keys() & kept.keys()
    values = {name: kept[name] for name in fields} | {"id": stop}
    if values.get("baseline") is not None:
        values["baseline"] = Baseline.of(values["baseline"])
    shown = chapters.was_shown(ws, stop)
    if not chapters.is_there(ws, values.get("chapter")) and values.get("status") not in DONE:
        return StopState(stop, shown=shown)  # somebody took its chapter away: it can begin again, and nothing else
    if shown and values.get("status", "open") in ("open", "under_way"):
        values["status"] = "demonstrated"
    return StopState(**values, shown=shown)


def begun(ws: Workspace, one: Stop) -> StopState:
    """Return what is on record about a stop that has begun.

    Raises
    ------
    RefusedError
        If it has not.
    """
    state = read(ws).stops[one.id]
    if state.baseline is None:
        raise RefusedError(f"{one.heading} has not begun.", f"Begin {one.called}.")
    return state


@contextmanager
def turn(ws: Workspace) -> Iterator[None]:
    """Let nobody else begin or note anything about the course in a workspace: what is read in here is so until the end.

    Two tabs, or a tab and a shell: without it each would write what it had read before the other one wrote.
    """
    if ws.event is not None:  # nothing is noted in the past
        yield
        return
    with locks.turn(ws.path / ".course.lock", PATIENCE):
        yield


def write(ws: Workspace, stop: str, **fields: Any) -> None:
    """Note fields of a stop."""
    begin_calendar(ws)
    ws.journal.write(subject(stop), plain(fields))


def turn_to(ws: Workspace, stop: str | None) -> None:
    """Note which stop is on, if it is another one."""
    if (ws.journal.read(COURSE) or {}).get("current") != stop:
        begin_calendar(ws)
        ws.journal.write(COURSE, {"current": stop})


def begin_calendar(ws: Workspace) -> None:
    """Begin the calendar of the story before the first thing is noted: afterwards it could not go back to 2023."""
    sample.begin(ws)


def wall() -> Instant:
    """Return the wall time: how long somebody waits has nothing to do with the calendar of the story."""
    return wall_time()
