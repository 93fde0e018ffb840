"""Better or luck on screen: two dots on rows drawn again and again, and at the end twenty dots beside the line.

It draws the plain record of `playground.shuffle`. All of it is sent once, so playing, pausing and dragging the line ask
the server nothing. The browser part sets text alone, never HTML.
"""

from __future__ import annotations

from dataclasses import astuple
from pathlib import Path

import streamlit as st

from playground.shuffle import ASKED, EQUAL, FAST_MS, GATHER_MS, SLOW, SLOW_MS, TOO_FEW, WORDS, Shuffle
from playground.ui.kit import cards

_shuffle = st.components.v2.component(
    "luck_shuffle",
    html=Path(__file__).with_suffix(".html").read_text("utf-8"),
    css=Path(__file__).with_suffix(".css").read_text("utf-8"),
    js=Path(__file__).with_suffix(".js").read_text("utf-8"),
)


def draw(found: Shuffle, key: str, plays: bool = True) -> None:
    """Draw a shuffle with its sentence and its table.

    Parameters
    ----------
    found : Shuffle
        What to draw; where both answer alike there is nothing to shuffle, and the sentence says so.
    key : str
        What it is about; each plays once by itself.
    plays : bool
        Whether it does; else it rests until somebody shuffles.
    """
    if found.same or not found.draws:
        st.markdown(cards.plain(found.sentence))
        return
    _shuffle(data=drawn(found, key, plays), key=f"shuffle.{key}")
    shown = st.expander("Table", icon=":material/table:", type="compact", on_change="rerun", key=f"table.shuffle.{key}")
    cards.inside(shown, lambda: _table(found))


def drawn(found: Shuffle, key: str, plays: bool = True) -> dict[str, object]:
    """Return a shuffle as the browser gets it."""
    asked = [ASKED[0], ASKED[1] if found.ruled else EQUAL, ASKED[2]]
    return {
        "key": key, "plays": plays, "names": list(found.names), "metric": found.metric, "less": found.less,
        "measured": astuple(found.measured), "draws": [astuple(one) for one in found.draws], "dots": list(found.dots),
        "ends": [found.lower, found.upper], "span": list(found.span), "step": found.step, "digits": found.digits,
        "line": found.line, "ruled": found.ruled, "few": bool(found.too_few), "sentence": found.sentence,
        "words": {**{outcome: list(both) for outcome, both in WORDS.items()}, "few": TOO_FEW}, "asked": asked,
        "slow": SLOW, "times": [SLOW_MS, FAST_MS, GATHER_MS],
    }  # fmt: skip


def _table(found: Shuffle) -> None:
    st.caption(
        f"{cards.plain(found.sentence)} Shown are {len(found.draws)} of {found.shuffles:,} shuffles, evenly picked."
    )
    st.dataframe(found.frame(), hide_index=True, alt=found.sentence)
    cards.download(found.frame(), "shuffle")
