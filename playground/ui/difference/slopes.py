"""Answers of two runs on screen: a line for each row from one score to the other, those that flipped in colour.

It draws the plain record of `playground.slopes`. All of it is sent once, so choosing a line or a way asks the server
nothing. The browser part sets text alone, never HTML.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import streamlit as st

from playground.slopes import Slopes

_slopes = st.components.v2.component(
    "slopes",
    html='<div class="slopes"></div>',
    css=Path(__file__).with_suffix(".css").read_text("utf-8"),
    js=Path(__file__).with_suffix(".js").read_text("utf-8"),
)


def draw(found: Slopes, names: Sequence[str], positive: str, negative: str, key: str) -> None:
    """Draw the slopes.

    Parameters
    ----------
    names : sequence of str
        What the two runs are called.
    positive, negative : str
        What is decided above the threshold, and below it.
    key : str
        Which two runs they are of.
    """
    _slopes(data=drawn(found, names, positive, negative), key=f"difference.slopes.{key}")


def drawn(found: Slopes, names: Sequence[str], positive: str, negative: str) -> dict[str, Any]:
    """Return the slopes as the browser gets them."""
    return {
        "names": [*names], "thresholds": [*found.thresholds], "above": positive, "below": negative,
        "ways": [asdict(way) for way in found.ways],
        "lines": [asdict(line) for line in found.lines],
        "noun": found.noun, "label": f"{found.sentence} {found.shown}",
        "hint": f"Choose a line: who it is, what either run answers, and what is true. "
                f"{found.rows - found.flipped:,} are decided as before.",
    }  # fmt: skip
