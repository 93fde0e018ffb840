"""What stands behind the stops in the guide: checklists with evidence."""

from __future__ import annotations

import streamlit as st

from playground import checklists, words
from playground.acts import Acts
from playground.ui.kit import cards, session, state
from playground.ui.kit.links import PAGES, link

_SHOWN = {
    "verified": ("green", "check_circle", "verified here"),
    "open": ("orange", "radio_button_unchecked", "open"),
    "yours": ("blue", "person", "you say so"),
}
"""Status -> colour, icon and word."""


def checklist(name: str) -> None:
    """Draw one checklist: each line, its state, the evidence, and the learner's own act behind it."""
    found = state.read_own(checklists.verdicts, name, state.own_made(("acts",), Acts))
    verified = sum(verdict.status == "verified" for _, verdict in found)
    checkable = sum(verdict.status in ("verified", "open") for _, verdict in found)
    st.progress(verified / max(checkable, 1), text=f"{verified} of {checkable} verified")
    with st.container(border=True):
        for line, verdict in found:
            _line(line, verdict)


def _line(line: checklists.Line, verdict: checklists.Verdict) -> None:
    colour, icon, word = _SHOWN[verdict.status]
    said = f":small[:{colour}[{word}] :gray[· {cards.plain(verdict.evidence)}]]"
    if verdict.status == "yours":
        with st.container(gap=None):
            st.checkbox(line.text, key=f"guide.said.{line.text}", persist_state="session")
            st.markdown(said)
        return
    with st.container(
        horizontal=True, vertical_alignment="center", gap=None
    ):  # on a phone the link belongs to the line
        st.markdown(f":{colour}[:material/{icon}:] {line.text}  \n{said}", width="stretch")
        _where(line, verdict)


def _where(line: checklists.Line, verdict: checklists.Verdict) -> None:
    """Draw the way to where an open line is done, or the event of one that is verified."""
    if verdict.event and verdict.page:
        link(verdict.page, f"event {verdict.event}, {words.day(verdict.at)}", icon="history", **verdict.query)
    elif verdict.event:
        st.markdown(f":small[:gray[event {verdict.event}]]", width="content")
    elif verdict.status == "open" and verdict.page:
        link(verdict.page, PAGES[verdict.page].title, icon="arrow_forward", **verdict.query)
    elif verdict.tab:
        st.button(verdict.tab, icon=":material/arrow_forward:", type="tertiary", key=f"guide.to.{line.text}",
                  on_click=session.hold, args=("part", verdict.tab))  # fmt: skip
