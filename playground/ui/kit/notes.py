"""What is worth knowing about some data: what stops a training first, then what misleads it, then remarks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from playground.ui.kit import cards

_LOOKS = {"blocker": ("red", "block", "stops a training"), "warning": ("orange", "warning", "may mislead")}


def draw(notes: Sequence[Any]) -> None:
    """Draw notes: blockers and warnings openly, remarks one click away."""
    grave = [note for severity in ("blocker", "warning") for note in _of(notes, severity)]
    if grave:
        with st.container(border=True, gap="small"):
            for note in grave:
                _line(note)
    remarks = _of(notes, "note")
    if remarks:
        many = f"{len(remarks)} {'more ' if grave else ''}thing{'s' if len(remarks) > 1 else ''} to know"
        with st.expander(many, icon=":material/info:", type="compact"):
            st.markdown("\n".join(f"- {cards.plain(note['message'])}" for note in remarks))


def _of(notes: Sequence[Any], severity: str) -> list[Any]:
    return [note for note in notes if note["severity"] == severity]


def _line(note: Any) -> None:
    colour, icon, word = _LOOKS[note["severity"]]
    name = cards.plain(note["column"]) if note["column"] else "The table"
    st.markdown(
        f":{colour}[:material/{icon}: **{name}** {word}] · {cards.plain(note['message'])}  \n"
        f":small[:gray[{cards.plain(note['next_step'])}]]"
    )
