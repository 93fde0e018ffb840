"""The map of drift and harm on screen: months that move, fog that condenses to a dot when outcomes arrive.

It draws the plain record of `playground.harm_map`. All of it is sent once, so looking from month to month asks the
server nothing; only a month that is opened comes back. Marks are moved, never replaced. The browser part sets text
alone, never HTML.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import streamlit as st

from playground.harm_map import HarmMap
from playground.harm_places import CALLED, Place
from playground.ui.kit import cards

_map = st.components.v2.component(
    "harm_map",
    html=Path(__file__).with_suffix(".html").read_text("utf-8"),
    css=Path(__file__).with_suffix(".css").read_text("utf-8"),
    js=Path(__file__).with_suffix(".js").read_text("utf-8"),
)


def draw(found: HarmMap, month: str, workspace: str, model: str) -> str | None:
    """Draw the map with its table; return the month that was opened in it at this moment.

    Parameters
    ----------
    found : HarmMap
        What to draw.
    month : str
        The month that the page is about.
    workspace, model : str
        What the map is about: marks of the same one move on from where they stood.
    """
    opened = _map(data=drawn(found, month, workspace, model), key="monitor.map", on_month_change=lambda: None).month
    shown = st.expander("Table", icon=":material/table:", type="compact", on_change="rerun", key="table.map")
    cards.inside(shown, lambda: _table(found))
    return opened if isinstance(opened, str) and any(one.month == opened for one in found.marks) else None


def drawn(found: HarmMap, month: str, workspace: str, model: str) -> dict[str, object]:
    """Return the map as the browser gets it."""
    marks = [
        {
            "month": one.month, "name": found.name(one), "title": one.title, "says": one.says, "facts": one.facts,
            "learned": _place(one.learned), "before": _place(one.before),
        }
        for one in found.marks
    ]  # fmt: skip
    return {
        "workspace": workspace, "model": model, "chosen": month, "sentence": found.sentence, "marks": marks,
        "moved": found.moved, "metric": found.metric, "against": found.against, "line": found.line,
    }  # fmt: skip


def _place(place: Place | None) -> dict[str, object] | None:
    return place and {**asdict(place), "called": CALLED[place.word]}


def _table(found: HarmMap) -> None:
    st.dataframe(found.frame(), hide_index=True, alt=found.sentence)
    cards.download(found.frame(), "drift-and-harm")
