"""The chain strip: Data - Config - Train - Check - Live - Monitor with real ids, each box a link.

It draws the plain `Box` records of `playground.boxes`. The browser part only ever sets text, so a hostile
name stays text; the links are real ones, so a box opens in a new tab as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import streamlit as st

from playground import theme
from playground.boxes import Box

_strip = st.components.v2.component(
    "chain_strip",
    html='<nav class="strip" aria-label="The chain"><ol></ol></nav>',
    css=Path(__file__).with_suffix(".css").read_text("utf-8"),
    js=Path(__file__).with_suffix(".js").read_text("utf-8"),
)


def chain_strip(boxes: Sequence[Box], current: str, address: Mapping[str, str], large: bool = False) -> Box | None:
    """Draw the strip and return the box a person opened, if any.

    Parameters
    ----------
    boxes : sequence of Box
        The six boxes, in order.
    current : str
        The page on screen, underlined in the strip.
    address : mapping
        Query parameters that every link needs.
    large : bool
        The tall form of the start page.
    """
    looks = {name: {"colour": colour, "icon": icon} for name, (colour, icon) in theme.THINGS.items()}
    data = {
        "boxes": [{**asdict(box), "query": {**address, **box.query}} for box in boxes],
        "current": current,
        "size": "hero" if large else "bar",
        "environments": looks,
    }
    opened = _strip(data=data, key="chain.strip", on_opened_change=lambda: None).opened
    return next((box for box in boxes if box.stage == opened), None)
