"""The staircase of knowing on screen: cells that fill when outcomes are known, and a day that can be moved.

It draws the plain record of `playground.staircase`. What is known on each day is said by that record and sent once, so
moving the day asks the server nothing. The browser part sets text alone, never HTML.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from mlops.base.clock import datetime_of
from playground.calendar import begin_of, end_of, following, month_told, months
from playground.staircase import Staircase
from playground.ui.kit import cards
from playground.words import day

_stairs = st.components.v2.component(
    "staircase",
    html=Path(__file__).with_suffix(".html").read_text("utf-8"),
    css=Path(__file__).with_suffix(".css").read_text("utf-8"),
    js=Path(__file__).with_suffix(".js").read_text("utf-8"),
)

TITLE = "What is known, and since when"


def draw(found: Staircase) -> None:
    """Draw the staircase with its table."""
    st.markdown(f"**{TITLE}**")
    _stairs(data=drawn(found), key="monitor.stairs")
    shown = st.expander("Table", icon=":material/table:", type="compact", on_change="rerun", key="table.stairs")
    cards.inside(shown, lambda: _table(found))


def drawn(found: Staircase) -> dict[str, object]:
    """Return the staircase as the browser gets it: instants are days since the first month began."""
    first, last = found.stairs[1].month, following(found.stairs[-1].month)
    begin = datetime_of(begin_of(first)).timestamp()

    def since(instant: str) -> float:
        return round(max(0.0, (datetime_of(instant).timestamp() - begin) / 86_400), 2)

    rows = [
        {
            "month": one.month, "title": one.title, "came": since(begin_of(one.month)), "known": since(one.known),
            "fault": bool(one.fault), "repaired": since(one.repaired) if one.repaired else None,
        }
        for one in found.stairs
    ]  # fmt: skip
    stops = [
        {
            "day": since(at),
            "name": day(at),
            "says": found.said(at),
            "takes": [one.month for one in found.learns_from(at)],
        }
        for at in found.days
    ]
    trainings = [
        {"version": f"v{one.version}", "day": since(one.at), "months": one.months, "mine": one.mine}
        for one in found.trainings
    ]
    ticks = [{"name": month_told(month)[:3], "day": since(begin_of(month))} for month in months(first, last)]
    return {"rows": rows, "days": since(end_of(last)), "ticks": ticks, "stops": stops, "trainings": trainings}


def _table(found: Staircase) -> None:
    st.dataframe(found.frame(), hide_index=True, alt=found.sentence)
    cards.download(found.frame(), "staircase-of-knowing")
