"""Looking: how far a stop is. `check` looks and writes nothing; `record` notes what is new.

A milestone that was noted stays reached. An invariant has to hold until the stop is solved; what broke it is found by
going back through the events. A solved stop stays solved. A check that breaks is our fault and stands in nobody's way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from mlops import Workspace
from mlops.base.errors import RefusedError, printable
from mlops.base.events import GENESIS
from mlops.base.records import Record
from playground.course import chapters, logbook
from playground.course.logbook import StopState
from playground.course.mission import Goal, Mission
from playground.course.stops import stop
from playground.course.verdict import CHECKS, Baseline, Verdict, Where, events_since

OUR_FAULT = "This check is broken, which is our fault"

FAR = 60
"""How many events are looked back through for the one that broke a goal."""


@dataclass(frozen=True)
class GoalReport(Record):
    """What is true about one goal now."""

    id: str
    kind: str
    text: str
    ok: bool | None
    """None if the check itself is broken: then the goal stands in nobody's way."""
    observed: str
    expected: str
    why: str
    where: Where
    reached: int | None = None
    """The event after which a milestone was noted."""
    kept: bool = False
    """Whether it is an invariant that holds and did so where the stop began: nobody has to do anything for it."""
    undone: bool = False
    """Whether it is an invariant which held before, and no longer does."""
    undone_by: int | None = None
    """The event that broke it; None where no event tells, as of a file that was edited."""


@dataclass(frozen=True)
class Report(Record):
    """What is true about all goals of a stop now."""

    id: str
    ok: bool
    goals: tuple[GoalReport, ...]


def mission(name: str | int) -> Mission:
    """Return the mission of a stop."""
    return stop(name).mission


def workspace(ws: Workspace, name: str | int) -> Workspace:
    """Return the workspace in which a stop happens: the learner's own, or its chapter."""
    return place(ws, logbook.read(ws).stops[stop(name).id])


def place(ws: Workspace, state: StopState) -> Workspace:
    """Return the workspace that a stop's record points to."""
    if state.chapter is None:
        return ws
    if ws.event is not None:
        raise RefusedError(
            f"{stop(state.id).heading} happens in a chapter, which has a past of its own.",
            "Ask in the chapter, or come back to today.",
        )
    if not chapters.is_there(ws, state.chapter):
        one = stop(state.id)
        raise RefusedError(f"The chapter of {one.called} is not here any more.", f"Begin the {one.kind} again.")
    return Workspace.open(chapters.folder(ws) / state.chapter, create=False, actor=ws.actor)


def check(ws: Workspace, name: str | int) -> Report:
    """Look how far a stop is, and write nothing.

    Parameters
    ----------
    ws : Workspace
        The learner's own, or a chapter; in the past, the stop is looked at as it was then.
    name : str or int
        Id or number of the stop.

    Returns
    -------
    Report
        One that did not begin is looked at from the first event on.

    Raises
    ------
    RefusedError
        If the stop's chapter has not been opened.
    """
    state = logbook.read(ws).stops[stop(name).id]
    return look(state, mission(name), _opened(ws, state))


def _opened(ws: Workspace, state: StopState) -> Workspace:
    one = stop(state.id)
    if state.baseline is None and one.scope == "chapter":
        raise RefusedError(f"{one.heading} has not begun, so its chapter is not open.", f"Begin {one.called}.")
    return place(ws, state)


def look(state: StopState, about: Mission, there: Workspace) -> Report:
    """Look at every goal of a stop in the workspace where it happens."""
    baseline = state.baseline or Baseline(0, GENESIS)
    head = there.head()
    goals = tuple(_goal(goal, state, baseline, there, head) for goal in about.goals)
    return Report(state.id, state.done or all(goal.ok is not False for goal in goals), goals)


def _goal(goal: Goal, state: StopState, baseline: Baseline, there: Workspace, head: int) -> GoalReport:
    verdict = judged(goal, baseline, there)
    ok = None if isinstance(verdict, str) else verdict.ok
    if isinstance(verdict, str):
        said = ("unknown", goal.text, f"{OUR_FAULT}: {verdict}", Where("guide", "Guide, this stop"))
    else:
        said = (verdict.observed, verdict.expected, verdict.why, verdict.where)
    reached = state.latched.get(goal.id) or {}
    undone, broken_by = ok is False and goal.id in state.held and not reached and not state.done, None
    if ok is False and (reached or state.done):
        when = f"event {reached['event']}" if reached else "the moment this stop was solved"
        ok, said = True, (f"reached at {when}; now {said[0]}", *said[1:])
    elif undone:
        broken_by = _broken_by(goal, baseline, there, state.held[goal.id])
    kept = ok is True and not state.done and goal.id in state.kept
    where = said[3] if said[3].event is not None else replace(said[3], event=broken_by or head)
    return GoalReport(
        goal.id, goal.kind, goal.text, ok, *said[:3], where, reached.get("event"), kept, undone, broken_by
    )


def holding(about: Mission, baseline: Baseline, there: Workspace) -> dict[str, int]:
    """Return the invariants that hold where a stop begins, as they are noted: nobody has reached them."""
    found = {goal.id: judged(goal, baseline, there) for goal in about.goals if goal.kind == "invariant"}
    return {name: baseline.event for name, said in found.items() if isinstance(said, Verdict) and said.ok}


def judged(goal: Goal, baseline: Baseline, there: Workspace) -> Verdict | str:
    """Return what the check of a goal says; why it could not, if it is broken itself."""
    try:
        found: object = CHECKS[goal.check](there, baseline, **goal.args)
    except Exception as error:  # whatever it is, it is a fault of the check and must not become the learner's
        return printable(f"{goal.check}: {type(error).__name__}: {error}", 300)
    return found if isinstance(found, Verdict) else f"{goal.check}: it gave no verdict"


def _broken_by(goal: Goal, baseline: Baseline, there: Workspace, held: int) -> int | None:
    """Return the event after which a goal no longer held: going back until it does; None where no event tells."""
    since = [event["seq"] for event in events_since(there, replace(baseline, event=held))][-FAR:]
    for seq in reversed(since):
        before = judged(goal, baseline, there.at(event=seq - 1))
        if not isinstance(before, str) and before.ok:
            return None if before.of_files else seq
    return None


def record(ws: Workspace, name: str | int, asked: bool = False) -> Report:
    """Look how far a stop is, and note what is new: milestones reached, invariants that hold, the stop solved.

    Parameters
    ----------
    asked : bool
        Whether somebody asked for the check: one that fails then opens the next hint.
    """
    state = logbook.read(ws).stops[stop(name).id]
    there = _opened(ws, state)
    report = look(state, mission(name), there)
    if state.baseline is None or state.done or ws.event is not None:
        return report
    if not _news(state, report, there, asked):
        return report
    with logbook.turn(ws):
        now = logbook.read(ws).stops[state.id]
        same = now.baseline == state.baseline and not now.done  # else it began anew meanwhile, or another tab noted it
        if same and (news := _news(now, report, there, asked)):
            logbook.write(ws, state.id, **news)
    return look(logbook.read(ws).stops[state.id], mission(name), there)


def _news(state: StopState, report: Report, there: Workspace, asked: bool) -> dict[str, Any]:
    now = {"event": there.head(), "at": there.now()}
    news: dict[str, Any] = {}
    if new := {goal.id: now for goal in report.goals if _is_new(goal, "milestone", state.latched)}:
        news["latched"] = {**state.latched, **new}
    if held := {goal.id: now["event"] for goal in report.goals if _is_new(goal, "invariant", state.held)}:
        news["held"] = {**state.held, **held}
    if report.ok:
        helped = state.hints or state.shown
        news |= {"status": "with_hints" if helped else "solved", "solved_at": now["at"], "solved_event": now["event"]}
    elif asked and not state.tried:
        news["tried"] = True
    return news


def _is_new(goal: GoalReport, kind: str, known: Any) -> bool:
    return goal.kind == kind and goal.ok is True and goal.id not in known
