"""The panel of the stop under way: the goal, the guess, what is there and what is needed, and the next hint.

It stands at the right of every screen, or on a narrow one as a bar at the bottom that opens. Everything else about a
stop is one click away. What is true of a stop, `stops` asks the course; what is asked of the learner is in `asking`,
what is said once a stop lies behind in `solved`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import streamlit as st

from playground import course
from playground.course import GoalReport, Hint, Report, Stop
from playground.stones import stones
from playground.ui.kit import acts, asking, cards, copied, links, location, session, solved, state, stops
from playground.ui.kit import stones as stepping

LOOK = 3.0
"""Seconds between two looks at whether anything happened elsewhere: in a shell, in another tab."""

_sure: session.Kept[str] = session.Kept("panel.sure", "")
"""Where somebody asked to begin a stop again, until it is said twice."""

_PART = {"css": Path(__file__).with_suffix(".css").read_text("utf-8"),
         "js": copied.script(__file__)}  # fmt: skip
_bar = st.components.v2.component("stop_bar", html='<div class="bar"></div>', **_PART)
_goals = st.components.v2.component("stop_goals", html='<div class="goals"></div>', **_PART)
_copy = st.components.v2.component("stop_situation", html='<div class="copy"></div>', **_PART)


@dataclass(frozen=True)
class Bar:
    """The panel as one line, for a narrow screen."""

    number: int | None
    """None for a lab, which has a flask instead."""
    title: str
    now: str
    """What there is to do, or what came of the stop."""
    waits: bool = False
    """Whether a question waits for the learner; it is marked, and covers nothing by itself."""
    solved: bool = False


@dataclass(frozen=True)
class Mark:
    """One goal as a mark in the row of all."""

    text: str
    state: str
    """reached, kept (it holds since the stop began), undone (it held before), broken (our fault), or open."""


def draw() -> None:
    """Draw the panel of the stop that is on, if there is one."""
    stop = stops.current()
    if stop is None:
        return
    with st.container(key="panel", gap="small"):
        _bar(data={"bar": asdict(bar(stop))}, key="panel.bar")
        if not stop.is_lab:
            stepping.row(stones(stops.progress()), key="panel.stones", small=True)
        with st.container(gap=None):
            st.caption(f"{':material/science: Lab' if stop.is_lab else stop.heading} · {stop.minutes} minutes")
            st.subheader(stop.title, anchor=False)
        with st.container(key="panel-body", gap="small"):
            _body(stop)
        _foot(stop)


def _body(stop: Stop) -> None:
    if problem := stops.trouble():
        cards.error(problem)
    if not stops.is_here(stop):
        _elsewhere(stop)
    elif stops.record_of(stop).done:
        solved.draw(stop)
    else:
        _under_way(stop)


def bar(stop: Stop) -> Bar:
    """Return the panel of a stop as one line."""
    found = stops.record_of(stop)
    if not stops.is_here(stop):
        return Bar(stop.number, stop.title, "It happens elsewhere")
    if found.done:
        return Bar(stop.number, stop.title, solved.HEADLINES[found.status], solved=found.status != "skipped")
    if asked := asking.question(stop) or asking.waiting(stop):
        return Bar(stop.number, stop.title, asked.ask, waits=True)
    report = stops.report(stop)
    goal = next_goal(report)
    return Bar(stop.number, stop.title, goal.text if goal else "")


def marks(report: Report) -> tuple[Mark, ...]:
    """Return the goals of a stop as marks."""
    return tuple(Mark(goal.text, _mark(goal)) for goal in report.goals)


def _mark(goal: GoalReport) -> str:
    if goal.ok is None:
        return "broken"
    if goal.ok:
        return "kept" if goal.kept else "reached"
    return "undone" if goal.undone else "open"


def next_goal(report: Report) -> GoalReport | None:
    """Return the goal to go for: the first that is not reached."""
    return next((goal for goal in report.goals if goal.ok is False), None)


def _under_way(stop: Stop) -> None:
    if stop.is_lab or fresh(stop):  # in a lab it is all that says what to do
        st.markdown(f":small[{stop.mission.story}]")
    asking.draw(stop)
    report = stops.report(stop)
    shown = [replace(one, text="") if gives_away(stop) else one for one in marks(report)]
    _goals(data={"marks": [*map(asdict, shown)]}, key="panel.goals")
    if not (asking.question(stop) or asking.waiting(stop)) and (goal := next_goal(report)):
        _goal(goal)
    for broken in (one for one in report.goals if one.ok is None):
        st.caption(f":material/build: {cards.plain(broken.text)}: {cards.plain(broken.why)}. It does not stop you.")
    _help(stop)


def gives_away(stop: Stop) -> bool:
    """Return whether the goals are not to be read yet: they would answer the guess that comes first."""
    return fresh(stop) and asking.waiting(stop) is not None


def fresh(stop: Stop) -> bool:
    """Return whether nothing has been said yet: until then the story is told, whatever happens meanwhile."""
    found = stops.record_of(stop)
    return not (found.guess or found.waived or found.answers)


def _goal(goal: GoalReport) -> None:
    """Draw the goal to go for: what is there, what is needed, why, and where that is done."""
    with st.container(key="panel-goal", gap="xsmall"):
        st.markdown(f"**{cards.plain(goal.text)}**")
        if goal.undone:
            until = f"until event {goal.undone_by}" if goal.undone_by else "before; no event tells of an edit in a file"
            st.markdown(f":orange[:material/undo: It held {until}.]")
        st.markdown(
            f":small[:gray[Now] {cards.plain(goal.observed)}]  \n:small[:gray[Needed] {cards.plain(goal.expected)}]"
        )
        st.caption(cards.plain(goal.why))
        links.link(goal.where.page, goal.where.text, icon="arrow_forward", **goal.where.query)


def _help(stop: Stop) -> None:
    """Draw the hints, and look whether anything happened elsewhere: then all is drawn again."""
    seen = state.moment()

    @st.fragment(run_every=LOOK)
    def look() -> None:
        state.renew()
        if state.moment() != seen:
            st.rerun()
        if not asking.waiting(stop):
            _hints(stop)

    look()


def _hints(stop: Stop) -> None:
    hints, opened = stop.mission.hints, stops.record_of(stop).hints
    for hint in hints[:opened][-1:]:
        _hint(hint)
    may = course.may_hint(state.own(), stop.id)
    wait = "It opens after a check, an act, or a minute." if opened < len(hints) else "There are no more."
    with st.container(horizontal=True, gap="small"):
        st.button("Check", key="panel.check", on_click=stops.act, args=(_check, stop.id), width="stretch")
        st.button(
            "Hint", icon=":material/lightbulb:", key="panel.hint", disabled=not may, width="stretch",
            help=None if may else wait, on_click=stops.act, args=(course.hint, stop.id),
        )  # fmt: skip


def _check(ws: Any, name: str) -> None:
    course.record(ws, name, asked=True)


def _hint(hint: Hint) -> None:
    with st.container(key="panel-hint", gap="xsmall"):
        st.markdown(f":material/lightbulb: {cards.plain(hint.text)}")
        if hint.page:
            links.link(hint.page, links.PAGES[hint.page].title, icon="arrow_forward")


def _elsewhere(stop: Stop) -> None:
    """Say where the stop happens, and lead there; on the copy on which it was shown, what was done."""
    chapter = stops.record_of(stop).chapter or ""
    if stops.is_shown(stop):
        st.markdown("**Shown on a copy.** This is what was done; your own work is as it was.")
        st.markdown("\n".join(f"{number}. {cards.plain(one)}" for number, one in enumerate(stop.mission.steps, 1)))
    else:
        st.markdown(
            f"This {stop.kind} happens in a chapter beside your work."
            if chapter
            else f"This {stop.kind} is about your own work."
        )
    label = "Now do it yourself" if stops.is_shown(stop) else "Open the chapter" if chapter else "Back to mine"
    st.button(label, type="primary", key="panel.there", on_click=location.go_into, args=(chapter,), width="stretch")


def _foot(stop: Stop) -> None:
    with st.container(horizontal=True, gap="small", key="panel-foot", vertical_alignment="center"):
        _copy(data={"situation": stops.situation(stop)}, key="panel.copy")
        # The browser holds that it is open: what was shown or skipped from in there must not lie below it.
        key = "panel.more" if stops.is_here(stop) and not stops.record_of(stop).done else "panel.more.after"
        more = st.popover("More", key=key, on_change="rerun", type="tertiary")
        cards.inside(more, lambda: _more(stop))


def _more(stop: Stop) -> None:
    """Draw everything else about a stop."""
    st.markdown(stop.mission.story)
    real = stop.mission.honesty
    st.caption(f"Real: {cards.plain(real.real)} Simulated: {cards.plain(real.simulated)}")
    if stops.is_here(stop) and not stops.record_of(stop).done:
        _other("Show me, on a copy", "visibility", lambda: stops.show(stop))
        _other(f"Skip this {stop.kind}", "skip_next", lambda: stops.skip(stop))
    again(stop, "panel")
    st.button(stops.leaving(stop), icon=":material/logout:", key="panel.leave", width="stretch",
              on_click=stops.act, args=(course.leave,))  # fmt: skip


def again(stop: Stop, key: str, place: Any = None) -> None:
    """Draw the way to begin a stop anew, the button in its own place if it has one; the second click does it."""
    if _sure.get() != f"{key}.{stop.id}":
        with place or st.container():
            st.button("Begin it again", icon=":material/restart_alt:", key=f"{key}.again.{stop.id}", width="stretch",
                      on_click=_sure.set, args=(f"{key}.{stop.id}",))  # fmt: skip
        return
    st.markdown(f"Begin it again? Guesses and goals of this {stop.kind} start anew; what you made stays.")
    with st.container(horizontal=True):
        if acts.button("Begin again", "begin again", type="primary", key=f"{key}.again.{stop.id}.yes"):
            _sure.set("")
            with cards.errors():
                stops.begin(stop, again=True)
        st.button("Keep it", key=f"{key}.again.{stop.id}.no", on_click=_sure.set, args=("",))


def _other(label: str, icon: str, do: Callable[[], Any]) -> None:
    """Draw a button for what takes a moment; a refusal is told below it."""
    if st.button(label, icon=f":material/{icon}:", key=f"panel.{icon}", width="stretch"):
        with cards.errors():
            do()
