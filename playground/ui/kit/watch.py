"""While something trains, the screen - whichever it is - looks whether it is over, and is drawn again when it is."""

from __future__ import annotations

import streamlit as st

from playground.chain import under_way
from playground.ui.kit import state

TICK = 0.5
"""Seconds between two looks."""


def every(alive: bool) -> float | None:
    """Return the seconds between two looks at what is alive; in the past nothing is, so nobody looks."""
    return TICK if alive and state.event() is None else None


def trainings() -> None:
    """Draw the page again when no training is left; where none is under way, nothing is looked at."""
    if not every(bool(state.read(under_way))):
        return

    @st.fragment(run_every=TICK)
    def look() -> None:
        state.renew()
        if not state.read(under_way):
            st.rerun()

    look()
