"""What the panel says once a stop lies behind the learner: one sentence, one next button, and the question after."""

from __future__ import annotations

from typing import Any

import streamlit as st

from playground.course import STOPS, Stop
from playground.stones import following
from playground.ui.kit import asking, cards, links, session, stops

CLOSE = "Your project"
"""The tab of the guide on which the tour is closed."""

LABS = "Labs"
"""The tab of the guide that lists the labs."""

SAY = "Say it"
"""The tab of the guide with sentences for other people."""

HEADLINES = {"solved": "Solved", "with_hints": "Solved with hints", "skipped": "Skipped"}
"""Status of a stop that lies behind the learner -> its headline."""


def draw(stop: Stop) -> None:
    """Draw what is said of a stop that lies behind."""
    found = stops.record_of(stop)
    with st.container(key=f"panel-{found.status}", gap="small"):
        icon = ":gray[:material/skip_next:]" if found.status == "skipped" else ":green[:material/check_circle:]"
        st.markdown(f"{icon} **{HEADLINES[found.status]}**")
        st.markdown(f"#### {cards.plain(stops.aha(stop))}")
        _next(stop)
    asking.guesses(stop)
    st.markdown(f":small[:gray[To talk about]]  \n{cards.plain(stop.mission.after)}")
    asking.boss(stop)
    if stop.number:
        _to(SAY, "Say it to others, with your numbers", "panel.say", icon=":material/campaign:", type="tertiary")
    if extra := stop.mission.extra:
        st.markdown(f":small[:gray[Five more minutes]]  \n{cards.plain(extra.text)}")
        links.link(extra.page, f"Try it on {links.PAGES[extra.page].title}", icon="arrow_forward", **extra.query)
    drawer = st.expander("Debrief", icon=":material/menu_book:", type="compact", key="panel.debrief", on_change="rerun")
    cards.inside(drawer, lambda: _debrief(stop))


def _next(stop: Stop) -> None:
    """Draw the one thing to do now: the next stop, the close after the last one, the guide; after a lab all labs."""
    if stop.is_lab:
        labs("See all labs", "panel.next", type="primary", width="stretch")
        return
    if stop == STOPS[-1]:
        close("Close: your own project", "panel.close", type="primary", width="stretch")
        return
    after = following(stops.progress(), stop, stops.is_open)
    label = f"Next: {after.title}" if after else "See how far you are"
    closed = after is not None and not stops.is_open(after)
    if st.button(label, type="primary", key="panel.next", width="stretch", disabled=closed):
        if after is None:
            links.goto("guide")
        with cards.errors():
            stops.begin(after)
    if closed:
        st.caption(":material/groups: Your teacher opens it.")


def close(label: str, key: str, **options: Any) -> None:
    """Draw the button that leads to the close, wherever somebody is."""
    _to(CLOSE, label, key, **options)


def labs(label: str, key: str, **options: Any) -> None:
    """Draw the button that leads to what comes after the tour."""
    _to(LABS, label, key, **options)


def _to(tab: str, label: str, key: str, **options: Any) -> None:
    """Draw a button that leads to a tab of the guide."""
    if st.button(label, key=key, on_click=session.hold, args=("part", tab), **options):
        links.goto("guide")


def _debrief(stop: Stop) -> None:
    told = stop.mission.debrief
    for title, text in (
        ("What was the cause", told.cause), ("How you would notice", told.how_to_detect),
        ("How to prevent it", told.how_to_prevent), ("In other tools", told.in_other_tools),
    ):  # fmt: skip
        st.markdown(f"**{title}**  \n:small[{cards.plain(text)}]")
