"""The class on a learner's screen: what its teacher decided, told where it matters, and nothing more.

A screen looks every few seconds whether anything was decided; that costs one look at a file. The key to the teacher's
page is asked for here as well: whoever has it not finds no such page.
"""

from __future__ import annotations

import streamlit as st

from playground import course
from playground.classroom import book, secret, together
from playground.classroom.book import Classroom
from playground.ui.kit import cards, location, session, stops

LOOK = 4.0
"""Seconds between two looks."""


def decided() -> Classroom:
    """Return what the teacher decided; nothing where there is no class."""
    room = location.room()
    return book.read(room) if room else book.NOTHING


def is_teacher() -> bool:
    """Tell whether this session has the key to the teacher's page: from the link, or from when the browser had it."""
    room = location.room()
    if room is None:
        return False
    said = st.query_params.get("key") or session.TEACHER.get() or st.context.cookies.get(secret.cookie(room)) or ""
    known = secret.opens(room, str(said))
    session.TEACHER.set(str(said) if known else "")
    return known


def card() -> bool:
    """Draw where everybody is being brought, for who was not there yet; return whether it was drawn.

    A copy of the work is nobody's place in a class.
    """
    now = decided()
    stop = next((one for one in course.EVERY if one.id == now.brought), None)
    if stop is None or not together.asks_to_come(now) or now.times == session.BROUGHT.get() or location.place().copy:
        return False
    if stops.is_on(stop) or stops.record_of(stop).done:
        session.BROUGHT.set(now.times)
        return False
    with st.container(key="corner-card", gap="small"):
        st.markdown(
            f":material/groups: Your class is at **{cards.plain(stop.called)}**: {cards.plain(stop.title)}. "
            "What you were doing stays as it is."
        )
        with st.container(horizontal=True):
            if st.button("Go there", type="primary", key="class.go"):
                session.BROUGHT.set(now.times)
                with cards.errors():
                    stops.begin(stop)
            st.button("Not yet", key="class.stay", type="tertiary", on_click=session.BROUGHT.set, args=(now.times,))
    return True


def watch() -> None:
    """Draw the screen again once the teacher decided something that is about it."""
    room = location.room()
    if room is None:
        return
    seen = book.moment(room)

    @st.fragment(run_every=LOOK)
    def look() -> None:
        if book.moment(room) != seen:
            st.rerun()

    look()
