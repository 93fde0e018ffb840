"""The stepping stones on screen: a row of eight under the names of the four phases, or a small one for the panel.

A stone that is solved fills; nothing else moves. The browser part only ever sets text, and each stone is a real link.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import streamlit as st

from playground.stones import Stone
from playground.ui.kit import links, location

_row = st.components.v2.component(
    "stepping_stones",
    html='<nav class="row" aria-label="The eight stops"><ol></ol></nav>',
    css=Path(__file__).with_suffix(".css").read_text("utf-8"),
    js=Path(__file__).with_suffix(".js").read_text("utf-8"),
)


def row(stones: Sequence[Stone], key: str, small: bool = False) -> None:
    """Draw the stones; one that somebody opens leads to the stop in the guide.

    Parameters
    ----------
    stones : sequence of Stone
        All eight, in order.
    key : str
        Of the component.
    small : bool
        Without the names of the phases, for the panel.
    """
    data = {"stones": [asdict(one) for one in stones], "small": small, "address": location.address()}
    opened = _row(data=data, key=key, on_opened_change=lambda: None).opened
    if opened in {one.id for one in stones}:
        links.goto("guide", stop=opened)
