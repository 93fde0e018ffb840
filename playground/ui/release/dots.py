"""The dots of a rollback on screen: they move to their column under the target, and back, as a person drags.

It draws the plain record of `playground.dots`. All of it is sent once, so dragging and choosing a dot ask the server
nothing; only a link that was pressed comes back. The browser part sets text alone, never HTML.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import streamlit as st

from playground import words
from playground.dots import Dot, Dots
from playground.ui.kit import cards, links, location

_dots = st.components.v2.component(
    "dots",
    html=Path(__file__).with_suffix(".html").read_text("utf-8"),
    css=Path(__file__).with_suffix(".css").read_text("utf-8"),
    js=Path(__file__).with_suffix(".js").read_text("utf-8"),
)

HINT = "Choose a dot: who it is, what was sent, and what either version answers."
BEFORE = ("live", "after going back")
AFTER = ("was live", "live now")
"""What the two versions are, before a rollback and after it."""


def draw(found: Dots, name: str, key: str, done: bool = False) -> None:
    """Draw the dots with their sentence and their table.

    Parameters
    ----------
    found : Dots
        What to draw.
    name : str
        Name of the model.
    key : str
        What the move is about; each shows itself once.
    done : bool
        Whether the rollback has been made: then the dots rest where they went.
    """
    st.markdown(f"**{cards.plain(found.sentence)}** {found.shown if found.dots else ''}")
    if found.dots:
        st.caption(
            "A rollback changes decisions, not the past: what was sent stays grey, with the version that gave it."
        )
        opened = _dots(data=drawn(found, name, key, done), key="release.dots", on_opened_change=lambda: None).opened
        follow(found, name, opened)
    shown = st.expander("Table", icon=":material/table:", type="compact", on_change="rerun", key="table.dots")
    cards.inside(shown, lambda: _table(found))


def drawn(found: Dots, name: str, key: str, done: bool) -> dict[str, object]:
    """Return the dots as the browser gets them."""
    dots = [{**asdict(dot), "at": words.moment(dot.at)} for dot in found.dots]
    return {
        "key": key, "name": name, "now": found.now, "then": found.then, "words": list(AFTER if done else BEFORE),
        "rests": int(done), "sentence": found.sentence, "hint": HINT, "address": location.address(),
        "compared": found.compared,
        "columns": [asdict(column) for column in found.columns], "dots": dots,
    }  # fmt: skip


def follow(found: Dots, name: str, opened: object) -> None:
    """Open what a person pressed in the browser: a replay, or the chain of one of the versions."""
    if not isinstance(opened, Mapping):
        return
    dot = next((one for one in found.dots if one.prediction_id == opened.get("dot")), None)
    if dot and opened.get("what") == "replay":
        links.goto("predict", replay=dot.prediction_id)
    if dot and opened.get("what") in ("now", "then"):
        links.goto("model", ref=_ref(dot, name, str(opened["what"])))


def _ref(dot: Dot, name: str, which: str) -> str:
    said = dot.now if which == "now" else dot.then
    return f"{name}@{said.version.removeprefix('v')}"


def _table(found: Dots) -> None:
    st.dataframe(found.frame(), hide_index=True, alt=found.sentence)
    cards.download(found.frame(), "rollback")
