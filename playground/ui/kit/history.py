"""History on every page: one line of time under the chain, opened to lanes; dragging it asks the server nothing.

It draws the plain record of `playground.history`. All that a read-out says is sent once, so the browser alone answers
what was live at any moment, and in any time zone. Only "See everything as it was" and "See the decision" come back: as
a `Moment`.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from mlops import MlopsError
from mlops.base.clock import parse_instant
from playground import theme
from playground.history import APART, NEWEST, SHARE, SPANS, History, milliseconds
from playground.ui.kit import cards

ZONES = ("UTC", "America/New_York", "Europe/Berlin")
"""Time zones in which a moment is said at once; any other is one choice away."""

MARKS = {
    "release": (theme.GREEN, "up"),
    "rollback": (theme.PURPLE, "back"),
    "failed": (theme.VERMILION, "cross"),
    "refused": (theme.ORANGE, "diamond"),
    "undecided": (theme.ORANGE, "diamond"),
    "data": (theme.BLUE, "square"),
    "outcomes": (theme.BLUE, "ring"),
}
"""Kind of a mark -> colour and shape; of a release, the colour is that of its environment."""

_line = st.components.v2.component(
    "history",
    html=Path(__file__).with_suffix(".html").read_text("utf-8"),
    css=Path(__file__).with_suffix(".css").read_text("utf-8"),
    js=Path(__file__).with_suffix(".js").read_text("utf-8"),
)


@dataclass(frozen=True)
class Moment:
    """Where somebody wants to be: after an event, at an instant, or in the present."""

    event: int | None = None
    at: str | None = None
    decision: int | None = None
    """The event whose decision somebody wants to see."""


def line(found: History, workspace: str, past: int | None, opened: bool, asked: str | None = None) -> Moment | None:
    """Draw history; return where somebody wants to go, if anywhere.

    Parameters
    ----------
    found : History
        Up to the moment on screen: of what came later a past knows nothing.
    workspace : str
        Id of the workspace; the browser remembers its choices under it.
    past : int, optional
        Number of the last event of the past on screen; None in the present.
    opened : bool
        Whether it takes its own place in the page; else it is one line, opened by focus.
    asked : str, optional
        The instant that a link asks about.
    """
    data = {**drawn(found), "workspace": workspace, "past": past, "opened": opened}
    data["asked"] = milliseconds(asked) if asked else None
    went = _line(data=data, key="history", on_went_change=lambda: None).went
    return Moment(went.get("event"), went.get("at"), went.get("decision")) if isinstance(went, dict) else None


def asked() -> str | None:
    """Return the instant that the URL asks about, if it can be read; whoever answers the question says why not."""
    said = {name: st.query_params.get(name, "") for name in ("on", "time", "tz")}
    with suppress(MlopsError):
        return parse_instant(f"{said['on']} {said['time'] or '00:00'}", said["tz"] or None) if said["on"] else None
    return None


def drawn(found: History) -> dict[str, Any]:
    """Return a history as the browser gets it: instants in milliseconds, and every sentence made."""
    lanes = [(lane.environment, lane.name) for lane in found.lanes]
    marks = [
        {
            "event": mark.event,
            "at": milliseconds(mark.at),
            "wall": milliseconds(mark.wall),
            "kind": mark.kind,
            "lane": lanes.index((mark.place, mark.model["name"])) if _in(lanes, mark) else -1,
            "what": mark.says(found.named),
            "by": mark.by,
            "why": mark.why,
            "decides": mark.decides,
        }
        for mark in found.marks
    ]
    return {
        "marks": marks,
        "lanes": [
            {
                "title": lane.title,
                "place": lane.environment,
                "colour": theme.ENVIRONMENTS[lane.environment],
                "bars": [
                    {
                        "label": f"v{bar.version}",
                        "event": bar.event,
                        "end": bar.ended_by,
                        "since": milliseconds(bar.since),
                        "by": bar.by,
                        "why": bar.why,
                    }
                    for bar in lane.bars
                ],
            }
            for lane in found.lanes
        ],
        "shapes": MARKS,
        "spans": SPANS,
        "newest": NEWEST,
        "apart": APART,
        "share": SHARE,
        "zones": ZONES,
        "now": milliseconds(found.now),
        "simulated": found.simulated,
        "says": found.sentence(),
    }


def _in(lanes: list[tuple[str, str]], mark: Any) -> bool:
    return mark.model is not None and (mark.place, mark.model["name"]) in lanes


def table(found: History) -> None:
    """Draw the twin of the line: every event with what was live after it, as a table and a download."""

    def draw() -> None:
        rows = pd.DataFrame(found.rows())
        st.dataframe(rows, hide_index=True, alt=found.sentence(), key="history.rows")
        cards.download(rows, "history")

    shown = st.expander(
        "Events as a table", icon=":material/table:", type="compact", on_change="rerun", key="history.table"
    )
    cards.inside(shown, draw)
