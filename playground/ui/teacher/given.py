"""What a class said, drawn: bars for options, a dot for each number, drawn years laid over one another; no names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from playground.classroom.given import Given

_given = st.components.v2.component(
    "class_given",
    html='<div class="given"></div>',
    css=Path(__file__).with_suffix(".css").read_text("utf-8"),
    js=Path(__file__).with_suffix(".js").read_text("utf-8"),
)


def draw(found: Given, key: str, large: bool = False) -> None:
    """Draw what was said to one guess or question; in large type for a projector."""
    _given(data=data(found, large), key=key)


def data(found: Given, large: bool = False) -> dict[str, Any]:
    """Return what the browser has of it."""
    return {**found.as_dict(), "said": found.said, "large": large}
