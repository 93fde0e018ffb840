"""What stands on the projector: the address to come in by, what the class said to a question, or one chain of it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from mlops import MlopsError
from playground import course, lanes, seats
from playground.classroom import book, given, wall
from playground.drawing import drawn
from playground.drawn_chain import DrawnChain
from playground.tally import Asked
from playground.ui.kit import cards, chain, seat
from playground.ui.teacher import given as given_view

LOOK = 2.0
"""Seconds between two looks at what the teacher decided, and at the class."""


def draw(room: Path) -> None:
    """Draw it, and again whenever something else is decided, or said."""

    @st.fragment(run_every=LOOK)
    def look() -> None:
        now = book.read(room)
        with st.container(key="projector", gap="large"):
            if now.shown:
                _given(room, now)
            elif now.spotlight:
                _chain(room, now)
            else:
                _welcome(room)

    look()


def _given(room: Path, now: book.Classroom) -> None:
    stop, _, ask = now.shown.partition("/")
    known = stop in {one.id for one in course.EVERY}  # not one of an older version, or written by hand
    found = [one for one in given.guesses(room, stop, answers=now.told) if one.ask == ask] if known else []
    for one in found:
        given_view.draw(one, f"projector.{now.shown}", large=True)


def _chain(room: Path, now: book.Classroom) -> None:
    try:
        found = spotlight(room / now.spotlight)
    except MlopsError:  # why would name its folder, and who knows that sits there
        st.info("The work at this seat cannot be read.", icon=":material/link_off:")
        return
    name = seats.sitter(room, now.spotlight).name if now.named else ""
    st.header(f"The chain of {cards.plain(name)}" if name else "One chain of this class", anchor=False)
    with st.container(key="spotlight"):
        chain.draw(found, "teacher", {}, large=True)


def spotlight(folder: Path) -> DrawnChain:
    """Return the chain of a seat as it is drawn: that of the chapter where one is on."""
    return drawn(lanes.read(wall.place(folder)), None, Asked(), "")


def _welcome(room: Path) -> None:
    st.header("Come in", anchor=False)
    with st.container(key="projector-join"):
        seat.join_link()
    here = len(book.seats(room))
    st.markdown(f"### {here} {'has' if here == 1 else 'have'} a seat")
