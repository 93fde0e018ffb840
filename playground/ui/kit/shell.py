"""What every screen shares: navigation, the place in the four phases, the chain strip, the workspace menu."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import streamlit as st

from mlops import MlopsError
from playground import screens
from playground.boxes import boxes
from playground.ui.kit import cards, links, menu, state, watch
from playground.ui.kit.strip import chain_strip

_FOLDER = Path(__file__).resolve().parents[3] / "pages"


def navigation() -> Any:
    """Register every screen, look at the workspace, and return the screen that the URL asks for."""
    pages = {
        screen.name: st.Page(
            _FOLDER / f"{screen.name}.py",
            title=screen.title,
            icon=f":material/{screen.icon}:",
            default=screen.name == "start",
            url_path=screen.name,
            visibility="hidden" if screen.hidden else "visible",
        )
        for screen in screens.SCREENS
    }
    with suppress(MlopsError):  # `begin` says what is wrong
        state.take_seat()
    # Its own objects: with those of another session, which draws a page at this moment, Streamlit would refuse to run.
    page = st.navigation(list(pages.values()), position="top")
    links.PAGES.update(pages)
    try:
        state.begin()
    except MlopsError as problem:
        cards.error(problem)
        st.stop()
    return page


def header(title: str, name: str, sentence: str = "", running: str = "") -> None:
    """Draw title, menu, phase and chain strip of a screen.

    Parameters
    ----------
    title : str
        The heading.
    name : str
        The screen, as listed in `playground.screens`.
    sentence : str
        One sentence below the heading.
    running : str
        The box at work, while a chain is being built.
    """
    if said := state.SAID.take():
        st.toast(cards.plain(said), icon=":material/check_circle:")
    screen, chain = screens.screen(name), state.chain()
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", wrap=False):
        st.title(cards.plain(title), anchor=False)
        menu.draw()
    if sentence:
        st.markdown(sentence)
    _phase(screens.place(screen, chain), state.simulated_date())
    watch.trainings()
    if box := chain_strip(boxes(chain, running), current=name, address=state.address(), large=name == "start"):
        links.goto(box.page, **box.query)


def _phase(place: screens.Place, simulated: str) -> None:
    icon = ":green[:material/check_circle:]" if place.reached else ":gray[:material/radio_button_unchecked:]"
    phase = place.phase
    date = f" · :gray[:material/calendar_month: Simulated:] {simulated}" if simulated else ""
    st.markdown(
        f":blue-badge[{phase.number} {phase.name}] "
        f":small[:gray[Goal:] {phase.goal} · :gray[Exit:] {place.exit} {icon}{date}]"
    )
