"""Acts: the buttons that record something. The one place that knows that the past records nothing.

In the past each of them stays where it is, cannot be pressed, and says where one can do that: "Back to today to train".
Buttons that change only what is on screen are plain ones.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from playground.ui.kit import state


def button(label: str, to: str, place: Any = st, **options: Any) -> bool:
    """Draw a button that records something, and return whether it was pressed.

    Parameters
    ----------
    label : str
        What it says in the present.
    to : str
        What it does, in the words after "Back to today to".
    place : container, optional
        Where it is drawn.
    **options
        As `streamlit.button` takes them.
    """
    return bool(place.button(_label(label, to), **_then(options)))


def submit(label: str, to: str, **options: Any) -> bool:
    """Draw the button of a form that records something; see `button`."""
    return bool(st.form_submit_button(_label(label, to), **_then(options)))


def _label(label: str, to: str) -> str:
    return label if state.event() is None else f"Back to today to {to}"


def _then(options: dict[str, Any]) -> dict[str, Any]:
    if state.event() is None:
        return options
    return {**options, "disabled": True, "icon": ":material/history:", "help": None}
