"""What every screen shares: navigation, title, date and menu in one line, and the chain."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import streamlit as st

from mlops import MlopsError, Workspace
from playground import screens, words
from playground.ui.kit import cards, classroom, date, history, links, location, menu, seat, session, state, stops, watch
from playground.ui.kit import chain as chain_view

_FOLDER = Path(__file__).resolve().parents[3] / "pages"


def navigation() -> Any:
    """Register every screen, look at the workspace, and return the screen that the URL asks for."""
    teaches, left_out = classroom.is_teacher(), classroom.decided().hidden
    pages = {
        screen.name: st.Page(
            _FOLDER / f"{screen.name}.py",
            title=screen.title,
            icon=f":material/{screen.icon}:",
            default=screen.name == "start",
            url_path=screen.name,
            visibility="hidden" if screen.hidden or screen.name in left_out else "visible",
        )
        for screen in (*screens.SCREENS, *([screens.TEACHER] if teaches else []))
    }
    if not teaches:  # whoever teaches has no seat before they ask for one
        _take_place()
    # Its own objects: with those of another session, which draws a page at this moment, Streamlit would refuse to run.
    page = st.navigation(list(pages.values()), position="hidden" if teaches and "show" in st.query_params else "top")
    links.PAGES.update(pages)
    if is_teachers(page.url_path):
        return page
    if teaches:
        _take_place()
    try:
        state.begin()
        stops.note()
    except MlopsError as problem:
        seat.remember()
        cards.error(problem)
        st.stop()
    return page


def _take_place() -> None:
    with suppress(MlopsError):  # `begin` says what is wrong
        location.take_place()


def is_teachers(page: str) -> bool:
    """Return whether a page is the teacher's: nothing that belongs to a seat is drawn on it."""
    return page == screens.TEACHER.name


def corner(page: str) -> None:
    """Draw what stands in the corner of every screen: beside the page, never in its way."""
    seat.remember()
    classroom.watch()
    if session.UNDO.get():
        menu.undo()
    elif classroom.card() or date.card(page):
        return
    elif session.BUILDING.get() is None:  # not over the chain that is just being built
        seat.card()


def header(
    title: str, name: str, sentence: str = "", running: str = "", notebook: chain_view.Notebook | None = None
) -> None:
    """Draw what stands above every screen: title, date and menu in one line, where one is, and the chain.

    Parameters
    ----------
    title : str
        The heading.
    name : str
        The screen, as listed in `playground.screens`.
    sentence : str
        One sentence below the heading.
    running : str
        The kind of node at work, while a chain is being built.
    notebook : Notebook, optional
        The box before the chain.
    """
    if said := session.SAID.take():
        st.toast(cards.plain(said), icon=":material/check_circle:")
    chain = state.chain()
    with st.container(key="title", horizontal=True, vertical_alignment="center", wrap=False, gap="small"):
        st.title(cards.plain(title), anchor=False, width="stretch")
        with st.container(key="day", width="content"):  # a place of its own: the menu keeps its own when the date comes
            if chain.staging or chain.production:
                date.chip()
        menu.draw()
    # Each in a place of its own: what comes and goes would give what follows another place, and it would be drawn anew.
    with st.container():
        _chapter()
    if sentence:
        st.markdown(sentence)
    with st.container():
        _past()
    with st.container(key="watch"):
        watch.trainings()
    draw_chain(name, running, name == "start", notebook, stops.lit())
    _history(opened=name == "release")


def draw_chain(
    name: str, running: str = "", large: bool = False, notebook: chain_view.Notebook | None = None, lit: str = ""
) -> None:
    """Draw the chain, and go where a person opens a node of it.

    Parameters
    ----------
    name, running
        As for `header`.
    large, notebook, lit
        As for `kit.chain.draw`.
    """
    found, chain = state.drawn_chain(running), state.chain()
    if stops.covered("recall"):
        found = found.covered("guess first")
    behind = [phase for phase in screens.PHASES if phase.is_behind(chain)]
    opened = chain_view.draw(found, name, location.address(), behind, large, notebook, lit)
    if opened:
        links.goto(opened.page, **opened.query)


def _chapter() -> None:
    """Say that this is not the own work, and how one gets back to it."""
    if (said := stops.chapter()) and state.event() is None:
        with st.container(key="chapter", horizontal=True, vertical_alignment="center", wrap=False, gap="small"):
            st.markdown(f":material/auto_stories: {cards.plain(said)}", width="stretch")
            st.button("Back to mine", key="chapter.leave", on_click=location.go_into, args=("",))


def _past() -> None:
    """Draw that this is the past and the way out of it, or why the one that was asked for cannot be shown."""
    if problem := session.NOT_THEN.take():
        cards.error(problem)
    if state.event() is None:
        return
    with st.container(key="past", horizontal=True, vertical_alignment="center", wrap=False, gap="small"):
        then = words.when(state.read(Workspace.now))
        st.markdown(f":material/history: This is how it was on **{then}** (event {state.event():,})", width="stretch")
        st.button("Back to today", key="past.leave", on_click=location.go_to, args=(None,), type="primary")


def _history(opened: bool) -> None:
    """Draw the line of time, from the second release on or in a chapter, and go where somebody wants to be."""
    found = state.history()
    if found.releases < 2 and not location.place().chapter and state.event() is None:
        return
    if stops.covered("history"):
        st.caption(":material/lock: History opens once you have answered, from the list.")
        return
    asked = history.asked() if opened else None
    moment = history.line(found, state.workspace().id, state.event(), opened, asked)
    if moment and moment.decision is not None:
        links.goto("release", decision=str(moment.decision))
    elif moment:
        state.move_to(moment.event, moment.at)
        st.rerun()
