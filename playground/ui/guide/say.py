"""Say it: what not to say, what to say, and the numbers of the learner's own work in it, to be copied or practised."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pandas as pd
import streamlit as st

from playground import course, say
from playground.say import Sentence
from playground.ui.kit import cards, links, location, solved, state

TITLE = solved.SAY
"""Of the tab."""

_said = st.components.v2.component(
    "say_it",
    html='<div class="says"></div>',
    css=Path(__file__).with_suffix(".css").read_text("utf-8"),
    js=Path(__file__).with_suffix(".js").read_text("utf-8"),
)


def panel() -> None:
    """Draw every sentence, the learner's own numbers in it; a number leads to the screen that shows it."""
    own = state.own()
    found = state.known(("say",), lambda: say.sentences(own))
    ready = sum(one.ready for one in found)
    st.markdown(
        f"The same thing twice: as the trade says it, and as somebody can use it who decides. The numbers are yours: "
        f"**{ready} of {len(found)}** sentences are ready."
    )
    opened = _said(data={"sentences": [_drawn(one) for one in found]}, key="say", on_opened_change=lambda: None).opened
    drawer = st.expander("Table", icon=":material/table:", type="compact", on_change="rerun", key="say.table")
    cards.inside(drawer, lambda: _table(found))
    if one := next((one for one in found if one.id == opened), None):
        location.go_into(one.chapter)
        location.go_to(None)
        links.goto(one.page)


def _drawn(one: Sentence) -> dict[str, object]:
    stop = course.stop(one.stop) if one.stop else None
    about = f"Stop {stop.number} · {stop.title}" if stop else "About your own work"
    return {**asdict(one), "about": about, "place": links.PAGES[one.page].title}


def _table(found: tuple[Sentence, ...]) -> None:
    rows = [
        {"About": one.title, "Don't say": one.dont, "Say": one.do, "Why": one.because,
         "Numbers": "; ".join(f"{told}: {value}" for told, value in one.facts.items()) or one.needs}
        for one in found
    ]  # fmt: skip
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt="What to say and what not to say, with the numbers in it")
