"""Drawing a year: the AUC that somebody expects, month by month, before what it came to grows over the line.

By pointer, finger or keys; drawing and growing ask the server nothing, which hears of the line once it is guessed. What
is true is not in what the browser has before (`playground.year`). As a sentence and as a table it stands there too.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import streamlit as st

from playground.year import DECIMALS, HIGH, INPUTS, LOW, Month, Year, is_drawn

MONTHS = 12

_year = st.components.v2.component(
    "drawn_year",
    html='<div class="year"></div>',
    css=Path(__file__).with_suffix(".css").read_text("utf-8"),
    js=Path(__file__).with_suffix(".js").read_text("utf-8"),
)


def draw(year: Year, key: str) -> list[int] | None:
    """Draw the year; return the line at the moment it is guessed."""
    guessed = _year(data=data(year), key=key, on_guess_change=lambda: None).guess
    return [int(one) for one in guessed] if year.covered and is_drawn(guessed) else None


def data(year: Year) -> dict[str, Any]:
    """Return what the browser has of a year."""
    named = year.widest if year.named() else None
    gap = f"{year.gaps()[named.month]:+.{DECIMALS}f}".replace("-", "−") if named else ""
    return {
        "months": [{**asdict(one), "name": one.name, "told": told(one)} for one in year.months],
        "start": year.start,
        "guess": list(year.guess),
        "covered": year.covered,
        "known": len(year.known),
        "low": LOW,
        "high": HIGH,
        "widest": {"month": named.month, "gap": gap} if named else None,
        "named": f"{year.named()}." if year.named() else "",
        "said": year.said(),
        "table": [] if year.covered else year.table(),
    }


def told(month: Month) -> str:
    """Return a month as its mark says it.

    Examples
    --------
    >>> told(Month("2024-05", 0.781, 0.761, 0.8, inputs="drift", version="1.0.0"))
    'May, v1.0.0: AUC 0.781 (0.761 to 0.800), inputs moved'
    """
    if not month.came:
        return month.name
    auc = "outcomes not known yet"
    if month.auc is not None:
        auc = f"AUC {month.auc:.{DECIMALS}f}"
    if month.auc is not None and month.low is not None and month.high is not None:
        auc += f" ({month.low:.{DECIMALS}f} to {month.high:.{DECIMALS}f})"
    moved = INPUTS[month.inputs] if month.inputs in ("drift", "data_error") else ""
    return f"{month.name}, v{month.version}: " + ", ".join(filter(None, [auc, moved]))
