"""The notebook lab in the guide: what it does, the file that knows whom to sign for, and whether it signed."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import streamlit as st

from playground import notebook_lab
from playground.ui.kit import cards, location, state

TITLE = "Notebook lab"
"""Of the tab."""


def panel() -> None:
    """Draw the parts of the notebook, its download, and the signature."""
    left, right = st.columns([1, 1], gap="large")
    with left:
        st.markdown("**The whole way once more, in code.** :small[:gray[· about 25 min]]")
        st.markdown("\n".join(f"{number}. {step}" for number, step in enumerate(notebook_lab.steps(), 1)))
    with right:
        _hand_out()
        _signed()


def _hand_out() -> None:
    own = None if location.room() else state.own().path
    with st.container(border=True, key="notebook-lab-file", gap="small"):
        st.markdown("**It runs in Jupyter or VS Code**, beside this app or without it.")
        cards.download_bytes(
            partial(notebook_lab.pointed, Path(notebook_lab.__file__).parents[1], own),
            notebook_lab.NOTEBOOK.name, "application/x-ipynb+json", "The notebook",
        )  # fmt: skip
        where = "In a class it keeps its signature to itself: tell your teacher." if own is None else (
            "It works in a workspace of its own. Its last cell signs here, and touches nothing else of yours."
        )  # fmt: skip
        st.markdown(f":small[:gray[Choose a Python that has the packages of this project. {where}]]")


def _signed() -> None:
    found = state.read_own(notebook_lab.done)
    with st.container(border=True, key="notebook-lab-signed", gap="small"):
        if found.ok:
            st.markdown(f":green[:material/check_circle:] **Signed** :small[:gray[· event {found.event}]]")
        else:
            st.markdown(":gray[:material/radio_button_unchecked:] **Not signed yet**")
        st.markdown(f":small[{cards.plain(found.evidence)}]")
