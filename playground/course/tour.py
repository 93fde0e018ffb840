"""The tour: begin a stop, leave it, begin it again, be shown, skip it.

Stops of scope "own" happen in the learner's own workspace, where it can serve; the others, and those it cannot serve,
in a chapter beside it. Whatever is begun anew is set aside whole; nothing is ever overwritten.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mlops import Workspace
from mlops.base.errors import RefusedError, shown
from mlops.base.records import plain
from playground.classroom import book
from playground.course import acts, chapters, fixtures, held, logbook
from playground.course.logbook import StopState
from playground.course.looking import Report, holding, look, mission, place
from playground.course.people import SHOW_ME, SKIP
from playground.course.stops import EVERY, Stop, stop
from playground.course.verdict import Baseline

Progress = Callable[[str], None]
"""Called with what is being done, while a chapter is built for the first time on this machine."""

FRESH: Mapping[str, Any] = {
    "guess": {}, "waived": [], "answers": {}, "boss": None, "hints": 0, "tried": False, "latched": {}, "held": {},
    "solved_at": None, "solved_event": None, "chapter": None,
}  # fmt: skip
"""What is on record about a stop that has just begun."""

CHECKED = (
    "Checked again: how each stop began, what is on record about it after the event of head, and the goals of each "
    "that was solved. Not checked: report, which says how the goals were when this was written, where a stop was not "
    "solved; and shown."
)
"""What a progress document says of itself: which of it a workspace bears out, and which only the document says."""


def start(ws: Workspace, name: str | int, on_progress: Progress = lambda said: None) -> StopState:
    """Begin a stop, or go on with it.

    Parameters
    ----------
    ws : Workspace
        The learner's own.
    name : str or int
        Id or number of the stop.
    on_progress : callable
        Called with what is being done, while a chapter is built for the first time on this machine.

    Returns
    -------
    StopState
        What is on record about it; `workspace` returns where it happens.

    Raises
    ------
    RefusedError
        If the teacher of the class has not opened it yet, and it has not begun.
    """
    mission(name)
    one = stop(name)
    with logbook.turn(ws):
        state = logbook.read(ws).stops[one.id]
        _must_be_open(ws, one, state)
        if state.baseline is None or not chapters.is_there(ws, state.chapter):
            _begin(ws, one, on_progress)
        logbook.turn_to(ws, one.id)
    return logbook.read(ws).stops[one.id]


def is_open(ws: Workspace, name: str | int) -> bool:
    """Tell whether a stop can be begun: in a class its teacher may open one after the other."""
    return book.of(ws.path).is_open(stop(name).id)


def _must_be_open(ws: Workspace, one: Stop, state: StopState) -> None:
    """Refuse to begin what the teacher of a class has not opened; what has begun goes on."""
    if state.baseline is None and not is_open(ws, one.id):
        said = f"{one.called[0].upper()}{one.called[1:]} is not open in your class yet."
        raise RefusedError(said, "Your teacher opens it; go on where you are.")


def is_prepared(name: str | int) -> bool:
    """Tell whether a stop begins at once: what its chapter is copied from has been built on this machine."""
    return fixtures.is_ready(mission(name).start.fixture)


def prepare(name: str | int, on_progress: Progress = lambda said: None) -> None:
    """Build what the chapter of a stop is copied from, before anybody begins it; at once where that was done before."""
    fixtures.ready(mission(name).start.fixture, on_progress)


def prepare_all() -> None:
    """Build what all chapters are copied from, the tour's first; a server does so beside its work, when it starts."""
    fixtures.prepare(one.mission.start.fixture for one in EVERY)


def _begin(ws: Workspace, one: Stop, on_progress: Progress) -> None:
    chapter = None if serves(ws, one) else _open_chapter(ws, one, on_progress)
    there = chapter or ws
    logbook.begin_calendar(there)
    baseline = baseline_of(there)
    held = holding(mission(one.id), baseline, there)
    begun = {"baseline": baseline.as_dict(), "since": logbook.wall(), "status": "under_way", "held": held}
    fresh = {**FRESH, **begun}
    if chapter is not None:
        logbook.write(chapter, one.id, **fresh)  # so that it can be checked there as well
        fresh["chapter"] = chapter.path.name
    logbook.write(ws, one.id, **fresh)


def serves(ws: Workspace, one: Stop) -> bool:
    """Tell whether a stop can happen in the learner's own workspace, as it is now."""
    return one.scope == "own" and fixtures.FIXTURES[mission(one.id).start.fixture].serves(ws)


def _open_chapter(ws: Workspace, one: Stop, on_progress: Progress) -> Workspace:
    ready = fixtures.ready(mission(one.id).start.fixture, on_progress)
    path = chapters.folder(ws) / one.id
    chapters.set_aside(path)
    return chapters.copy(ready, path, ws.actor)


def baseline_of(ws: Workspace) -> Baseline:
    """Return the point from which a stop that begins now is judged."""
    [last] = ws.log(ws.head() - 1)
    return Baseline(last["seq"], last["sha256"])


def leave(ws: Workspace) -> None:
    """Turn to no stop at all; what is on record stays."""
    logbook.turn_to(ws, None)


def reset(ws: Workspace, name: str | int, on_progress: Progress = lambda said: None) -> StopState:
    """Begin a stop again, from here; a chapter is set aside whole, and so is what was shown."""
    mission(name)
    one = stop(name)
    with logbook.turn(ws):
        _must_be_open(ws, one, logbook.read(ws).stops[one.id])
        chapters.set_aside(chapters.shown_folder(ws, one.id))
        _begin(ws, one, on_progress)
        logbook.turn_to(ws, one.id)
    return logbook.read(ws).stops[one.id]


@dataclass(frozen=True)
class Demonstration:
    """A stop, solved on a copy."""

    folder: Path
    """The workspace in which it can be looked at."""
    report: Report
    """What is true there."""
    steps: tuple[str, ...]
    """What was done, in the words of the mission."""


def show_me(ws: Workspace, name: str | int) -> Demonstration:
    """Solve a stop on a copy in a folder of its own; the workspace stays as it is, to the byte, and nothing counts."""
    about, one = mission(name), stop(name)
    state = logbook.begun(ws, one)
    path = chapters.shown_folder(ws, one.id)
    chapters.set_aside(path)
    copy = chapters.copy(place(ws, state).path, path, SHOW_ME)
    acts.carry_out(copy, about.solution)
    return Demonstration(path, look(state, about, copy), about.steps)


def skip(ws: Workspace, name: str | int, on_progress: Progress = lambda said: None) -> StopState:
    """Leave a stop out: its solved end is a chapter to look at, and the learner's own workspace stays as it is."""
    about, one = mission(name), stop(name)
    with logbook.turn(ws):
        _must_be_open(ws, one, logbook.read(ws).stops[one.id])
        path = chapters.folder(ws) / one.id
        source = ws.path if serves(ws, one) else fixtures.ready(about.start.fixture, on_progress)
        chapters.set_aside(path)
        chapter = chapters.copy(source, path, SKIP)
        begun = {**FRESH, "baseline": baseline_of(chapter).as_dict(), "since": logbook.wall()}
        logbook.write(chapter, one.id, **begun, status="under_way")
        on_progress("Solving it")
        acts.carry_out(chapter, about.solution)
        solved = {"status": "skipped", "chapter": path.name}
        logbook.write(ws, one.id, **{**begun, **solved})
    held.settle(book.room_of(ws.path))
    return logbook.read(ws).stops[one.id]


def export(ws: Workspace) -> dict[str, Any]:
    """Return the progress as one document; `recheck` tells whether a workspace bears it out."""
    progress = logbook.read(ws)
    begun = {name: state for name, state in progress.stops.items() if state.baseline is not None}
    reports = {
        name: look(state, mission(name), place(ws, state))
        for name, state in begun.items()
        if chapters.is_there(ws, state.chapter)
    }
    return {
        "format": 1,
        "checked": CHECKED,
        "workspace": ws.id,
        "head": baseline_of(ws).as_dict() if ws.head() else None,
        "stops": {
            name: {**plain(state), "report": plain(reports[name]) if name in reports else None}
            for name, state in begun.items()
        },
    }


def recheck(ws: Workspace, told: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what a progress document claims and the workspace does not bear out: stop, and what.

    What is claimed is held against the record as it was after the event with which the document ends, so whoever has
    gone on since has claimed nothing wrong. The goals of a solved stop are looked at again; of another one the document
    says what they were, which is not checked, and it says so itself (`CHECKED`).

    Parameters
    ----------
    told : mapping
        As `export` returned it, for this workspace.
    """
    head = Baseline.of(told["head"]) if told["head"] else None
    if head and not _stands(ws, head):
        return [("history", "the event with which it ends is not in it")]
    then, wrong = logbook.read(ws.at(event=head.event) if head else ws).stops, []
    for name, claimed in told["stops"].items():
        state = then[stop(name).id]
        begun = Baseline.of(claimed["baseline"])
        is_there = chapters.is_there(ws, state.chapter)
        if state.baseline != begun or (is_there and not _stands(place(ws, state), begun)):
            wrong.append((name, "it did not begin as it says"))
            continue
        wrong += [(name, what) for what in _not_on_record(state, claimed)]
        if state.solved_event is not None and is_there:
            report = look(
                replace(state, status="under_way"), mission(name), place(ws, state).at(event=state.solved_event)
            )
            wrong += [(name, f"{goal.id}: {goal.observed}") for goal in report.goals if goal.ok is False]
    return wrong


def _stands(there: Workspace, claimed: Baseline) -> bool:
    """Tell whether an event is in a history, with the hash that is claimed for it."""
    found = there.log(claimed.event - 1)[:1]
    return bool(found) and found[0]["sha256"] == claimed.head_sha256


def _not_on_record(state: StopState, claimed: Mapping[str, Any]) -> list[str]:
    """Return what a document says of a stop in other words than the record; that has no entry about what was shown."""
    on_record = {**plain(state), "status": _noted(state.status)}
    told = {**claimed, "status": _noted(claimed["status"])}
    return [
        f"{name.replace('_', ' ')}: it says {shown(told[name])}, the record {shown(noted)}"
        for name, noted in on_record.items()
        if name in told and name not in ("id", "baseline", "shown") and told[name] != noted
    ]


def _noted(status: str) -> str:
    return "under_way" if status == "demonstrated" else status
