"""The tour on screen: which stop is under way, how far it is, what stays covered, and what its buttons do.

What a stop asks for and what is true of it, the course decides (`playground.course`); here it is asked once for each
moment of the workspaces it looks at, and each click becomes one of its acts.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import streamlit as st

from mlops import MlopsError
from playground import course
from playground.course import Progress, Question, Report, Reveal, Stop, StopState
from playground.ui.kit import links, location, session, state

COVERS = {"recall": ("notebook", "found"), "shuffle": ("promote", "ahead"), "history": ("rollback", "live"),
          "doors": ("serve", "digits"), "year": ("year", "line"), "parity": ("machine", "otherwise"),
          "moved": ("copy", "moved"), "verdict": ("repeat", "comes"), "worlds": ("configs", "intended"),
          "checks": ("gate", "rows"), "printed": ("production", "listings"), "race": ("stale", "rule"),
          "forged": ("lie", "away")}  # fmt: skip
"""Result on screen -> the stop and its guess or question that cover it until something was said."""

HELD = "The class sees it together: once everybody has guessed, or your teacher opens it."
"""Why a result stays covered that was guessed."""

GLOW = 3.0
"""Seconds for which what was solved is lit: a page that is opened later has nothing to celebrate."""

_LIT: session.Kept[tuple[str, float]] = session.Kept("panel.lit", ("", -GLOW))
"""The stop that was solved last in this session, and when."""

_TROUBLE: session.Kept[MlopsError | None] = session.Kept("panel.trouble", None)
"""Why the last click in the panel was refused."""


def progress() -> Progress:
    """Return how far the learner is on every stop."""
    own = state.own()
    beside = frozenset(
        path.name for path in course.chapters_folder(own).glob("*")
    )  # what was shown is told by its folder alone
    return state.known(("progress", beside), lambda: course.read(own))


def current() -> Stop | None:
    """Return the stop that is on, if there is one."""
    on = progress().current
    return course.stop(on) if on else None


def record_of(stop: Stop) -> StopState:
    """Return what is on record about a stop."""
    return progress().stops[stop.id]


def is_here(stop: Stop) -> bool:
    """Return whether what is on screen is where a stop happens."""
    return (record_of(stop).chapter or "") == location.place().chapter


def chapter() -> str:
    """Return what is said of the chapter on screen; nothing in the own work."""
    name = location.place().chapter
    if not name:
        return ""
    stop = next(one for one in course.EVERY if name.partition("-")[0] == one.id)
    if name != stop.id:
        return f"A copy on which {stop.called} was shown. Nothing here counts."
    return f"Chapter: {stop.mission.start.chapter}"


def holds_time() -> Stop | None:
    """Return the stop in which time stands still: the one under way, or the one whose chapter is on screen."""
    name, on = location.place().chapter.partition("-")[0], current()
    there = [stop for stop in course.EVERY if name == stop.id]
    under_way = [on] if on and not record_of(on).done else []
    return next((stop for stop in [*there, *under_way] if not stop.moves_time), None)


def leaving(stop: Stop) -> str:
    """Return what the button says that turns to no stop at all."""
    return "Leave the lab" if stop.is_lab else "Leave the tour"


def is_shown(stop: Stop) -> bool:
    """Return whether the copy on which a stop was shown is on screen."""
    return location.place().chapter == course.shown_folder(state.own(), stop.id).name


def report(stop: Stop) -> Report:
    """Return what is true about the goals of a stop now."""
    own = state.own()
    return state.known(("report", stop.id), lambda: course.check(own, stop.id))


def due(stop: Stop) -> tuple[Question, ...]:
    """Return the questions of a stop that are asked by now."""
    own = state.own()
    return state.known(("due", stop.id), lambda: course.due(own, stop.id))


def holds() -> str:
    """Return why no month passes on screen before somebody says something; nothing if one may."""
    stop = current()
    if covered("year") and stop and is_here(stop):
        drawn = bool(record_of(stop).guess)
        return HELD if drawn else "Draw your line first: what it is about comes with the months."
    asked = state.read(course.held_by)
    return f"Decide first: {asked.ask} …" if asked else ""


def reveal(stop: Stop, ask: str) -> Reveal | None:
    """Return what came of a guess; None as long as its result stays covered."""
    own = state.own()
    return state.known(("reveal", stop.id, ask), lambda: course.reveal(own, stop.id, ask))


def aha(stop: Stop) -> str:
    """Return the sentence that a stop ends with."""
    own = state.own()
    return state.known(("aha", stop.id), lambda: course.aha(own, stop.id))


def situation(stop: Stop) -> str:
    """Return where the learner is in plain text, for somebody who is asked for help."""
    own = state.own()
    return state.known(("situation", stop.id), lambda: course.situation(own, stop.id))


def note() -> None:
    """Note what the learner has reached, before anything is drawn; a look costs nothing as long as nothing happened."""
    stop = current()
    if stop is None or record_of(stop).done or not is_here(stop):
        return
    own = state.own()

    def noted() -> int:
        course.record(own, stop.id)
        return own.head()

    if state.known(("noted", stop.id), noted) != state.own_head():
        state.begin()
        if record_of(stop).done:
            _LIT.set((stop.id, time.monotonic()))


def lit() -> str:
    """Return what was solved at this moment, whose path lights up on the chain; nothing a little later."""
    solved, when = _LIT.get()
    return solved if time.monotonic() - when < GLOW else ""


def covered(result: str) -> bool:
    """Return whether a result stays covered: it is about the guess of a stop that covers it.

    In the own work and in the stop's chapter; that of another stop is about other runs.
    """
    name, ask = COVERS[result]
    own, elsewhere = state.own(), location.place().chapter.partition("-")[0] not in ("", name)
    return not elsewhere and state.known(("covered", result), lambda: course.is_covered(own, progress(), name, ask))


def is_open(stop: Stop) -> bool:
    """Return whether a stop can be begun, or has been: in a class its teacher may open one after the other."""
    own = state.own()
    return record_of(stop).baseline is not None or state.known(("open", stop.id), lambda: course.is_open(own, stop.id))


def is_on(stop: Stop) -> bool:
    """Return whether a stop is the one that is on, and what is on screen is where it happens."""
    return stop == current() and is_here(stop)


def veiled(result: str) -> bool:
    """Draw a cover where a result would stand that is to be guessed first; return whether it is."""
    if not covered(result):
        return False
    name, ask = COVERS[result]
    stop = course.stop(name)
    with st.container(border=True, horizontal_alignment="center"):
        waits = current() == stop and not course.was_said(record_of(stop), ask)
        why = f"This would give the answer away. Guess first: the {stop.kind} beside asks." if waits else HELD
        st.markdown(f":gray[:material/lock: {why}]")
    return True


# What the buttons do


def act(what: Callable[..., Any], *arguments: Any) -> None:
    """Do something in the course, for the click of a button; a refusal is told in the panel."""
    try:
        what(state.own(), *arguments)
    except MlopsError as problem:
        _TROUBLE.set(problem)


def trouble() -> MlopsError | None:
    """Return why the last click was refused, once."""
    return _TROUBLE.take()


def begin(stop: Stop, again: bool = False) -> None:
    """Begin a stop, or go on with it, and go where it happens: a chapter is opened beside the own work."""
    with st.spinner("One moment: what this stop begins from is being laid out"):
        found = (course.reset if again else course.start)(state.own(), stop.id)
    go_to(stop, found)


def skip(stop: Stop) -> None:
    """Leave a stop out, and go to its end, which is a chapter to look at."""
    with st.spinner("Solving it in a chapter beside your work"):
        found = course.skip(state.own(), stop.id)
    go_to(stop, found)


def show(stop: Stop) -> None:
    """Solve a stop on a copy, and go there."""
    with st.spinner("Doing it on a copy"):
        shown = course.show_me(state.own(), stop.id)
    location.go_into(shown.folder.name)
    st.rerun()


def go_to(stop: Stop, found: StopState) -> None:
    """Go where a stop happens, to the screen on which it begins."""
    location.go_into(found.chapter or "")
    page, query = stop.mission.begins
    links.goto(page, **query)
