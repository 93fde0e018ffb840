"""What a live model and its silent candidate said of the same rows: dots that rise and fall between the two.

It draws the plain record of `playground.two_scores`. All of it is sent once, so moving and choosing a dot ask the
server nothing; only a link that was pressed comes back. The browser part sets text alone, never HTML.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import streamlit as st

from playground.two_scores import TwoScores
from playground.ui.kit import links, location

_two = st.components.v2.component(
    "two_scores",
    html=Path(__file__).with_suffix(".html").read_text("utf-8"),
    css=Path(__file__).with_suffix(".css").read_text("utf-8"),
    js=Path(__file__).with_suffix(".js").read_text("utf-8"),
)

HINT = "Choose a dot: who it is, what was sent, what the candidate would have said, and what became of it."

RIGHT = {"live": "live was right", "silent": "the candidate was right", "nobody": "neither was right"}


def draw(found: TwoScores, name: str, key: str, sentence: str) -> None:
    """Draw the picture.

    Parameters
    ----------
    found : TwoScores
        What to draw.
    name : str
        Name of the model.
    key : str
        What the move is about; each shows itself once.
    sentence : str
        What the picture says.
    """
    opened = _two(data=drawn(found, name, key, sentence), key="monitor.two", on_opened_change=lambda: None).opened
    follow(found, name, opened)


def drawn(found: TwoScores, name: str, key: str, sentence: str) -> dict[str, object]:
    """Return the picture as the browser gets it."""
    return {
        **asdict(found), "key": key, "name": name, "sentence": sentence, "hint": HINT, "right": RIGHT,
        "address": location.address(),
    }  # fmt: skip


def follow(found: TwoScores, name: str, opened: object) -> None:
    """Open what a person pressed in the browser: a replay, or the chain of one of the versions."""
    if not isinstance(opened, Mapping) or not isinstance(place := opened.get("dot"), int):
        return
    if not 0 <= place < len(found.dots):
        return
    dot = found.dots[place]
    if opened.get("what") == "replay" and dot.prediction_id:
        links.goto("predict", replay=dot.prediction_id)
    if opened.get("what") in ("live", "silent"):
        version = dot.version if opened["what"] == "live" else found.silent
        links.goto("model", ref=f"{name}@{version.removeprefix('v')}")
