"""The stops and the labs as the guide lists them: what each teaches, how far one is, and the button that leads in."""

from __future__ import annotations

from itertools import groupby

import streamlit as st

from playground import course, screens
from playground.chain import Chain
from playground.course import Stop
from playground.screens import Phase
from playground.stones import WORDS, following, stones
from playground.ui.kit import acts, cards, panel, session, solved, stops
from playground.ui.kit import stones as stepping

_LOOKS = {
    "open": "gray[:material/radio_button_unchecked:",
    "under_way": "blue[:material/directions_walk:",
    "solved": "green[:material/check_circle:",
    "with_hints": "green[:material/check_circle:",
    "demonstrated": "gray[:material/visibility:",
    "skipped": "gray[:material/skip_next:",
}
"""State of a stop -> colour and icon."""


def path() -> None:
    """Draw the stepping stones."""
    stepping.row(stones(stops.progress()), key="guide.stones")


def listed(chain: Chain) -> None:
    """Draw every stop under its phase, with the phase's goal and when it is left."""
    after = following(stops.progress(), is_open=stops.is_open)
    drawn = dict(zip((stop.id for stop in course.STOPS), stones(stops.progress()), strict=True))
    for number, group in groupby(course.STOPS, key=lambda stop: stop.phase):
        _phase(screens.PHASES[number - 1], chain)
        for stop in group:
            _stop(stop, drawn[stop.id].state, is_next=stop == after)
    with st.container(border=True, key="guide-close", horizontal=True, vertical_alignment="center"):
        st.markdown(
            "**Close: the tree of your project** :small[:gray[· 2 min]]  \n:small[What you made leaves with you: a "
            "project with tests, a history, and one change that you bring in.]",
            width="stretch",
        )
        solved.close(solved.CLOSE, "guide.close", icon=":material/account_tree:")
    with st.container(border=True, key="guide-after", horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**After class: {len(course.LABS)} labs** :small[:gray[· 5 to 15 min each]]  \n:small[Something really "
            "went wrong in each. Nobody guides, and any order will do.]",
            width="stretch",
        )
        st.button("See the labs", key="guide.labs", icon=":material/science:", on_click=session.hold,
                  args=("part", solved.LABS))  # fmt: skip


def labs() -> None:
    """Draw every lab: they come in any order, and nobody guides."""
    progress = stops.progress()
    done = [lab for lab in course.LABS if progress.stops[lab.id].done]
    st.markdown(
        "A lab is for after class: the same panel, no list of steps. Something is wrong, and you find out what, on the "
        f"screens you know. Take them in any order. :gray[{len(done)} of {len(course.LABS)} behind you.]"
    )
    for at in range(0, len(course.LABS), 2):
        for place, lab in zip(st.columns(2), course.LABS[at : at + 2], strict=False):
            with place:
                _stop(lab, progress.stops[lab.id].status, is_next=False)


def _phase(phase: Phase, chain: Chain) -> None:
    mark = ":green[:material/check:]" if getattr(chain, phase.reached_by) else ""
    st.markdown(f"**{phase.number} {phase.name}** :small[:gray[Goal: {phase.goal}. It ends with {phase.exit}.] {mark}]")


def _stop(stop: Stop, status: str, is_next: bool) -> None:
    height = "stretch" if stop.is_lab else "content"  # labs stand beside one another
    with st.container(border=True, key=f"guide-{stop.id}", gap="small", height=height):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(
                f"**{stop.number or ':material/science:'} {cards.plain(stop.title)}** "
                f":small[:gray[· {stop.minutes} min]]  \n{_about(stop)}"
            )
            with st.container(horizontal=True, vertical_alignment="center", width="content") as buttons:
                st.markdown(f":small[:{_LOOKS[status]} {WORDS[status]}]]")
                if not stops.record_of(stop).done:
                    _begin(stop, "Go on" if status == "under_way" else "Start", is_next)
        if stops.record_of(stop).done:
            panel.again(stop, "guide", buttons)


def _about(stop: Stop) -> str:
    taught = cards.plain(", ".join(stop.mission.teaches))
    if stop.is_lab:
        return f":small[{cards.plain(stop.mission.story)}  \n:gray[You learn {taught}.]]"
    return f":small[You learn {taught}; in {'your own work' if stop.scope == 'own' else 'a chapter beside your work'}.]"


def _begin(stop: Stop, label: str, is_next: bool) -> None:
    if not stops.is_open(stop):
        st.markdown(":small[:gray[:material/groups: Your teacher opens it]]")
    elif acts.button(label, "begin", type="primary" if is_next else "secondary", key=f"guide.begin.{stop.id}"):
        with cards.errors():
            stops.begin(stop)
