"""The `...` menu: start over, or try things on a copy. Nothing is ever deleted."""

from __future__ import annotations

import shlex

import streamlit as st

from playground import folders
from playground.ui.kit import cards, seat, state


def draw() -> None:
    """Draw the menu button; its contents are drawn when it is open."""
    menu = st.popover("", icon=":material/more_horiz:", help="Workspace", key="menu", on_change="rerun")
    if not menu.open:
        return
    with menu:
        ws = state.workspace()
        seat.menu()
        if not state.SEAT.get():  # whose path holds the key of the seat
            st.caption(f"Workspace {cards.plain(ws.path)}")
        if st.button("Start over", icon=":material/restart_alt:", key="menu.reset", width="stretch"):
            with cards.errors():
                kept = folders.start_over(ws)
                state.forget()
                state.say(f"A fresh workspace. The old one is kept in {kept.name}.")
                st.rerun()
        if st.button("Copy this workspace", icon=":material/fork_right:", key="menu.fork", width="stretch"):
            with cards.errors():
                copy = folders.fork(ws)
                st.success("The copy is ready. Open it with", icon=":material/check_circle:")
                st.code(
                    f"MLOPS_WORKSPACE={shlex.quote(str(copy))} streamlit run app.py", language="bash", wrap_lines=True
                )
