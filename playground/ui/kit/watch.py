"""While something trains, the screen - whichever it is - looks whether it is over, and is drawn again when it is."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from playground import lanes, waiting
from playground.chain import under_way
from playground.jobs import Seen, jobs
from playground.ui.kit import acts, cards, state

TICK = 0.5
"""Seconds between two looks."""


def every(alive: bool) -> float | None:
    """Return the seconds between two looks at what is alive; in the past nothing is, so nobody looks."""
    return TICK if alive and state.event() is None else None


def agree(drawn: Iterable[str]) -> None:
    """Draw the screen again where it shows runs as under way of which another look says that they are over.

    A run that ends while a screen is drawn is read as running by what looked first and as ended by what looked last;
    then nothing would be looked at any more, and the screen would say "running" for good.
    """
    if state.event() is None and not {*drawn} <= state.read(under_way).keys():
        st.rerun()


def job(seen: Seen, name: tuple[str, ...], title: str, key: str, before: str = "It begins") -> None:
    """Draw a job at work: its place in line or its time, a way to cancel it, and how far it is.

    Parameters
    ----------
    title : str
        What it does, as Markdown; may be empty.
    before : str
        What stands at its bar until it says something.
    """
    said = f"{waiting.ordinal(seen.place)} in line" if seen.place else f"{seen.elapsed:.0f} s"
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"{title} :small[:gray[{said}]]".strip(), width="content")
        acts.button("Cancel", "cancel", icon=":material/cancel:", key=key, disabled=seen.stopping,
                    on_click=jobs().cancel, args=(name,))  # fmt: skip
    st.progress(seen.fraction or 0.0, cards.plain(seen.says or before))


def trainings() -> None:
    """Draw the page again when no training is left; where none is under way, nothing is looked at."""
    agree(state.read(lanes.read).training)
    if not every(bool(state.read(under_way))):
        return

    @st.fragment(run_every=TICK)
    def look() -> None:
        state.renew()
        if not state.read(under_way):
            st.rerun()

    look()
